"""Whether a notice may be booked: its units, its rows in the books of each, the mirror of both, and what is open between them.

Errors: unknown_reference (unit), notice_units, invalid_date, period_closed, those of `trade/notice.py` (`field` says whose row), of
`trade/notice_mirror.py`; of a reversal those of `trade/notice_reversal.py`.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import Connection

from setoff.access.entry import also_in
from setoff.books.queries import closed_until
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import day_of as moment_day
from setoff.core.moment import start_of
from setoff.notices.queries import UnitPlace, find_notice, open_between, units_of
from setoff.trade.fields import day_of
from setoff.trade.notice import facts, sides_of
from setoff.trade.notice_mirror import Open, Side, change_of, check_mirror, check_open
from setoff.trade.notice_paper import Notice, SideName
from setoff.trade.notice_reversal import check_reversal, check_still_open
from setoff.trade.queries import load_directory
from setoff.trade.registry import references
from setoff.trade.supply import setting_of

UNSAVED: Final = "new notice"
"""Stands for the key of a notice that has none yet."""


class Judged(NamedTuple):
    """A notice that may be booked. `change`: of the sender's claims and obligations; `before`: what was open, of each side."""

    day: date
    sender: UnitPlace
    receiver: UnitPlace
    amount: int
    change: Open
    before: tuple[Open, Open]


def places_of(conn: Connection[Any], notice: Notice) -> tuple[UnitPlace, UnitPlace]:
    """Sender and receiver. Errors: unknown_reference, notice_units."""
    units = units_of(conn)
    for field, code in (("sender", notice.sender), ("receiver", notice.receiver)):
        if code not in units:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=code, field=field)
    sender, receiver = units[notice.sender], units[notice.receiver]
    if sender.id == receiver.id or sender.organization_id != receiver.organization_id:
        raise DomainError(ErrorCode.NOTICE_UNITS, sender=sender.code, receiver=receiver.code, field="receiver")
    return sender, receiver


def judge(conn: Connection[Any], notice: Notice, *, with_open: bool = True) -> Judged:
    """Errors: see above; without `with_open` what is open between the units is not looked at."""
    day = day_of(notice.date, "date")
    sender, receiver = places_of(conn, notice)
    with also_in(conn, (sender.id, receiver.id)):
        first, second = side_of(conn, notice, "sender", sender), side_of(conn, notice, "receiver", receiver)
        check_mirror(first, second)
        if notice.reverses:
            _check_reversal(conn, notice, day, (first, second))
        before = (Open(), Open())
        if with_open:
            _require_open_period(conn, notice, day, (sender, receiver))
            before = (
                open_between(conn, sender, receiver, day, without=notice.key),
                open_between(conn, receiver, sender, day, without=notice.key),
            )
            check_open(first, notice.nature, before[0])
            check_open(second, notice.nature, before[1])
            for side, opened in ((first, before[0]), (second, before[1])) if notice.reverses else ():
                check_still_open(side, notice.nature, opened)
    amount = sum(row.amount for row in first.between)
    return Judged(day, sender, receiver, amount, change_of(first, notice.nature), before)


def _require_open_period(conn: Connection[Any], notice: Notice, day: date, units: tuple[UnitPlace, UnitPlace]) -> None:
    """Both units may still book on the day. Errors: period_closed."""
    closed = closed_until(conn, [unit.id for unit in units])
    if any(start_of(day) < moment for moment in closed.values()):
        open_from = moment_day(max(closed.values()))
        raise DomainError(ErrorCode.PERIOD_CLOSED, documents=notice.number, open_from=open_from, rows=[], field="date")


def _check_reversal(conn: Connection[Any], notice: Notice, day: date, sides: tuple[Side, Side]) -> None:
    """It takes back a confirmed notice of the same two units, as a whole, on no earlier day. Errors: notice_reversal_differs."""
    found = find_notice(conn, notice.reverses)
    units = {notice.sender, notice.receiver}
    if found is None or found.status != "confirmed" or {found.sender, found.receiver} != units or day < found.date:
        raise DomainError(ErrorCode.NOTICE_REVERSAL_DIFFERS, reverses=notice.reverses, field="reverses")
    made = {found.sender: Open(found.claims, found.obligations), found.receiver: Open(found.obligations, found.claims)}
    for side in sides:
        check_reversal(side, notice.nature, made[side.unit], notice.reverses)


def side_of(conn: Connection[Any], notice: Notice, name: SideName, unit: UnitPlace) -> Side:
    """The rows of a side with their accounts; what it would state is checked. Errors: those of its document, at its rows."""
    named = msgspec.structs.replace(notice, key=notice.key or UNSAVED)
    document = named.document(name)
    directory = load_directory(conn, references(document))
    try:
        facts(document, 0, directory)
        return Side(unit.code, sides_of(document, setting_of(document, directory)), unit.currency)
    except DomainError as refusal:
        field = str(refusal.facts.get("field", ""))
        placed = f"{name}_{field}" if field.startswith("rows") else field
        raise DomainError(refusal.code, **{**refusal.facts, "field": placed}) from None
