"""What clearing gains: in all, for every party, and why the rest stays.

    totals(network, cleared)                 debts before, cleared, left, how many parties and pairs it touches
    party_gains(network, cleared)            by party: debts and claims before and after; the net position is the same
    what_stays(network, cleared, levels)     the debts that are left, by the reason why no set-off could clear more of them

Why a debt stays is read from the certificate, the first of these that holds:
    debtor_has_no_claims     nobody owes anything to the debtor: he has nothing to set off with
    creditor_has_no_debts    the creditor owes nobody: he has nothing to set off against
    no_way_back              levels: 1 + level(debtor) - level(creditor) < 0. Whatever set-off clears of it, clears less in all
    used_up                  the same is 0: its chains are used up by other debts in them. Another choice could clear more of it, and then
                             as much less of others
A debt with more than 0 is cleared in full and does not stay. The solver proves its result by these levels before it gives it (solve.py).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from setoff.clearing.picture import Integers, Network, sums_of

REASONS: Final = ("debtor_has_no_claims", "creditor_has_no_debts", "no_way_back", "used_up")


class Totals(NamedTuple):
    """Minor units. `parties` have a debt or claim, `parties_cleared` clear something; `pairs` of a debtor and a creditor, of which
    `pairs_closed` owe nothing any more and `pairs_reduced` owe less."""

    debts: int
    cleared: int
    parties: int
    parties_cleared: int
    pairs: int
    pairs_closed: int
    pairs_reduced: int

    @property
    def left(self) -> int:
        return self.debts - self.cleared


class PartyGain(NamedTuple):
    """A party is its place in the network's names; what it clears as a debtor it clears as a creditor."""

    party: int
    owes: int
    owed: int
    cleared: int

    @property
    def owes_after(self) -> int:
        return self.owes - self.cleared

    @property
    def owed_after(self) -> int:
        return self.owed - self.cleared

    @property
    def net(self) -> int:
        return self.owed - self.owes


class Stay(NamedTuple):
    """Debts that stay for one reason, and the largest of them: places in the network, largest first."""

    reason: str
    pairs: int
    amount: int
    largest: list[int]


def totals(network: Network, cleared: Integers) -> Totals:
    left = network.amount - cleared
    sums = sums_of(network.debtor, network.creditor, network.amount, len(network.names))
    gone = sums_of(network.debtor, network.creditor, cleared, len(network.names))
    return Totals(
        int(network.amount.sum()), int(cleared.sum()), int(np.count_nonzero(sums.owes + sums.owed)), int(np.count_nonzero(gone.owes)),
        len(network.amount), int(np.count_nonzero(left == 0)), int(np.count_nonzero((left > 0) & (cleared > 0))),
    )  # fmt: skip


def party_gains(network: Network, cleared: Integers, *, only: NDArray[np.int64] | None = None, first: int | None = None) -> list[PartyGain]:
    """Parties with debts or claims (of `only`, when given), who clears most first, then the largest; `first`: so many of them."""
    parties = len(network.names)
    sums = sums_of(network.debtor, network.creditor, network.amount, parties)
    gone = sums_of(network.debtor, network.creditor, cleared, parties).owes
    size = sums.owes + sums.owed
    chosen = np.flatnonzero(size) if only is None else only[size[only] > 0]
    chosen = chosen[np.lexsort((chosen, -size[chosen], -gone[chosen]))][:first]
    return [PartyGain(party, int(sums.owes[party]), int(sums.owed[party]), int(gone[party])) for party in chosen.tolist()]


def what_stays(network: Network, cleared: Integers, levels: Integers, *, largest: int = 5) -> list[Stay]:
    """The reasons that hold for something, in their order. Together they are all that is left."""
    left = network.amount - cleared
    sums = sums_of(network.debtor, network.creditor, network.amount, len(network.names))
    slack = 1 + levels[network.debtor] - levels[network.creditor]
    holds = (sums.owed[network.debtor] == 0, sums.owes[network.creditor] == 0, slack < 0, np.ones(len(left), np.bool_))
    why = np.select(holds, range(len(REASONS)))
    found = []
    for number, reason in enumerate(REASONS):
        places = np.flatnonzero((why == number) & (left > 0))
        if len(places):
            top = places[np.lexsort((places, -left[places]))][:largest]
            found.append(Stay(reason, len(places), int(left[places].sum()), top.tolist()))
    return found
