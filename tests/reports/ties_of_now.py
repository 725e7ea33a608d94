"""What Today, its lists and a partner's page say of what is open now: sums that triggers keep, balances that a process keeps, pages."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any, Final

from setoff.books.scope import Scope
from setoff.settlements.both_ways import BothWaysWanted, both_ways
from setoff.settlements.open_queries import (
    START,
    Place,
    Wanted,
    free_money,
    open_items,
    open_sums,
    open_total,
    owed_both_ways,
    owed_both_ways_totals,
)
from setoff.settlements.party_balances import PartyBalance, all_party_balances, party_balances
from setoff.settlements.party_queries import BOUNDS, balance_steps, side_balances
from setoff.trade.terms import WE_OWE_BY_NATURE
from tests.reports.truth import Asked, Lot, sums

ALWAYS: Final = date.max


def side(lot: Lot) -> str:
    return "receivable" if lot.sign > 0 else "payable"


def left_now(lot: Lot) -> int:
    return abs(lot.left(ALWAYS))


def today(asked: Asked) -> None:
    """Every figure is the sum of the open lots of its side, and its list has them, a page at a time."""
    lots = [lot for lot in asked.lots if left_now(lot)]
    figures = open_sums(asked.db, asked.day, contour=asked.contour)
    kind = lambda lot: (side(lot), "debt" if lot.is_debt else "advance", lot.currency)  # noqa: E731
    assert sums(figures, ("side", "what", "currency"), "amount") == sums(lots, kind, left_now)
    assert sums(figures, ("side", "what", "currency"), "items") == sums(lots, kind, lambda lot: 1)
    late = [lot for lot in lots if lot.counted_from < asked.day]
    assert sums([row for row in figures if row.days == -1], ("side", "what", "currency"), "amount") == sums(late, kind, left_now)
    for group in {kind(lot) for lot in lots}:
        wanted = Wanted(group[0], group[1], group[2], date.min, date.max)
        of_group = [lot for lot in lots if kind(lot) == group]
        items = open_items(asked.db, wanted, asked.day, limit=3, contour=asked.contour, after=START)
        while True:
            last = items[-1]
            more = open_items(
                asked.db, wanted, asked.day, after=Place(last.day, last.document_id, last.line), limit=3, contour=asked.contour
            )
            if not more:
                break
            items += more
        assert Counter((item.key, item.day, item.residual) for item in items) == Counter(
            (lot.key, lot.counted_from, left_now(lot)) for lot in of_group
        )
        assert open_total(asked.db, wanted, contour=asked.contour) == (len(of_group), sum(map(left_now, of_group)))


def both_sides(asked: Asked) -> None:
    """Who owes and is owed, by unit, party and currency, and since when."""
    debts = [lot for lot in asked.lots if left_now(lot) and lot.is_debt]
    names = ("unit", "party", "currency")
    they, we = (sums([lot for lot in debts if lot.sign == sign], names, left_now) for sign in (1, -1))
    found = owed_both_ways(asked.db, limit=1000, contour=asked.contour)
    assert {(row.unit, row.counterparty, row.currency): (row.they_owe, row.we_owe) for row in found} == {
        key: (they[key], we[key]) for key in they.keys() & we.keys()
    }
    for row in found:
        own = [lot for lot in debts if (lot.unit, lot.party, lot.currency) == (row.unit, row.counterparty, row.currency)]
        assert row.since == min(lot.counted_from for lot in own)
    assert {(row.currency, row.parties, row.amount) for row in owed_both_ways_totals(asked.db, contour=asked.contour)} == {
        (currency, len(rows), sum(row.amount for row in rows))
        for currency in {row.currency for row in found}
        if (rows := [row for row in found if row.currency == currency])
    }
    if asked.contour == "reg":
        listed = both_ways(asked.db, BothWaysWanted(asked.day), limit=1000)
        assert {(row.unit, row.counterparty, row.currency, row.since) for row in listed} == {
            (row.unit, row.counterparty, row.currency, row.since) for row in found
        }


def waiting_money(asked: Asked) -> None:
    """Where money waits beside debts, in management accounting."""
    lots = [lot for lot in asked.truth.lots if lot.contour == "mgmt" and left_now(lot)]
    names = ("unit", "party", "relation", "currency")
    debts, money = (sums([lot for lot in lots if lot.is_debt == is_debt], names, left_now) for is_debt in (True, False))
    found = free_money(asked.db, limit=1000)
    assert {(row.unit, row.counterparty, row.relation, row.currency): (row.debts, row.money) for row in found} == {
        key: (debts[key], money[key]) for key in debts.keys() & money.keys()
    }


def partners(asked: Asked) -> None:
    """Both sides of every party on a day, by age; kept in the process or read now, by contract or whole."""
    units = tuple(sorted({lot.unit_id for lot in asked.truth.lots}))
    codes = dict(asked.db.execute("select id, code from counterparty").fetchall())
    read = {(row.counterparty_id, row.currency): row for row in party_balances(asked.db, Scope(units), asked.contour, asked.day)}
    kept = dict(all_party_balances(asked.db, units, asked.contour, asked.day))
    assert read == kept
    rows = [(codes[party], currency, row) for (party, currency), row in read.items()]
    lots = asked.open_lots

    def told(amount: Any) -> dict[Any, int]:
        return sums(rows, lambda item: item[:2], lambda item: amount(item[2]))

    def held(is_payable: bool, is_debt: bool, chosen: Any = lambda lot: True) -> dict[Any, int]:
        found = [lot for lot in lots if (lot.relation in WE_OWE_BY_NATURE) == is_payable and lot.is_debt == is_debt and chosen(lot)]
        return sums(found, ("party", "currency"), lambda lot: abs(lot.left(asked.day)))

    assert told(lambda row: row.they_owe) == held(False, True)
    assert told(lambda row: row.we_owe) == held(True, True)
    assert told(lambda row: row.advance_received) == held(False, False)
    assert told(lambda row: row.advance_paid) == held(True, False)
    assert told(PartyBalance.net.fget) == sums(lots, ("party", "currency"), lambda lot: lot.left(asked.day))
    for place, (first, last) in enumerate(pairwise((-(10**6), 1, *(bound + 1 for bound in BOUNDS), 10**6))):
        aged = lambda lot, low=first, high=last: low <= (asked.day - lot.counted_from).days < high  # noqa: E731
        assert told(lambda row, at=place: row.receivable[at]) == held(False, True, aged)
        assert told(lambda row, at=place: row.payable[at]) == held(True, True, aged)
    by_contract = side_balances(asked.db, Scope(units), asked.contour, asked.day, by_contract=True)
    assert sums(by_contract, lambda row: (codes[row.counterparty_id], row.currency), lambda row: sum(row.debts)) == sums(
        [lot for lot in lots if lot.is_debt], ("party", "currency"), lambda lot: abs(lot.left(asked.day))
    )


def steps(asked: Asked) -> None:
    """The line of balances on a party's page ends with what the lots have."""
    ids = {code: number for number, code in asked.db.execute("select id, code from counterparty")}
    units = tuple(sorted({lot.unit_id for lot in asked.truth.lots}))
    for party in sorted({lot.party for lot in asked.lots}):
        found = balance_steps(asked.db, Scope(units, counterparties=(ids[party],)), asked.contour, asked.day)
        last = {row.currency: row.balance for row in found}
        held = sums([lot for lot in asked.lots if lot.party == party], lambda lot: lot.currency, lambda lot: lot.left(asked.day))
        assert {currency: balance for currency, balance in last.items() if balance} == held


TIES: Final = {
    "today": today, "both ways": both_sides, "money that waits": waiting_money, "partners": partners, "steps of a balance": steps,
}  # fmt: skip
