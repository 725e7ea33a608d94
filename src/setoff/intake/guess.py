"""`setoff import --guess`: a mapping proposed from the names of the columns, in three languages, and from the values in them.

A column gets the role whose known name (headers.toml) is nearest, provided that its values fit: a date column holds dates,
an amount column numbers. Each role goes to one column, best matches first. What remains open is written as a comment: the
proposal is for a person to check, and is complete enough to try with --dry-run.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from itertools import islice, product
from typing import Final, TypeVar

from rapidfuzz import fuzz

from setoff.intake.source import Source
from setoff.intake.table import TableShape, table_columns, table_rows
from setoff.intake.template import CellError, NumberFormat
from setoff.language import Language, text

SAMPLE_ROWS: Final = 1000
GOOD_SCORE: Final = 84.0
GOOD_SHARE: Final = 0.75
DATE_FORMATS: Final = (
    "%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d-%m-%Y", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d",
    "%d %b %Y", "%d-%b-%Y", "%d/%m/%y", "%m/%d/%y",
)  # fmt: skip
TIMES: Final = ("", " %H:%M", " %H:%M:%S")
NUMBER_FORMATS: Final = tuple(
    NumberFormat(decimal, thousands)
    for decimal, thousands in ((".", ""), (",", ""), (",", " "), (".", ","), (",", "."), (".", " "), (".", "'"))
)
HOMES: Final = {"ru": ("ru", "RUB"), "zh": ("cn", "CNY"), "en": ("intl", "EUR")}
Style = TypeVar("Style")
_CAMEL: Final = re.compile(r"(?<=[a-zа-я0-9])(?=[A-ZА-Я])")
_WORDS: Final = re.compile(r"[^\W_]+|№")


@dataclass(frozen=True, slots=True)
class Role:
    name: str
    values: str  # date, number or text
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`roles`: role -> column. `dates`: formats in the order they are tried; `other_dates`: formats that fit just as well."""

    file: str
    roles: dict[str, str]
    unused: tuple[str, ...]
    dates: tuple[str, ...]
    other_dates: tuple[str, ...]
    filters: dict[str, str]  # role -> filters its column needs
    numbers: NumberFormat
    signed: bool
    grouped: bool
    currency: str
    home: str  # the language of the headers


@cache
def roles() -> tuple[Role, ...]:
    content = tomllib.loads((resources.files("setoff.intake") / "headers.toml").read_text("utf-8"))
    return tuple(Role(name, role["values"], tuple(role["names"])) for name, role in content.items())


def guess_mapping(source: Source, language: Language) -> str:
    """The text of a mapping file for a table. Errors: those of reading it."""
    return written(propose(source), language)


def propose(source: Source) -> Proposal:
    columns = [name for name in table_columns(source, TableShape()) if name]
    rows = [row.cells for row in islice(table_rows(source, TableShape(), lambda _: None), SAMPLE_ROWS)]
    samples = {column: [value for row in rows if (value := row[column].strip())] for column in columns}
    found = _assigned(samples)
    used = [value for role in roles() if role.values == "number" and role.name in found for value in samples[found[role.name]]]
    formats = [_date_formats(samples[found[role.name]]) for role in roles() if role.values == "date" and role.name in found]
    numbers = _number_format(used) or NumberFormat()
    amounts = [value for role in ("amount", "quantity") if role in found for value in samples[found[role]]]
    keys = samples[found["number"]] if "number" in found else []
    home = _home(columns)
    currencies = samples[found["currency"]] if "currency" in found else []
    return Proposal(
        source.name,
        found,
        tuple(column for column in columns if column not in found.values()),
        tuple(dict.fromkeys(styles[0] for styles in formats if styles)),
        tuple(dict.fromkeys(style for styles in formats for style in styles[1:])),
        {role: _filters([row[found[role]] for row in rows]) for role in ("counterparty", "contract") if role in found},
        numbers,
        any(_is_number(value, numbers) and numbers.number(value, "") < 0 for value in amounts),
        len(set(keys)) < len(keys),
        next((value for value in currencies if re.fullmatch("[A-Z]{3}", value)), HOMES[home][1]),
        home,
    )


def _filters(values: Sequence[str]) -> str:
    """What makes a code of a cell: codes saved as decimals become whole, empty cells get a name."""
    given = [value for value in values if value]
    whole = "|whole" if given and all(re.fullmatch(r"\d+\.0+", value) for value in given) else ""
    return whole + ("|default:UNKNOWN" if len(given) < len(values) else "")


