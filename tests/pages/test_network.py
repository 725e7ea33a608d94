"""The network of debts: from the books, solved after the page, kept; parties, files, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from setoff.books.audit import Actor
from setoff.language import LANGUAGES, Language, text
from setoff.parties.services import save_masters
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Purchase, Sale
from tests import cast
from tests.told import BooksOf

SignIn = Callable[..., Client]


@pytest.fixture
def company(books_of: BooksOf, actor: Actor, request: pytest.FixtureRequest) -> psycopg.Connection[Any]:
    """The cast, and what is owed where a test asks for it."""
    return books_of(tell, actor) if "owed" in request.fixturenames else books_of(save_masters, cast.MASTERS, actor)


def tell(web: psycopg.Connection[Any], actor: Actor) -> None:
    """The cast. HAIDA owes Hongyuan 130 and is owed 40: 40 can be cleared."""
    save_masters(web, cast.MASTERS, actor)
    terms = {"unit": "SHA", "counterparty": "HAIDA"}
    for key, amount in (("one", "100"), ("two", "30")):
        post_document(web, Sale(key=key, date="2026-02-01", contract="CN-BUYER", lines=[Line(amount=amount)], **terms), actor)
    bought = [Line(amount="40")]
    post_document(web, Purchase(key="ours", date="2026-03-20", contract="CN-SUPPLIER", lines=bought, **terms), actor)


@pytest.fixture
def owed(web: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    return web


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_comes_before_the_solver(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    client = sign_in("viewer")
    shown = body(client, "/network/")
    assert '<data value="170.00">' in shown and "network-after" not in shown
    assert 'hx-get="/network/cleared/?contour=reg&amp;currency=CNY"' in shown
    part = body(client, "/network/cleared/?contour=reg&currency=CNY")
    assert '<data value="80.00">' in part and '<data value="90.00">' in part and "<html" not in part
    assert "network-after" in body(client, "/network/")


def test_solved_at_once_without_scripts(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    assert "network-after" in body(sign_in("viewer"), "/network/?solve=yes")


def test_parties_are_found_by_a_part_of_their_name(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    client = sign_in("viewer")
    found = body(client, "/network/parties/?q=haid")
    assert found.count('<th scope="row">') == 1 and "HAIDA" in found and 'value="90.00"' in found
    assert text("en", "network-nobody") in body(client, "/network/parties/?q=zzz")


@pytest.mark.parametrize("language", LANGUAGES)
def test_files_leave_a_trace(owed: psycopg.Connection[Any], sign_in: SignIn, language: str) -> None:
    client = sign_in("viewer", language)
    debts = body(client, "/network/file/?what=debts").splitlines()
    assert sorted(row.split(",")[-4:] for row in debts[1:]) == [["130.00", "40.00", "90.00", "CNY"], ["40.00", "40.00", "0.00", "CNY"]]
    assert len(body(client, "/network/file/").splitlines()) == 3
    told = owed.execute("select details ->> 'report' from audit where verb = 'export_report' order by id").fetchall()
    assert told == [("network-debts",), ("network-parties",)]


def test_a_debt_between_ours_stands_once(web: psycopg.Connection[Any], sign_in: SignIn) -> None:
    """A counterparty with the tax id of an organization of ours is that organization."""
    web.execute("update organization set tax_id = '77' where code = 'HONGYUAN'")
    web.execute("update counterparty set tax_id = '77' where code = 'VEGA'")
    web.execute(
        "insert into open_party (unit_id, contour, counterparty_id, currency, they_owe, we_owe, is_change)"
        " select unit.id, 'reg', counterparty.id, 'RUB', 300, 200, true from unit, counterparty"
        " where unit.code = 'MSK' and counterparty.code = 'VEGA'"
    )
    debts = body(sign_in("viewer"), "/network/file/?what=debts&currency=RUB").splitlines()
    assert [row.split(",")[0] for row in debts[1:]] == ["HONGYUAN"] and debts[1].split(",")[-4] == "3.00"


@pytest.mark.parametrize(
    ("address", "status"),
    [("?contour=tax", 422), ("?file=0123", 404), ("cleared/?currency=USD", 404), ("file/?what=all&currency=CNY", 422)],
)
def test_a_bad_question_is_refused(owed: psycopg.Connection[Any], sign_in: SignIn, address: str, status: int) -> None:
    assert sign_in("viewer").get(f"/network/{address}").status_code == status


def test_nothing_owed_is_said(web: psycopg.Connection[Any], sign_in: SignIn) -> None:
    assert text("en", "network-empty") in body(sign_in("viewer"), "/network/")


@pytest.mark.parametrize("language", LANGUAGES)
def test_chains_are_stepped_through_in_both_orders(owed: psycopg.Connection[Any], sign_in: SignIn, language: str) -> None:
    """One chain: HAIDA owes Hongyuan, Hongyuan owes HAIDA, 40 each."""
    client = sign_in("viewer", language)
    for order in ("shortest", "largest"):
        shown = body(client, f"/network/chains/?order={order}&n=99")
        assert shown.count('<td class="figure"><data class="amount" value="40.00">') == 3 and 'data-key="]"' not in shown
    assert client.get("/network/chains/?order=random").status_code == 422


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_debt_was_cleared_is_asked_by_its_parties(owed: psycopg.Connection[Any], sign_in: SignIn, language: Language) -> None:
    """HAIDA owes 130, of which 40 go around: no set-off clears more. What Hongyuan owes HAIDA is cleared whole. By code or by name."""
    client = sign_in("viewer", language)
    told = body(client, "/network/why/?debtor=haida&creditor=HONGYUAN")
    assert 'value="130.00"' in told and 'value="40.00"' in told and "= -1" in told
    name = owed.execute("select name from organization where code = 'HONGYUAN'").fetchone()
    assert name is not None and name[0] in told
    assert text(language, "clear-why-always") in body(client, f"/network/why/?debtor={name[0]}&creditor=HAIDA")
    for address in ("?debtor=HAIDA&creditor=", "?debtor=HAIDA&creditor=NOBODY", "?debtor=HAIDA&creditor=HAIDA"):
        assert client.get(f"/network/why/{address}").status_code in (404, 422)


def test_chains_are_a_file(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    rows = body(sign_in("viewer"), "/network/file/?what=chains").splitlines()
    assert [row.split(",")[0] + row.split(",")[-2] for row in rows[1:]] == ["140.00", "140.00"]


def test_credit_is_told(owed: psycopg.Connection[Any], sign_in: SignIn) -> None:
    """HAIDA lacks 90, and every 1 of credit closes 1 of its debt: 100 discharge 100; 80 are set off without any."""
    shown = body(sign_in("viewer"), "/network/liquidity/")
    assert "100.00\N{NO-BREAK SPACE}CNY of credit discharges 100.00\N{NO-BREAK SPACE}CNY" in shown
    assert '<data class="amount" value="80.00">' in shown and '<data class="amount" value="170.00">' in shown


HEAD = "id,debtor,creditor,amount,currency"


def uploaded(client: Client, *rows: str) -> Any:
    return client.post("/network/upload/", {"file": SimpleUploadedFile("debts.csv", "\n".join((HEAD, *rows)).encode())})


def test_a_file_is_seen_by_who_uploaded_it_alone(web: psycopg.Connection[Any], sign_in: SignIn) -> None:
    """A owes B 50 in two invoices, B owes A 20, A owes itself 5: 70 of debts, 40 cleared. Nothing reaches the books."""
    answer = uploaded(sign_in("viewer"), "1,A,B,30,EUR", "2,A,B,20,EUR", "3,B,A,20,EUR", "4,A,A,5,EUR")
    assert answer.status_code == 302
    shown = body(sign_in("viewer"), f"{answer['Location']}&solve=yes")
    assert '<data value="70.00">' in shown and '<data value="40.00">' in shown and '<data value="30.00">' in shown
    assert sign_in("accountant").get(answer["Location"]).status_code == 404
    assert web.execute("select count(*) from open_party").fetchone() == (0,)


def test_a_file_is_found_again_by_another_process(
    web: psycopg.Connection[Any], sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this process has at hand is forgotten: the shared cache has it, with the result."""
    monkeypatch.setattr("setoff.pages.network_kept.IN_MEMORY", 0)
    client = sign_in("viewer")
    address = uploaded(client, "1,A,B,30,EUR", "2,B,A,20,EUR", "3,B,C,7,JPY")["Location"]
    assert '<data value="40.00">' in body(client, f"{address}&currency=EUR&solve=yes")
    assert '<data value="40.00">' in body(client, f"{address}&currency=EUR")
    assert '<data value="7">' in body(client, f"{address}&currency=JPY")


