"""A mapping file: how the rows of a table become records. TOML, described in docs/reference/import.md.

    [file]      delimiter, encoding, header_row, columns, nulls, sheet, overflow
    [values]    dates (formats), decimal, thousands, currency
    [lookup.X]  a table of values
    [join.X]    a second file: file, on, key, optional, overflow
    [[skip]]    rows left out on purpose: when, reason
    [[record]]  what to make: type, when, group_by, rows_of; every other key is a field of the record

Errors: mapping_invalid, file_unreadable.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import digits_of
from setoff.intake.decode import MASTER_TAGS, AnyRecord
from setoff.intake.table import TableShape
from setoff.intake.template import CellError, Cells, Grammar, MappingError, NumberFormat, Template

DATE_FIELDS: Final = frozenset({"date", "debited", "due", "incoming_date", "valid_from", "valid_to", "vat_on_advances_from"})
AMOUNT_FIELDS: Final = frozenset({"amount", "vat", "cost", "settlement_amount", "book_amount", "credit_limit", "difference_limit"})
DECIMAL_FIELDS: Final = frozenset({"quantity", "price", "rate", "percent", "vat_rate"})
WHOLE_FIELDS: Final = frozenset({"day_order", "days", "line", "advance_line"})


class _Shape(NamedTuple):
    """The fields of a structure, by name: None = a value; `many` = a list of such structures."""

    many: bool
    fields: dict[str, _Shape | None]


def _shape(record: msgspec.inspect.StructType, many: bool = False) -> _Shape:
    fields: dict[str, _Shape | None] = {}
    for item in record.fields:
        is_list = isinstance(item.type, msgspec.inspect.ListType)
        inner = item.type.item_type if isinstance(item.type, msgspec.inspect.ListType) else item.type
        fields[item.encode_name] = _shape(inner, is_list) if isinstance(inner, msgspec.inspect.StructType) else None
    return _Shape(many, fields)


_SHAPES: Final = {
    str(info.tag): _shape(info)
    for info in msgspec.inspect.multi_type_info(get_args(AnyRecord))
    if isinstance(info, msgspec.inspect.StructType)
}

Value = Callable[[Sequence[Cells]], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A field that a template or a constant fills. `value` gives a text, a Decimal (amounts), an int or a bool; "" = absent."""

    name: str
    columns: tuple[str, ...]
    value: Value = field(repr=False)
    over_all_rows: bool = False


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list of parts (lines, rows, targets), or a single part (`many` false: the debit side of a manual row). A grouped
    document takes the items of its lists from every row."""

    name: str
    many: bool
    items: tuple[tuple[Field | ItemList, ...], ...]


Fields = tuple[Field | ItemList, ...]


@dataclass(frozen=True, slots=True)
class RecordRule:
    """One [[record]]."""

    type: str
    fields: Fields
    when: Template | None = None
    group_by: Template | None = None
    rows_of: str = ""

    @property
    def is_master(self) -> bool:
        return self.type in MASTER_TAGS

    @property
    def code(self) -> Field | None:
        """The field that tells masters of one type apart; rates have none."""
        return next((item for item in self.fields if isinstance(item, Field) and item.name == "code"), None)

    @property
    def is_constant(self) -> bool:
        return not self.rows_of and not any(self.columns())

    def columns(self) -> Iterator[str]:
        for template in (self.when, self.group_by):
            yield from template.columns if template else ()
        yield from _columns(self.fields)


@dataclass(frozen=True, slots=True)
class SkipRule:
    when: Template
    reason: str


@dataclass(frozen=True, slots=True)
class Join:
    """A second file, beside the first: its row whose `key` column equals `on` lends its columns as "NAME.column"."""

    name: str
    file: str
    on: Template
    key: str
    optional: bool
    shape: TableShape


@dataclass(frozen=True, slots=True)
class Mapping:
    name: str
    title: str
    shape: TableShape
    encoding: str
    digits: int
    joins: tuple[Join, ...]
    skips: tuple[SkipRule, ...]
    records: tuple[RecordRule, ...]

    def columns(self) -> set[str]:
        """Every column that the mapping reads from rows of the main file (joined ones as "NAME.column")."""
        used = {name for rule in self.records if not rule.rows_of for name in rule.columns()}
        used |= {name for skip in self.skips for name in skip.when.columns}
        return used | {name for join in self.joins for name in join.on.columns}


def load_mapping(name: str) -> Mapping:
    """The mapping of a TOML file, or one that comes with Setoff, by its name. Errors: file_unreadable, mapping_invalid."""
    try:
        kept = resources.files("setoff.intake") / "mappings" / f"{name}.toml"
        path = Path(name)
        text = kept.read_text("utf-8") if name.isidentifier() and kept.is_file() else path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=name, reason=str(error)) from None
    return parse_mapping(text, name)


def kept_mappings() -> list[str]:
    """Names of the mappings that come with Setoff."""
    folder = resources.files("setoff.intake") / "mappings"
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


def parse_mapping(text: str, name: str) -> Mapping:
    """Errors: mapping_invalid."""
    try:
        return _mapping(tomllib.loads(text), name)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, MappingError) as error:
        raise DomainError(ErrorCode.MAPPING_INVALID, file=name, reason=str(error)) from None


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a mapping file."""


