"""Mappings: values, grouping, signs, joins, filters, and every way a mapping or a row can be refused."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.amounts import spread
from setoff.intake.convert import JOIN_UNUSED, NO_RECORD, ROUNDS_TO_ZERO, Conversion
from setoff.intake.mapping import kept_mappings, load_mapping, parse_mapping
from setoff.intake.rows import RowFault, SkippedRow
from setoff.intake.source import source_of
from setoff.intake.template import CellError, Grammar, MappingError, NumberFormat

PAYMENT = """
[[record]]
type = "payment"
kind = "payment_from_customer"
unit = "U"
date = "{date}"
amount = "{amount}"
counterparty = "{who}"
"""


def convert(folder: Path, mapping: str, **files: str) -> tuple[list[Any], list[Any], list[RowFault | SkippedRow]]:
    """(masters, documents, reports) of files given as texts; the first is imported, the others lie beside it."""
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    reports: list[RowFault | SkippedRow] = []
    first = next(iter(files))
    conversion = Conversion(parse_mapping(mapping, "m.toml"), [source_of(folder / f"{first}.csv")], reports.append)
    return [record for _, record in conversion.masters()], [record for _, record in conversion.documents()], reports


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "value"),
    [
        ("1234.5", ".", "", "1234.5"),
        ("1 234,50", ",", " ", "1234.50"),
        ("1\u00a0234,50", ",", " ", "1234.50"),
        ("1.234,5", ",", ".", "1234.5"),
        ("(12.30)", ".", "", "-12.30"),
        ("12.30-", ".", "", "-12.30"),
        ("-0,5", ",", "", "-0.5"),
        ("", ".", "", "0"),
        ("¥1,234", ".", ",", "1234"),
        ("1.234", ",", ".", "1234"),
        ("€ 5", ".", "", "5"),
        ("−7", ".", "", "-7"),
    ],
)
def test_numbers_as_files_write_them(text: str, decimal: str, thousands: str, value: str) -> None:
    assert NumberFormat(decimal, thousands).number(text, "x") == Decimal(value)


@pytest.mark.parametrize("text", ["abc", "1,2,3", "1.2.3", "NaN", "Infinity", "1e5", "--1", "-", "1_000", "٣", "0x10", "."])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        NumberFormat().number(text, "x")


@pytest.mark.parametrize(
    ("text", "decimal", "thousands"), [("1.234,50", ".", ","), ("12,34", ".", ","), ("1 2", ",", " "), ("1,2345", ".", ",")]
)
def test_thousands_stand_where_thousands_do(text: str, decimal: str, thousands: str) -> None:
    with pytest.raises(CellError):
        NumberFormat(decimal, thousands).number(text, "x")


@given(st.text(max_size=12), st.sampled_from(".,"), st.sampled_from(["", " ", ".", ",", "'"]))
def test_no_number_crashes(text: str, decimal: str, thousands: str) -> None:
    with suppress(CellError):
        assert NumberFormat(decimal, thousands).number(text, "x").is_finite()


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{a}", "3"),
        ("x-{a}/{b c}", "x-3/Yes"),
        ("plain", "plain"),
        ("{b c|upper}", "YES"),
        ("{b c|lower|first:1}", "y"),
        ("{empty|default:none}", "none"),
        ("{w|whole}", "17850"),
        ("{b c|lookup:answer}", "true"),
        ("= {a} * 2 + 1", Decimal(7)),
        ("= {a} > 2 and not {a} == 5", True),
        ("= {b c} == 'Yes'", True),
        ("= {b c} != 'Yes' or {a} < 0", False),
        ("= round({a} / 7, 2)", Decimal("0.43")),
        ("= -abs({n})", Decimal(-4)),
        ("= max({a}, {n}, 2)", Decimal(3)),
        ("= 0.1 * 3", Decimal("0.3")),
    ],
)
def test_templates(template: str, value: object) -> None:
    row = {"a": "3", "b c": " Yes ", "empty": "", "w": "17850.0", "n": "-4"}
    assert Grammar(lookups={"answer": {"Yes": "true"}}).compile(template).render([row]) == value


@pytest.mark.parametrize(
    "template",
    [
        "= {a} +",
        "= __import__('os')",
        "= {a}.real",
        "= open({a})",
        "= [1]",
        "= x",
        "= {a} ** 9",
        "{a|shout}",
        "{a|lookup:none}",
        "{a",
        "a}",
        "= True",
        "= lambda: 1",
        "= {a} if {b} else 1",
        "= sum({a}, {b})",
        "{a|first:x}",
        "= 1 < {a} < 3",
        "= min({a})",
    ],
)
def test_what_is_no_template_is_refused(template: str) -> None:
    with pytest.raises(MappingError):
        Grammar().compile(template)


def test_a_row_becomes_a_document_and_masters_come_once(tmp_path: Path) -> None:
    mapping = PAYMENT + '[[record]]\ntype = "counterparty"\ncode = "{who}"\nname = "{who} Ltd"\n'
    masters, documents, reports = convert(tmp_path, mapping, t="date,amount,who\n2026-01-05,10.00,A\n2026-01-06 10:00,5,A\n")
    assert [master.name for master in masters] == ["A Ltd"]
    assert [(found.date, found.amount) for found in documents] == [("2026-01-05", "10.00"), ("2026-01-06", "5.00")]
    assert not reports


def test_dates_and_numbers_follow_the_mapping(tmp_path: Path) -> None:
    head = '[values]\ndates = ["%d.%m.%Y", "%d/%m/%y"]\ndecimal = ","\nthousands = " "\n'
    _, documents, _ = convert(tmp_path, head + PAYMENT, t="date;amount;who\n05.01.2026;1 234,50;A\n6/2/26;7;A\n")
    assert [(found.date, found.amount) for found in documents] == [("2026-01-05", "1234.50"), ("2026-02-06", "7.00")]


@pytest.mark.parametrize(
    ("row", "field", "value", "code"),
    [
        ("2026-13-05,1,A", "date", "2026-13-05", ErrorCode.INVALID_DATE),
        ("5 Jan,1,A", "date", "5 Jan", ErrorCode.INVALID_DATE),
        ("2026-01-05,ten,A", "amount", "ten", ErrorCode.INVALID_VALUE),
        (",1,A", "date", "", ErrorCode.FIELD_MISSING),
        ("2026-01-05,,A", "amount", "", ErrorCode.FIELD_MISSING),
        ("2026-01-05,1,A,x", "", "x", ErrorCode.ROW_UNREADABLE),
    ],
)
def test_a_bad_row_is_told_and_the_rest_is_made(row: str, field: str, value: str, code: ErrorCode, tmp_path: Path) -> None:
    _, documents, reports = convert(tmp_path, PAYMENT, t=f"date,amount,who\n2026-01-05,1,A\n{row}\n2026-01-05,2,A\n")
    assert len(documents) == 2
    assert [report[:5] for report in reports if isinstance(report, RowFault)] == [("t.csv", 3, field, value, code)]


SALE = """
[[record]]
type = "sale"
when = "{sum} > 0"
group_by = "{no}"
unit = "U"
number = "{no}"
date = "{date}"
counterparty = "{who}"
lines = { name = "{what}", amount = "{sum}" }
[[record]]
type = "sale_return"
when = "{sum} < 0"
group_by = "{no}"
unit = "U"
number = "{no}"
date = "{date}"
counterparty = "{who}"
lines = { name = "{what}", amount = "= -{sum}" }
"""


def test_rows_with_one_number_are_one_document_wherever_they_stand(tmp_path: Path) -> None:
    text = "no,date,who,what,sum\n1,2026-01-05,A,x,10\n2,2026-01-05,B,y,3\n1,2026-01-05,A,z,2.5\n"
    text += "C3,2026-01-06,A,x,-4\n4,2026-01-06,A,x,0\n"
    _, documents, reports = convert(tmp_path, SALE, t=text)
    assert [(type(found).__name__, found.number, [line.amount for line in found.lines]) for found in documents] == [
        ("Sale", "2", ["3.00"]),
        ("Sale", "1", ["10.00", "2.50"]),
        ("SaleReturn", "C3", ["4.00"]),
    ]
    assert reports == [SkippedRow("t.csv", 6, NO_RECORD)]


def test_a_document_with_a_bad_row_is_refused_as_a_whole(tmp_path: Path) -> None:
    text = "no,date,who,what,sum\n1,2026-01-05,A,x,10\n1,2026-01-05,A,y,ten\n2,2026-01-05,A,y,5\n"
    _, documents, reports = convert(tmp_path, SALE, t=text)
    assert [found.number for found in documents] == ["2"]
    assert {report[:5] for report in reports} == {("t.csv", 3, "sum", "ten", ErrorCode.INVALID_VALUE)}


def test_rows_of_one_document_must_agree(tmp_path: Path) -> None:
    text = "no,date,who,what,sum\n1,2026-01-05,A,x,10\n1,2026-01-05,B,y,5\n"
    _, documents, (report,) = convert(tmp_path, SALE, t=text)
    assert not documents
    assert report[:5] == ("t.csv", 3, "counterparty", "B", ErrorCode.ROWS_DIFFER)
    assert isinstance(report, RowFault) and (report.facts["expected"], report.facts["first_row"]) == ("A", 2)


def test_a_time_of_day_does_not_make_rows_differ(tmp_path: Path) -> None:
    text = "no,date,who,what,sum\n1,2026-01-05 08:00,A,x,10\n1,2026-01-05 08:01,A,y,5\n"
    assert len(convert(tmp_path, SALE, t=text)[1]) == 1


def test_exact_amounts_are_rounded_per_document(tmp_path: Path) -> None:
    text = (
        "no,date,who,what,sum\n" + "".join(f"1,2026-01-05,A,{name},0.333\n" for name in "xyz") + "1,2026-01-05,A,tiny,0.001\n"
    )
    conversion_reports: list[RowFault | SkippedRow] = []
    (tmp_path / "t.csv").write_text(text)
    conversion = Conversion(parse_mapping(SALE, "m.toml"), [source_of(tmp_path / "t.csv")], conversion_reports.append)
    list(conversion.masters())
    ((_, sale),) = conversion.documents()
    assert [line.amount for line in sale.lines] == ["0.34", "0.33", "0.33"]
    tally = conversion.tallies["sale"]
    assert (tally.documents, tally.exact, tally.imported, tally.rounded) == (1, Decimal("1.000"), Decimal("1.00"), 0)
    assert conversion_reports == [SkippedRow("t.csv", 5, ROUNDS_TO_ZERO)]


@given(st.lists(st.decimals(-(10**6), 10**6, places=4), max_size=12))
def test_parts_sum_to_the_rounded_whole(exact: list[Decimal]) -> None:
    unit = Decimal("0.01")
    parts = spread(exact, unit)
    assert abs(sum(parts) - sum(exact)) <= unit / 2
    assert all(abs(part - amount) < unit and part == part.quantize(unit) for part, amount in zip(parts, exact, strict=True))


def test_sums_debit_and_credit_columns_and_lookups(tmp_path: Path) -> None:
    mapping = """
