"""Acts of reconciliation that are kept: drawn up, sent, agreed or disputed, and compared with the books ever after.

An act holds our lines as they stood when it was drawn up (or filled again) and theirs as they were given. What was agreed stays as it
was: a back-dated edit in its period does not touch it, but `changes_since` tells what differs now. States: a draft is sent, agreed or
disputed; a sent one too; a disputed one may be sent or agreed after all; an agreed one can only be disputed.
Balances that differ are agreed to only by who names the difference.
Errors: unknown_reference, unknown_currency, invalid_value, act_agreed, act_state, act_outdated, act_differs, field_missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from psycopg import Connection
from psycopg.types.json import Jsonb

from setoff.books.audit import Actor, record_audit
from setoff.books.scope import Scope
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, digits_of
from setoff.settlements import card_queries
from setoff.settlements.act_queries import Act, OurLine, act_of
from setoff.settlements.reconciliation import SideLine

State = Literal["draft", "sent", "agreed", "disputed"]
NEXT: Final[Mapping[str, tuple[State, ...]]] = {
    "draft": ("sent", "agreed", "disputed"),
    "sent": ("agreed", "disputed"),
    "disputed": ("sent", "agreed"),
    "agreed": ("disputed",),
}


class NewAct(NamedTuple):
    """What an act is about, in codes. `contract` "": all of them; `currency` "": the contract's, else that of the books. `show_internal`:
    what moves inside the counterparty (a set-off, a transfer between contracts) has its line, both sides of it (spec 6.5)."""

    unit: str
    counterparty: str
    last_day: date
    contract: str = ""
    currency: str = ""
    first_day: date | None = None
    show_internal: bool = False


class Signature(NamedTuple):
    """Who signed for them, and when."""

    signed_by: str
    signed_on: date


class ActChange(NamedTuple):
    """A document whose line in an act is not what the books say now: net amounts, + they owe us; zero: no such line."""

    key: str
    kind: str
    number: str
    date: date
    before: int
    after: int


class OurSide(NamedTuple):
    lines: list[OurLine]
    opening: int
    closing: int


def create_act(conn: Connection[Any], new: NewAct, actor: Actor) -> Act:
    """A draft with our side filled."""
    if new.first_day and new.first_day > new.last_day:
        raise DomainError(ErrorCode.INVALID_VALUE, field="from", value=new.first_day.isoformat())
    with conn.transaction():
        of_unit = "select unit.id, book_currency from unit join organization o on o.id = organization_id where unit.code = %s"
        unit_id, book_currency = _found(conn, "unit", new.unit, of_unit)
        counterparty_id, *_ = _found(conn, "counterparty", new.counterparty, "select id from counterparty where code = %s")
        contract_id, currency = None, book_currency
        if new.contract:
            found = "select id, currency from contract where code = %s and counterparty_id = %s"
            contract_id, currency = _found(conn, "contract", new.contract, found, counterparty_id)
        currency = new.currency or currency
        digits_of(currency)
        scope = _scope(unit_id, counterparty_id, contract_id, currency)
        ours = our_side(conn, scope, new.first_day, new.last_day, show_internal=new.show_internal)
        row = conn.execute(
            """insert into reconciliation_act (unit_id, counterparty_id, contract_id, currency, first_day, last_day, our_opening,
                 our_closing, our_lines, author, show_internal)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) returning id""",
            [unit_id, counterparty_id, contract_id, currency, new.first_day, new.last_day, ours.opening, ours.closing,
             _ours_json(ours.lines), actor.author, new.show_internal],
        ).fetchone()  # fmt: skip
        assert row is not None
        record_audit(conn, actor, "act_create", unit_id=unit_id, act=row[0], counterparty=new.counterparty, last_day=str(new.last_day))
        return act_of(conn, row[0])


def fill_ours(conn: Connection[Any], act_id: int, actor: Actor) -> Act:
    """Our side is what the books say now."""
    with conn.transaction():
        act = _open_act(conn, act_id)
        ours = our_side_now(conn, act)
        conn.execute(
            "update reconciliation_act set our_opening = %s, our_closing = %s, our_lines = %s, changed_at = now() where id = %s",
            [ours.opening, ours.closing, _ours_json(ours.lines), act_id],
        )
        record_audit(conn, actor, "act_fill", unit_id=act.unit_id, act=act_id, closing=ours.closing)
        return act_of(conn, act_id)


def import_theirs(
    conn: Connection[Any], act_id: int, lines: Sequence[SideLine], actor: Actor, *, opening: int | None = None, file: str = ""
) -> Act:
    """Their side is these lines. Those before the period are their opening balance, with the one they state; without both it mirrors
    ours. Those after the last day are no part of the act."""
    with conn.transaction():
        act = _open_act(conn, act_id)
        before = [line for line in lines if act.first_day and line.date < act.first_day]
        inside = [line for line in lines if line.date <= act.last_day and not (act.first_day and line.date < act.first_day)]
        known = opening is not None or bool(before)
        their_opening = (opening or 0) + sum(line.net for line in before) if known else -act.our_opening
        their_closing = their_opening + sum(line.net for line in inside)
        content = [{"date": line.date.isoformat(), "number": line.number, "debit": line.debit, "credit": line.credit} for line in inside]
        conn.execute(
            """update reconciliation_act set their_opening = %s, their_closing = %s, their_lines = %s, their_file = %s, changed_at = now()
               where id = %s""",
            [their_opening, their_closing, Jsonb(content), file, act_id],
        )
        record_audit(conn, actor, "act_theirs", unit_id=act.unit_id, act=act_id, file=file, lines=len(inside), closing=their_closing)
        return act_of(conn, act_id)


def set_act_state(
    conn: Connection[Any], act_id: int, state: State, actor: Actor, *, signature: Signature | None = None, note: str = "",
    known_difference: int = 0,
) -> Act:  # fmt: skip
    """The act is in that state. Agreed needs a signature, and books that still say what the act says; where the balances of both sides
    differ, also that who agrees knows by how much."""
    with conn.transaction():
        act = _locked(conn, act_id)
        if state not in NEXT[act.state]:
            raise DomainError(ErrorCode.ACT_STATE, act=act_id, state=act.state, expected=", ".join(NEXT[act.state]))
        if state == "agreed":
            if signature is None or not signature.signed_by.strip():
                raise DomainError(ErrorCode.FIELD_MISSING, field="signed_by", value="")
            if act.difference and act.difference != known_difference:
                raise difference_of(act)
            changed = changes_since(conn, act)
            if changed:
                rows = [{"document": change.key, "before": change.before, "after": change.after} for change in changed]
                raise DomainError(ErrorCode.ACT_OUTDATED, act=act_id, documents=str(len(changed)), rows=rows)
        signed = signature if state == "agreed" else None
        conn.execute(
            "update reconciliation_act set state = %s, signed_by = %s, signed_on = %s, note = %s, changed_at = now() where id = %s",
            [state, signed.signed_by.strip() if signed else "", signed.signed_on if signed else None, note or act.note, act_id],
        )
        told: dict[str, Any] = {"signed_by": signed.signed_by, "signed_on": str(signed.signed_on)} if signed else {}
        if signed and act.difference:
            told["difference"] = str(Money(act.difference, act.currency))
        record_audit(conn, actor, f"act_{state}", unit_id=act.unit_id, act=act_id, note=note, **told)
        return act_of(conn, act_id)


def difference_of(act: Act) -> DomainError:
    """Why an act with both sides cannot be agreed to without a word: act_differs, with both balances as we count, + they owe us."""
    assert act.their_closing is not None and act.difference is not None
    amounts = {"ours": act.our_closing, "theirs": -act.their_closing, "difference": act.difference}
    money = {name: Money(amount, act.currency) for name, amount in amounts.items()}
    return DomainError(ErrorCode.ACT_DIFFERS, act=act.id, **money)


def changes_since(conn: Connection[Any], act: Act) -> list[ActChange]:
    """What differs between the act's lines and those of the books now, by date; the opening balance is a line without a document."""
    now = our_side_now(conn, act)
    before, after = {line.key: line for line in act.our_lines}, {line.key: line for line in now.lines}
    changes = []
    if act.our_opening != now.opening:
        changes.append(ActChange("", "", "", act.first_day or act.last_day, act.our_opening, now.opening))
    for key in before.keys() | after.keys():
        line = after.get(key) or before[key]
        was, is_now = (side[key].debit - side[key].credit if key in side else 0 for side in (before, after))
        moved = key in before and key in after and before[key].date != after[key].date
        if was != is_now or moved:
            changes.append(ActChange(key, line.kind, line.number, line.date, was, is_now))
    return sorted(changes, key=lambda change: (change.date, change.key))


