"""Cells as text for people, by language: amounts with the decimals of their currency, dates, terms, names of documents."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from setoff.core.money import format_amount
from setoff.language import SEPARATORS, Language, fact_text, money_text, text
from setoff.reports.report import Column, DocumentName

DATED: Final = re.compile(r"(.+) (\d{4}-\d\d-\d\d)")
"""Number and day of a document that is a settlement object (settlements/queries.py)."""


def decimal_text(value: Decimal, language: Language) -> str:
    return f"{value:f}".replace(".", SEPARATORS[language][1])


@lru_cache(maxsize=4096)
def term_text(vocabulary: str, value: str, language: Language) -> str:
    return text(language, f"{vocabulary}-{value.replace('_', '-')}") if value else ""


@lru_cache(maxsize=4096)
def document_text(document: DocumentName, language: Language) -> str:
    """ "Sale 12 of 5 Jan 2026", in the language's order."""
    if not document.key:
        return ""
    what = term_text("kind", document.kind, language)
    return text(language, "document-name", what=what[:1].upper() + what[1:], number=document.number, day=document.date)


@lru_cache(maxsize=4096)
def undated_text(document: DocumentName, language: Language) -> str:
    """ "Sale 12", where its date stands beside it."""
    what = term_text("kind", document.kind, language)
    return f"{what[:1].upper()}{what[1:]} {document.number}"


def object_text(value: str, language: Language) -> str:
    """A settlement object: "order:7" -> "order 7", "document:S-1 2026-01-10" -> "document S-1 of 10 Jan 2026"; the contract as a whole is
    empty."""
    what, _, name = value.partition(":")
    dated = DATED.fullmatch(name) if what == "document" else None
    if dated:
        return text(language, "object-document-of", number=dated[1], date=date.fromisoformat(dated[2]))
    return text(language, f"object-{what}", name=name) if name else value


def cell_text(column: Column, row: Any, language: Language, *, zeros: bool = False) -> str:
    """The cell of a row as people read it; absent values are empty, amounts of zero too unless `zeros` or the column shows them."""
    value = column.value(row)
    if value is None or value == "":
        return ""
    if column.kind == "money":
        return money_text(language, value, getattr(row, column.currency)) if value or zeros or column.shows_zero else ""
    if column.kind == "term":
        return term_text(column.vocabulary, value, language)
    if column.kind in ("date", "instant"):
        return fact_text(language, column.key, value)
    if column.undated and value.key and value.number:
        return undated_text(value, language)
    texts: dict[str, Callable[[Any, Language], str]] = {
        "decimal": decimal_text, "document": document_text, "object": object_text,
    }  # fmt: skip
    render = texts.get(column.kind)
    return render(value, language) if render else str(value)


def plain_cell(column: Column, row: Any) -> str | int | dict[str, str | None] | None:
    """The cell for machines, the same in every language: amounts and rates as decimal text, ISO dates, codes."""
    value = column.value(row)
    if value is None:
        return None
    if column.kind == "money":
        return format_amount(value, getattr(row, column.currency))
    if column.kind == "document" and not value.key:
        return None
    if column.kind == "document":
        return {**value._asdict(), "date": value.date.isoformat() if value.date else None}
    if column.kind in ("date", "instant"):
        return str(value.isoformat())
    if column.kind == "count":
        return int(value)
    return f"{value:f}" if column.kind == "decimal" else str(value)


def heading_text(column: Column, language: Language) -> str:
    return text(language, f"column-{(column.heading or column.key).replace('_', '-')}", **dict(column.facts))