[lookup.kind]
"из кассы" = "refund_to_customer"
"в кассу" = "payment_from_customer"
[[skip]]
when = "{kind} == 'итого'"
reason = "a total"
[[record]]
type = "payment"
group_by = "{no}"
kind = "{kind|lookup:kind}"
unit = "U"
date = "{date}"
cash = true
amount = "= sum({debit} + {credit})"
rows = { contract = "{contract}", amount = "= {debit} + {credit}" }
"""
    text = "no;date;kind;debit;credit;contract\n1;2026-01-05;в кассу;10;;C1\n1;2026-01-05;в кассу;5;;C2\n"
    text += "2;2026-01-05;из кассы;;7;C1\n"
    text += ";;итого;15;7;\n3;2026-01-05;иное;1;;C1\n"
    _, documents, reports = convert(tmp_path, mapping, t=text)
    assert [(found.kind, found.amount, [(row.contract, row.amount) for row in found.rows]) for found in documents] == [
        ("payment_from_customer", "15.00", [("C1", "10.00"), ("C2", "5.00")]),
        ("refund_to_customer", "7.00", [("C1", "7.00")]),
    ]
    assert [report[:3] for report in reports] == [("t.csv", 5, "a total"), ("t.csv", 6, "kind")]


def test_sides_of_a_manual_row_are_tables(tmp_path: Path) -> None:
    mapping = """
