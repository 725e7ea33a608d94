"""What was cleared, as chain documents: everyone owes the next, the last owes the first, and every debt of a chain goes down by one amount.

    first_chains(rings, "shortest", 500)     some of the rings (cycles.py), for the screen
    chains_of(outcome)                       all of them, with their obligations, for laws and partners that want documents of few

Short chains come first, and take the obligations of a pair in their order (oldest first); so together the chains are exactly what is
cleared of every obligation. A funder is a party of the chains that its money runs through: it owes who borrows, who pays it owes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import numpy as np
import polars as pl

from setoff.clearing.clear import Outcome
from setoff.clearing.cycles import Cycles, cycles_of
from setoff.clearing.network import pairs_of
from setoff.clearing.solve import Integers
from setoff.core.money import format_amount

FUNDER: Final = "*"
"""How the funder is called where nobody named it."""
Order = Literal["shortest", "largest"]


class Chain(NamedTuple):
    """`debts`: places of debts, each owed to the next one's debtor, the last to the first one's."""

    amount: int
    debts: tuple[int, ...]


class ChainPart(NamedTuple):
    """An obligation of a chain, or a part of one; id "" where the funder lends or is paid. Amounts in minor units."""

    debtor: str
    creditor: str
    id: str
    number: str
    due: str
    amount: int


class ChainDocument(NamedTuple):
    """`amount` goes from each of its debts; the parts of a debt, one after another, sum to it."""

    number: int
    currency: str
    amount: int
    parties: int
    parts: list[ChainPart]


def first_chains(rings: Cycles, order: Order, most: int) -> list[Chain]:
    """The shortest (of one length the largest) or the largest (of one amount the shortest); else as they were found."""
    sizes = np.diff(rings.start)
    keys = (-rings.amount, sizes) if order == "shortest" else (sizes, -rings.amount)
    chosen = np.lexsort((np.arange(len(sizes)), *keys))[:most].tolist()
    return [Chain(int(rings.amount[ring]), tuple(rings.arcs[rings.start[ring] : rings.start[ring + 1]].tolist())) for ring in chosen]


def chains_of(outcome: Outcome, funder: str = "") -> Iterator[ChainDocument]:
    """The chains, the shortest first, of one length the largest first."""
    rows = outcome.rows("id", "number", "due", "debtor", "creditor", "cleared").filter(pl.col("cleared") > 0)
    names = [*outcome.parties["party"].to_list(), funder or FUNDER]
    kind = pl.Enum(names[:-1])
    debtor, creditor = (rows[side].cast(kind).to_physical().to_numpy().astype(np.int64) for side in ("debtor", "creditor"))
    cleared = rows["cleared"].to_numpy()
    pairs = pairs_of(debtor, creditor, cleared)
    held, last = len(pairs.amount), len(names) - 1
    lent, paid = (outcome.parties[name].to_numpy() for name in ("borrowed", "paid"))
    borrows, pays = np.flatnonzero(lent), np.flatnonzero(paid)
    tail = np.concatenate((pairs.debtor, np.full(len(borrows), last), pays))
    head = np.concatenate((pairs.creditor, borrows, np.full(len(pays), last)))
    rings = cycles_of(tail, head, np.concatenate((pairs.amount, lent[borrows], paid[pays])), len(names))
    ids, numbers, days = (rows[name].cast(pl.String).fill_null("").to_list() for name in ("id", "number", "due"))
    link, row, part = shared(rings, held, cleared)
    first = np.searchsorted(link, np.arange(len(rings.arcs) + 1))
    sides, sizes, starts = (tail.tolist(), head.tolist()), np.diff(rings.start), rings.start.tolist()
    for number, ring in enumerate(np.lexsort((-rings.amount, sizes)).tolist(), 1):
        begin, end = starts[ring], starts[ring + 1]
        amount, bounds = int(rings.amount[ring]), first[begin : end + 1].tolist()
        rows_of, amounts = row[bounds[0] : bounds[-1]].tolist(), part[bounds[0] : bounds[-1]].tolist()
        parts = []
        for at, arc in enumerate(rings.arcs[begin:end].tolist()):
            ends = names[sides[0][arc]], names[sides[1][arc]]
            if arc >= held:
                parts.append(ChainPart(*ends, "", "", "", amount))
            for k in range(bounds[at] - bounds[0], bounds[at + 1] - bounds[0]):
                place = rows_of[k]
                parts.append(ChainPart(*ends, ids[place], numbers[place], days[place], amounts[k]))
        yield ChainDocument(number, outcome.currency, amount, end - begin, parts)


def shared(rings: Cycles, held: int, cleared: Integers) -> tuple[Integers, Integers, Integers]:
    """Which link of a ring takes how much of which obligation, in the order of the links. Of every pair, its rings in their order (the
    shortest first) and its obligations in theirs are laid side by side: both are what is cleared of the pair."""
    sizes = np.diff(rings.start)
    ring = np.repeat(np.arange(len(sizes)), sizes)
    rank = np.empty(len(sizes), np.int64)
    rank[np.lexsort((-rings.amount, sizes))] = np.arange(len(sizes))
    links = np.flatnonzero(rings.arcs < held)
    links = links[np.lexsort((rank[ring[links]], rings.arcs[links]))]
    taken, given = np.cumsum(rings.amount[ring[links]]), np.cumsum(cleared)
    ends = np.union1d(taken, given)
    link, row = links[np.searchsorted(taken, ends)], np.searchsorted(given, ends)
    order = np.lexsort((row, link))
    return link[order], row[order], np.diff(ends, prepend=0)[order]


def chain_record(chain: ChainDocument) -> dict[str, object]:
    """The chain as JSON: its debts one after another, each with its obligations."""
    debts: list[dict[str, object]] = []
    before: tuple[str, str] | None = None
    for part in chain.parts:
        if (part.debtor, part.creditor) != before:
            before = part.debtor, part.creditor
            debts.append({"debtor": part.debtor, "creditor": part.creditor, "obligations": []})
        listed = debts[-1]["obligations"]
        assert isinstance(listed, list)
        if part.id:
            listed.append({"id": part.id, "number": part.number, "due": part.due, "amount": format_amount(part.amount, chain.currency)})
    head = {"chain": chain.number, "currency": chain.currency, "amount": format_amount(chain.amount, chain.currency)}
    return {**head, "parties": chain.parties, "debts": debts}


def chain_rows(chain: ChainDocument) -> Iterator[tuple[str, ...]]:
    """The chain as lines of a table, one for every obligation: CHAIN_COLUMNS."""
    head = (str(chain.number), str(chain.parties), chain.currency, format_amount(chain.amount, chain.currency))
    for part in chain.parts:
        yield *head, part.debtor, part.creditor, part.id, part.number, part.due, format_amount(part.amount, chain.currency)


CHAIN_COLUMNS: Final = ("chain", "parties", "currency", "chain_amount", "debtor", "creditor", "id", "number", "due", "amount")
