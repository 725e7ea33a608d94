"""Stories hold for a person too: told under the role of the application, with its policies, all comes out the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from setoff.access.entry import enter, leave
from setoff.access.rights import RIGHTS, Rights
from setoff.scenarios.format import load_scenario
from setoff.scenarios.runner import empty, run_story
from setoff.site import database

ALL = sorted((Path(__file__).parent / "scenarios").glob("*.toml"))
BEYOND = ("period", "import", "edit", "known", "conflict")
OF_TWO = "branch"
FILES = [
    path
    for place, path in enumerate(ALL)
    if (place % 4 == 0 or path.stem.startswith(BEYOND)) and not path.stem.startswith(OF_TWO)
]
"""Every fourth, and all that do more than post. Notices are of two people, who act in their own names: tests/notices has them."""
SOMEBODY: Final = Rights(
    1, "somebody", "", "en", dict.fromkeys(range(1, 100), RIGHTS["administrator"]), {}, is_administrator=True
)
"""With every right in the units that a story will make."""


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[psycopg.Connection[Any]]:
    with database.throwaway(), database.connect() as conn:
        yield conn


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_story_holds(books: psycopg.Connection[Any], path: Path) -> None:
    leave(books)
    empty(books)
    enter(books, SOMEBODY)
    assert run_story(books, load_scenario(path)) == []
