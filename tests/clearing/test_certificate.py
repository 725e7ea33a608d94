"""The independent check: a result as it was made is proved, and any spoiled one is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from setoff.clearing import certificate
from setoff.clearing.certificate import product_of, verify
from setoff.clearing.choices import Cap, Choices
from setoff.clearing.clear import clear
from setoff.clearing.result_reading import read_result
from setoff.clearing.results import write_result
from setoff.core.errors import DomainError
from tests.clearing.made import made, rows

NETWORK = ("A B 100 2026-01-10", "B C 70", "C A 90", "A A 5", "C B 3", "A B 20")


@pytest.fixture
def result(tmp_path: Path) -> Path:
    obligations = made(*NETWORK)
    choices = Choices(liquidity="10", caps=(Cap("A", "B", "110"), Cap("C", "", "300")))
    path = tmp_path / "result.jsonl"
    with path.open("wb") as file:
        write_result(file, clear(obligations, choices), choices)
    return path


def change(path: Path, edit: Callable[[list[dict[str, Any]]], None]) -> list[str]:
    """What the check finds wrong after this edit of the records, written closely, as they were, or with spaces."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    columns = lines[0]["columns"]
    records = [dict(zip(columns[line[0]], line, strict=True)) if isinstance(line, list) else line for line in lines]
    edit(records)
    rows = [list(record.values()) if "record" in record and record["record"] in columns else record for record in records]
    found = []
    for separators in ((",", ":"), (", ", ": ")):
        path.write_text("".join(json.dumps(row, separators=separators) + "\n" for row in rows))
        found.append([fault.what for fault in verify(path).faults])
    assert found[0] == found[1]
    return found[0]


def of(records: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    return next(record for record in records if wanted.items() <= record.items())


def test_a_result_is_proved(result: Path) -> None:
    checked = verify(result)
    assert (checked.faults, checked.obligations) == ([], 6)
    # 70 around the triangle, and 10 lent to C, who pays A, who pays B: two debts; 3 between B and C would take 6 from the triangle
    assert checked.proved == {"EUR": (23000, 23000)}


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda records: of(records, id="3").update(cleared="90.01"), "over"),
        (lambda records: of(records, id="5").update(cleared="2.00"), "balance"),
        (lambda records: of(records, id="4").update(cleared="5.00"), "excluded"),
        (lambda records: of(records, id="4").update(excluded=""), "self"),
        (lambda records: of(records, id="3").update(amount="90.0"), "form"),
        (lambda records: of(records, id="3").update(amount="-90.00"), "form"),
        (lambda records: of(records, id="3").update(amount="95.00"), "hash"),
        (lambda records: of(records, id="3").update(due="2026-01-01"), "hash"),
        (lambda records: of(records, id="5").update(id="3"), "twice"),
        (lambda records: of(records, id="5").update(debtor="Z"), "party"),
        (lambda records: records.remove(of(records, id="4")), "count"),
        (lambda records: of(records, party="B", record="party").update(level=50), "bound"),
        (lambda records: of(records, party="B", record="party").update(level_out=-50), "bound"),
        (lambda records: of(records, record="party").update(level=None), "form"),
        (lambda records: of(records, record="cap").update(amount="1.00"), "cap"),
        (lambda records: of(records, record="currency").update(liquidity="9.00"), "funder"),
        (lambda records: of(records, record="currency").update(cleared="237.00"), "sum"),
        (lambda records: of(records, record="currency").update(bound="237.00"), "bound"),
        (lambda records: of(records, record="currency").update(currency="USD"), "form"),
        (lambda records: of(records, id="3").update(priority="0"), "form"),
        (lambda records: of(records, id="3").update(number=None), "form"),
        (lambda records: records.append({"record": "other"}), "form"),
    ],
)  # fmt: skip
def test_a_spoiled_result_is_not_proved(result: Path, edit: Callable[[list[dict[str, Any]]], None], expected: str) -> None:
    assert expected in change(result, edit)


def test_less_than_the_largest_total_is_not_proved(result: Path) -> None:
    """Balanced and within every debt, but 3 of the triangle are left."""

    def give_up(records: list[dict[str, Any]]) -> None:
        for number, cleared in (("1", "77.00"), ("2", "67.00"), ("3", "77.00")):
            of(records, id=number)["cleared"] = cleared
        of(records, record="currency")["cleared"] = "221.00"

    assert change(result, give_up) == ["bound"]


def test_any_text_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Signs that JSON escapes, commas and quotation marks; the rows of those parties and all others."""
    named = ['A, "Nord"', "B\\C", "C;", '","']
    ring = [{"id": str(k), "debtor": named[k], "creditor": named[k - 1], "amount": "5", "currency": "EUR", "number": '"'} for k in range(4)]
    twice = [*ring, *({**record, "id": record["id"] + "x"} for record in ring)]
    for records in (ring, [{**record, "number": ""} for record in ring], twice):
        obligations = rows(records).obligations
        path = tmp_path / "result.jsonl"
        outcomes = clear(obligations, Choices())
        with path.open("wb") as file:
            write_result(file, outcomes, Choices())
        assert verify(path) == (len(records), {"EUR": (500 * len(records), 500 * len(records))}, [])
        (again,) = read_result(path)
        assert again.obligations["debtor"].to_list() == [str(name) for name in outcomes[0].obligations["debtor"]]


def test_a_line_that_does_not_end_is_no_result(result: Path) -> None:
    result.write_text(result.read_text()[:-1])
    assert "form" in [fault.what for fault in verify(result).faults]


def test_rows_in_blocks_of_any_size(result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 100, 250):
        monkeypatch.setattr(certificate, "BLOCK_BYTES", size)
        assert verify(result).faults == []


def test_what_is_no_result_is_refused(tmp_path: Path) -> None:
    for content in ("", "{}\n", "no json\n", '{"record":"clearing","format":1}\n'):
        path = tmp_path / "other.jsonl"
        path.write_text(content)
        with pytest.raises(DomainError, match="file_unreadable"):
            verify(path)
    with pytest.raises(DomainError, match="file_unreadable"):
        verify(tmp_path / "absent.jsonl")


def test_sums_of_products_are_exact_beyond_64_bits() -> None:
    import numpy as np

    amounts = np.full(1000, 10**17 + 1, np.int64)
    for factor in (1, (1 << 20) - 1, 1 << 40):
        assert product_of(amounts, np.full(1000, factor, np.int64)) == 1000 * (10**17 + 1) * factor


def test_the_check_shares_no_code_with_what_it_checks() -> None:
    source = Path(certificate.__file__).read_text(encoding="utf-8")
    imported = [line for line in source.splitlines() if "setoff." in line and line.startswith(("from", "import"))]
    assert imported == ["from setoff.core.errors import DomainError, ErrorCode", "from setoff.core.money import digits_of"]
