"""Revaluations of a unit stated together: its keys in foreign currency are folded once, from the first of them on, in columns.

The rows and the changes are those of posting them one after another; a year of a large book takes as long as a month of it. Revaluations
move values alone, never what settles what, so all that they change is told by postings. The unit is locked against all others. What lies in
a closed period is posted by itself, which refuses it with the list.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.books.audit import Actor, record_audit
from setoff.books.queries import closed_until
from setoff.books.services import lock_unit
from setoff.core.errors import DomainError, ErrorCode, InvariantViolation
from setoff.core.moment import Moment
from setoff.settlements.advance_vat.rows import restate_vat
from setoff.settlements.cleared import clear_tails
from setoff.settlements.diff import Change, joined_changes
from setoff.settlements.edits import StaleDocument, refuse_key_elsewhere
from setoff.settlements.known import all_differences, all_terms
from setoff.settlements.open_sums import sum_up_open_lots
from setoff.settlements.rebuild import Ledger, fold_touched, ledger_piece, write_allocations, write_lots, write_postings
from setoff.settlements.records import DocumentRow, VersionRow
from setoff.settlements.revaluation.points import REVALUED_KEYS_SQL
from setoff.settlements.revaluation.rows import restate_revaluations
from setoff.settlements.rows import Place, statement_rows
from setoff.settlements.services import encode_document, find_document, post_document, take_identity, write_document
from setoff.settlements.standing import restate_reversals
from setoff.settlements.stored import check_edit, is_said_again
from setoff.settlements.touched import TOUCHED_TABLE_SQL, touch_linked
from setoff.trade.documents import Revaluation
from setoff.trade.header import header
from setoff.trade.queries import load_directory
from setoff.trade.registry import facts, references

POSTED: Final = """
  select document_id, moment, kind, debit_account_id, credit_account_id, sum(amount) as amount from posting
  where unit_id = %(unit_id)s and moment >= %(since)s
  group by 1, 2, 3, 4, 5"""
BEFORE_SQL: Final = f"create temporary table posted_before on commit drop as {POSTED}"
MOVED_SQL: Final = f"""
  with now as ({POSTED})
  select document_id, moment, kind, debit_account_id, credit_account_id, coalesce(was.amount, 0), coalesce(now.amount, 0)
  from posted_before was full join now using (document_id, moment, kind, debit_account_id, credit_account_id)
  where was.amount is distinct from now.amount"""


class Made(NamedTuple):
    """A revaluation that is new, or says something else than before."""

    document_id: int
    key: str
    number: str


class Revalued(NamedTuple):
    """What was made or changed, and what that changed of every document."""

    made: list[Made]
    changes: list[Change]


class Written(NamedTuple):
    """What was written of a revaluation, or posted with its changes. `since`: from where on its unit is folded (None: it is already)."""

    made: Made
    since: int | None
    changes: list[Change]


def state_together(conn: psycopg.Connection[Any], unit: str, documents: Sequence[Revaluation], actor: Actor) -> Revalued:
    """Revaluations of a unit in the order of their days, new ones and those that are there; all or nothing. What says what it said is left
    alone. Errors: those of posting a document, base_in_use."""
    try:
        with conn.transaction():
            unit_id = lock_unit(conn, unit)
            closed = closed_until(conn, [unit_id]).get(unit_id)
            written = [found for document in documents if (found := _write(conn, document, closed, actor)) is not None]
            steps = [found.changes for found in written]
            moments = [found.since for found in written if found.since is not None]
            if moments:
                steps += _fold(conn, unit_id, min(moments), actor)
                sum_up_open_lots(conn)
            return Revalued([found.made for found in written], joined_changes(steps))
    except psycopg.errors.NumericValueOutOfRange as error:
        raise DomainError(ErrorCode.AMOUNT_TOO_LARGE, value=error.diag.message_primary or "") from error
    except StaleDocument as met:
        refuse_key_elsewhere(conn, met)
        raise


def _write(conn: psycopg.Connection[Any], document: Revaluation, closed: int | None, actor: Actor) -> Written | None:
    """The document and its version as they are to be. `closed`: the first open moment of the unit. None: it says what it said."""
    stored = find_document(conn, document.key)
    directory = load_directory(conn, references(document))
    head = header(document, directory)
    taken = take_identity(conn, head, stored, document.number, 0)
    document = msgspec.structs.replace(document, number=taken.number)
    content = encode_document(document)
    if stored is not None:
        check_edit(stored, head, "post", None)
        if is_said_again(stored, content, "post", posted=True):
            return None
    place = Place(head.unit, taken.document_id, taken.version_id, Moment(head.date, head.day_order, taken.document_id).pack())
    made = Made(place.document_id, document.key, taken.number)
    since = min(place.moment, stored.row.moment) if stored else place.moment
    if closed is not None and since < closed:
        return Written(made, None, post_document(conn, document, actor).changes)
    rows = statement_rows(facts(document, place.document_id, directory), place, {})
    row = DocumentRow(
        head.unit.id, place.document_id, head.kind, taken.number, head.date.year, document.key, head.date, place.moment, "posted", False,
        head.counterparty_id, head.contract_id, head.currency, head.total_minor, place.version_id, place.version_id,
    )  # fmt: skip
    version = VersionRow(
        head.unit.id, place.version_id, place.document_id, stored.version_no + 1 if stored else 1, datetime.now(UTC), actor.author, "post",
        True, place.moment, content, hashlib.sha256(content.encode()).digest(), rows.hash,
    )  # fmt: skip
    write_document(conn, row, stored, ([version],))
    record_audit(conn, actor, "post", unit_id=head.unit.id, document_id=place.document_id, version=version.version_no)
    return Written(made, since, [])


def _fold(conn: psycopg.Connection[Any], unit_id: int, since: int, actor: Actor) -> list[list[Change]]:
    """The keys of the unit in foreign currency are folded anew from a moment on; what that changed, and then the reversals that follow."""
    place = {"unit_id": unit_id, "since": since}
    conn.execute(TOUCHED_TABLE_SQL)
    conn.execute("delete from touched")
    if conn.execute(f"insert into touched {REVALUED_KEYS_SQL}", [unit_id, since]).rowcount == 0:
        return []
    touch_linked(conn, since)
    conn.execute("analyze touched")
    conn.execute(BEFORE_SQL, place)
    _rewrite(conn, since)
    moved = [_told(*row) for row in conn.execute(MOVED_SQL, place, prepare=False)]
    conn.execute("drop table posted_before")
    return [moved, *restate_reversals(conn, since, actor)]


def _told(document_id: int, moment: int, kind: str, debit: int, credit: int, *sums: Any) -> Change:
    before, after = (int(amount) for amount in sums)
    return Change(document_id, moment, "posting", "reg", (kind, debit, credit), "", before, after)


def _rewrite(conn: psycopg.Connection[Any], since: int) -> None:
    """The derived rows of the touched keys from a moment on. Errors: rate_missing."""
    first = clear_tails(conn, since, "is null")
    terms, differences = all_terms(conn, " where id in (select key_id from touched)"), all_differences(conn)
    pieces = []
    for contour in ("mgmt", "reg"):
        for keys in fold_touched(conn, contour, terms, since=since):
            if keys.refusals:
                raise InvariantViolation("a revaluation moved what settles what")
            write_lots(conn, keys)
            write_allocations(conn, keys)
            if contour == "reg":
                pieces.append(ledger_piece(keys, terms, differences))
            del keys  # large: one portion at a time
    if first:
        (last,) = conn.execute("select max(document_id) from reposted").fetchone() or (first,)
        write_postings(conn, Ledger(pieces), documents=(first, last), wanted="and document.id in (select document_id from reposted)")
    restate_revaluations(conn, differences, touched=True)
    restate_vat(conn, since=since, touched=True)
