"""The list of documents: what a filter lets through, page by page in both directions, its totals, the sums kept beside it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.access.entry import enter, leave
from setoff.access.queries import rights_of
from setoff.books.audit import Actor
from setoff.settlements import document_words
from setoff.settlements.checks import run_checks
from setoff.settlements.document_counts import rebuild_document_counts, sum_up_document_counts
from setoff.settlements.document_list import (
    DocumentFilter,
    Place,
    Sort,
    all_documents,
    document_totals,
    documents_page,
    resolved,
)
from setoff.settlements.services import mark_for_deletion, post_document, save_document, unpost_document
from tests.access.people import add_user
from tests.reports import story
from tests.reports.story import payment, sale
from tests.told import BooksOf

Books = psycopg.Connection[Any]
ALL = [document.number for document in sorted(story.DOCUMENTS, key=lambda document: document.date)]


@pytest.fixture
def told(books_of: BooksOf) -> Books:
    return books_of(story.tell)


def units(conn: Books, *codes: str) -> tuple[int, ...]:
    return tuple(row[0] for row in conn.execute("select id from unit where code = any(%s) order by id", [list(codes or ("MSK",))]))


def numbers(rows: Any) -> list[str]:
    return [row.number for row in rows]


def walk(conn: Books, wanted: DocumentFilter, sort: Sort, limit: int) -> list[str]:
    """Every page forwards, each compared with what going back from its successor shows."""
    seen: list[str] = []
    after: Place | None = None
    previous: list[str] = []
    while True:
        page = documents_page(conn, wanted, sort, after=after, limit=limit)
        assert page.has_before == (after is not None)
        if previous:
            first = page.rows[0]
            back = documents_page(
                conn, wanted, sort, before=Place(first.moment if sort.order == "date" else first.total, first.id), limit=limit
            )
            assert numbers(back.rows) == previous and back.has_after
        seen += numbers(page.rows)
        previous = numbers(page.rows)
        if not page.has_after:
            return seen
        last = page.rows[-1]
        after = Place(last.moment if sort.order == "date" else last.total, last.id)


@pytest.mark.parametrize("limit", [1, 3, 4, 50])
def test_pages_go_through_everything_in_order_and_back(told: Books, limit: int) -> None:
    wanted = DocumentFilter(units(told))
    assert walk(told, wanted, Sort("date", descending=True), limit) == ALL[::-1]
    assert walk(told, wanted, Sort("date", descending=False), limit) == ALL
    by_amount = [row.number for row in sorted(everything(told, wanted), key=lambda row: (row.total, row.id))]
    assert walk(told, wanted, Sort("amount", descending=False), limit) == by_amount
    assert walk(told, wanted, Sort("amount", descending=True), limit) == by_amount[::-1]


def everything(conn: Books, wanted: DocumentFilter) -> list[Any]:
    with conn.transaction():
        return list(all_documents(conn, wanted))


def id_of(conn: Books, table: str, code: str) -> int:
    row = conn.execute(f"select id from {table} where code = %s", [code]).fetchone()
    assert row is not None
    return int(row[0])


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"since": date(2025, 2, 15), "until": date(2025, 2, 25)}, ["P-2", "U-1", "R-1"]),
    ({"kinds": ("sale",)}, ["S-1", "S-2", "E-1", "M-1"]),
    ({"kinds": ("sale",), "currencies": ("EUR",)}, ["E-1"]),
    ({"states": ("draft",)}, []),
    ({"amount_from": Decimal("1000"), "amount_to": Decimal("1200")}, ["S-1", "P-2", "E-1"]),
    ({"authors": ("tester",), "kinds": ("purchase",)}, ["U-1"]),
    ({"authors": ("nobody",)}, []),
    ({"text": "P-"}, ["P-1", "P-2", "P-3", "P-4"]),
    ({"text": "sale/MSK/2025/S-2"}, ["S-2"]),
    ({"text": "-2"}, []),
]


@pytest.mark.parametrize(("fields", "expected"), FILTERS, ids=lambda value: str(value)[:40])
def test_a_filter_lets_through_what_it_says(told: Books, fields: dict[str, Any], expected: list[str]) -> None:
    wanted = DocumentFilter(units(told), **fields)
    assert walk(told, wanted, Sort("date", descending=False), 2) == expected
    totals = document_totals(told, wanted)
    assert sum(total.documents for total in totals) == len(expected)
    rows = everything(told, wanted)
    assert {(t.currency, t.total) for t in totals} == {
        (currency, sum(row.total for row in rows if row.currency == currency)) for currency in {row.currency for row in rows}
    }


def test_a_party_is_found_in_headers_and_in_rows(told: Books) -> None:
    from setoff.trade.documents import ManualEntry, ManualRow, Side

    entry = ManualEntry(
        unit="MSK", date="2025-03-20", number="H-1",
        rows=[ManualRow(debit=Side(account="91.02"), credit=Side(counterparty="METALL", contract="SUPPLIER"), amount="10.00")],
    )  # fmt: skip
    post_document(told, entry, Actor("tester", "test"))
    wanted = DocumentFilter(units(told), counterparties=(id_of(told, "counterparty", "METALL"),))
    assert walk(told, wanted, Sort("date", descending=False), 2) == ["U-1", "R-1", "H-1"]
    wanted = DocumentFilter(units(told), contracts=(id_of(told, "contract", "SUPPLIER"),))
    assert walk(told, wanted, Sort("date", descending=False), 50) == ["U-1", "R-1", "H-1"]


def test_other_units_are_not_there(told: Books) -> None:
    assert walk(told, DocumentFilter(units(told, "SPB")), Sort(), 50) == []
    post_document(told, msgspec.structs.replace(sale("2025-03-15", "B-1", "5.00"), unit="SPB", contract="BUYER"), Actor("tester", "test"))
    both = DocumentFilter(units(told, "MSK", "SPB"))
    assert walk(told, both, Sort("date", descending=False), 3) == [*ALL[:-1], "M-1", "B-1"]


def test_the_kept_sums_follow_every_verb(told: Books, actor: Actor) -> None:
    wanted = DocumentFilter(units(told))

    def counted() -> list[tuple[str, int, int]]:
        rows = everything(told, wanted)
        return sorted(
            (currency, sum(1 for row in rows if row.currency == currency), sum(row.total for row in rows if row.currency == currency))
            for currency in {row.currency for row in rows}
        )

    save_document(told, sale("2025-03-16", "D-1", "7.00"), actor)
    assert [tuple(total) for total in document_totals(told, wanted)] == counted()
    unpost_document(told, "sale/MSK/2025/M-1", actor)
    mark_for_deletion(told, "sale/MSK/2025/M-1", actor)
    post_document(told, payment("2025-03-13", "P-4", "400.00", key="payment_from_customer/MSK/2025/P-4"), actor)
    assert [tuple(total) for total in document_totals(told, wanted)] == counted()
    assert numbers(documents_page(told, DocumentFilter(units(told), states=("marked",))).rows) == ["M-1"]
    assert sum_up_document_counts(told)
    assert [tuple(total) for total in document_totals(told, wanted)] == counted()
    changes = told.execute("select count(*) from document_count where is_change").fetchone()
    assert changes == (0,)
    assert [result.rows for result in run_checks(told, ["C-DOCUMENTS"])] == [[]]
    assert rebuild_document_counts(told) == 0


def test_wrong_sums_are_found_and_mended(told: Books) -> None:
    told.execute("update document_count set total = total + 1 where kind = 'sale' and date = '2025-01-10'")
    (result,) = run_checks(told, ["C-DOCUMENTS"])
    assert [(row.unit, row.key, row.difference, row.currency) for row in result.rows] == [("MSK", "2025-01-10 sale posted", 1, "RUB")]
    assert rebuild_document_counts(told) > 0
    assert [result.rows for result in run_checks(told, ["C-DOCUMENTS"])] == [[]]


SAID = {
    "аванс": ["C-1", "C-2"], "МАРТ аванс": ["C-1"], "ав": ["C-1", "C-2"], "ванс": [], "货款": ["C-3"], "款货": [], "acme's": ["C-2"],
    "'; drop --": [], "C-": ["C-1", "C-2", "C-3"], "март 货款": [],
}  # fmt: skip


def test_documents_are_found_by_words_of_their_comments(told: Books, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few by the index, many one by one: the same documents."""
    comments = {"C-1": "Аванс за март", "C-2": "аванс для Acme's, вторая часть", "C-3": "三月份货款已付"}
    for number, comment in comments.items():
        post_document(told, sale("2025-03-20", number, "5.00", comment=comment), actor)
    for most in (100, 0):
        monkeypatch.setattr(document_words, "COMMENTED_MAX", most)
        monkeypatch.setattr(document_words, "NUMBERED_MAX", most)
        for said, expected in SAID.items():
            wanted = DocumentFilter(units(told), text=said)
            assert (said, walk(told, wanted, Sort("date", descending=False), 2)) == (said, expected)
            assert sum(total.documents for total in document_totals(told, wanted)) == len(expected)
    post_document(told, sale("2025-03-20", "C-1", "5.00", comment="возврат"), actor)
    assert walk(told, DocumentFilter(units(told), text="март"), Sort(), 2) == []


