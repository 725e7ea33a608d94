"""Every story in tests/scenarios holds and is what the schema says; together they show every document and every refusal."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest

from setoff.core.errors import ErrorCode
from setoff.scenarios.format import DOCUMENT_VERBS, load_scenario
from setoff.scenarios.runner import empty, run_story
from setoff.scenarios.schema import scenario_schema
from setoff.site import database

FOLDER = Path(__file__).parent / "scenarios"
FILES = sorted(FOLDER.glob("*.toml"))
BEYOND_STORIES = {
    # areas that a story does not reach: files, reports, the server, somebody who writes into the tables
    "file_unreadable", "encoding_unknown", "row_unreadable", "mapping_invalid", "column_missing", "rows_differ",
    "report_unknown", "report_option_missing", "report_option_unused", "report_group_unknown",
    "scenario_invalid", "database_unreachable", "period_altered",
    # of documents to come: set-off (spec 7.6); entries of our documents balance by their shape
    "document_closed", "entry_not_balanced",
}  # fmt: skip
"""Refusals that no document of these stories can raise. Their own tests show them."""


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[psycopg.Connection[Any]]:
    """One throw-away database for all stories; each finds it empty."""
    with database.throwaway(), database.connect() as conn:
        yield conn


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_story_holds(books: psycopg.Connection[Any], path: Path) -> None:
    empty(books)
    assert run_story(books, load_scenario(path)) == []


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
    shown = {step.refused["code"] for path in FILES for step in load_scenario(path).steps if step.refused}
    assert {code.value for code in ErrorCode} - shown - BEYOND_STORIES == set()
