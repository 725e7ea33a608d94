"""C-VAT: the account of VAT on advances, advance by advance (spec 3).

Expected is what the rules give for every advance from its lots and their uses: accrued less deducted, zero on an advance that is closed.
Actual is what stands on the account, whoever wrote it there. What is kept of what waits for a decision, or waited, is what the rules give
too. The list shows what waits.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import psycopg

from setoff.books.charts import account_id
from setoff.core.chart import Role
from setoff.core.moment import LAST_DAY
from setoff.settlements.advance_vat.queries import ABOUT_SQL, About, Told, pending_vat, told_until, vat_by_advance
from setoff.settlements.advance_vat.rows import waits_of_units
from setoff.settlements.advance_vat.terms import UnitVat, units_with_vat
from setoff.settlements.checks import Check, Row

ACCOUNTS: Final = ((Role.VAT_ON_ADVANCES_RECEIVED, True), (Role.VAT_ON_ADVANCES_PAID, False))
POSTED_SQL: Final = """
  select item, bool_or(is_vat), sum(amount)::bigint from (
    select item, kind = 'vat' as is_vat, amount from posting where unit_id = %(unit)s and debit_account_id = %(account)s
    union all
    select item, kind = 'vat', -amount from posting where unit_id = %(unit)s and credit_account_id = %(account)s) moved
  group by item"""


def account_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """Advances whose account differs from what their lots give. A posting by hand counts when it names an advance."""
    found = []
    for number, unit in chosen(conn, unit_id).items():
        told = told_until(conn, [number], LAST_DAY)
        for role, is_received in ACCOUNTS:
            found += differing(conn, number, unit, told, unit.chart.role(role), is_received=is_received)
        found += differing_waits(conn, number, unit, told)
    return found


def differing_waits(conn: psycopg.Connection[Any], unit_id: int, unit: UnitVat, told: Told) -> list[Row]:
    """Documents of which something else is kept as waiting, now or once, than their lots give."""
    expected = {(wait.document_id, wait.moment, wait.ended): wait.amount for wait in told.waits}
    actual = {(row.document_id, row.moment, row.ended): row.amount for row in waits_of_units(conn, [unit_id])}
    wrong = {name: (expected.get(name, 0), actual.get(name, 0)) for name in expected.keys() | actual.keys()}
    wrong = {name: sums for name, sums in wrong.items() if sums[0] != sums[1]}
    papers = {row[0]: About._make(row) for row in conn.execute(ABOUT_SQL, [sorted({name[0] for name in wrong})])} if wrong else {}
    return [
        Row(
            papers[name[0]].unit, papers[name[0]].key, str(given), str(kept), kept - given, unit.book_currency, papers[name[0]].key,
            papers[name[0]].kind, papers[name[0]].number, papers[name[0]].date, name[1],
        )
        for name, (given, kept) in sorted(wrong.items())
    ]  # fmt: skip


def differing(
    conn: psycopg.Connection[Any], unit_id: int, unit: UnitVat, told: Told, account: str, *, is_received: bool
) -> list[Row]:
    due = {f"{row.document.key}/{row.line}": row for row in vat_by_advance(told) if row.is_received == is_received}
    expected: dict[str, int] = defaultdict(int, {item: row.balance for item, row in due.items()})
    code = conn.execute("select code from unit where id = %s", [unit_id]).fetchone()
    posted = {"unit": unit_id, "account": account_id(unit.chart.name, account)}
    actual = {
        item: amount for item, is_vat, amount in conn.execute(POSTED_SQL, posted, prepare=False) if is_vat or item in due
    }
    names = {f"{about.key}/": about for about in told.papers.values()}
    rows = []
    for item in sorted(expected.keys() | actual.keys()):
        difference = actual.get(item, 0) - expected[item]
        if difference:
            about = due[item].document if item in due else names.get(item[: item.rindex("/") + 1])
            rows.append(
                Row(
                    code[0] if code else "", f"{account} {item}", str(expected[item]), str(actual.get(item, 0)), difference,
                    unit.book_currency, about.key if about else None, about.kind if about else None, about.number if about else None,
                    about.date if about else None, None,
                )
            )  # fmt: skip
    return rows


def pending_rows(conn: psycopg.Connection[Any], unit_id: int | None) -> list[Row]:
    """VAT of advances that waits for a decision."""
    told = told_until(conn, list(chosen(conn, unit_id)), LAST_DAY)
    return [
        Row(
            case.document.unit, f"{case.document.key} {case.advance.key}/{case.line}", "0", str(case.amount), case.amount,
            case.document.book_currency, case.document.key, case.document.kind, case.document.number, case.document.date, None,
        )
        for case in pending_vat(told)
    ]  # fmt: skip


def chosen(conn: psycopg.Connection[Any], unit_id: int | None) -> dict[int, UnitVat]:
    return {number: unit for number, unit in units_with_vat(conn).items() if unit_id in (None, number)}


ADVANCE_VAT_CHECKS: Final = (
    Check(
        "C-VAT", "error", "3, C-VAT; 2.8", "row",
        "VAT on advances: on its account stands, advance by advance, what was accrued less what was deducted, and nothing on a closed one; "
        "the sums of what waits are those of the advances.",
        "", account_rows,
    ),
    Check("C-VAT.list", "list", "3, C-VAT; 2.8", "row", "VAT of advances refunded or set off that waits for a decision.", "", pending_rows),
)  # fmt: skip
