"""From what a person typed to a question: options checked against the report, codes resolved to ids.

Guard order: the report, its options, its required options, groups, days and numbers, then the codes in the database.
Errors: report_unknown, report_option_unused, report_option_missing, report_group_unknown, invalid_date, invalid_value,
invalid_rate, unknown_currency, unknown_reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal

from psycopg import Connection
from psycopg.rows import scalar_row

from setoff.books.ledger_queries import account_ids
from setoff.books.scope import Scope
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import LAST_DAY, end_of
from setoff.core.money import digits_of, parse_decimal
from setoff.language import Language
from setoff.language.zones import zone
from setoff.parties.expiring import WITHIN_DAYS
from setoff.reports.registry import definition_of
from setoff.reports.report import BUCKETS, Definition, Portion, Question, Report
from setoff.trade.kinds import KINDS

Options = Mapping[str, Sequence[str]]
"""What was typed, by option name ("from", "unit", "group-by" ...), each a list of values; what was not given is absent."""
PERCENT_MAX: Final = Decimal(100)
DAYS_MAX: Final = 3650


def ask(
    conn: Connection[Any], name: str, *, as_of: str, options: Options, language: Language = "en", portion: Portion | None = None
) -> Report:
    """The report's answer. "As known at" folds what was known then into tables of this connection alone."""
    definition = definition_of(name)
    question = replace(question_of(conn, definition, as_of=as_of, options=options, language=language), portion=portion)
    if question.known_at is None:
        return definition.build(conn, question)
    from setoff.settlements.known import shadow

    contours = {"books": ("reg",), "contours": ("reg", "mgmt")}.get(definition.reads, (question.contour,))
    only_open = definition.reads == "open lots"
    with shadow(conn, question.known_at, contours=contours, until=end_of(question.as_of), open_lots_only=only_open):
        return definition.build(conn, question)


def question_of(
    conn: Connection[Any], definition: Definition, *, as_of: str, options: Options, language: Language = "en"
) -> Question:
    """The question in ids, days and numbers. Days after the last that a document may have mean that one."""
    _check_options(definition, options)
    last = min(parse_day(as_of, "as-of"), LAST_DAY)
    since = min(parse_day(options["from"][0], "from"), LAST_DAY) if "from" in options else None
    if since is not None and since > last:
        raise DomainError(ErrorCode.INVALID_VALUE, field="from", value=options["from"][0])
    groups = _groups(definition, options)
    elsewhere = ("from", "contour", "known-at", "group-by", "theirs")
    shown = [(option, tuple(values)) for option, values in options.items() if option not in elsewhere]
    theirs = Path(options["theirs"][0]) if "theirs" in options else None
    if theirs:
        shown.append(("theirs", (theirs.name,)))
    if groups:
        shown.append(("group-by", groups))
    scope = _scope(conn, options)
    return Question(
        as_of=last,
        since=since,
        known_at=parse_instant(options["known-at"][0]) if "known-at" in options else None,
        scope=scope,
        contour=_contour(options),
        group_by=groups,
        kinds=tuple(_one_of("kind", value, definition.kinds or tuple(KINDS)) for value in options.get("kind", ())),
        statuses=tuple(_one_of("status", value, definition.statuses) for value in options.get("status", ())),
        side=_side(options),
        buckets=_buckets(options.get("buckets", ())),
        reserve=_percents(options.get("reserve", ())),
        show_internal="show-internal" in options,
        theirs=theirs,
        everything="all" in options,
        within=_days(options.get("within", ())),
        language=language,
        names=tuple(shown),
        organizations=_organizations(conn, scope.units),
        bank_accounts=tuple(options.get("bank-account", ())),
    )


def parse_day(value: str, field: str) -> date:
    """An ISO day. Errors: invalid_date."""
    try:
        if len(value) != 10:
            raise ValueError(value)
        return date.fromisoformat(value)
    except ValueError:
        raise DomainError(ErrorCode.INVALID_DATE, field=field, value=value) from None


def parse_instant(value: str) -> datetime:
    """An ISO instant, or a day, which means its end: what was known when the day was over. Without an offset it is
    one of the reader's time zone."""
    try:
        if len(value) == 10:
            return datetime.combine(date.fromisoformat(value), time.max, zone())
        found = datetime.fromisoformat(value)
    except ValueError:
        raise DomainError(ErrorCode.INVALID_DATE, field="known-at", value=value) from None
    return found if found.tzinfo else found.replace(tzinfo=zone())


def _check_options(definition: Definition, options: Options) -> None:
    known = sorted(definition.options | definition.common)
    for option in options:
        if option not in known:
            raise DomainError(
                ErrorCode.REPORT_OPTION_UNUSED, report=definition.name, option=f"--{option}",
                known=", ".join(f"--{name}" for name in known),
            )  # fmt: skip
    for names in definition.required:
        if not any(options.get(name) for name in names):
            missing = ", ".join(f"--{name}" for name in names)
            raise DomainError(ErrorCode.REPORT_OPTION_MISSING, report=definition.name, options=missing)