def our_side_now(conn: Connection[Any], act: Act) -> OurSide:
    scope = _scope(act.unit_id, act.counterparty_id, act.contract_id, act.currency)
    return our_side(conn, scope, act.first_day, act.last_day, show_internal=act.show_internal)


def our_side(conn: Connection[Any], scope: Scope, first_day: date | None, last_day: date, *, show_internal: bool) -> OurSide:
    """What the regulated books say of one unit, counterparty and currency."""
    lines = [
        OurLine(line.key, line.kind, line.number, line.date, line.debit, line.credit)
        for line in card_queries.act_lines(conn, scope, "reg", first_day, last_day, by_contract=False, show_internal=show_internal)
    ]
    balances = card_queries.act_balances(conn, scope, "reg", first_day, last_day, by_contract=False)
    return OurSide(lines, sum(row.opening for row in balances), sum(row.closing for row in balances))


def _scope(unit_id: int, counterparty_id: int, contract_id: int | None, currency: str) -> Scope:
    return Scope((unit_id,), (counterparty_id,), (contract_id,) if contract_id else (), (currency,))


def _locked(conn: Connection[Any], act_id: int) -> Act:
    """The act, locked to the end of the transaction. Errors: unknown_reference."""
    conn.execute("select from reconciliation_act where id = %s for update", [act_id])
    return act_of(conn, act_id)


def _open_act(conn: Connection[Any], act_id: int) -> Act:
    """Errors: unknown_reference, act_agreed."""
    act = _locked(conn, act_id)
    if act.state == "agreed":
        raise DomainError(ErrorCode.ACT_AGREED, act=act_id, signed_by=act.signed_by, signed_on=act.signed_on)
    return act


def _found(conn: Connection[Any], kind: str, code: str, query: str, *rest: object) -> Any:
    """The row of that code. Errors: unknown_reference."""
    row = conn.execute(query, [code, *rest]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=kind, value=code, field=kind)
    return row


def _ours_json(lines: Sequence[OurLine]) -> Jsonb:
    return Jsonb([{**line._asdict(), "date": line.date.isoformat()} for line in lines])
