"""A round in the books of our units: posted through the clearing account, final, and reversed.

    finalize_round   one netting document per unit and currency, dated the day of the act; each leaves the clearing account at zero, because
                     what a unit clears as creditor it clears as debtor
    note_receipt     of a round by notice: a party received it, which may decide since when the debts are discharged
    reverse_round    a reversal of each, dated in an open period; the lots have their balance again

Documents go through the gate of approvals: while one waits the round is "posting", and finalizing again looks whether it is posted
now, and asks again for what was refused; so does reversing. What takes it back: cancelling.py. Doing again what is done changes nothing. A
lot that has less left than the round clears of it is refused with the list (round_lots_changed): collect again, solve again. Since when
the debts count as discharged is a rule of the law (trade/set_off_law.py). Errors: unknown_reference, not_permitted, invalid_value,
round_state, round_unsigned, round_lots_changed, and those of posting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.clearing.rounds.queries import documents_of, obligations_of, parties_of
from setoff.clearing.rounds.records import Lot, Obligation, Party, Round, RoundDocument
from setoff.clearing.rounds.services import Consent, locked_round, party_named, refused_state, tell_round, write_consent
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, format_amount
from setoff.settlements.rounds_whole import REVERSAL
from setoff.settlements.services import Outcome, clear_deletion_mark, find_document
from setoff.trade.documents import AdjustmentRow, DebtAdjustment, DebtSide
from setoff.trade.set_off_law import Effect, effect_of

PLACES_SQL: Final = """
  select l.unit_id, l.document_id, l.line, abs(l.residual), d.key, cp.code, coalesce(ct.code, ''), k.relation, k.currency,
         coalesce(substring(n.object from '^order:(.*)$'), substring(n.reg_object from '^order:(.*)$'), ''),
         coalesce(v.content::jsonb ->> 'agreement', v.content::jsonb -> 'rows' -> (l.line - 1) ->> 'agreement', '')
  from unnest(%(units)s::bigint[], %(documents)s::bigint[], %(lines)s::int[]) wanted(unit_id, document_id, line)
  join lot l on (l.unit_id, l.document_id, l.line) = (wanted.unit_id, wanted.document_id, wanted.line)
  join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id and k.contour = 'reg'
  join node n on n.unit_id = l.unit_id and n.id = l.node_id
  join document d on d.unit_id = l.unit_id and d.id = l.document_id
  join version v on v.unit_id = d.unit_id and v.id = d.version_id
  join counterparty cp on cp.id = k.counterparty_id left join contract ct on ct.id = k.contract_id"""
KEEP_SQL: Final = """
  insert into round_document (round_id, unit_id, currency, is_reversal, document_id, amount) values (%s, %s, %s, %s, %s, %s)
  on conflict (round_id, unit_id, currency, is_reversal) do update set document_id = excluded.document_id"""
REVERSED_SQL: Final = """
  update clearing_round set status = 'reversed', changed_at = clock_timestamp(), reversed_on = (
    select max(d.date) from round_document r join document d on d.unit_id = r.unit_id and d.id = r.document_id
    where r.round_id = %(round)s and r.is_reversal)
  where id = %(round)s"""
WAITING_SQL: Final = "select 1 from approval where document_id = %s and state = 'pending' limit 1"


class LotPlace(NamedTuple):
    """Where a lot stands, in the words that a row of an adjustment has for it; `residual` is what is left of it."""

    residual: int
    document: str
    counterparty: str
    contract: str
    relation: str
    currency: str
    order: str
    agreement: str


class Part(NamedTuple):
    """A side of a cleared debt in a unit's books."""

    lot: Lot
    side: DebtSide
    debt: Obligation


class Posted(NamedTuple):
    """The round after a verb, and what was done for each of its documents."""

    round: Round
    outcomes: list[Outcome | Pending]


def finalize_round(conn: Connection[Any], code: str, actor: Actor, rights: Rights, *, on: date | None = None) -> Posted:
    """The preliminary result is posted as of `on` (default: the day of the round). Errors: see above."""
    with conn.transaction():
        found = locked_round(conn, code)
        for unit_id in found.units:
            rights.require("post", unit_id)
        if found.status == "final":
            return Posted(found, [])
        if found.status == "posting":
            return _post_the_rest(conn, found, actor, rights)
        if found.status != "preliminary":
            raise refused_state(found, "preliminary")
        day = on or found.as_of
        if day < found.as_of:
            raise DomainError(ErrorCode.INVALID_VALUE, field="on", value=day.isoformat(), expected=f">= {found.as_of}")
        parties, debts = parties_of(conn, found.id), obligations_of(conn, found.id, cleared=True)
        _require_consents(found, parties)
        parts = _parts(debts)
        places = lot_places(conn, [part.lot for part in parts])
        _require_lots(found, parts, places)
        effect = effect_of_round(found, parties, debts, day)
        conn.execute(
            """update clearing_round set status = 'posting', posted_on = %s, effect_on = %s, effect_basis = %s,
                 changed_at = clock_timestamp() where id = %s""",
            [day, effect.day, effect.basis, found.id],
        )
        outcomes = []
        for (unit_id, currency), rows in _by_unit(parts).items():
            document = _document(found, rights_code(rights, unit_id), currency, day, rows, places)
            _unmark(conn, document.key, actor)
            done = approvals.post(conn, document, actor, rights)
            amount = sum(part.debt.cleared for part in rows if part.side == "they_owe_us")
            conn.execute(KEEP_SQL, [found.id, unit_id, currency, False, done.document_id, amount])
            outcomes.append(done)
        return Posted(_settled(conn, found, actor), outcomes)


