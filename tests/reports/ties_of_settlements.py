"""What the reports of settlements say, beside the lots (truth.py): every one in both contours, over a period, grouped in several ways."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from setoff.core.fact import Nature
from setoff.reports.contours import contour_totals
from setoff.reports.open_lots import open_lots_report
from setoff.reports.report import BUCKETS
from setoff.settlements.party_queries import LotFilter
from setoff.settlements.party_queries import open_lots as every_open_lot
from setoff.trade.terms import WE_OWE_BY_NATURE, debt_sign
from tests.reports.history import PARTIES
from tests.reports.truth import CLOSES, REVALUED, Asked, Lot, pages, rows_of, sums, totals_of

MONEY: Final = int(Nature.MONEY)
STATED: Final = ("opening", "increase", "decrease", "closing", "debt", "advance", "opening_book", "closing_book")


def parties(asked: Asked) -> list[str]:
    """All that ever had something, and one that had nothing."""
    return sorted({lot.party for lot in asked.truth.lots} | {PARTIES[0], "HAIDA"})


def net(lots: list[Lot], day: Any, names: tuple[str, ...]) -> dict[Any, int]:
    return sums(lots, names, lambda lot: lot.left(day))


def statement(asked: Asked) -> None:
    """Opening and closing are what the lots had, turnovers what the documents state; grouped in any way, and a page at a time, the same."""
    by_relation = None
    for group_by in ("counterparty", "unit,partner", "contract,object", "counterparty,contract,document"):
        report = asked.report("statement", since=asked.since, contour=asked.contour, group_by=group_by)
        rows = rows_of(report)
        assert all(row.opening + row.increase - row.decrease == row.closing for row in rows)
        assert all(row.closing == debt_sign(row.relation) * (row.debt - row.advance) for row in rows)
        found = [sums(rows, ("relation", "currency"), column) for column in STATED]
        assert found == [sums(totals_of(report), ("relation", "currency"), column) for column in STATED]
        assert by_relation in (None, found)
        by_relation = found
    by_party = rows_of(asked.report("statement", since=asked.since, contour=asked.contour, group_by="counterparty"))
    names, keys = ("party", "relation", "currency"), lambda row: (row.codes.counterparty, row.relation, row.currency)
    assert sums(by_party, keys, "closing") == net(asked.lots, asked.day, names)
    assert sums(by_party, keys, "opening") == net(asked.lots, asked.eve, names)
    assert sums(by_party, keys, "closing_book") == sums(asked.lots, names, lambda lot: lot.worth(asked.day))
    assert sums(by_party, keys, "opening_book") == sums(asked.lots, names, lambda lot: lot.worth(asked.eve))
    assert sums(by_party, keys, "debt") == sums([lot for lot in asked.lots if lot.is_debt], names, lambda lot: abs(lot.left(asked.day)))
    stated = [fact for fact in asked.truth.facts if fact.contour == asked.contour and asked.within(fact.day)]
    assert sums(by_party, keys, "increase") == sums(stated, names, lambda fact: max(fact.change, 0))
    assert sums(by_party, keys, "decrease") == sums(stated, names, lambda fact: max(-fact.change, 0))
    shown = pages(asked, "statement", 2, since=asked.since, contour=asked.contour, group_by="counterparty")
    assert [row for page in shown for row in rows_of(page)] == by_party
    assert all(sorted(totals_of(page)) == sorted(totals_of(shown[0])) for page in shown)
    whole = asked.report("statement", since=asked.since, contour=asked.contour, group_by="counterparty")
    assert sorted(total[-8:] for total in totals_of(shown[0])) == sorted(total[-8:] for total in totals_of(whole))


def card(asked: Asked) -> None:
    """Of each party: it begins and ends with what the lots had, goes through its facts, and every use stands below its fact."""
    for party in parties(asked):
        report = asked.report("card", since=asked.since, contour=asked.contour, counterparty=party)
        lots = [lot for lot in asked.lots if lot.party == party]
        names = ("relation", "currency", "book_currency")
        sections = [(section.heading.facts, section) for section in report.sections if section.heading]

        def by_section(place: int, field: str, found: Any = sections) -> dict[Any, int]:
            rows = [(facts, (section.opening[0] if place < 0 else section.totals[place]).row) for facts, section in found]
            named = lambda pair: (pair[0]["relation"], pair[1].currency, pair[1].book_currency)  # noqa: E731
            return sums(rows, named, lambda pair: getattr(pair[1], field))

        assert by_section(1, "balance") == net(lots, asked.day, names)
        assert by_section(-1, "balance") == net(lots, asked.eve, names)
        assert by_section(1, "book_balance") == sums(lots, names, lambda lot: lot.worth(asked.day))
        assert by_section(1, "debt") == sums([lot for lot in lots if lot.is_debt], names, lambda lot: abs(lot.left(asked.day)))
        assert by_section(1, "advance") == sums([lot for lot in lots if not lot.is_debt], names, lambda lot: abs(lot.left(asked.day)))
        stated = [fact for fact in asked.truth.facts if fact.contour == asked.contour and fact.party == party and asked.within(fact.day)]
        assert by_section(0, "increase") == sums(stated, names, lambda fact: max(fact.change, 0))
        assert by_section(0, "decrease") == sums(stated, names, lambda fact: max(-fact.change, 0))
        used = [(lot, use) for lot in lots for use in lot.uses if asked.within(use.day) and use.rule != REVALUED]
        rows = [row for row in rows_of(report) if row.level == 1]
        assert sums(rows, ("currency",), "allocated") == sums(used, lambda pair: (pair[0].currency,), lambda pair: pair[1].amount)
        for _, section in sections:
            first, turnover, last = section.opening[0].row, *(total.row for total in section.totals)
            assert first.balance + turnover.increase - turnover.decrease == last.balance
            assert first.book_balance + turnover.book == last.book_balance


def ageing(asked: Asked) -> None:
    """Debts by the days since they were due, advances beside them; by party, by document and a page at a time."""
    for side in ("receivable", "payable"):
        lots = [lot for lot in asked.open_lots if (lot.relation in WE_OWE_BY_NATURE) == (side == "payable")]
        report = asked.report("ageing", contour=asked.contour, side=side)
        rows, keys = rows_of(report), lambda row: (row.codes.counterparty, row.relation, row.currency)
        names = ("party", "relation", "currency")
        debts = [lot for lot in lots if lot.is_debt]
        assert sums(rows, keys, "total") == sums(debts, names, lambda lot: abs(lot.left(asked.day)))
        assert sums(rows, keys, "advance") == sums([lot for lot in lots if not lot.is_debt], names, lambda lot: abs(lot.left(asked.day)))
        for place, (first, last) in enumerate(pairwise((-(10**6), 1, *(bound + 1 for bound in BUCKETS), 10**6))):
            aged = [lot for lot in debts if first <= (asked.day - lot.counted_from).days < last]
            assert sums(rows, keys, lambda row, at=place: row.amounts[at]) == sums(aged, names, lambda lot: abs(lot.left(asked.day)))
        by_document = rows_of(asked.report("ageing", contour=asked.contour, side=side, group_by="document"))
        assert sums(by_document, lambda row: (row.document.key, row.currency), lambda row: row.total - row.advance) == sums(
            lots, ("key", "currency"), lambda lot: debt_sign(lot.relation) * lot.left(asked.day)
        )
        shown = pages(asked, "ageing", 2, contour=asked.contour, side=side)
        assert [row for page in shown for row in rows_of(page)] == rows


def open_lots(asked: Asked) -> None:
    """Every open lot once, of both sides and of each alone."""
    report = asked.report("open-lots", contour=asked.contour)
    rows = rows_of(report)
    named = Counter((row.document.kind != "", row.unit, row.relation, row.lot_kind, row.residual, row.currency, row.due) for row in rows)
    assert named == Counter(
        (True, lot.unit, lot.relation, "debt" if lot.is_debt else "advance", abs(lot.left(asked.day)), lot.currency, lot.due)
        for lot in asked.open_lots
    )
    assert sums(totals_of(report), ("currency",), "residual") == sums(rows, ("currency",), "residual")
    sides = [row for side in ("receivable", "payable") for row in rows_of(asked.report("open-lots", contour=asked.contour, side=side))]
    assert sorted(map(repr, sides)) == sorted(map(repr, rows))
    shown = pages(asked, "open-lots", 7, contour=asked.contour)
    assert [row for page in shown for row in rows_of(page)] == rows
    assert all(totals_of(page) == totals_of(report) for page in shown)
    for wanted in (LotFilter("payable"), LotFilter(relation="buyer", what="debt"), LotFilter(what="advance"), LotFilter(first=1, last=20)):
        whole = every_open_lot(asked.db, report.question.scope, asked.contour, asked.day, wanted=wanted, limit=10**6)
        first = open_lots_report(asked.db, report.question, wanted, None, rows_max=3)
        found, part = rows_of(first.report), first
        while part.following:
            part = open_lots_report(asked.db, report.question, wanted, part.following, rows_max=3)
            found += rows_of(part.report)
        assert [(row.document.key, row.residual, row.due) for row in found] == [(lot.key, abs(lot.residual), lot.due) for lot in whole]
        assert first.items == len(whole)
        assert sums(totals_of(first.report), ("currency",), "residual") == sums(found, ("currency",), "residual")


def act(asked: Asked) -> None:
    """An act of each party ends with what the lots had without loans; its lines are the documents, internal ones net or whole."""
    for party in parties(asked):
        lots = [lot for lot in asked.lots if lot.party == party and not lot.relation.startswith("loan")]
        stated = [
            fact for fact in asked.truth.facts
            if fact.contour == asked.contour and fact.party == party and asked.within(fact.day) and not fact.relation.startswith("loan")
        ]  # fmt: skip
        for options in ({}, {"group_by": "contract"}, {"show_internal": "yes"}):
            report = asked.report("reconciliation-act", since=asked.since, contour=asked.contour, counterparty=party, **options)
            balances: Counter[Any] = Counter()
            for section in report.sections:
                first, turnover, last = section.opening[0].row, *(total.row for total in section.totals)
                opening, turned, closing = (row.debit - row.credit for row in (first, turnover, last))
                assert opening + turned == closing
                assert section.heading is not None
                balances[section.heading.facts["organization"], last.currency] += closing
            assert {key: value for key, value in balances.items() if value} == net(lots, asked.day, ("organization", "currency"))
            lines = rows_of(report)
            assert sums(lines, lambda row: (row.document.key, row.currency), lambda row: row.debit - row.credit) == sums(
                stated, ("key", "currency"), "change"
            )
            if options.get("show_internal"):
                assert sums(lines, ("currency",), "debit") == sums(stated, ("currency",), lambda fact: max(fact.change, 0))


def applied(asked: Asked) -> None:
    """Every part of a debt that was closed: debts used, and advances that a supply used as it arose."""
    report = asked.report("applied-payments", since=asked.since, contour=asked.contour)
    closed = [
        (lot, use) for lot, use in asked.uses if use.rule != REVALUED and (lot.is_debt or use.nature in CLOSES)
    ]  # fmt: skip
    names = lambda row: (row.settlement_document.key, row.document.key, row.currency)  # noqa: E731
    expected = sums(
        closed, lambda pair: (*((pair[0].key, pair[1].key) if pair[0].is_debt else (pair[1].key, pair[0].key)), pair[0].currency),
        lambda pair: pair[1].amount,
    )  # fmt: skip
    assert sums(rows_of(report), names, "amount") == expected
    assert sums(totals_of(report), ("currency",), "amount") == sums(rows_of(report), ("currency",), "amount")
    shown = [row for page in pages(asked, "applied-payments", 5, since=asked.since, contour=asked.contour) for row in rows_of(page)]
    assert sorted(map(repr, shown)) == sorted(map(repr, rows_of(report)))


def exchange(asked: Asked) -> None:
    """Differences are what uses and revaluations gave; those of the regulated contour are the postings."""
    report = asked.report("exchange-differences", since=asked.since, contour=asked.contour)
    rows = rows_of(report)
    assert all(row.total == row.unrealised + row.realised for row in rows)
    for field, is_wanted in (("unrealised", True), ("realised", False)):
        given = [(lot, use) for lot, use in asked.uses if (use.rule == REVALUED) == is_wanted]
        expected = sums(given, lambda pair: (pair[0].book_currency,), lambda pair: pair[0].sign * (pair[1].own_book - pair[1].lot_book))
        assert sums(rows, ("book_currency",), field) == expected
        assert sums(totals_of(report), ("book_currency",), field) == expected
    shown = pages(asked, "exchange-differences", 4, since=asked.since, contour=asked.contour)
    assert [row for page in shown for row in rows_of(page)] == rows
    assert all(totals_of(page) == totals_of(report) for page in shown)
    if asked.contour == "reg":
        posted = [row for row in asked.truth.postings if row.kind in ("fx", "revaluation") and asked.within(row.day)]
        assert sums(rows, ("book_currency",), "total") == sums(
            posted, ("currency",), lambda row: row.amount if row.debit_settles else -row.amount
        )


def habits(asked: Asked) -> None:
    """What was paid of debts in two years: by money, and by advances that were there."""
    first = asked.day - timedelta(days=730)
    for party in parties(asked):
        rows = rows_of(asked.report("payment-habits", contour=asked.contour, counterparty=party))
        paid = [
            (lot, use) for lot in asked.lots for use in lot.uses
            if lot.party == party and first <= use.day <= asked.day and use.rule != REVALUED
            and ((use.nature == MONEY and lot.is_debt) or (use.nature == int(Nature.SUPPLY) and not lot.is_debt))
        ]  # fmt: skip
        expected = sums(
            paid, lambda pair: ("payable" if pair[0].relation in WE_OWE_BY_NATURE else "receivable", pair[0].currency),
            lambda pair: pair[1].amount,
        )  # fmt: skip
        for level in (0, 1):
            assert sums([row for row in rows if row.level == level], ("side", "currency"), "amount") == expected


def contours(asked: Asked) -> None:
    """Both contours as their statements have them; they differ by what was stated for one of them."""
    rows = rows_of(asked.report("contour-difference", all="yes"))
    for contour in ("reg", "mgmt"):
        lots = [lot for lot in asked.truth.lots if lot.contour == contour]
        assert sums(rows, ("unit", "relation", "currency"), contour) == net(lots, asked.day, ("unit", "relation", "currency"))
        debts = [lot for lot in lots if lot.is_debt]
        assert sums(rows, ("relation", "currency"), f"{contour}_debt") == sums(
            debts, ("relation", "currency"), lambda lot: abs(lot.left(asked.day))
        )
    assert all(row.unplanned == 0 and row.difference == row.planned for row in rows)
    differing = rows_of(asked.report("contour-difference"))
    assert [row for row in rows if row in differing] == differing
    assert all(row.mgmt == row.reg for row in rows if row not in differing)
    for shown in (pages(asked, "contour-difference", 2), pages(asked, "contour-difference", 2, all="yes")):
        whole = asked.report("contour-difference", None, **({"all": "yes"} if shown[0].question.everything else {}))
        assert [row for page in shown for row in rows_of(page)] == rows_of(whole)
        assert len(shown) > 1 or not shown[0].question.everything
        assert all(page.totals_apart and not totals_of(page) for page in shown) or len(shown) == 1
        assert totals_of(contour_totals(asked.db, shown[0].question)) == totals_of(whole)


TIES: Final = {
    "statement": statement, "card": card, "ageing": ageing, "open-lots": open_lots, "reconciliation-act": act, "applied-payments": applied,
    "exchange-differences": exchange, "payment-habits": habits, "contour-difference": contours,
}  # fmt: skip
