"""The totals of all reports tie to each other, at any date, on the generator's documents of three organizations.

closing of the settlement accounts = closing of the statement = closing of the cards = debts and advances of the ageing = the lots.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from setoff.core.errors import DomainError
from setoff.demo.generate import records
from setoff.parties.records import Master
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.files import render_json
from setoff.reports.ledger import SIDES
from setoff.reports.report import Report
from setoff.settlements.bulk import import_documents
from setoff.settlements.services import unpost_document
from setoff.trade.documents import Document
from setoff.trade.terms import debt_sign
from tests.reports.story import ACTOR
from tests.told import BooksOf

DOCUMENTS = 300
Connection = psycopg.Connection[Any]
Asker = Callable[..., Report]


@pytest.fixture(params=[1, 2])
def books(books_of: BooksOf, request: pytest.FixtureRequest) -> Connection:
    return books_of(tell, request.param)


def tell(db: Connection, seed: int) -> None:
    """The generator's documents imported, then some unposted again."""
    found = list(records(DOCUMENTS, seed))
    save_masters(db, [record for record in found if isinstance(record, Master)], ACTOR)
    documents = [record for record in found if isinstance(record, Document)]
    assert import_documents(db, lambda: enumerate(documents), ACTOR).created == DOCUMENTS
    payments = [key for (key,) in db.execute("select key from document where kind = 'payment_from_customer' order by id")]
    for key in random.Random(seed).sample(payments, 8):
        with suppress(DomainError):  # a later refund needs the advance
            unpost_document(db, key, ACTOR, consent=True)
    assert db.execute("select count(*) from document where status = 'unposted'").fetchone() != (0,)


@pytest.fixture
def asked(books: Connection) -> Asker:
    def answer(name: str, as_of: date, **options: Any) -> Report:
        given = {key.strip("_").replace("_", "-"): value for key, value in options.items() if value}
        return ask(books, name, as_of=as_of.isoformat(), options=given)

    return answer


def days(books: Connection, number: int) -> list[date]:
    first, last = books.execute("select min(date), max(date) from document").fetchone() or (None, None)
    some = random.Random(7).sample(range((last - first).days), number - 1)
    return [*(first + timedelta(days=offset) for offset in some), last]


def rows_of(report: Report) -> list[Any]:
    return [row for section in report.sections for row in section.rows]


def sums(rows: list[Any], names: tuple[str, ...], amount: Callable[[Any], int]) -> dict[Any, int]:
    """Amounts by these fields, without the zeros."""
    found: Counter[Any] = Counter()
    for row in rows:
        found[tuple(getattr(row, name) for name in names)] += amount(row)
    return {key: value for key, value in found.items() if value}


def test_debit_equals_credit_in_every_pair_of_columns(books: Connection, asked: Asker) -> None:
    for day in days(books, 4):
        plain = asked("turnover-balance", day, from_=[(day - timedelta(days=45)).isoformat()])
        for group_by in ([], ["counterparty"], ["unit", "counterparty", "contract", "object"], ["document"]):
            found = asked("turnover-balance", day, from_=[(day - timedelta(days=45)).isoformat()], group_by=group_by)
            for total in found.sections[0].totals:
                amounts = [getattr(total.row, side) for side in SIDES]
                assert amounts[0::2] == amounts[1::2]
                assert amounts[4]
            of_account = [row for row in rows_of(found) if row.level == 0]
            for one, two in (SIDES[0:2], SIDES[2:4], SIDES[4:6]):
                net = difference(one, two)
                names = ("currency", "account", "account_name")
                assert sums(rows_of(plain), names, net) == sums(of_account, names, net)
            for side in ("turnover_debit", "turnover_credit"):
                assert sums(rows_of(plain), names, lambda row, name=side: getattr(row, name)) == sums(
                    of_account, names, lambda row, name=side: getattr(row, name)
                )


def test_an_opening_is_the_closing_of_the_day_before(books: Connection, asked: Asker) -> None:
    for day in days(books, 3):
        before = rows_of(asked("turnover-balance", day - timedelta(days=1)))
        after = rows_of(asked("turnover-balance", day + timedelta(days=40), from_=[day.isoformat()]))
        name = ("currency", "account", "account_name")
        closing = sums(before, name, lambda row: row.closing_debit - row.closing_credit)
        assert closing == sums(after, name, lambda row: row.opening_debit - row.opening_credit)


def test_ledger_statement_card_ageing_and_lots_tie(books: Connection, asked: Asker) -> None:
    settlement = {code for (code,) in books.execute("select code from account where is_settlement")}
    parties = [code for (code,) in books.execute("select code from counterparty")]
    for day in days(books, 3):
        statement = rows_of(asked("statement", day))
        ledger = [row for row in rows_of(asked("turnover-balance", day)) if row.account in settlement]
        in_books = sums(ledger, ("currency",), lambda row: row.closing_debit - row.closing_credit)
        assert in_books == sums(statement, ("book_currency",), lambda row: row.closing_book)
        by_party = sums(ledger_by_party(asked, day, settlement), ("currency", "counterparty"), lambda row: net_of(row))
        assert by_party == sums(statement, ("book_currency", "counterparty"), lambda row: row.closing_book)

        closing = sums(statement, ("counterparty", "relation", "currency"), lambda row: row.closing)
        cards = asked("card", day, counterparty=parties)
        balances: Counter[Any] = Counter()
        for section in cards.sections:
            name = section.heading.facts
            balances[name["counterparty"], name["relation"], name["currency"]] += section.totals[-1].row.balance
        assert {key: value for key, value in balances.items() if value} == closing

        ageing = [row for side in ("receivable", "payable") for row in rows_of(asked("ageing", day, side=[side]))]
        aged = sums(ageing, ("counterparty", "relation", "currency"), lambda row: debt_sign(row.relation) * (row.total - row.advance))
        assert aged == closing
        names = ("relation", "currency")
        assert sums(ageing, names, lambda row: row.total) == sums(statement, names, lambda row: row.debt)
        assert sums(ageing, names, lambda row: row.advance) == sums(statement, names, lambda row: row.advance)
    last = days(books, 1)[-1]
    lots = books.execute(
        """select k.currency, sum(residual)::bigint from lot join fold_key k on k.unit_id = lot.unit_id and k.id = lot.key_id
           where k.contour = 'reg' group by 1 having sum(residual) <> 0"""
    )
    closing = sums(rows_of(asked("statement", last)), ("currency",), lambda row: row.closing)
    assert {(currency,): amount for currency, amount in lots} == closing


