"""What the same work costs at least: FIFO in pure numpy, COPY of the same rows, a bare insert and commit of the same rows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]


class Columns(NamedTuple):
    """Facts in order of arrival: the number of their key, their moment, their signed amount in minor units."""

    key: Integers
    moment: Integers
    change: Integers


class Overlaps(NamedTuple):
    """Allocations of all keys: places of the debit and the credit in `Columns`, the amount. Then what is left, by fact."""

    debit: Integers
    credit: Integers
    amount: Integers
    residual: Integers


def numpy_fifo(columns: Columns) -> Overlaps:
    """First in, first out for all keys at once, without a loop: on the axis of cumulative amounts the debits of a key are
    intervals and so are its credits; every overlap of a debit's interval with a credit's is an allocation, and what lies
    beyond the shorter side is open. Keys lie one behind the other on a common axis, each with room for its longer side."""
    order = np.lexsort((columns.moment, columns.key))
    key, change = columns.key[order], columns.change[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    key_no = np.cumsum(np.r_[False, key[1:] != key[:-1]])
    is_debit = change > 0
    owed, paid = np.where(is_debit, change, 0), np.where(is_debit, 0, -change)
    debit_total, credit_total = np.add.reduceat(owed, first), np.add.reduceat(paid, first)
    longer = np.maximum(debit_total, credit_total)
    base = np.cumsum(longer) - longer
    common = base + np.minimum(debit_total, credit_total)

    def ends(amounts: Integers, totals: Integers, chosen: npt.NDArray[np.bool_]) -> Integers:
        return (np.cumsum(amounts) + (base - np.cumsum(totals) + totals)[key_no])[chosen]

    debit_end, credit_end = ends(owed, debit_total, is_debit), ends(paid, credit_total, ~is_debit)
    debit_place, credit_place = np.flatnonzero(is_debit), np.flatnonzero(~is_debit)
    points = np.concatenate(
        (debit_end[debit_end <= common[key_no[debit_place]]], credit_end[credit_end <= common[key_no[credit_place]]])
    )
    points.sort(kind="stable")  # two ascending runs: a merge
    points = points[np.r_[points[:1] > 0, points[1:] != points[:-1]]]
    debit, credit = np.searchsorted(debit_end, points), np.searchsorted(credit_end, points)
    start = np.maximum(np.r_[0, points[:-1]], base[key_no[debit_place[debit]]])
    amount = points - start
    keep = amount > 0
    residual = np.empty_like(change)
    for places, end in ((debit_place, debit_end), (credit_place, credit_end)):
        residual[places] = np.clip(end - common[key_no[places]], 0, np.abs(change[places]))
    unsorted = np.empty_like(residual)
    unsorted[order] = residual
    return Overlaps(order[debit_place[debit[keep]]], order[credit_place[credit[keep]]], amount[keep], unsorted)


def facts_of(columns: Columns) -> tuple[Any, Integers]:
    """The fold's own input from the same columns, and the order that sorted them: every key FIFO by moment, no targets."""
    from setoff.settlements.fold import NO_DUE, Facts

    order = np.lexsort((columns.moment, columns.key))
    key, change = columns.key[order], columns.change[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    length = len(key)
    none: Integers = np.zeros(0, np.int64)
    zeros: Integers = np.zeros(length, np.int64)
    amount = np.abs(change)
    facts = Facts(
        key_start=np.r_[first, length],
        key_order=np.zeros(len(first), np.int64),
        sign=np.sign(change),
        amount=amount,
        book=amount,
        own_value=zeros,
        consume_only=zeros,
        due=np.full(length, NO_DUE),
        rank=columns.moment[order],
        line=zeros + 1,
        target_start=np.zeros(length + 1, np.int64),
        target_first=none,
        target_last=none,
        target_line=none,
        target_amount=none,
        target_rule=none,
    )
    return facts, order
