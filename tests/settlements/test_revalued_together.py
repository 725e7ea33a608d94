"""Months revalued together are what posting their revaluations one by one makes, what a bulk import makes, and what a full refold says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import msgspec
import psycopg
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from setoff.books.services import close_period, lock_unit
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.records import Rate
from setoff.parties.services import save_masters
from setoff.settlements.bulk import import_documents
from setoff.settlements.diff import Change, joined_changes
from setoff.settlements.known import compare_with_refold
from setoff.settlements.revaluation.services import Typed, months_of, revaluation_on, revalue
from setoff.settlements.revaluation.together import state_together
from setoff.settlements.services import post_document
from setoff.site import database
from setoff.trade.documents import (
    AdjustmentRow,
    AnyDocument,
    DebtAdjustment,
    Line,
    Payment,
    PaymentTarget,
    Purchase,
    Revaluation,
    RevaluationRate,
    Sale,
    SaleCorrection,
)
from tests import cast
from tests.settlements.papers import TYPIST, paper
from tests.settlements.test_books_properties import QUICK, assert_sound, begin, by_name, state

Connection = psycopg.Connection[Any]

FOREIGN: Final = ("BUYER-EUR", "BUYER-UNIT", "SUPPLIER-EUR")
LAST: Final = date(2025, 4, 30)
RATES: Final = [
    Rate(currency="EUR", quote="RUB", date=day, rate=rate)
    for day, rate in (("2025-01-31", "99.5"), ("2025-02-28", "101.25"), ("2025-03-31", "97.3333"), ("2025-04-30", "104"))
]
AUDIT: Final = "select verb, document_id, details from audit where document_id is not null order by id"
REVALUATIONS: Final = """
  select content from document join version on version.id = posted_version_id where kind = 'revaluation' order by document.moment"""
KEPT: Final = """
  select code, sum(amount)::bigint from turnover join account on account.id = {} where code like '91.%'
  group by 1 having sum(amount) <> 0"""
MESSAGES: Final = "select document_id, version_no, action, posted from version order by id"


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[Connection]:
    with database.throwaway(), database.connect() as conn:
        yield conn


@st.composite
def foreign_papers(draw: st.DrawFn) -> list[AnyDocument]:
    """Papers of three contracts in euros, dated from January to April, and set-offs between two of them."""
    result: list[AnyDocument] = []
    for number in range(1, draw(st.integers(2, 9)) + 1):
        day = f"2025-{draw(st.integers(1, 4)):02}-{draw(st.integers(1, 28)):02}"
        if draw(st.integers(0, 5)) == 0:
            rows = [
                AdjustmentRow(side=side, amount=f"{draw(st.integers(1, 40))}.00", counterparty="BERLIN", contract=code)
                for side, code in (("they_owe_us", "BUYER-EUR"), ("we_owe_them", "SUPPLIER-EUR"))
            ]
            rows[1] = msgspec.structs.replace(rows[1], amount=rows[0].amount)
            result.append(DebtAdjustment(key=f"p{number}", unit="MSK", date=day, kind="set_off", rows=rows))
            continue
        code = draw(st.sampled_from(FOREIGN))
        earlier = [known for known in result if isinstance(known, Sale | Purchase) and known.contract == code]
        said = draw(paper(f"p{number}", code, earlier))
        result.append(msgspec.structs.replace(said, date=day))
    return result


def one_by_one(conn: Connection, until: date, typed: Mapping[str, Typed]) -> list[Change]:
    """The same months, each posted as a document of its own."""
    unit_id, steps = lock_unit(conn, "MSK"), []
    for day in list(months_of(conn, unit_id, until)):
        document = revaluation_on(conn, "MSK", unit_id, day, typed if day == until else {})
        if document is not None:
            steps.append(post_document(conn, document, TYPIST).changes)
    return joined_changes(steps)


def told(conn: Connection, typed: list[AnyDocument]) -> list[AnyDocument]:
    """Books with these papers, those of them that are accepted."""
    begin(conn)
    save_masters(conn, RATES, TYPIST)
    accepted = []
    for document in typed:
        try:
            post_document(conn, document, TYPIST)
        except DomainError:
            continue
        accepted.append(document)
    return accepted


@settings(QUICK, max_examples=10)
@given(typed=foreign_papers(), corrected=st.sampled_from([date(2025, 2, 28), date(2025, 3, 31)]), rate=st.sampled_from(["90", "123.4567"]))
def test_together_is_one_by_one_and_an_import(books: Connection, typed: list[AnyDocument], corrected: date, rate: str) -> None:
    """All months, then one of them by a typed rate, which moves what follows; the same rows to the last id, the same changes."""
    accepted = told(books, typed)
    assert told(books, accepted) == accepted  # what is refused takes a number too
    said = [(LAST, {}), (corrected, {"EUR": Typed(rate)}), (LAST, {})]
    plain = [one_by_one(books, until, rates) for until, rates in said]
    rows, records = state(books), (books.execute(AUDIT).fetchall(), books.execute(MESSAGES).fetchall())

    assert told(books, accepted) == accepted
    found = [revalue(books, "MSK", until, TYPIST, rates) for until, rates in said]
    assert [item.changes for item in found] == plain
    assert (books.execute(AUDIT).fetchall(), books.execute(MESSAGES).fetchall()) == records
    assert state(books) == rows
    assert compare_with_refold(books) == []
    assert found[2] == ([], [])
    event(f"{len(found[0].made)} months, {len(found[1].changes)} changes by the rate")

    names, documents = by_name(books), [*accepted, *revaluations(books)]
    begin(books)
    save_masters(books, RATES, TYPIST)
    assert import_documents(books, lambda: list(enumerate(documents)), TYPIST) == (len(documents), 0, 0, [])
    assert by_name(books) == names


def revaluations(conn: Connection) -> list[AnyDocument]:
    return [msgspec.json.decode(content, type=Revaluation) for (content,) in conn.execute(REVALUATIONS)]


def invoice(key: str, day: str) -> Sale:
    line = Line(amount="100.00", kind="services")
    return Sale(key=key, unit="MSK", date=day, counterparty="BERLIN", contract="BUYER-EUR", rate="100", lines=[line])


def test_the_kept_sums_follow(company: Connection) -> None:
    """100 EUR at 100 = 10 000; January 99.5: -50; 40 paid in February settle 3 980; February 101.25 makes 60 left 6 075: +105."""
    save_masters(company, RATES, TYPIST)
    post_document(company, invoice("invoice", "2025-01-10"), TYPIST)
    paid = Payment(
        key="paid", unit="MSK", date="2025-02-10", kind="payment_from_customer", counterparty="BERLIN", contract="BUYER-EUR", rate="100",
        amount="40.00",
    )  # fmt: skip
    post_document(company, paid, TYPIST)
    found = revalue(company, "MSK", date(2025, 2, 28), TYPIST)
    codes: dict[int, str] = dict(company.execute("select id, code from account").fetchall())
    subjects = [(change.subject[0], *(codes[account] for account in change.subject[1:])) for change in found.changes]
    assert [(*subject, change.before, change.after) for subject, change in zip(subjects, found.changes, strict=True)] == [
        ("revaluation", "91.02", "62.21", 0, 50_00),
        ("fx", "62.21", "91.01", 0, 20_00),
        ("revaluation", "62.21", "91.01", 0, 105_00),
    ]  # fmt: skip
    assert company.execute(KEPT.format("debit_account_id")).fetchall() == [("91.02", 50_00)]
    assert company.execute(KEPT.format("credit_account_id")).fetchall() == [("91.01", 125_00)]
    assert_sound(company)  # C-OPEN and C-4.2 compare every kept sum with its rows


def test_what_is_closed_refuses_with_the_list(company: Connection) -> None:
    """The debt stood in the closed January: its worth of 9 950 may not become 20 000."""
    save_masters(company, RATES, TYPIST)
    post_document(company, invoice("invoice", "2025-01-10"), TYPIST)
    revalue(company, "MSK", date(2025, 2, 28), TYPIST)
    close_period(company, "MSK", date(2025, 1, 31), TYPIST)
    assert revalue(company, "MSK", date(2025, 2, 28), TYPIST) == ([], [])
    january, february = revaluations(company)
    assert isinstance(january, Revaluation)
    other = msgspec.structs.replace(january, rates=(RevaluationRate(currency="EUR", rate="200", typed=True),))
    before = by_name(company)
    with pytest.raises(DomainError) as caught:
        state_together(company, "MSK", [other], TYPIST)
    assert caught.value.code == ErrorCode.PERIOD_CLOSED
    assert [(row["period"], row["what"]) for row in caught.value.facts["rows"]] == [("2025-01", "posting")] * 2
    assert by_name(company) == before
    assert february.key == "revaluation/MSK/2025-02-28"


def test_a_lot_that_one_payment_uses_twice_is_folded(company: Connection) -> None:
    """100.01 EUR, revalued at 99.5 to 9 951.00. A payment takes 1.01 of it twice, by two targets that are stored as one row: 9 951.00 *
    1.01 / 100.01 = 100.4955, so 100.50, and 9 850.50 * 1.01 / 99.00 = 100.4950, so 100.50 again; together 201.00, not the 200.99 of 2.02
    at once."""
    save_masters(company, RATES, TYPIST)
    lines = [Line(amount="100.01", kind="services")]
    post_document(company, msgspec.structs.replace(invoice("invoice", "2025-01-10"), lines=lines), TYPIST)
    twice = [PaymentTarget(document="invoice", amount="1.01")] * 2
    paid = Payment(
        key="paid", unit="MSK", date="2025-02-10", kind="payment_from_customer", counterparty="BERLIN", contract="BUYER-EUR", rate="100",
        amount="2.02", targets=twice,
    )  # fmt: skip
    post_document(company, paid, TYPIST)
    revalue(company, "MSK", date(2025, 1, 31), TYPIST)
    released = "select distinct lot_book from allocation join document on document.id = document_id where key = 'paid'"
    assert company.execute(released).fetchall() == [(201_00,)]
    assert compare_with_refold(company) == []


def test_what_a_fact_takes_over_follows_its_lot(company: Connection) -> None:
    """A correction of 25 of 100 EUR takes a quarter of the debt's worth: of 9 950 as revalued 2 487.50, of 12 000 by another rate 3 000.
    Its own worth is that of its base, 2 500; what lies between is an exchange difference."""
    save_masters(company, RATES, TYPIST)
    post_document(company, invoice("invoice", "2025-01-10"), TYPIST)
    lines = [Line(amount="25", kind="services")]
    less = SaleCorrection(key="less", unit="MSK", date="2025-02-10", base="invoice", direction="down", lines=lines)
    post_document(company, less, TYPIST)
    taken = "select distinct lot_book, own_book from allocation join document on document.id = document_id where key = 'less'"
    for rates, worth in (({}, 2487_50), ({"EUR": Typed("120")}, 3000_00)):
        revalue(company, "MSK", date(2025, 1, 31), TYPIST, rates)
        assert company.execute(taken).fetchall() == [(worth, 2500_00)]
        assert compare_with_refold(company) == []


def test_a_revaluation_that_moves_its_day_leaves_no_trace(company: Connection) -> None:
    """A debt that arises between the two days is revalued after the move alone, one that was settled between them before it alone."""
    save_masters(company, RATES, TYPIST)
    for key, day in (("early", "2025-01-10"), ("between", "2025-02-10")):
        post_document(company, invoice(key, day), TYPIST)
    paid = Payment(
        key="paid", unit="MSK", date="2025-02-20", kind="payment_from_customer", counterparty="BERLIN", contract="BUYER-EUR", rate="100",
        amount="100.00",
    )  # fmt: skip
    post_document(company, paid, TYPIST)
    met = """select distinct owner.key from allocation join document owner on owner.id = lot_document_id
             join document on document.id = document_id where document.kind = 'revaluation'"""
    revaluation = Revaluation(key="moved", unit="MSK", date="2025-01-31", rates=(RevaluationRate(currency="EUR", rate="99"),))
    for day, keys in (("2025-01-31", ["early"]), ("2025-02-28", ["between"]), ("2025-01-31", ["early"])):
        post_document(company, msgspec.structs.replace(revaluation, date=day), TYPIST)
        assert [key for (key,) in company.execute(met)] == keys
        assert compare_with_refold(company) == []
    assert_sound(company)


def test_a_debt_without_a_rate_refuses_all_months(company: Connection) -> None:
    post_document(company, invoice("invoice", "2025-01-10"), TYPIST)
    yen = msgspec.structs.replace(cast.BUYER_EUR, code="BUYER-JPY", number="JPY", currency="JPY", payment_currency="JPY")
    save_masters(company, [yen], TYPIST)
    later = msgspec.structs.replace(invoice("yen", "2025-02-10"), contract="BUYER-JPY", lines=[Line(amount="100", kind="services")])
    post_document(company, later, TYPIST)
    with pytest.raises(DomainError) as caught:
        revalue(company, "MSK", date(2025, 2, 28), TYPIST)
    assert caught.value.code == ErrorCode.RATE_MISSING
    assert revaluations(company) == []
