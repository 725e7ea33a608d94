"""The verbs on documents against a real database: states, edits, consent, numbers, and what was known when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements import services
from setoff.settlements.bulk import ImportRefused, import_documents
from setoff.settlements.known import compare_with_refold, refold_all, shadow
from setoff.settlements.turnovers import compact_turnovers
from setoff.site import database
from setoff.trade.documents import Line, Payment, PaymentTarget, Sale

Db = psycopg.Connection[Any]


@pytest.fixture
def books(company: Db) -> Iterator[Db]:
    """The cast's master data; at the end every stored row is what a full refold says."""
    yield company
    assert compare_with_refold(company) == []


def sale(key: str, day: str, amount: str, **fields: Any) -> Sale:
    terms = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER", **fields}
    return Sale(key=key, date=day, lines=[Line(amount=amount, vat_rate="20")], **terms)


def payment(key: str, day: str, amount: str, *targets: tuple[str, str], **fields: Any) -> Payment:
    named = [PaymentTarget(document=document, amount=part) for document, part in targets]
    terms = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER", "kind": "payment_from_customer", **fields}
    return Payment(key=key, date=day, amount=amount, targets=named, **terms)


def open_lots(conn: Db, contour: str = "reg") -> dict[str, int]:
    rows = conn.execute(
        """select document.key, sum(residual)::int8 from lot join fold_key on fold_key.id = lot.key_id and contour = %s
           join document on document.id = lot.document_id where residual <> 0 group by document.key""",
        [contour],
    )
    return dict(rows.fetchall())


def code_of(error: pytest.ExceptionInfo[DomainError]) -> ErrorCode:
    return error.value.code


def test_saying_the_same_again_changes_nothing(books: Db, actor: Actor) -> None:
    first = services.post_document(books, sale("s", "2026-01-10", "120.00"), actor)
    again = services.post_document(books, sale("s", "2026-01-10", "120.00"), actor)
    assert (first.changed, again.changed, again.changes) == (True, False, [])
    assert books.execute("select count(*) from version").fetchone() == (1,)


def test_a_back_dated_payment_moves_allocations_to_later_documents(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("s1", "2026-01-10", "100.00"), actor)
    services.post_document(books, payment("p1", "2026-01-20", "100.00"), actor)
    services.post_document(books, sale("s2", "2026-01-25", "60.00"), actor)
    outcome = services.post_document(books, payment("p0", "2026-01-05", "30.00"), actor)
    moved = {(change.document_id, change.before, change.after) for change in outcome.changes if change.what == "allocation"}
    ids = dict(books.execute("select key, id from document").fetchall())
    # s1 now uses the advance of p0; p1 pays 30 less of s1 and has 30 more for s2
    assert moved == {(ids["s1"], 0, 3000), (ids["p1"], 10000, 7000), (ids["s2"], 0, 3000)}
    assert open_lots(books) == {"s2": 3000}


def test_two_edits_in_either_order_end_in_the_same_state(books: Db, actor: Actor) -> None:
    for document in (sale("s1", "2026-01-10", "100.00"), sale("s2", "2026-01-12", "50.00"), payment("p", "2026-01-20", "120.00")):
        services.post_document(books, document, actor)
    derived = "select key_id, document_id, line, lot_document_id, lot_line, amount from allocation order by 1, 2, 3, 4, 5"
    ends = []
    edits = (sale("s1", "2026-01-10", "70.00"), payment("p", "2026-01-11", "120.00"))
    for order in (edits, edits[::-1]):
        with books.transaction(force_rollback=True):
            for edit in order:
                services.post_document(books, edit, actor)
            ends.append((books.execute(derived).fetchall(), open_lots(books)))
    assert ends[0] == ends[1]


def test_unposting_takes_the_facts_out_and_posting_again_puts_them_back(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("s", "2026-01-10", "100.00"), actor)
    services.post_document(books, payment("p", "2026-01-11", "40.00"), actor)
    services.unpost_document(books, "s", actor)
    assert open_lots(books) == {"p": -4000}
    assert books.execute("select status from document where key = 's'").fetchone() == ("unposted",)
    services.post_saved(books, "s", actor)
    assert open_lots(books) == {"s": 6000}


