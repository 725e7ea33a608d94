"""The values of a mapping: texts with columns in braces, and formulas.

    "{invoiceNumber}"                         the cell
    "sale/{invoiceNumber}"                    text around it
    "{CustomerID|whole|default:WALK-IN}"      a cell put through filters
    "= {Quantity} * {UnitPrice}"              a formula, as in a spreadsheet
    "= sum({Amount})"                         over all rows of the document

Formulas calculate with exact decimals: + - * /, comparisons, and, or, not, round(x, digits), abs, min, max; columns in them
are numbers, unless they are compared with a text in quotes. They are parsed to closures: nothing of a file or a mapping is
ever executed.

Errors of a mapping: MappingError (the border makes it mapping_invalid). Errors of a row: CellError.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import Any, Final

from setoff.core.errors import ErrorCode

Cells = Mapping[str, str]
Render = Callable[[Sequence[Cells]], Any]

KNOWN_MAX: Final = 1 << 16
_COLUMN: Final = re.compile(r"\{([^{}|]+)((?:\|[^{}|]+)*)\}")
_PLAIN: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}


class MappingError(ValueError):
    """A mapping that cannot be understood: told to whoever wrote it."""


class CellError(ValueError):
    """A cell that a mapping cannot use."""

    def __init__(self, column: str, value: str, code: ErrorCode = ErrorCode.INVALID_VALUE, **facts: Any) -> None:
        super().__init__(column, value)
        self.column, self.value, self.code, self.facts = column, value, code, facts


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """How a file writes numbers: "1 234,56" has decimal "," and thousands " "."""

    decimal: str = "."
    thousands: str = ""

    def number(self, text: str, column: str) -> Decimal:
        """The number of a cell, an empty one is 0. A minus may follow; brackets mean minus. Errors: CellError."""
        if self.decimal == "." and _PLAIN.fullmatch(text):
            return Decimal(text)
        try:
            return self._written(text.strip())
        except DecimalException:
            raise CellError(column, text, expected=f"0{self.decimal}00") from None

    def _written(self, text: str) -> Decimal:
        if not text:
            return Decimal(0)
        negative = text.endswith("-") or text.startswith(("-", "−", "(", "（"))
        text = text.strip("()（）¥￥$€£₽ \u00a0")
        text = text[1:] if text[:1] in "+-−" else text.removesuffix("-")
        text = text.lstrip("¥￥$€£₽ ")
        if self.thousands:
            text = self._ungrouped(text)
        if not re.fullmatch(rf"\d*(?:{re.escape(self.decimal)}\d*)?", text, re.ASCII):
            raise DecimalException
        value = Decimal(text.replace(self.decimal, "."))
        return -value if negative else value


    def _ungrouped(self, text: str) -> str:
        """Without thousands, where they stand as thousands do; "1.234,50" is no number of a file that writes 1,234.50."""
        group = "[ \u00a0\u202f]" if self.thousands == " " else re.escape(self.thousands)
        whole = text.split(self.decimal)[0]
        if not re.fullmatch(rf"\d*|\d{{1,3}}(?:{group}\d{{2,3}})*{group}\d{{3}}", whole, re.ASCII):
            raise DecimalException
        return re.sub(group, "", whole) + text[len(whole) :]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled value. `render` takes the rows of a document (for a plain value only the first counts) and gives a text, or
    for a formula a Decimal or bool."""

    source: str
    columns: tuple[str, ...]
    render: Render = field(repr=False)
    over_all_rows: bool = False


@dataclass(frozen=True, slots=True)
class Grammar:
    """What templates of one mapping may use."""

    numbers: NumberFormat = NumberFormat()
    lookups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def compile(self, text: str) -> Template:
        """Errors: MappingError."""
        return self.formula(text[1:]) if text.startswith("=") else self._text(text)

    def condition(self, text: str) -> Template:
        """A formula, with or without "="."""
        return self.formula(text.removeprefix("="))

    def formula(self, text: str) -> Template:
        columns: list[str] = []

        def name(match: re.Match[str]) -> str:
            columns.append(match[0])
            return f"column{len(columns) - 1}"

        try:
            tree = ast.parse(_COLUMN.sub(name, text).strip(), mode="eval").body
        except SyntaxError:
            raise MappingError(f"not a formula: {text.strip()}") from None
        cells = {f"column{number}": self._cell(_COLUMN.fullmatch(source)) for number, source in enumerate(columns)}
        builder = _Formula(text.strip(), cells, self.numbers)
        render = builder.build(tree)
        return Template("=" + text, tuple(name for name, _ in cells.values()), render, builder.sums)

    def _text(self, text: str) -> Template:
        pieces: list[str | Callable[[Cells], str]] = []
        columns, end = [], 0
        for match in _COLUMN.finditer(text):
            column, read = self._cell(match)
            columns.append(column)
            pieces += [text[end:match.start()], read]
            end = match.end()
        tail = text[end:]
        if "{" in tail or "}" in tail or any(isinstance(piece, str) and ("{" in piece or "}" in piece) for piece in pieces):
            raise MappingError(f"a brace without its partner: {text}")
        if not pieces:
            return Template(text, (), lambda _: text)
        if len(pieces) == 2 and not pieces[0] and not tail:
            whole = pieces[1]
            assert callable(whole)
            return Template(text, tuple(columns), lambda rows: whole(rows[0]))
        pieces.append(tail)

        def joined(rows: Sequence[Cells]) -> str:
            return "".join(piece if isinstance(piece, str) else piece(rows[0]) for piece in pieces)

        return Template(text, tuple(columns), joined)

    def _cell(self, match: re.Match[str] | None) -> tuple[str, Callable[[Cells], str]]:
        assert match is not None
        column = match[1].strip()
        filters = [self._filter(text, column) for text in match[2].split("|")[1:]]
        if not filters:
            return column, lambda cells: cells[column].strip()

        def read(cells: Cells) -> str:
            text = cells[column].strip()
            for change in filters:
                text = change(text)
            return text

        return column, read

    def _filter(self, text: str, column: str) -> Callable[[str], str]:
        name, _, argument = text.partition(":")
        name = name.strip()
        if name == "lookup":
            return self._lookup(argument.strip(), column)
        if name == "default" and argument:
            return lambda value: value or argument
        if name == "whole":
            return lambda value: _whole(value, column)
        if name == "upper":
            return str.upper
        if name == "lower":
            return str.lower
        if name == "first" and argument.isdecimal():
            return lambda value: value[: int(argument)]
        raise MappingError(f"unknown filter: |{text}")

    def _lookup(self, name: str, column: str) -> Callable[[str], str]:
        if name not in self.lookups:
            raise MappingError(f"no [lookup.{name}]")
        found = self.lookups[name]

        def look_up(value: str) -> str:
            if value not in found:
                raise CellError(column, value, expected=", ".join(found))
            return found[value]

        return look_up