[[record]]
type = "manual_entry"
unit = "U"
date = "{date}"
rows = { amount = "{sum}", debit = { account = "{dr}" }, credit = { relation = "buyer", counterparty = "{who}" } }
"""
    _, (entry,), _ = convert(tmp_path, mapping, t="date,sum,dr,who\n2026-01-05,3,91.02,A\n")
    assert (entry.rows[0].debit.account, entry.rows[0].credit.counterparty, entry.rows[0].amount) == ("91.02", "A", "3.00")


JOINED = """
[join.o]
file = "orders.csv"
on = "{no}"
[join.c]
file = "clients.csv"
on = "{o.client}"
key = "id"
[[record]]
type = "counterparty"
rows_of = "c"
code = "{id}"
name = "{name}"
[[record]]
type = "sale"
group_by = "{no}"
unit = "U"
date = "{o.date}"
counterparty = "{o.client}"
comment = "{c.name}"
lines = { amount = "{sum}" }
"""


def test_a_second_file_lends_its_columns(tmp_path: Path) -> None:
    masters, (sale,), reports = convert(
        tmp_path,
        JOINED,
        t="no,sum\n1,5\n1,6\n9,1\n",
        orders="no,date,client\n1,2026-01-05,A\n2,2026-01-06,A\n",
        clients="id,name\nA,Alpha\nB,Beta\n",
    )
    assert [master.code for master in masters] == ["A", "B"]
    assert (sale.date, sale.counterparty, sale.comment, len(sale.lines)) == ("2026-01-05", "A", "Alpha", 2)
    assert [report[:4] for report in reports] == [("t.csv", 4, "no", "9"), ("orders.csv", 3, JOIN_UNUSED)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "record"),
        ("[[record]]", "type"),
        ('[[record]]\ntype = "gift"', "gift"),
        ('[[record]]\ntype = "sale"\ncolour = "x"', "colour"),
        ('[[record]]\ntype = "sale"\nlines = { hue = "x" }', "hue"),
        ('[[record]]\ntype = "sale"\nlines = "x"', "lines"),
        ('[[record]]\ntype = "sale"\ndate = 2026-01-05', "date"),
        ('[[record]]\ntype = "sale"\nrate = 1.5', "rate"),
        ('[[record]]\ntype = "unit"\ngroup_by = "{a}"', "grouped"),
        ('[[record]]\ntype = "unit"\nrows_of = "x"', "join.x"),
        ('[[record]]\ntype = "unit"\nwhen = 5', "when"),
        ("[file]\nsheets = 1", "sheets"),
        ('[values]\ncurrency = "XXZ"\n' + PAYMENT, "XXZ"),
        ("[values]\ndates = 5\n" + PAYMENT, "dates"),
        ("[join]\nx = 1\n" + PAYMENT, "join"),
        ("[[skip]]\nwhen = 'x'\n" + PAYMENT, "reason"),
        ("[[record", ""),
        ('[[record]]\ntype = "sale"\nunit = "{a"', "brace"),
        ("[file]\nheader_row = 0\n" + PAYMENT, "columns"),
        ('[[record]]\ntype = "sale"\ncounterparty = { a = "x" }', "counterparty"),
    ],
)
def test_a_bad_mapping_is_refused(text: str, told: str) -> None:
    with pytest.raises(DomainError) as refusal:
        parse_mapping(text, "m.toml")
    assert refusal.value.code is ErrorCode.MAPPING_INVALID
    assert told in refusal.value.facts["reason"]


def test_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as refusal:
        convert(tmp_path, PAYMENT, t="date,amount,name\n2026-01-05,1,A\n")
    assert refusal.value.code is ErrorCode.COLUMN_MISSING
    assert (refusal.value.facts["column"], refusal.value.facts["columns"]) == ("who", "date, amount, name")


def test_kept_mappings_are_sound() -> None:
    assert {"ibm_receivables", "uci_online_retail", "northwind", "adventureworks"} <= set(kept_mappings())
    for name in kept_mappings():
        assert load_mapping(name).records
    with pytest.raises(DomainError) as refusal:
        load_mapping("no_such_mapping")
    assert refusal.value.code is ErrorCode.FILE_UNREADABLE


@given(st.text(alphabet='abc,;"\n\r\t01.-5', max_size=80))
def test_no_table_crashes(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_text("date,amount,who\n" + text, newline="")
    reports: list[RowFault | SkippedRow] = []
    conversion = Conversion(parse_mapping(PAYMENT, "m.toml"), [source_of(path)], reports.append)
    assert not list(conversion.masters())
    list(conversion.documents())
