"""The tool that tells stories: what it reads, what it tells when a story differs, and that its page says the truth."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from setoff import cli
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money
from setoff.scenarios import lines
from setoff.scenarios.compare import compare_refusal, plain, same
from setoff.scenarios.format import load_scenario

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "scenarios.md"
STORY = """
title = "A story"
contracts.main = { counterparty = "Buyer" }
steps = [{ sale = "invoice", date = "2025-03-01", amount = "100.00" }]
"""


@pytest.mark.parametrize(
    ("read", "line", "written"),
    [
        (lines.read_account, "62.01  Dr 200.00", "62.01  Dr 200.00"),
        (lines.read_account, "62.01 Cr 5 in MAIN", "62.01  Cr 5 in MAIN"),
        (lines.read_balance, "main  debt 5.00 advance 7.00", "main  debt 5.00 advance 7.00"),
        (lines.read_balance, "two words  advance 7.00", "two words  advance 7.00"),
        (lines.read_balance, "main  0", "main  0"),
        (lines.read_lot, "invoice 1  200.00", "invoice 1  200.00"),
        (lines.read_lot, "invoice 1 #2  -75.00 = -5400.00 due 2026-03-01", "invoice 1 #2  -75.00 = -5400.00 due 2026-03-01"),
        (lines.read_allocation, "a b -> c d #2  75.00 = 54.00 / 53.00 by legal", "a b -> c d #2  75.00 = 54.00 / 53.00 by legal"),
        (lines.read_posting, "62.01 / 90.01  500.00 fx", "62.01 / 90.01  500.00 fx"),
        (lines.read_change, "a b  reg posting 51 / 62.01  1.00 -> 0", "a b  reg posting 51 / 62.01  1.00 -> 0"),
        (lines.read_change, "a b  mgmt lot  0 -> -1.00", "a b  mgmt lot  0 -> -1.00"),
    ],
)
def test_a_line_is_read_and_written(read, line: str, written: str) -> None:
    assert str(read(line)) == written


@pytest.mark.parametrize("line", ["", "62.01", "62.01 200.00", "62.01 Dr two"])
def test_a_line_that_is_none(line: str) -> None:
    with pytest.raises(ValueError, match=f"^{line}$"):
        lines.read_account(line)


def test_what_a_line_leaves_out_is_not_compared() -> None:
    actual = [lines.read_allocation("r -> i  5.00 = 5.00 / 6.00 by moment"), lines.read_allocation("r -> i  5.00 by payer")]
    wanted = [lines.read_allocation("r -> i  5.00"), lines.read_allocation("r -> i  5.00 by payer")]
    assert lines.differences(wanted, actual) == ([], [])
    assert lines.differences(wanted[:1], actual[1:]) == ([], [])
    assert lines.differences(wanted[1:], actual[:1]) == (wanted[1:], actual[:1])


def test_a_refusal_is_compared_field_by_field() -> None:
    refusal = DomainError(ErrorCode.EXCEEDS_BASE, base="x", amount=Money(1050, "RUB"), rows=[{"a": Money(100, "RUB"), "b": 1}])
    assert compare_refusal(1, {"code": "exceeds_base", "amount": "10.5", "rows": [{"a": "1.00"}]}, refusal) == []
    (wrong,) = compare_refusal(1, {"code": "exceeds_base", "amount": "10.51"}, refusal)
    assert (wrong.what, wrong.subject, wrong.expected, wrong.found) == ("differs-in", "amount", "10.51", "10.50")
    assert [found.what for found in compare_refusal(1, {"code": "exceeds_base"}, None)] == ["not_refused"]
    assert [found.what for found in compare_refusal(1, None, refusal)] == ["refused"]
    assert [found.what for found in compare_refusal(1, {"code": "base_mismatch"}, refusal)] == ["refused_otherwise"]
    assert not same([{"a": "1"}, {"a": "1"}], plain([{"a": 1}]))


@pytest.mark.parametrize(
    ("text", "step", "reason"),
    [
        ("title = ", 0, "Invalid value"),
        ("title = 'x'", 0, "steps"),
        ("title = 'x'\nsteps = []\ncolour = 'red'", 0, "colour"),
        ("title = 'x'\nsteps = [{ date = '2025-01-01' }]", 1, "one verb"),
        ("title = 'x'\nsteps = [{ check = 'a' }, { sale = 'a', purchase = 'b' }]", 2, "one verb"),
        ("title = 'x'\nsteps = [{ check = 'a', expect = { lots = [] } }]", 1, "lots"),
        ("title = 'x'\nsteps = [{ check = 'a', refused = { field = 'x' } }]", 1, "code"),
        ("title = 'x'\nsteps = [{ sale = 1 }]", 1, "str"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(tmp_path: Path, text: str, step: int, reason: str) -> None:
    path = tmp_path / "story.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DomainError) as refused:
        load_scenario(path)
    assert (refused.value.code, refused.value.facts["file"], refused.value.facts["step"]) == ("scenario_invalid", "story.toml", step)
    assert reason in refused.value.facts["reason"]


def test_a_story_that_holds_and_one_that_differs(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every sort of difference is told, in three languages, and the exit code says that there was one."""
    monkeypatch.setenv("SETOFF_LANG", "en")
    (tmp_path / "1.toml").write_text(STORY + "[expect]\naccounts = ['62.01  Dr 100.00', '90.01  Cr 100.00']", encoding="utf-8")
    assert cli.run(["scenario", "run", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "ok    1.toml: A story\nStories that hold: 1, that differ: 0\n"
    expectations = """
    [expect]
    accounts = ["62.01  Dr 90.00", "90.01  Cr 100.00", "nonsense"]
    states.invoice = "draft"
    postings.invoice = []
    both.lots = ["invoice  100.00"]
    mgmt.balances = ["main  advance 100.00"]
    """
    steps = """
    steps = [
      { sale = "invoice", date = "2025-03-01", amount = "100.00", changes = ["invoice  reg lot  0 -> 100.00"] },
      { sale = "nothing", date = "2025-03-01", amount = "0.00" },
      { sale = "more", date = "2025-03-01", amount = "1.00", refused = { code = "amount_not_positive" } },
      { unpost = "more" },
    ]
    """
    (tmp_path / "2.toml").write_text(STORY.split("steps")[0] + steps + expectations, encoding="utf-8")
    assert cli.run(["scenario", "run", str(tmp_path)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "ok    1.toml: A story",
        "DIFFERS 2.toml: A story",
        '  step 1, sale "invoice":',
        "    changes invoice: there and not expected: invoice  mgmt lot  0.00 -> 100.00",
        "    changes invoice: there and not expected: invoice  reg posting 62.01 / 90.01  0.00 -> 100.00",
        '  step 2, sale "nothing":',
        "    was refused: amount_not_positive: value=0.00, field=lines[0].amount",
        '  step 3, sale "more":',
        "    was to be refused with amount_not_positive, and was accepted",
        "  at the end:",
        "    accounts: this line cannot be read: nonsense",
        "    accounts: expected and not there: 62.01  Dr 90.00",
        "    accounts: there and not expected: 62.01  Dr 100.00",
        "    balances mgmt: expected and not there: main  advance 100.00",
        "    balances mgmt: there and not expected: main  debt 100.00",
        "    postings invoice: there and not expected: 62.01 / 90.01  100.00 entry",
        "    states invoice: expected draft, found posted",
        "Stories that hold: 1, that differ: 1",
    ]
    for language, word in (("ru", "РАСХОДИТСЯ"), ("zh", "不符")):
        assert cli.run(["scenario", "run", str(tmp_path), "--lang", language]) == 1
        assert word in capsys.readouterr().out


def test_the_page_shows_a_story_that_holds_and_what_is_told_when_it_does_not(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SETOFF_LANG", "en")
    page = PAGE.read_text(encoding="utf-8")
    (story,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (printed,) = re.findall(r"```text\n(DIFFERS.*?)```", page, re.DOTALL)
    path = tmp_path / "story.toml"
    path.write_text(story, encoding="utf-8")
    assert cli.run(["scenario", "run", str(path)]) == 0
    capsys.readouterr()
    path.write_text(re.sub(r'allocations = \["payment.*\]', "allocations = []", story), encoding="utf-8")
    assert cli.run(["scenario", "run", str(path)]) == 1
    assert capsys.readouterr().out == printed


def test_the_schema_is_printed_as_it_is_published(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["scenario", "schema"]) == 0
    assert capsys.readouterr().out == (PAGE.parent / "scenario.schema.json").read_text(encoding="utf-8")
