"""The limitation period begins anew where the debtor signs an act of reconciliation, ten years from the due day at most."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.settlements.acts import NewAct, Signature, create_act, set_act_state
from setoff.settlements.doubtful import OF_TRADE
from setoff.settlements.limitation import limitations
from setoff.settlements.services import post_document
from setoff.trade.documents import AdjustmentRow, DebtAdjustment, Line, Sale
from setoff.trade.queries import load_directory
from setoff.trade.registry import References

Books = psycopg.Connection[Any]


def write_off(day: str) -> DebtAdjustment:
    row = AdjustmentRow(side="they_owe_us", counterparty="VEGA", contract="BUYER", amount="100", document="old")
    return DebtAdjustment(
        unit="MSK", date=day, key="lost", kind="write_off", rows=[row], account="91.02", item="bad debts", department="sales",
        analytics="Vega", reason="limitation", reason_document="Order 5",
    )  # fmt: skip


def first_end(books: Books, day: str) -> tuple[date, date, int] | None:
    unit = load_directory(books, References(frozenset(("MSK",)))).unit("MSK")
    found = limitations(books, unit, date.fromisoformat(day), ["VEGA"], OF_TRADE).get(("VEGA", "BUYER"))
    return found and (found.since, found.ends, found.act)


def sign(books: Books, actor: Actor, last_day: str, signed: str) -> int:
    act = create_act(books, NewAct("MSK", "VEGA", date.fromisoformat(last_day), contract="BUYER"), actor)
    set_act_state(books, act.id, "agreed", actor, signature=Signature("Petrov", date.fromisoformat(signed)))
    return act.id


def sold(books: Books, actor: Actor) -> Books:
    """100.00, due on 10 January 2025: three years end on 10 January 2028."""
    party = {"counterparty": "VEGA", "contract": "BUYER"}
    post_document(books, Sale(unit="MSK", date="2025-01-05", due="2025-01-10", key="old", lines=[Line(amount="100")], **party), actor)
    return books


def test_a_signed_act_begins_the_period_anew(company: Books, actor: Actor) -> None:
    sold(company, actor)
    assert first_end(company, "2025-01-10") is None  # not overdue
    assert first_end(company, "2025-02-28") == (date(2025, 1, 10), date(2028, 1, 10), 0)
    act = sign(company, actor, "2025-06-30", "2025-07-15")
    assert first_end(company, "2025-07-14") == (date(2025, 1, 10), date(2028, 1, 10), 0)  # not signed yet
    assert first_end(company, "2025-07-31") == (date(2025, 7, 15), date(2028, 7, 15), act)
    with pytest.raises(DomainError) as refused:
        post_document(company, write_off("2028-02-01"), actor)
    assert {name: refused.value.facts[name] for name in ("since", "ends", "act")} == {
        "since": date(2025, 7, 15), "ends": date(2028, 7, 15), "act": act,
    }  # fmt: skip
    assert post_document(company, write_off("2028-07-16"), actor).changed


def test_an_act_of_before_the_debt_says_nothing_of_it_and_ten_years_are_the_most(company: Books, actor: Actor) -> None:
    sold(company, actor)
    sign(company, actor, "2025-01-04", "2025-02-01")
    assert first_end(company, "2025-02-28") == (date(2025, 1, 10), date(2028, 1, 10), 0)
    last = sign(company, actor, "2034-12-31", "2034-12-31")
    assert first_end(company, "2035-01-31") == (date(2034, 12, 31), date(2035, 1, 10), last)