def _assigned(samples: dict[str, list[str]]) -> dict[str, str]:
    """Role -> column, by descending likeness."""
    looks = {column: _looks(values) for column, values in samples.items()}
    scored = [
        (_likeness(column, role), -place, -order, role.name, column)
        for (place, column), (order, role) in product(enumerate(samples), enumerate(roles()))
        if role.values == "text" or role.values in looks[column]
    ]
    found: dict[str, str] = {}
    for score, _, _, role, column in sorted(scored, reverse=True):
        if score >= GOOD_SCORE and role not in found and column not in found.values():
            found[role] = column
    return found


def _likeness(column: str, role: Role) -> float:
    """0..100: the best of the role's names. A name that is a part of the header counts less than an equal one."""
    header = _normal(column)
    best = 0.0
    for name in role.names:
        known = _normal(name)
        if header == known:
            return 100.0
        together = header.replace(" ", "") == known.replace(" ", "")
        score = 99.0 if together else max(fuzz.ratio(header, known), 0.92 * fuzz.token_set_ratio(header, known))
        if not header.isascii() and known in header and len(known) > 1:
            score = max(score, 86.0 + len(known) / len(header) * 10)
        best = max(best, score)
    return best


def _normal(header: str) -> str:
    return " ".join(_WORDS.findall(_CAMEL.sub(" ", header))).casefold().replace("ё", "е")


def _looks(values: Sequence[str]) -> set[str]:
    """What most values of a column are: dates, numbers. A column without values may be either."""
    if not values:
        return {"date", "number"}
    looks = set()
    if _date_formats(values):
        looks.add("date")
    if _number_format(values):
        looks.add("number")
    return looks


def _date_formats(values: Sequence[str]) -> tuple[str, ...]:
    """The formats that read the most values, of those that read most of them."""
    styles = [day + time for day, time in product(DATE_FORMATS, TIMES)]
    return tuple(_best(styles, values, _is_date))


def _best(styles: Sequence[Style], values: Sequence[str], reads: Callable[[str, Style], bool]) -> list[Style]:
    """A few bad cells do not hide what a column is."""
    distinct = sorted(set(values))
    counts = [sum(reads(value, style) for value in distinct) for style in styles]
    most = max(counts)
    return [style for style, count in zip(styles, counts, strict=True) if most >= GOOD_SHARE * len(distinct) and count == most > 0]


def _is_date(value: str, style: str) -> bool:
    try:
        datetime.strptime(value.split(".000")[0], style)  # noqa: DTZ007
    except ValueError:
        return False
    return True


def _number_format(values: Sequence[str]) -> NumberFormat | None:
    """The first format that reads the most values. A comma with three digits behind it everywhere groups thousands."""
    with_comma = [value for value in values if "," in value]
    grouping = bool(with_comma) and all(re.fullmatch(r"-?\d{1,3}(,\d{3})*", value) for value in with_comma)
    styles = [style for style in NUMBER_FORMATS if not (grouping and style.decimal == ",")]
    return next(iter(_best(styles, values, _is_number)), None) if values else NumberFormat()


def _is_number(value: str, style: NumberFormat) -> bool:
    try:
        style.number(value, "")
    except CellError:
        return False
    return True


def _home(columns: Sequence[str]) -> str:
    letters = "".join(columns)
    if re.search("[\u4e00-\u9fff]", letters):
        return "zh"
    return "ru" if re.search("[а-яА-Я]", letters) else "en"


def written(found: Proposal, language: Language) -> str:
    """The proposal as TOML with comments in a language."""
    chart = HOMES[found.home][0]
    fill = text(language, "guess-fill")
    lines = ["# " + text(language, "guess-title", file=found.file)]
    if found.unused:
        lines.append("# " + text(language, "guess-unused", columns=", ".join(found.unused)))
    for role, key in (("date", "guess-no-date"), ("amount", "guess-no-amount")):
        if role not in found.roles and not (role == "amount" and {"price", "debit", "credit"} & found.roles.keys()):
            lines.append("# " + text(language, key))
    lines += ["", "[values]"]
    note = "  # " + text(language, "guess-ambiguous-date", other=", ".join(found.other_dates)) if found.other_dates else ""
    if found.dates and found.dates != ("%Y-%m-%d",):
        lines.append(f"dates = {_quoted(list(found.dates))}{note}")
    if found.numbers.decimal != ".":
        lines.append(f"decimal = {_quoted(found.numbers.decimal)}")
    if found.numbers.thousands:
        lines.append(f"thousands = {_quoted(found.numbers.thousands)}")
    lines.append(f"currency = {_quoted(found.currency)}")
    lines += _record("organization", code="MAIN", name=f"MAIN ({fill})", chart=chart, book_currency=found.currency)
    lines += _record("unit", code="MAIN", organization="MAIN", name=f"MAIN ({fill})")
    party = _column(found, "counterparty", "UNKNOWN")
    lines += _record("counterparty", code=party, name=party, tax_id=_column(found, "tax_id", ""))
    contract = f"{party}/{_column(found, 'contract', 'MAIN')}"
    money = _column(found, "currency", found.currency)
    number = _column(found, "contract", party)
    lines += _record(
        "contract", code=contract, organization="MAIN", counterparty=party, number=number, currency=money, relation="buyer"
    )
    for document in _documents(found, party, contract):
        lines += document
    return "\n".join(lines) + "\n"