class _File(_Section, frozen=True):
    delimiter: str = ""
    encoding: str = ""
    header_row: int = -1
    columns: tuple[str, ...] = ()
    nulls: tuple[str, ...] = ()
    sheet: str = ""
    overflow: str = ""


class _Values(_Section, frozen=True):
    dates: list[str] = []
    decimal: Literal[".", ","] = "."
    thousands: str = ""
    currency: str = "EUR"


class _JoinSection(_Section, frozen=True):
    file: str
    on: str
    key: str = ""
    optional: bool = False
    overflow: str = ""


class _Skip(_Section, frozen=True):
    when: str
    reason: str


class _MappingFile(_Section, frozen=True):
    record: list[dict[str, Any]]
    title: str = ""
    file: _File = _File()
    values: _Values = _Values()
    lookup: dict[str, dict[str, str]] = {}
    join: dict[str, _JoinSection] = {}
    skip: list[_Skip] = []


def _mapping(content: dict[str, Any], name: str) -> Mapping:
    said = msgspec.convert(content, _MappingFile)
    numbers = NumberFormat(said.values.decimal, said.values.thousands)
    grammar = Grammar(numbers, said.lookup)
    compiler = _Compiler(grammar, numbers, _date_reader(said.values.dates))
    file = said.file
    header_row = file.header_row if file.header_row >= 0 else 0 if file.columns else 1
    if header_row == 0 and not file.columns:
        raise MappingError("header_row 0 needs columns")
    shape = TableShape(file.delimiter, header_row, file.columns, file.nulls, file.sheet, file.overflow)
    joins = tuple(_join(key, section, grammar, shape) for key, section in said.join.items())
    rules = tuple(compiler.rule(table) for table in said.record)
    for rule in rules:
        if rule.rows_of and rule.rows_of not in said.join:
            raise MappingError(f"no [join.{rule.rows_of}]")
    skips = tuple(SkipRule(grammar.condition(skip.when), skip.reason) for skip in said.skip)
    return Mapping(name, said.title, shape, file.encoding, _digits(said.values.currency), joins, skips, rules)


def _digits(currency: str) -> int:
    try:
        return digits_of(currency)
    except DomainError:
        raise MappingError(f"unknown currency: {currency}") from None


def _join(name: str, section: _JoinSection, grammar: Grammar, main: TableShape) -> Join:
    on = grammar.compile(section.on)
    if len(on.columns) != 1 and not section.key:
        raise MappingError(f"[join.{name}] needs key")
    shape = TableShape(main.delimiter, 1, (), main.nulls, "", section.overflow)
    return Join(name, section.file, on, section.key or on.columns[0], section.optional, shape)


