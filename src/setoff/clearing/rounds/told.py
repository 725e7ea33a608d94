"""A round as it is told: by the API, as JSON, as a table of its debts. Amounts are decimal texts of their currency.

Why a debt was cleared or not is a word here (queries.WHY_SQL): its hindrance when it took no part; else what the levels of both parties
alone say of it. The whole answer for one debt: reasons.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import polars as pl
from psycopg import Connection

from setoff.clearing.chains import chains_of
from setoff.clearing.clear import Outcome
from setoff.clearing.rounds.lists import DebtFilter, debt_totals, progress_of
from setoff.clearing.rounds.queries import documents_of, obligations_of, parties_of, positions_of, whys_of
from setoff.clearing.rounds.records import Obligation, Options, Party, Position, Round
from setoff.clearing.rounds.solving import certificate, debt_id, debts_taking_part, outcomes_of
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount


class Told(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A part of an answer: every field is always there."""


class RoundTotal(Told):
    """A currency: what takes part, what is cleared of it; `bound`: the most that could be, in rings of any length, null before the first
    solution."""

    currency: str
    debts: int
    amount: str
    cleared: str
    bound: str | None


class RoundCapTold(Told):
    """At most `amount` of a party, or of what it owes to `creditor`; without `currency` in every one."""

    party: str
    creditor: str
    amount: str
    currency: str


class RoundChoices(Told):
    """What takes part in a round, how much of it, and which of equal totals."""

    confirmation: str
    needs_consent: bool
    one_sided: bool
    from_books: bool
    due_only: bool
    age_days_min: int
    minimum: str
    excluded: list[str]
    caps: list[RoundCapTold]
    cycle_max: int
    prefer: str


class RoundSummary(Told):
    """A round in a list. `effect_on`: since when its debts count as discharged; null: not yet known. `is_stale`: something was changed
    since it was solved, so what is cleared is the result of before."""

    code: str
    units: list[str]
    as_of: str
    law: str
    status: str
    solved: int
    is_stale: bool
    input_hash: str
    result_hash: str
    posted_on: str | None
    effect_on: str | None
    effect_basis: str
    reversed_on: str | None
    author: str
    opened_at: str
    choices: RoundChoices


class RoundPartyTold(Told):
    """A party. `is_signed`: it agreed to what is cleared for it now; units of ours agree by posting."""

    code: str
    name: str
    tax_id: str
    is_ours: bool
    consent: str
    consent_by: str
    consent_on: str | None
    is_signed: bool


class RoundPositionTold(Told):
    """What the round means for a party in a currency: `level` is its part of the certificate; `net` is the same before and after."""

    party: str
    currency: str
    level: int
    owes: str
    owed: str
    cleared: str
    net: str


class RoundDebtTold(Told):
    """A debt. `why`: the hindrance, or what the certificate says (no_claims, no_debts, whole, never, edge, capped; short_full and
    short in rounds of short rings), empty before the first solution."""

    no: int
    debtor: str
    creditor: str
    currency: str
    amount: str
    cleared: str
    number: str
    date: str | None
    due: str | None
    file: str
    reference: str
    creditor_confirmed: str
    debtor_confirmed: str
    why: str
    because: str


class RoundDocumentTold(Told):
    """A document of the round in our books; `amount` is cleared as debtor and the same as creditor."""

    key: str
    unit: str
    currency: str
    is_reversal: bool
    number: str
    status: str
    amount: str


class RoundChain(Told):
    """A ring of debts, each cleared by `amount`: the creditor of one is the debtor of the next. Together the chains are what is cleared;
    the short ones come first. `number` names its document; `debts` by their numbers, of a pair as many as it takes to make the amount."""

    number: int
    currency: str
    amount: str
    debts: list[int]
    parties: list[str]


class RoundTold(Told):
    """A round. A large one is told in part: there are `parties_count` parties and `debts_count` debts in all."""

    round: RoundSummary
    totals: list[RoundTotal]
    parties: list[RoundPartyTold]
    parties_count: int
    positions: list[RoundPositionTold]
    debts: list[RoundDebtTold]
    debts_count: int
    documents: list[RoundDocumentTold]


def summary(found: Round) -> RoundSummary:
    return RoundSummary(
        code=found.code, units=list(found.unit_codes), as_of=found.as_of.isoformat(), law=found.law, status=found.status,
        solved=found.solved, is_stale=found.is_stale, input_hash=found.input_hash, result_hash=found.result_hash,
        posted_on=_day(found.posted_on), effect_on=_day(found.effect_on), effect_basis=found.effect_basis,
        reversed_on=_day(found.reversed_on), author=found.author,
        opened_at=found.opened_at.isoformat(), choices=choices_told(found.options),
    )  # fmt: skip


def choices_told(options: Options) -> RoundChoices:
    caps = [RoundCapTold(party=cap.party, creditor=cap.creditor, amount=cap.amount, currency=cap.currency) for cap in options.caps]
    said = {name: getattr(options, name) for name in Options.__struct_fields__ if name not in ("excluded", "caps")}
    return RoundChoices(**said, excluded=list(options.excluded), caps=caps)