def test_a_draft_has_no_facts_until_it_is_posted(books: Db, actor: Actor) -> None:
    services.save_document(books, sale("s", "2026-01-10", "100.00", state="draft"), actor)
    assert open_lots(books) == {}
    services.post_saved(books, "s", actor)
    assert open_lots(books) == {"s": 10000}


def test_states_refuse_what_does_not_fit(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("s", "2026-01-10", "100.00"), actor)
    with pytest.raises(DomainError) as refused:
        services.mark_for_deletion(books, "s", actor)
    assert code_of(refused) == ErrorCode.WRONG_STATE
    services.unpost_document(books, "s", actor)
    with pytest.raises(DomainError) as refused:
        services.unpost_document(books, "s", actor)
    assert code_of(refused) == ErrorCode.WRONG_STATE
    services.mark_for_deletion(books, "s", actor)
    with pytest.raises(DomainError) as refused:
        services.post_saved(books, "s", actor)
    assert code_of(refused) == ErrorCode.WRONG_STATE
    services.clear_deletion_mark(books, "s", actor)
    assert services.post_saved(books, "s", actor).changed


def test_a_key_belongs_to_one_kind(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("x", "2026-01-10", "100.00"), actor)
    with pytest.raises(DomainError) as refused:
        services.post_document(books, payment("x", "2026-01-10", "100.00"), actor)
    assert code_of(refused) == ErrorCode.REFERENCE_EXISTS


def test_numbers_run_by_unit_kind_and_year_and_skip_typed_ones(books: Db, actor: Actor) -> None:
    def number(document: Any) -> str:
        return services.post_document(books, document, actor).number

    assert number(sale("a", "2026-01-10", "1.00")) == "000001"
    assert number(sale("b", "2026-01-10", "1.00", number="000002")) == "000002"
    assert number(sale("c", "2026-01-10", "1.00")) == "000003"
    assert number(payment("d", "2026-01-10", "1.00")) == "000001"
    assert number(sale("e", "2025-06-10", "1.00")) == "000001"
    with pytest.raises(DomainError) as refused:
        number(sale("f", "2026-02-10", "1.00", number="000002"))
    assert code_of(refused) == ErrorCode.NUMBER_TAKEN


def test_a_named_target_that_is_too_small_refuses_the_whole_document(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("s", "2026-01-10", "100.00"), actor)
    with pytest.raises(DomainError) as refused:
        services.post_document(books, payment("p", "2026-01-11", "150.00", ("s", "120.00")), actor)
    assert code_of(refused) == ErrorCode.ALLOCATION_EXCEEDS_BALANCE
    facts = refused.value.facts
    assert [str(facts[name]) for name in ("balance", "amount", "excess")] == ["100.00 RUB", "120.00 RUB", "20.00 RUB"]
    assert books.execute("select count(*) from document").fetchone() == (1,)


def test_an_earlier_document_that_takes_a_later_target_needs_consent(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("s", "2026-01-10", "100.00"), actor)
    services.post_document(books, payment("late", "2026-01-20", "100.00", ("s", "100.00")), actor)
    early = payment("early", "2026-01-15", "30.00")
    with pytest.raises(DomainError) as refused:
        services.post_document(books, early, actor)
    assert code_of(refused) == ErrorCode.CONFLICT_WITH_LATER_TARGET
    assert [str(refused.value.facts["rows"][0][name]) for name in ("amount", "balance", "excess")] == [
        "100.00 RUB", "70.00 RUB", "30.00 RUB",
    ]
    services.post_document(books, early, actor, consent=True)
    assert open_lots(books) == {"late": -3000}
    assert books.execute("select amount, demoted from fact_target order by version_id desc limit 1").fetchone() == (7000, 3000)
    content = books.execute(
        "select content::jsonb -> 'targets' -> 0 from version join document on document.version_id = version.id where key = 'late'"
    ).fetchone()
    assert content == ({"document": "s", "amount": "70.00", "demoted": "30.00"},)


