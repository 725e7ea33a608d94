"""Entry in a browser: a whole sale by keyboard alone, a table pasted from a spreadsheet, what is shown while people type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from setoff.language import LANGUAGES, text
from setoff.settlements.services import find_document
from tests.pages.axe import violations

Browser = Callable[..., Any]
Company = psycopg.Connection[Any]
PASTE = """(element, said) => {
  const data = new DataTransfer(); data.setData("text/plain", said);
  element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def cell(page: Any, row: int, name: str) -> Any:
    return page.locator(f"[data-row='lines[{row}]'] [name$='.{name}']")


def chosen(page: Any, label: str, words: str, code: str) -> None:
    page.get_by_role("combobox", name=label).first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(words)
    page.locator(f"[role=option][data-value='{code}'][aria-selected=true]").wait_for()
    page.keyboard.press("Enter")


def test_a_sale_by_keyboard_alone(browser_page: Browser, web: Company) -> None:
    page = browser_page("accountant", "ru")
    page.goto("/documents/")
    page.keyboard.press("n")
    page.wait_for_url("**/entry/")
    page.keyboard.press("s")
    page.wait_for_url("**/entry/sale/")
    chosen(page, "Балансовая единица", "москв", "MSK")
    chosen(page, "Контрагент", "вега", "VEGA")
    chosen(page, "Договор", "buyer", "BUYER")
    cell(page, 0, "name").focus()
    page.keyboard.type("Болты")
    for value in ("", "10", "1 234,50", "20"):
        page.keyboard.press("Enter")
        page.keyboard.type(value)
    page.locator("#entry-preview .totals").wait_for()
    page.wait_for_function("() => document.querySelector(\"[name='lines[0].amount']\").placeholder.startsWith('12')")
    assert "62.01" in page.locator("#entry-preview").inner_text()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/*/")
    row = web.execute("select total, status from document").fetchone()
    assert row == (1234500, "posted")


def test_a_table_from_a_spreadsheet_goes_into_the_cells(browser_page: Browser) -> None:
    page = browser_page("accountant", "ru")
    page.goto("/entry/sale/")
    cell(page, 0, "name").evaluate(PASTE, "Болты\tтовар\t10\t1 234,50\t20\nДоставка\tуслуга\t1\t500\t\nГайки\tматериал\t2\t3,5\t20\n")
    assert page.locator("[data-grid=lines] [data-row]").count() == 3
    assert cell(page, 1, "name").input_value() == "Доставка" and cell(page, 1, "kind").input_value() == "services"
    assert cell(page, 2, "price").input_value() == "3,5"
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto("/entry/opening_customer_debts/")
    number = page.locator("[data-row='rows[0]'] [name$='.number']")
    number.evaluate(PASTE, "A-1\t31.12.2024\t100,00\t15.01.2025\nA-2\t2024-12-30\t5\t")
    assert page.locator("[name='rows[0].date']").input_value() == "2024-12-31"
    assert page.locator("[name='rows[0].due']").input_value() == "2025-01-15"
    assert page.locator("[name='rows[1].number']").input_value() == "A-2"


def test_rows_are_added_copied_and_taken_away_by_keys(browser_page: Browser) -> None:
    page = browser_page("accountant")
    page.goto("/entry/sale/")
    cell(page, 0, "name").fill("First")
    cell(page, 0, "item").focus()
    page.keyboard.press("Enter")
    cell(page, 1, "name").wait_for()
    page.keyboard.type("Second")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+d")
    assert [cell(page, row, "name").input_value() for row in range(3)] == ["First", "First", "Second"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Delete")
    assert page.locator("[data-grid=lines] [data-row]").count() == 2
    names = page.eval_on_selector_all("[data-grid=lines] [data-row] input", "fields => fields.map(field => field.name).filter(Boolean)")
    assert {name.split(".")[0] for name in names} == {"lines[0]", "lines[1]"}


def test_ctrl_enter_posts_from_a_picker_whose_list_is_open(browser_page: Browser, web: Company) -> None:
    page = browser_page("accountant", "ru")
    page.goto("/entry/sale/?unit=MSK&date=2025-03-01&counterparty=VEGA")
    cell(page, 0, "amount").fill("100")
    page.get_by_role("combobox", name="Договор").first.focus()
    page.keyboard.type("BUYER-2")
    page.locator("[role=option][data-value='BUYER-2'][aria-selected=true]").wait_for()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/documents/*/")
    query = "select document.total, document.status, contract.code from document join contract on contract.id = contract_id"
    assert web.execute(query).fetchone() == (10000, "posted", "BUYER-2")


def test_the_only_contract_is_filled_in(browser_page: Browser) -> None:
    page = browser_page("accountant")
    page.goto("/entry/sale/?unit=LYC")
    chosen(page, "Counterparty", "vega", "VEGA")
    page.wait_for_function("() => document.querySelector('[name=contract]')?.value === 'LYCEUM-BUYER'")


def test_pressing_twice_sends_once_and_leaving_asks(browser_page: Browser, web: Company) -> None:
    page = browser_page("accountant")
    page.goto("/entry/sale/?unit=MSK&counterparty=VEGA&contract=BUYER&date=2025-03-01&number=S-9")
    cell(page, 0, "amount").fill("100")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.keyboard.press("Escape")
    page.evaluate("window.setTimeout(() => location.assign('/documents/'), 0)")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"] and "/entry/sale/" in page.url
    page.locator("[data-does=save]").dblclick()
    page.wait_for_url("**/documents/*/")
    stored = find_document(web, "sale/MSK/2025/S-9")
    assert stored is not None and stored.version_no == 1 and stored.row.status == "draft"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["sale", "payment_from_customer", "manual_entry", "opening_supplier_debts"])
def test_forms_are_accessible(browser_page: Browser, kind: str, language: str) -> None:
    page = browser_page("accountant", language, 390 if kind == "sale" else 1280)
    page.goto(f"/entry/{kind}/?unit=MSK&counterparty=VEGA&contract=BUYER&amount=100")
    page.get_by_role("button", name=text(language, "entry-post")).first.wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