@dataclass(frozen=True, slots=True)
class _Compiler:
    grammar: Grammar
    numbers: NumberFormat
    read_date: Callable[[str, str], str]

    def rule(self, table: dict[str, Any]) -> RecordRule:
        words = {name: table[name] for name in ("type", "when", "group_by", "rows_of") if name in table}
        if not all(isinstance(word, str) for word in words.values()):
            raise MappingError(f"type, when, group_by and rows_of are texts: {words}")
        kind = words.get("type", "")
        if kind not in _SHAPES:
            raise MappingError(f"unknown type: {kind}" if kind else "a [[record]] without type")
        when = self.grammar.condition(words["when"]) if "when" in words else None
        group_by = self.grammar.compile(words["group_by"]) if "group_by" in words else None
        content = {name: value for name, value in table.items() if name not in words}
        rule = RecordRule(kind, self.fields(content, _SHAPES[kind], kind), when, group_by, words.get("rows_of", ""))
        if group_by and rule.is_master:
            raise MappingError(f"{kind}: only documents are grouped")
        return rule

    def fields(self, content: dict[str, Any], shape: _Shape, where: str) -> Fields:
        unknown = sorted(content.keys() - shape.fields.keys())
        if unknown:
            raise MappingError(f"{where} has no field {', '.join(unknown)}")
        return tuple(self.field(name, value, shape.fields[name], f"{where}.{name}") for name, value in content.items())

    def field(self, name: str, value: Any, shape: _Shape | None, where: str) -> Field | ItemList:
        if isinstance(value, dict):
            value = [value]
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            if shape is None:
                raise MappingError(f"{where} is no list of tables")
            if not shape.many and len(value) != 1:
                raise MappingError(f"{where} is one table")
            return ItemList(name, shape.many, tuple(self.fields(item, shape, where) for item in value))
        if shape is not None:
            raise MappingError(f"{where} is a table or a list of tables")
        if isinstance(value, str):
            template = self.grammar.compile(value)
            return Field(name, template.columns, self.converted(name, template), template.over_all_rows)
        if isinstance(value, bool | int) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            return Field(name, (), lambda _: value)
        raise MappingError(f"{where}: decimals and dates are written in quotes")

    def converted(self, name: str, template: Template) -> Value:
        """The value of a template in the shape that its field asks for."""
        render, column = template.render, template.columns[0] if template.columns else name
        if name in DATE_FIELDS:
            return lambda rows: self.read_date(render(rows), column)
        if name in AMOUNT_FIELDS:
            return lambda rows: self.number(render(rows), column)
        if name in DECIMAL_FIELDS:
            return lambda rows: _plain(self.number(render(rows), column))
        if name in WHOLE_FIELDS:
            return lambda rows: self.whole(render(rows), column)
        return lambda rows: _word(render(rows))

    def number(self, value: Any, column: str) -> Any:
        if isinstance(value, str):
            return self.numbers.number(value.removesuffix("%"), column) if value else ""
        return value

    def whole(self, value: Any, column: str) -> Any:
        number = self.number(value, column)
        if number == "":
            return ""
        if number != int(number):
            raise CellError(column, str(value), expected="0")
        return int(number)


def _date_reader(formats: Sequence[str]) -> Callable[[str, str], str]:
    """ISO dates (with or without a time) are always read; other formats as the mapping names them. Remembers what it read."""
    known: dict[str, str] = {"": ""}

    def read(text: str, column: str) -> str:
        found = known.get(text)
        if found is None:
            found = _iso_date(text, formats)
            if found is None:
                raise CellError(column, text, ErrorCode.INVALID_DATE, expected=", ".join(formats))
            if len(known) < 1 << 16:
                known[text] = found
        return found

    return read


def _iso_date(text: str, formats: Sequence[str]) -> str | None:
    for style in formats:
        try:
            return datetime.strptime(text, style).date().isoformat()  # noqa: DTZ007 (a date has no zone)
        except ValueError:
            continue
    try:
        return date.fromisoformat(text[:10]).isoformat() if len(text) == 10 or text[10:11] in (" ", "T") else None
    except ValueError:
        return None


def _plain(value: Any) -> Any:
    """A Decimal as plain text without needless zeros."""
    if not isinstance(value, Decimal):
        return value
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _word(value: Any) -> Any:
    return value if isinstance(value, str | bool) else _plain(value)


def _columns(fields: Fields) -> Iterator[str]:
    for item in fields:
        if isinstance(item, Field):
            yield from item.columns
        else:
            for part in item.items:
                yield from _columns(part)