def whole_round(conn: Connection[Any], found: Round, *, most: int | None = None) -> RoundTold:
    """With all parties and debts, or the first `most` of each."""
    parties, positions = parties_of(conn, found.id), positions_of(conn, found.id)
    names = {party.no: party.code for party in parties[:most]}
    return RoundTold(
        round=summary(found),
        totals=totals_told(conn, found),
        parties=[
            RoundPartyTold(
                code=party.code, name=party.name, tax_id=party.tax_id, is_ours=party.unit_id is not None, consent=party.consent,
                consent_by=party.consent_by, consent_on=_day(party.consent_on),
                is_signed=party.consent == "agreed" and not party.is_asked,
            )
            for party in parties[:most]
        ],
        parties_count=len(parties),
        positions=[_position(row, names) for row in positions if row.party in names],
        debts=debts_told(conn, found, parties, limit=most),
        debts_count=progress_of(conn, found.id).debts,
        documents=[
            RoundDocumentTold(
                key=row.key, unit=row.unit, currency=row.currency, is_reversal=row.is_reversal, number=row.number, status=row.status,
                amount=format_amount(row.amount, row.currency),
            )
            for row in documents_of(conn, found.id)
        ],
    )  # fmt: skip


def debts_told(
    conn: Connection[Any], found: Round, parties: Sequence[Party], *, after: int = 0, limit: int | None = None
) -> list[RoundDebtTold]:
    """Debts by number, the first so many after one."""
    debts = obligations_of(conn, found.id, after=after, limit=limit)
    return list(told_debts(parties, debts, whys_of(conn, found.id, after=after, limit=limit)))


def totals_told(conn: Connection[Any], found: Round) -> list[RoundTotal]:
    """Of every currency in which anything takes part."""
    return [
        RoundTotal(
            currency=total.currency, debts=total.taking_part, amount=format_amount(total.part, total.currency),
            cleared=format_amount(total.cleared, total.currency),
            bound=format_amount(found.bounds[total.currency], total.currency)
            if total.currency in found.bounds and found.status != "open" else None,
        )
        for total in debt_totals(conn, found.id, DebtFilter()) if total.taking_part
    ]  # fmt: skip


def told_debts(parties: Sequence[Party], debts: Iterable[Obligation], whys: Mapping[int, str]) -> Iterator[RoundDebtTold]:
    known = {party.no: party.code for party in parties}
    for debt in debts:
        yield RoundDebtTold(
            no=debt.no, debtor=known[debt.debtor], creditor=known[debt.creditor], currency=debt.currency,
            amount=format_amount(debt.amount, debt.currency), cleared=format_amount(debt.cleared, debt.currency), number=debt.number,
            date=_day(debt.date), due=_day(debt.due), file=debt.file, reference=debt.reference, creditor_confirmed=debt.creditor_confirmed,
            debtor_confirmed=debt.debtor_confirmed, why=whys.get(debt.no, ""), because=debt.barred_because,
        )  # fmt: skip


def told_chains(outcomes: Iterable[Outcome], debts: Iterable[Obligation]) -> Iterator[RoundChain]:
    """All chains, by currency, numbered through."""
    numbers = {debt_id(debt): debt.no for debt in debts}
    made = (chain for outcome in outcomes for chain in chains_of(outcome))
    for number, chain in enumerate(made, 1):
        yield RoundChain(
            number=number, currency=chain.currency, amount=format_amount(chain.amount, chain.currency),
            debts=[numbers[part.id] for part in chain.parts], parties=list(dict.fromkeys(part.debtor for part in chain.parts)),
        )  # fmt: skip


def result_of(conn: Connection[Any], found: Round) -> list[Outcome]:
    """The result of a round, by currency. Errors: round_state while there is none."""
    return _result(conn, found)[0]


def certificate_of(conn: Connection[Any], found: Round) -> bytes:
    """The file that proves the result. Errors: round_state while there is none."""
    outcomes, debts, parties = _result(conn, found)
    return certificate(outcomes, debts, parties, found.options)


def _result(conn: Connection[Any], found: Round) -> tuple[list[Outcome], pl.DataFrame, list[Party]]:
    if found.status == "open":
        raise DomainError(ErrorCode.ROUND_STATE, round=found.code, state=found.status, expected="preliminary, posting, final, reversed")
    debts, parties = debts_taking_part(conn, found.id), parties_of(conn, found.id)
    return outcomes_of(debts, positions_of(conn, found.id), parties, found), debts, parties


def _position(row: Position, names: Mapping[int, str]) -> RoundPositionTold:
    amounts = {name: format_amount(getattr(row, name), row.currency) for name in ("owes", "owed", "cleared")}
    net = format_amount(row.owed - row.owes, row.currency)
    return RoundPositionTold(party=names[row.party], currency=row.currency, level=row.level, net=net, **amounts)


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