def reverse_round(conn: Connection[Any], code: str, actor: Actor, rights: Rights, *, on: date, because: str) -> Posted:
    """Every document of the round is reversed as of `on`; the debts are open again."""
    if not because.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="because")
    with conn.transaction():
        found = locked_round(conn, code)
        for unit_id in found.units:
            rights.require("post", unit_id)
        if found.status == "reversed":
            return Posted(found, [])
        if found.status != "final" or found.posted_on is None:
            raise refused_state(found, "final")
        if on < found.posted_on:
            raise DomainError(ErrorCode.INVALID_VALUE, field="on", value=on.isoformat(), expected=f">= {found.posted_on}")
        outcomes = []
        for kept in _not_reversed(documents_of(conn, found.id)):
            document = DebtAdjustment(
                unit=kept.unit, date=on.isoformat(), kind="netting", key=kept.key + REVERSAL, reverses=kept.key, comment=because
            )
            _unmark(conn, document.key, actor)
            done = approvals.post(conn, document, actor, rights)
            unit_id = rights.require("post", kept.unit)
            conn.execute(KEEP_SQL, [found.id, unit_id, kept.currency, True, done.document_id, kept.amount])
            outcomes.append(done)
        outcomes += _asked_again(conn, documents_of(conn, found.id), actor, rights)
        documents = documents_of(conn, found.id)
        if all(document.status == "posted" for document in documents) and not _not_reversed(documents):
            conn.execute(REVERSED_SQL, {"round": found.id})
        return Posted(tell_round(conn, code, actor, "round_reverse", on=on.isoformat(), because=because), outcomes)


def note_receipt(conn: Connection[Any], code: str, party: str, receipt: Consent, actor: Actor) -> Round:
    """A party received its notice of a round that is posted by notice: as soon as all have, it is known since when the debts count as
    discharged where the law says so (China). Errors: field_missing, round_state, unknown_reference."""
    if not receipt.by.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="by")
    with conn.transaction():
        found = locked_round(conn, code)
        if not found.options.one_sided or found.status not in ("posting", "final") or found.posted_on is None:
            raise refused_state(found, "posting", "final")
        who = party_named(conn, found, party)
        write_consent(conn, found.id, who.no, receipt, who.result_hash)
        effect = effect_of_round(found, parties_of(conn, found.id), obligations_of(conn, found.id, cleared=True), found.posted_on)
        conn.execute("update clearing_round set effect_on = %s, effect_basis = %s where id = %s", [effect.day, effect.basis, found.id])
        return tell_round(conn, code, actor, "round_received", party=party, by=receipt.by, on=receipt.on.isoformat())


def effect_of_round(found: Round, parties: Sequence[Party], debts: Sequence[Obligation], day: date) -> Effect:
    """Since when the debts count as discharged. A notice of a round was received when the last of its parties received it; among units of
    ours alone nobody waits for one."""
    cleared = [debt for debt in debts if debt.cleared]
    involved = {side for debt in cleared for side in (debt.debtor, debt.creditor)}
    received = [party.consent_on for party in parties if party.no in involved and party.unit_id is None]
    last = max((on for on in received if on is not None), default=day) if None not in received else None
    dues = [debt.due for debt in cleared if debt.due is not None]
    return effect_of(found.law, dues, day, one_sided=found.options.one_sided, received=last)


def lot_places(conn: Connection[Any], lots: Sequence[Lot]) -> dict[Lot, LotPlace]:
    """Those of the lots that are in the books."""
    wanted = sorted(set(lots))
    columns = [[lot[place] for lot in wanted] for place in range(3)]
    rows = conn.execute(PLACES_SQL, dict(zip(("units", "documents", "lines"), columns, strict=True)))
    return {Lot(*row[:3]): LotPlace(*row[3:]) for row in rows}


