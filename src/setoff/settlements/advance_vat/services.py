"""The verbs on VAT on advances: what a unit has decided, and the rate of a contract, changed with all that follows (spec 2.8; 9, 1).

Where nothing was posted yet, the records say it (parties/records.py). Later a change moves postings: they are derived again and written in
the same transaction, and what would change in a closed period is refused with the list. A decision about a pending case is a document
(trade/advance_vat.py).

Errors: unknown_reference, invalid_value, invalid_rate, period_closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.books.charts import load_chart
from setoff.books.queries import closed_until
from setoff.books.services import lock_unit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import BEGINNING
from setoff.parties.rows import advance_vat_rate
from setoff.settlements.advance_vat.events import Window
from setoff.settlements.advance_vat.rows import VatChange, changed_vat, waits_of_units, write_vat
from setoff.settlements.advance_vat.terms import units_with_vat
from setoff.settlements.diff import Change, changes_of
from setoff.settlements.records import PostingRow
from setoff.settlements.refold import Refolded
from setoff.settlements.refusals import EditedDocument, refuse_closed_period
from setoff.trade.documents import AdvanceVat

SET_OFFS = ("terminated", "always")
STORED_SQL = f"select {', '.join(PostingRow._fields)} from posting where unit_id = %s and kind = 'vat'"
UNIT_SQL = """
  select organization.chart, organization.book_currency, unit.vat_on_advances, unit.vat_on_advances_from, unit.vat_on_set_off
  from unit join organization on organization.id = unit.organization_id where unit.id = %s"""


class Policy(NamedTuple):
    """What a unit has decided. `window`: off, same_day, five_days, tax_period; `since`: the first day whose advances have VAT, None = all;
    `set_off`: terminated, always."""

    window: str
    since: date | None = None
    set_off: str = "terminated"


class Moved(NamedTuple):
    """What a change moved: the postings, as an edit tells them."""

    changed: bool
    changes: list[Change]


def policy_of(conn: psycopg.Connection[Any], unit: str) -> Policy:
    """Errors: unknown_reference."""
    row = conn.execute("select vat_on_advances, vat_on_advances_from, vat_on_set_off from unit where code = %s", [unit]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=unit, field="unit")
    return Policy(*row)


def policies_of(conn: psycopg.Connection[Any], units: list[str]) -> list[tuple[str, Policy]]:
    """Those of the units whose chart knows VAT on advances."""
    query = """select unit.code, organization.chart, vat_on_advances, vat_on_advances_from, vat_on_set_off
               from unit join organization on organization.id = unit.organization_id where unit.code = any(%s) order by unit.code"""
    return [(code, Policy(*policy)) for code, chart, *policy in conn.execute(query, [units]) if load_chart(chart).vat_rates]


def set_vat_policy(conn: psycopg.Connection[Any], unit: str, policy: Policy, actor: Actor) -> Moved:
    """The unit keeps VAT on advances so, and its postings of it are what that gives."""
    for field, value, allowed in (("window", policy.window, [*Window]), ("set_off", policy.set_off, SET_OFFS)):
        if value not in allowed:
            raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=value, expected=", ".join(allowed))
    with conn.transaction():
        unit_id = lock_unit(conn, unit)
        chart, currency, *before = conn.execute(UNIT_SQL, [unit_id]).fetchone() or ("", "")
        if policy.window != Window.OFF and not load_chart(chart).vat_rates:
            raise DomainError(ErrorCode.INVALID_VALUE, field="window", value=policy.window, expected=Window.OFF.value)
        if Policy(*before) == policy:
            return Moved(False, [])
        conn.execute(
            "update unit set vat_on_advances = %s, vat_on_advances_from = %s, vat_on_set_off = %s where id = %s", [*policy, unit_id]
        )
        changes = _restated(conn, unit_id, unit, currency)
        record_audit(
            conn, actor, "set_vat_policy", unit_id=unit_id, window=policy.window, since=str(policy.since or ""), set_off=policy.set_off,
            moved=len(changes),
        )  # fmt: skip
    return Moved(True, changes)


def set_contract_vat(conn: psycopg.Connection[Any], contract: str, rate: str, actor: Actor) -> Moved:
    """The advances of a contract have this rate: a percentage, none, or "" for the general one; those of the past too."""
    said = advance_vat_rate(rate, "rate")
    with conn.transaction():
        row = conn.execute("select id, organization_id, advance_vat from contract where code = %s for update", [contract]).fetchone()
        if row is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="contract", value=contract, field="contract")
        contract_id, organization_id, before = row
        if said == before:
            return Moved(False, [])
        units = conn.execute(
            """select unit.code, organization.book_currency from unit join organization on organization.id = unit.organization_id
               where organization.id = %s and vat_on_advances <> 'off' order by unit.id""",
            [organization_id],
        ).fetchall()
        locked = [(lock_unit(conn, unit), unit, currency) for unit, currency in units]
        conn.execute("update contract set advance_vat = %s where id = %s", [said, contract_id])
        changes = [change for unit_id, unit, currency in locked for change in _restated(conn, unit_id, unit, currency)]
        record_audit(conn, actor, "set_contract_vat", contract=contract, rate=said, moved=len(changes))
    return Moved(True, changes)


def _restated(conn: psycopg.Connection[Any], unit_id: int, unit: str, currency: str) -> list[Change]:
    """Derive the VAT of a whole unit, under its lock, and write what differs. Errors: period_closed."""
    units = {number: found for number, found in units_with_vat(conn).items() if number == unit_id}
    stored = [PostingRow._make(row) for row in conn.execute(STORED_SQL, [unit_id], prepare=False)]
    if units:
        change = changed_vat(conn, units, since=BEGINNING, touched=False, stored=stored)
    else:
        change = VatChange(stored, [], waits_of_units(conn, [unit_id]), [])
    changes = changes_of(Refolded([], [], [], [], [], {}, []), change.postings_out, change.postings_in, {})
    _refuse_closed(conn, unit_id, changes, EditedDocument(0, "unit", unit, currency))
    write_vat(conn, change)
    return changes


def _refuse_closed(conn: psycopg.Connection[Any], unit_id: int, changes: Sequence[Change], edited: EditedDocument) -> None:
    closed = closed_until(conn, [unit_id]).get(unit_id)
    if closed is not None and any(change.moment < closed for change in changes):
        refuse_closed_period(conn, closed, changes, edited)


def decision_on(conn: psycopg.Connection[Any], document: str, decision: Literal["deduct", "expense"], day: str) -> AdvanceVat:
    """The document that decides the pending VAT of another one, in its unit. Errors: unknown_reference."""
    row = conn.execute(
        "select unit.code from document join unit on unit.id = document.unit_id where document.key = %s", [document]
    ).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=document, field="document")
    return AdvanceVat(unit=row[0], date=day, decision=decision, document=document)
