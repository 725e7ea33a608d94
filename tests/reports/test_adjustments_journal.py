"""The journal of set-offs and adjustments: how notices stand, pages, what vanishes and what appears."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from setoff.books.scope import Scope
from setoff.books.services import close_period
from setoff.core.errors import DomainError
from setoff.reports.ask import ask
from setoff.reports.setoff_books import set_off_act
from setoff.setoffs.precheck import checked
from setoff.settlements import adjustment_queries
from setoff.settlements.adjustment_queries import Page, adjustment_lines
from setoff.settlements.document_queries import document_head
from setoff.settlements.notices import note_receipt
from setoff.settlements.services import mark_for_deletion, post_document, save_document
from setoff.trade.documents import PaymentTarget
from setoff.trade.kinds import REVERSIBLE
from setoff.trade.set_off_law import Effect
from tests.reports.story import ACTOR, payment
from tests.reports.test_setoff_books import THREE, Db, books, row

__all__ = ["books"]


def test_the_journal_tells_how_a_notice_stands(books: Db) -> None:
    """Prepared while it is a draft, sent when posted, received when that is noted, also after its month was closed. A
    draft has no receipt, and none is before the notice."""
    notice = msgspec.structs.replace(THREE, key="notice", number="N-1", one_sided=True)

    def told() -> list[tuple[str, date | None]]:
        found = ask(books, "adjustments", as_of="2025-12-31", options={})
        return [(row.notice, row.received) for section in found.sections for row in section.rows]

    save_document(books, notice, ACTOR)
    assert told() == [("prepared", None)]
    with pytest.raises(DomainError, match="invalid_value"):
        note_receipt(books, "notice", date(2025, 4, 10), ACTOR)
    posted = post_document(books, notice, ACTOR)
    assert told() == [("sent", None)]
    day = date(2025, 3, 31)
    with pytest.raises(DomainError, match="invalid_date"):
        note_receipt(books, "notice", day - timedelta(days=1), ACTOR)
    close_period(books, "MSK", day, ACTOR)
    assert [note_receipt(books, "notice", day + timedelta(days=9), ACTOR) for _ in range(2)] == [True, False]
    assert told() == [("received", day + timedelta(days=9))]
    assert checked(books, notice).effect == Effect("ru-capable", day)
    act = set_off_act(books, document_head(books, posted.document_id))
    assert (act.one_sided, act.effect.basis) == (True, "ru-capable")


def test_the_journal_comes_a_page_at_a_time_and_follows_the_books(books: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three drafts and a payment that names: pages of two, in the total order, by either way of finding payments. One that is marked for
    deletion vanishes, one that is made appears at once."""
    for number in range(3):
        save_document(books, msgspec.structs.replace(THREE, key=f"d{number}", number=f"D-{number}"), ACTOR)
    named = [PaymentTarget(document="sale/MSK/2025/S-2", amount="100.00")]
    post_document(books, payment("2025-04-02", "P-7", "150.00", targets=named), ACTOR)
    scope = Scope(tuple(unit for (unit,) in books.execute("select id from unit order by id")))

    def pages() -> list[list[str]]:
        found, after = [], None
        while True:
            lines = adjustment_lines(books, scope, None, date(2025, 12, 31), page=Page(3, after))
            found.append([line.number for line in lines[:2]])
            if len(lines) < 3:
                return found
            after = (lines[1].moment, lines[1].document_id)

    everything = [line.number for line in adjustment_lines(books, scope, None, date(2025, 12, 31))]
    assert sorted(everything) == ["D-0", "D-1", "D-2", "P-7"]
    assert pages() == [everything[:2], everything[2:]]
    monkeypatch.setattr(adjustment_queries, "FEW", 0)
    assert pages() == [everything[:2], everything[2:]]
    mark_for_deletion(books, "d1", ACTOR)
    save_document(books, msgspec.structs.replace(THREE, key="new", number="D-9"), ACTOR)
    assert sorted(number for page in pages() for number in page) == ["D-0", "D-2", "D-9", "P-7"]


def test_the_index_of_the_journal_knows_every_kind(books: Db) -> None:
    (predicate,) = books.execute("select pg_get_expr(indpred, indrelid) from pg_index where indexrelid = 'document_adjusting'::regclass")
    assert [kind for kind in REVERSIBLE if f"'{kind}'" not in predicate[0]] == []


def test_chinese_law_counts_from_the_receipt(books: Db) -> None:
    """HAIDA owes Shanghai 1 130.00 and is owed 565.00: a notice of 31 March works when it is received, on 9 April."""
    rows = [row("they_owe_us", "CN-BUYER", "HAIDA", "565.00"), row("we_owe_them", "CN-SUPPLIER", "HAIDA", "565.00")]
    notice = msgspec.structs.replace(THREE, unit="SHA", key="cn", number="N-2", rows=rows, signatories=[], linked=[], one_sided=True)
    posted = post_document(books, notice, ACTOR)
    assert checked(books, notice).effect == Effect("cn-receipt", None)
    note_receipt(books, "cn", date(2025, 4, 9), ACTOR)
    assert checked(books, notice).effect == Effect("cn-receipt", date(2025, 4, 9))
    assert set_off_act(books, document_head(books, posted.document_id)).effect == Effect("cn-receipt", date(2025, 4, 9))
