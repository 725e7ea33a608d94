"""VAT on advances in the books against a naive oracle: the table of spec 2.8 read aloud, lot by lot, over random papers and edits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, LiteralString

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setoff.core.moment import LAST_DAY, day_of
from setoff.parties.services import save_masters
from setoff.scenarios.runner import empty
from setoff.settlements.advance_vat.by_advance import Sums, advance_page, advance_sums, told_of_parties
from setoff.settlements.advance_vat.queries import pending_vat, told_until, vat_by_advance
from setoff.settlements.advance_vat.terms import units_with_vat
from setoff.settlements.advance_vat.waiting import BooksByLine, pending_page, pending_sums
from setoff.settlements.bulk import import_documents
from setoff.settlements.checks import run_checks
from setoff.site import database
from setoff.trade.documents import AdvanceVat, AnyDocument, OpeningBalance, OpeningRow, Payment
from tests import cast
from tests.settlements.papers import CONTRACTS, TYPIST, apply, changes, papers, post
from tests.settlements.test_books_properties import agreed, by_name, one_edit_each, state

Connection = psycopg.Connection[Any]
QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
Row = tuple[str, date, str, str, int]
"""Document, day, debit, credit, amount."""

LOTS_SQL: LiteralString = """
  select lot.key_id, lot.document_id, lot.line, document.key, document.kind, abs(lot.book), lot.moment, fold_key.relation
  from lot join fold_key on fold_key.id = lot.key_id join document on document.id = lot.document_id
  where contour = 'reg' and (relation = 'buyer' and lot.amount < 0 or relation = 'supplier' and lot.amount > 0)"""
USES_SQL: LiteralString = """
  select document.key, document.kind, allocation.moment, sum(lot_book)::bigint
  from allocation join document on document.id = document_id
  where key_id = %s and lot_document_id = %s and lot_line = %s group by 1, 2, 3, document.id, allocation.line order by 3, document.id"""
SAID_SQL: LiteralString = """
  select document.key, document.date, version.content from document join version on version.id = posted_version_id
  where kind = 'advance_vat' order by document.moment"""
VAT_SQL: LiteralString = """
  select document.key, moment_date(posting.moment), debit.code, credit.code, posting.amount
  from posting join document on document.id = document_id join account debit on debit.id = debit_account_id
  join account credit on credit.id = credit_account_id where posting.kind = 'vat'"""


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[Connection]:
    with database.throwaway(), database.connect() as conn:
        yield conn


def begin(conn: Connection, window: str = "same_day") -> None:
    empty(conn)
    owing = msgspec.structs.replace(cast.MSK, vat_on_advances=window)
    save_masters(conn, [owing if master == cast.MSK else master for master in cast.MASTERS], TYPIST)


def rounded(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def spoken(conn: Connection, window_days: int) -> list[Row]:
    """What must be posted. The papers are all of the first quarter of 2025: 20 %, and no quarter ends a window."""
    said = [(key, day, msgspec.json.decode(content)) for key, day, content in conn.execute(SAID_SQL).fetchall()]
    decided = {words["document"]: (key, day, words["decision"]) for key, day, words in reversed(said) if words["decision"] != "invoice"}
    rows: list[Row] = []
    for key_id, document_id, line, key, kind, book, moment, relation in conn.execute(LOTS_SQL).fetchall():
        if kind not in ("payment_from_customer", "payment_to_supplier"):
            continue
        uses = conn.execute(USES_SQL, [key_id, document_id, line]).fetchall()
        if relation == "supplier":
            invoices = [(day, name, words["vat"]) for name, day, words in said if words["document"] == key and line in (1, 0)]
            rows += paid(book, uses, [invoice for invoice in invoices if invoice[0] >= day_of(moment)])
            continue
        closes = date.fromordinal(day_of(moment).toordinal() + window_days)
        left = book - sum(part for _, _, when, part in uses if day_of(when) <= closes)
        vat = rounded(Decimal(left) * 20 / 120)
        if vat:
            rows.append((key, closes, "76.АВ", "68.02", vat))
        for name, used_by, when, part in uses:
            if day_of(when) <= closes:
                continue
            share = vat if part == left else min(vat, rounded(Decimal(part) * 20 / 120))
            left, vat = left - part, vat - share
            if not share:
                continue
            if used_by in ("sale", "sale_correction"):
                rows.append((name, day_of(when), "68.02", "76.АВ", share))
            elif name in decided and decided[name][1] >= day_of(when):
                decision, day, way = decided[name]
                rows.append((decision, day, "68.02" if way == "deduct" else "91.02", "76.АВ", share))
    return rows


def paid(book: int, uses: list[Any], invoices: list[tuple[date, str, str]]) -> list[Row]:
    """An advance paid: the invoices come in the evening, after the papers of their day."""
    rows: list[Row] = []
    left, vat = book, 0
    for name, _, when, part in [*uses, ("", "", None, 0)]:
        for invoice in list(invoices):
            if left and (when is None or invoice[0] < day_of(when)):
                invoices.remove(invoice)
                amount = int(Decimal(invoice[2]) * 100)
                vat += amount
                rows.append((invoice[1], invoice[0], "68.02", "76.ВА", amount))
        if when is not None:
            share = vat if part == left else rounded(Decimal(vat) * part / left)
            left, vat = left - part, vat - share
            rows += [(name, day_of(when), "76.ВА", "68.02", share)] if share else []
    return rows


@st.composite
def decisions(draw: st.DrawFn, typed: list[AnyDocument]) -> list[AnyDocument]:
    """Decisions on some refunds and one invoice on some payments to suppliers, of the first half of February."""
    found: list[AnyDocument] = []
    for document in typed:
        if not isinstance(document, Payment) or not draw(st.booleans()):
            continue
        common = {"key": f"on {document.key}", "unit": "MSK", "document": document.key, "date": f"2025-02-{draw(st.integers(2, 14)):02}"}
        if document.kind == "refund_to_customer":
            found.append(AdvanceVat(**common, decision=draw(st.sampled_from(["deduct", "expense"]))))
        elif document.kind == "payment_to_supplier":
            found.append(AdvanceVat(**common, decision="invoice", vat=f"{draw(st.integers(1, 3000)) / 100:.2f}"))
    return found


def assert_as_spoken(conn: Connection, window_days: int = 0) -> None:
    stored = [(key, day, debit, credit, amount) for key, day, debit, credit, amount in conn.execute(VAT_SQL).fetchall()]
    assert sorted(stored) == sorted(spoken(conn, window_days))
    broken = {result.check.code: result.rows for result in run_checks(conn) if result.rows and result.check.state == "error"}
    assert broken == {}
    assert_told_in_pages(conn)
    assert_advances_told_in_pages(conn)


def assert_told_in_pages(conn: Connection) -> None:
    """What waits, a document at a time: as when all of the books are derived at once."""
    units = [number for (number,) in conn.execute("select id from unit order by id")]
    for day in (date(2025, 2, 6), LAST_DAY):
        whole = pending_vat(told_until(conn, units, day))
        paged, after = pending_page(conn, units, day, limit=1)
        while after is not None:
            more, after = pending_page(conn, units, day, after=after, limit=1)
            assert more
            paged += more
        assert paged == whole
        assert sum(pending_sums(conn, units, day).values()) == sum(case.amount for case in whole)


def assert_advances_told_in_pages(conn: Connection) -> None:
    """The VAT of every advance, an advance at a time: as when all of the books are derived at once. The sums are those of the advances."""
    units = [number for (number,) in conn.execute("select id from unit order by id")]
    for day in (date(2025, 2, 6), LAST_DAY):
        whole = vat_by_advance(told_until(conn, units, day))
        for limit in (1, 3):
            paged, after = advance_page(conn, units, day, after=None, limit=limit)
            while after is not None:
                more, after = advance_page(conn, units, day, after=after, limit=limit)
                assert len(more) <= limit
                paged += more
            assert paged == whole
        by_side = {
            side: [sum(getattr(row, name) for row in whole if row.is_received == (side == "received")) for name in Sums._fields]
            for side in ("received", "paid")
        }
        told = {side: list(sums) for (_currency, side), sums in advance_sums(conn, units, day).items()}
        assert told == {side: sums for side, sums in by_side.items() if any(sums)}
        of_each = [
            row
            for (party,) in conn.execute("select id from counterparty order by id").fetchall()
            for row in vat_by_advance(told_of_parties(conn, units, day, [party], []))
            if row.owner.counterparty_id == party
        ]
        assert sorted(of_each, key=lambda row: (row.arisen, row.document.id, row.line)) == whole


@pytest.mark.parametrize(("window", "window_days"), [("same_day", 0), ("five_days", 5)])
@QUICK
@given(data=st.data())
def test_the_vat_is_what_the_oracle_says(books: Connection, window: str, window_days: int, data: st.DataObject) -> None:
    begin(books, window)
    typed = post(books, data.draw(papers(named=True)))
    typed += post(books, data.draw(decisions(typed)))
    papers_alone = [document for document in typed if not isinstance(document, AdvanceVat)]
    if papers_alone:
        apply(books, data.draw(changes(papers_alone)))
    assert_as_spoken(books, window_days)


@QUICK
@given(typed=papers(named=False), data=st.data())
def test_two_edits_in_either_order_end_in_the_same_vat(books: Connection, typed: list[AnyDocument], data: st.DataObject) -> None:
    first, second = data.draw(one_edit_each(typed))
    decided = data.draw(decisions(typed))
    ends = []
    for order in ((first, second), (second, first)):
        begin(books)
        post(books, [agreed(document) for document in typed])
        post(books, decided)
        apply(books, list(order))
        ends.append(state(books, "posting", "turnover"))
    assert ends[0] == ends[1]


@QUICK
@given(typed=papers(named=True), data=st.data())
def test_a_file_has_the_vat_of_its_documents_one_by_one(books: Connection, typed: list[AnyDocument], data: st.DataObject) -> None:
    begin(books)
    accepted = post(books, typed)
    accepted += post(books, data.draw(decisions(accepted)))
    one_by_one = by_name(books)["posting"]
    begin(books)
    already = accepted[: data.draw(st.integers(0, len(accepted)))]
    post(books, already)
    import_documents(books, lambda: list(enumerate(accepted)), TYPIST)
    assert by_name(books)["posting"] == one_by_one
    assert_as_spoken(books)


def test_the_contracts_of_the_papers_have_advances_of_both_sides() -> None:
    assert {contract.relation for contract in CONTRACTS.values()} == {"buyer", "supplier"}


def test_of_many_advances_brought_in_only_that_in_question_is_read(books: Connection) -> None:
    """Of 120.00 given back 20.00 of VAT wait: 120 x 20 / 120."""
    begin(books)
    party = {"counterparty": "VEGA", "contract": "BUYER"}
    rows = [OpeningRow(number=f"{number}", date=f"2024-12-0{number}", amount="120.00", **party) for number in (1, 2, 3)]
    brought = OpeningBalance(key="brought in", unit="MSK", date="2025-01-01", kind="customer_advances", rows=rows)
    refund = Payment(kind="refund_to_customer", key="refund", unit="MSK", date="2025-01-10", amount="120.00", **party)
    assert len(post(books, [brought, refund])) == 2
    units = units_with_vat(books)
    cases, after = pending_page(books, list(units), LAST_DAY, limit=50)
    assert [(case.document.key, case.advance.key, case.line, case.amount) for case in cases] == [("refund", "brought in", 1, 2_000)]
    assert after is None
    lots = books.execute("""select lot.unit_id, lot.key_id, lot.document_id, lot.line from lot join fold_key on fold_key.id = lot.key_id
                            where contour = 'reg' order by line""").fetchall()
    read = BooksByLine(books, units)
    read.read_sources({lots[1]})
    assert (len(lots), list(read.lots), list(read.papers[lots[1][2]].facts)) == (3, [lots[1]], [2])
    read.read_sources({lots[2]})
    assert list(read.papers[lots[2][2]].facts) == [2, 3]


def test_an_invoice_without_a_line_is_on_the_first_advance_also_where_a_page_begins_behind_it(books: Connection) -> None:
    """Of two advances paid before, the second has its invoice first: 20.00. That of 12 January names no line: 15.00 on the first one."""
    begin(books)
    party = {"counterparty": "METALL", "contract": "SUPPLIER"}
    rows = [OpeningRow(number=f"{number}", date=f"2024-12-0{number}", amount="120.00", **party) for number in (1, 2)]
    brought = OpeningBalance(key="paid before", unit="MSK", date="2025-01-01", kind="supplier_advances", rows=rows)
    invoice = {"unit": "MSK", "decision": "invoice", "document": "paid before"}
    second = AdvanceVat(key="of the second", date="2025-01-10", vat="20.00", line=2, **invoice)
    first = AdvanceVat(key="of the first", date="2025-01-12", vat="15.00", **invoice)
    assert len(post(books, [brought, second, first])) == 3
    units = list(units_with_vat(books))
    page, after = advance_page(books, units, LAST_DAY, after=None, limit=1)
    rest, end = advance_page(books, units, LAST_DAY, after=after, limit=1)
    assert [(row.line, row.accrued, row.balance) for row in page + rest] == [(2, 2_000, -2_000), (1, 1_500, -1_500)]
    assert end is None
