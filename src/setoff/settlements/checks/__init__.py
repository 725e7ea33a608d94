"""Control checks: laws that must hold between the tables, each a query that returns no row while it holds (spec 3).

A check is a file `CODE.sql`: a header (code, state, spec, find), the reason, one query with the columns unit_id, key, expected, actual,
difference, currency, document_id, moment. Queries take `unit_id` (null = all) and `until` (only rows before that moment). An
**error** is a broken law; a **list** shows data that a person should look at. Some checks are Python: the modules beside this one.
Texts for people: language/*/checks.ftl. Reference: docs/reference/checks.md

"Find first divergence": a check over cumulative sums tells only that two sides differ now. Bisection over `until` finds the first
day on which they do, then the first document of that day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.pq import TransactionStatus

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.moment import NEVER, day_of, end_of, start_of

FOLDER: Final = Path(__file__).parent
HEADER: Final = re.compile(
    r"-- code: (?P<code>\S+)\n-- state: (?P<state>error|list)\n-- spec: (?P<spec>[^\n]+)\n-- find: (?P<find>bisection|row|none)\n"
    r"(?P<reason>(?:-- [^\n]+\n)+)(?P<query>[^-].+)",
    re.DOTALL,
)
ROWS_SQL: Final = """
  select unit.code, found.key, found.expected::text, found.actual::text, found.difference, found.currency, document.key, document.kind,
         document.number, document.date, found.moment
  from ({query}) found
  left join unit on unit.id = found.unit_id
  left join document on document.unit_id = found.unit_id and document.id = found.document_id
  order by found.moment nulls last, unit.code, found.key"""
SPAN_SQL: Final = """
  select min(moment), max(moment) from (
    select moment from fact union all select moment from lot union all select moment from allocation union all
    select moment from posting) moments"""
DAY_SQL: Final = """
  select moment from (
    select moment from fact union select moment from lot union select moment from allocation union select moment from posting) moments
  where moment >= %s and moment < %s order by moment"""
AT_SQL: Final = """
  select document.key, document.kind, document.number, document.date from document
  where document.moment = %(moment)s or document.id = %(moment)s & ((1::bigint << 34) - 1)
  order by document.moment <> %(moment)s limit 1"""


class Row(NamedTuple):
    """Where a law is broken. With a currency, expected, actual and difference are minor units of it (expected and actual as text)."""

    unit: str
    key: str
    expected: str
    actual: str
    difference: int | None
    currency: str | None
    document: str | None
    kind: str | None
    number: str | None
    date: date | None
    moment: int | None


class Check(NamedTuple):
    """`state`: error or list. `find`: how the first divergence is found: bisection, row (the rows name their document), none.
    `is_whole`: one unit takes as long as all of them, so all are looked at once."""

    code: str
    state: str
    spec: str
    find: str
    reason: str
    query: str
    rows: Callable[[psycopg.Connection[Any], int | None], list[Row]] | None = None
    is_whole: bool = False

    @property
    def text_key(self) -> str:
        return "check-" + self.code.lower().replace(".", "-")


class Result(NamedTuple):
    check: Check
    rows: list[Row]


@cache
def all_checks() -> tuple[Check, ...]:
    """Every check in the order of its code."""
    from setoff.settlements.checks.adjusted import ADJUSTED_CHECKS
    from setoff.settlements.checks.advance_vat import ADVANCE_VAT_CHECKS
    from setoff.settlements.checks.branches import BRANCH_CHECKS
    from setoff.settlements.checks.headers import HEADER_CHECKS
    from setoff.settlements.checks.invoice_books import INVOICE_CHECKS
    from setoff.settlements.checks.items import ITEM_CHECKS
    from setoff.settlements.checks.loans import LOAN_CHECKS
    from setoff.settlements.checks.opened import OPENED_CHECKS
    from setoff.settlements.checks.orders import ORDER_CHECKS
    from setoff.settlements.checks.packaging import PACKAGING_CHECKS
    from setoff.settlements.checks.purposes import PURPOSE_CHECKS
    from setoff.settlements.checks.refolding import PYTHON_CHECKS
    from setoff.settlements.checks.revaluation import REVALUATION_CHECKS

    read = [read_check(path) for path in FOLDER.glob("*.sql")]
    further = (
        *ADJUSTED_CHECKS, *ADVANCE_VAT_CHECKS, *BRANCH_CHECKS, *HEADER_CHECKS, *INVOICE_CHECKS, *ITEM_CHECKS, *LOAN_CHECKS, *OPENED_CHECKS,
        *ORDER_CHECKS, *PACKAGING_CHECKS, *PURPOSE_CHECKS, *PYTHON_CHECKS, *REVALUATION_CHECKS,
    )  # fmt: skip
    return tuple(sorted([*read, *further], key=lambda check: natural(check.code)))


def read_check(path: Path) -> Check:
    match = HEADER.fullmatch(path.read_text(encoding="utf-8"))
    assert match is not None, f"{path.name} has no header of a check"
    reason = " ".join(line.removeprefix("-- ") for line in match["reason"].splitlines())
    return Check(match["code"], match["state"], match["spec"], match["find"], reason, match["query"])


def natural(code: str) -> list[tuple[int, str]]:
    """C-4.2.10 after C-4.2.9; letters before digits."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"\d+|\D+", code)]


