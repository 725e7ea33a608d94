"""What an edit changed, in the terms of the books: document, what, before, after (spec 1.10).

Rows are summed by what they mean, so that a row that only moved to another line does not count as a change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import psycopg

from setoff.settlements.keys import KeyTerms
from setoff.settlements.records import PostingRow
from setoff.settlements.refold import Refolded


class Change(NamedTuple):
    """One change of a derived row. `subject` names it: a posting (kind, debit account id, credit account id), an allocation (document id
    and line of the lot), a lot (line). `before` and `after` in minor units: book currency for postings, settlement currency for
    allocations and lots (signed); 0 = absent."""

    document_id: int
    moment: int
    what: Literal["posting", "allocation", "lot"]
    contour: str
    subject: tuple[Any, ...]
    currency: str  # "" = book currency of the unit
    before: int
    after: int


def changes_of(
    refolded: Refolded, postings_out: Sequence[PostingRow], postings_in: Sequence[PostingRow], terms: Mapping[int, KeyTerms]
) -> list[Change]:
    """Changes in total order of their documents."""
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for side, postings in enumerate((postings_out, postings_in)):
        for posting in postings:
            accounts = (posting.kind, posting.debit_account_id, posting.credit_account_id)
            sums[posting.moment, posting.document_id, "posting", "reg", accounts, ""][side] += posting.amount
    for side, lots in enumerate((refolded.lots_out, refolded.lots_in)):
        for lot in lots:
            key = terms[lot.key_id].key
            sums[lot.moment, lot.document_id, "lot", key.contour, (lot.line, lot.key_id), key.currency][side] += lot.amount
    for side, allocations in enumerate((refolded.allocations_out, refolded.allocations_in)):
        for row in allocations:
            key = terms[row.key_id].key
            subject = (row.lot_document_id, row.lot_line)
            sums[row.moment, row.document_id, "allocation", key.contour, subject, key.currency][side] += row.amount
    return [
        Change(document_id, moment, what, contour, subject, currency, before, after)
        for (moment, document_id, what, contour, subject, currency), (before, after) in sorted(sums.items())
        if before != after
    ]


def joined_changes(steps: Sequence[Sequence[Change]]) -> list[Change]:
    """The changes of edits made one after another, as one: what came and went again is no change."""
    last: dict[tuple[Any, ...], Change] = {}
    for change in (change for changes in steps for change in changes):
        before = last.get(change[:6])
        last[change[:6]] = change if before is None else change._replace(before=before.before)
    moved = [change for change in last.values() if change.before != change.after]
    return sorted(moved, key=lambda change: (change.moment, change.document_id, *change[2:6]))


NAMES_SQL = "select id, kind, number, date, key from document where id = any(%s)"


class DocumentName(NamedTuple):
    id: int
    kind: str
    number: str
    date: Any
    key: str


def document_names(conn: psycopg.Connection[Any], document_ids: Sequence[int]) -> dict[int, DocumentName]:
    """Kind, number, date and key of documents, for telling about them."""
    return {row[0]: DocumentName._make(row) for row in conn.execute(NAMES_SQL, [sorted(set(document_ids))])}
