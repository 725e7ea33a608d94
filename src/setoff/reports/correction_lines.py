"""The lines of a correction invoice of ours (decree 1137, annex 2): for each VAT rate what the supply was and what it is.

    А before the change    Б after it    В increase    Г decrease

Before is the supply with what corrected it earlier; the difference is what the invoice states. In book currency. A correction whose supply
is not known has no such lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal, NamedTuple

import psycopg

from setoff.trade.directory import RateSum
from setoff.trade.invoice_documents import IssuedInvoice
from setoff.trade.invoice_sums import Supplied, supplied
from setoff.trade.queries import decode_document, load_directory
from setoff.trade.references import references

Mark = Literal["before", "after", "increase", "decrease"]
CORRECTED_SQL: Final = """
  select supply.key, version.content from document supply
  join version on version.unit_id = supply.unit_id and version.id = supply.version_id where supply.key = %s"""
EARLIER_SQL: Final = """
  select version.content from corrections_naming(%(supply)s) said
  join document on document.unit_id = said.unit_id and document.id = said.document_id and document.posted_version_id = said.version_id
  join version on version.unit_id = said.unit_id and version.id = said.version_id
  where document.moment < (select min(moment) from document where key = any(%(own)s)) order by document.moment"""


class Changed(NamedTuple):
    """One of the four lines of a VAT rate; None: nothing of that kind."""

    mark: Mark
    rate: str
    sums: RateSum | None


class Correction(NamedTuple):
    """`supply`: the key of what is corrected."""

    supply: str
    lines: list[Changed]

    def total(self, mark: Mark) -> RateSum:
        found = [line.sums for line in self.lines if line.mark == mark and line.sums is not None]
        return RateSum("", sum(item.gross for item in found), sum(item.vat for item in found))


def correction_of(conn: psycopg.Connection[Any], said: IssuedInvoice, stated: Sequence[RateSum]) -> Correction | None:
    """`stated`: the sums of the invoice by rate. None where it corrects no single supply that is known."""
    own = [base.document for base in said.bases]
    corrections = [decode_document(row[1]) for key in own for row in conn.execute(CORRECTED_SQL, [key])]
    bases = {getattr(document, "base", "") for document in corrections}
    directions = {_is_down(conn, document) for document in corrections if isinstance(document, Supplied)}
    if len(bases) != 1 or len(directions) != 1 or not (base := bases.pop()):
        return None
    row = conn.execute(CORRECTED_SQL, [base]).fetchone()
    if row is None:
        return None
    before = _summed(conn, [row[1], *(content for (content,) in conn.execute(EARLIER_SQL, {"supply": [base], "own": own}))])
    sign, lines = -1 if directions.pop() else 1, []
    for item in stated:
        was = before.get(item.vat_rate, RateSum(item.vat_rate, 0, 0))
        now = RateSum(item.vat_rate, was.gross + sign * item.gross, was.vat + sign * item.vat)
        lines += [
            Changed("before", item.vat_rate, was), Changed("after", item.vat_rate, now),
            Changed("increase", item.vat_rate, item if sign > 0 else None), Changed("decrease", item.vat_rate, item if sign < 0 else None),
        ]  # fmt: skip
    return Correction(row[0], lines)


def _is_down(conn: psycopg.Connection[Any], document: Supplied) -> bool:
    directory = load_directory(conn, references(document))
    return supplied(document, directory.units[document.unit], directory).is_down


def _summed(conn: psycopg.Connection[Any], contents: Iterable[str]) -> dict[str, RateSum]:
    """Supplies and their corrections by rate; decreases count against the rest."""
    found: dict[str, RateSum] = {}
    for content in contents:
        document = decode_document(content)
        assert isinstance(document, Supplied)
        directory = load_directory(conn, references(document))
        by_rate = supplied(document, directory.units[document.unit], directory)
        for item in by_rate.sums:
            sign, was = -1 if by_rate.is_down else 1, found.get(item.vat_rate, RateSum(item.vat_rate, 0, 0))
            found[item.vat_rate] = RateSum(item.vat_rate, was.gross + sign * item.gross, was.vat + sign * item.vat)
    return found
