"""Revaluations of many keys at once, in columns: for a bulk import, a full refold, a report as known earlier (rebuild.py)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import FoldKey, Rule
from setoff.core.moment import day_of
from setoff.settlements.columns import frame_of
from setoff.settlements.fold import Facts, Folded
from setoff.settlements.records import AllocationRow
from setoff.settlements.revaluation.points import load_points
from setoff.settlements.tails import KeyPoint
from setoff.trade.terms import debt_sign


class RateMissing(DomainError):
    """An open debt has no rate at a revaluation: rate_missing. `owner`: the document whose debt it is; `revaluation`: the other one."""

    def __init__(self, currency: str, point: KeyPoint, owner: int) -> None:
        super().__init__(ErrorCode.RATE_MISSING, currency=currency, quote=point.quote, date=day_of(point.moment), field="rates")
        self.owner, self.revaluation = owner, point.document_id


class Laid(NamedTuple):
    """The points of keys as the fold reads them, and which revaluation each is."""

    debt_sign: np.ndarray
    start: np.ndarray
    before: np.ndarray
    rate: np.ndarray
    per: np.ndarray
    moment: np.ndarray
    points: list[KeyPoint]
    keys: Sequence[FoldKey]

    def laid_over(self, facts: Facts) -> Facts:
        """The facts of these keys with their points."""
        return facts._replace(
            debt_sign=self.debt_sign, point_start=self.start, point_before=self.before, point_rate=self.rate, point_per=self.per
        )

    def refuse_missing(self, owners: np.ndarray, folded: Folded) -> None:
        """`owners`: the document of each fact. Errors: rate_missing."""
        missing = np.flatnonzero(self.rate[folded.revalued_point] == 0)
        if len(missing):
            point = int(folded.revalued_point[missing[0]])
            key = self.keys[int(np.searchsorted(self.start, point, side="right")) - 1]
            raise RateMissing(key.currency, self.points[point], int(owners[folded.revalued_lot[missing[0]]]))


def points_of_keys(
    conn: psycopg.Connection[Any], keys: Sequence[FoldKey], rows: tuple[np.ndarray, np.ndarray], since: int, until: int
) -> Laid | None:
    """The points of keys. `rows`: of each key the first row, and the moments of all rows. None where there is no point."""
    by_unit = load_points(conn, {key.unit_id for key in keys}, since, until)
    if not by_unit:
        return None
    first, moments = rows
    ends = np.append(first, len(moments))[1:].tolist()
    points: list[KeyPoint] = []
    before: list[int] = []
    start = [0]
    for key, low, high in zip(keys, first.tolist(), ends, strict=True):
        for point in by_unit.get(key.unit_id, ()):
            if (found := point.of(key)) is not None:
                points.append(found)
                before.append(bisect_right(moments, point.moment, low, high))
        start.append(len(points))
    return Laid(
        np.array([debt_sign(key.relation) for key in keys], np.int64), np.array(start, np.int64), np.array(before, np.int64),
        np.array([point.rate for point in points], np.int64), np.array([point.per for point in points], np.int64),
        np.array([point.moment for point in points], np.int64), points, keys,
    )  # fmt: skip


def revalued_frame(columns: Mapping[str, np.ndarray], folded: Folded, laid: Laid) -> pl.DataFrame:
    """What revaluations made of lots, as rows (`refold.revaluations`)."""
    lot, length = folded.revalued_lot, len(folded.revalued_lot)
    documents = np.array([point.document_id for point in laid.points], np.int64)
    table = {name: columns[name][lot] for name in ("unit_id", "key_id")}
    table |= {"moment": laid.moment[folded.revalued_point], "document_id": documents[folded.revalued_point]}
    table |= {"lot_document_id": columns["document_id"][lot], "lot_line": columns["line"][lot], "lot_book": -folded.revalued_growth}
    constants = {"line": 1, "amount": 0, "own_book": 0, "rule": int(Rule.REVALUED)}
    return frame_of(AllocationRow, table | {name: np.full(length, value) for name, value in constants.items()})
