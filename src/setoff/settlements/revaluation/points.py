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


REVALUED_KEYS_SQL: Final = """
  select distinct fold_key.id from fold_key
  join unit on unit.id = fold_key.unit_id join organization on organization.id = unit.organization_id
  where fold_key.unit_id = %s and fold_key.currency <> organization.book_currency
    and exists (select from lot where lot.unit_id = fold_key.unit_id and lot.key_id = fold_key.id and lot.closed_moment >= %s)"""


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


def lay_points(
    conn: psycopg.Connection[Any], unit: UnitTerms, tails: Iterable[Tail], edited: tuple[int, int, AnyDocument | None]
) -> None:
    """Give the tails of a unit their points, as they are after the edit of a document: its id, moment, and words (None: taken out)."""
    foreign = [tail for tail in tails if tail.terms.key.currency != unit.book_currency]
    if not foreign:
        return
    document_id, moment, document = edited
    points = load_points(conn, [unit.id], min(tail.since for tail in foreign)).get(unit.id, [])
    points = [point for point in points if point.document_id != document_id]
    if isinstance(document, Revaluation):
        points = sorted([*points, point_of(document, document_id, moment, unit.book_currency)], key=lambda point: point.moment)
    for tail in foreign:
        found = [point.of(tail.terms.key) for point in points if point.moment >= tail.since]
        tail.points = [point for point in found if point is not None]


def revalued_keys(conn: psycopg.Connection[Any], unit_id: int, since: int) -> dict[int, int]:
    """The keys of a unit that a revaluation may change, in either contour, with the moment. The unit is locked from then on: nobody opens
    another meanwhile."""
    conn.execute("select pg_advisory_xact_lock(%s)", [unit_id])
    return {row[0]: since for row in conn.execute(REVALUED_KEYS_SQL, [unit_id, since])}
