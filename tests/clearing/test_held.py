"""Columns that wait in files come back as they were, and a result does not depend on where they waited."""

from __future__ import annotations

import io
import os
import random
import tempfile
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from setoff.clearing import held, obligations
from setoff.clearing.certificate import verify
from setoff.clearing.choices import Choices
from setoff.clearing.clear import clear
from setoff.clearing.effects import what_stays
from setoff.clearing.held import ALLOCATOR, Held, Rows, give_memory_back
from setoff.clearing.results import write_result
from setoff.clearing.why import why

FRAME = pl.DataFrame({
    "id": ["a", "b", "", "a longer name than twelve letters", "д", "海"],
    "kind": pl.Series(["x", "y", "x", "x", "y", "y"], dtype=pl.Enum(["x", "y", "z"])),
    "due": [date(2026, 1, 1), None, date(1900, 1, 1), None, None, date(2999, 12, 31)],
    "amount": [1, (1 << 62) - 1, 3, 4, 5, 6],
    "rank": pl.Series([0, 9999, 1, 2, 3, 4], dtype=pl.Int16),
})  # fmt: skip


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Everything is long here, and a piece has four rows. The folder of temporary files."""
    monkeypatch.setattr(held, "PIECE", 4)
    monkeypatch.setattr(held, "LONG", 1)
    monkeypatch.setattr(obligations, "LONG", 1)
    monkeypatch.setattr(obligations, "LARGE_BYTES", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_is_put_away_comes_back_as_it_was(small: Path) -> None:
    kept = Held.of(FRAME)
    kept.put_away()
    assert {len(pieces) for pieces in kept.columns.values()} == {2}
    assert not any(isinstance(piece, pl.Series) for pieces in kept.columns.values() for piece in pieces)
    assert list(small.iterdir()) == []  # files without a name
    assert_frame_equal(kept.frame(), FRAME)
    assert_frame_equal(Rows(kept, 3, 2)("due", "id"), FRAME.select("due", "id").slice(3, 2))
    assert [part.height for part in Rows(kept, 1, 5).parts("id")] == [4, 1]
    assert_frame_equal(pl.concat(Rows(kept, 1, 5).parts()), FRAME.slice(1, 5))
    assert_frame_equal(Rows(kept, 2, 0)(), FRAME.clear())


def test_categories_become_texts(small: Path) -> None:
    kept = Held.of(pl.DataFrame({"number": pl.Series(["7", "", "7", "8", "9"], dtype=pl.Categorical)}))
    kept.put_away()
    assert kept.column("number").to_list() == ["7", "", "7", "8", "9"]


def test_few_rows_stay_where_they_are() -> None:
    kept = Held.of(FRAME)
    kept.put_away()
    assert all(isinstance(piece, pl.Series) for pieces in kept.columns.values() for piece in pieces)


def result(file: Path, choices: Choices) -> tuple[bytes, list[str]]:
    """The result file, and what else is told of it."""
    outcomes = clear(obligations.read_obligations([file]).held, choices)
    written = io.BytesIO()
    write_result(written, outcomes, choices)
    return written.getvalue(), [*map(str, map(what_stays, outcomes)), str(why(outcomes, "17"))]


def test_a_result_does_not_depend_on_where_columns_waited(small: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chance = random.Random(11)
    file = tmp_path / "o.csv"
    rows = [
        f"{number},P{chance.randrange(9)},P{chance.randrange(9)},{chance.randrange(1, 900)}.{chance.randrange(100):02d},"
        f"{chance.choice(('EUR', 'RUB'))},2026-0{chance.randrange(1, 9)}-01,N{chance.randrange(3)}"
        for number in range(200)
    ]
    file.write_text("id,debtor,creditor,amount,currency,due,number\n" + "\n".join(rows) + "\n")
    choices = Choices(as_of=date(2026, 6, 1), only_due=True)
    away = result(file, choices)
    monkeypatch.undo()
    assert result(file, choices) == away
    (tmp_path / "r.jsonl").write_bytes(away[0])
    assert verify(tmp_path / "r.jsonl").faults == []


def test_memory_is_given_back_unless_it_was_set_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOCATOR, "narenas:1")
    give_memory_back()
    assert os.environ[ALLOCATOR] == "narenas:1"
    monkeypatch.delenv(ALLOCATOR)
    give_memory_back()
    assert os.environ[ALLOCATOR] == "dirty_decay_ms:0,muzzy_decay_ms:0"
