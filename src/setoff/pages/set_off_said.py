"""What the proposal desk says, as a document: the marked rows, the terms below them, who signs, which papers it rests on.

A marked row comes as [side, minor units, what names the lot]; who signs and the papers as columns of equal length.
Errors: invalid_value, and those of the document's shape.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec
from django.http import QueryDict

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import AMOUNT_MAX, format_amount
from setoff.pages.page import PageRequest
from setoff.trade.documents import DebtAdjustment
from setoff.trade.shape import shape_refusal

SIDE_NAMES: Final = {"they": "they_owe_us", "we": "we_owe_them"}
ROWS_MAX: Final = 5_000
PAPERS_MAX: Final = 200
TARGET: Final = ("document", "line", "counterparty", "contract", "agreement", "order", "relation", "currency")
"""What names a lot in a row of the document."""
TEXTS: Final = ("number", "reason_document", "place", "comment", "account", "item")
LINKED: Final = ("type", "number", "date", "amount", "document")
SIGNING: Final = ("counterparty", "name", "position")


def document_of(request: PageRequest, book_currency: str) -> DebtAdjustment:
    """The set-off that the desk says. A rate is said where it has a use."""
    said = {name: request.POST.get(name, "").strip() for name in TEXTS}
    currency = request.POST.get("currency", "").strip("*")
    is_written_off = request.POST.get("difference") == "write_off"
    rows = [_adjustment_row(row) for row in as_rows(request.POST.get("rows", ""))]
    is_foreign = any(row["currency"] != book_currency for row in rows)
    content = {
        "type": "debt_adjustment", "kind": "set_off", "unit": request.POST.get("unit", ""), "date": request.POST.get("date", ""),
        "currency": currency, "rows": rows, "rate": _plain(request.POST.get("rate", "")) if is_foreign else "",
        "reason": request.POST.get("reason", ""), "one_sided": request.POST.get("one_sided") == "yes", **said,
        "difference": "write_off" if is_written_off else "", "account": said["account"] if is_written_off else "",
        "item": said["item"] if is_written_off else "",
        "signatories": [row for row in _columns(request.POST, "signs", SIGNING) if row["name"]],
        "linked": [
            {**row, "amount": _plain(row["amount"])} for row in _columns(request.POST, "linked", LINKED) if row["number"] or row["document"]
        ],
    }  # fmt: skip
    try:
        return msgspec.convert(content, DebtAdjustment)
    except msgspec.ValidationError as problem:
        raise shape_refusal(content, str(problem)) from None


def _columns(said: QueryDict, name: str, fields: tuple[str, ...]) -> list[dict[str, str]]:
    """Rows that came as columns."""
    columns = [[value.strip() for value in said.getlist(f"{name}-{field}")] for field in fields]
    if len({len(column) for column in columns}) > 1 or len(columns[0]) > PAPERS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field=name, value=str([len(column) for column in columns])[:80])
    return [dict(zip(fields, row, strict=True)) for row in zip(*columns, strict=True)]


def _plain(typed: str) -> str:
    """A number as documents have it: a point, no spaces."""
    return "".join(typed.split()).replace(",", ".")


def as_rows(typed: str) -> list[list[Any]]:
    """A list of lists, as the page sends it. Errors: invalid_value."""
    try:
        said = json.loads(typed or "[]")
        rows = [list(row) for row in (said.get("they", []) + said.get("we", []) if isinstance(said, dict) else said)]
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise DomainError(ErrorCode.INVALID_VALUE, field="rows", value=typed[:80]) from None
    if len(rows) > ROWS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="rows", value=len(rows), expected=f"0..{ROWS_MAX}")
    return rows


def _adjustment_row(row: list[Any]) -> dict[str, Any]:
    """[side, amount, target] as the row of the document. Errors: invalid_value, unknown_currency."""
    try:
        side, minor, target = str(row[0]), int(row[1]), row[2]
        named = dict(zip(TARGET, target, strict=True))
    except (IndexError, TypeError, ValueError):
        side, minor, named = "", 0, {}
    if not 0 < minor <= AMOUNT_MAX or not named or side not in SIDE_NAMES:
        raise DomainError(ErrorCode.INVALID_VALUE, field="rows", value=str(row)[:80])
    return {**named, "side": SIDE_NAMES[side], "amount": format_amount(minor, str(named["currency"]))}