def test_bad_rows_are_told_and_nothing_is_taken(web: psycopg.Connection[Any], sign_in: SignIn) -> None:
    answer = uploaded(sign_in("viewer"), "1,A,B,30,EUR", "2,A,B,-1,EUR", "3,A,B,x,EUR")
    shown = answer.content.decode()
    assert answer.status_code == 422 and "amount_not_positive" in shown and "invalid_amount" in shown and "debts.csv" in shown
    assert sign_in("viewer").post("/network/upload/").status_code == 422


@pytest.mark.parametrize("content", [b" ", b"PK\x03\x04 a workbook", b"one,two\n1,2\n", "id;debtor\n1;Альфа\n".encode("utf-16")])
def test_what_is_no_file_of_obligations_is_refused(web: psycopg.Connection[Any], sign_in: SignIn, content: bytes) -> None:
    answer = sign_in("viewer").post("/network/upload/", {"file": SimpleUploadedFile("debts.csv", content)})
    assert answer.status_code in (400, 422) and "debts.csv" in answer.content.decode()


def test_a_file_as_a_spreadsheet_in_russian_saves_it_is_read(web: psycopg.Connection[Any], sign_in: SignIn) -> None:
    content = (HEAD.replace(",", ";") + "\r\n1;Альфа;Бета;30;RUB\r\n2;Бета;Альфа;20;RUB\r\n").encode("cp1251")
    answer = sign_in("viewer").post("/network/upload/", {"file": SimpleUploadedFile("долги.csv", content)})
    assert "Альфа" in body(sign_in("viewer"), f"{answer['Location']}&solve=yes")
