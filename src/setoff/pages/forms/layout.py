"""What a form is made of. A field's name is its path in the structure (trade/documents.py, parties/records.py); in a grid, in its row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

Widget = Literal["text", "note", "day", "amount", "number", "whole", "flag", "pick", "select", "contours", "list", "hidden"]
NUMERIC = frozenset({"amount", "number", "whole"})


class Field(NamedTuple):
    """`what`: the picker of a field that names a record. `choices`: of a select. `more`: stands with the fields that are seldom
    needed. `is_required` marks it for people; the rules decide. `label`: its own text where one word has two meanings."""

    name: str
    widget: Widget = "text"
    what: str = ""
    choices: tuple[str, ...] = ()
    more: bool = False
    is_required: bool = False
    label: str = ""

    @property
    def label_key(self) -> str:
        return "field-" + (self.label or self.name.rpartition(".")[2]).replace("_", "-")


class Grid(NamedTuple):
    """A list of parts. `stacked`: a row is a card of fields instead of a line of cells. `inner`: lists within a row."""

    name: str
    columns: tuple[Field, ...]
    stacked: bool = False
    inner: tuple[Grid, ...] = ()
    more: bool = False

    @property
    def label_key(self) -> str:
        return f"grid-{self.name.replace('_', '-')}"


class Layout(NamedTuple):
    """`tag` and `fixed` are what the structure says that nobody types: its type, and the kind of a payment."""

    name: str
    tag: str
    fields: tuple[Field, ...]
    grids: tuple[Grid, ...] = ()
    fixed: tuple[tuple[str, str], ...] = ()

    def names(self) -> Iterator[str]:
        """Every path of the structure that the form fills, rows without numbers: "lines[].amount"."""
        yield from (field.name for field in self.fields)
        yield from (name for name, _ in self.fixed)
        for grid in self.grids:
            yield from _names(grid, "")


def _names(grid: Grid, before: str) -> Iterator[str]:
    place = f"{before}{grid.name}[]."
    yield from (place + column.name for column in grid.columns)
    for inner in grid.inner:
        yield from _names(inner, place)
