"""The verbs on a round before it is posted: open, add, collect again, confirm, bar, admit, correct, consent, solve. One transaction each.

    open -> preliminary -> (posting ->) final -> reversed

A round is known by its code: opening it again with the same wishes gives the one there is. Whatever changes what takes part makes a
preliminary result void (the round is open again); consents count only for the result they were given to. What posts and reverses:
posting.py; what changes its choices: choosing.py. Errors: unknown_reference, round_exists, round_state, round_own_party, field_missing,
invalid_value, amount_not_positive, and those of rights.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

import msgspec
import polars as pl
from psycopg import Connection
from psycopg.types.json import Jsonb

from setoff.access.rights import Rights
from setoff.books.audit import Actor, record_audit
from setoff.clearing.rounds.collect import collected, counterparties, open_debts, own_units
from setoff.clearing.rounds.outside import placed
from setoff.clearing.rounds.queries import obligations_of, parties_of, round_of
from setoff.clearing.rounds.records import NewRound, Obligation, Party, Round, Side, Status
from setoff.clearing.rounds.solving import debts_taking_part, solve
from setoff.clearing.rounds.writing import (
    insert_obligations,
    insert_outside,
    insert_parties,
    replace_positions,
    write_cleared,
    write_results,
)
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount
from setoff.trade.set_off_law import law_of

BEFORE_POSTING: tuple[Status, ...] = ("open", "preliminary")


class Consent(NamedTuple):
    """`by`: who signed for the party, or why it refuses. `on`: the day; of a notice: the day of its receipt."""

    consent: Literal["agreed", "refused"]
    by: str
    on: date


def open_round(conn: Connection[Any], new: NewRound, actor: Actor, rights: Rights) -> Round:
    """The round stands, with what the books of its units hold. Errors: round_exists when there is another of that code."""
    if not new.code.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="code")
    units = tuple(sorted(rights.require("draft", code) for code in new.units)) or rights.units_with("draft")
    if not units:
        raise DomainError(ErrorCode.NOT_PERMITTED, right="draft", unit="*")
    new = new._replace(options=new.options.checked())
    law = new.law or law_of(own_units(conn, units)[0].chart)
    options = msgspec.to_builtins(new.options)
    with conn.transaction():
        row = conn.execute(
            """insert into clearing_round (code, units, as_of, law, options, author) values (%s, %s, %s, %s, %s, %s)
               on conflict (code) do nothing returning id""",
            [new.code, list(units), new.as_of, law, Jsonb(options), actor.author],
        ).fetchone()
        if row is None:
            return _the_same(conn, new, units, law)
        if new.options.from_books:
            _collect(conn, round_of(conn, new.code))
        return tell_round(conn, new.code, actor, "round_open", as_of=new.as_of.isoformat(), options=options)


def add_debts(conn: Connection[Any], code: str, debts: pl.DataFrame, actor: Actor, *, file: str) -> Round:
    """Debts between outsiders, as a file states them (outside.py). The same file again replaces what it said before.
    Errors: field_missing, round_own_party for debts of our own units, which their books state."""
    if not file.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="name")
    with conn.transaction():
        found = changeable_round(conn, code)
        conn.execute("delete from round_obligation where round_id = %s and file = %s", [found.id, file])
        if len(debts):
            there = placed(debts, parties_of(conn, found.id), name=file)
            insert_parties(conn, found.id, there.parties)
            insert_outside(conn, found.id, there.debts, file=file, after=_last_number(conn, found))
        return tell_round(conn, code, actor, "round_add", file=file, debts=len(debts))


def collect_again(conn: Connection[Any], code: str, actor: Actor) -> Round:
    """Debts from our books are what the books say now; what was confirmed or barred of those that are still there stays so."""
    with conn.transaction():
        found = changeable_round(conn, code)
        _collect(conn, found)
        return tell_round(conn, code, actor, "round_collect")


def confirm_debts(conn: Connection[Any], code: str, side: Side, numbers: Sequence[int], actor: Actor, *, by: str) -> Round:
    """One side of these debts says that they are so; `numbers` empty: of all debts. Books of ours have spoken for their side already."""
    if not by.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="by")
    column = {"debtor": "debtor_confirmed", "creditor": "creditor_confirmed"}[side]
    with conn.transaction():
        found = changeable_round(conn, code)
        _known_numbers(conn, found, numbers)
        conn.execute(
            f"update round_obligation set {column} = %s where round_id = %s and {column} = '' and (no = any(%s) or %s)",
            [by, found.id, list(numbers), not numbers],
        )
        return tell_round(conn, code, actor, "round_confirm", side=side, numbers=list(numbers), by=by)


def bar_debts(conn: Connection[Any], code: str, numbers: Sequence[int], actor: Actor, *, because: str) -> Round:
    """These debts take no part."""
    if not because.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="because")
    with conn.transaction():
        found = changeable_round(conn, code)
        _known_numbers(conn, found, numbers)
        conn.execute(
            """update round_obligation set barred = 'person', barred_because = %s
               where round_id = %s and no = any(%s) and barred in ('', 'person')""",
            [because, found.id, list(numbers)],
        )
        return tell_round(conn, code, actor, "round_bar", numbers=list(numbers), because=because)


def admit_debts(conn: Connection[Any], code: str, numbers: Sequence[int], actor: Actor) -> Round:
    """These debts, barred by somebody, take part again."""
    with conn.transaction():
        found = changeable_round(conn, code)
        _known_numbers(conn, found, numbers)
        conn.execute(
            """update round_obligation set barred = '', barred_because = ''
               where round_id = %s and no = any(%s) and barred = 'person'""",
            [found.id, list(numbers)],
        )
        return tell_round(conn, code, actor, "round_admit", numbers=list(numbers))


def correct_debt(conn: Connection[Any], code: str, number: int, amount: str, actor: Actor, *, because: str) -> Round:
    """A debt that a file stated is of another amount. One from our books is corrected there, and collected again: round_own_party."""
    if not because.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="because")
    with conn.transaction():
        found = changeable_round(conn, code)
        _known_numbers(conn, found, [number])
        row = conn.execute("select currency, file from round_obligation where round_id = %s and no = %s", [found.id, number]).fetchone()
        assert row is not None
        if not row[1]:
            raise DomainError(ErrorCode.ROUND_OWN_PARTY, round=code, rows=[{"obligation": number}])
        minor = parse_amount(amount, row[0])
        if minor <= 0:
            raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, field="amount", value=amount)
        conn.execute(
            """update round_obligation set amount = %(amount)s, cleared = least(cleared, %(amount)s), debtor_confirmed = '',
                 creditor_confirmed = '' where round_id = %(round)s and no = %(no)s""",
            {"amount": minor, "round": found.id, "no": number},
        )
        return tell_round(conn, code, actor, "round_correct", number=number, amount=amount, because=because)


def set_consent(conn: Connection[Any], code: str, party: str, consent: Consent, actor: Actor) -> Round:
    """The party agrees to what is cleared for it now, or takes no part any more."""
    if not consent.by.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="by")
    with conn.transaction():
        found = changeable_round(conn, code, is_changed=consent.consent == "refused")
        who = party_named(conn, found, party)
        agreed_to = who.result_hash if consent.consent == "agreed" else ""
        if consent.consent == "agreed" and found.status != "preliminary":
            raise refused_state(found, "preliminary")
        write_consent(conn, found.id, who.no, consent, agreed_to)
        return tell_round(conn, code, actor, f"round_{consent.consent}", party=party, by=consent.by, on=consent.on.isoformat())


def party_named(conn: Connection[Any], found: Round, code: str) -> Party:
    """Errors: unknown_reference."""
    who = next((known for known in parties_of(conn, found.id) if known.code == code), None)
    if who is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="party", value=code, field="party")
    return who


def write_consent(conn: Connection[Any], round_id: int, number: int, consent: Consent, agreed_to: str) -> None:
    conn.execute(
        "update round_party set consent = %s, consent_by = %s, consent_on = %s, consent_to = %s where round_id = %s and no = %s",
        [consent.consent, consent.by, consent.on, agreed_to, round_id, number],
    )


def solve_round(conn: Connection[Any], code: str, actor: Actor) -> Round:
    """The preliminary result: the largest total of every currency, with its certificate. The same input gives the same result."""
    with conn.transaction():
        found = changeable_round(conn, code, is_changed=False)
        solution = solve(parties_of(conn, found.id), debts_taking_part(conn, found.id), found.options)
        write_cleared(conn, found.id, solution.cleared)
        write_results(conn, found.id, solution.party_hashes)
        replace_positions(conn, found.id, solution.positions)
        conn.execute(
            """update clearing_round set status = 'preliminary', solved = solved + 1, input_hash = decode(%s, 'hex'),
                 result_hash = decode(%s, 'hex'), bounds = %s where id = %s""",
            [solution.input_hash, solution.result_hash, Jsonb(solution.bounds), found.id],
        )
        return tell_round(conn, code, actor, "round_solve", input=solution.input_hash, result=solution.result_hash)


def drop_unsigned(conn: Connection[Any], code: str, actor: Actor, *, on: date) -> Round:
    """Every party that something is cleared for and that did not agree to it takes no part; the round is solved again without it. Those who
    agreed to another result are asked again."""
    with conn.transaction():
        found = changeable_round(conn, code, is_changed=False)
        if found.status != "preliminary":
            raise refused_state(found, "preliminary")
        for party in [known for known in parties_of(conn, found.id) if known.is_asked]:
            set_consent(conn, code, party.code, Consent("refused", "unsigned", on), actor)
        return solve_round(conn, code, actor)


def changeable_round(conn: Connection[Any], code: str, *, is_changed: bool = True) -> Round:
    """The round, locked, which is not posted; a change voids its preliminary result. Errors: unknown_reference, round_state."""
    found = locked_round(conn, code)
    if found.status not in BEFORE_POSTING:
        raise refused_state(found, *BEFORE_POSTING)
    if is_changed and found.status != "open":
        conn.execute("update clearing_round set status = 'open', changed_at = clock_timestamp() where id = %s", [found.id])
        return found._replace(status="open")
    return found


def locked_round(conn: Connection[Any], code: str) -> Round:
    conn.execute("select from clearing_round where code = %s for update", [code])
    return round_of(conn, code)


def refused_state(found: Round, *allowed: str) -> DomainError:
    return DomainError(ErrorCode.ROUND_STATE, round=found.code, state=found.status, expected=", ".join(allowed))


def tell_round(conn: Connection[Any], code: str, actor: Actor, verb: str, **details: Any) -> Round:
    """The round is another than before, and the trail of every unit of it tells why. Returns it as it is now."""
    conn.execute("update clearing_round set changed_at = clock_timestamp() where code = %s", [code])
    found = round_of(conn, code)
    for unit_id in found.units:
        record_audit(conn, actor, verb, unit_id=unit_id, round=code, **details)
    return found


def _the_same(conn: Connection[Any], new: NewRound, units: tuple[int, ...], law: str) -> Round:
    """The round there is, when it is what is asked for."""
    row = conn.execute("select id from clearing_round where code = %s", [new.code]).fetchone()
    found = round_of(conn, new.code) if row else None
    if found is None or (found.units, found.as_of, found.law, found.options) != (units, new.as_of, law, new.options):
        raise DomainError(ErrorCode.ROUND_EXISTS, value=new.code, field="code")
    return found


def _collect(conn: Connection[Any], found: Round) -> None:
    debts = open_debts(conn, found.units, found.as_of)
    now = collected(own_units(conn, found.units), debts, counterparties(conn, {debt.counterparty_id for debt in debts}))
    known = {party.code: party for party in parties_of(conn, found.id)}
    last = max((party.no for party in known.values()), default=0)
    new = [party for party in now.parties if party.code not in known]
    numbers = {code: party.no for code, party in known.items()} | {party.code: no for no, party in enumerate(new, last + 1)}
    insert_parties(conn, found.id, [party._replace(no=numbers[party.code]) for party in new])
    places = {party.no: numbers[party.code] for party in now.parties}
    before = {_place(debt): debt for debt in obligations_of(conn, found.id, of_books=True)}
    last = _last_number(conn, found)
    conn.execute("delete from round_obligation where round_id = %s and file = ''", [found.id])
    rows = []
    for debt in now.obligations:
        moved = debt._replace(debtor=places[debt.debtor], creditor=places[debt.creditor])
        old = before.get(_place(moved))
        last += old is None
        rows.append(_as_before(moved, old) if old else moved._replace(no=last))
    insert_obligations(conn, found.id, rows)


def _last_number(conn: Connection[Any], found: Round) -> int:
    row = conn.execute("select coalesce(max(no), 0) from round_obligation where round_id = %s", [found.id]).fetchone()
    assert row is not None
    return int(row[0])


def _place(debt: Obligation) -> tuple[object, ...]:
    return debt.creditor_lot, debt.debtor_lot, debt.file, debt.reference


def _as_before(debt: Obligation, old: Obligation) -> Obligation:
    """A debt that was collected before: what people said of it stays; what was cleared, as far as it is still there."""
    kept = debt._replace(
        no=old.no, cleared=min(old.cleared, debt.amount), creditor_confirmed=debt.creditor_confirmed or old.creditor_confirmed,
        debtor_confirmed=debt.debtor_confirmed or old.debtor_confirmed,
    )  # fmt: skip
    return kept._replace(barred="person", barred_because=old.barred_because) if old.barred == "person" and not debt.barred else kept


def _known_numbers(conn: Connection[Any], found: Round, numbers: Sequence[int]) -> None:
    """Errors: unknown_reference for the first number that is none."""
    row = conn.execute(
        "select n from unnest(%s::int[]) n where not exists (select from round_obligation where round_id = %s and no = n) limit 1",
        [list(numbers), found.id],
    ).fetchone()
    if row is not None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="obligation", value=str(row[0]), field="number")
