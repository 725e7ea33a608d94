"""The edges of what the books can hold: days, lengths of texts, sums. Beyond them a document is refused, never half kept."""

from __future__ import annotations

import random
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.cli import run
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import FIRST_DAY, LAST_DAY
from setoff.settlements import rebuild
from setoff.settlements.bulk import import_documents
from setoff.settlements.checks import run_checks
from setoff.settlements.known import compare_with_refold
from setoff.settlements.services import post_document, save_document, unpost_document
from setoff.settlements.turnovers import compact_turnovers
from setoff.trade.documents import AnyDocument, Line, OpeningBalance, OpeningRow, Payment, Sale

Connection = psycopg.Connection[Any]


def sale(**fields: Any) -> Sale:
    known = {"unit": "MSK", "date": "2025-02-10", "counterparty": "VEGA", "contract": "BUYER", "lines": [Line(amount="100")], **fields}
    return Sale(**known)


@pytest.mark.parametrize("day", ["0001-01-01", "0564-01-01", "4871-01-01", "9999-12-31"])
def test_a_day_that_no_moment_can_have_is_refused(company: Connection, actor: Actor, day: str) -> None:
    for verb in (post_document, save_document):
        with pytest.raises(DomainError) as refused:
            verb(company, sale(date=day, contract=""), actor)
        assert (refused.value.code, refused.value.facts["field"]) == (ErrorCode.INVALID_DATE, "date")


def test_the_first_and_the_last_day_are_days_like_others(company: Connection, actor: Actor) -> None:
    for day in (FIRST_DAY, LAST_DAY):
        post_document(company, sale(key=f"{day}", date=str(day), contract="", due="9999-12-31"), actor)
    opening = OpeningRow(counterparty="VEGA", number="1", date="0001-01-01", amount="5")
    post_document(company, OpeningBalance(unit="MSK", date="2025-01-01", kind="customer_debts", rows=[opening]), actor)
    assert compare_with_refold(company) == []
    assert [result.check.code for result in run_checks(company) if result.rows and result.check.state == "error"] == []


LONG = "".join(random.Random(1).choice("0123456789abcdef") for _ in range(9_000))


@pytest.mark.parametrize("field", ["key", "number", "order"])
def test_a_name_too_long_for_an_index_is_refused(company: Connection, actor: Actor, field: str) -> None:
    document = sale(**{field: LONG, "counterparty": "SIRIUS", "contract": "BUYER-ORDERS"})
    with pytest.raises(DomainError) as refused:
        post_document(company, document, actor)
    assert (refused.value.code, refused.value.facts["field"]) == (ErrorCode.INVALID_VALUE, field)
    outcome = import_documents(company, lambda: [(1, document)], actor, on_error="collect")
    assert [error.code for _ref, error in outcome.refused] == [ErrorCode.INVALID_VALUE]


def test_sums_beyond_sixty_four_bits(company: Connection, actor: Actor, capsys: pytest.CaptureFixture[str]) -> None:
    """A hundred documents of the largest amount are more than a turnover holds. Reports say so, and once the documents are out of
    the books again everything is as before."""
    keys = [f"big-{number}" for number in range(100)]
    documents = [sale(key=key, lines=[Line(amount="1000000000000000")]) for key in keys]
    import_documents(company, lambda: list(enumerate(documents[:50])), actor)
    for document in documents[50:]:
        post_document(company, document, actor)
    assert compact_turnovers(company) is False
    assert run(["report", "turnover-balance", "--as-of", "2025-12-31"]) == 1
    assert "amount_too_large" in capsys.readouterr().err
    for key in keys[1:]:
        unpost_document(company, key, actor)
    assert compact_turnovers(company) is True
    assert run(["report", "turnover-balance", "--as-of", "2025-12-31"]) == 0
    assert compare_with_refold(company) == []


MANY_DEBTS = [
    sale(key=f"s{number}", counterparty="SIRIUS", contract="BUYER-LEGAL", due="2025-04-01", lines=[Line(amount="1000000000000000")])
    for number in range(100)
]
DEAR_ADVANCES = [
    Payment(key=f"a{number}", unit="MSK", date="2025-01-05", kind="payment_from_customer", counterparty="BERLIN", contract="BUYER-EUR",
            amount="0.01", rate="90000000000000000")
    for number in range(110)
]  # fmt: skip


def test_many_large_debts_are_shared_out_alike_whoever_folds(
    company: Connection, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The debts of one day sum to more than 64 bits hold. The compiled fold does not wrap around."""
    paid = Payment(
        key="p", unit="MSK", date="2025-05-02", kind="payment_from_customer", counterparty="SIRIUS", contract="BUYER-LEGAL",
        amount="999999999999999.99",
    )  # fmt: skip
    for document in (*MANY_DEBTS, paid):
        post_document(company, document, actor)
    monkeypatch.setattr(rebuild, "MANY", -1)
    assert compare_with_refold(company) == []
    assert company.execute("select distinct sum(residual) from lot group by key_id").fetchall() == [(99 * 10**17 + 1,)]


@pytest.mark.parametrize("many", [-1, rebuild.MANY])
def test_a_supply_worth_more_than_64_bits_is_refused(
    company: Connection, actor: Actor, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    """It takes over the value of a hundred advances that were all as dear as can be."""
    monkeypatch.setattr(rebuild, "MANY", many)
    document: AnyDocument = sale(counterparty="BERLIN", contract="BUYER-EUR", rate="100", lines=[Line(amount="2", vat_rate="20")])
    import_documents(company, lambda: list(enumerate(DEAR_ADVANCES)), actor)
    for post in (lambda: post_document(company, document, actor), lambda: import_documents(company, lambda: [(1, document)], actor)):
        with pytest.raises(DomainError) as refused:
            post()
        assert refused.value.code is ErrorCode.AMOUNT_TOO_LARGE
    assert compare_with_refold(company) == []