def test_a_report_can_be_asked_as_it_was_known(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("s", "2026-01-10", "100.00"), actor)
    before = datetime.now(UTC)
    services.post_document(books, sale("s", "2026-01-10", "80.00"), actor)
    services.post_document(books, payment("p", "2026-01-05", "30.00"), actor)
    assert open_lots(books) == {"s": 5000}
    with shadow(books, before):
        assert open_lots(books) == {"s": 10000}
        assert books.execute("select sum(amount)::int8 from posting where kind = 'entry'").fetchone() == (10000 + 1667,)
    assert open_lots(books) == {"s": 5000}


def test_internal_targets_bind_the_management_contour_only(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("old", "2026-01-10", "100.00"), actor)
    services.post_document(books, sale("new", "2026-01-11", "100.00"), actor)
    named = PaymentTarget(document="new", amount="100.00", named_by="internal")
    services.post_document(books, Payment(
        unit="MSK", key="p", date="2026-01-20", kind="payment_from_customer", counterparty="VEGA", contract="BUYER", amount="100.00",
        targets=[named],
    ), actor)
    assert open_lots(books, "reg") == {"new": 10000}
    assert open_lots(books, "mgmt") == {"old": 10000}


def test_a_full_refold_writes_what_was_damaged_and_nothing_else(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("s", "2026-01-10", "100.00"), actor)
    services.post_document(books, payment("p", "2026-01-11", "40.00"), actor)
    assert refold_all(books, actor) == 0
    with books.transaction():
        books.execute("set local session_replication_role = replica")
        books.execute("update allocation set amount = amount + 1")
    assert refold_all(books, actor) == 4  # two rows out, two in: one in each contour


def test_an_import_is_what_posting_one_by_one_gives(books: Db, actor: Actor) -> None:
    documents = [
        sale("s1", "2026-01-10", "100.00"), payment("p1", "2026-01-09", "150.00"), sale("s2", "2026-01-12", "90.00"),
        payment("p2", "2026-01-20", "40.00", ("s2", "40.00")), sale("s3", "2026-01-08", "10.00"),
    ]  # fmt: skip
    rows = """select fold_key.contour, settling.key, used.key, amount, rule from allocation
              join document settling on settling.id = document_id join document used on used.id = lot_document_id
              join fold_key on fold_key.id = key_id order by 1, 2, 3"""
    postings = """select document.key, line, posting.kind, debit_account_id, credit_account_id, amount, settlement_amount, vat_rate
                  from posting join document on document.id = document_id order by 1, 2"""
    found = []
    with books.transaction(force_rollback=True):
        for document in documents:
            services.post_document(books, document, actor)
        found.append((books.execute(rows).fetchall(), books.execute(postings).fetchall(), open_lots(books)))
    assert import_documents(books, lambda: enumerate(documents), actor).created == 5
    found.append((books.execute(rows).fetchall(), books.execute(postings).fetchall(), open_lots(books)))
    assert found[0] == found[1]
    assert import_documents(books, lambda: enumerate(documents), actor) == (0, 0, 5, [])


def test_an_import_keeps_all_or_nothing_or_the_good_ones(books: Db, actor: Actor) -> None:
    documents = [sale("s", "2026-01-10", "100.00"), payment("p", "2026-01-11", "120.00", ("s", "120.00")),
                 payment("q", "2026-01-12", "10.00"), sale("bad", "2026-02-30", "1.00")]
    with pytest.raises(ImportRefused) as stopped:
        import_documents(books, lambda: enumerate(documents), actor)
    assert stopped.value.ref == 3
    assert books.execute("select count(*) from document").fetchone() == (0,)
    outcome = import_documents(books, lambda: enumerate(documents), actor, on_error="collect")
    assert [(ref, error.code) for ref, error in outcome.refused] == [
        (1, ErrorCode.ALLOCATION_EXCEEDS_BALANCE), (3, ErrorCode.INVALID_DATE),
    ]
    assert open_lots(books) == {"s": 9000}