def _parts(debts: Sequence[Obligation]) -> list[Part]:
    parts = []
    for debt in debts:
        if debt.cleared and debt.creditor_lot:
            parts.append(Part(debt.creditor_lot, "they_owe_us", debt))
        if debt.cleared and debt.debtor_lot:
            parts.append(Part(debt.debtor_lot, "we_owe_them", debt))
    return parts


def _by_unit(parts: Sequence[Part]) -> dict[tuple[int, str], list[Part]]:
    found: dict[tuple[int, str], list[Part]] = defaultdict(list)
    for part in parts:
        found[part.lot.unit_id, part.debt.currency].append(part)
    return dict(sorted(found.items()))


def _document(
    found: Round, unit: str, currency: str, day: date, parts: Sequence[Part], places: Mapping[Lot, LotPlace]
) -> DebtAdjustment:  # fmt: skip
    """One row per lot: parts of one lot that met different debts of another unit are one."""
    amounts: dict[tuple[Lot, DebtSide], int] = defaultdict(int)
    for part in parts:
        amounts[part.lot, part.side] += part.debt.cleared
    rows = []
    for (lot, side), amount in amounts.items():
        place = places[lot]
        rows.append(
            AdjustmentRow(
                side=side, counterparty=place.counterparty, amount=format_amount(amount, currency), contract=place.contract,
                agreement=place.agreement, order=place.order, document=place.document, line=lot.line,
                currency="" if place.contract else currency, relation="" if place.contract else place.relation,
            )
        )  # fmt: skip
    return DebtAdjustment(
        unit=unit, date=day.isoformat(), key=f"round/{found.code}/{unit}/{currency}", kind="netting", rows=rows, round=found.code,
        currency=currency, one_sided=found.options.one_sided, reason="notice" if found.options.one_sided else "act",
        reason_document=found.code,
    )  # fmt: skip


def rights_code(rights: Rights, unit_id: int) -> str:
    return next(code for code, number in rights.unit_codes.items() if number == unit_id)


def _require_consents(found: Round, parties: Sequence[Party]) -> None:
    if found.options.needs_consent and (missing := [party for party in parties if party.is_asked]):
        rows = [{"party": party.code, "name": party.name} for party in missing]
        raise DomainError(ErrorCode.ROUND_UNSIGNED, round=found.code, parties=str(len(missing)), rows=rows[:50])


def _require_lots(found: Round, parts: Sequence[Part], places: Mapping[Lot, LotPlace]) -> None:
    """Every lot has at least what the round clears of it. Errors: round_lots_changed."""
    cleared: dict[tuple[Lot, str, str], int] = defaultdict(int)
    for part in parts:
        cleared[part.lot, part.debt.currency, part.debt.number] += part.debt.cleared
    rows = []
    for (lot, currency, number), amount in cleared.items():
        left = places[lot].residual if lot in places else 0
        if left < amount:
            rows.append({"number": number, "cleared": Money(amount, currency), "residual": Money(left, currency)})
    if rows:
        raise DomainError(ErrorCode.ROUND_LOTS_CHANGED, round=found.code, debts=str(len(rows)), rows=rows[:50])


def _post_the_rest(conn: Connection[Any], found: Round, actor: Actor, rights: Rights) -> Posted:
    """Documents that waited: those approved are posted; those refused are asked for again."""
    outcomes = _asked_again(conn, documents_of(conn, found.id), actor, rights)
    return Posted(_settled(conn, found, actor), outcomes)


def _asked_again(conn: Connection[Any], documents: Sequence[RoundDocument], actor: Actor, rights: Rights) -> list[Outcome | Pending]:
    """Those of the documents that are neither posted nor waiting: posted, or asked for."""
    return [
        approvals.post_saved(conn, document.key, actor, rights)
        for document in documents
        if document.status != "posted" and conn.execute(WAITING_SQL, [document.document_id]).fetchone() is None
    ]


def _unmark(conn: Connection[Any], key: str, actor: Actor) -> None:
    """A document that was taken back (cancelling.py) can be posted again."""
    stored = find_document(conn, key)
    if stored is not None and stored.row.deletion_mark:
        clear_deletion_mark(conn, key, actor)


def _settled(conn: Connection[Any], found: Round, actor: Actor) -> Round:
    """Final when every document is posted."""
    waiting = [document for document in documents_of(conn, found.id) if document.status != "posted"]
    if not waiting:
        conn.execute("update clearing_round set status = 'final', changed_at = clock_timestamp() where id = %s", [found.id])
    return tell_round(conn, found.code, actor, "round_post" if waiting else "round_final", waiting=len(waiting))


def _not_reversed(documents: Sequence[RoundDocument]) -> list[RoundDocument]:
    done = {(document.unit, document.currency) for document in documents if document.is_reversal}
    return [document for document in documents if not document.is_reversal and (document.unit, document.currency) not in done]
