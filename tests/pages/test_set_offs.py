"""What can be set off: the list with its filters, totals and file; the run; the proposal desk, also by keys in a browser."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import psycopg
import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from setoff.access.policies import set_policy
from setoff.books.audit import Actor
from setoff.core.money import Money
from setoff.language import LANGUAGES, text
from setoff.pages.forms.typed import BOTH
from tests.pages.axe import WCAG, violations
from tests.setoffs.debts import tell_of_three
from tests.told import BooksOf

SignIn = Callable[..., Client]
Books = psycopg.Connection[Any]
DAY = "2026-03-31"
METALL = "unit=MSK&counterparty=METALL&currency=RUB"
FORM = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
OTHER_FORM = "7f9619ff-8b86-4d01-b42d-00cf4fc964ff"


@pytest.fixture
def company(books_of: BooksOf, actor: Actor) -> Books:
    return books_of(tell_of_three, actor)


@pytest.fixture
def both_ways(web: Books) -> Books:
    return web


def at(client: Client, address: str) -> str:
    client.post("/working-day/", {"day": DAY, "next": "/"})
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer).decode()


def names(shown: str) -> list[str]:
    """The counterparties of the rows, in order."""
    return re.findall(r"by-code/\?counterparty=(\w+)", shown.split("<tbody>")[1].split("</tbody>")[0]) if "<tbody>" in shown else []


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_sides_and_what_can_be_set_off(both_ways: Books, sign_in: SignIn, language: Any) -> None:
    shown = at(sign_in("viewer", language), "/set-offs/")
    assert text(language, "set-offs-title") in shown and names(shown) == ["HAIDA", "METALL"]
    for figure in ("130.00", "40.00", "75.00", "90.00"):
        assert f'value="{figure}"' in shown
    assert 'value="20.00"' not in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("currency=CNY", ["HAIDA"]), ("unit=MSK", ["METALL"]), ("q=металл", ["METALL"]), ("q=nobody", []), ("least=50", ["METALL"]),
        ("least=40", ["HAIDA", "METALL"]), ("days=30", ["HAIDA", "METALL"]), ("days=31", ["HAIDA"]), ("sort=age", ["HAIDA", "METALL"]),
        ("sort=party", ["METALL", "HAIDA"]), ("page=7", ["HAIDA", "METALL"]),
    ],
)  # fmt: skip
def test_filters_stand_in_the_address(both_ways: Books, sign_in: SignIn, query: str, found: list[str]) -> None:
    """HAIDA's oldest debt fell due on 28 February: 31 days. METALL's is of 1 March: 30 days."""
    assert names(at(sign_in("viewer"), f"/set-offs/?{query}")) == found


def test_totals_are_of_the_whole_filter(both_ways: Books, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setoff.pages.set_offs.PAGE_ROWS", 1)
    shown = at(sign_in("viewer"), "/set-offs/")
    foot = shown.split("<tfoot>")[1]
    assert names(shown) == ["HAIDA"] and 'value="40.00"' in foot and 'value="75.00"' in foot
    assert names(at(sign_in("viewer"), "/set-offs/?page=2")) == ["METALL"]


def test_the_file_has_what_is_shown(both_ways: Books, sign_in: SignIn) -> None:
    rows = at(sign_in("viewer"), "/set-offs/?currency=RUB&format=csv").splitlines()
    assert rows[2:] == [
        "Currency: RUB",
        "Counterparty,Code,Can be set off,Currency,They owe us,We owe them,Oldest debt due,Days,Unit",
        "АО «Металлсервис»,METALL,75.00,RUB,75.00,90.00,2026-03-01,30,MSK",
        '"Total, RUB",,75.00,,,,,,',
    ]


def test_files_of_every_form_have_the_same_rows(both_ways: Books, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setoff.reports.open_now.ROWS", 1)  # as of a list that is read in parts
    client = sign_in("viewer")
    lines = [json.loads(line) for line in at(client, "/set-offs/?sort=age&format=jsonl").splitlines()]
    assert [(line["code"], line["amount"]) for line in lines[:2]] == [("HAIDA", "40.00"), ("METALL", "75.00")]
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(client.get("/set-offs/?sort=age&format=xlsx"))))
    cells = [row[1:3] for row in book.get_sheet_by_index(0).to_python()]
    assert ["HAIDA", 40] in cells and ["METALL", 75] in cells
    assert b"".join(client.get("/set-offs/?format=pdf")).startswith(b"%PDF")


@pytest.mark.parametrize("query", ["sort=x", "days=-1", "days=abc", "least=abc"])
def test_a_bad_filter_is_refused(both_ways: Books, sign_in: SignIn, query: str) -> None:
    assert sign_in("viewer").get(f"/set-offs/?{query}").status_code == 422


def metall(client: Client) -> dict[str, Any]:
    """The desk of METALL as the page gets it."""
    client.post("/working-day/", {"day": DAY, "next": "/"})
    answer = client.get(f"/set-offs/items/?{METALL}")
    assert answer.status_code == 200
    return dict(answer.json())


def form(items: dict[str, Any], they: str, we: str, **said: str) -> dict[str, str]:
    """What the page sends: amounts of the first row of each side."""
    rows = [[side, amount, items[side][0][-1]] for side, amount in (("they", they), ("we", we))]
    asked = {"unit": "MSK", "counterparty": "METALL", "currency": "RUB", "date": DAY, "form": FORM, "rows": json.dumps(rows)}
    return {**asked, **said}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_in_every_language(both_ways: Books, sign_in: SignIn, language: Any) -> None:
    client = sign_in("viewer", language)
    assert text(language, "set-off-why") in at(client, "/set-offs/desk/")
    shown = at(client, f"/set-offs/desk/?{METALL}")
    assert text(language, "set-off-they") in shown and "АО «Металлсервис»" in shown
    assert text(language, "set-off-nothing") in at(client, "/set-offs/desk/?unit=MSK&counterparty=SIRIUS")


def test_both_sides_and_the_proposal(both_ways: Books, sign_in: SignIn) -> None:
    """They owe 75, we owe 90: 75 of each is proposed, the purchase partly."""
    client = sign_in("viewer")
    items = metall(client)
    assert [row[8] for row in items["they"]] == ["7500"] and [row[8] for row in items["we"]] == ["9000"]
    assert sorted(items["proposal"]) == [["they", 0, "7500"], ["we", 0, "7500"]]
    shown = {"unit": "MSK", "counterparty": "METALL", "currency": "RUB", "shown": json.dumps({"they": [], "we": [items["we"][0][-1]]})}
    assert client.post("/set-offs/proposal/", shown).json() == {"proposal": []}
    shown["shown"] = json.dumps({side: [items[side][0][-1]] for side in ("they", "we")})
    assert client.post("/set-offs/proposal/", shown).json() == {"proposal": items["proposal"]}


def test_several_parties_stand_on_one_desk(both_ways: Books, sign_in: SignIn) -> None:
    client = sign_in("viewer")
    client.post("/working-day/", {"day": DAY, "next": "/"})
    found = client.get("/set-offs/items/?unit=MSK&counterparty=METALL&with=BERLIN&with=METALL&currency=").json()
    assert sorted(row[6] for row in found["they"]) == ["Berliner Handels GmbH", "АО «Металлсервис»"]


def test_several_currencies_meet_in_one_document(both_ways: Books, sign_in: SignIn) -> None:
    """75.00 of METALL meet 75.00, and 0.15 of the EUR 20 of BERLIN (14.74 at 98.25) meet 14.74 more of the 90.00: METALL then owes BERLIN
    14.74, which the act discharges too. Who signs and what is linked stand in the document."""
    client = sign_in("accountant")
    client.post("/working-day/", {"day": DAY, "next": "/"})
    asked = {"unit": "MSK", "counterparty": "METALL", "with": "BERLIN", "currency": "*"}
    assert "Berliner Handels" in client.get("/set-offs/desk/", asked).content.decode()
    found = client.get("/set-offs/items/", asked).json()
    assert found["rates"] == {"EUR": [2, "98.25"], "RUB": [2, "1"]}
    rows = [[side, amount, found[side][place][-1]] for side, place, amount in found["proposal"]]
    assert sorted((side, target[-1], amount) for side, amount, target in rows) == [
        ("they", "EUR", "15"), ("they", "RUB", "7500"), ("we", "RUB", "8974"),
    ]  # fmt: skip
    papers = {"linked-type": ["contract"], "linked-number": ["7"], "linked-date": ["2026-01-09"], "linked-amount": ["14,74"]}
    signs = {"signs-counterparty": ["", "METALL"], "signs-name": ["Иванов", ""], "signs-position": ["директор", ""]}
    sent = {**asked, **papers, **signs, "linked-document": [""], "date": DAY, "form": FORM, "rows": json.dumps(rows)}
    told = client.post("/set-offs/preview/", sent).content.decode()
    assert text("en", "set-off-closing", debtor="АО «Металлсервис»", creditor="Berliner Handels GmbH", amount=Money(1474, "RUB")) in told
    assert client.post("/set-offs/post/", sent).status_code == 204
    (content,) = both_ways.execute("select content::jsonb from version where content like '%%debt_adjustment%%'").fetchone() or ({},)
    assert content["linked"] == [{"number": "7", "date": "2026-01-09", "amount": "14.74", "type": "contract"}]
    assert content["signatories"] == [{"name": "Иванов", "position": "директор"}]
    sums = "select sum(amount)::bigint from posting join document d on d.id = document_id where d.kind = 'set_off'"
    assert both_ways.execute(sums).fetchone() == (8974,)


def test_what_it_would_do_is_shown_and_nothing_is_kept(both_ways: Books, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    items = metall(client)
    shown = client.post("/set-offs/preview/", form(items, "7500", "7500"), headers={"HX-Request": "true"}).content.decode()
    assert "<b>60.01</b>" in shown and "<b>62.01</b>" in shown and 'value="75.00"' in shown
    assert metall(client) == items
    differ = client.post("/set-offs/preview/", form(items, "7500", "9000"), headers={"HX-Request": "true"}).content.decode()
    assert "sides_differ" in differ and 'data-key="y"' not in differ


def test_posted_once_however_often_it_is_sent(both_ways: Books, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    items = metall(client)
    first = client.post("/set-offs/post/", form(items, "5000", "5000", place="Москва"))
    again = client.post("/set-offs/post/", form(items, "5000", "5000", place="Москва"))
    assert first.status_code == 204 and first["HX-Redirect"] == again["HX-Redirect"]
    assert both_ways.execute("select count(*), min(status) from document where kind = 'set_off'").fetchone() == (1, "posted")
    left = metall(client)
    assert [left[side][0][8] for side in ("they", "we")] == ["2500", "4000"]
    late = client.post("/set-offs/post/", form(items, "7500", "7500", form=OTHER_FORM), headers={"HX-Request": "true"})
    assert late.status_code == 422 and "allocation_exceeds_balance" in late.content.decode()


def test_who_may_not_post_keeps_a_draft(both_ways: Books, sign_in: SignIn) -> None:
    client = sign_in("operator")
    items = metall(client)
    shown = client.post("/set-offs/preview/", form(items, "7500", "7500"), headers={"HX-Request": "true"}).content.decode()
    assert text("en", "set-off-save") in shown and "<b>60.01</b>" not in shown
    assert client.post("/set-offs/post/", form(items, "7500", "7500")).status_code == 403
    assert client.post("/set-offs/post/", form(items, "7500", "7500", do="save")).status_code == 204
    assert both_ways.execute("select status from document where kind = 'set_off'").fetchone() == ("draft",)
    assert sign_in("viewer").post("/set-offs/preview/", form(items, "7500", "7500")).status_code == 403


@pytest.mark.parametrize(
    "rows", ["x", "{}", "[1]", "[[1]]", '[["they","5"]]', '[["they","5",["a"]]]', '[[[],"5",["a",0,"METALL","","","",""]]]',
             '[["they","-5",["a",0,"METALL","","","",""]]]', '[["they","9",[{},0,"METALL","","","",""]]]'],
)  # fmt: skip
def test_what_is_no_set_off_is_refused(both_ways: Books, sign_in: SignIn, rows: str) -> None:
    asked = {"unit": "MSK", "counterparty": "METALL", "currency": "RUB", "date": DAY, "form": FORM, "rows": rows}
    assert sign_in("accountant").post("/set-offs/post/", asked).status_code == 422


def test_all_in_one_go_with_a_result_for_each(both_ways: Books, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row at a time: the first answer asks for the rest, the second ends the run; what is sent again finds nothing."""
    monkeypatch.setattr("setoff.pages.progress.AT_ONCE_SECONDS", 0)
    client = sign_in("accountant")
    shown = at(client, "/set-offs/")
    marks = re.findall(r'name="row" form="marks" value="([^"]+)"', shown)
    rows = [mark.replace("&#9;", "\t") for mark in marks]
    assert rows == ["SHA\tHAIDA\tCNY", "MSK\tMETALL\tRUB"]
    first = client.post("/set-offs/run/", {"row": rows}).content.decode()
    rest = html.unescape(re.findall(r'name="rest" value="([^"]+)"', first)[0])
    assert json.loads(rest) == [["MSK", "METALL", "RUB"]] and '<progress max="2" value="1">' in first and 'value="40.00"' in first
    last = client.post("/set-offs/run/", {"rest": rest, "posted": "1", "waits": "0", "refused": "0", "nothing": "0"}).content.decode()
    assert text("en", "set-offs-finished", posted=2, waits=0, refused=0) in last and 'value="75.00"' in last
    assert names(at(client, "/set-offs/")) == []
    monkeypatch.setattr("setoff.pages.progress.AT_ONCE_SECONDS", 60)
    again = client.post("/set-offs/run/", {"row": rows}).content.decode()
    assert text("en", "set-offs-left-nothing", count=2) in again


