"""Head office and one branch of a budget institution, and postings written past every rule, as raw SQL or a foreign import could."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import psycopg

from setoff.books.audit import Actor
from setoff.books.charts import account_id
from setoff.parties.records import Organization, Unit
from setoff.parties.services import save_masters
from setoff.settlements.services import post_document
from setoff.trade.documents import ManualEntry, ManualRow, Side

ACTOR: Final = Actor("tester", "test")
INSTITUTE: Final = Organization(code="INST", name="ФГБОУ «Институт»", chart="ru-budget", book_currency="RUB", language="ru")
HEAD: Final = Unit(code="HO", organization="INST", name="Головная организация")
BRANCH: Final = Unit(code="BR", organization="INST", name="Филиал", kind="branch", head_office="HO")
UNITS: Final = (INSTITUTE, HEAD, BRANCH)

Row = tuple[str, str, str, str, int]
"""Day, unit, debit, credit, roubles."""

SCHEME_1: Final[tuple[Row, ...]] = (
    ("2011-01-31", "HO", "20531", "40110", 590_000), ("2011-01-31", "BR", "20531", "40110", 118_000),  # 1.1
    ("2011-02-01", "HO", "40110", "30304", 90_000), ("2011-02-01", "HO", "30404", "30304", 18_000),  # 1.2
    ("2011-02-01", "BR", "40110", "30404", 18_000),
    ("2011-02-10", "HO", "20111", "20531", 590_000), ("2011-02-10", "BR", "20111", "20531", 118_000),  # 1.3
    ("2011-02-15", "HO", "30404", "40110", 40_000), ("2011-02-15", "BR", "40110", "30404", 40_000),  # 1.5
    ("2011-03-20", "HO", "30304", "20111", 108_000), ("2011-03-20", "HO", "20111", "30404", 18_000),  # 1.4
    ("2011-03-20", "BR", "30404", "20111", 18_000),
    ("2011-03-25", "HO", "20111", "30404", 40_000), ("2011-03-25", "BR", "30404", "20111", 40_000),  # 1.6
)  # fmt: skip
"""Spec 2.13, operations 1.1 to 1.6: transfer of a part of income."""


def plant(conn: psycopg.Connection[Any], rows: tuple[Row, ...]) -> list[str]:
    """Each row stands in the books of its unit, under an entry of its own that states nothing. Their keys."""
    keys = []
    for day, unit, debit, credit, roubles in rows:
        said = ManualRow(amount="1", debit=Side(account="40120"), credit=Side(account="20134"))
        outcome = post_document(conn, ManualEntry(unit=unit, date=day, contours=("mgmt",), rows=[said]), ACTOR)
        keys.append(outcome.key)
        ids = [account_id("ru-budget", code) for code in (debit, credit)]
        with conn.transaction():
            conn.execute("set local session_replication_role = replica")
            conn.execute(
                "insert into posting"
                " (unit_id, document_id, line, moment, kind, debit_account_id, credit_account_id, amount, vat_rate, item)"
                " select unit_id, id, 1, moment, 'entry', %s, %s, %s, '', '' from document where key = %s",
                [*ids, roubles * 100, outcome.key],
            )
            month = date.fromisoformat(day).replace(day=1)
            conn.execute(
                "insert into turnover select id, %s, %s, %s, %s from unit where code = %s", [month, *ids, roubles * 100, unit]
            )
    return keys


def institute(db: psycopg.Connection[Any]) -> None:
    save_masters(db, UNITS, ACTOR)
    plant(db, SCHEME_1)
