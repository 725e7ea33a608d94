"""Names of companies that are nearly the same: how like two are, and the likest of many. When two are the same: `parties/names.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from setoff.parties.names import Name, name_of

NEAR: Final = 82.0
"""Likeness in percent from which a name is a candidate at all."""
MARGIN: Final = 6.0
"""By how much the likeness of the best must exceed that of the second."""


class Likeness(NamedTuple):
    """A candidate: its place in the list of names, and how like it is in percent."""

    place: int
    percent: float


def likeness(one: str, other: str) -> float:
    """How like two names are, in percent, whatever the order of their words."""
    first, second = name_of(one).core, name_of(other).core
    return max(float(fuzz.ratio(first, second)), float(fuzz.token_sort_ratio(first, second)))


class Letters:
    """How often each letter stands in each of many texts: so texts that cannot be alike are passed over without being compared.

    Letters are counted in `KINDS` kinds (by code), a row of numbers for a kind, so that a text is held against all others in a few
    sums. Of two texts at most the letters that both have can be in common; what is passed over is therefore never wrong.
    """

    KINDS: Final = 64
    AT_ONCE: Final = 65_536

    def __init__(self, texts: Sequence[str]) -> None:
        self._lengths = np.fromiter((len(text) for text in texts), np.float64, len(texts))
        parts = [self._counted(texts[first : first + self.AT_ONCE]) for first in range(0, len(texts), self.AT_ONCE)]
        self._counts = np.ascontiguousarray(np.concatenate(parts).T) if parts else np.zeros((self.KINDS, 0), np.uint8)

    def _counted(self, texts: Sequence[str]) -> npt.NDArray[np.uint8]:
        codes = np.frombuffer("".join(texts).encode("utf-32-le"), np.uint32).astype(np.int64)
        places = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
        counts = np.bincount(places * self.KINDS + codes % self.KINDS, minlength=len(texts) * self.KINDS)
        return np.minimum(counts, 255).astype(np.uint8).reshape(len(texts), self.KINDS)

    def may_be_like(self, text: str, percent: float) -> list[int]:
        """Places of the texts whose likeness to this one (`fuzz.ratio`) can be that high."""
        shared = np.zeros(len(self._lengths), np.uint16)
        for kind, count in Counter(ord(letter) % self.KINDS for letter in text).items():
            shared += np.minimum(self._counts[kind], min(count, 255))
        found = np.flatnonzero(2.0 * shared >= (percent - 0.001) / 100 * (self._lengths + len(text)))
        return [int(place) for place in found]


class NameIndex:
    """Names to be found again: exactly by core, or nearly. Built once for a run; a hundred thousand names take about a second."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names: Sequence[Name] = [name_of(name) for name in names]
        self._by_core: dict[str, list[int]] = {}
        for place, name in enumerate(self.names):
            self._by_core.setdefault(_sorted(name.core), []).append(place)
        self._cores = list(self._by_core)
        self._letters = Letters(self._cores)

    def exact(self, name: Name) -> list[int]:
        """Places of the names with this core; where some agree in the form too, those alone."""
        found = self._by_core.get(_sorted(name.core), [])
        agreeing = [place for place in found if set(self.names[place].forms) == set(name.forms)]
        return agreeing or found

    def near(self, name: Name) -> list[Likeness]:
        """The three most like cores, best first, each with the names that have it."""
        if len(name.core) < 4:
            return []
        written = _sorted(name.core)
        cores = [self._cores[place] for place in self._letters.may_be_like(written, NEAR - MARGIN)]
        found = process.extract(written, cores, scorer=fuzz.ratio, score_cutoff=NEAR - MARGIN, limit=3)
        return [Likeness(place, float(percent)) for core, percent, _ in found for place in self._by_core[core]]


def _sorted(core: str) -> str:
    """The words of a core in one order; a name typed without spaces between stays as it is."""
    return " ".join(sorted(core.split()))