def _groups(definition: Definition, options: Options) -> tuple[str, ...]:
    if "group-by" not in options:
        return definition.by_default
    asked = _items(options["group-by"])
    for name in asked:
        if name not in definition.groups:
            raise DomainError(
                ErrorCode.REPORT_GROUP_UNKNOWN, report=definition.name, value=name, known=", ".join(definition.groups)
            )
    return tuple(name for name in definition.groups if name in asked)


def _items(values: Sequence[str]) -> list[str]:
    """ "a,b" and "a" "b" are the same list."""
    return [item.strip() for value in values for item in value.split(",") if item.strip()]


def _one_of(option: str, value: str, known: Sequence[str]) -> str:
    if value not in known:
        raise DomainError(ErrorCode.INVALID_VALUE, field=option, value=value, expected=", ".join(known))
    return value


def _contour(options: Options) -> Literal["reg", "mgmt"]:
    value = _one_of("contour", options["contour"][0], ("reg", "mgmt")) if "contour" in options else "reg"
    return "mgmt" if value == "mgmt" else "reg"


def _side(options: Options) -> Literal["receivable", "payable"]:
    value = _one_of("side", options["side"][0], ("receivable", "payable")) if "side" in options else "receivable"
    return "payable" if value == "payable" else "receivable"


def _buckets(values: Sequence[str]) -> tuple[int, ...]:
    """Ascending last days of the buckets but the last."""
    if not values:
        return BUCKETS
    found = _items(values)
    ascending = all(item.isascii() and item.isdigit() and 0 < int(item) < 100_000 for item in found)
    if not found or not ascending or any(int(a) >= int(b) for a, b in pairwise(found)):
        raise DomainError(ErrorCode.INVALID_VALUE, field="buckets", value=",".join(values), expected="30,60,90")
    return tuple(map(int, found))


def _days(values: Sequence[str]) -> int:
    if not values:
        return WITHIN_DAYS
    if not values[0].isascii() or not values[0].isdecimal() or int(values[0]) > DAYS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="within", value=values[0], expected=f"0..{DAYS_MAX}")
    return int(values[0])


def _percents(values: Sequence[str]) -> tuple[Decimal, ...]:
    found = tuple(parse_decimal(item, "reserve") for item in _items(values))
    if any(percent > PERCENT_MAX for percent in found):
        raise DomainError(ErrorCode.INVALID_VALUE, field="reserve", value=",".join(values), expected="0..100")
    return found


def _scope(conn: Connection[Any], options: Options) -> Scope:
    units = _units(conn, options)
    parties = _ids(conn, "counterparty", options.get("counterparty", ()))
    for partner in _ids(conn, "partner", options.get("partner", ())):
        members = conn.cursor(row_factory=scalar_row).execute("select id from counterparty where partner_id = %s", [partner])
        parties += tuple(members)
        # a partner without counterparties owes nothing: an id that no counterparty has
        parties = parties or (-1,)
    return Scope(
        units=units,
        counterparties=parties,
        contracts=_ids(conn, "contract", options.get("contract", ())),
        currencies=tuple(_currency(code) for code in options.get("currency", ())),
        accounts=_accounts(conn, units, "account", options),
        corresponding=_accounts(conn, units, "corresponding", options),
    )


def _accounts(conn: Connection[Any], units: tuple[int, ...], option: str, options: Options) -> tuple[int, ...]:
    """The accounts named, with their sub-accounts. Errors: unknown_reference."""
    accounts: tuple[int, ...] = ()
    for code in options.get(option, ()):
        found = account_ids(conn, units, code)
        if not found:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="account", value=code, field=option)
        accounts += found
    return tuple(dict.fromkeys(accounts))


def _currency(code: str) -> str:
    """Errors: unknown_currency."""
    digits_of(code)
    return code


def _units(conn: Connection[Any], options: Options) -> tuple[int, ...]:
    """The units named, or all of the organizations named, or all."""
    if options.get("unit"):
        return _ids(conn, "unit", options["unit"])
    cursor = conn.cursor(row_factory=scalar_row)
    if options.get("organization"):
        organizations = _ids(conn, "organization", options["organization"])
        cursor.execute("select id from unit where organization_id = any(%s) order by id", [list(organizations)])
    else:
        cursor.execute("select id from unit order by id")
    return tuple(cursor)


def _organizations(conn: Connection[Any], units: Sequence[int]) -> tuple[str, ...]:
    """Names of the organizations that the units belong to."""
    cursor = conn.cursor(row_factory=scalar_row).execute(
        "select name from organization where id in (select organization_id from unit where id = any(%s)) order by name", [list(units)]
    )
    return tuple(cursor)


_TABLES: Final = ("organization", "unit", "partner", "counterparty", "contract")


def _ids(conn: Connection[Any], table: str, codes: Sequence[str]) -> tuple[int, ...]:
    """Ids of codes. Errors: unknown_reference."""
    assert table in _TABLES
    if not codes:
        return ()
    found = dict(conn.execute(f"select code, id from {table} where code = any(%s)", [list(codes)]).fetchall())
    for code in codes:
        if code not in found:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind=table, value=code, field=table)
    return tuple(found[code] for code in codes)
