"""Every story in tests/scenarios holds and is what the schema says; together they show every document and every refusal."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest

from setoff.books.verify import verify
from setoff.core.errors import ErrorCode
from setoff.language import LANGUAGES
from setoff.scenarios.format import DOCUMENT_VERBS, load_scenario
from setoff.scenarios.runner import empty, run_story
from setoff.scenarios.schema import scenario_schema
from setoff.site import database

FOLDER = Path(__file__).parent / "scenarios"
LETTERS = {"en": re.compile("[A-Za-z]"), "ru": re.compile("[А-Яа-яё]"), "zh": re.compile("[\u4e00-\u9fff]")}
FILES = sorted(FOLDER.glob("*.toml"))
SOURCE = Path(__file__).parent.parent / "src" / "setoff"
RULES = ("trade", "parties", "settlements", "books", "core")
BEYOND_STORIES = {
    "period_altered", "database_unreachable", "unknown_chart",
    "act_agreed", "act_differs", "act_outdated", "act_state", "allocation_changed", "not_permitted", "notice_documents_differ",
}  # fmt: skip
"""Refusals that need somebody who writes into the tables, no server, or a program without its files; and those of acts, of the desk,
of notices in files and of rights, whose verbs no story has. Their own tests show them (tests/settlements, tests/access, tests/notices)."""


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[psycopg.Connection[Any]]:
    """One throw-away database for all stories; each finds it empty."""
    with database.throwaway(), database.connect() as conn:
        yield conn


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_story_holds(books: psycopg.Connection[Any], path: Path) -> None:
    empty(books)
    assert run_story(books, load_scenario(path)) == []
    assert verify(books) == []


def test_there_are_stories_enough() -> None:
    assert len(FILES) >= 60


def untold(path: Path) -> list[str]:
    """What is wrong with the titles of a story: one for all, one that is empty or no text of its language, one said twice."""
    title = load_scenario(path).scenario.title
    if isinstance(title, str):
        return [f"{path.stem}: one title for all languages"]
    wrong = [name for name, letters in LETTERS.items() if not letters.search(getattr(title, name))]
    return [f"{path.stem}: {name}" for name in wrong]


def test_every_story_is_titled_in_three_languages(tmp_path: Path) -> None:
    assert [problem for path in FILES for problem in untold(path)] == []
    titles = [load_scenario(path).scenario.titled(language) for path in FILES for language in LANGUAGES]
    assert len(titles) == len(set(titles))
    story = tmp_path / "story.toml"
    for said, problems in (
        ('title = "A loan"', ["story: one title for all languages"]),
        ('title.en = "A loan"\ntitle.ru = "A loan"\ntitle.zh = ""', ["story: ru", "story: zh"]),
        ('title.en = "A loan"\ntitle.ru = "Заём"\ntitle.zh = "借款"', []),
    ):
        story.write_text(said + "\nsteps = []", encoding="utf-8")
        assert untold(story) == problems


def test_every_story_is_what_the_schema_says() -> None:
    validator = jsonschema.Draft202012Validator(scenario_schema())
    validator.check_schema(scenario_schema())
    problems = [
        f"{path.stem}: {list(problem.absolute_path)}"
        for path in FILES
        for problem in validator.iter_errors(tomllib.loads(path.read_text(encoding="utf-8")))
    ]
    assert problems == []


def test_every_kind_of_document_has_a_story() -> None:
    told = {step.verb for path in FILES for step in load_scenario(path).steps if step.refused is None}
    assert set(DOCUMENT_VERBS) - told == set()


def test_every_refusal_of_the_books_has_a_story() -> None:
    """Of those that the rules and services of documents, masters and periods can raise."""
    raised = {
        name
        for package in RULES
        for path in (SOURCE / package).glob("*.py")
        if path.stem not in ("errors", "commands")
        for name in re.findall(r"ErrorCode\.([A-Z0-9_]+)", path.read_text(encoding="utf-8"))
    }
    shown = {step.refused["code"] for path in FILES for step in load_scenario(path).steps if step.refused}
    assert {ErrorCode[name].value for name in raised} - shown - BEYOND_STORIES == set()
