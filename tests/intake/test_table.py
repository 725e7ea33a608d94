"""Tables in text and in spreadsheets give the same rows, with the row numbers a person sees."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.rows import RowFault
from setoff.intake.source import source_of
from setoff.intake.table import TableShape, table_rows


def read(path: Path, shape: TableShape | None = None) -> tuple[list[tuple[int, dict[str, str]]], list[RowFault]]:
    faults: list[RowFault] = []
    return [(row.row, row.cells) for row in table_rows(source_of(path), shape or TableShape(), faults.append)], faults


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", 'no,sum\n1,"2,5"\n'),
        ("t.csv", "no;sum\n1;2,5\n"),
        ("t.tsv", "no\tsum\n1\t2,5\n"),
        ("t.psv", "no|sum\n1|2,5\n"),
        ("t.txt", "no\tsum\r\n1\t2,5\r\n"),
        ("t.csv", '"no, or id";sum\n1;2,5\n'.replace("no, or id", "no")),
    ],
)
def test_delimiters_are_told_by_ending_or_header(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert read(tmp_path / name) == ([(2, {"no": "1", "sum": "2,5"})], [])


def test_row_numbers_are_lines_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n1,"two\nlines"\n\n2,x\n')
    rows, _ = read(tmp_path / "t.csv")
    assert [number for number, _ in rows] == [2, 5]
    assert rows[0][1]["b"] == "two\nlines"


def test_short_rows_are_filled_and_surplus_cells_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1\n1,2,,\n1,2,3\n")
    rows, faults = read(tmp_path / "t.csv")
    assert rows == [(2, {"a": "1", "b": ""}), (3, {"a": "1", "b": "2"})]
    assert [(fault.row, fault.code) for fault in faults] == [(4, ErrorCode.ROW_UNREADABLE)]


def test_surplus_cells_may_belong_to_a_column(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,address,city\n1,Rua do Paço, 67,Rio\n2,Main st,Oslo\n")
    rows, faults = read(tmp_path / "t.csv", TableShape(overflow="address"))
    assert not faults
    assert [tuple(cells.values()) for _, cells in rows] == [("1", "Rua do Paço, 67", "Rio"), ("2", "Main st", "Oslo")]


def test_a_row_that_cannot_be_decoded_is_a_fault_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("имя,a\nда,1\n".encode() + b"\xff\xfe,2\n" + b"nul\0,3\n" + "нет,4\n".encode())
    source = source_of(tmp_path / "t.csv", "utf-8")
    faults: list[RowFault] = []
    assert [row.row for row in table_rows(source, TableShape(), faults.append)] == [2, 5]
    assert [(fault.row, fault.code) for fault in faults] == [(3, ErrorCode.ROW_UNREADABLE), (4, ErrorCode.ROW_UNREADABLE)]


def test_header_may_stand_lower_or_be_named(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Report of 2026\n\na;b\n1;-\n")
    assert read(tmp_path / "t.csv", TableShape(header_row=3, nulls=("-",)))[0] == [(4, {"a": "1", "b": ""})]
    assert read(tmp_path / "t.csv", TableShape(header_row=0, columns=("x", "y"), delimiter=";"))[0][-1] == (
        4,
        {"x": "1", "y": "-"},
    )


@pytest.mark.parametrize("content", ["", "\n\n", ",,\n1,2,3\n"])
def test_a_table_without_a_header_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(content)
    with pytest.raises(DomainError) as refusal:
        read(tmp_path / "t.csv")
    assert refusal.value.code is ErrorCode.COLUMN_MISSING


def test_a_spreadsheet_gives_texts(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(str(tmp_path / "t.xlsx"))
    first, second = book.add_worksheet("First"), book.add_worksheet("Second")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    first.write_row(1, 0, ["date", "amount", "whole", "text", "small", "yes"])
    first.write_datetime(3, 0, datetime(2026, 1, 5), day)
    first.write_row(3, 1, [0.1 + 0.2, 1234567, "0012", 0.0000001, True])
    second.write_row(0, 0, ["x"])
    second.write_row(1, 0, ["y"])
    book.close()
    rows, faults = read(tmp_path / "t.xlsx", TableShape(header_row=2))
    assert not faults
    assert rows == [
        (
            4,
            {
                "date": date(2026, 1, 5).isoformat(),
                "amount": "0.3",
                "whole": "1234567",
                "text": "0012",
                "small": "0.0000001",
                "yes": "true",
            },
        )
    ]
    assert read(tmp_path / "t.xlsx", TableShape(sheet="Second"))[0] == [(2, {"x": "y"})]
    with pytest.raises(DomainError):
        read(tmp_path / "t.xlsx", TableShape(sheet="Third"))


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken"])
def test_a_broken_spreadsheet_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(DomainError) as refusal:
        read(tmp_path / "t.xlsx")
    assert refusal.value.code is ErrorCode.FILE_UNREADABLE