def _documents(found: Proposal, party: str, contract: str) -> list[list[str]]:
    """A sale a row (or a number), its return where amounts are negative, its payment where a date says it was paid."""
    number = _column(found, "number", "")
    common = {
        "unit": "MAIN", "number": number, "date": _column(found, "date", ""), "counterparty": party, "contract": contract,
    }  # fmt: skip
    group = {"group_by": number} if number and found.grouped else {}
    due = {"due": _column(found, "due", "")}
    if "debit" in found.roles and "credit" in found.roles:
        debit, credit = _column(found, "debit", ""), _column(found, "credit", "")
        return [
            _record("sale", when=f"{debit} > 0", key=_key("sale", number), **common, **due, lines=_line(found, debit)),
            _record("payment", when=f"{credit} > 0", key=_key("payment", number), kind="payment_from_customer", **common,
                    amount=credit, purpose=_column(found, "purpose", "")),
        ]
    amount = _amount(found)
    if "purpose" in found.roles and "price" not in found.roles:
        return [_record("payment", key=_key("payment", number), kind="payment_from_customer", **common, amount=amount,
                        purpose=_column(found, "purpose", ""))]
    positive = {"when": f"{amount.removeprefix('= ')} > 0"} if found.signed else {}
    documents = [_record("sale", **positive, **group, key=_key("sale", number), **common, **due, lines=_line(found, amount))]
    if found.signed:
        negative = f"{amount.removeprefix('= ')} < 0"
        documents.append(_record("sale_return", when=negative, **group, key=_key("return", number), **common,
                                 lines=_line(found, f"= -({amount.removeprefix('= ')})")))
    if "paid" in found.roles:
        paid = _column(found, "paid", "")
        total = f"= sum({amount.removeprefix('= ')})" if group else amount
        target = {"document": _key("sale", number), "amount": total} if number else None
        documents.append(_record("payment", when=f"{paid} != ''", **group, key=_key("payment", number), kind="payment_from_customer",
                                 **{**common, "date": paid}, amount=total, targets=target))
    return documents


def _amount(found: Proposal) -> str:
    if "amount" in found.roles or "price" not in found.roles:
        return _column(found, "amount", "")
    if "quantity" in found.roles:
        return f"= {_column(found, 'quantity', '')} * {_column(found, 'price', '')}"
    return _column(found, "price", "")


def _line(found: Proposal, amount: str) -> dict[str, str]:
    line = {"name": _column(found, "description", ""), "amount": amount, "vat": _column(found, "vat", "")}
    if found.signed:
        line.pop("vat")
    return {name: value for name, value in line.items() if value}


def _key(kind: str, number: str) -> str:
    return f"{kind}/{number}" if number else ""


def _column(found: Proposal, role: str, otherwise: str) -> str:
    column = found.roles.get(role)
    if not column or set(column) & set("{}|"):
        return otherwise
    return f"{{{column}{found.filters.get(role, '')}}}"


def _record(kind: str, /, **fields: str | dict[str, str] | None) -> list[str]:
    lines = ["", "[[record]]", f"type = {_quoted(kind)}"]
    for name, value in fields.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{key} = {_quoted(part)}" for key, part in value.items())
            lines.append(f"{name} = {{ {inner} }}")
        elif value:
            lines.append(f"{name} = {_quoted(value)}")
    return lines


def _quoted(value: str | list[str]) -> str:
    """A TOML string or list of strings: the escapes of JSON are those of TOML."""
    return json.dumps(value, ensure_ascii=False)
