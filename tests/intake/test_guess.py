"""A proposed mapping is sound and reads its own file, in three languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from setoff.intake.convert import Conversion
from setoff.intake.guess import guess_mapping, propose
from setoff.intake.mapping import parse_mapping
from setoff.intake.rows import RowFault, SkippedRow
from setoff.intake.source import Source, source_of
from setoff.language import LANGUAGES


def table(folder: Path, text: str, encoding: str = "utf-8") -> Source:
    path = folder / "t.csv"
    path.write_bytes(text.encode(encoding))
    return source_of(path)


def converted(source: Source) -> tuple[list[Any], list[Any], list[RowFault | SkippedRow]]:
    reports: list[RowFault | SkippedRow] = []
    conversion = Conversion(parse_mapping(guess_mapping(source, "en"), "guess"), [source], reports.append)
    masters = [record for _, record in conversion.masters()]
    return masters, [record for _, record in conversion.documents()], reports


ENGLISH = """Invoice No,Invoice Date,Customer,Invoice Amount,Due Date,Settled Date
A1,1/31/2026,Alpha,"1,234.50",3/1/2026,2/20/2026
A2,2/1/2026,Beta,99.00,3/3/2026,
"""
RUSSIAN = """Дата документа;№ документа;Контрагент;ИНН;Договор;Сумма;Валюта
31.01.2026;А-1;ООО «Вега»;7702070139;Д-7;1 234,50;RUB
01.02.2026;А-2;ИП Иванов;500100732259;Д-8;-99,00;RUB
"""
CHINESE = """单据日期,单据编号,客户名称,借方金额,贷方金额,摘要
2026年1月31日,记-1,海达电子有限公司,1234.50,,货款
2026年2月1日,记-2,海达电子有限公司,,1000,收款
"""


def test_english_invoices_with_their_payments(tmp_path: Path) -> None:
    masters, documents, reports = converted(table(tmp_path, ENGLISH))
    assert not reports
    assert [(type(found).__name__, found.number, found.date) for found in documents] == [
        ("Sale", "A1", "2026-01-31"), ("Payment", "A1", "2026-02-20"), ("Sale", "A2", "2026-02-01")]
    assert (documents[0].due, documents[0].lines[0].amount, documents[1].targets[0].document) == ("2026-03-01", "1234.50", "sale/A1")
    assert {record.code for record in masters if type(record).__name__ == "Counterparty"} == {"Alpha", "Beta"}


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_russian_with_decimal_commas_and_negative_amounts(encoding: str, tmp_path: Path) -> None:
    source = table(tmp_path, RUSSIAN, encoding)
    masters, documents, reports = converted(source)
    assert not reports
    assert [(type(found).__name__, found.number, found.date, found.lines[0].amount) for found in documents] == [
        ("Sale", "А-1", "2026-01-31", "1234.50"), ("SaleReturn", "А-2", "2026-02-01", "99.00")]
    assert documents[0].contract == "ООО «Вега»/Д-7"
    house = next(record for record in masters if type(record).__name__ == "Organization")
    assert (house.chart, house.book_currency) == ("ru", "RUB")
    assert next(record.tax_id for record in masters if type(record).__name__ == "Counterparty") == "7702070139"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_chinese_with_debit_and_credit_columns(encoding: str, tmp_path: Path) -> None:
    masters, documents, reports = converted(table(tmp_path, CHINESE, encoding))
    assert not reports
    assert [(type(found).__name__, found.number, found.date) for found in documents] == [
        ("Sale", "记-1", "2026-01-31"), ("Payment", "记-2", "2026-02-01")]
    assert (documents[0].lines[0].amount, documents[1].amount) == ("1234.50", "1000.00")
    assert next(record.chart for record in masters if type(record).__name__ == "Organization") == "cn"


def test_lines_of_one_number_are_grouped(tmp_path: Path) -> None:
    text = "OrderNumber,order_date,client,Qty,unit price,item\n1,2026-01-05,17.0,2,1.50,pen\n1,2026-01-05,17.0,1,3,ink\n"
    text += "2,2026-01-06,,1,4,cap\n"
    _, documents, reports = converted(table(tmp_path, text))
    assert not reports
    assert [(found.number, found.counterparty, [(line.name, line.amount) for line in found.lines]) for found in documents] == [
        ("1", "17", [("pen", "3.00"), ("ink", "3.00")]), ("2", "UNKNOWN", [("cap", "4.00")])]


@pytest.mark.parametrize(
    ("values", "dates", "other"),
    [
        (["31.12.2025", "01.02.2026"], ("%d.%m.%Y",), ()),
        (["12/31/2025", "1/2/2026"], ("%m/%d/%Y",), ()),
        (["1/2/2026", "3/4/2026"], ("%d/%m/%Y",), ("%m/%d/%Y",)),
        (["2026-01-05 10:00:00"], ("%Y-%m-%d %H:%M:%S",), ()),
        (["20260105"], ("%Y%m%d",), ()),
    ],
)
def test_dates_are_told_by_their_values(values: list[str], dates: tuple[str, ...], other: tuple[str, ...], tmp_path: Path) -> None:
    found = propose(table(tmp_path, "date,amount\n" + "".join(f"{value},1\n" for value in values)))
    assert (found.dates, found.other_dates) == (dates, other)


@pytest.mark.parametrize(
    ("values", "decimal", "thousands"),
    [
        (["1234.50", "7"], ".", ""), (["1234,50", "7"], ",", ""), (["1 234,50"], ",", " "), (["1,234.50"], ".", ","),
        (["1.234,50"], ",", "."), (["1,234", "5,678"], ".", ","), (["1,5"], ",", ""),
    ],
)  # fmt: skip
def test_numbers_are_told_by_their_values(values: list[str], decimal: str, thousands: str, tmp_path: Path) -> None:
    found = propose(table(tmp_path, "date\tamount\n" + "".join(f"2026-01-05\t{value}\n" for value in values)))
    assert (found.numbers.decimal, found.numbers.thousands) == (decimal, thousands)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_is_said(language: str, tmp_path: Path) -> None:
    text = guess_mapping(table(tmp_path, "colour,size\nred,XL\n"), language)
    assert text.count("#") >= 4
    assert "colour" in text
    parse_mapping(text, "guess")
