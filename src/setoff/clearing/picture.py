"""What a network of debts looks like: the largest parties one by one, all others as one debtor and one creditor, and the debts between.

    folded(network, cleared, shown=24) -> Folded(nodes, arrows)
    placed(nodes, arrows)              -> where every node stands, the same for the same nodes whatever the order of the input

A party's size is what it owes and is owed together. The others stand on the side of their net position: who owes more than he is owed among
the other debtors, else among the other creditors; debts between two others of one side are a figure of that node (`inside`), no arrow.
No amount is lost: arrows and insides together are all debts.
Net debtors stand on the left, net creditors on the right, those who have to do with one another together, the largest net position first.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
PARTIES_SHOWN: Final = 24
DEBTORS: Final = -1
CREDITORS: Final = -2
"""In place of a party: all others of that side."""


class Network(NamedTuple):
    """Debts of one currency: one per pair of different parties, minor units. A party is its place in `names`, (code, name)."""

    currency: str
    debtor: Integers
    creditor: Integers
    amount: Integers
    names: list[tuple[str, str]]


class Sums(NamedTuple):
    """By party."""

    owes: Integers
    owed: Integers


class Node(NamedTuple):
    """A party, or all others of a side. Amounts before clearing, and what of them is cleared: as debtor the same as as creditor.
    `inside`: debts among the others of one side, of which `inside_cleared` are cleared."""

    party: int
    members: int
    owes: int
    owed: int
    cleared: int
    inside: int = 0
    inside_cleared: int = 0

    @property
    def net(self) -> int:
        """What is owed to it less what it owes: the same before and after."""
        return self.owed - self.owes


class Arrow(NamedTuple):
    """Debts of one node to another, by their places in the list of nodes."""

    debtor: int
    creditor: int
    amount: int
    cleared: int

    @property
    def left(self) -> int:
        return self.amount - self.cleared


class Folded(NamedTuple):
    """Largest nodes first, then the others; arrows by amount, largest first."""

    nodes: list[Node]
    arrows: list[Arrow]


def sums_of(debtor: Integers, creditor: Integers, amount: Integers, parties: int) -> Sums:
    """What every party owes and is owed. Whole numbers throughout: sums beyond 2**53 are exact."""
    owes, owed = np.zeros(parties, np.int64), np.zeros(parties, np.int64)
    np.add.at(owes, debtor, amount)
    np.add.at(owed, creditor, amount)
    return Sums(owes, owed)


def folded(network: Network, cleared: Integers, *, shown: int = PARTIES_SHOWN) -> Folded:
    """The nodes and arrows of the picture. `cleared`: of every debt, zeros before anything is cleared."""
    parties = len(network.names)
    before = sums_of(network.debtor, network.creditor, network.amount, parties)
    gone = sums_of(network.debtor, network.creditor, cleared, parties).owes
    taking_part = np.flatnonzero(before.owes + before.owed)
    size = (before.owes + before.owed)[taking_part]
    largest = taking_part[np.lexsort((taking_part, -size))][:shown]
    count = len(largest)
    place = np.where(before.owed < before.owes, count, count + 1)
    place[largest] = np.arange(count)
    width = count + 2
    cell = place[network.debtor] * width + place[network.creditor]
    amounts, cleared_amounts = np.zeros(width * width, np.int64), np.zeros(width * width, np.int64)
    np.add.at(amounts, cell, network.amount)
    np.add.at(cleared_amounts, cell, cleared)
    nodes = [_node(int(party), 1, before, gone, np.array([party])) for party in largest]
    for side, number in ((DEBTORS, count), (CREDITORS, count + 1)):
        others = taking_part[place[taking_part] == number]
        if len(others):
            inside = {"inside": int(amounts[number * width + number]), "inside_cleared": int(cleared_amounts[number * width + number])}
            nodes.append(_node(side, len(others), before, gone, others)._replace(**inside))
    return Folded(nodes, _arrows(nodes, amounts, cleared_amounts, count))


def _node(party: int, members: int, before: Sums, gone: Integers, of: NDArray[Any]) -> Node:
    return Node(party, members, int(before.owes[of].sum()), int(before.owed[of].sum()), int(gone[of].sum()))


def _arrows(nodes: list[Node], amounts: Integers, cleared: Integers, count: int) -> list[Arrow]:
    """Of a square of sums: `count` parties, other debtors, other creditors; a side without others has no node."""
    width = count + 2
    node_at = {count + (0 if node.party == DEBTORS else 1): place for place, node in enumerate(nodes) if node.party < 0}
    node_at |= {place: place for place in range(count)}
    found = []
    for cell in np.flatnonzero(amounts).tolist():
        debtor, creditor = divmod(cell, width)
        if debtor != creditor:
            found.append(Arrow(node_at[debtor], node_at[creditor], int(amounts[cell]), int(cleared[cell])))
    return sorted(found, key=lambda arrow: (-arrow.amount, arrow.debtor, arrow.creditor))


class Column(NamedTuple):
    """Nodes from top to bottom, by their places in the list."""

    left: list[int]
    right: list[int]


def placed(found: Folded) -> Column:
    """Net debtors left, net creditors right; parties of one component together, the largest component first; the others at the foot."""
    component = components(found)
    weight: dict[int, int] = {}
    for place, node in enumerate(found.nodes):
        if node.party >= 0:
            weight[component[place]] = weight.get(component[place], 0) + node.owes + node.owed
    rank = {root: number for number, root in enumerate(sorted(weight, key=lambda root: (-weight[root], root)))}

    def order(place: int) -> tuple[int, int, int, int]:
        node = found.nodes[place]
        return (int(node.party < 0), rank.get(component[place], 0), -abs(node.net), place)

    left = [place for place, node in enumerate(found.nodes) if node.net < 0 or node.party == DEBTORS]
    right = [place for place, node in enumerate(found.nodes) if not (node.net < 0 or node.party == DEBTORS)]
    return Column(sorted(left, key=order), sorted(right, key=order))


def components(found: Folded) -> list[int]:
    """By node, the first of those it is connected with by debts among the parties shown; others connect nobody."""
    root = list(range(len(found.nodes)))

    def top(place: int) -> int:
        while root[place] != place:
            place = root[place]
        return place

    for arrow in found.arrows:
        if found.nodes[arrow.debtor].party >= 0 and found.nodes[arrow.creditor].party >= 0:
            first, second = sorted((top(arrow.debtor), top(arrow.creditor)))
            root[second] = first
    return [top(place) for place in range(len(root))]
