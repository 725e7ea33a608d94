"""A network on the bench: columns for the loops of `primal_dual.py`, as lists for the interpreter or as arrays for compiled code.

    work = Work(debtor, creditor, amount, largest gain, parties, fast=True)
    work.set_gain(...); work.improve(); work.flow(), work.levels()
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from setoff.clearing import primal_dual as loops
from setoff.clearing.compiled import compiled

Integers = NDArray[np.int64]
Numbers = NDArray[np.int32]
DIGIT_BITS: Final = 2
"""Bits of the gains that are solved at once."""
NARROW: Final = 1 << 30
"""Numbers below it take 32 bits."""


class Work:
    """Debts stand by debtor. Nothing is cleared at first, levels are 0."""

    def __init__(
        self, debtor: Numbers, creditor: Numbers, amount: Integers, largest: int, parties: int, *, fast: bool, span: int = 0
    ) -> None:  # fmt: skip
        """`span`: of how many debts a way between two parties can consist, where debts stand for several (`refining.py`)."""
        self._fast = fast
        owed = np.argsort(creditor, kind="stable").astype(np.int32)
        columns: tuple[NDArray[Any], ...] = (
            starts_of(debtor, parties), creditor, starts_of(creditor, parties), owed, debtor[owed], amount,
        )  # fmt: skip
        self._debts = loops.Debts(*map(self._column, columns))
        self._owed = owed
        self._kind = np.int32 if (2 * max(parties, span) + 2) * (largest + 1) < NARROW else np.int64
        self._farthest = span << DIGIT_BITS if span else parties * min(1 << DIGIT_BITS, largest + 1)
        self._state = self._begun(len(amount), parties)
        self._factor = 1

    def _column(self, column: NDArray[Any]) -> Any:
        return column if self._fast else column.tolist()

    def _begun(self, debts: int, parties: int) -> loops.State:
        narrow = [np.zeros(parties + extra, np.int32) for extra in (1, 1, 0, 0, 1, 0)]
        gains = [np.zeros(debts, self._kind) for _ in range(2)]
        columns = (
            *gains, np.zeros(debts, np.int64), np.zeros(parties, self._kind), np.zeros(parties, np.int64), np.zeros(parties, self._kind),
            narrow[0], narrow[1], np.zeros(self._farthest + 1, np.int32), narrow[2], narrow[3], narrow[4], narrow[5],
        )  # fmt: skip
        return loops.State(*map(self._column, columns))

    def set_gain(self, gain: Integers) -> None:
        if self._fast and gain.strides == (0,):  # alike for all
            self._state.gain[:] = self._state.owed_gain[:] = gain[0]
            return
        self._state.gain[:] = self._column(gain)
        self._state.owed_gain[:] = self._column(gain[self._owed])

    def set_flow(self, flow: Integers, levels: Integers) -> None:
        self._state.flow[:] = self._column(flow)
        self._state.level[:] = self._column(levels)

    def improve(self) -> bool:
        """The best flow of these gains, which have DIGIT_BITS more than those before. False when there is none, which cannot be."""
        debts, parties = len(self._owed), len(self._state.level)
        empty = [np.empty(2 * debts, kind) for kind in (np.int32, np.int32, np.int64, np.int32)]
        free = loops.Free(*map(self._column, (np.zeros(parties + 1, np.int32), *empty)))
        refit, balance, _ = compiled_loops() if self._fast else (loops.refit, loops.balance, None)
        refit(self._debts, self._state, self._factor)
        self._factor = 1 << DIGIT_BITS
        return bool(balance(self._debts, self._state, free))

    def raise_levels(self) -> None:
        """Levels for a best flow."""
        raised = compiled_loops()[2] if self._fast else loops.raise_levels
        raised(self._debts, self._state)

    def flow(self) -> Integers:
        return np.asarray(self._state.flow, np.int64)

    def levels(self) -> Integers:
        return np.asarray(self._state.level, np.int64)


def starts_of(side: Numbers, parties: int) -> Numbers:
    """Where the debts of every party begin, and the end."""
    return np.concatenate(([0], np.cumsum(np.bincount(side, minlength=parties)))).astype(np.int32)


@lru_cache(maxsize=1)
def compiled_loops() -> list[Any]:
    """`refit`, `balance` and `raise_levels`, compiled."""
    below = (loops.place_at, loops.distances, loops.free_ways, loops.count_hops, loops.settle, loops.enqueued)
    return compiled((*below, loops.refit, loops.balance, loops.raise_levels))[-3:]
