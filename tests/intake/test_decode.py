"""Every way a line can be wrong is told with its field, its value and a code."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from setoff.core.errors import ErrorCode
from setoff.intake.decode import decode_lines, is_master_line, record_of
from setoff.intake.rows import RowFault, file_and_row, row_reference
from setoff.parties.records import Unit
from setoff.trade.documents import Sale

SALE = {"type": "sale", "unit": "MSK", "date": "2026-01-05", "counterparty": "LUCH", "lines": [{"amount": "100.00"}]}


def decoded(*lines: bytes) -> tuple[list[object], list[RowFault]]:
    faults: list[RowFault] = []
    return list(decode_lines(lines, "f.jsonl", faults.append, file_no=2)), faults


def one_fault(line: bytes | dict[str, object]) -> RowFault:
    records, faults = decoded(line if isinstance(line, bytes) else json.dumps(line).encode())
    assert not records
    return faults[0]


def test_good_lines_become_records_with_their_place() -> None:
    records, faults = decoded(b'{"type":"unit","code":"U","organization":"O","name":"n"}\n', b"\n", json.dumps(SALE).encode())
    assert not faults
    assert [(file_and_row(reference), type(record)) for reference, record in records] == [((2, 1), Unit), ((2, 3), Sale)]


@pytest.mark.parametrize(
    ("change", "field", "value", "code"),
    [
        ({"unit": ...}, "unit", "", ErrorCode.FIELD_MISSING),
        ({"lines": ...}, "lines", "", ErrorCode.FIELD_MISSING),
        ({"type": ...}, "type", "", ErrorCode.FIELD_MISSING),
        ({"stages": [{"due": "2026-02-01"}]}, "stages[0].amount", "", ErrorCode.FIELD_MISSING),
        ({"summ": "5"}, "summ", "5", ErrorCode.UNKNOWN_FIELD),
        ({"lines": [{"amount": "1"}, {"amonut": 7}]}, "lines[1].amonut", "7", ErrorCode.UNKNOWN_FIELD),
        ({"lines": [{"amount": 12.5}]}, "lines[0].amount", "12.5", ErrorCode.INVALID_VALUE),
        ({"lines": [{"kind": "ideas"}]}, "lines[0].kind", "ideas", ErrorCode.INVALID_VALUE),
        ({"type": "gift"}, "type", "gift", ErrorCode.INVALID_VALUE),
        ({"type": 1}, "type", "1", ErrorCode.INVALID_VALUE),
        ({"unit": None}, "unit", "", ErrorCode.INVALID_VALUE),
        ({"contours": ["tax"]}, "contours[0]", "tax", ErrorCode.INVALID_VALUE),
        ({"lines": {}}, "lines", "{}", ErrorCode.INVALID_VALUE),
    ],
)
def test_a_fault_names_field_value_and_code(change: dict[str, object], field: str, value: str, code: ErrorCode) -> None:
    content = {name: inner for name, inner in {**SALE, **change}.items() if inner is not ...}
    found = one_fault(content)
    assert found[:5] == ("f.jsonl", 1, field, value, code)
    assert found.facts["field"] == field


@pytest.mark.parametrize("line", [b"{", b"[1]", b"5", b"null", b"\xff\xfe", b'{"type":"sale"} x', b"[" * 100_000, b"a;b;c"])
def test_what_is_no_object_is_unreadable_or_invalid(line: bytes) -> None:
    assert one_fault(line).code in (ErrorCode.ROW_UNREADABLE, ErrorCode.INVALID_VALUE)


def test_text_that_no_database_stores_is_refused() -> None:
    assert one_fault({**SALE, "comment": "a\0b"}).code is ErrorCode.ROW_UNREADABLE
    line = json.dumps(SALE).encode().replace(b"LUCH", rb"\ud800")
    assert one_fault(line).code is ErrorCode.ROW_UNREADABLE


def test_masters_are_told_from_documents_without_full_decoding() -> None:
    assert is_master_line(b'{"code": "U", "type": "unit"}')
    assert not is_master_line(json.dumps(SALE).encode())
    assert not is_master_line(b"{")


def test_a_dictionary_is_checked_like_a_line() -> None:
    assert isinstance(record_of(SALE, "t.csv", 5), Sale)
    found = record_of({**SALE, "unit": 5}, "t.csv", 5)
    assert isinstance(found, RowFault) and found[:4] == ("t.csv", 5, "unit", "5")


@given(st.binary(max_size=200))
def test_no_line_crashes(line: bytes) -> None:
    records, faults = decoded(line)
    assert len(records) + len(faults) == (0 if not line or line.isspace() else 1)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(SALE)), inner),
        max_leaves=8,
    )
)
def test_no_value_crashes(value: object) -> None:
    for field in SALE:
        decoded(json.dumps({**SALE, field: value}).encode())


def test_row_references_hold_file_and_row() -> None:
    assert file_and_row(row_reference(3, 10**9)) == (3, 10**9)