def choose_checks(codes: Iterable[str]) -> list[Check]:
    """Checks by code, each with its list; all when no code is given. Errors: unknown_reference."""
    wanted = [code.upper() for code in codes]
    known = {check.code.upper().removesuffix(".LIST") for check in all_checks()} | {check.code.upper() for check in all_checks()}
    for code in wanted:
        if code not in known:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="check", value=code, field="code")
    return [
        check for check in all_checks() if not wanted or {check.code.upper(), check.code.upper().removesuffix(".LIST")} & set(wanted)
    ]


def run_checks(conn: psycopg.Connection[Any], codes: Sequence[str] = (), unit: str | None = None) -> list[Result]:
    """Every chosen check with its rows, of one unit (by code) or all. On a connection that is not in a transaction all of them see
    one snapshot."""
    is_alone = conn.info.transaction_status == TransactionStatus.IDLE
    with conn.transaction():
        if is_alone:
            conn.execute("set transaction isolation level repeatable read")
        conn.execute("set local work_mem = '64MB'")
        unit_id = id_of(conn, unit)
        return [Result(check, run_check(conn, check, unit_id)) for check in choose_checks(codes)]


def run_check(conn: psycopg.Connection[Any], check: Check, unit_id: int | None = None, until: int = NEVER) -> list[Row]:
    """Rows of one check; `until`: as if the books ended before that moment."""
    if check.rows is not None:
        return check.rows(conn, unit_id)
    found = conn.execute(ROWS_SQL.format(query=check.query), {"unit_id": unit_id, "until": until})
    return [Row._make(row) for row in found.fetchall()]


def first_divergence(conn: psycopg.Connection[Any], check: Check, row: Row) -> Row:
    """The row with the document where it first arose: day by bisection, then document by bisection within the day."""
    if check.find != "bisection" or row.document is not None:
        return row
    unit_id = id_of(conn, row.unit)
    span = conn.execute(SPAN_SQL).fetchone()
    if span is None or span[0] is None:
        return row

    def differs(until: int) -> bool:
        return any(found.key == row.key for found in run_check(conn, check, unit_id, until))

    first_day, last_day = day_of(span[0]).toordinal(), day_of(span[1]).toordinal()
    day = date.fromordinal(first_that(lambda ordinal: differs(end_of(date.fromordinal(ordinal))), first_day, last_day))
    moments = [found[0] for found in conn.execute(DAY_SQL, [start_of(day), end_of(day)])]
    if not moments:
        return row
    moment = moments[first_that(lambda place: differs(moments[place] + 1), 0, len(moments) - 1)]
    document = conn.execute(AT_SQL, {"moment": moment}).fetchone() or (None, None, None, None)
    then = [found for found in run_check(conn, check, unit_id, moment + 1) if found.key == row.key] or [row]
    return then[0]._replace(document=document[0], kind=document[1], number=document[2], date=document[3] or day, moment=moment)


def first_that(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The first number from `low` to `high` for which it holds; `high` when for none before it. What holds, holds from there on."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


def id_of(conn: psycopg.Connection[Any], unit: str | None) -> int | None:
    if unit is None:
        return None
    row = conn.execute("select id from unit where code = %s", [unit]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="unit", value=unit, field="unit")
    return int(row[0])
