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
from setoff.scenarios.format import DOCUMENT_VERBS, load_scenario
from setoff.scenarios.runner import empty, run_story
from setoff.scenarios.schema import scenario_schema
from setoff.site import database

FOLDER = Path(__file__).parent / "scenarios"
FILES = sorted(FOLDER.glob("*.toml"))
SOURCE = Path(__file__).parent.parent / "src" / "setoff"
RULES = ("trade", "parties", "settlements", "books", "core")
BEYOND_STORIES = {
    "period_altered", "database_unreachable", "unknown_chart",
    "act_agreed", "act_differs", "act_outdated", "act_state", "allocation_changed", "not_permitted",
}  # fmt: skip
"""Refusals that need somebody who writes into the tables, no server, or a program without its files; and those of acts, of the desk and
of rights, whose verbs no story has. Their own tests show them (tests/settlements, tests/access, tests/pages)."""


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
