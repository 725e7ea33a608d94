"""Their side of an act of reconciliation: which line is which, what the act then says, what is refused. Amounts in minor units."""

from __future__ import annotations

import csv
import json
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from setoff.core.errors import DomainError
from setoff.language import LANGUAGES
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.files import render_csv, render_json, render_xlsx
from setoff.reports.table import render_table
from setoff.reports.theirs import read_theirs
from setoff.settlements.reconciliation import DAYS_APART, SideLine, comparable, matched
from tests.cast import MASTERS
from tests.reports.story import ACTOR

THEIRS = """date;document;debit;credit
2025-01-10;s-1;;1200,00
20.01.2025;П/П 7;500,00;
2025/02/06;S 2;;650.00
2025-03-20;X-9;10;
2025-04-01;later;1;
"""


def line(day: int, number: str, debit: int = 0, credit: int = 0) -> SideLine:
    return SideLine(date(2025, 1, day), number, debit, credit)


ONE = ((0,), (0,))
APART = (((0,), (), "alone"), ((), (0,), "alone"))
MATCHES: list[tuple[str, list[SideLine], list[SideLine], list[tuple[Any, ...]]]] = [
    ("number and amount", [line(1, "INV-7/a", 100)], [line(25, "inv 7 A", 0, 100)], [(*ONE, "number")]),
    ("their debit mirrors our credit", [line(1, "1", 0, 100)], [line(1, "1", 100)], [(*ONE, "number")]),
    ("a reversal is the other side", [line(1, "1", 0, 100)], [line(1, "9", 0, -100)], [(*ONE, "amount")]),
    ("number with another amount", [line(1, "1", 100)], [line(25, "1", 0, 90)], [(*ONE, "number")]),
    ("sale 1 is not payment 1", [line(1, "1", 100)], [line(1, "1", 90)], [*APART]),
    ("amount within a week", [line(1, "1", 100)], [line(8, "77", 0, 100)], [(*ONE, "amount")]),
    ("amount after a week", [line(1, "1", 100)], [line(9, "77", 0, 100)], [*APART]),
    ("lines without a number", [line(1, "", 100)], [line(20, "", 0, 100)], [*APART]),
    ("exact before near", [line(1, "1", 100), line(1, "2", 100)], [line(1, "2", 0, 100)], [((0,), (), "alone"), ((1,), (0,), "number")]),
    ("number before date", [line(1, "1", 100), line(5, "2", 90)], [line(1, "2", 0, 100)], [((0,), (), "alone"), ((1,), (0,), "number")]),
    ("nearest first", [line(1, "a", 100), line(4, "b", 100)], [line(5, "x", 0, 100), line(2, "y", 0, 100)],
     [((0,), (1,), "amount"), ((1,), (0,), "amount")]),
    ("once each", [line(1, "1", 100)], [line(1, "1", 0, 100), line(1, "1", 0, 100)], [(*ONE, "number"), ((), (1,), "alone")]),
    ("zeros and letters before a number", [line(1, "ROM-000012", 100)], [line(14, "12", 0, 100)], [(*ONE, "number")]),
    ("one letter wrong", [line(1, "2025/118", 100)], [line(14, "2025/181", 0, 100)], [(*ONE, "number")]),
    ("a short number is another number", [line(1, "118", 100)], [line(14, "181", 0, 100)], [*APART]),
    ("nearly the same number, long after", [line(1, "2025/118", 100)], [line(16, "2025/181", 0, 100)], [*APART]),
    ("nearly the same number with another amount", [line(1, "0026", 100)], [line(3, "INV-26", 0, 90)], [(*ONE, "number")]),
    ("on the wrong side", [line(1, "INV-7", 100)], [line(3, "7", 100)], [(*ONE, "swapped")]),
    ("a copy without the number", [line(1, "1", 100)], [line(1, "9", 100)], [*APART]),
    ("a mirror before a copy", [line(1, "7", 100)], [line(1, "7", 100), line(1, "9", 0, 100)],
     [((0,), (1,), "amount"), ((), (0,), "alone")]),
    ("one of ours is two of theirs", [line(5, "1", 100)], [line(4, "8", 0, 60), line(6, "9", 0, 40)], [((0,), (0, 1), "parts")]),
    ("three of ours are one of theirs", [line(4, "1", 0, 10), line(5, "2", 0, 20), line(6, "3", 0, 30)], [line(5, "9", 60)],
     [((0, 1, 2), (0,), "parts")]),
    ("a sum with a choice is not made", [line(5, "1", 100)], [line(4, "7", 0, 60), line(4, "8", 0, 60), line(6, "9", 0, 40)],
     [((0,), (), "alone"), *(((), (place,), "alone") for place in range(3))]),
    ("parts far away are not parts", [line(1, "1", 100)], [line(2, "8", 0, 60), line(9, "9", 0, 40)],
     [((0,), (), "alone"), ((), (0,), "alone"), ((), (1,), "alone")]),
]  # fmt: skip


