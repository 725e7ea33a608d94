"""What a round clears: the debts that take part, as a network, solved and spread to the debts by the rules of `clearing/clear.py`.

A debt takes part when it has no hindrance (queries.py). The round's choices (caps, length of rings, what to prefer) hold as they do for
`setoff clear`: of the largest totals of a currency the preferred one is taken, then the one with the fewest partly cleared; debts are named
by where they stand, so nothing depends on the order in which they came. `certificate` is the file that proves the result to an outsider.

The debts are columns from the database to the solver and back: a round of a million debts is never a million objects.
Errors: those of `clear`; unknown_reference (a cap, or the exclusion, of a party that the round does not have).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from io import BytesIO
from typing import Any, Final, NamedTuple

import msgspec
import polars as pl
from psycopg import Connection

from setoff.clearing.choices import Choices
from setoff.clearing.clear import Outcome, clear, prepared
from setoff.clearing.held import Rows
from setoff.clearing.obligations import input_hash, ordered
from setoff.clearing.results import write_result
from setoff.clearing.rounds.queries import OF_DEBTS_SQL
from setoff.clearing.rounds.records import Obligation, Options, Party, Position, Round
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount

SCHEMA: Final = {
    "id": pl.String, "debtor": pl.String, "creditor": pl.String, "amount": pl.Int64, "currency": pl.String, "due": pl.Date,
    "number": pl.String, "priority": pl.Int64,
}  # fmt: skip
TAKING_PART_SQL: Final = f"""
  copy (
    select case when o.file <> '' then o.file || ':' || o.reference else
             coalesce(o.debtor_unit_id || '.' || o.debtor_document_id || '.' || o.debtor_line, '') || '>'
             || coalesce(o.creditor_unit_id || '.' || o.creditor_document_id || '.' || o.creditor_line, '') end,
           d.code, c.code, o.amount, o.currency, o.due, o.number, o.priority, o.no, o.cleared
    {OF_DEBTS_SQL} where o.round_id = %s and h.hindrance = '') to stdout (format csv, force_quote *, null '\\N')"""


class Solution(NamedTuple):
    """`cleared`: columns no and cleared of what is cleared; positions of every party and currency that take part; `bounds`: by currency,
    what rings of any length would clear; hashes as hexadecimal digits, those of `party_hashes` by number of party."""

    cleared: pl.DataFrame
    positions: list[Position]
    bounds: dict[str, int]
    input_hash: str
    result_hash: str
    party_hashes: dict[int, str]


def debts_taking_part(conn: Connection[Any], round_id: int) -> pl.DataFrame:
    """The debts of a round that take part, as obligations in their order; `no` is their number in the round, `was_cleared` what the last
    solution cleared of them."""
    buffer = BytesIO()
    with conn.cursor() as cursor, cursor.copy(TAKING_PART_SQL, [round_id]) as copied:
        for block in copied:
            buffer.write(block)
    schema = {**SCHEMA, "no": pl.Int64, "was_cleared": pl.Int64}
    if not buffer.tell():
        return pl.DataFrame(schema=schema)
    found = pl.read_csv(buffer.getvalue(), has_header=False, schema=schema, null_values="\\N")
    return ordered(found.with_columns(pl.col(pl.String).fill_null("")))


def solve(parties: Iterable[Party], debts: pl.DataFrame, options: Options) -> Solution:
    """The largest total that can be cleared in every currency while everyone's net position stays as it is. `debts`: those that take
    part, in their order."""
    numbers = {party.code: party.no for party in parties}
    for name in (name for name in options.excluded if name not in numbers):
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="party", value=name, field="excluded")
    outcomes = clear(debts, choices_of_round(options, debts, numbers.keys()))
    columns = ["no", "id", "debtor", "creditor", "cleared"]
    rows = [outcome.obligations.filter(pl.col("cleared") > 0).select(columns) for outcome in outcomes]
    cleared = pl.concat(rows) if rows else pl.DataFrame(schema=dict.fromkeys(columns, pl.Int64))
    positions = [position for outcome in outcomes for position in _positions(outcome, numbers)]
    by_id = dict(cleared.select("id", "cleared").iter_rows())
    return Solution(
        cleared.select("no", "cleared"), positions, {outcome.currency: outcome.bound for outcome in outcomes}, input_hash(debts),
        result_hash(by_id.items()), _party_hashes(cleared, numbers),
    )  # fmt: skip


def outcomes_of(debts: pl.DataFrame, positions: Iterable[Position], parties: Iterable[Party], found: Round) -> list[Outcome]:
    """The kept result of a round as the solver gave it; nothing is solved again. `debts`: those that take part, in their order."""
    names = {party.no: party.code for party in parties}
    choices = choices_of_round(found.options, debts, set(names.values()))
    levels: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for row in positions:
        levels[row.currency].append((names[row.party], row.level, row.level_out))
    marked = debts.drop("no").rename({"was_cleared": "cleared"}).with_columns(pl.lit("").alias("excluded"))
    outcomes = []
    for (currency,), frame in marked.group_by(["currency"], maintain_order=True):
        case = prepared(str(currency), frame, choices)
        schema = {"party": pl.String, "level": pl.Int64, "level_out": pl.Int64}
        told = pl.DataFrame(levels[str(currency)], schema=schema, orient="row").sort("party")
        none = [pl.lit(0, pl.Int64).alias(name) for name in ("borrowed", "paid")]
        cleared = int(frame["cleared"].sum())
        outcomes.append(Outcome(
            currency=str(currency), rows=Rows.of(frame.select(*SCHEMA, "excluded", "cleared")), parties=told.with_columns(none),
            debt=case.debt, eligible=case.debt, cleared=cleared, bound=found.bounds.get(str(currency), cleared),
            pairs=len(case.pairs.amount), caps=case.caps, liquidity=0, cycle_max=found.options.cycle_max, funder_levels=(0, 0),
        ))  # fmt: skip
    return outcomes


def certificate(outcomes: list[Outcome], debts: pl.DataFrame, parties: Iterable[Party], options: Options) -> bytes:
    """The result as a file that `setoff clear --verify` checks (clearing/results.py)."""
    file = BytesIO()
    write_result(file, outcomes, choices_of_round(options, debts, {party.code for party in parties}))
    return file.getvalue()


def choices_of_round(options: Options, debts: pl.DataFrame, known: Collection[str]) -> Choices:
    """How much is cleared, and which of equal totals. What takes part is decided before. A cap of a party that the round has, but of
    which nothing takes part, has no effect. Errors: unknown_reference."""
    for name in (name for cap in options.caps for name in cap[:2] if name and name not in known):
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="party", value=name, field="caps")
    there = set(debts["debtor"].unique()) | set(debts["creditor"].unique())
    caps = tuple(cap for cap in options.caps if there.issuperset(filter(None, cap[:2])))
    return Choices(prefer=options.prefer, cycle_max=options.cycle_max, caps=caps)


def debt_id(debt: Obligation) -> str:
    """What names a debt whatever its number in the round: unit, document and line of its lots, or its id in its file."""
    if debt.file:
        return f"{debt.file}:{debt.reference}"
    return ">".join(".".join(map(str, lot)) if lot else "" for lot in (debt.debtor_lot, debt.creditor_lot))


def obligations_frame(parties: Mapping[int, Party], debts: Mapping[str, Obligation]) -> pl.DataFrame:
    """The debts as obligations of a network, in their order."""
    rows = [
        (name, parties[debt.debtor].code, parties[debt.creditor].code, debt.amount, debt.currency, debt.due, debt.number, debt.priority)
        for name, debt in debts.items()
    ]
    return ordered(pl.DataFrame(rows, schema=SCHEMA, orient="row"))


def result_hash(cleared: Iterable[tuple[str, int]]) -> str:
    """sha256 of what is cleared, by id of the debt: the same for the same debts in any order."""
    return hashlib.sha256(msgspec.json.encode(sorted(cleared))).hexdigest()


def _party_hashes(cleared: pl.DataFrame, numbers: Mapping[str, int]) -> dict[int, str]:
    """What is cleared for every party that something is cleared for."""
    of_party: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name, debtor, creditor, amount in cleared.select("id", "debtor", "creditor", "cleared").iter_rows():
        of_party[debtor].append((name, amount))
        of_party[creditor].append((name, amount))
    return {numbers[code]: result_hash(rows) for code, rows in of_party.items()}


def _positions(outcome: Outcome, numbers: Mapping[str, int]) -> Iterable[Position]:
    """What the round means for every party of a currency."""
    both = pl.struct(pl.col("amount").sum(), pl.col("cleared").sum()).alias("sums")
    sums = {side: dict(outcome.obligations.group_by(side).agg(both).iter_rows()) for side in ("debtor", "creditor")}
    none = {"amount": 0, "cleared": 0}
    most = {cap["party"]: parse_amount(cap["amount"], outcome.currency) for cap in outcome.caps if not cap["creditor"]}
    for code, level, level_out in outcome.parties.select("party", "level", "level_out").iter_rows():
        owes, owed = sums["debtor"].get(code, none), sums["creditor"].get(code, none)
        assert owes["cleared"] == owed["cleared"], "a set-off leaves every net position as it was"
        at_cap = code in most and owes["cleared"] >= most[code]
        yield Position(numbers[code], outcome.currency, level, owes["amount"], owed["amount"], owes["cleared"], level_out, at_cap)
