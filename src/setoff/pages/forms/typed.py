"""What people typed and the structure it means, both ways; a form shown from a structure and sent back gives the same structure.

`Typed` is a form as texts: field -> text, grid -> rows of the same. It comes from the fields of a POST ("lines[2].amount"), goes back
into a page as it was, whatever was wrong with it, and becomes the content of a structure: numbers in plain digits, empty fields and
empty rows left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from setoff.language import SEPARATORS, Language
from setoff.pages.forms.layout import NUMERIC, Field, Grid, Layout
from setoff.pages.typed import plain_number

Row = dict[str, Any]
Typed = dict[str, Any]
"""Field -> text; grid -> list of rows."""
YES: Final = "yes"
BOTH: Final = "reg mgmt"
_PLACE: Final = re.compile(r"(\w{1,40})\[(\d{1,5})\]\.(.+)", re.DOTALL)
ROWS_MAX: Final = 2000


def typed_of(posted: Mapping[str, str], layout: Layout) -> Typed:
    """A POST as typed. Rows keep their order; those that hold nothing are left out, so that a row has the place that refusals name."""
    nested: dict[Any, Any] = {}
    for name, value in posted.items():
        _put(nested, name, value)
    return _level(nested, layout.fields, layout.grids)


def _put(level: dict[Any, Any], name: str, value: str) -> None:
    match = _PLACE.fullmatch(name)
    if match is None:
        level[name] = value
    else:
        _put(level.setdefault((match[1],), {}).setdefault(int(match[2]), {}), match[3], value)


def _level(found: dict[Any, Any], fields: Iterable[Field], grids: Iterable[Grid]) -> Typed:
    level: Typed = {field.name: _storable(found.get(field.name, "")) for field in fields}
    for grid in grids:
        rows = sorted(found.get((grid.name,), {}).items())[:ROWS_MAX]
        level[grid.name] = [row for row in (_level(row, grid.columns, grid.inner) for _, row in rows) if not is_blank(row, grid)]
    return level


def _storable(said: Any) -> str:
    """Without what no person types and no database keeps."""
    return said.replace("\0", "\N{REPLACEMENT CHARACTER}").strip() if isinstance(said, str) else ""


def is_blank(row: Row, grid: Grid) -> bool:
    """Whether nobody typed anything into the row: what stands in it by itself does not count."""
    standing = ("select", "flag", "hidden")
    return not any(row[column.name] for column in grid.columns if column.widget not in standing) and not any(
        row[inner.name] for inner in grid.inner
    )


def content_of(typed: Typed, layout: Layout, language: Language) -> dict[str, Any]:
    """The content of the structure, for msgspec.convert. What cannot be a number stays as typed: the rules say so."""
    return {"type": layout.tag, **dict(layout.fixed), **_content(typed, layout.fields, layout.grids, language)}


def _content(level: Typed, fields: Iterable[Field], grids: Iterable[Grid], language: Language) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for field in fields:
        value = _value(level.get(field.name, ""), field, language)
        side, _, name = field.name.rpartition(".")
        inside = content.setdefault(side, {}) if side else content
        if value is not None:
            inside[name] = value
    for grid in grids:
        content[grid.name] = [_content(row, grid.columns, grid.inner, language) for row in level.get(grid.name, [])]
    return content


def _value(said: str, field: Field, language: Language) -> Any:
    if field.widget == "flag":
        return said == YES
    if not said:
        return None
    match field.widget:
        case "amount" | "number":
            return plain_number(said, language)
        case "whole":
            return int(said) if re.fullmatch(r"-?\d{1,9}", said) else said
        case "contours" | "list":
            return said.split()
    return said


def shown_number(plain: str, language: Language) -> str:
    """A plain number as the language writes it, with just the decimals it has; what would not be read back the same stays plain."""
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", plain):
        return plain
    grouping, point = SEPARATORS[language]
    whole, _, fraction = plain.lstrip("-").partition(".")
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)]
    shown = ("-" if plain.startswith("-") else "") + grouping.join(reversed(groups)) + (point + fraction if fraction else "")
    return shown if plain_number(shown, language) == plain else plain


def typed_from(structure: Any, layout: Layout, language: Language) -> Typed:
    """The form of a structure: the inverse of `content_of`."""
    return _shown_level(structure, layout.fields, layout.grids, language)


def _shown_level(structure: Any, fields: Iterable[Field], grids: Iterable[Grid], language: Language) -> Typed:
    level: Typed = {field.name: _shown(_reached(structure, field.name), field, language) for field in fields}
    for grid in grids:
        level[grid.name] = [_shown_level(row, grid.columns, grid.inner, language) for row in getattr(structure, grid.name)]
    return level


def _reached(structure: Any, name: str) -> Any:
    for step in name.split("."):
        structure = getattr(structure, step)
    return structure


def _shown(value: Any, field: Field, language: Language) -> str:
    if value is None:
        return ""
    match field.widget:
        case "flag":
            return YES if value else ""
        case "contours" | "list":
            return " ".join(value)
        case "whole":
            return "" if value == 0 and field.name.endswith("line") else str(value)  # line 0: the document as a whole
    return shown_number(value, language) if field.widget in NUMERIC else str(value)
