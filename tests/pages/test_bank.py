"""The pages of the bank: upload, lines confirmed by keyboard, by hand, rules, balances, orders."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from setoff.access.policies import set_policy
from setoff.banks.claims import propose_lines
from setoff.banks.records import BankAccount, CounterpartyAccount
from setoff.banks.services import import_statements, save_account, save_party_account
from setoff.books.audit import Actor
from setoff.language import LANGUAGES
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Purchase, Sale
from tests.banks.statements import OURS, Told, onec
from tests.pages.axe import violations

Company = psycopg.Connection[Any]
SignIn = Callable[..., Client]
TESTER = Actor("tester", "test")
VEGA = {"name": "ООО Вега", "tax_id": "7702070139"}


@pytest.fixture
def bank(web: Company) -> Company:
    save_account(web, BankAccount("MSK", OURS, "RUB", "Сбер", "044525225"), TESTER)
    for number, amount in (("7", "100"), ("8", "40")):
        sale = Sale(unit="MSK", date="2025-02-01", number=number, counterparty="VEGA", contract="BUYER", lines=[Line(amount=amount)])
        post_document(web, sale, TESTER)
    return web


@pytest.fixture
def lines(bank: Company) -> list[int]:
    told = [
        Told("+100", **VEGA, purpose="Оплата по с/ф 7"), Told("+40", "Некто", purpose="без пояснений"),
        Told("-5", purpose="Комиссия за ведение счета"), Told("+3", **VEGA, purpose="оплата"),
    ]  # fmt: skip
    import_statements(bank, onec(*told, opening="0", closing="138"), "kl.txt", TESTER)
    propose_lines(bank)
    return [line_id for (line_id,) in bank.execute("select id from bank_line order by id")]


def states(conn: Company) -> list[str]:
    return [state for (state,) in conn.execute("select state from bank_line order by id")]


def test_files_are_uploaded_and_told(bank: Company, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    good = SimpleUploadedFile("kl_to_1c.txt", onec(Told("+100", **VEGA, purpose="с/ф 7"), opening="0", closing="90"))
    bad = SimpleUploadedFile("photo.txt", b"\xff\xd8\xff\xe0 no statement")
    answer = client.post("/bank/upload/", {"files": [good, bad]}, follow=True).content.decode()
    assert "1 line new, 0 known" in answer
    assert "photo.txt is no bank statement that Setoff knows" in answer
    assert "do not make closing" in answer
    assert states(bank) == ["proposed"]


def test_an_account_that_is_not_ours_yet_leads_to_its_form(web: Company, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    unknown = SimpleUploadedFile("kl_to_1c.txt", onec(Told("+100", **VEGA, purpose="с/ф 7"), opening="0", closing="100"))
    answer = client.post("/bank/upload/", {"files": [unknown]}, follow=True).content.decode()
    found = re.search(r'<a href="(/bank/[?][^"#]*)#new-account">', answer)
    assert found and "setoff bank account" not in answer
    form = client.get(found[1].replace("&amp;", "&")).content.decode()
    assert f'name="number" value="{OURS}"' in form and 'name="currency" value="RUB"' in form


def test_viewers_look_and_change_nothing(lines: list[int], bank: Company, sign_in: SignIn) -> None:
    client = sign_in("viewer")
    for address in ("/bank/", "/bank/lines/", "/bank/rules/", "/bank/orders/", "/bank/balance/1/"):
        assert client.get(address).status_code == 200, address
    for address in ("upload/", f"lines/{lines[0]}/confirm/", f"lines/{lines[1]}/ignore/", "lines/sure/", "rules/new/", "orders/pay/"):
        assert client.post(f"/bank/{address}").status_code == 403, address
    assert client.get(f"/bank/lines/{lines[0]}/").status_code == 403
    assert states(bank) == ["proposed", "unclaimed", "proposed", "proposed"]


def test_another_units_line_is_not_there(lines: list[int], bank: Company, sign_in: SignIn) -> None:
    bank.execute("delete from access_grant where unit_id = (select id from unit where code = 'MSK') and role = 'accountant'")
    client = sign_in("accountant")
    for address in (f"lines/{lines[0]}/confirm/", f"lines/{lines[1]}/ignore/", f"lines/{lines[0]}/assign/", f"lines/{lines[0]}/claim/"):
        assert client.post(f"/bank/{address}", {"reason": "x", "counterparty": "VEGA"}).status_code == 404, address
    assert client.get(f"/bank/lines/{lines[0]}/").status_code == 404
    assert client.get("/bank/balance/1/").status_code == 404
    assert states(bank) == ["proposed", "unclaimed", "proposed", "proposed"]


def test_today_tells_of_lines_that_nobody_claims(lines: list[int], bank: Company, sign_in: SignIn) -> None:
    told = sign_in("viewer").get("/").content.decode()
    assert '<a class="big" href="/bank/lines/?state=unclaimed">1</a>' in told


def test_all_that_is_sure_is_booked(lines: list[int], bank: Company, sign_in: SignIn) -> None:
    answer = sign_in("accountant").post("/bank/lines/sure/", follow=True).content.decode()
    assert "Booked: 1" in answer
    assert states(bank) == ["booked", "unclaimed", "proposed", "proposed"]


def test_by_hand_lot_by_lot(lines: list[int], bank: Company, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    address = f"/bank/lines/{lines[1]}/"
    client.post(address + "assign/", {"counterparty": "VEGA"})
    told = client.get(address).content.decode()
    assert re.search(r'name="lot-1" value="40.00"', told) or re.search(r'name="lot-1"', told)
    answer = client.post(
        address + "claim/", {"kind": "payment_from_customer", "lot-0": "25", "contract": "BUYER-2", "then": "confirm"}, follow=True
    )
    assert answer.status_code == 200
    found = bank.execute(
        "select content from version join document on version.id = document.version_id where kind like 'payment%'"
    ).fetchone()
    assert found is not None
    assert '"rows":[{"amount":"25.00","contract":"BUYER"' in found[0]
    assert '{"amount":"15.00","contract":"BUYER-2"}' in found[0]
    client.post(f"/bank/lines/{lines[2]}/claim/", {"account": "26", "item": "РКО", "then": "confirm"})
    assert states(bank) == ["proposed", "booked", "booked", "proposed"]
    assert client.post(f"/bank/lines/{lines[0]}/claim/", {"kind": "loan_received"}).status_code == 422


def test_rules_and_their_end(lines: list[int], bank: Company, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    rule = {"unit": "MSK", "field": "purpose", "pattern": "без пояснений", "direction": "in", "kind": "ignore", "reason": "учтено"}
    assert "Rule 1 is added" in client.post("/bank/rules/new/", rule, follow=True).content.decode()
    assert states(bank)[1] == "ignored"
    client.post("/bank/rules/1/drop/")
    assert bank.execute("select count(*) from bank_rule").fetchone() == (0,)


def test_orders_are_a_file(bank: Company, sign_in: SignIn) -> None:
    save_account(bank, BankAccount("MSK", "40702810200000000001", "RUB", "Основной", "044525225"), TESTER)
    save_party_account(bank, CounterpartyAccount("MSK", "METALL", "40702810100000000017", "044525225"), TESTER)
    purchase = Purchase(
        unit="MSK", date="2025-02-01", incoming_number="Ф-1", counterparty="METALL", contract="SUPPLIER", lines=[Line(amount="40")]
    )
    key = post_document(bank, purchase, TESTER).key
    client = sign_in("operator")
    (account,) = bank.execute("select id from bank_account where name = 'Основной'").fetchone() or ()
    assert "Ф-1" in client.get(f"/bank/orders/?account={account}").content.decode()
    mark = f"{key}|1"
    answer = client.post("/bank/orders/pay/", {"account": account, "debt": mark, f"amount-{mark}": "15,50", "day": "2025-03-05"})
    assert answer["Content-Disposition"].startswith('attachment; filename="orders-')
    assert "Сумма=15.50" in answer.content.decode("cp1251")
    assert bank.execute("select status, total from document where kind = 'payment_to_supplier'").fetchall() == [("draft", 1550)]
    assert client.post("/bank/orders/pay/", {"account": account, "day": "2025-03-05"}).status_code == 422
    # what a policy wants a second person for goes to the bank when it is approved
    set_policy(bank, "payment", TESTER, limit="20", currency="RUB")
    client, asked = sign_in("accountant"), {"account": account, "debt": mark, f"amount-{mark}": "24,50", "day": "2025-03-06"}
    assert "One payment is saved without an order" in client.post("/bank/orders/pay/", asked, follow=True).content.decode()
    (large, request) = bank.execute("select document_id, id from approval where state = 'pending'").fetchone() or ()
    assert f'href="/bank/orders/of/{large}/"' in client.get(f"/documents/{large}/").content.decode()
    refused = client.get(f"/bank/orders/of/{large}/")
    assert refused.status_code == 422 and "payment_not_approved" in refused.content.decode()
    sign_in("controller").post(f"/approvals/{request}/decide/", {"action": "approve"})
    assert "Сумма=24.50" in client.get(f"/bank/orders/of/{large}/").content.decode("cp1251")


def test_the_keyboard_decides(lines: list[int], bank: Company, browser_page: Callable[..., Any]) -> None:
    page = browser_page("accountant", "ru")
    page.goto("/bank/lines/")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == f"line-{lines[0]}"
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#line-{lines[0]}[data-state=booked]")
    assert page.evaluate("document.activeElement.id") == f"line-{lines[1]}"
    page.keyboard.press("i")
    page.keyboard.type("не наше")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#line-{lines[1]}[data-state=ignored]")
    assert page.evaluate("document.activeElement.id") == f"line-{lines[2]}"
    page.keyboard.press("r")
    page.wait_for_url("**/bank/rules/**")
    assert page.locator("input[name=pattern]").input_value() == "Комиссия за ведение счета"
    page.goto("/bank/lines/")
    page.keyboard.press("k")
    page.keyboard.press("e")
    page.wait_for_url(f"**/bank/lines/{lines[3]}/")
    page.goto("/bank/lines/?state=booked")
    page.keyboard.press("j")
    page.keyboard.press("z")
    page.wait_for_selector(f"#line-{lines[0]}[data-state=proposed]")
    assert states(bank) == ["proposed", "ignored", "proposed", "proposed"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_are_accessible_and_fit(
    language: str, lines: list[int], bank: Company, browser_page: Callable[..., Any], tmp_path: Any
) -> None:
    purchase = Purchase(
        unit="MSK", date="2025-02-01", incoming_number="Ф-1", counterparty="METALL", contract="SUPPLIER", lines=[Line(amount="40")]
    )
    post_document(bank, purchase, TESTER)
    for width in (1280, 390):
        page = browser_page("accountant", language, width)
        for name in ("", "lines/", f"lines/{lines[0]}/", "rules/", "orders/", "balance/1/"):
            page.goto(f"/bank/{name}")
            assert violations(page) == [], name
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
            page.screenshot(path=str(tmp_path / f"bank-{name.strip('/').replace('/', '-')}-{width}-{language}.png"), full_page=True)
