"""A round as it is told: by the API, as JSON, as a table of its debts. Amounts are decimal texts of their currency.

Why a debt was cleared or not is told from the certificate: `hindrance` when it took no part; else `verdict`, with the levels of both
parties. With 1 + level(debtor) - level(creditor) > 0 every best solution clears the pair whole, < 0 none clears any of it, = 0 the
order decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np
from psycopg import Connection

from setoff.clearing.cycles import cycles_of
from setoff.clearing.rounds.queries import documents_of, obligations_of, parties_of, positions_of
from setoff.clearing.rounds.records import Obligation, Party, Position, Round
from setoff.clearing.rounds.solving import certificate, verdict
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.language import Language, text


class Told(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A part of an answer: every field is always there."""


class RoundTotal(Told):
    """A currency: what takes part, what is cleared of it, what its debts are less than before for every unit of money saved."""

    currency: str
    debts: int
    amount: str
    cleared: str


class RoundSummary(Told):
    """A round in a list. `effect_on`: since when its debts count as discharged; null: not yet known."""

    code: str
    units: list[str]
    as_of: str
    law: str
    status: str
    solved: int
    input_hash: str
    result_hash: str
    posted_on: str | None
    effect_on: str | None
    effect_basis: str
    reversed_on: str | None
    author: str
    opened_at: str


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
    """A debt. `why`: the hindrance, or the verdict of the certificate (whole, never, edge), empty before the first solution."""

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
    the short ones come first."""

    currency: str
    amount: str
    debts: list[int]
    parties: list[str]


class RoundTold(Told):
    """A round whole. `chains`: for laws and partners that want documents of few parties."""

    round: RoundSummary
    totals: list[RoundTotal]
    parties: list[RoundPartyTold]
    positions: list[RoundPositionTold]
    debts: list[RoundDebtTold]
    documents: list[RoundDocumentTold]
    chains: list[RoundChain]


class WhyTold(Told):
    """Why one debt was cleared or not, in words; `debt` says it in a word, the levels prove it."""

    debt: RoundDebtTold
    debtor_level: int | None
    creditor_level: int | None
    text: str


def summary(found: Round) -> RoundSummary:
    return RoundSummary(
        code=found.code, units=list(found.unit_codes), as_of=found.as_of.isoformat(), law=found.law, status=found.status,
        solved=found.solved, input_hash=found.input_hash, result_hash=found.result_hash, posted_on=_day(found.posted_on),
        effect_on=_day(found.effect_on), effect_basis=found.effect_basis, reversed_on=_day(found.reversed_on), author=found.author,
        opened_at=found.opened_at.isoformat(),
    )  # fmt: skip


def whole_round(conn: Connection[Any], found: Round) -> RoundTold:
    parties, debts, positions = parties_of(conn, found.id), obligations_of(conn, found.id), positions_of(conn, found.id)
    names = {party.no: party.code for party in parties}
    return RoundTold(
        round=summary(found),
        totals=list(_totals(debts)),
        parties=[
            RoundPartyTold(
                code=party.code, name=party.name, tax_id=party.tax_id, is_ours=party.unit_id is not None, consent=party.consent,
                consent_by=party.consent_by, consent_on=_day(party.consent_on),
                is_signed=party.consent == "agreed" and not party.is_asked,
            )
            for party in parties
        ],
        positions=[_position(row, names) for row in positions],
        debts=list(told_debts(found, parties, debts, positions)),
        documents=[
            RoundDocumentTold(
                key=row.key, unit=row.unit, currency=row.currency, is_reversal=row.is_reversal, number=row.number, status=row.status,
                amount=format_amount(row.amount, row.currency),
            )
            for row in documents_of(conn, found.id)
        ],
        chains=list(chains_of(parties, debts)),
    )  # fmt: skip


def told_debts(
    found: Round, parties: Sequence[Party], debts: Iterable[Obligation], positions: Iterable[Position]
) -> Iterator[RoundDebtTold]:
    known = {party.no: party for party in parties}
    levels = {(row.party, row.currency): row.level for row in positions}
    for debt in debts:
        yield RoundDebtTold(
            no=debt.no, debtor=known[debt.debtor].code, creditor=known[debt.creditor].code, currency=debt.currency,
            amount=format_amount(debt.amount, debt.currency), cleared=format_amount(debt.cleared, debt.currency), number=debt.number,
            date=_day(debt.date), due=_day(debt.due), file=debt.file, reference=debt.reference, creditor_confirmed=debt.creditor_confirmed,
            debtor_confirmed=debt.debtor_confirmed, why=_why(found, debt, levels), because=debt.barred_because,
        )  # fmt: skip


def why(conn: Connection[Any], found: Round, number: int, language: Language) -> WhyTold:
    """Why a debt was cleared or not. Errors: unknown_reference."""
    parties, positions = parties_of(conn, found.id), positions_of(conn, found.id)
    debt = next(iter(obligations_of(conn, found.id, number=number)), None) if number else None
    if debt is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="obligation", value=str(number), field="number")
    (told,) = told_debts(found, parties, [debt], positions)
    levels = {row.party: row.level for row in positions if row.currency == debt.currency}
    said = text(
        language, f"round-why-{(told.why or 'unsolved').replace('_', '-')}", debtor=told.debtor, creditor=told.creditor,
        cleared=told.cleared, amount=told.amount, because=told.because,
    )  # fmt: skip
    is_judged = told.why in ("whole", "never", "edge")
    low, high = (levels.get(debt.debtor), levels.get(debt.creditor)) if is_judged else (None, None)
    return WhyTold(debt=told, debtor_level=low, creditor_level=high, text=said)


def chains_of(parties: Iterable[Party], debts: Iterable[Obligation]) -> Iterator[RoundChain]:
    """What is cleared as rings of debts, the shortest first, by currency."""
    known = {party.no: party.code for party in parties}
    by_currency: dict[str, list[Obligation]] = defaultdict(list)
    for debt in debts:
        if debt.cleared:
            by_currency[debt.currency].append(debt)
    for currency, rows in sorted(by_currency.items()):
        debtor, creditor, amounts = (
            np.array(column, np.int64) for column in zip(*((row.debtor, row.creditor, row.cleared) for row in rows), strict=True)
        )
        rings = cycles_of(debtor, creditor, amounts, max(known) + 1)
        for ring, amount in enumerate(rings.amount.tolist()):
            of_ring = [rows[place] for place in rings.arcs[rings.start[ring] : rings.start[ring + 1]]]
            yield RoundChain(
                currency=currency, amount=format_amount(amount, currency), debts=[row.no for row in of_ring],
                parties=[known[row.debtor] for row in of_ring],
            )  # fmt: skip


def certificate_of(conn: Connection[Any], found: Round) -> bytes:
    """The file that proves the result. Errors: round_state while there is none."""
    if found.status == "open":
        raise DomainError(ErrorCode.ROUND_STATE, round=found.code, state=found.status, expected="preliminary, posting, final, reversed")
    return certificate(parties_of(conn, found.id), obligations_of(conn, found.id))


def _why(found: Round, debt: Obligation, levels: Mapping[tuple[int, str], int]) -> str:
    if debt.hindrance:
        return debt.hindrance
    sides = [levels.get((side, debt.currency)) for side in (debt.debtor, debt.creditor)]
    return "" if found.status == "open" or sides[0] is None or sides[1] is None else verdict(sides[0], sides[1])


def _totals(debts: Iterable[Obligation]) -> Iterator[RoundTotal]:
    by_currency: dict[str, list[Obligation]] = defaultdict(list)
    for debt in debts:
        if not debt.hindrance:
            by_currency[debt.currency].append(debt)
    for currency, rows in sorted(by_currency.items()):
        yield RoundTotal(
            currency=currency, debts=len(rows), amount=format_amount(sum(row.amount for row in rows), currency),
            cleared=format_amount(sum(row.cleared for row in rows), currency),
        )  # fmt: skip


def _position(row: Position, names: Mapping[int, str]) -> RoundPositionTold:
    amounts = {name: format_amount(getattr(row, name), row.currency) for name in ("owes", "owed", "cleared")}
    net = format_amount(row.owed - row.owes, row.currency)
    return RoundPositionTold(party=names[row.party], currency=row.currency, level=row.level, net=net, **amounts)


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None