def difference(one: str, two: str) -> Callable[[Any], int]:
    return lambda row: getattr(row, one) - getattr(row, two)


def ledger_by_party(asked: Asker, day: date, settlement: set[str]) -> list[Any]:
    rows = rows_of(asked("turnover-balance", day, group_by=["counterparty"]))
    return [row for row in rows if row.level == 1 and row.account in settlement]


def net_of(row: Any) -> int:
    return int(row.closing_debit - row.closing_credit)


@pytest.mark.parametrize("contour", ["reg", "mgmt"])
def test_a_statement_adds_up_whatever_it_is_grouped_by(books: Connection, asked: Asker, contour: str) -> None:
    for day in days(books, 3):
        since = [(day - timedelta(days=60)).isoformat()]
        by_key = None
        for group_by in (["counterparty"], ["unit", "partner"], ["contract", "object"], ["counterparty", "contract", "document"]):
            rows = rows_of(asked("statement", day, from_=since, contour=[contour], group_by=group_by))
            assert all(row.opening + row.increase - row.decrease == row.closing for row in rows)
            assert all(row.closing == debt_sign(row.relation) * (row.debt - row.advance) for row in rows)
            columns = ("opening", "increase", "decrease", "closing", "debt", "advance", "opening_book", "closing_book")
            found = [sums(rows, ("relation", "currency"), lambda row, name=column: getattr(row, name)) for column in columns]
            assert by_key in (None, found)
            by_key = found
        cards = asked("card", day, from_=since, contour=[contour], counterparty=all_parties(books))
        turnover = [total.row for section in cards.sections for total in section.totals if total.label == "turnover"]
        for place, column in ((1, "increase"), (2, "decrease")):
            assert sums(turnover, ("currency",), lambda row, name=column: getattr(row, name)) == merge(by_key[place])


def all_parties(books: Connection) -> list[str]:
    return [code for (code,) in books.execute("select code from counterparty")]


def merge(by_relation: Any) -> dict[Any, int]:
    found: Counter[Any] = Counter()
    for (_, currency), amount in by_relation.items():
        found[currency,] += amount
    return dict(found)


def test_acts_and_contours_tie_to_the_statement(books: Connection, asked: Asker) -> None:
    for day in days(books, 3):
        since = [(day - timedelta(days=90)).isoformat()]
        statement = rows_of(asked("statement", day, from_=since))
        in_acts = [row for row in statement if "loan" not in row.relation]
        owed = sums(in_acts, ("counterparty", "currency"), lambda row: row.closing)
        for group_by in ([], ["contract"]):
            found: Counter[Any] = Counter()
            acts = asked("reconciliation-act", day, from_=since, counterparty=all_parties(books), group_by=group_by)
            for section in acts.sections:
                opening, (turnover, closing) = section.opening[0].row, (total.row for total in section.totals)
                net = [row.debit - row.credit for row in (opening, turnover, closing)]
                assert net[0] + net[1] == net[2]
                found[section.heading.facts["counterparty"], closing.currency] += net[2]
            assert {key: value for key, value in found.items() if value} == owed
        for row in rows_of(asked("contour-difference", day, all=["yes"])):
            assert row.unplanned == 0
            assert row.reg_debt - row.reg_advance == debt_sign(row.relation) * row.reg


def test_as_known_now_every_report_says_the_same(books: Connection) -> None:
    (now,) = books.execute("select clock_timestamp()").fetchone() or (None,)
    day = days(books, 2)[0].isoformat()
    party = all_parties(books)[0]
    for name, options in REPORTS.items():
        given = {**options, **({"counterparty": [party]} if name in ("card", "reconciliation-act") else {})}
        report = ask(books, name, as_of=day, options=given)
        stored = render_json(report, "en")
        known = render_json(ask(books, name, as_of=day, options={**given, "known-at": [now.isoformat()]}), "en")
        assert known.replace(f'"{now.isoformat()}"', "null") == stored
        assert rows_of(report)


REPORTS: dict[str, dict[str, list[str]]] = {
    "turnover-balance": {"group-by": ["counterparty", "document"]},
    "account-analysis": {"account": ["62", "1122", "1100"]},
    "card": {},
    "statement": {"contour": ["mgmt"], "group-by": ["document"]},
    "ageing": {"group-by": ["document"]},
    "reconciliation-act": {},
    "applied-payments": {},
    "journal": {},
    "postings": {},
    "contour-difference": {"all": ["yes"]},
}
