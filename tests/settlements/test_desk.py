"""The allocation desk: what is proposed and why, what a payment says afterwards, and that the books follow."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.cli import run
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Rule
from setoff.parties.services import save_masters
from setoff.settlements import together
from setoff.settlements.allocate import allocate, put_of
from setoff.settlements.checks import run_checks
from setoff.settlements.desk import OpenItem, Settled, propose, settle
from setoff.settlements.desk_queries import Pair, Side, desk
from setoff.settlements.services import post_document, unpost_document
from setoff.trade.documents import Payment, PaymentRow, PaymentTarget
from setoff.trade.queries import decode_document
from tests import cast
from tests.reports.story import payment, sale
from tests.told import BooksOf

Books = psycopg.Connection[Any]
RUB = Pair("buyer", "RUB")


def item(moment: int, amount: int, contract: str = "A", due: int = 0, order: str = "moment", *, moves: bool = True) -> OpenItem:
    day = date(2025, 1, due) if due else None
    name = f"D{moment}"
    first = date(2025, 1, 1)
    return OpenItem(
        name, moment, "sale", name, first, 1, moment, moment, day, contract, contract, order, "", amount, 1, False, True, moves
    )


def matched(debts: list[OpenItem], money: list[OpenItem]) -> list[tuple[int, int, int, str]]:
    return [(*match[:3], match.rule.name) for match in propose(debts, money)]


def test_the_oldest_money_takes_the_oldest_debts_of_its_contract_first() -> None:
    debts = [item(1, 100, "B"), item(2, 100), item(3, 100)]
    assert matched(debts, [item(5, 250)]) == [(0, 1, 100, "MOMENT"), (0, 2, 100, "MOMENT"), (0, 0, 50, "MOMENT")]


def test_money_does_not_take_what_arose_after_it() -> None:
    assert matched([item(1, 10), item(7, 100)], [item(5, 50)]) == [(0, 0, 10, "MOMENT")]


def test_money_of_another_currency_stays_under_its_contract() -> None:
    assert matched([item(1, 10, "B")], [item(5, 50, moves=False)]) == []


def test_due_dates_and_the_legal_order() -> None:
    debts = [item(1, 100, due=20, order="due_date"), item(2, 100, due=10, order="due_date"), item(3, 100, order="due_date")]
    assert [match[1] for match in matched(debts, [item(5, 210)])] == [1, 0, 2]
    legal = [item(1, 100, due=10, order="legal"), item(2, 300, due=10, order="legal"), item(3, 50, due=5, order="legal")]
    assert matched(legal, [item(5, 250)]) == [(0, 2, 50, "LEGAL"), (0, 0, 50, "LEGAL_PRO_RATA"), (0, 1, 150, "LEGAL_PRO_RATA")]


ITEMS = st.lists(st.tuples(st.integers(1, 500), st.sampled_from("ABC"), st.integers(0, 5)), max_size=12)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(debts=ITEMS, money=ITEMS, order=st.sampled_from(["moment", "due_date", "legal"]))
def test_nothing_is_used_beyond_what_it_has_and_nothing_is_left_that_fits(debts: Any, money: Any, order: str) -> None:
    owed = [item(2 * place + 1, amount, contract, due, order) for place, (amount, contract, due) in enumerate(debts)]
    free = [item(2 * place + 2, amount, contract, due, order) for place, (amount, contract, due) in enumerate(money)]
    matches = propose(owed, free)
    assert all(match.amount > 0 and owed[match.debt].moment < free[match.money].moment for match in matches)
    left = [debt.amount - sum(match.amount for match in matches if match.debt == place) for place, debt in enumerate(owed)]
    rest = [paid.amount - sum(match.amount for match in matches if match.money == place) for place, paid in enumerate(free)]
    assert min([*left, *rest], default=0) >= 0
    assert not any(
        a and b and owed[place].moment < free[other].moment for place, a in enumerate(left) for other, b in enumerate(rest)
    )


def paid(**fields: Any) -> Payment:
    return Payment(unit="MSK", date="2025-03-01", kind="payment_from_customer", counterparty="VEGA", amount="100.00", number="P", **fields)


def test_a_debt_of_the_same_contract_is_a_target() -> None:
    done = settle(paid(contract="A"), "A", [Settled("S-1", 0, "A", 4000), Settled("S-1", 0, "A", 1000)], "RUB", "internal")
    assert done.rows == [] and done.targets == [PaymentTarget(document="S-1", amount="50.00", named_by="internal")]


def test_a_debt_of_another_contract_takes_a_row_with_it() -> None:
    done = settle(paid(contract="A"), "A", [Settled("S-1", 0, "B", 4000)], "RUB", "payer")
    assert [(row.contract or done.contract, row.amount, [target.amount for target in row.targets]) for row in done.rows] == [
        ("A", "60.00", []), ("B", "40.00", ["40.00"]),
    ]  # fmt: skip
    whole = settle(paid(contract="A"), "A", [Settled("S-1", 0, "B", 10000)], "RUB", "payer")
    assert [(row.contract, row.amount) for row in whole.rows] == [("B", "100.00")]


def test_a_debt_of_another_order_takes_a_row_with_it() -> None:
    parts = [Settled("S-1", 0, "A", 4000, "8"), Settled("S-2", 0, "A", 1000, "7")]
    done = settle(paid(contract="A", order="7"), "A", parts, "RUB", "internal")
    assert done.order == "" and [(row.contract, row.order, row.amount, [target.amount for target in row.targets]) for row in done.rows] == [
        ("A", "7", "60.00", ["10.00"]), ("A", "8", "40.00", ["40.00"]),
    ]  # fmt: skip
    without = settle(paid(contract="A", order="7"), "A", [Settled("S-1", 0, "A", 4000, None)], "RUB", "internal")
    assert without.rows == [] and without.order == "7"


def test_more_than_is_free_is_refused() -> None:
    named = [PaymentTarget(document="S-0", amount="70.00")]
    rows = [PaymentRow(contract="A", amount="100.00", targets=named)]
    with pytest.raises(DomainError) as refusal:
        settle(paid(rows=rows), "A", [Settled("S-1", 0, "A", 4000)], "RUB", "internal")
    assert refusal.value.code == ErrorCode.INVALID_VALUE


@pytest.fixture
def books(books_of: BooksOf, actor: Actor) -> Books:
    return books_of(tell, actor)


def tell(company: Books, actor: Actor) -> None:
    """SIRIUS: by invoices two debts and a payment; under manual allocation a debt and a payment; VEGA: an advance before its invoice."""
    save_masters(company, cast.MASTERS, actor)
    for document in (
        sale("2025-01-10", "S-1", "300.00", contract="BUYER-INVOICES", party="SIRIUS"),
        sale("2025-01-20", "S-2", "200.00", contract="BUYER-INVOICES", party="SIRIUS"),
        sale("2025-01-25", "S-3", "90.00", contract="BUYER-MANUAL", party="SIRIUS"),
        payment("2025-02-01", "P-1", "400.00", counterparty="SIRIUS", contract="BUYER-INVOICES"),
        payment("2025-02-02", "P-2", "100.00", counterparty="SIRIUS", contract="BUYER-MANUAL"),
    ):
        post_document(company, document, actor)


def unit_of(conn: Books) -> int:
    row = conn.execute("select id from unit where code = 'MSK'").fetchone()
    assert row is not None
    return int(row[0])


def side_of(conn: Books) -> Side:
    return desk(conn, unit_of(conn), "SIRIUS").get(RUB, Side([], []))


def test_the_proposal_is_posted_and_nothing_that_fits_is_left(books: Books, actor: Actor) -> None:
    side = side_of(books)
    assert [(debt.number, debt.amount) for debt in side.debts] == [("S-1", 30000), ("S-2", 20000), ("S-3", 9000)]
    assert [(free.number, free.amount) for free in side.money] == [("P-1", 40000), ("P-2", 10000)]
    matches = propose(side.debts, side.money)
    assert {match.rule for match in matches} == {Rule.MOMENT}
    puts = [put_of(side.money[match.money], side.debts[match.debt], match.amount) for match in matches]
    done = allocate(books, puts, "RUB", actor)
    assert [number for _id, _key, number in done.payments] == ["P-1", "P-2"] and done.changes
    after = side_of(books)
    assert (sum(debt.amount for debt in after.debts), after.money) == (9000, [])
    assert [result.check.code for result in run_checks(books) if result.rows and result.check.state == "error"] == []


STATED = (
    """select key, version_no, content, facts_hash, total, contract_id, document.moment
       from document join version on document.version_id = version.id""",
    "select * from lot", "select * from allocation", "select * from posting",
    "select document_id, fact.line, change, book from fact join document on posted_version_id = fact.version_id",
    "select contour, side, what, currency, day, sum(items), sum(amount) from open_day group by 1, 2, 3, 4, 5 having sum(items) <> 0",
    "select document_id, verb, author, details from audit",
)  # fmt: skip
"""What a verb leaves in the books; rows in any order."""
CONTRACTS = ("BUYER-INVOICES", "BUYER-REG-INVOICES", "BUYER-DUE", "BUYER-LEGAL", "BUYER-MANUAL")


def tell_many(company: Books, actor: Actor) -> None:
    """SIRIUS: thirty debts and twenty payments in odd amounts, of five contracts, on a few days."""
    save_masters(company, cast.MASTERS, actor)
    for number in range(30):
        day, contract = f"2025-01-{1 + number % 7:02d}", CONTRACTS[number * 3 % 5]
        post_document(company, sale(day, f"S-{number}", f"{70 + number * 13}.17", contract=contract, party="SIRIUS"), actor)
    for number in range(20):
        day, contract = f"2025-02-{1 + number % 4:02d}", CONTRACTS[number % 2]
        post_document(company, payment(day, f"P-{number}", f"{150 + number * 17}.05", counterparty="SIRIUS", contract=contract), actor)


def left_by(books: Books, puts: Any, actor: Actor, **options: Any) -> tuple[Any, list[Any]]:
    """What an allocation leaves, and what it says; nothing is kept."""
    with books.transaction(force_rollback=True):
        done = allocate(books, puts, "RUB", actor, **options)
        return done, [sorted(map(repr, books.execute(query).fetchall())) for query in STATED]


def one_by_one(conn: Books, payments: Any, actor: Actor, *, consent: bool) -> list[Any]:
    return [post_document(conn, said, actor, consent=consent) for said in payments]


def test_many_payments_leave_what_one_after_another_leave(
    books_of: BooksOf, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = books_of(tell_many, actor)
    side = side_of(books)
    matches = propose(side.debts, side.money)
    moved = [match for match in matches if side.debts[match.debt].contract != side.money[match.money].contract]
    assert len({match.money for match in matches}) == 20 and len(moved) > 3
    puts = [put_of(side.money[match.money], side.debts[match.debt], match.amount) for match in matches]
    expected = left_by(books, puts, actor, post=one_by_one)
    monkeypatch.setattr(together, "post_document", None)  # none is posted by itself
    found = left_by(books, puts, actor)
    assert [(change.document_id, change.what, change.before, change.after) for change in found[0].changes] == [
        (change.document_id, change.what, change.before, change.after) for change in expected[0].changes
    ]  # fmt: skip
    assert found[0].payments == expected[0].payments
    for query, rows, others in zip(STATED, found[1], expected[1], strict=True):
        assert rows == others, query


@pytest.mark.parametrize("why", ["closed", "too much", "draft"])
def test_what_is_more_than_a_fold_is_told_as_one_after_another(books_of: BooksOf, actor: Actor, why: str) -> None:
    books = books_of(tell_many, actor)
    side = side_of(books)
    matches = propose(side.debts, side.money)
    puts = [put_of(side.money[match.money], side.debts[match.debt], match.amount) for match in matches]
    if why == "closed":
        close_period(books, "MSK", date(2025, 2, 28), actor)
    elif why == "too much":
        puts[-1] = puts[-1]._replace(amount=puts[-1].amount + 1)
    else:
        unpost_document(books, puts[0].payment, actor)
    told = []
    for options in ({}, {"post": one_by_one}):
        with pytest.raises(DomainError) as refusal:
            left_by(books, puts, actor, **options)
        told.append(str(refusal.value))
    assert told[0] == told[1]


def test_a_dry_run_keeps_nothing_and_a_changed_payment_is_refused(books: Books, actor: Actor) -> None:
    side = side_of(books)
    put = put_of(side.money[0], side.debts[1], 10000)
    with books.transaction(force_rollback=True):
        allocate(books, [put], "RUB", actor)
    assert side_of(books) == side
    stored = books.execute("select content from version join document on version_id = version.id where number = 'P-1'").fetchone()
    assert stored is not None
    post_document(books, msgspec.structs.replace(decode_document(stored[0]), comment="seen"), actor)
    with pytest.raises(DomainError) as refusal:
        allocate(books, [put], "RUB", actor, versions={put.payment: side.money[0].version_id})
    assert refusal.value.code == ErrorCode.ALLOCATION_CHANGED


def test_more_than_is_open_is_refused_as_a_whole(books: Books, actor: Actor) -> None:
    side = side_of(books)
    puts = [put_of(side.money[1], side.debts[2], 9000), put_of(side.money[0], side.debts[1], 20001)]
    with pytest.raises(DomainError) as refusal:
        allocate(books, puts, "RUB", actor)
    assert refusal.value.code == ErrorCode.ALLOCATION_EXCEEDS_BALANCE
    assert side_of(books) == side


def test_the_command_shows_and_does(books: Books, capsys: pytest.CaptureFixture[str]) -> None:
    base = ["allocate", "--counterparty", "SIRIUS", "--unit", "MSK", "--currency", "RUB"]
    assert run(base) == 0
    assert "oldest first" in capsys.readouterr().out and len(side_of(books).money) == 2
    keys = ("payment_from_customer/MSK/2025/P-2", "sale/MSK/2025/S-3")
    assert run([*base, "--put", f"{keys[0]}={keys[1]}:90.00", "--payer", "--post"]) == 0
    assert [debt.number for debt in side_of(books).debts] == ["S-1", "S-2"]
    assert run([*base, "--put", f"{keys[0]}=nothing:1.00"]) == 1
    assert run([*base[:-2], "--currency", "EUR"]) == 0
