"""Files of strangers: whatever is wrong with them is told with its row and code, all else is read, and nothing is read wrongly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from setoff.clearing import obligation_files
from setoff.clearing.obligations import Read, input_hash, read_obligations
from setoff.core.errors import DomainError, ErrorCode
from setoff.intake.screen import fault_line
from setoff.language import LANGUAGES

HEADER = "id,debtor,creditor,amount,currency,due,number\n"
GOOD = "1,Альфа,Бета,100.50,RUB,2026-01-10,7\n2,Бета,Альфа,20,RUB,,\n"


def read(folder: Path, content: bytes | str, name: str = "owed.csv") -> Read:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_obligations([path])


def faults(found: Read) -> list[tuple[int, str, str]]:
    return [(fault.row, fault.field, fault.code.value) for fault in found.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_any_encoding_and_any_ends_of_lines(tmp_path: Path, encoding: str, ends: str) -> None:
    found = read(tmp_path, (HEADER + GOOD).replace("\n", ends).encode(encoding))
    assert found.obligations.select("id", "debtor", "amount", "number").rows() == [("1", "Альфа", 10050, "7"), ("2", "Бета", 2000, "")]
    assert found.faults == []


def test_chinese_is_read_in_its_own_encoding(tmp_path: Path) -> None:
    assert read(tmp_path, (HEADER + "1,海大公司,宏远公司,1,CNY,,\n").encode("gb18030")).obligations["debtor"].to_list() == ["海大公司"]


def test_a_line_that_is_not_of_the_encoding_is_told(tmp_path: Path) -> None:
    """The others say that the file is UTF-8."""
    found = read(tmp_path, (HEADER + GOOD).encode() + b"3,A\xff,B,1,RUB,,\n")
    assert (faults(found), found.obligations.height) == ([(4, "", "text_unreadable")], 2)


TABLE = (
    "1,A,B,1,EUR,,\n"
    "2,A,B,1,EUR,,,more\n"
    "\n"
    "4,A,B\n"
    '5,"A,B,1,EUR,,\n'
    '6,"A, of B",B,1,EUR,,\n'
    '7,A "x",B,1,EUR,,\n'
    ",,,,,,\n"
    '9,"A\nB",C,1,EUR,,\n'
    "10,A,B,1,EUR,,,,\n"
    "11,A\0,B,1,EUR,,\n"
    "12," + "A" * 301 + ",B,1,EUR,,\n"
)


def test_rows_out_of_form_are_told_and_the_others_read(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + TABLE)
    assert faults(found) == [
        (3, "", "row_too_long"), (5, "amount", "field_missing"), (5, "currency", "field_missing"), (6, "", "quote_open"),
        (10, "debtor", "invalid_value"), (12, "debtor", "invalid_value"), (13, "debtor", "invalid_value"),
    ]  # fmt: skip
    assert sorted(found.obligations["id"].to_list(), key=int) == ["1", "6", "7", "10"]
    assert found.faults[0].facts["cells"] == 8


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("100", ""), ("0100.50", ""), ("1.500", ""), ("1.505", "invalid_amount"), ("1e5", "invalid_amount"), ("+5", "invalid_amount"),
        ("5 000", "invalid_amount"), ('"1,50"', "invalid_amount"), ("٣", "invalid_amount"), ("１００", "invalid_amount"),
        ("nan", "invalid_amount"), (".", "invalid_amount"), ("-", "invalid_amount"), ("0.00", "amount_not_positive"),
        ("-0.01", "amount_not_positive"), ("9223372036854775808", "amount_too_large"), ("1000000000000000.00", ""),
        ("1000000000000000.01", "amount_too_large"),
    ],
)  # fmt: skip
def test_amounts(tmp_path: Path, amount: str, code: str) -> None:
    found = read(tmp_path, HEADER + f"1,A,B,{amount},EUR,,\n")
    assert [fault.code.value for fault in found.faults] == ([code] if code else [])


def test_every_field_that_is_wrong_is_told(tmp_path: Path) -> None:
    """An amount is judged in a currency that there is; a row counts once."""
    rows = ",A,,x,EUR,2026-13-01,\n2,A,B,x,ZZZ,tomorrow,\n3,A,B,0,EUR,,\n"
    found = read(tmp_path, HEADER + rows)
    assert faults(found) == [
        (2, "id", "field_missing"), (2, "creditor", "field_missing"), (2, "amount", "invalid_amount"), (2, "due", "invalid_date"),
        (3, "currency", "unknown_currency"), (3, "due", "invalid_date"), (4, "amount", "amount_not_positive"),
    ]  # fmt: skip
    assert (found.bad, found.obligations.height) == (3, 0)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "the debtor and the creditor say who owes whom"), ("ru", "по должнику и кредитору"), ("zh", "由债务人和债权人两栏说明")],
)
def test_what_is_to_be_done_speaks_of_obligations(tmp_path: Path, language: Any, said: str) -> None:
    [fault] = read(tmp_path, HEADER + "1,A,B,-5,EUR,,\n").faults
    assert said in fault_line(language, fault)


@pytest.mark.parametrize(
    ("due", "good"),
    [
        ("2028-02-29", True), ("2026-02-29", False), ("2026-1-5", False), ("05.01.2026", False), ("20260105", False),
        ("2026-01-05T00:00:00", False), ("-2026-01-05", False), ("0001-01-01", False), ("9999-12-31", False),
    ],
)  # fmt: skip
def test_dates(tmp_path: Path, due: str, good: bool) -> None:
    found = read(tmp_path, HEADER + f"1,A,B,1,EUR,{due},\n")
    assert faults(found) == ([] if good else [(2, "due", "invalid_date")])


def line(**changed: Any) -> str:
    return json.dumps({"id": "1", "debtor": "A", "creditor": "B", "amount": "1", "currency": "EUR", **changed})


def test_json_lines_out_of_form_are_told_and_the_others_read(tmp_path: Path) -> None:
    """A fraction is floating point, which is not read, however the other lines are written."""
    lines = [
        line(), line(id="2")[:-1], "[1]", "null", "", line(id="6", debtor={"a": 1}), line(id="7", amount=5), line(id="8", amount=1.5),
        line(id="9", amount=10**30), line(id="10", amount=True), '{"id":"11"}', line(id="12", note=1.5, tags=["x"]),
        line(id="13", debtor=[], amount=0.5),
    ]  # fmt: skip
    found = read(tmp_path, "\n".join(lines), "owed.jsonl")
    assert faults(found) == [
        (2, "", "row_unreadable"), (3, "", "row_unreadable"), (4, "", "row_unreadable"), (6, "debtor", "invalid_value"),
        (8, "amount", "invalid_amount"), (9, "amount", "amount_too_large"), (10, "amount", "invalid_amount"),
        (11, "debtor", "field_missing"), (11, "creditor", "field_missing"), (11, "amount", "field_missing"),
        (11, "currency", "field_missing"), (13, "debtor", "invalid_value"), (13, "amount", "invalid_amount"),
    ]  # fmt: skip
    assert sorted(found.obligations["id"].to_list(), key=int) == ["1", "7", "12"]


def test_a_fraction_is_not_read_where_the_first_lines_have_texts(tmp_path: Path) -> None:
    lines = [line(id=str(number)).replace(": ", ":") for number in range(3)] + ['{"id":"4","amount":12345678901234567.89}']
    assert faults(read(tmp_path, "\n".join(lines), "owed.jsonl")) == [(4, "amount", "invalid_amount")]


def test_a_list_in_json_is_its_items(tmp_path: Path) -> None:
    found = read(tmp_path, f"[{line()}, {line(id='2', amount='x')}]", "owed.json")
    assert (faults(found), found.obligations.height) == ([(2, "amount", "invalid_amount")], 1)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", ErrorCode.FILE_EMPTY), (b"\xef\xbb\xbf \r\n", ErrorCode.FILE_EMPTY), (b"PK\x03\x04\x14\x00", ErrorCode.FILE_NOT_TEXT),
        (b"%PDF-1.7\n", ErrorCode.FILE_NOT_TEXT), (b"1,A,B,1,EUR\n", ErrorCode.COLUMN_MISSING),
        (b"id,ID,debtor,creditor,amount,currency\n1,2,A,B,1,EUR\n", ErrorCode.COLUMN_TWICE), (b"[{", ErrorCode.COLUMN_MISSING),
    ],
)  # fmt: skip
def test_files_that_are_none_of_obligations(tmp_path: Path, content: bytes, code: ErrorCode) -> None:
    with pytest.raises(DomainError) as refused:
        read(tmp_path, content)
    assert refused.value.code is code


def test_the_header_alone_is_no_obligation(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER)
    assert (found.obligations.height, found.bad) == (0, 0)


def test_the_first_bad_rows_are_kept_and_all_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Out of form (read line by line, in portions) and out of rule, from two files."""
    monkeypatch.setattr(obligation_files, "FAULTS_KEPT", 3)
    monkeypatch.setattr(obligation_files, "CHUNK_ROWS", 2)
    monkeypatch.setattr("setoff.clearing.obligations.FAULTS_KEPT", 3)
    first, second = tmp_path / "a.csv", tmp_path / "b.csv"
    first.write_text(HEADER + "".join(f"{number},A,B,1,EUR,,{',x' * (number % 2)}\n" for number in range(10)))
    second.write_text(HEADER + "".join(f"{number},A,B,0,EUR,,\n" for number in range(4)))
    found = read_obligations([second, first])
    assert (found.bad, faults(found), found.obligations.height) == (9, [(row, "", "row_too_long") for row in (3, 5, 7)], 5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fault_says_what_to_do(tmp_path: Path, language: Any) -> None:
    found = read(tmp_path, HEADER + TABLE)
    for fault in found.faults:
        said = fault_line(language, fault)
        assert "owed.csv" in said and str(fault.row) in said and "{" not in said and len(said) > 40


def test_both_ways_of_reading_give_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f'{number},"P, {number % 7}",Q{number % 3},{number}.25,EUR,2026-01-0{number % 9 + 1},\n' for number in range(50))
    whole = read(tmp_path, HEADER + rows)
    monkeypatch.setattr(pl, "read_csv", lambda *_, **__: (_ for _ in ()).throw(pl.exceptions.ComputeError("no")))
    assert read(tmp_path, HEADER + rows).obligations.equals(whole.obligations)


