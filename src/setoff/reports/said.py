"""What a document says, for people: the facts of its header, then a table for every list in it.

Fields left at their default are not shown; amounts and quantities are printed by the language; codes and keys are printed as the names
that they stand for (`said_names.py`). Labels are the texts `said-FIELD`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import astuple

from setoff.core.errors import DomainError
from setoff.core.money import format_amount, parse_amount
from setoff.language import Language, date_text, fact_text, money_text, text
from setoff.reports.ask import parse_day
from setoff.reports.cells import decimal_text
from setoff.reports.said_names import DOCUMENTS, NAMELESS, Names
from setoff.settlements.document_queries import DocumentHead
from setoff.trade.documents import AdjustmentRow, AnyDocument, Line, Payment, PaymentTarget
from setoff.trade.lines import line_amounts
from setoff.trade.order_documents import OrderStage

ELSEWHERE: Final = frozenset(
    {"unit", "date", "key", "number", "currency", "counterparty", "contract", "state", "deletion_mark", "amount", "kind", "base"}
)
"""Fields of the header that the page tells by the stored document."""
OUR_OWN: Final = frozenset(
    {"comment", "contours", "day_order", "cost", "account", "item", "demoted", "named_by", "consent", "round"}
)
"""What a document says to us alone: no partner reads it."""
NOTHING: Final[frozenset[str]] = frozenset()
DAYS: Final = frozenset({"approved", "date", "debited", "desired", "due", "first", "incoming_date", "last"})
DECIMALS: Final = frozenset({"quantity", "price", "rate", "vat_rate"})
BOOK_AMOUNTS: Final = frozenset({"accrued", "book_amount", "cost", "debt", "released", "reserve"})
AMOUNTS: Final = frozenset({"amount", "demoted", "principal", "settlement_amount", "vat"})
WORDS: Final[Mapping[str, str]] = {
    "direction": "said-direction",
    "named_by": "said-named-by",
    "kind": "said-line-kind",
    "relation": "relation",
    "side": "choice-side",
    "reason": "choice-reason",
    "difference": "choice-difference",
    "type": "choice-type",
    "decision": "choice-decision",
    "status": "status",
    "variant": "choice-variant",
    "base_event": "choice-base",
    "form": "choice-form",
    "day_off": "choice-day-off",
    "nature": "nature",
    "money": "choice-money",
    "flow": "choice-flow",
    "claim": "choice-claim",
    "split": "choice-split",
    "part": "choice-part",
}


class SaidCell(NamedTuple):
    """A field or a cell. `kind`: text, date or figure; `document`: the key of the document that it names, or empty."""

    text: str
    kind: str = "text"
    document: str = ""


class Said(NamedTuple):
    """A field of the header."""

    label: str
    cell: SaidCell


class SaidTable(NamedTuple):
    """A list of the document. `columns` are headings with the kind of their cells."""

    heading: str
    columns: list[SaidCell]
    rows: list[list[SaidCell]]


class _Reading(NamedTuple):
    """Whose values are read, by whom, with what they stand for."""

    head: DocumentHead
    language: Language
    names: Names


def said_fields(
    document: AnyDocument, head: DocumentHead, language: Language, names: Names = NAMELESS, *, without: frozenset[str] = NOTHING
) -> list[Said]:
    """What the header says beyond what every document has, but for the fields `without`."""
    found = []
    for field in msgspec.structs.fields(document):
        value = getattr(document, field.name)
        if field.name in ELSEWHERE | without or isinstance(value, list) or value == field.default or value == "":
            continue
        cell = _cell(field.name, value, _Reading(head, language, names))
        found.append(Said(text(language, f"said-{field.name.replace('_', '-')}"), cell))
    return found


def said_tables(
    document: AnyDocument, head: DocumentHead, language: Language, names: Names = NAMELESS, *, without: frozenset[str] = NOTHING
) -> list[SaidTable]:
    """A table for every list of the document that is not empty, and one of the documents that its rows name."""
    reading = _Reading(head, language, names)
    found = []
    for field in msgspec.structs.fields(document):
        rows = getattr(document, field.name)
        if isinstance(rows, list) and rows:
            heading = text(language, f"said-{field.name}")
            shown = [dict(_flat(row, document, head, place)) for place, row in enumerate(rows)]
            kept = [{name: value for name, value in row.items() if name not in without} for row in shown]
            found.append(_table(heading, kept, reading))
    if isinstance(document, Payment):
        named = [
            {"row": str(place), **{name: value for name, value in _flat(target, document, head, 0) if name not in without}}
            for place, row in enumerate(document.rows, 1)
            for target in row.targets
        ]
        if named:
            found.append(_table(text(language, "said-targets"), named, reading))
    return found


def _flat(part: Any, document: AnyDocument, head: DocumentHead, place: int) -> Iterator[tuple[str, Any]]:
    """The fields of a row that say something; a line of a supply with its amount and VAT worked out."""
    worked: dict[str, str] = {}
    if isinstance(part, Line):
        try:
            amounts = line_amounts(part, head.currency, getattr(document, "prices_include_vat", True), f"lines[{place}]")
            worked["amount"] = format_amount(amounts.gross, head.currency)
            worked["vat"] = format_amount(amounts.vat, head.currency) if amounts.vat_rate else ""
        except DomainError:  # a draft may be unfinished: shown as typed
            worked.clear()
    fields = {field.name: field for field in msgspec.structs.fields(part)}
    if isinstance(part, Line):  # the amount of a line stands after what it is made of
        names = [name for name in fields if name != "amount"]
        names.insert(names.index("vat"), "amount")
        fields = {name: fields[name] for name in names}
    for field in fields.values():
        value = worked.get(field.name) or getattr(part, field.name)
        if isinstance(value, list) or value in ("", None) or (isinstance(value, msgspec.Struct) and not any(astuple(value))):
            continue
        if (field.name == "line" and isinstance(part, PaymentTarget | AdjustmentRow) and not value) or value is False:
            continue
        yield "base_event" if isinstance(part, OrderStage) and field.name == "base" else field.name, value


def _joined(part: msgspec.Struct, reading: _Reading) -> str:
    """What a part says, in one line."""
    fields = ((field.name, getattr(part, field.name)) for field in msgspec.structs.fields(part))
    currency = getattr(part, "currency", "")
    return " · ".join(_cell(name, value, reading, currency).text for name, value in fields if value)


def _table(heading: str, rows: Sequence[Mapping[str, Any]], reading: _Reading) -> SaidTable:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = [SaidCell(text(reading.language, f"said-{name.replace('_', '-')}"), _kind(name)) for name in names]
    cells = [[_cell(name, row.get(name, ""), reading, row.get("currency", "")) for name in names] for row in rows]
    return SaidTable(heading, columns, cells)


def _kind(name: str) -> str:
    if name in DAYS:
        return "date"
    return "figure" if name in AMOUNTS | BOOK_AMOUNTS | DECIMALS or name in ("row", "line") else "text"


def _cell(name: str, value: Any, reading: _Reading, currency: str = "") -> SaidCell:
    if value == "":
        return SaidCell("", _kind(name))
    if isinstance(value, msgspec.Struct):
        return SaidCell(_joined(value, reading))
    if name in DOCUMENTS:
        return SaidCell(reading.names.of(name, str(value), reading.language), "text", str(value))
    return SaidCell(_shown(name, value, reading, currency), _kind(name))


def _shown(name: str, value: Any, reading: _Reading, currency: str) -> str:
    """The value as people of the language read it; what cannot be read so, as it was typed."""
    head, language = reading.head, reading.language
    try:
        if name in AMOUNTS | BOOK_AMOUNTS:
            of = head.book_currency if name in BOOK_AMOUNTS else currency or head.currency
            return money_text(language, parse_amount(str(value), of), of)
        if name in DAYS:
            return date_text(language, parse_day(str(value), name))
    except DomainError:
        return str(value)
    if name in DECIMALS and str(value).replace(".", "", 1).isdecimal():
        return decimal_text(Decimal(str(value)), language)
    if name in WORDS:
        return text(language, f"{WORDS[name]}-{str(value).replace('_', '-')}")
    if name == "contours":
        return ", ".join(text(language, f"contour-{contour}") for contour in value)
    if isinstance(value, bool):
        return text(language, "said-yes" if value else "said-no")
    return fact_text(language, name, reading.names.of(name, value, language) if isinstance(value, str) else value)