@pytest.mark.parametrize(("ours", "theirs", "matches"), [case[1:] for case in MATCHES], ids=[case[0] for case in MATCHES])
def test_which_line_is_which(ours: list[SideLine], theirs: list[SideLine], matches: list[tuple[Any, ...]]) -> None:
    assert matched(ours, theirs) == matches


LINES = st.lists(
    st.builds(line, st.integers(1, 28), st.sampled_from(["", "1", "2", "3"]), st.integers(0, 3), st.integers(0, 3)), max_size=8
)


@given(LINES, LINES)
def test_every_line_stands_once_and_nothing_that_matches_is_left(ours: list[SideLine], theirs: list[SideLine]) -> None:
    matches = matched(ours, theirs)
    assert sorted(place for match in matches for place in match.ours) == list(range(len(ours)))
    assert sorted(place for match in matches for place in match.theirs) == list(range(len(theirs)))
    assert all((match.how == "alone") == (not match.ours or not match.theirs) for match in matches)
    assert all(sum(ours[at].net for at in m.ours) + sum(theirs[at].net for at in m.theirs) == 0 for m in matches if m.how == "parts")
    our_rest = [ours[match.ours[0]] for match in matches if not match.theirs]
    their_rest = [theirs[match.theirs[0]] for match in matches if not match.ours]
    for our in our_rest:
        for their in their_rest:
            mirrored = our.net == -their.net
            assert not (mirrored and our.number and our.number == their.number)
            assert not (mirrored and abs((our.date - their.date).days) <= DAYS_APART)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.csv"
    path.write_text(THEIRS, encoding="utf-8-sig")
    return path


def test_both_sides(report: Any, theirs: Path) -> None:
    (section,) = report("reconciliation-act", counterparty="VEGA", theirs=str(theirs)).sections
    assert [
        (row.document.number, row.their_document, row.their_debit, row.their_credit, row.difference, row.mark) for row in section.rows
    ] == [
        ("S-1", "s-1", 0, 1_200_00, 0, ""),
        ("P-1", "П/П 7", 500_00, 0, 0, ""),
        ("S-2", "S 2", 0, 650_00, -50_00, "differs"),
        ("P-2", "", None, None, -1_000_00, "ours-only"),
        ("P-4", "", None, None, -500_00, "ours-only"),
        ("", "X-9", 10_00, 0, 10_00, "theirs-only"),
    ]
    turnover, closing = (total.row for total in section.totals)
    assert (turnover.debit, turnover.credit, turnover.their_debit, turnover.their_credit) == (1_800_00, 2_000_00, 510_00, 1_850_00)
    assert (closing.debit, closing.credit, closing.their_debit, closing.their_credit) == (0, 200_00, 0, 1_340_00)
    assert closing.difference == turnover.difference == -1_540_00
    assert [note.label for note in section.notes] == ["act-in-favour", "act-theirs-in-favour", "act-difference", "act-signatures"]
    assert [note.facts["creditor"] for note in section.notes[:2]] == ["ООО «Вега»", "ООО «Ромашка»"]


def test_their_opening_is_what_they_wrote_before_the_period_else_a_mirror_of_ours(report: Any, theirs: Path) -> None:
    asked = {"counterparty": "VEGA", "since": "2025-02-05", "theirs": str(theirs)}
    opening = report("reconciliation-act", **asked).sections[0].opening[0].row
    assert (opening.debit, opening.their_credit, opening.difference) == (700_00, 700_00, 0)
    theirs.write_text("number,date,credit,debit\nS-2,2025-02-05,600,\nP-2,2025-02-15,,1000\nP-4,2025-03-12,,500\n", encoding="utf-8")
    (section,) = report("reconciliation-act", **asked).sections
    assert (section.opening[0].row.their_credit, section.totals[-1].row.their_debit) == (700_00, 200_00)
    assert {row.mark for row in section.rows} == {""}
    assert section.notes[2].label == "act-agreed"


