"""CONTRIBUTING.md: its document type is added to a copy of the sources, and the tests it shows pass there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FORMS = "tests/pages/test_forms.py::test_every_field_of_a_structure_has_its_place"
FILE = re.compile(r"`((?:src|tests)/[\w/.-]+\.\w+)`:$", re.MULTILINE)
STEP = re.compile(rf"{FILE.pattern}|^```(diff|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def steps() -> list[tuple[str, str, str]]:
    """(file, diff or python, text) of every block, in order; a block belongs to the file named last before it."""
    found, file = [], ""
    for step in STEP.finditer(PAGE):
        file = step[1] or file
        if step[2]:
            found.append((file, step[2], step[3]))
    return found


def changed(before: str, diff: str, file: str) -> str:
    """The lines that a block marks ` ` and `-` give way to those marked ` ` and `+`. They must stand in the file just once. A block
    that only adds stands before what the next line of the file takes away, so it always names a line of the file."""
    lines = [(line[:1] or " ", line[1:]) for line in diff.splitlines()]
    old = "".join(f"{line}\n" for mark, line in lines if mark in " -")
    new = "".join(f"{line}\n" for mark, line in lines if mark in " +")
    assert before.count(old) == 1, f"{file}: not there, or more than once:\n{old}"
    return before.replace(old, new)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "docs", "bench"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_document_type_of_the_page_works(copy: Path, server: Any) -> None:
    for file, language, content in steps():
        path = copy / file
        path.write_text(changed(path.read_text(encoding="utf-8"), content, file) if language == "diff" else content, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    wanted = ["tests/trade/test_late_fee.py", "tests/trade/test_registry.py", "tests/language", FORMS]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "0", *wanted], cwd=copy, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    looked_at = [sys.executable, "-m", "ruff", "check", "src/setoff/trade", "tests/trade"]
    style = subprocess.run(looked_at, cwd=copy, capture_output=True, text=True, check=False)
    assert style.returncode == 0, style.stdout


def test_the_house_is_as_it_is_drawn() -> None:
    drawing = PAGE.partition("src/setoff/\n")[2].partition("tests/  ")[0]
    drawn = set(re.findall(r"^  ([\w.]+)/? ", drawing, re.MULTILINE))
    there = {path.name for path in (ROOT / "src" / "setoff").iterdir() if path.is_dir() and (path / "__init__.py").exists()}
    assert drawn == there | {"cli.py"}
