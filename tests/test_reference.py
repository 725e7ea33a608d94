"""Pages of reference say what the code says: their generated parts are current."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generate import INDEX, PART, REFERENCE, SCENARIO_SCHEMA, SCHEMA, filled, scenario_schema_text, schema_text


@pytest.mark.parametrize("path", [INDEX, *sorted(REFERENCE.glob("**/*.md"))], ids=lambda path: path.name)
def test_the_page_is_current(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert filled(page) == page, "run: make docs"


def test_the_published_schema_is_current() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema_text(), "run: make docs"
    assert SCENARIO_SCHEMA.read_text(encoding="utf-8") == scenario_schema_text(), "run: make docs"


def test_every_part_of_a_page_is_known() -> None:
    """A misspelt part would stay as it is for ever."""
    for path in (INDEX, *REFERENCE.glob("**/*.md")):
        page = path.read_text(encoding="utf-8")
        assert page.count("<!-- generated:") == page.count("<!-- end -->") == len(PART.findall(page)), path.name