def test_all_of_the_filter_and_what_waits_for_a_second_person(both_ways: Books, sign_in: SignIn, actor: Actor) -> None:
    set_policy(both_ways, "set_off", actor)
    client = sign_in("accountant")
    at(client, "/set-offs/")
    done = client.post("/set-offs/run/?currency=RUB", {"all": "yes"}).content.decode()
    assert text("en", "set-offs-finished", posted=0, waits=1, refused=0) in done
    assert both_ways.execute("select status from document where kind = 'set_off'").fetchall() == [("draft",)]
    assert both_ways.execute("select count(*) from approval where state = 'pending'").fetchone() == (1,)
    assert at(client, "/set-offs/").count(text("en", "set-offs-waits")) == 1


@pytest.mark.parametrize("field", ["unit", "counterparty", "partner", "with", "currency"])
def test_a_sign_that_no_text_holds_is_no_fault_of_the_server(both_ways: Books, sign_in: SignIn, field: str) -> None:
    client = sign_in("viewer")
    asked = {"unit": "MSK", "counterparty": "METALL", "currency": "RUB", field: "\0"}
    assert client.get("/set-offs/items/", asked).status_code in (200, 404)
    assert client.get("/set-offs/", {"q": "\0", **asked}).status_code == 200


def test_a_run_of_nothing_is_refused(both_ways: Books, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    for said in ({}, {"row": "MSK"}, {"rest": "x"}, {"rest": "[[]]"}):
        assert client.post("/set-offs/run/", said).status_code == 422
    assert sign_in("viewer").post("/set-offs/run/", {"row": "MSK\tMETALL\tRUB"}).status_code == 403


def test_propose_change_and_post_by_keys(both_ways: Books, browser_page: Callable[..., Any]) -> None:
    """A row of the list opens the desk. 75 is proposed; search hides a row and its mark stays; 50 is typed, the other side gives way, one
    key posts."""
    page = browser_page("accountant", "ru")
    page.goto("/set-offs/?q=металл")
    page.keyboard.press("j")
    page.keyboard.press(" ")
    assert page.locator("td.mark input:checked").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_selector("set-off-desk.ready")
    taken = page.locator("[data-total=they]")
    assert taken.inner_text() == "75,00"
    page.keyboard.press("/")
    page.keyboard.type("no such document")
    assert page.locator(".they .desk-row").count() == 0 and taken.inner_text() == "75,00"
    page.locator("[data-act=all]").click()
    page.keyboard.press("/")
    page.keyboard.type(" ")
    page.locator(".they input.amount").focus()
    assert page.evaluate("document.activeElement.matches('.they input.amount')")  # leaving the search does not make the rows anew
    page.keyboard.press("Control+a")
    page.keyboard.type("999")
    assert taken.inner_text() == "75,00"  # too much is no amount, nor is its beginning
    page.locator(".they input.amount").fill("50")
    assert page.locator("[data-total=difference]").inner_text() == "\N{MINUS SIGN}25,00"
    page.locator(".they input.amount").blur()
    page.keyboard.press("b")
    assert page.locator("[data-total=we]").inner_text() == "50,00" and page.locator("[data-total=we-left]").inner_text() == "40,00"
    page.wait_for_selector("#set-off-told [data-post][data-key=y]:not([disabled])")
    assert violations(page, *WCAG) == []
    with page.expect_navigation():
        page.keyboard.press("y")
    assert text("ru", "set-off-done") in page.locator(".notice.success").inner_text()
    assert both_ways.execute("select sum(amount)::bigint from posting join document d on d.id = document_id where d.kind = 'set_off'"
                             ).fetchone() == (5000,)  # fmt: skip


def test_several_currencies_by_hand(both_ways: Books, browser_page: Callable[..., Any]) -> None:
    """At 98.25 the euro takes 0.15 (14.74); at 100 that is 15.00, and the 0.26 too much comes off the roubles. Proposed again, all of our
    90.00 is met. On a day before the debts there is nothing."""
    page = browser_page("accountant", "en")
    page.goto("/set-offs/desk/?unit=MSK&counterparty=METALL&with=BERLIN&currency=*")
    page.wait_for_selector("set-off-desk.ready")

    def totals(they: str, we: str) -> None:
        page.wait_for_function(
            "([they, we]) => document.querySelector('[data-total=they]').innerText === they"
            " && document.querySelector('[data-total=we]').innerText === we", arg=[they, we],
        )  # fmt: skip

    totals("89.74", "89.74")
    page.locator("input[name=rate]").fill("100")
    page.locator("input[name=rate]").blur()
    totals("90.00", "89.74")
    page.locator("[data-act=reduce]").click()
    totals("89.74", "89.74")
    page.locator("[data-act=propose]").click()
    totals("90.00", "90.00")
    page.locator(".set-off-form input[name=date]").fill("2026-02-01")
    page.locator(".set-off-form input[name=date]").blur()
    totals("0.00", "0.00")
    assert page.locator(".desk-row[data-side]").count() == 0


def test_the_page_of_a_notice_notes_its_receipt(both_ways: Books, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    items = metall(client)
    sent = client.post("/set-offs/post/", form(items, "5000", "5000", one_sided="yes"))
    page = sent["HX-Redirect"]
    assert text("en", "notice-sent") in at(client, page) and 'name="received"' in at(client, page)
    assert client.post(f"{page}receipt/", {"received": "2026-04-02"}).status_code == 302
    assert text("en", "notice-received-on", day=date(2026, 4, 2)) in at(client, page)
    assert client.post(f"{page}receipt/", {"received": "2026-03-01"}).status_code == 422
    assert 'name="received"' not in at(sign_in("viewer"), page)


def test_a_posted_set_off_is_reversed_and_not_edited(both_ways: Books, sign_in: SignIn) -> None:
    """Its page offers its reversal: the form names it, and posting it opens both debts again."""
    client = sign_in("accountant")
    place = client.post("/set-offs/post/", form(metall(client), "7500", "7500"))["HX-Redirect"]
    number = int(place.strip("/").split("/")[-1])
    shown = client.get(place).content.decode()
    assert f'href="/entry/set_off/?basis={number}"' in shown and f'href="/entry/document/{number}/"' not in shown
    assert '"side' not in shown and text("en", "choice-side-they-owe-us") in shown
    key = both_ways.execute("select key from document where id = %s", [number]).fetchone()
    assert key is not None and f'name="reverses" value="{key[0]}"' in client.get(f"/entry/set_off/?basis={number}").content.decode()
    sent = {"unit": "MSK", "date": DAY, "contours": BOTH, "reverses": key[0], "rows[0].side": "they_owe_us", "form": OTHER_FORM}
    told = client.post("/entry/preview/set_off/", sent).content.decode()
    sent["seen"] = re.findall(r'name="seen" value="([^"]*)"', told)[0]
    assert client.post("/entry/set_off/", {**sent, "do": "post"}).status_code == 302
    client.post("/working-day/", {"day": "2026-04-01", "next": "/"})  # what a reversal opens, a set-off of a later day may name
    again = client.get(f"/set-offs/items/?{METALL}").json()
    assert [sum(int(row[8]) for row in again[side]) for side in ("they", "we")] == [7500, 9000]
    copy = client.get(f"/entry/set_off/?copy={number}").content.decode()
    assert 'name="rows[0].document" value=""' in copy and 'name="rows[0].amount" value="75.00"' in copy


PROVED = {"department": "Продажи", "analytics": "Металл", "reason": "court", "reason_document": "Решение 7"}


@pytest.mark.parametrize(
    ("kind", "said", "posting"),
    [
        ("debt_write_off", {**PROVED, "account": "91.02", "item": "Списание"}, ("91.02", "62.01")),
        ("debt_accrual", {"account": "91.01", "item": "Пени"}, ("62.01", "91.01")),
        ("debt_transfer", {"receiver.counterparty": "VEGA", "receiver.contract": "BUYER"}, ("62.01", "62.01")),
    ],
)
def test_every_kind_of_adjustment_has_a_form_that_posts(
    both_ways: Books, sign_in: SignIn, kind: str, said: dict[str, str], posting: tuple[str, str]
) -> None:
    row = {"side": "they_owe_us", "counterparty": "METALL", "agreement": "RETAIL", "relation": "buyer", "amount": "25"}
    if kind != "debt_accrual":
        row |= {"document": "scrap"}
    sent = {"unit": "MSK", "date": DAY, "contours": BOTH, "form": FORM, "do": "post", **said}
    answer = sign_in("accountant").post(f"/entry/{kind}/", sent | {f"rows[0].{name}": of for name, of in row.items()})
    assert answer.status_code == 302, re.findall(r'class="code">(.*?)<', answer.content.decode())
    told = both_ways.execute(
        """select da.code, ca.code, p.amount from posting p join document d on d.id = p.document_id
           join account da on da.id = p.debit_account_id join account ca on ca.id = p.credit_account_id where d.kind = %s""",
        [kind],
    ).fetchall()
    assert told == [(*posting, 2500)]


@pytest.mark.parametrize(("side", "found"), [("they_owe_us", ["scrap"]), ("we_owe_them", ["steel"]), ("", ["scrap", "steel"])])
def test_a_row_of_an_adjustment_names_debts_of_its_side(both_ways: Books, sign_in: SignIn, side: str, found: list[str]) -> None:
    shown = sign_in("viewer").get(f"/pick/target/?q=&kind=set_off&unit=MSK&counterparty=METALL&side={side}").content.decode()
    assert sorted(re.findall(r'data-value="([^"]+)"', shown)) == found
