"""Laws of the books that hold whatever is typed, edited and taken back, in the database and through the services.

Random papers on contracts of every sort (`papers.py`), small enough that a failure can be read. After each example:
the naive oracle folds the posted facts to the same lots and allocations, a refold of any keys from any moment finds nothing to
write, the contours differ by the facts of one contour alone, and every control check is silent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, LiteralString

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from setoff.core.fact import Rule
from setoff.core.moment import NEVER
from setoff.core.money import digits_of
from setoff.parties.services import save_masters
from setoff.scenarios.runner import empty
from setoff.settlements.bulk import import_documents
from setoff.settlements.checks import run_checks
from setoff.settlements.refold import refold
from setoff.settlements.tails import ask_tails, read_tails
from setoff.site import database
from setoff.trade.documents import AnyDocument, Line, Payment, Sale, SaleCorrection
from tests import cast
from tests.oracle import PlainAllocation, PlainFact, PlainPoint, PlainRevaluation, PlainTarget, fold_plainly
from tests.settlements.papers import CONTRACTS, TYPIST, Change, apply, changes, papers, post

Connection = psycopg.Connection[Any]

QUICK = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

FACTS_SQL: LiteralString = """
  select fact.document_id, fact.line, fact.moment, fact.change, fact.book, fact.rank, fact.own_value, fact.consume_only, fact.due,
         fact.version_id, fact.nature in (6, 7)
  from fact join document on document.posted_version_id = fact.version_id
  where %s in (fact.reg_key_id, fact.mgmt_key_id) order by fact.moment, fact.line"""
KEY_SQL: LiteralString = """
  select fold_key.unit_id, contour, currency, book_currency, debt_sign(relation) from fold_key
  join unit on unit.id = fold_key.unit_id join organization on organization.id = organization_id where fold_key.id = %s"""
REVALUATIONS_SQL: LiteralString = """
  select document.id, document.moment, content from document join version on version.id = posted_version_id
  where document.kind = 'revaluation' and document.unit_id = %s order by document.moment"""
REVALUED_SQL: LiteralString = """
  select document_id, lot_document_id, lot_line, own_book - lot_book from allocation where rule = 9 and key_id = %s"""
TARGETS_SQL: LiteralString = """
  select document_id, amount, rule, document_line from fact_target where version_id = %s and line = %s order by target_no"""
CONTOURS_SQL: LiteralString = """
  with open_lots as (
    select fold_key.counterparty_id, fold_key.contract_id, fold_key.currency, fold_key.relation,
           sum(lot.residual * case fold_key.contour when 'mgmt' then 1 else -1 end) as difference
    from lot join fold_key on fold_key.id = lot.key_id group by 1, 2, 3, 4),
  planned as (
    select node.counterparty_id, node.contract_id, node.currency, node.relation,
           sum(fact.change * case when fact.reg_key_id is null then 1 when fact.mgmt_key_id is null then -1 else 0 end) as difference
    from fact join document on document.posted_version_id = fact.version_id join node on node.id = fact.node_id group by 1, 2, 3, 4)
  select * from open_lots full join planned using (counterparty_id, contract_id, currency, relation)
  where coalesce(open_lots.difference, 0) <> coalesce(planned.difference, 0)"""
STATE: dict[str, LiteralString] = {
    "lot": "select * from lot order by key_id, document_id, line",
    "allocation": "select * from allocation order by key_id, document_id, line, lot_document_id, lot_line, rule",
    "posting": "select * from posting order by document_id, line",
    "turnover": "select unit_id, month, debit_account_id, credit_account_id, sum(amount) from turnover group by 1, 2, 3, 4 "
                "having sum(amount) <> 0 order by 1, 2, 3, 4",
    "node": "select * from node order by id",
    "fold_key": "select * from fold_key order by id",
    "fact": "select fact.document_id, fact.line, moment, rank, node_id, nature, change, book, own_value, consume_only, due, label "
            "from fact where version_id in (select posted_version_id from document) order by 1, 2",
    "entry": "select document.id, entry.* from entry join document on posted_version_id = entry.version_id order by 1, entry.line",
}  # fmt: skip
BY_NAME: dict[str, LiteralString] = {
    "lot": "select document.key, lot.line, contour, fold_key.contract_id, lot.amount, book, residual, residual_book, due "
           "from lot join document on id = document_id join fold_key on fold_key.id = key_id order by 1, 2, 3, 4, 5",
    "allocation": "select document.key, allocation.line, target.key, lot_line, contour, fold_key.contract_id, rule, sum(amount), "
                  "sum(lot_book), sum(own_book) from allocation join document on document.id = document_id "
                  "join document target on target.id = lot_document_id join fold_key on fold_key.id = key_id "
                  "group by 1, 2, 3, 4, 5, 6, 7 order by 1, 2, 3, 4, 5, 6, 7",
    "posting": "select document.key, line, posting.kind, debit_account_id, credit_account_id, amount, settlement_amount, item "
               "from posting join document on id = document_id order by 1, 2",
}  # fmt: skip
"""The same without ids."""


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[Connection]:
    with database.throwaway(), database.connect() as conn:
        yield conn


def begin(conn: Connection) -> None:
    empty(conn)
    save_masters(conn, cast.MASTERS, TYPIST)


def state(conn: Connection, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    return {table: conn.execute(STATE[table]).fetchall() for table in tables or STATE}


def assert_oracle_agrees(conn: Connection) -> None:
    """The facts of every key, folded plainly, give the stored lots and allocations."""
    for key_id, contour, order in conn.execute("select id, contour, allocation_order from fold_key").fetchall():
        picture = fold_plainly(plain_facts(conn, key_id), order, contour, *plain_points(conn, key_id))
        assert picture.refusal is None
        lots = conn.execute(
            "select document_id, line, amount, book, residual, residual_book from lot where key_id = %s order by moment, line", [key_id]
        ).fetchall()
        assert lots == [
            (lot.document, lot.line, lot.amount, lot.book, lot.residual, lot.residual_book) for lot in picture.lots
        ]
        allocations = conn.execute(
            "select document_id, line, lot_document_id, lot_line, sum(amount)::bigint, sum(lot_book)::bigint, sum(own_book)::bigint, rule"
            " from allocation where key_id = %s and rule <> 9 group by 1, 2, 3, 4, 8", [key_id]
        )  # fmt: skip
        assert sorted(PlainAllocation(*row[:7], Rule(row[7])) for row in allocations) == sorted(picture.allocations)
        revalued = conn.execute(REVALUED_SQL, [key_id])
        assert sorted(PlainRevaluation(*row) for row in revalued) == sorted(picture.revaluations)


def plain_points(conn: Connection, key_id: int) -> tuple[tuple[PlainPoint, ...], int]:
    """The revaluations of a key, and the sign of its debts."""
    unit_id, contour, currency, book, debt = conn.execute(KEY_SQL, [key_id]).fetchone() or (0, "", "", "", 0)
    found = []
    for document, moment, content in conn.execute(REVALUATIONS_SQL, [unit_id]).fetchall():
        said = json.loads(content)
        for rate in said.get("rates", ()):
            if rate["currency"] == currency and currency != book and contour in said.get("contours", ("reg", "mgmt")):
                of_one = Fraction(rate["rate"]) / Fraction(rate.get("nominal", "1"))
                found.append(PlainPoint(document, moment, of_one * Fraction(10) ** (digits_of(book) - digits_of(currency))))
    return tuple(found), debt


def plain_facts(conn: Connection, key_id: int) -> list[PlainFact]:
    found = []
    for document, line, moment, change, book, rank, own, only, due, version, opens in conn.execute(FACTS_SQL, [key_id]).fetchall():
        named = conn.execute(TARGETS_SQL, [version, line]).fetchall()
        targets = tuple(PlainTarget(of, amount, Rule(rule), of_line) for of, amount, rule, of_line in named)
        found.append(PlainFact(document, line, moment, change, book, rank, own, only, due, targets, opens))
    return found


def assert_sound(conn: Connection) -> None:
    assert_oracle_agrees(conn)
    assert conn.execute(CONTOURS_SQL).fetchall() == []
    broken = {result.check.code: result.rows for result in run_checks(conn) if result.rows and result.check.state == "error"}
    assert broken == {}


@QUICK
@given(data=st.data())
def test_the_books_are_what_the_oracle_says(books: Connection, data: st.DataObject) -> None:
    begin(books)
    typed = post(books, data.draw(papers(named=True)))
    if typed:
        apply(books, data.draw(changes(typed)))
    assert_sound(books)


@QUICK
@given(data=st.data())
def test_any_keys_refolded_from_any_moment_are_as_stored(books: Connection, data: st.DataObject) -> None:
    begin(books)
    post(books, data.draw(papers(named=True)))
    keys = [row[0] for row in books.execute("select id from fold_key order by id")]
    moments = [row[0] for row in books.execute("select distinct moment from fact order by moment")]
    if not keys:
        return
    chosen = data.draw(st.lists(st.sampled_from(keys), min_size=1, unique=True))
    since = {key: data.draw(st.sampled_from([0, *moments, NEVER - 1])) for key in chosen}
    _terms, tails, targets = read_tails(ask_tails(books, since), since)
    found = refold(tails, targets)
    assert [found.lots_out, found.lots_in, found.lots_changed, found.allocations_out, found.allocations_in, found.refusals] == [[]] * 6


@QUICK
@given(typed=papers(named=False), data=st.data())
def test_two_edits_in_either_order_end_in_the_same_books(books: Connection, typed: list[AnyDocument], data: st.DataObject) -> None:
    """Of different papers, without refusals: payments name nothing, refunds have consent."""
    first, second = data.draw(one_edit_each(typed))
    ends = []
    for order in ((first, second), (second, first)):
        begin(books)
        assert post(books, [agreed(document) for document in typed]) == [agreed(document) for document in typed]
        assert apply(books, list(order)) == 2
        ends.append(state(books, "lot", "allocation", "posting", "turnover", "fact"))
    assert ends[0] == ends[1]


@st.composite
def corrected_invoices(draw: st.DrawFn) -> tuple[list[AnyDocument], Change, Change]:
    """An invoice, two corrections of it and two payments; an edit of the invoice, which may move it to another contract, and one of a
    correction."""
    codes = ["BUYER", "BUYER-ORDERS", "BUYER-INVOICES", "BUYER-MANUAL"]
    code, other = draw(st.sampled_from(codes)), draw(st.sampled_from(codes))
    common: dict[str, Any] = {"unit": "MSK"}

    def invoice(contract: str, amount: int, day: int) -> AnyDocument:
        party = CONTRACTS[contract].counterparty
        line = Line(amount=str(amount), kind="services", vat_rate="20")
        return Sale(**common, key="invoice", counterparty=party, contract=contract, date=f"2025-02-{day:02}", lines=[line])

    def correction(number: int) -> AnyDocument:
        lines = [Line(amount=str(draw(st.integers(1, 60))), kind="services", vat_rate="20")]
        direction = draw(st.sampled_from(["up", "down"]))
        day = f"2025-02-{draw(st.integers(4, 10)):02}"
        return SaleCorrection(**common, key=f"correction {number}", base="invoice", date=day, direction=direction, lines=lines)

    paid = [
        Payment(**common, key=f"paid {of}", kind="payment_from_customer", counterparty=CONTRACTS[of].counterparty, contract=of,
                date=f"2025-02-{draw(st.integers(1, 12)):02}", amount=str(draw(st.integers(1, 200))))
        for of in sorted({code, other})
    ]  # fmt: skip
    typed = [invoice(code, draw(st.integers(60, 150)), 2), correction(1), correction(2), *paid]
    edit = invoice(other, draw(st.integers(40, 150)), draw(st.integers(1, 5)))
    number = draw(st.integers(1, 2))
    return typed, Change("invoice", edit), Change(f"correction {number}", correction(number))


@QUICK
@given(drawn=corrected_invoices())
def test_a_base_and_its_correction_are_edited_in_either_order(
    books: Connection, drawn: tuple[list[AnyDocument], Change, Change]
) -> None:
    """Where both orders are accepted; one may be refused that the other is not, as when both amounts fall."""
    typed, first, second = drawn
    ends = []
    for order in ((first, second), (second, first)):
        begin(books)
        post(books, typed)
        if apply(books, list(order)) == 2:
            assert_sound(books)
            ends.append(state(books, "lot", "allocation", "posting", "turnover", "fact"))
    event(f"{len(ends)} orders accepted")
    assert ends[1:] in ([], ends[:1])


@st.composite
def one_edit_each(draw: st.DrawFn, typed: list[AnyDocument]) -> tuple[Change, Change]:
    one, other = draw(st.lists(st.sampled_from(typed), min_size=2, max_size=2, unique_by=lambda document: document.key))
    found = []
    for document in (one, other):
        (change,) = draw(changes([agreed(document)], most=1).filter(bool))
        found.append(change)
    return found[0], found[1]


def agreed(document: AnyDocument) -> AnyDocument:
    """With consent to what a refund would need it for."""
    return msgspec.structs.replace(document, consent=True) if hasattr(document, "consent") else document


@settings(QUICK, max_examples=15)
@given(typed=papers(named=True, most=14))
def test_a_bulk_import_is_posting_one_by_one(books: Connection, typed: list[AnyDocument]) -> None:
    """The same rows in every table, to the last id. The papers are those that one by one are accepted."""
    accepted = accepted_of(books, typed)
    assert post(books, accepted) == accepted
    one_by_one = state(books)
    begin(books)
    outcome = import_documents(books, lambda: list(enumerate(accepted)), TYPIST)
    assert (outcome.created, outcome.changed, outcome.unchanged) == (len(accepted), 0, 0)
    assert state(books) == one_by_one


@settings(QUICK, max_examples=15)
@given(typed=papers(named=True), data=st.data())
def test_a_bulk_import_into_books_that_have_begun(books: Connection, typed: list[AnyDocument], data: st.DataObject) -> None:
    """The first papers are there already, some of them as they were before an edit. The rows are those of posting one by one, but
    for the ids, which also count what was left alone."""
    accepted = accepted_of(books, typed)
    post(books, accepted)
    one_by_one = by_name(books)
    begin(books)
    already = accepted[: data.draw(st.integers(0, len(accepted)))]
    post(books, already)
    if already:
        apply(books, data.draw(changes(already, unpost=False)))
    outcome = import_documents(books, lambda: list(enumerate(accepted)), TYPIST, on_error="collect")
    assert outcome.created + outcome.changed + outcome.unchanged + len(outcome.refused) == len(accepted)
    if not outcome.refused:
        assert by_name(books) == one_by_one
    assert_sound(books)


def accepted_of(conn: Connection, typed: list[AnyDocument]) -> list[AnyDocument]:
    """Which of the papers are accepted one by one; the books are empty again."""
    begin(conn)
    accepted = post(conn, typed)
    begin(conn)
    return accepted


def by_name(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    return {table: conn.execute(query).fetchall() for table, query in BY_NAME.items()}
