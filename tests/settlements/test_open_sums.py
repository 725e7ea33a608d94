"""Sums of what is open: kept by triggers, the same as the lots say after every verb."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import msgspec
import psycopg

from setoff.books.audit import Actor
from setoff.parties.services import save_masters
from setoff.settlements import services
from setoff.settlements.both_ways import BothWaysWanted, both_ways
from setoff.settlements.bulk import import_documents
from setoff.settlements.checks import run_checks
from setoff.settlements.known import refold_all
from setoff.settlements.open_queries import (
    Place,
    Wanted,
    free_money,
    open_items,
    open_sums,
    open_total,
    owed_both_ways,
    owed_both_ways_totals,
)
from setoff.settlements.open_sums import rebuild_open_sums, sum_up_open_lots
from setoff.trade.documents import Line, Purchase
from setoff.trade.terms import WE_OWE_BY_NATURE
from tests import cast
from tests.settlements.test_services import books as books
from tests.settlements.test_services import payment, sale

Db = psycopg.Connection[Any]
ALWAYS = Wanted("receivable", "debt", "RUB", date.min, date.max)


def wrong(conn: Db) -> list[Any]:
    (result,) = run_checks(conn, ["C-OPEN"])
    return list(result.rows)


def test_relations_of_our_debts_are_those_of_the_rules(company: Db) -> None:
    relations = [relation for (relation,) in company.execute("select distinct relation from contract")]
    known = sorted({*relations, *WE_OWE_BY_NATURE, "customer", "packaging_given", "loan_given", ""})
    found = {name for name in known if company.execute("select is_owed_by_us(%s)", [name]).fetchone() == (True,)}
    assert found == set(WE_OWE_BY_NATURE)


def test_sums_are_those_of_the_lots_after_every_verb(books: Db, actor: Actor) -> None:
    chance = random.Random(4)
    for number in range(25):
        day, amount = f"2026-01-{chance.randrange(1, 29):02d}", f"{chance.randrange(1, 900)}.00"
        document = sale(f"s{chance.randrange(8)}", day, amount) if number % 2 else payment(f"p{chance.randrange(8)}", day, amount)
        services.post_document(books, document, actor)
        if number == 12:
            assert sum_up_open_lots(books)
    services.unpost_document(books, "p0" if books.execute("select 1 from document where key = 'p0'").fetchone() else "p1", actor)
    assert wrong(books) == []
    later = [sale(f"i{number}", "2026-01-03", "10.00") for number in range(30)]
    assert import_documents(books, lambda: enumerate(later), actor).created == 30
    assert wrong(books) == []
    assert sum_up_open_lots(books)
    assert books.execute("select count(*) from open_day where is_change").fetchone() == (0,)
    assert books.execute("select count(*) from open_party where is_change").fetchone() == (0,)
    assert books.execute("select count(*) from open_money where is_change").fetchone() == (0,)
    assert wrong(books) == []


def test_wrong_sums_are_rebuilt(books: Db, actor: Actor) -> None:
    services.post_document(books, sale("s", "2026-01-10", "100.00"), actor)
    books.execute("update open_day set amount = amount + 1")
    books.execute("delete from open_party")
    books.execute("delete from open_money")
    assert len(wrong(books)) == 5  # two contours of each, and one of management accounting alone
    refold_all(books, actor)
    assert wrong(books) == []
    rebuild_open_sums(books)
    assert wrong(books) == []


def test_items_are_read_a_page_at_a_time(books: Db, actor: Actor) -> None:
    """Several of one day, so that pages end within a day."""
    for number in range(11):
        services.post_document(books, sale(f"s{number}", f"2026-01-{10 + number // 4}", "10.00", contract="BUYER"), actor)
    assert open_total(books, ALWAYS) == (11, 11000)
    everything = open_items(books, ALWAYS, date(2026, 2, 1), limit=100)
    assert len(everything) == 11
    paged = open_items(books, ALWAYS, date(2026, 2, 1), limit=3)
    while len(paged) < 11:
        last = paged[-1]
        more = open_items(books, ALWAYS, date(2026, 2, 1), after=Place(last.day, last.document_id, last.line), limit=3)
        assert more, "the list ends early"
        paged += more
    assert paged == everything
    assert open_items(books, ALWAYS._replace(currency="CNY"), date(2026, 2, 1), limit=3) == []
    assert open_items(books, ALWAYS._replace(counterparty="VEGA"), date(2026, 2, 1), limit=100) == everything
    assert open_total(books, ALWAYS._replace(counterparty="VEGA")) == (11, 11000)
    assert sum(item.amount for item in open_sums(books, date(2026, 2, 1)) if item.side == "receivable") == 11000


def test_both_ways_needs_debts_of_both_sides(books: Db, actor: Actor) -> None:
    save_masters(books, [msgspec.structs.replace(cast.BUYER, code="METALL-BUYER", counterparty="METALL")], actor)
    metall = {"counterparty": "METALL", "contract": "METALL-BUYER"}
    services.post_document(books, sale("s", "2026-01-10", "100.00", **metall), actor)
    assert owed_both_ways(books, limit=10) == []
    lines = [Line(amount="30.00", vat_rate="20")]
    bought = Purchase(unit="MSK", key="b", date="2026-01-05", counterparty="METALL", contract="SUPPLIER", lines=lines)
    services.post_document(books, bought, actor)
    for _summed in range(2):
        (found,) = owed_both_ways(books, limit=10)
        assert (found.counterparty, found.they_owe, found.we_owe, found.amount) == ("METALL", 10000, 3000, 3000)
        assert found.since == date(2026, 1, 5)
        assert [tuple(total) for total in owed_both_ways_totals(books)] == [("RUB", 1, 3000)]
        assert sum_up_open_lots(books)
    assert owed_both_ways(books, limit=10, skipped=1) == []
    services.post_document(books, payment("p", "2026-01-20", "100.00", **metall), actor)
    assert owed_both_ways(books, limit=10) == []


BY_AGE = BothWaysWanted(date(2026, 2, 1), sort="age")
METALL = {"counterparty": "METALL", "contract": "METALL-BUYER"}


def bought(day: str) -> Purchase:
    lines = [Line(amount="30.00", vat_rate="20")]
    return Purchase(unit="MSK", key="b", date=day, counterparty="METALL", contract="SUPPLIER", lines=lines)


def since(conn: Db) -> list[date]:
    """As the list sorted by age says; Today says the same."""
    found = [row.since for row in both_ways(conn, BY_AGE, limit=10)]
    assert [row.since for row in owed_both_ways(conn, limit=10)] == found
    return found


def test_since_when_is_kept_and_follows_an_edit_of_the_day_alone(books: Db, actor: Actor) -> None:
    kept = "select since from open_party where contour = 'reg' and not is_change"
    save_masters(books, [msgspec.structs.replace(cast.BUYER, code="METALL-BUYER", counterparty="METALL")], actor)
    services.post_document(books, sale("s", "2026-01-10", "100.00", **METALL), actor)
    services.post_document(books, bought("2026-01-05"), actor)
    assert sum_up_open_lots(books)
    assert books.execute(kept).fetchall() == [(date(2026, 1, 5),)]
    assert since(books) == [date(2026, 1, 5)]
    services.post_document(books, bought("2026-01-08"), actor)  # the same amount: the sums stay, the day does not
    assert since(books) == [date(2026, 1, 8)]
    assert wrong(books) == []
    assert sum_up_open_lots(books)
    assert books.execute(kept).fetchall() == [(date(2026, 1, 8),)]
    assert both_ways(books, BY_AGE._replace(days=25), limit=10) == []  # the first of February is the 24th day
    assert len(both_ways(books, BY_AGE._replace(days=24), limit=10)) == 1
    books.execute("update open_party set since = '2026-01-02' where not is_change and contour = 'reg'")
    assert [(row.key, row.expected, row.actual) for row in wrong(books)] == [("reg METALL", "2026-01-08", "2026-01-02")]
    refold_all(books, actor)
    assert since(books) == [date(2026, 1, 8)]
    services.unpost_document(books, "s", actor)
    assert since(books) == []
    assert sum_up_open_lots(books)
    assert books.execute(kept).fetchall() == [(None,)]
    assert wrong(books) == []


def test_money_that_waits_beside_debts(books: Db, actor: Actor) -> None:
    manual = {"counterparty": "SIRIUS", "contract": "BUYER-MANUAL"}
    services.post_document(books, sale("s", "2026-01-10", "100.00", **manual), actor)
    assert free_money(books, limit=10) == []
    services.post_document(books, payment("p", "2026-01-20", "40.00", **manual), actor)
    services.post_document(books, payment("q", "2026-01-20", "500.00"), actor)  # of somebody who owes nothing
    for _summed in range(2):
        assert [tuple(row) for row in free_money(books, limit=10)] == [("MSK", "SIRIUS", "ООО «Сириус»", "buyer", "RUB", 10000, 4000)]
        assert wrong(books) == []
        assert sum_up_open_lots(books)
    services.post_document(books, payment("p", "2026-01-20", "40.00", ("s", "40.00"), **manual), actor)
    assert free_money(books, limit=10) == []  # 60.00 are open still, and no money
    assert wrong(books) == []
