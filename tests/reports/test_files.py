"""Reports as files: numbers stay numbers, texts stay texts, JSON is the same in every language but for its titles."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import BytesIO, StringIO
from typing import Any, NamedTuple

import pytest
from python_calamine import CalamineWorkbook

from setoff.books.scope import Scope
from setoff.language import LANGUAGES
from setoff.reports import files
from setoff.reports.files import csv_pieces, jsonl_pieces, render_csv, render_json, render_xlsx, write_xlsx
from setoff.reports.report import Column, DocumentName, Note, Question, Report, Section, Total
from setoff.reports.table import render_table

HOSTILE = ["=1+1", "+7 495 123", "-2", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://x\",\"y\")"]


class Row(NamedTuple):
    counterparty: str
    document: DocumentName
    due: date | None
    currency: str
    amount: int | None


COLUMNS = [Column("counterparty"), Column("document", "document"), Column("due", "date"), Column("currency"), Column("amount", "money")]
SALE = DocumentName("sale/MSK/2025/7", "sale", "=7", date(2025, 1, 10))


def report(rows: list[Row]) -> Report:
    total = Row("", DocumentName("", "", "", None), None, "RUB", sum(row.amount or 0 for row in rows if row.currency == "RUB"))
    section = Section(rows, [Total("total-in", total, {"currency": "RUB"})], heading=Note("analysis-heading", {"currency": "RUB"}))
    return Report("statement", Question(date(2025, 3, 31), Scope((1,))), COLUMNS, [section])


ROWS = [
    Row("ООО «Вега»", SALE, date(2025, 2, 1), "RUB", -1_234_567_89),
    Row("海达电子有限公司", SALE, None, "JPY", 1_000),
    Row("Gulf \"Trading\", W.L.L.", SALE, None, "KWD", 1_234),
    Row("huge", SALE, None, "RUB", 12_345_678_901_234_567),
    Row("none", SALE, None, "RUB", None),
]


def table_of(content: str) -> list[list[str]]:
    return list(csv.reader(StringIO(content)))


def test_csv_has_plain_amounts_and_iso_dates() -> None:
    lines = table_of(render_csv(report(ROWS), "ru"))
    heading = next(line for line in lines if len(line) == len(COLUMNS))
    assert heading == ["Контрагент", "Документ", "Срок оплаты", "Валюта", "Сумма"]
    body = lines[lines.index(heading) + 1 :]
    assert [line[4] for line in body] == ["-1234567.89", "1000", "1.234", "123456789012345.67", "", "123456787777777.78"]
    assert body[0][1:3] == ["Реализация =7 от 10.01.2025", "2025-02-01"]
    assert body[2][0] == 'Gulf "Trading", W.L.L.'


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_never_runs_a_text_as_a_formula(text: str) -> None:
    (line,) = [line for line in table_of(render_csv(report([Row(text, SALE, None, "RUB", -5)]), "en")) if line[-1] == "-0.05"][:1]
    assert line[0] == "'" + text


def sheet_of(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def test_xlsx_has_numbers_dates_and_texts() -> None:
    sheet = sheet_of(render_xlsx(report([*ROWS, *(Row(text, SALE, None, "RUB", 1) for text in HOSTILE)]), "zh"))
    assert sheet[0][0] == "往来余额表"
    body = {line[0]: line for line in sheet}
    assert body["ООО «Вега»"][2:] == [date(2025, 2, 1), "RUB", -1_234_567.89]
    assert body["海达电子有限公司"][4] == 1000
    assert body['Gulf "Trading", W.L.L.'][4] == 1.234
    assert body["huge"][4] == "123456789012345.67"  # a spreadsheet number would lose the kopecks
    assert body["none"][4] == ""
    assert {text.strip() for text in HOSTILE} <= {str(name).strip() for name in body}


def test_json_differs_between_languages_in_titles_only() -> None:
    found = [json.loads(render_json(report(ROWS), language)) for language in LANGUAGES]
    for content in found:
        content.pop("title")
        for column in content["columns"]:
            column.pop("title")
    assert found[0] == found[1] == found[2]
    (section,) = found[0]["sections"]
    assert section["rows"][0] == {
        "counterparty": "ООО «Вега»", "due": "2025-02-01", "currency": "RUB", "amount": "-1234567.89",
        "document": {"key": "sale/MSK/2025/7", "kind": "sale", "number": "=7", "date": "2025-01-10"},
    }  # fmt: skip
    assert section["totals"] == [{"label": "total-in", "currency": "RUB", "amount": "123456787777777.78"}]


def test_a_table_is_aligned_and_localized() -> None:
    lines = render_table(report(ROWS[:2]), "ru").splitlines()
    assert "-1\xa0234\xa0567,89" in lines[7]
    assert lines[7].endswith("-1\xa0234\xa0567,89")
    assert render_table(report(ROWS[:1]), "en").count("-1,234,567.89") == 2


def test_an_empty_report_says_so() -> None:
    empty = Report("statement", Question(date(2025, 3, 31), Scope((1,))), COLUMNS, [])
    assert "Данных нет." in render_table(empty, "ru")
    assert "Nothing to report." in render_csv(empty, "en")
    assert sheet_of(render_xlsx(empty, "en"))[-1][0] == "Nothing to report."


class CardLine(NamedTuple):
    date: date
    document: DocumentName
    contract: str
    balance: int
    debt: int
    book: int
    currency: str
    book_currency: str


@pytest.mark.parametrize(
    ("change", "contracts", "shown"),
    [
        ({}, (), ["date", "contract", "balance"]),
        ({}, ("M-1",), ["date", "balance"]),
        ({}, ("M-1", "M-2"), ["date", "contract", "balance"]),
        ({"debt": 0}, (), ["date", "contract", "balance", "debt"]),
        ({"currency": "EUR"}, (), ["date", "contract", "balance", "book"]),
    ],
)
def test_a_table_leaves_out_what_repeats_and_a_file_does_not(change: dict[str, Any], contracts: tuple[str, ...], shown: list[str]) -> None:
    columns = [
        Column("date", "date"), Column("document", "document", undated=True), Column("contract", named_by="contract"),
        Column("balance", "money", shows_zero=True), Column("debt", "money", repeats="balance"),
        Column("book", "money", currency="book_currency", beside="currency"),
    ]  # fmt: skip
    line = CardLine(date(2025, 1, 10), SALE, "M-1", 700, 700, 900, "RUB", "RUB")
    rows = [line._replace(**change), line._replace(balance=0, debt=0)]
    question = Question(date(2025, 3, 31), Scope((1,)), names=(("contract", contracts),))
    asked = Report("card", question, columns, [Section(rows)])
    table = render_table(asked, "en")
    headings = {
        "date": "Date", "contract": "Contract ", "balance": "Balance", "debt": "Debt", "book": "In book currency",
    }  # fmt: skip
    line_of_headings = next(line for line in table.splitlines() if line.startswith("Date"))
    assert [key for key, heading in headings.items() if heading in line_of_headings] == shown
    assert "Sale =7 " in table
    assert "of 10 Jan 2025" not in table
    assert "0.00" in table.splitlines()[-1]
    assert any(len(row) >= len(columns) for row in table_of(render_csv(asked, "en")))


def test_parts_make_the_file_of_the_whole() -> None:
    """The head stands once, the totals once, at the end; nothing is read before what is written of it."""
    whole = report(ROWS)
    (section,) = whole.sections
    read: list[int] = []

    def parts() -> Iterator[Report]:
        for first in range(0, len(ROWS), 2):
            read.append(first)
            following = (0, 0, 0) if first + 2 < len(ROWS) else None
            yield replace(whole, sections=[replace(section, rows=ROWS[first : first + 2])], following=following)

    assert b"".join(csv_pieces(parts(), "ru")).decode() == render_csv(whole, "ru")
    sheet = BytesIO()
    write_xlsx(parts(), "ru", sheet)
    assert sheet_of(sheet.getvalue()) == sheet_of(render_xlsx(whole, "ru"))
    told = [json.loads(line) for line in b"".join(jsonl_pieces(parts(), "en")).splitlines()]
    (plain,) = json.loads(render_json(whole, "en"))["sections"]
    assert told == [*plain["rows"], *({"totals": total} for total in plain["totals"])]
    read.clear()
    coming = jsonl_pieces(parts(), "en")
    assert json.loads(next(coming)) == plain["rows"][0] and read == [0]


def test_what_a_sheet_cannot_hold_stands_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SHEET_ROWS", 6)
    book = CalamineWorkbook.from_filelike(BytesIO(render_xlsx(report(ROWS), "en")))
    first, second = (book.get_sheet_by_index(place).to_python() for place in range(2))
    assert len(first) == 6 and [row[0] for row in first + second if row[0] in {row.counterparty for row in ROWS}] == [
        row.counterparty for row in ROWS
    ]  # fmt: skip
