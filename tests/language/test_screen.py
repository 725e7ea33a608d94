"""Tables of the command line: nothing is cut, and nothing that people typed is taken for markup."""

from __future__ import annotations

import pytest

from setoff.language.screen import print_rows


def test_no_figure_and_no_word_is_cut(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    print_rows(["Counterparty", "Amount"], [("[red]ООО Тест[/red] и партнёры", "12 345 678 901 234,56")], figures=(1,))
    shown = capsys.readouterr().out
    assert "12 345 678 901 234,56" in shown and "…" not in shown
    assert "[red]ООО" in shown and "партнёры" in shown