def test_turnovers_are_summed_up_without_changing_what_they_say(books: Db, actor: Actor) -> None:
    for number in range(1, 8):
        services.post_document(books, sale(f"s{number}", f"2026-01-{number:02d}", "120.00"), actor)
    sums = "select month, debit_account_id, credit_account_id, sum(amount) from turnover group by 1, 2, 3 order by 1, 2, 3"
    before = books.execute(sums).fetchall()
    assert books.execute("select count(*) from turnover").fetchone() == (14,)
    assert compact_turnovers(books)
    assert books.execute("select count(*) from turnover").fetchone() == (2,)
    assert books.execute(sums).fetchall() == before


def test_a_process_that_appends_turnovers_is_not_waited_for(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("s1", "2026-01-01", "120.00"), actor)
    with database.connect() as other, other.transaction():
        services.post_document(other, sale("s2", "2026-01-02", "120.00"), actor)
        books.execute("set lock_timeout = 1000")
        assert compact_turnovers(books)
    assert books.execute("select count(*) from turnover").fetchone() == (4,)


DERIVED = {
    "lot": "select key_id, document_id, line, due, amount, book, residual, residual_book, closed_moment from lot order by 1, 2, 3",
    "allocation": "select key_id, document_id, line, lot_document_id, lot_line, rule, amount, lot_book, own_book from allocation"
                  " order by 1, 2, 3, 4, 5, 6",
    "posting": "select * from posting order by 1, 2, 3",
    "turnover": "select unit_id, month, debit_account_id, credit_account_id, sum(amount) from turnover group by 1, 2, 3, 4"
                " having sum(amount) <> 0 order by 1, 2, 3, 4",
    "document": "select id, kind, number, date, moment, status, posted_version_id, counterparty_id, contract_id, currency, total"
                " from document where status = 'posted' order by 1",
}


def test_what_was_known_then_is_what_stood_there_then(books: Db, actor: Actor) -> None:
    """Some keys are touched later, some are not, one is new, one document moves to another key, one is posted without settlements, one has
    another amount."""
    def bank_fee(day: str) -> Payment:
        return Payment(unit="MSK", key="fee", date=day, kind="other_out", amount="7.00", account="91.02")

    for document in (
        sale("s1", "2026-01-10", "100.00"), sale("u1", "2026-01-10", "40.00", contract="BUYER-2"), payment("p1", "2026-01-20", "70.00"),
        payment("u2", "2026-01-05", "15.00", contract="BUYER-2"), sale("m1", "2026-01-15", "9.00"), bank_fee("2026-01-31"),
    ):
        services.post_document(books, document, actor)
    then = datetime.now(UTC)
    stood = {table: books.execute(query).fetchall() for table, query in DERIVED.items()}
    services.post_document(books, payment("p0", "2026-01-02", "30.00"), actor)
    services.post_document(books, sale("m1", "2026-02-15", "9.00", counterparty="SIRIUS", contract="BUYER-DUE"), actor)
    services.unpost_document(books, "p1", actor)
    services.post_document(books, bank_fee("2026-02-01"), actor)
    services.post_document(books, sale("s1", "2026-01-10", "125.00"), actor)
    with shadow(books, then):
        known = {table: books.execute(query).fetchall() for table, query in DERIVED.items()}
    assert known == stood
    assert {table: books.execute(query).fetchall() for table, query in DERIVED.items()} != stood


def test_a_file_may_change_a_document_and_name_what_the_change_allows(books: Db, actor: Actor) -> None:
    """The invoice grows, and a new payment names all of it; the order of the rows does not matter."""
    larger, paid = sale("s", "2026-01-10", "200.00"), payment("p", "2026-01-11", "200.00", ("s", "200.00"))
    for file in ((larger, paid), (paid, larger)):
        with books.transaction(force_rollback=True):
            services.post_document(books, sale("s", "2026-01-10", "100.00"), actor)
            assert import_documents(books, lambda file=file: enumerate(file), actor) == (1, 1, 0, [])
            assert import_documents(books, lambda file=file: enumerate(file), actor) == (0, 0, 2, [])
            assert open_lots(books) == {}
            assert compare_with_refold(books) == []
