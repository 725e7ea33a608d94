"""Pages that show commands show what they print: the tutorial typed again, the README taken from it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from docs.stories import PAGES, ROOT, told

CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
LIE = """`sale.json`:

```json
{"type":"sale","unit":"NOWHERE","date":"2026-01-08","counterparty":"NOBODY","lines":[{"amount":"1.00"}]}
```

```console
$ setoff post sale.json
S-1 (sale): done.
$ echo $?
0
```
"""
TRUTH = """$ setoff post sale.json
unknown_reference: There is no unit "NOWHERE".
  Field: unit
  How to mend it: Correct the code, or enter that record first.
$ echo $?
1
"""


def steps(page: str) -> list[str]:
    """Every command of a page with what it prints."""
    return [step for block in CONSOLE.findall(page) for step in re.split(r"^(?=\$ )", block, flags=re.MULTILINE) if step]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_prints_what_setoff_prints(server: Any, path: Any) -> None:
    page = path.read_text(encoding="utf-8")
    assert told(page).splitlines() == page.splitlines(), "run: make docs"


def test_a_page_that_lies_is_found(server: Any) -> None:
    assert CONSOLE.findall(told(LIE)) == [TRUTH]


def test_a_story_types_what_a_reader_can_type(server: Any) -> None:
    with pytest.raises(ValueError, match="a story cannot type: rm -rf"):
        told("```console\n$ rm -rf books\n```\n")


def test_the_tutorial_shows_the_month() -> None:
    """What the page is for: nobody drops a step of it to make it pass."""
    page = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    typed = " ".join(step.splitlines()[0] for step in steps(page))
    verbs = ("import", "post", "--dry-run", "explain", "report statement", "report ageing", "report reconciliation-act", "--lang ru",
             "report turnover-balance", "--lang zh", "check", "period close", "verify", "--known-at")  # fmt: skip
    assert [verb for verb in verbs if verb not in typed] == []
    assert [code for code in ("allocation_exceeds_balance:", "period_closed:", "exchange difference 18.00") if code not in page] == []


def test_what_the_readme_shows_is_in_the_tutorial() -> None:
    told_there = steps((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8"))
    shown = steps((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(shown) >= 3
    assert [step for step in shown if step not in told_there] == []
