"""A form as a page shows it: every field with its label, what was typed, the name of the code in it, and what is wrong with it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from psycopg import Connection

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import Language, error_text, fact_text, has_text, mend_text, text
from setoff.pages.forms.layout import Field, Grid, Layout
from setoff.pages.forms.typed import BOTH, YES, Row, Typed

TITLES_SQL: Final[Mapping[str, str]] = {
    "counterparty": "select code, name from counterparty where code = any(%s)",
    "partner": "select code, name from partner where code = any(%s)",
    "contract": "select code, number from contract where code = any(%s)",
    "agreement": "select code, name from agreement where code = any(%s)",
    "unit": "select code, name from unit where code = any(%s)",
    "organization": "select code, name from organization where code = any(%s)",
}
DOCUMENT_TITLES_SQL: Final = "select key, kind, number, date from document where key = any(%s)"
OF_DOCUMENTS: Final = frozenset({"base", "target", "debt", "advance", "document", "order", "bill"})
_ROW: Final = re.compile(r"(\w+)\[(\d+)\]\.")
Titles = Mapping[tuple[str, str], str]


class Fault(NamedTuple):
    """What is wrong with a field, and how to mend it."""

    problem: str
    mend: str


class ShownField(NamedTuple):
    """`path` is its name in the form, `choices` are (value, text)."""

    field: Field
    path: str
    label: str
    value: str
    title: str
    choices: list[tuple[str, str]]
    fault: Fault | None

    @property
    def is_on(self) -> bool:
        return self.value == YES


class ShownRow(NamedTuple):
    cells: list[ShownField]
    inner: list[ShownGrid]

    @property
    def groups(self) -> list[tuple[str, list[ShownField]]]:
        """The cells by the side they belong to ("debit", "credit", "" = the row's own)."""
        sides: dict[str, list[ShownField]] = {}
        for cell in self.cells:
            sides.setdefault(cell.field.name.rpartition(".")[0], []).append(cell)
        return list(sides.items())


class ShownGrid(NamedTuple):
    """`blank` is the row that a new one is made from."""

    grid: Grid
    path: str
    label: str
    columns: list[str]
    rows: list[ShownRow]
    blank: ShownRow
    fault: Fault | None


class ShownForm(NamedTuple):
    """`refusal`: what is wrong and belongs to no field."""

    fields: list[ShownField]
    more: list[ShownField]
    hidden: list[ShownField]
    grids: list[ShownGrid]
    more_grids: list[ShownGrid]
    refusal: DomainError | None

    @property
    def more_is_used(self) -> bool:
        """Whether a field that is seldom needed holds something (or is wrong)."""
        usual = ("", BOTH)
        return any(field.value not in usual or field.fault for field in self.more)


class _Teller(NamedTuple):
    language: Language
    titles: Titles
    faults: Mapping[str, Fault]


def shown_form(
    conn: Connection[Any], layout: Layout, typed: Typed, language: Language, refusal: DomainError | None = None
) -> ShownForm:
    """The form with a refusal at the field that it names."""
    paths = set(_paths(typed, layout.fields, layout.grids, ""))
    place = str(refusal.facts.get("field", "")) if refusal else ""
    place = place if place in paths else ""
    said = labelled(refusal, layout, language) if refusal else None
    faults = {place: Fault(error_text(language, said), mend_text(language, said))} if said and place else {}
    teller = _Teller(language, titles_of(conn, layout, typed, language), faults)
    fields = [_field(field, typed.get(field.name, ""), "", teller) for field in layout.fields]
    grids = [_grid(grid, typed.get(grid.name, []), "", teller) for grid in layout.grids]
    return ShownForm(
        fields=[shown for shown in fields if not shown.field.more and shown.field.widget != "hidden"],
        more=[shown for shown in fields if shown.field.more],
        hidden=[shown for shown in fields if shown.field.widget == "hidden"],
        grids=[shown for shown in grids if not shown.grid.more],
        more_grids=[shown for shown in grids if shown.grid.more],
        refusal=None if place else said,
    )


def labelled(refusal: DomainError, layout: Layout, language: Language) -> DomainError:
    """The refusal with its field as people know it: "lines[1].amount" is "Lines 2: Amount". An amount that was not typed is missing,
    not wrong."""
    if refusal.code is ErrorCode.INVALID_AMOUNT and refusal.facts.get("value") == "":
        refusal = DomainError(ErrorCode.FIELD_MISSING, field=refusal.facts.get("field", ""), value="")
    path = str(refusal.facts.get("field", ""))
    said: list[str] = []
    fields, grids = layout.fields, layout.grids
    while match := _ROW.match(path):
        grid = next((grid for grid in grids if grid.name == match[1]), None)
        if grid is None:
            return refusal
        said.append(f"{text(language, grid.label_key)} {int(match[2]) + 1}")
        path, fields, grids = path[match.end() :], grid.columns, grid.inner
    labels = {field.name: field.label_key for field in fields} | {grid.name: grid.label_key for grid in grids}
    if path not in labels:
        return refusal
    return DomainError(refusal.code, **{**refusal.facts, "field": ": ".join([*said, text(language, labels[path])])})


def _paths(level: Row, fields: Iterable[Field], grids: Iterable[Grid], before: str) -> Iterator[str]:
    yield from (before + field.name for field in fields if field.widget != "hidden")
    for grid in grids:
        yield before + grid.name
        for number, row in enumerate(level.get(grid.name, [])):
            yield from _paths(row, grid.columns, grid.inner, f"{before}{grid.name}[{number}].")


def _field(field: Field, value: str, before: str, teller: _Teller) -> ShownField:
    path = before + field.name
    return ShownField(
        field, path, text(teller.language, field.label_key), value, teller.titles.get((_kind_of(field.what), value), ""),
        _choices(field, value, teller.language), teller.faults.get(path),
    )  # fmt: skip


def _choices(field: Field, value: str, language: Language) -> list[tuple[str, str]]:
    if field.widget == "contours":
        usual = [(BOTH, text(language, "choice-contours-both")), *((name, text(language, f"contour-{name}")) for name in ("reg", "mgmt"))]
        return usual if value in ("", *dict(usual)) else [*usual, (value, value)]
    return [(choice, choice_text(field, choice, language)) for choice in field.choices]


def choice_text(field: Field, choice: str, language: Language) -> str:
    """A choice in words: of the field itself, else the word of ours."""
    if not choice:
        return ""
    name = field.name.rpartition(".")[2]
    key = f"choice-{name}-{choice}".replace("_", "-")
    return text(language, key) if has_text(language, key) else fact_text(language, name, choice)


def _grid(grid: Grid, rows: list[Row], before: str, teller: _Teller) -> ShownGrid:
    path = before + grid.name
    shown = [_row(grid, row, f"{path}[{number}].", teller) for number, row in enumerate(rows)]
    columns = [text(teller.language, column.label_key) for column in grid.columns if column.widget != "hidden"]
    blank = _row(grid, {}, f"{path}[0].", teller._replace(faults={}))
    return ShownGrid(grid, path, text(teller.language, grid.label_key), columns, shown, blank, teller.faults.get(path))


def _row(grid: Grid, row: Row, before: str, teller: _Teller) -> ShownRow:
    cells = [_field(column, row.get(column.name, ""), before, teller) for column in grid.columns]
    return ShownRow(cells, [_grid(inner, row.get(inner.name, []), before, teller) for inner in grid.inner])


def titles_of(conn: Connection[Any], layout: Layout, typed: Typed, language: Language) -> Titles:
    """Names of all codes that stand in a form, a query for each kind of record."""
    codes: dict[str, set[str]] = defaultdict(set)
    for field, value in _values(typed, layout.fields, layout.grids):
        if field.what and value:
            codes[_kind_of(field.what)].add(value)
    titles: dict[tuple[str, str], str] = {}
    for kind, found in codes.items():
        if kind in TITLES_SQL:
            titles |= {(kind, code): name for code, name in conn.execute(TITLES_SQL[kind], [sorted(found)])}
    if "document" in codes:
        for key, kind, number, day in conn.execute(DOCUMENT_TITLES_SQL, [sorted(codes["document"])]):
            what = fact_text(language, "kind", kind)
            titles["document", key] = text(language, "document-name", what=what, number=number, day=day)
    return titles


def _kind_of(what: str) -> str:
    return "document" if what in OF_DOCUMENTS else what


def _values(level: Row, fields: Iterable[Field], grids: Iterable[Grid]) -> Iterator[tuple[Field, str]]:
    yield from ((field, level.get(field.name, "")) for field in fields)
    for grid in grids:
        for row in level.get(grid.name, []):
            yield from _values(row, grid.columns, grid.inner)
