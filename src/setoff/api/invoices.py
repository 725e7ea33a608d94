"""Tax invoices over the API: issuing those that are missing. Invoices are documents; the register and the books are reports."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, Final

import msgspec
from ninja import Router

from setoff.api.answers import Said
from setoff.api.call import Call, Code, DryRun
from setoff.api.endpoint import endpoint
from setoff.core.money import format_amount
from setoff.reports.ask import parse_day
from setoff.settlements.invoices.services import Issued, Period, issue_invoices

router: Final = Router()
AT_MOST: Final = 1_000


class InvoicesWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Invoices for the documents of a unit from one day to another. `date`: of all of them; empty: each that of its document. `every`: also
    for documents from before the first invoice of the unit. At most a thousand in one request: ask again for the rest."""

    first: str
    last: str
    date: str = ""
    every: bool = False


class IssuedAnswer(Said):
    """An invoice for a document, or the code of the refusal. Amounts in book currency. `late`: later than five days."""

    document: str
    date: str
    number: str = ""
    key: str = ""
    gross: str = ""
    vat: str = ""
    currency: str = ""
    operation_code: str = ""
    late: bool = False
    refused: str = ""


class InvoicesAnswer(Said):
    """What was issued, or would be (`kept` false), in the order of the documents."""

    kept: bool
    invoices: list[IssuedAnswer]


@endpoint(router, "POST", "/invoices/{unit}", tag="books", body=InvoicesWanted, answer=InvoicesAnswer)
def issue_missing_invoices(call: Call, body: InvoicesWanted, unit: Code, dry_run: DryRun = False) -> Any:
    """Issue the invoices that are missing. Numbers follow one another; what is refused is told with its code."""
    call.rights.require("post", unit)
    day = parse_day(body.date, "date") if body.date else None
    wanted = Period(unit, parse_day(body.first, "first"), parse_day(body.last, "last"), day, AT_MOST)
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        found = [_told(item) for item in issue_invoices(call.conn, wanted, call.actor, every=body.every)]
    return InvoicesAnswer(kept=not dry_run, invoices=found)


def _told(item: Issued) -> IssuedAnswer:
    if item.refusal is not None:
        return IssuedAnswer(
            document=item.wanting.document.key, date=item.date.isoformat(), currency=item.currency, refused=item.refusal.code.value
        )
    return IssuedAnswer(
        document=item.wanting.document.key, date=item.date.isoformat(), number=item.number, key=item.key,
        gross=format_amount(item.gross, item.currency), vat=format_amount(item.vat, item.currency), currency=item.currency,
        operation_code=item.code, late=item.is_late,
    )  # fmt: skip
