"""Long runs of a page, part by part: a request does what fits into a second and answers a part that asks for the rest, so the bar moves and
leaving the page stops the run between two of its things.

    counts, done = done_at_once(request.POST, results)       render(request, "parts/progress", {"progress": Progress(...)})

The first answer is the list, every other one adds to it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Protocol, TypeVar

from setoff.core.errors import DomainError

AT_ONCE_SECONDS: Final = 1.0
DIGITS_MAX: Final = 9


class Result(Protocol):
    """What came of one thing; `state` is one of `Counts`."""

    @property
    def state(self) -> str: ...


R = TypeVar("R", bound=Result)


class Counts(NamedTuple):
    posted: int = 0
    waits: int = 0
    refused: int = 0
    nothing: int = 0


class Step(NamedTuple):
    """A line of the list: who it was for (`address`: where he is looked at, "" nowhere), `of`: his unit or contract, what came of it. `key`
    and `number`: of the document, "" = none."""

    name: str
    of: str
    state: str
    amount: int | None
    currency: str
    key: str
    number: str
    refusal: DomainError | None
    address: str = ""


class Progress(NamedTuple):
    """How far a run is. `name`: of its texts and elements; `title` above the list; `fields`: what the form of the rest says beside the
    counts; `back`: where one goes from it."""

    name: str
    address: str
    title: str
    steps: list[Step]
    counts: Counts
    left: int
    fields: Mapping[str, str]
    back: str
    is_first: bool

    @property
    def done(self) -> int:
        return sum(self.counts)

    @property
    def total(self) -> int:
        return self.done + self.left

    @property
    def hidden(self) -> list[tuple[str, str]]:
        return [*self.fields.items(), *((name, str(count)) for name, count in self.counts._asdict().items())]


def done_at_once(said: Mapping[str, str], results: Iterable[R]) -> tuple[Counts, list[R]]:
    """What of the results came within a second, and the counts of the run with them: the form says those of its earlier parts."""
    done: list[R] = []
    ends = time.monotonic() + AT_ONCE_SECONDS
    for result in results:
        done.append(result)
        if time.monotonic() > ends:
            break
    states = Counter(result.state for result in done)
    return Counts(*(count_of(said.get(name, "")) + states[name] for name in Counts._fields)), done


def count_of(said: str) -> int:
    """A number that a form carries; 0 for what is none."""
    return int(said) if said.isdecimal() and len(said) <= DIGITS_MAX else 0