ROWS = [
    '7,"Bau, ""Nord""",C,1000.00,EUR,2026-01-10,,"a\nb"',
    "1,A,B,100.00,EUR,2026-02-01,9,",
    "2,A,B,0100.5,EUR,2026-01-01,,",
    "3,A,B,7,EUR,2026-02-01,10,",
    "4,A,B,8.00,USD,,,",
    "5,\u00c4,\U0001d504,9.00,EUR,,,",
    "6,A,A,9.001,EUR,,,",
    "1,C,A,5.00,EUR,,,",
    "8,C,A,x,EUR,,,",
    "9,A,B,1.00,EUR,2026-02-01,10,",
]


@pytest.mark.parametrize("size", [1, 40, 100, 10_000])
def test_blocks_of_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """Number 10 comes before 9 as letters do; of equal numbers the id decides; the letter beyond the basic plane comes last."""
    monkeypatch.setattr(obligation_files, "BLOCK_BYTES", size)
    found = read(tmp_path, HEADER.replace("\n", ",note\n") + "\n".join(ROWS))
    assert found.obligations["id"].to_list() == ["2", "3", "9", "1", "7", "5", "4"]
    assert found.obligations["amount"].to_list() == [10050, 700, 100, 10000, 100000, 900, 800]
    assert found.obligations["debtor"].to_list() == ["A"] * 4 + ['Bau, "Nord"', "\u00c4", "A"]
    assert faults(found) == [(8, "amount", "invalid_amount"), (9, "id", "reference_exists"), (10, "amount", "invalid_amount")]
    assert found.bad == 3


def test_the_order_of_rows_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obligation_files, "BLOCK_BYTES", 60)
    good = [row for row in ROWS if row[0] not in "68" and "C,A" not in row]
    orders = [good, good[::-1], good[3:] + good[:3]]
    found = [read(tmp_path, HEADER.replace("\n", ",note\n") + "\n".join(rows)) for rows in orders]
    assert [one.faults for one in found] == [[], [], []]
    assert len({input_hash(one.obligations) for one in found}) == 1


def test_json_lines_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last block has a whole number as amount: all is read line by line then."""
    monkeypatch.setattr(obligation_files, "BLOCK_BYTES", 90)
    lines = [line(id=str(number), amount=amount).replace(": ", ":") for number, amount in enumerate(["1", "2.00", "x", "4"], 1)]
    for last in (line(id="5"), line(id="5", amount=7)):
        found = read(tmp_path, "\n".join([*lines, last.replace(": ", ":")]), "owed.jsonl")
        assert found.obligations["amount"].to_list() == [100, 200, 400, 700 if '"amount": 7' in last else 100]
        assert faults(found) == [(3, "amount", "invalid_amount")]