def test_without_their_file_the_act_has_our_side_alone(report: Any) -> None:
    found = report("reconciliation-act", counterparty="VEGA")
    assert [column.key for column in found.columns] == ["date", "document", "debit", "credit"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_format_and_language(report: Any, theirs: Path, language: Any) -> None:
    found = report("reconciliation-act", counterparty="VEGA", theirs=str(theirs), language=language)
    table = render_table(found, language)
    assert "П/П 7" in table
    assert str(theirs.parent) not in table
    rows = json.loads(render_json(found, language))["sections"][0]["rows"]
    assert rows[2]["difference"] == "-50.00"
    assert (rows[5]["document"], rows[5]["their_date"], rows[5]["mark"]) == (None, "2025-03-20", "theirs-only")
    written = list(csv.reader(StringIO(render_csv(found, language))))
    sheet = CalamineWorkbook.from_filelike(BytesIO(render_xlsx(found, language))).get_sheet_by_index(0).to_python()
    for lines in (written, sheet):
        cells = next(cells for cells in lines if "S 2" in map(str, cells))
        assert [float(cell) for cell in (cells[2], cells[7], cells[8])] == [600.0, 650.0, -50.0]


def test_a_party_we_have_no_settlements_with(db: psycopg.Connection[Any], theirs: Path) -> None:
    save_masters(db, MASTERS, ACTOR)
    options = {"counterparty": ["VEGA"], "organization": ["ROMASHKA"], "theirs": [str(theirs)]}
    (section,) = ask(db, "reconciliation-act", as_of="2025-03-31", options=options).sections
    assert {row.mark for row in section.rows} == {"theirs-only"}
    assert section.totals[-1].row.difference == -1_340_00


def test_their_file_is_of_one_party(report: Any, story: psycopg.Connection[Any], theirs: Path) -> None:
    options = {"counterparty": ["VEGA", "METALL"], "currency": ["RUB"], "theirs": [str(theirs)]}
    with pytest.raises(DomainError) as refused:
        ask(story, "reconciliation-act", as_of="2025-03-31", options=options)
    assert refused.value.code.value == "report_option_missing"
    assert refused.value.facts["options"] == "--organization, --counterparty, --contract"
    with pytest.raises(DomainError) as refused:
        report("card", counterparty="VEGA", theirs=str(theirs))
    assert refused.value.code.value == "report_option_unused"


HEADERS = [
    "дата;документ;дебет;кредит",
    "Дата\tНомер\tДебет\tКредит",
    "日期,单据,借方,贷方",
    "日期,单号,借方,贷方",
    '"Date"|"Number"|"Debit"|"Credit"',
]


@pytest.mark.parametrize("header", HEADERS)
def test_headers_of_three_languages(tmp_path: Path, header: str) -> None:
    path = tmp_path / "theirs.csv"
    delimiter = next(mark for mark in ";\t,|" if mark in header)
    path.write_text(header + "\n\n" + delimiter.join(["2025-01-05", '"A ""1"""', "", "12.5"]) + "\n", encoding="utf-8")
    assert read_theirs(path, "RUB") == ([line(5, 'A "1"', 0, 12_50)], None)


HEAD = b"date;document;debit;credit\n2025-01-01;1;1;\n"
BAD: list[tuple[bytes, str, dict[str, Any]]] = [
    (HEAD + b"31.02.2025;2;1;\n", "invalid_date", {"row": 3, "field": "date", "value": "31.02.2025"}),
    (HEAD + b"\n2025-01-01;2;1 00;\n", "invalid_amount", {"row": 4, "field": "debit", "value": "1 00"}),
    (HEAD + b"2025-01-01;2;;1.005\n", "invalid_amount", {"row": 3, "field": "credit", "value": "1.005"}),
    (HEAD + b"2025-01-01;2;;1" + b"0" * 20, "amount_too_large", {"row": 3, "field": "credit"}),
    (HEAD + b"2025-01-01;2\n", "field_missing", {"row": 3, "field": "debit"}),
    (HEAD + b"2025-01-01;2;1;;5\n", "row_unreadable", {"row": 3, "value": "5"}),
    (HEAD + b'2025-01-01;"2;1;\n', "field_missing", {"row": 3}),
    (b"date;document;debit\n", "column_missing", {"column": "credit", "columns": "date, document, debit"}),
    (b"", "column_missing", {"column": "date"}),
    (HEAD + b"2025-01-01;2;\x98\xe9\xff\n", "encoding_unknown", {"file": "theirs.csv"}),
]


@pytest.mark.parametrize(("content", "code", "facts"), BAD)
def test_what_cannot_be_read_is_refused_with_its_place(tmp_path: Path, content: bytes, code: str, facts: dict[str, Any]) -> None:
    path = tmp_path / "theirs.csv"
    path.write_bytes(content)
    with pytest.raises(DomainError) as refused:
        read_theirs(path, "RUB")
    assert refused.value.code.value == code
    assert facts.items() <= refused.value.facts.items()


TABLE = [
    ["Акт сверки взаимных расчётов", "", "", ""],
    ["", "", "", ""],
    ["Дата", "Документ", "Дебет", "Кредит", "Дебет", "Кредит"],
    ["", "Сальдо начальное", "", "1 500,00", "", ""],
    ["10.01.2025 9:30:00", "Поступление № 0000-000007 от 10.01.2025", "", "1 200,00", "", ""],
    ["20.01.25", "Платёж", "1234567.5", "", "", ""],
    ["", "Обороты за период", "1", "1", "", ""],
    ["", "Сальдо конечное", "0", "0", "", ""],
]
READ = ([SideLine(date(2025, 1, 10), TABLE[4][1], 0, 1_200_00), SideLine(date(2025, 1, 20), "Платёж", 1_234_567_50, 0)], -1_500_00)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_any_encoding_titles_above_totals_below(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text("\n".join(";".join(cells) for cells in TABLE), encoding=encoding)
    assert read_theirs(path, "RUB") == READ


def test_a_spreadsheet(tmp_path: Path) -> None:
    book = Workbook(tmp_path / "theirs.xlsx")
    sheet = book.add_worksheet()
    for number, cells in enumerate(TABLE):
        sheet.write_row(number, 0, cells)
    sheet.write_datetime(5, 0, date(2025, 1, 20), book.add_format({"num_format": "dd.mm.yyyy"}))
    sheet.write_number(5, 2, 1_234_567.5)
    book.close()
    assert read_theirs(tmp_path / "theirs.xlsx", "RUB") == READ


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1 234,5", 1_234_50), ("1\xa0234.50", 1_234_50), ("1'234'567", 1_234_567_00), ("1,234.50", 1_234_50), ("1,234,567", 1_234_567_00),
     ("-1 000", -1_000_00), ("12,5", 12_50)],
)  # fmt: skip
def test_amounts_as_people_write_them(tmp_path: Path, typed: str, amount: int) -> None:
    path = tmp_path / "theirs.tsv"
    path.write_text(f"date\tnumber\tdebit\tcredit\n2025-01-05\t1\t{typed}\t\n", encoding="utf-8")
    assert read_theirs(path, "RUB").lines == [line(5, "1", amount)]


TOLD = ["Реализация № ROM-7 от 31.03.2025", "Sale no. rom/7 of 2025-03-31", "ROM-7 от 31.03.2025", "销售单号：rom7"]


@pytest.mark.parametrize("told", TOLD)
def test_a_number_within_words(told: str) -> None:
    assert comparable(told) == "rom7"


def test_their_opening_is_what_their_file_says(report: Any, theirs: Path) -> None:
    theirs.write_text("date;number;debit;credit\n;Opening balance;;690\n2025-02-05;S-2;;600\n", encoding="utf-8")
    (section,) = report("reconciliation-act", counterparty="VEGA", since="2025-02-05", theirs=str(theirs)).sections
    assert (section.opening[0].row.their_credit, section.opening[0].row.difference) == (690_00, 10_00)


def test_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(DomainError) as refused:
        read_theirs(tmp_path / "none.csv", "RUB")
    assert refused.value.code.value == "file_unreadable"
