"""Whose lines are: proposing, confirming, and what people decide otherwise.

    propose_lines     every open line that nobody decided has the best proposal of the books as they are
    confirm_lines     the payments of these lines are posted (or found posted, or drafts posted); each line by itself
    claim_line        a person says what the line is: a payment of the same account and amount
    assign_line       a person says whose the line is; what it settles is proposed
    unconfirm_line    the payment is taken out of the books, or let go when it was there before the line
    ignore_line       nothing is to be booked, with the reason; restore_line takes that back

A payment has the key `bank/UNIT/IDENTITY`, so a line can never be booked twice. Errors: unknown_reference, bank_line_state,
bank_line_differs, field_missing; those of posting are told line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from setoff.access.approvals import Pending, needs_approval, post_or_request, unpost_or_request
from setoff.access.policies import Policies, active_policies
from setoff.banks.known import accounts_of_ours, known_to, read_owned, read_payments
from setoff.banks.matching import Known, Ours, Proposal, debited_on, is_sure, owner_of, propose
from setoff.banks.owners import SURE, Owner, Reason
from setoff.banks.queries import LineFilter, bank_lines, line_of
from setoff.banks.records import LineRow
from setoff.banks.statement import Line
from setoff.banks.telling import stored_reasons
from setoff.books.audit import Actor, record_audit
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, parse_amount
from setoff.settlements.services import Outcome, find_document, known_document, post_document, post_saved
from setoff.trade.documents import Payment
from setoff.trade.payment import MONEY_IN
from setoff.trade.queries import decode_document

SURE_BY_HAND: Final = 1000
_encode: Final = msgspec.json.Encoder().encode


class Proposed(NamedTuple):
    """How many lines are sure, need a look, or are nobody's."""

    sure: int
    to_look_at: int
    unclaimed: int


class Confirmed(NamedTuple):
    """What came of confirming one line: the key of its payment, or the refusal."""

    line_id: int
    document_key: str
    outcome: Outcome | None
    refusal: DomainError | None


def payment_key(unit: str, identity: bytes) -> str:
    return f"bank/{unit}/{identity.hex()[:20]}"


# Proposing ---------------------------------------------------------------------------------------------------------------


def propose_lines(conn: psycopg.Connection[Any], units: Sequence[str] = (), account: str = "") -> Proposed:
    """See above. Lines that a person decided keep what he said."""
    counts = [0, 0, 0]
    with conn.transaction():
        for ours in accounts_of_ours(conn):
            if (units and ours.unit.code not in units) or account not in ("", ours.name, ours.number):
                continue
            for proposal in _propose_account(conn, ours):
                open_ = proposal.payment is None and not proposal.existing and not proposal.ignore
                counts[2 if open_ else 0 if is_sure(proposal) else 1] += 1
    return Proposed(*counts)


def _propose_account(conn: psycopg.Connection[Any], ours: Ours) -> list[Proposal]:
    rows = [
        row for row in bank_lines(conn, LineFilter(units=(ours.unit.code,), account=ours.number, states=("unclaimed", "proposed")))
        if row.account_id == ours.id and not row.decided_by
    ]  # fmt: skip
    if not rows:
        return []
    known = known_to(conn, ours)
    identities = _identities(conn, rows)
    lines = [line_of(row) for row in rows]
    owners = [owner_of(line, known) for line in lines]
    _read_about(conn, known, lines, owners)
    proposals = [
        propose(line, owner, known, payment_key(ours.unit.code, identities[row.id]))
        for row, line, owner in zip(rows, lines, owners, strict=True)
    ]
    write_proposals(conn, zip(rows, proposals, strict=True))
    return proposals


def _read_about(conn: psycopg.Connection[Any], known: Known, lines: Sequence[Line], owners: Sequence[Owner]) -> None:
    read_owned(conn, known, ((owner.party.id, line) for line, owner in zip(lines, owners, strict=True) if owner.party))
    days = [line.booking_date for line in lines]
    read_payments(conn, known, (line.amount_minor for line in lines), (min(days), max(days)))


def _identities(conn: psycopg.Connection[Any], rows: Iterable[LineRow]) -> dict[int, bytes]:
    return dict(conn.execute("select id, identity from bank_line where id = any(%s)", [[row.id for row in rows]]).fetchall())


