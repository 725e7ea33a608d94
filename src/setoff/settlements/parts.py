"""The parts of lots that facts used, in the order in which postings read them: by the lots' documents, lines and rules.

Not in the order of their use: so the postings of a document depend on its allocations alone, also when a lot only changed its place
among others. `refold.Part` has the same order for one document; here it is made for all facts of a bulk fold.
"""

from __future__ import annotations

import numpy as np

from setoff.settlements.fold import Folded


def parts_by_lot(folded: Folded, document_id: np.ndarray, line: np.ndarray) -> Folded:
    """The allocations in that order within each fact; two targets of one fact on one lot are one part. `document_id`, `line` by fact."""
    several = np.flatnonzero(np.bincount(folded.settling, minlength=len(line))[folded.settling] > 1)
    if not len(several):
        return folded
    settling, lot, rule = folded.settling[several], folded.lot[several], folded.rule[several]
    order = np.arange(len(folded.settling))
    order[several] = several[np.lexsort((rule, line[lot], document_id[lot], settling))]
    names = {name: getattr(folded, name)[order] for name in ("settling", "lot", "rule")}
    sums = {name: getattr(folded, name)[order] for name in ("amount", "lot_book", "own_book")}
    again = np.logical_and.reduce([column[1:] == column[:-1] for column in names.values()])
    if again.any():
        first = np.flatnonzero(np.concatenate(([True], ~again)))
        names = {name: column[first] for name, column in names.items()}
        sums = {name: np.add.reduceat(column, first) for name, column in sums.items()}
    return folded._replace(**names, **sums)


def ranges(first: np.ndarray, count: np.ndarray) -> np.ndarray:
    """first[0], first[0]+1 .. (count[0] of them), then those of first[1] ..."""
    total = int(count.sum())
    ends = np.cumsum(count)
    found: np.ndarray = np.arange(total) - np.repeat(ends - count, count) + np.repeat(first, count)
    return found
