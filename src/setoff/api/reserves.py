"""The reserve for doubtful debts over the API: what the debts ask for at a month end, and accruing it. Its documents are read and unposted
as any other; debts written off are a report."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from ninja import Router

from setoff.access.month_ends import accrue_doubtful
from setoff.api.answers import ChangeAnswer, Said
from setoff.api.call import Call, Code, DryRun
from setoff.api.changes import told_changes
from setoff.api.endpoint import endpoint
from setoff.api.months import MonthEnd
from setoff.core.money import format_amount
from setoff.reports.ask import parse_day
from setoff.settlements.doubtful import OF_TRADE, doubtful_month
from setoff.settlements.limitation import Limitation, limitations

router: Final = Router()


class ReserveWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The expense item and the department, where the month has no document yet."""

    item: str
    department: str


class DoubtfulAnswer(Said):
    """A debtor: `debts` not due and by bucket; `wanted` what they ask for, `kept` what there was before the month's document.
    `limitation_ends`: until when the first of his overdue debts can be sued for, counted from `limitation_since`: its due day, or the day
    on which act of reconciliation `limitation_act` was signed; empty and 0 where there is none."""

    counterparty: str
    contract: str
    debts: list[str]
    wanted: str
    kept: str
    change: str
    limitation_since: str
    limitation_ends: str
    limitation_act: int


def told_limitation(limit: Limitation | None) -> dict[str, Any]:
    if limit is None:
        return {"limitation_since": "", "limitation_ends": "", "limitation_act": 0}
    return {"limitation_since": limit.since.isoformat(), "limitation_ends": limit.ends.isoformat(), "limitation_act": limit.act}


class ReserveMonthAnswer(Said):
    """`bounds`: last days of the buckets but the last. `number`: of the document of the month, empty where it is not posted."""

    unit: str
    last_day: str
    currency: str
    bounds: list[int]
    number: str
    rows: list[DoubtfulAnswer]


class ReserveAnswer(Said):
    """`changed` false: the reserve was right, or the change waits for a second person (`approvals`: the number of the request). What a
    change moved, or would move (`kept` false)."""

    changed: bool
    kept: bool
    document: str
    changes: list[ChangeAnswer]
    approvals: list[int]


@endpoint(router, "GET", "/reserves/{unit}/{last_day}", tag="books", answer=ReserveMonthAnswer)
def read_reserve(call: Call, unit: Code, last_day: MonthEnd) -> Any:
    """Debtors with a reserve, or with debts that ask for one, at a month end."""
    call.rights.require("read", unit)
    month = doubtful_month(call.conn, unit, parse_day(last_day, "last_day"))
    limits = limitations(call.conn, month.unit, month.day, [row.counterparty for row in month.rows], OF_TRADE)
    currency = month.unit.book_currency
    rows = [
        DoubtfulAnswer(
            counterparty=row.counterparty, contract=row.contract, debts=[format_amount(amount, currency) for amount in row.debts],
            wanted=format_amount(row.wanted, currency), kept=format_amount(row.kept, currency),
            change=format_amount(row.change, currency), **told_limitation(limits.get((row.counterparty, row.contract))),
        )
        for row in month.rows
    ]  # fmt: skip
    return ReserveMonthAnswer(
        unit=unit, last_day=last_day, currency=currency, bounds=list(month.bounds), number=month.number, rows=rows
    )


@endpoint(router, "POST", "/reserves/{unit}/{last_day}", tag="books", body=ReserveWanted, answer=ReserveAnswer)
def save_reserve(call: Call, body: ReserveWanted, unit: Code, last_day: MonthEnd, dry_run: DryRun = False) -> Any:
    """Make the reserve what the debts ask for at a month end; said again, it changes nothing, or puts right what has changed since."""
    with call.trial(dry_run):
        day = parse_day(last_day, "last_day")
        found, waiting = accrue_doubtful(call.conn, unit, day, call.actor, call.rights, item=body.item, department=body.department)
        return ReserveAnswer(
            changed=found is not None, kept=not dry_run, document=found.key if found else "",
            changes=told_changes(call, found.changes) if found else [], approvals=[item.approval_id for item in waiting],
        )  # fmt: skip