def write_proposals(conn: psycopg.Connection[Any], proposed: Iterable[tuple[LineRow, Proposal]]) -> None:
    """What is proposed stands with the lines. A line that a rule ignores is ignored at once: a person said so."""
    values = []
    existing: dict[str, str] = {}
    pairs = list(proposed)
    keys = [proposal.existing for _, proposal in pairs if proposal.existing]
    if keys:
        existing = dict(
            conn.execute(
                """select d.key, v.content from document d join version v on v.unit_id = d.unit_id and v.id = d.version_id
                   where d.key = any(%s)""",
                [keys],
            ).fetchall()
        )
    for row, proposal in pairs:
        content = _encode(proposal.payment).decode() if proposal.payment else existing.get(proposal.existing, "")
        state = "ignored" if proposal.ignore else "proposed" if content else "unclaimed"
        reasons = (*proposal.reasons, *(Reason("reason-candidate", {"counterparty": code}) for code in proposal.candidates))
        values.append((state, proposal.confidence, content, Jsonb(stored_reasons(reasons)), proposal.ignore, row.unit_id, row.id))
    with conn.cursor() as cursor:
        cursor.executemany(
            """update bank_line set state = %s, confidence = %s, proposal = %s, reasons = %s, ignored_because = %s
               where unit_id = %s and id = %s and state in ('unclaimed', 'proposed')""",
            values,
        )


# Confirming --------------------------------------------------------------------------------------------------------------


def confirm_lines(conn: psycopg.Connection[Any], line_ids: Sequence[int], actor: Actor) -> list[Confirmed]:
    """See above. What posting refuses stays proposed; the refusal says why. The owner's account is learned."""
    rows = {row.id: row for row in bank_lines(conn, LineFilter(ids=line_ids))} if line_ids else {}
    confirmed = []
    policies = active_policies(conn)
    for line_id in line_ids:
        try:
            if line_id not in rows:
                raise _unknown(line_id)
            _ask_second_person(conn, rows[line_id], policies, actor)
            confirmed.append(_confirm(conn, rows[line_id], actor))
        except DomainError as refusal:
            confirmed.append(Confirmed(line_id, "", None, refusal))
    return confirmed


def sure_lines(conn: psycopg.Connection[Any], units: Sequence[str] = (), account: str = "") -> list[int]:
    """Ids of the lines that may be booked without a look, in the order of their days."""
    rows = bank_lines(conn, LineFilter(units=units, account=account, states=("proposed",)))
    return [row.id for row in rows if row.confidence >= SURE]


def _ask_second_person(conn: psycopg.Connection[Any], row: LineRow, policies: Policies, actor: Actor) -> None:
    """Where a policy wants a second person for the payment, it is saved and asked for. Errors: bank_line_pending; once it is approved the
    line finds it posted."""
    if row.state != "proposed":
        return
    payment = proposed_payment(row)
    stored = find_document(conn, payment.key) if payment.key else None
    if (stored is not None and stored.row.status == "posted") or not needs_approval(conn, payment, policies):
        return
    pending = post_or_request(conn, payment, actor, policies)
    if isinstance(pending, Pending):
        raise DomainError(ErrorCode.BANK_LINE_PENDING, line=row.id, number=pending.approval_id)


def _confirm(conn: psycopg.Connection[Any], row: LineRow, actor: Actor) -> Confirmed:
    _require(row, "proposed")
    payment = proposed_payment(row)
    with conn.transaction():
        stored = find_document(conn, payment.key) if payment.key else None
        if stored is None:
            outcome = post_document(conn, payment, actor)
        elif stored.row.status == "posted":
            outcome = Outcome(stored.row.id, stored.row.key, stored.row.number, [], changed=False)
        elif payment.key.startswith("bank/"):
            outcome = post_document(conn, payment, actor)
        else:
            outcome = post_saved(conn, payment.key, actor)
        updated = conn.execute(
            """update bank_line set state = 'booked', document_id = %s, decided_by = %s, decided_at = clock_timestamp()
               where unit_id = %s and id = %s and state = 'proposed' returning id""",
            [outcome.document_id, actor.author, row.unit_id, row.id],
        ).fetchone()
        if updated is None:
            raise DomainError(ErrorCode.BANK_LINE_STATE, line=row.id, state="booked", allowed="proposed")
        _learn(conn, row, payment)
        record_audit(conn, actor, "confirm_bank_line", unit_id=row.unit_id, document_id=outcome.document_id, line=row.id)
    return Confirmed(row.id, outcome.key, outcome, None)


