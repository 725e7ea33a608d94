"""Why a debt of a round was cleared, in part, or not at all: its hindrance, or the answer of `clearing/why.py` with its proof.

The network is read from the database by pairs of debtor and creditor, with the levels and the caps of the round; nothing is solved again,
and a round of a million debts is never a million objects. Parties are called by their names, two of one name by name and code.
Errors: unknown_reference (no such debt; of a pair: it owes nothing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from psycopg import Connection

from setoff.clearing.choices import Choices
from setoff.clearing.clear import caps_of, numbered
from setoff.clearing.network import pairs_of
from setoff.clearing.rounds.queries import OF_DEBTS_SQL, obligations_of, parties_of, positions_of, why_of
from setoff.clearing.rounds.records import Obligation, Party, Round
from setoff.clearing.rounds.told import RoundDebtTold, Told, told_debts
from setoff.clearing.summary import why_told
from setoff.clearing.why import PROVED, Case, Stand, Why, answered, case_made
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.language import Language, money_text, text

PAIRS_SQL: Final = f"""
  select o.debtor, o.creditor, sum(o.amount)::bigint, sum(o.cleared)::bigint
  {OF_DEBTS_SQL} where o.round_id = %s and o.currency = %s and h.hindrance = '' group by 1, 2 order by 1, 2"""


class RoundInstead(Told):
    """A debtor and a creditor whose debts an equally large set-off would clear more, or less, in place of the debt."""

    debtor: str
    creditor: str


class WhyTold(Told):
    """Why one debt was cleared or not. `answer`: the hindrance, or one of always, chosen, no_claims, no_debts, no_chain, capped, never,
    queued, most, most_pair, shared, behind, short, short_full; empty while the round is not solved. `pair_amount` and `pair_cleared`: of
    all debts of the debtor to the creditor that take part. `limit` of `limited` (a party, or empty for the pair): the cap that is used up.
    The levels, where the answer is proved by them, prove it: `proof` says how. Parties by name."""

    debt: RoundDebtTold
    answer: str
    debtor: str
    creditor: str
    pair_amount: str | None
    pair_cleared: str | None
    limited: str
    limit: str | None
    instead: list[RoundInstead]
    debtor_level: int | None
    creditor_level: int | None
    text: str
    proof: str


class PairCase(NamedTuple):
    """A currency of a round as a solved network; places of parties by their number."""

    case: Case
    places: dict[int, int]


def why(conn: Connection[Any], found: Round, number: int, language: Language) -> WhyTold:
    """Why the debt of that number was cleared or not, in words too. Errors: unknown_reference."""
    debt = next(iter(obligations_of(conn, found.id, number=number)), None) if number else None
    if debt is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="obligation", value=str(number), field="number")
    parties = parties_of(conn, found.id)
    names = called(parties)
    (told,) = told_debts(parties, [debt], {number: why_of(conn, found.id, number)})
    if debt.hindrance or found.status == "open":
        answer = debt.hindrance
        ends = {"debtor": names[debt.debtor], "creditor": names[debt.creditor]}
        said = text(language, f"round-why-{(answer or 'unsolved').replace('_', '-')}", because=debt.barred_because, **ends)
        return WhyTold(
            debt=told, answer=answer, pair_amount=None, pair_cleared=None, limited="", limit=None, instead=[], debtor_level=None,
            creditor_level=None, text=said, proof="", **ends,
        )  # fmt: skip
    return _told(told, debt_why(conn, found, debt, parties), language)


def debt_why(conn: Connection[Any], found: Round, debt: Obligation, parties: Sequence[Party]) -> Why:
    """Of a debt that takes part in a solved round."""
    case, places = pair_case(conn, found, debt.currency, parties)
    ends = places[debt.debtor], places[debt.creditor]
    said = Why("", "", debt.currency, case.names[ends[0]], case.names[ends[1]], debt.amount, debt.cleared)
    return answered(case, ends, said, found.options.cycle_max)


def pair_why(conn: Connection[Any], found: Round, currency: str, ends: tuple[str, str]) -> Why:
    """Of all that one party owes another, as far as it takes part in a solved round; parties by code. Errors: unknown_reference."""
    parties = parties_of(conn, found.id)
    case, places = pair_case(conn, found, currency, parties)
    by_code = {party.code: places[party.no] for party in parties if party.no in places}
    debtor, creditor = (by_code.get(code, -1) for code in ends)
    own = np.flatnonzero((case.pairs.debtor == debtor) & (case.pairs.creditor == creditor))
    if not len(own):
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="obligation", value=" > ".join(ends), field="creditor")
    amount, cleared = int(case.pairs.amount[own[0]]), int(case.solved.flow[own[0]])
    said = Why("", "", currency, case.names[debtor], case.names[creditor], amount, cleared)
    return answered(case, (debtor, creditor), said, found.options.cycle_max)


def pair_case(conn: Connection[Any], found: Round, currency: str, parties: Sequence[Party]) -> PairCase:
    """The debts that take part, by pairs, with what the round cleared of them, its caps and its levels."""
    rows = conn.execute(PAIRS_SQL, [found.id, currency]).fetchall()
    there = {party for row in rows for party in row[:2]}
    shown = called(parties)
    own = [party for party in parties if party.no in there]
    places = {party.no: place for place, party in enumerate(own)}
    columns = [(places[debtor], places[creditor], amount, cleared) for debtor, creditor, amount, cleared in rows]
    debtor, creditor, amount, cleared = np.array(columns, np.int64).reshape(-1, 4).T.copy()
    codes = [party.code for party in own]
    caps = numbered(caps_of(currency, codes, Choices(caps=found.options.caps)), codes, currency)
    levels = {row.party: (row.level, row.level_out) for row in positions_of(conn, found.id) if row.currency == currency}
    level, level_out = np.array([levels[party.no] for party in own], np.int64).reshape(-1, 2).T.copy()
    none = np.zeros(len(own), np.int64)
    names = [shown[party.no] for party in own]
    return PairCase(case_made(names, pairs_of(debtor, creditor, amount), cleared, caps, Stand(level, level_out, none, none)), places)


def called(parties: Sequence[Party]) -> dict[int, str]:
    """What parties are called, by number: by name; where another has it too, or there is none, with the code."""
    times = Counter(party.name for party in parties)
    return {
        party.no: party.name if party.name and times[party.name] == 1 else f"{party.name} ({party.code})" if party.name else party.code
        for party in parties
    }  # fmt: skip


def _told(debt: RoundDebtTold, found: Why, language: Language) -> WhyTold:
    answer, *proof = why_told(found, language)
    amounts = {name: money_text(language, getattr(found, name), found.currency) for name in ("cleared", "amount")}
    is_proved = found.answer in PROVED
    limit = format_amount(found.limit, found.currency) if found.answer == "capped" else None
    return WhyTold(
        debt=debt, answer=found.answer, debtor=found.debtor, creditor=found.creditor,
        pair_amount=format_amount(found.pair_amount, found.currency), pair_cleared=format_amount(found.pair_cleared, found.currency),
        limited=found.limited, limit=limit, instead=[RoundInstead(debtor=debtor, creditor=creditor) for debtor, creditor in found.instead],
        debtor_level=found.debtor_level if is_proved else None, creditor_level=found.creditor_level if is_proved else None,
        text=text(language, "round-why-told", answer=answer, currency=found.currency, **amounts), proof=" ".join(proof),
    )  # fmt: skip
