"""The books: periods, verification, control checks, refolding. See books/services.py for what the verbs on periods do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final

import msgspec
from ninja import Query, Router
from pydantic import Field

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.api.answers import CheckAnswer, CheckRowAnswer, FindingAnswer, PeriodAnswer, RefoldAnswer
from setoff.api.call import NONE, Call, Code
from setoff.api.endpoint import endpoint
from setoff.books import services
from setoff.books.commands import finding_text
from setoff.books.queries import PeriodRow, periods
from setoff.books.seals import Period
from setoff.books.verify import Finding, verify
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.language import text
from setoff.reports.ask import parse_day
from setoff.settlements.checks import Result, Row, first_divergence, run_checks
from setoff.settlements.known import refold_all

router: Final = Router()
LastDay = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="Last day of the period: the end of a month.")]
OfUnit = Annotated[str, Field(max_length=200, description="Code of a unit; all that may be read by default.")]


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why; kept in the chain of seals and in the audit trail."""

    reason: str = ""


class Reopening(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, and whether a sealed period may be reopened."""

    reason: Annotated[str, msgspec.Meta(min_length=1)]
    sealed: bool = False


@endpoint(router, "GET", "/periods", tag="books", answer=list[PeriodAnswer])
def list_periods(call: Call, unit: OfUnit = "") -> Any:
    """Periods with their state and their newest seal."""
    readable = _readable(call, unit)
    return [_period(row) for row in periods(call.conn, unit or None) if row.unit in readable]


@endpoint(router, "POST", "/periods/{unit}/{last_day}/close", tag="books", body=Reason, answer=PeriodAnswer)
def close_period(call: Call, body: Reason, unit: Code, last_day: LastDay) -> Any:
    """Close the period that ends on a day: nothing dated in it changes any more, and its rows are hashed."""
    call.rights.require("close", unit)
    return _now(call, services.close_period(call.conn, unit, parse_day(last_day, "last_day"), call.actor, body.reason))


@endpoint(router, "POST", "/periods/{unit}/{last_day}/seal", tag="books", body=Reason, answer=PeriodAnswer)
def seal_period(call: Call, body: Reason, unit: Code, last_day: LastDay) -> Any:
    """Make a closed period final."""
    call.rights.require("close", unit)
    return _now(call, services.seal_period(call.conn, unit, parse_day(last_day, "last_day"), call.actor, body.reason))


@endpoint(router, "POST", "/periods/{unit}/{last_day}/reopen", tag="books", body=Reopening, answer=PeriodAnswer)
def reopen_period(call: Call, body: Reopening, unit: Code, last_day: LastDay) -> Any:
    """Let a closed period take changes again; a sealed one only when `sealed` demands it."""
    day = parse_day(last_day, "last_day")
    found = approvals.reopen(call.conn, unit, day, call.actor, call.rights, reason=body.reason, sealed=body.sealed)
    if isinstance(found, Pending):
        return msgspec.structs.replace(_stands(call, unit, day), approval=found.approval_id)
    return _now(call, found)


@endpoint(router, "GET", "/verification", tag="books", answer=list[FindingAnswer])
def verify_books(call: Call, unit: OfUnit = "") -> Any:
    """Every row of a closed period that is not as it was closed; empty when all holds."""
    readable = _readable(call, unit)
    return [_finding(call, finding) for code in sorted(readable) for finding in verify(call.conn, code)]


@endpoint(router, "GET", "/checks", tag="books", answer=list[CheckAnswer])
def run_control_checks(
    call: Call,
    unit: OfUnit = "",
    code: Annotated[list[str], Query(description="Codes of checks (C-4.2, I9 ...); all by default.")] = NONE,
    first_divergence: Annotated[bool, Field(description="Find the document where each error first arose.")] = False,
) -> Any:
    """Run the control checks: laws that hold between the tables, and lists of what a person should look at."""
    if unit:
        call.rights.require("read", unit)
    results = run_checks(call.conn, code, unit or None)
    return [_check(call, result, find_first=first_divergence) for result in results]


@endpoint(router, "POST", "/refold", tag="books", answer=RefoldAnswer)
def refold_books(call: Call) -> Any:
    """Derive lots, allocations and postings from the facts again, and write where they differ."""
    call.rights.require_administrator()
    return RefoldAnswer(rows=refold_all(call.conn, call.actor))


def _readable(call: Call, unit: str) -> set[str]:
    """Codes of the unit asked for, or of all that may be read."""
    if unit:
        call.rights.require("read", unit)
        return {unit}
    return {code for code, unit_id in call.rights.unit_codes.items() if call.rights.may("read", unit_id)}


def _now(call: Call, period: Period) -> PeriodAnswer:
    return _stands(call, period.unit, period.last_day)


def _stands(call: Call, unit: str, last_day: date) -> PeriodAnswer:
    found = next((row for row in periods(call.conn, unit) if row.last_day == last_day), None)
    if found is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="period", value=str(last_day), field="last_day")
    return _period(found)


def _period(row: PeriodRow) -> PeriodAnswer:
    return PeriodAnswer(
        unit=row.unit, first_day=row.first_day.isoformat(), last_day=row.last_day.isoformat(), state=row.state,
        sealed_at=_instant(row.sealed_at), author=row.author, rows=row.row_count, hash=row.hash.hex() if row.hash else None,
    )  # fmt: skip


def _finding(call: Call, found: Finding) -> FindingAnswer:
    days = {"period": found.period.isoformat(), "date": _day(found.date)}
    return FindingAnswer(**{**found._asdict(), **days}, text=finding_text(call.language, found))


def _check(call: Call, result: Result, *, find_first: bool) -> CheckAnswer:
    check = result.check
    rows = [first_divergence(call.conn, check, row) if find_first else row for row in result.rows]
    title, reason, mend = (text(call.language, check.text_key + part) for part in ("", "-reason", "-mend"))
    return CheckAnswer(
        code=check.code, state=check.state if rows else "ok", title=title, reason=reason, mend=mend, rows=[_check_row(row) for row in rows]
    )


def _check_row(row: Row) -> CheckRowAnswer:
    def amount(value: str | int | None) -> str | None:
        if value is None:
            return None
        return format_amount(int(value), row.currency) if row.currency else str(value)

    values: dict[str, Any] = {name: amount(getattr(row, name)) for name in ("expected", "actual", "difference")}
    plain: dict[str, Any] = {name: getattr(row, name) for name in ("unit", "key", "currency", "document", "kind", "number")}
    return CheckRowAnswer(**plain, **values, date=_day(row.date))


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _instant(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