def _learn(conn: psycopg.Connection[Any], row: LineRow, payment: Payment) -> None:
    """The account of the line is that of the party that paid or was paid."""
    party = payment.payer or payment.counterparty
    if not row.other_account or not party:
        return
    conn.execute(
        """insert into party_account (unit_id, counterparty_id, number, bic, is_typed, lines)
           select %s, id, %s, %s, false, 1 from counterparty where code = %s
           on conflict (unit_id, number, counterparty_id) do update set lines = party_account.lines + 1""",
        [row.unit_id, row.other_account, row.bic, party],
    )


def proposed_payment(row: LineRow) -> Payment:
    payment = decode_document(row.proposal)
    assert isinstance(payment, Payment)
    return payment


def unconfirm_line(conn: psycopg.Connection[Any], line_id: int, actor: Actor) -> Outcome | Pending:
    """See above; the line is proposed again as it was. Pending: a policy asks a second person to take the payment out of the books; the
    line is let go when this is said again after that."""
    row = line_by_id(conn, line_id)
    _require(row, "booked")
    with conn.transaction():
        stored = known_document(conn, row.document_key)
        outcome: Outcome | Pending = Outcome(stored.row.id, stored.row.key, stored.row.number, [], changed=False)
        if row.document_key.startswith("bank/") and stored.row.status == "posted":
            outcome = unpost_or_request(conn, row.document_key, actor, active_policies(conn))
            if isinstance(outcome, Pending):
                return outcome
        updated = conn.execute(
            """update bank_line set state = 'proposed', document_id = null, decided_by = ''
               where unit_id = %s and id = %s and state = 'booked'""",
            [row.unit_id, row.id],
        )
        _require_change(updated, row, "booked")
        if row.other_account:
            conn.execute(
                """update party_account set lines = lines - 1 where unit_id = %s and number = %s and lines > 0
                   and counterparty_id = %s""",
                [row.unit_id, row.other_account, stored.row.counterparty_id],
            )
            conn.execute("delete from party_account where unit_id = %s and lines = 0 and not is_typed", [row.unit_id])
        record_audit(conn, actor, "unconfirm_bank_line", unit_id=row.unit_id, document_id=outcome.document_id, line=row.id)
    return outcome


# What people decide ------------------------------------------------------------------------------------------------------


def claim_line(conn: psycopg.Connection[Any], line_id: int, payment: Payment, actor: Actor) -> Payment:
    """The line is this payment, which stays to be confirmed. Its account, amount, direction and key are the line's."""
    row = line_by_id(conn, line_id)
    _require(row, "unclaimed", "proposed")
    amount = parse_amount(payment.amount, row.currency) * (1 if payment.kind in MONEY_IN else -1)
    if amount != row.amount or payment.currency not in ("", row.currency):
        raise DomainError(
            ErrorCode.BANK_LINE_DIFFERS, line=Money(row.amount, row.currency), payment=Money(amount, payment.currency or row.currency)
        )
    key = payment_key(row.unit, _identities(conn, [row])[row.id])
    booked = row.booking_date.isoformat()
    debited = debited_on(line_of(row), payment.kind) if payment.date in ("", booked) else ""
    claimed = msgspec.structs.replace(
        payment, key=key, unit=row.unit, currency=row.currency, bank_account=payment.bank_account or row.account,
        date=payment.date or booked, purpose=payment.purpose or row.purpose, debited=payment.debited or debited,
    )  # fmt: skip
    with conn.transaction():
        _write_claim(conn, row, claimed, (Reason("reason-by-hand", {"author": actor.author}),), actor)
    return claimed


