"""Templates hold no words of their own: every text comes from the language files, so that none stays untranslated. Nor do they hold
scripts, styles or addresses of other servers, which the content security policy forbids."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import setoff

SOURCE = Path(setoff.__file__).parent
TEMPLATES = sorted(path for path in SOURCE.rglob("templates/**/*") if path.suffix in (".html", ".txt"))
SCRIPTS = sorted(SOURCE.glob("*/static/**/*.js"))
NAMES = frozenset({"Setoff", "CSV", "XLSX", "JSON", "PDF", "MT", "CAMT", "XML", "UTC"})
"""Names that are the same in every language."""
SPOKEN_ATTRIBUTES = frozenset({"alt", "aria-label", "placeholder", "title", "aria-description"})
BEFORE_ALL_LANGUAGES = "500.html"
"""Shown when nothing works: it speaks all three."""


class Words(HTMLParser):
    """Collects what a template says by itself, and what the policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.forbidden: list[str] = []
        self.quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.quiet += tag in ("script", "style", "code", "kbd")
        if (tag == "script" and "src" not in given and given.get("type") != "application/json") or tag == "style":
            self.forbidden.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name == "style" or (value or "").startswith(("http:", "https:", "//", "javascript:")):
                self.forbidden.append(f"{name}={value}")
            if name in SPOKEN_ATTRIBUTES:
                self.handle_data(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.quiet -= tag in ("script", "style", "code", "kbd")

    def handle_data(self, data: str) -> None:
        if not self.quiet:
            self.found += [word for word in re.findall(r"[^\W\d_]{2,}", data) if word not in NAMES]


def read(path: Path) -> Words:
    said = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|&\w+;", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    words = Words()
    words.feed(said)
    return words


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_says_nothing_by_itself(path: Path) -> None:
    if path.name != BEFORE_ALL_LANGUAGES:
        assert read(path).found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_no_script_and_no_style(path: Path) -> None:
    assert read(path).forbidden == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_says_nothing_by_itself(path: Path) -> None:
    """A sentence in a script would stay in one language: texts come with the page, in data attributes."""
    code = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    sentences = [said for said in re.findall(r'"([^"\n]*)"', code) if re.fullmatch(r"[A-Z][a-z]+( [a-z]+)+[.!?]?", said)]
    assert sentences == []
    assert not re.search(r"\beval\(|new Function|document\.write", code)