class _Formula:
    """One formula being compiled. `sums` tells afterwards whether it reads all rows."""

    def __init__(self, text: str, cells: Mapping[str, tuple[str, Callable[[Cells], str]]], numbers: NumberFormat) -> None:
        self.text, self.cells, self.numbers = text, cells, numbers
        self.sums = False

    def build(self, tree: ast.expr) -> Render:
        match tree:
            case ast.Name(id=name) if name in self.cells:
                return self._number(*self.cells[name])
            case ast.Constant(value=int() | float() | str() as value) if not isinstance(value, bool):
                constant = value if isinstance(value, str) else Decimal(str(value))
                return lambda _: constant
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _ARITHMETIC:
                return self._arithmetic(_ARITHMETIC[type(sign)], self.build(left), self.build(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                inner = self.build(operand)
                return lambda rows: -inner(rows)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self.build(operand)
                return lambda rows: not inner(rows)
            case ast.BoolOp(op=sign, values=values):
                parts = [self.build(value) for value in values]
                together = all if isinstance(sign, ast.And) else any
                return lambda rows: together(part(rows) for part in parts)
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _COMPARISONS:
                return self._comparison(_COMPARISONS[type(sign)], left, right)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments)
        raise MappingError(f"not allowed in a formula: {self.text}")

    def _number(self, column: str, read: Callable[[Cells], str]) -> Render:
        """The number of a column. Remembers what it read: quantities and prices repeat."""
        known: dict[str, Decimal] = {}
        parse = self.numbers.number

        def number(rows: Sequence[Cells]) -> Decimal:
            text = read(rows[0])
            value = known.get(text)
            if value is None:
                value = parse(text, column)
                if len(known) < KNOWN_MAX:
                    known[text] = value
            return value

        return number

    def _arithmetic(self, sign: Callable[[Any, Any], Any], left: Render, right: Render) -> Render:
        def compute(rows: Sequence[Cells]) -> Any:
            try:
                return sign(left(rows), right(rows))
            except (DecimalException, ZeroDivisionError, TypeError):
                raise CellError("", self.text) from None

        return compute

    def _comparison(self, sign: Callable[[Any, Any], bool], left: ast.expr, right: ast.expr) -> Render:
        texts = any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (left, right))
        first, second = (self._as_text(left), self._as_text(right)) if texts else (self.build(left), self.build(right))
        return lambda rows: sign(first(rows), second(rows))

    def _as_text(self, tree: ast.expr) -> Render:
        if isinstance(tree, ast.Name) and tree.id in self.cells:
            read = self.cells[tree.id][1]
            return lambda rows: read(rows[0])
        return self.build(tree)

    def _call(self, name: str, arguments: list[ast.expr]) -> Render:
        parts = [self.build(argument) for argument in arguments]
        if name == "sum" and len(parts) == 1:
            self.sums = True
            return lambda rows: sum((parts[0]([row]) for row in rows), Decimal(0))
        if name == "abs" and len(parts) == 1:
            return lambda rows: abs(parts[0](rows))
        if name in ("min", "max") and len(parts) > 1:
            choose = min if name == "min" else max
            return lambda rows: choose(part(rows) for part in parts)
        match name, arguments:
            case "round", [_, ast.Constant(value=int() as digits)]:
                unit = Decimal(1).scaleb(-digits)
                return lambda rows: parts[0](rows).quantize(unit, ROUND_HALF_UP)
        raise MappingError(f"unknown function {name} in: {self.text}")


def _whole(value: str, column: str) -> str:
    """ "17850.0" as a spreadsheet or data frame writes the code 17850."""
    if not value:
        return value
    whole, _, fraction = value.partition(".")
    if fraction.strip("0"):
        raise CellError(column, value, expected="0")
    return whole
