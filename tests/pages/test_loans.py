"""The page of loans: the list, one loan, its interest looked at and then accrued.

365 000 at 10 % from February 28, 100.00 a day, interest due every month end. March is accrued; the working day is May 20.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.books.audit import Actor
from setoff.parties.records import Loan, LoanRate
from setoff.parties.services import save_masters
from setoff.settlements.loans.accrual import accrue
from setoff.settlements.loans.overview import full_month_end
from setoff.settlements.services import post_document
from setoff.trade.documents import Payment
from tests.access.people import add_user

Web = psycopg.Connection[Any]
COUNT = "select count(*) from document where kind = 'loan_interest'"
LOAN = "/loans/loan/?unit=MSK&contract=LOAN"
SAID = {"unit": "MSK", "contract": "", "last-day": "2025-04-30"}


def lend(web: Web) -> None:
    actor = Actor("tester", "test")
    save_masters(web, [Loan(code="LOAN", item="interest", maturity="2025-12-31", rates=[LoanRate(percent="10")])], actor)
    party = {"unit": "MSK", "counterparty": "IVANOV", "contract": "LOAN"}
    post_document(web, Payment(kind="loan_received", date="2025-02-28", amount="365000", key="lent", **party), actor)
    accrue(web, "MSK", date(2025, 3, 31), actor)


def in_may(client: Client) -> Client:
    session = client.session
    session["working_day"] = "2025-05-20"
    session.save()
    return client


def content(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


@pytest.mark.parametrize(
    ("day", "found"),
    [("2025-04-30", "2025-04-30"), ("2025-04-29", "2025-03-31"), ("2025-01-01", "2024-12-31"), ("2024-02-29", "2024-02-29")],
)
def test_the_last_full_month(day: str, found: str) -> None:
    assert full_month_end(date.fromisoformat(day)) == date.fromisoformat(found)


def test_the_list_and_interest_that_is_looked_at_and_then_accrued(web: Web, sign_in: Callable[..., Client]) -> None:
    """Due on May 31: 3 100 of March, 3 000 of April, 3 100 of May."""
    lend(web)
    client = in_may(sign_in("accountant"))
    shown = content(client.get("/loans/"))
    assert 'value="365000.00"' in shown and 'value="3100.00"' in shown and 'value="9200.00"' in shown
    assert shown.count("one month</span>") == 1 and 'name="last-day" value="2025-04-30"' in shown
    tried = content(client.post("/loans/accrue/", {**SAID, "last-day": "2025-04-12", "action": "try"}))  # the end of its month
    assert 'value="3000.00"' in tried and 'name="action" value="post"' in tried
    assert web.execute(COUNT).fetchone() == (1,)
    assert client.post("/loans/accrue/", {**SAID, "action": "post"}).status_code == 302
    assert web.execute(COUNT).fetchone() == (2,)
    again = content(client.get("/loans/"))
    assert 'value="6100.00"' in again and "one month</span>" not in again
    same = content(client.post("/loans/accrue/", {**SAID, "action": "try"}))
    assert "nothing is missing up to" in same and 'value="post"' not in same


def test_one_loan_has_terms_schedule_and_documents(web: Web, sign_in: Callable[..., Client]) -> None:
    """From March 1 to December 31 there are 306 days; to May 20, 81."""
    lend(web)
    client = in_may(sign_in("accountant"))
    shown = content(client.get(LOAN))
    assert 'value="30600.00"' in shown and 'value="8100.00"' in shown and "all at the end" in shown
    ids = [row[0] for row in web.execute("select id from document order by moment").fetchall()]
    assert len(ids) == 2 and all(f'href="/documents/{number}/"' in shown for number in ids)
    said = {**SAID, "contract": "LOAN"}
    assert 'value="3000.00"' in content(client.post("/loans/accrue/", {**said, "action": "try"}))
    posted = client.post("/loans/accrue/", {**said, "action": "post"})
    assert posted.headers["Location"] == LOAN and web.execute(COUNT).fetchone() == (2,)
    assert "Every full month has its interest." in content(client.get(LOAN))


def test_who_may_not_and_what_is_not_there(web: Web, sign_in: Callable[..., Client]) -> None:
    lend(web)
    viewer = in_may(sign_in("viewer"))
    assert viewer.post("/loans/accrue/", {**SAID, "action": "post"}).status_code == 403
    assert 'name="action"' not in content(viewer.get("/loans/")) + content(viewer.get(LOAN))
    add_user(web, "petersburg", SPB="accountant")
    other = in_may(sign_in("petersburg"))
    assert "contract=LOAN" not in content(other.get("/loans/")) and other.get(LOAN).status_code == 404
    assert other.post("/loans/accrue/", {**SAID, "action": "post"}).status_code == 404
    client = in_may(sign_in("accountant"))
    assert client.get("/loans/loan/?unit=MSK&contract=NONE").status_code == 404
    assert client.post("/loans/accrue/", {**SAID, "last-day": "x", "action": "try"}).status_code == 422
    assert web.execute(COUNT).fetchone() == (1,)