def assign_line(conn: psycopg.Connection[Any], line_id: int, counterparty: str, actor: Actor, *, contract: str = "") -> Payment:
    """The line is that party's (under that contract); what it settles is proposed."""
    row = line_by_id(conn, line_id)
    _require(row, "unclaimed", "proposed")
    ours = next(ours for ours in accounts_of_ours(conn, (row.unit_id,)) if ours.id == row.account_id)
    known = known_to(conn, ours)
    party = next((party for party in known.owners.parties if party.code == counterparty), None)
    if party is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=counterparty, field="counterparty")
    known.rules = ()
    line = line_of(row)
    owner = Owner(party, SURE_BY_HAND, (Reason("reason-by-hand", {"author": actor.author}),))
    _read_about(conn, known, [line], [owner])
    if contract:
        known.contracts = {party.id: [terms for terms in known.contracts.get(party.id, ()) if terms.code == contract]}
    with conn.transaction():
        made = propose(line, owner, known, payment_key(row.unit, _identities(conn, [row])[row.id]))
        payment = made.payment
        if payment is None:
            stored = decode_document(known_document(conn, made.existing).content)
            assert isinstance(stored, Payment)
            payment = stored
        _write_claim(conn, row, payment, made.reasons, actor, made.confidence)
    return payment


def _write_claim(
    conn: psycopg.Connection[Any], row: LineRow, payment: Payment, reasons: tuple[Reason, ...], actor: Actor, confidence: int = SURE_BY_HAND
) -> None:
    updated = conn.execute(
        """update bank_line set state = 'proposed', proposal = %s, reasons = %s, confidence = %s, decided_by = %s,
                  decided_at = clock_timestamp()
           where unit_id = %s and id = %s and state in ('unclaimed', 'proposed')""",
        [_encode(payment).decode(), Jsonb(stored_reasons(reasons)), confidence, actor.author, row.unit_id, row.id],
    )
    _require_change(updated, row, "unclaimed, proposed")
    record_audit(conn, actor, "claim_bank_line", unit_id=row.unit_id, line=row.id, counterparty=payment.counterparty)


def ignore_line(conn: psycopg.Connection[Any], line_id: int, reason: str, actor: Actor) -> None:
    """Nothing is booked of the line. Errors: field_missing without a reason."""
    if not reason.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="reason")
    row = line_by_id(conn, line_id)
    _require(row, "unclaimed", "proposed")
    with conn.transaction():
        updated = conn.execute(
            """update bank_line set state = 'ignored', ignored_because = %s, decided_by = %s, decided_at = clock_timestamp()
               where unit_id = %s and id = %s and state in ('unclaimed', 'proposed')""",
            [reason.strip(), actor.author, row.unit_id, row.id],
        )
        _require_change(updated, row, "unclaimed, proposed")
        record_audit(conn, actor, "ignore_bank_line", unit_id=row.unit_id, line=row.id, reason=reason.strip())


def restore_line(conn: psycopg.Connection[Any], line_id: int, actor: Actor) -> None:
    """An ignored line is open again, with what was proposed for it before; what a person said of an open one is forgotten."""
    row = line_by_id(conn, line_id)
    _require(row, "ignored", "proposed")
    with conn.transaction():
        updated = conn.execute(
            """update bank_line
               set state = case when state = 'ignored' and proposal <> '' then 'proposed' else 'unclaimed' end,
                   proposal = case when state = 'ignored' then proposal else '' end,
                   reasons = case when state = 'ignored' then reasons else '[]' end,
                   confidence = case when state = 'ignored' then confidence else 0 end, ignored_because = '', decided_by = ''
               where unit_id = %s and id = %s and state in ('ignored', 'proposed')""",
            [row.unit_id, row.id],
        )
        _require_change(updated, row, "ignored, proposed")
        record_audit(conn, actor, "restore_bank_line", unit_id=row.unit_id, line=row.id)


def line_by_id(conn: psycopg.Connection[Any], line_id: int) -> LineRow:
    """Errors: unknown_reference."""
    rows = bank_lines(conn, LineFilter(ids=(line_id,)))
    if not rows:
        raise _unknown(line_id)
    return rows[0]


def _unknown(line_id: int) -> DomainError:
    return DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="bank_line", value=str(line_id), field="line")


def _require(row: LineRow, *allowed: str) -> None:
    if row.state not in allowed:
        raise DomainError(ErrorCode.BANK_LINE_STATE, line=row.id, state=row.state, allowed=", ".join(allowed))


def _require_change(updated: psycopg.Cursor[Any], row: LineRow, allowed: str) -> None:
    """The line was changed: nobody decided it meanwhile, and it may be changed by this person."""
    if updated.rowcount == 0:
        raise DomainError(ErrorCode.BANK_LINE_STATE, line=row.id, state=row.state, allowed=allowed)
