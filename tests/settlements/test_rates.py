"""Rates in the books: what was posted by another rate is stated again, revaluations too; what is closed refuses (spec 2.7, 1.10)."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.core.errors import DomainError, ErrorCode
from setoff.parties.records import Partner, Rate
from setoff.parties.services import save_masters
from setoff.settlements.known import compare_with_refold
from setoff.settlements.revaluation.rates import keep_records, take_rates
from setoff.settlements.revaluation.services import Typed, revalue
from setoff.settlements.services import post_document
from setoff.trade.documents import AdjustmentReceiver, AdjustmentRow, DebtAdjustment, Line, Payment, Sale, SaleReturn
from tests import cast

Db = psycopg.Connection[Any]
LOTS = "select distinct document.key, residual_book from lot join document on document.id = document_id order by 1"


def rate(day: str, value: str) -> Rate:
    return Rate(currency="EUR", quote="RUB", date=day, rate=value)


def sale(key: str, day: str, **more: str) -> Sale:
    return Sale(
        key=key, unit="MSK", date=day, counterparty="BERLIN", contract="BUYER-EUR", lines=[Line(amount="10.00", kind="services")], **more
    )


@pytest.fixture
def books(company: Db, actor: Actor) -> Db:
    """10 EUR each: at 100 of the table, at 90 typed, at 100 of a later month; March is revalued at 100."""
    take_rates(company, [rate("2025-03-01", "100")], actor)
    for document in (sale("by the table", "2025-03-10"), sale("typed", "2025-03-10", rate="90"), sale("April", "2025-04-10")):
        post_document(company, document, actor)
    revalue(company, "MSK", date(2025, 3, 31), actor)
    assert company.execute(LOTS).fetchall() == [("April", 1000_00), ("by the table", 1000_00), ("typed", 1000_00)]
    return company


def test_a_corrected_rate_states_its_days_again(books: Db, actor: Actor) -> None:
    taken = take_rates(books, [rate("2025-03-01", "110"), rate("2025-04-01", "120")], actor)
    assert taken[:4] == (1, 1, 0, 3)  # the sale by the table, the revaluation, the sale of April
    assert books.execute(LOTS).fetchall() == [("April", 1200_00), ("by the table", 1100_00), ("typed", 1100_00)]
    revenue = books.execute("select sum(amount)::bigint from posting join account on account.id = credit_account_id where code = '90.01'")
    assert revenue.fetchone() == (1100_00 + 900_00 + 1200_00,)
    assert compare_with_refold(books) == []
    assert take_rates(books, [rate("2025-03-01", "110"), rate("2025-04-01", "120")], actor) == (0, 0, 2, 0, [])


def test_a_rate_among_records_of_a_file_does_the_same(books: Db, actor: Actor) -> None:
    """With "collect" the rate by which a closed document would change is refused, the rest of the file stands."""
    partner = Partner(code="NEW", name="New")
    kept = keep_records(books, [partner, rate("2025-03-01", "110")], actor, on_error="collect")
    assert (kept.saved.created, kept.saved.changed, kept.restated) == (1, 1, 3)  # both sales by the table, the revaluation
    close_period(books, "MSK", date(2025, 3, 31), actor)
    kept = keep_records(books, [rate("2025-03-01", "120"), Partner(code="NEWER", name="Newer")], actor, on_error="collect")
    assert [(row.position, row.error.code) for row in kept.saved.refused] == [(0, ErrorCode.PERIOD_CLOSED)]
    assert (kept.saved.created, kept.restated) == (1, 0)
    assert books.execute("select rate::int from rate where date = '2025-03-01' and currency = 'EUR'").fetchone() == (110,)


def test_what_is_closed_refuses_the_rate(books: Db, actor: Actor) -> None:
    close_period(books, "MSK", date(2025, 3, 31), actor)
    with pytest.raises(DomainError) as caught:
        take_rates(books, [rate("2025-03-20", "101")], actor)
    assert caught.value.code == ErrorCode.PERIOD_CLOSED
    assert books.execute("select count(*) from rate where date = '2025-03-20'").fetchone() == (0,)


def test_a_typed_rate_of_a_revaluation_stays(books: Db, actor: Actor) -> None:
    made = revalue(books, "MSK", date(2025, 3, 31), actor, {"EUR": Typed("95.5")})
    assert [found.key for found in made.made] == ["revaluation/MSK/2025-03-31"]
    assert {change.after for change in made.changes} == {45_00, 55_00}
    assert take_rates(books, [rate("2025-03-31", "300")], actor)[3] == 1  # the sale of April
    assert books.execute(LOTS).fetchall() == [("April", 3000_00), ("by the table", 955_00), ("typed", 955_00)]
    with pytest.raises(DomainError) as caught:
        revalue(books, "MSK", date(2025, 3, 30), actor)
    assert caught.value.code == ErrorCode.INVALID_VALUE


def test_what_follows_a_document_of_the_day_follows_its_rate(company: Db, actor: Actor) -> None:
    """Both follow in April, when another rate holds: 4 of 10 EUR come back at the rate of the sale; 6 EUR of an advance move at that of the
    payment."""
    take_rates(company, [rate("2025-03-01", "100"), rate("2025-04-01", "120")], actor)
    contracts = [msgspec.structs.replace(cast.BUYER_EUR, code=code, number=code) for code in ("SECOND", "THIRD")]
    save_masters(company, contracts, actor)
    row = AdjustmentRow(side="we_owe_them", counterparty="BERLIN", contract="SECOND", amount="6.00", document="advance")
    receiver = AdjustmentReceiver(counterparty="BERLIN", contract="THIRD")
    for document in (
        sale("sold", "2025-03-10"),
        SaleReturn(key="back", unit="MSK", date="2025-04-05", base="sold", lines=[Line(amount="4.00", kind="services")]),
        Payment(
            key="advance", kind="payment_from_customer", unit="MSK", date="2025-03-10", counterparty="BERLIN", contract="SECOND",
            amount="6.00", currency="EUR",
        ),
        DebtAdjustment(key="moved", kind="transfer", unit="MSK", date="2025-04-05", rows=[row], receiver=receiver),
    ):  # fmt: skip
        post_document(company, document, actor)
    assert company.execute(LOTS).fetchall() == [("advance", 0), ("moved", -600_00), ("sold", 600_00)]
    assert take_rates(company, [rate("2025-03-05", "110")], actor)[3] == 2
    assert company.execute(LOTS).fetchall() == [("advance", 0), ("moved", -660_00), ("sold", 660_00)]
    fx = "select count(*) from posting where kind = 'fx'"
    assert company.execute(fx).fetchone() == (0,)
    assert compare_with_refold(company) == []
