"""The page of rates and revaluation: the months, a revaluation looked at and posted, files of rates, and the warning before a closing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.parties.records import Rate
from setoff.settlements.revaluation.months import Month, OldRate, left_out, months, old_rates
from setoff.settlements.revaluation.rates import take_rates
from setoff.settlements.revaluation.services import Typed, revalue
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Payment, Sale

Web = psycopg.Connection[Any]
COUNT = "select count(*) from document where kind = 'revaluation'"
JANUARY, FEBRUARY, MARCH = date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 20)
FILE = b"""<?xml version="1.0" encoding="UTF-8"?><ValCurs Date="28.02.2025" name="x"><Valute ID="R01239"><CharCode>EUR</CharCode>
<Nominal>1</Nominal><Value>110</Value></Valute></ValCurs>"""


@pytest.fixture
def owed(web: Web) -> Web:
    """100 EUR of January at 100 are owed until they are paid in March; the table says 100 in January, 104.5 in February."""
    actor = Actor("tester", "test")
    party: dict[str, Any] = {"unit": "MSK", "counterparty": "BERLIN", "contract": "BUYER-EUR"}
    post_document(web, Sale(date="2025-01-10", key="invoice", lines=[Line(amount="100", kind="services")], **party), actor)
    post_document(web, Payment(kind="payment_from_customer", date="2025-03-10", amount="100", rate="100", **party), actor)
    return web


def content(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def in_march(client: Client) -> Client:
    session = client.session
    session["working_day"] = "2025-03-20"
    session.save()
    return client


def unit_of(conn: Web) -> int:
    (found,) = conn.execute("select id from unit where code = 'MSK'").fetchone() or (0,)
    return int(found)


def test_a_month_is_looked_at_and_then_posted(owed: Web, sign_in: Callable[..., Client]) -> None:
    """100 EUR at 104.5 instead of 100 are a gain of 450, and paying them at 100 is a loss of 450."""
    client = in_march(sign_in("accountant"))
    shown = content(client.get("/rates/"))
    assert shown.count("not revalued") == 2 and 'value="2025-02-28"' in shown and 'value="2025-03-31"' not in shown
    said = {"unit": "MSK", "last-day": "2025-02-28", "rates": ""}
    tried = content(client.post("/rates/revalue/", {**said, "action": "try"}))
    assert 'value="450.00"' in tried and "Documents whose postings change: 2." in tried
    assert owed.execute(COUNT).fetchone() == (0,)
    assert client.post("/rates/revalue/", {**said, "action": "post"}).status_code == 302
    assert owed.execute(COUNT).fetchone() == (2,)
    again = content(client.get("/rates/"))
    assert "1 EUR = 104.5" in again and "not revalued" not in again


def test_a_rate_is_typed_and_what_cannot_be_is_told(owed: Web, sign_in: Callable[..., Client]) -> None:
    client = in_march(sign_in("accountant"))
    said = {"unit": "MSK", "last-day": "2025-02-28", "action": "post"}
    assert client.post("/rates/revalue/", {**said, "rates": "EUR"}).status_code == 422
    assert client.post("/rates/revalue/", {**said, "rates": "", "last-day": "2025-02-27"}).status_code == 422
    assert client.post("/rates/revalue/", {**said, "rates": "EUR=990.5/10"}).status_code == 302
    assert "10 EUR = 990.5" in content(client.get("/rates/"))
    assert sign_in("viewer").post("/rates/revalue/", {**said, "rates": ""}).status_code == 403
    assert 'name="rates"' not in content(in_march(sign_in("viewer")).get("/rates/"))


def test_a_file_of_rates_is_looked_at_and_taken_in(owed: Web, sign_in: Callable[..., Client]) -> None:
    known = "select rate::text from rate where currency = 'EUR' and date = '2025-02-28'"
    client = sign_in("administrator")
    assert client.post("/rates/take/", {"action": "try"}).status_code == 422
    tried = content(client.post("/rates/take/", {"action": "try", "files": SimpleUploadedFile("rates.xml", FILE)}))
    assert "Nothing was kept. Rates: new 1" in tried and owed.execute(known).fetchall() == []
    assert client.post("/rates/take/", {"action": "take", "files": SimpleUploadedFile("rates.xml", FILE)}).status_code == 302
    (found,) = owed.execute(known).fetchone() or ("",)
    assert float(found) == 110
    assert sign_in("accountant").post("/rates/take/", {"action": "take", "files": SimpleUploadedFile("x", FILE)}).status_code == 403


def test_a_rate_of_long_ago_is_told_unless_one_is_typed(owed: Web, sign_in: Callable[..., Client]) -> None:
    """February has the rate of the 1st. One of the 17th is eleven days old on the 28th, as over the New Year: of that nothing is said."""
    unit_id, actor = unit_of(owed), Actor("tester", "test")
    assert old_rates(owed, unit_id, JANUARY) == [(JANUARY, OldRate("EUR", date(2025, 1, 1)))]
    assert "the newest rate in the table is of 1 Feb 2025" in content(sign_in("controller").get("/rates/"))
    revalue(owed, "MSK", JANUARY, actor, {"EUR": Typed("101")})
    assert old_rates(owed, unit_id, FEBRUARY) == [(FEBRUARY, OldRate("EUR", date(2025, 2, 1)))]
    for day, said in (("2025-02-16", [(FEBRUARY, OldRate("EUR", date(2025, 2, 16)))]), ("2025-02-17", [])):
        take_rates(owed, [Rate(currency="EUR", quote="RUB", date=day, rate="103")], actor)
        assert old_rates(owed, unit_id, FEBRUARY) == said


def test_closing_is_told_what_is_not_revalued(owed: Web, sign_in: Callable[..., Client]) -> None:
    unit_id = unit_of(owed)
    old = [OldRate("EUR", date(2025, 2, 1)), OldRate("EUR", date(2025, 1, 1))]
    assert months(owed, unit_id, MARCH) == [
        Month(FEBRUARY, False, ("EUR",), old_rates=(old[0],)), Month(JANUARY, False, ("EUR",), old_rates=(old[1],)),
    ]  # fmt: skip
    client = sign_in("controller")
    assert "are not revalued" in content(client.get("/periods/"))
    assert left_out(owed, unit_id, JANUARY) == [JANUARY]
    close_period(owed, "MSK", JANUARY, Actor("tester", "test"))
    assert left_out(owed, unit_id, FEBRUARY) == [FEBRUARY]
    client.post("/rates/revalue/", {"unit": "MSK", "last-day": "2025-02-28", "rates": "", "action": "post"})
    assert "are not revalued" not in content(client.get("/periods/"))
    assert [(month.is_closed, month.is_left_out) for month in months(owed, unit_id, MARCH)] == [(False, False), (True, False)]