def test_words_of_many_of_the_newest_are_not_looked_for_in_the_index(told: Books, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, comment in {"C-1": "аванс", "C-2": "аванс", "C-3": "прочее"}.items():
        post_document(told, sale("2025-03-20", number, "5.00", comment=comment), actor)
    monkeypatch.setattr(document_words, "COMMENTED_MAX", 2)
    assert resolved(told, DocumentFilter(units(told), text="аванс")).is_of_many is False  # two, and no sample of a thousand
    monkeypatch.setattr(document_words, "SAMPLE", 3)
    assert resolved(told, DocumentFilter(units(told), text="аванс")).is_of_many is True
    assert resolved(told, DocumentFilter(units(told), text="нет такого")).is_of_many is False
    assert walk(told, DocumentFilter(units(told), text="аванс"), Sort("date", descending=False), 2) == ["C-1", "C-2"]


def test_comments_of_other_units_are_not_found(told: Books, actor: Actor) -> None:
    post_document(told, sale("2025-03-20", "C-1", "5.00", comment="тайна"), actor)
    enter(told, rights_of(told, add_user(told, "elsewhere", SPB="accountant")))
    query = "select documents_commented('тайна'::tsquery, '{}', array(select generate_series(1, 100)), '{}', %s, %s, 10)"
    assert told.execute(query, [-(1 << 63), (1 << 63) - 1]).fetchall() == []
    leave(told)
    assert len(told.execute(query, [-(1 << 63), (1 << 63) - 1]).fetchall()) == 1
