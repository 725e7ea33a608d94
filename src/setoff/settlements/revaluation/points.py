"""The points at which keys are revalued: the posted revaluations of their units (docs/decisions/0030-revaluation.md).

A document of kind revaluation is a point of every key of its unit in a foreign currency. Names of tables stand without a schema, so that
what was known earlier is read from temporary tables of the same names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.fact import FoldKey
from setoff.core.moment import NEVER
from setoff.settlements.tails import KeyPoint, Tail
from setoff.trade.directory import UnitTerms
from setoff.trade.documents import AnyDocument, Revaluation
from setoff.trade.queries import decode_document
from setoff.trade.revaluation import Worth, worths_of

POINTS_SQL: Final = """
  select document.unit_id, document.moment, document.id, organization.book_currency, version.content
  from document join version on version.unit_id = document.unit_id and version.id = document.posted_version_id
  join unit on unit.id = document.unit_id join organization on organization.id = unit.organization_id
  where document.kind = 'revaluation' and document.unit_id = any(%s) and document.moment >= %s and document.moment < %s
  order by document.moment"""


class Point(NamedTuple):
    """A posted revaluation. `worths`: by currency."""

    moment: int
    document_id: int
    quote: str
    contours: tuple[str, ...]
    worths: Mapping[str, Worth]

    def of(self, key: FoldKey) -> KeyPoint | None:
        """What it is to a key; None where it does not revalue it."""
        if key.currency == self.quote or key.contour not in self.contours:
            return None
        return KeyPoint(self.moment, self.document_id, self.quote, *self.worths.get(key.currency, Worth(0, 1)))


def point_of(document: Revaluation, document_id: int, moment: int, quote: str) -> Point:
    return Point(moment, document_id, quote, document.contours, worths_of(document, quote))


def load_points(
    conn: psycopg.Connection[Any], unit_ids: Iterable[int], since: int, until: int = NEVER
) -> dict[int, list[Point]]:
    """The points of units from a moment on, in order."""
    points: dict[int, list[Point]] = defaultdict(list)
    for unit_id, moment, document_id, quote, content in conn.execute(POINTS_SQL, [sorted(unit_ids), since, until], prepare=False):
        document = decode_document(content)
        assert isinstance(document, Revaluation)
        points[unit_id].append(point_of(document, document_id, moment, quote))
    return points


Edited = tuple[int, int, AnyDocument | None]
"""An edit of a document: its id, moment, and words (None: taken out)."""


def points_after(conn: psycopg.Connection[Any], unit: UnitTerms, since: int, edited: Edited) -> list[Point]:
    """The points of a unit from a moment on, in order, as they are after an edit."""
    document_id, moment, document = edited
    points = [point for point in load_points(conn, [unit.id], since).get(unit.id, []) if point.document_id != document_id]
    if isinstance(document, Revaluation):
        points.append(point_of(document, document_id, moment, unit.book_currency))
    return sorted(points, key=lambda point: point.moment)


def lay_points(
    conn: psycopg.Connection[Any], unit: UnitTerms, tails: Iterable[Tail], edited: Edited
) -> None:
    """Give the tails of a unit their points, as they are after an edit."""
    foreign = [tail for tail in tails if tail.terms.key.currency != unit.book_currency]
    if not foreign:
        return
    points = points_after(conn, unit, min(tail.since for tail in foreign), edited)
    for tail in foreign:
        found = [point.of(tail.terms.key) for point in points if point.moment >= tail.since]
        tail.points = [point for point in found if point is not None]
