"""Reversals in files, in the order of the file; reversals of advance offsets."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.core.errors import DomainError
from setoff.settlements.bulk import import_documents
from setoff.settlements.known import compare_with_refold
from setoff.settlements.services import post_document
from setoff.trade.documents import AdjustmentRow, AdvanceOffset, AnyDocument, DebtAdjustment, Line, Payment, Purchase, Sale

Books = psycopg.Connection[Any]
LOTS_SQL: Final = """
  select document.key, sum(lot.residual)::int8 from lot join document on document.id = lot.document_id
  join fold_key on fold_key.id = lot.key_id where fold_key.contour = %s and lot.residual <> 0
  group by 1, sign(lot.residual) order by 1, 2"""
OFFSETS_SQL: Final = """
  select lot_owner.key, allocation.amount from allocation join document on document.id = allocation.document_id
  join document lot_owner on lot_owner.id = allocation.lot_document_id join fold_key on fold_key.id = allocation.key_id
  where document.key = %s and fold_key.contour = 'mgmt' order by 1"""


def set_off(key: str, day: str, amount: str, **fields: Any) -> DebtAdjustment:
    owed = AdjustmentRow(side="they_owe_us", counterparty="VEGA", contract="BUYER", amount=amount)
    owing = AdjustmentRow(side="we_owe_them", counterparty="METALL", contract="SUPPLIER", amount=amount)
    return DebtAdjustment(kind="set_off", unit="MSK", key=key, date=day, rows=[owed, owing], **fields)


def back(key: str, day: str, original: str) -> DebtAdjustment:
    return DebtAdjustment(kind="set_off", unit="MSK", key=key, date=day, reverses=original)


def papers() -> list[AnyDocument]:
    sold = Sale(unit="MSK", key="sold", date="2025-02-01", counterparty="VEGA", contract="BUYER", lines=[Line(amount="100")])
    bought = Purchase(unit="MSK", key="bought", date="2025-02-02", counterparty="METALL", contract="SUPPLIER", lines=[Line(amount="100")])
    return [sold, bought]


@pytest.mark.parametrize("on_error", ["stop", "collect"])
def test_what_a_reversal_gives_back_can_be_set_off_again_in_the_same_file(company: Books, actor: Actor, on_error: Any) -> None:
    """All of 100 is set off, taken back, and 60 of it set off again, twice over; 40 are left on both sides. The days are of one file, the
    second set-off stands on the day of the first reversal."""
    documents = [
        *papers(), set_off("first", "2025-02-10", "100"), back("back", "2025-02-12", "first"), set_off("second", "2025-02-12", "60"),
        back("back again", "2025-02-13", "second"), set_off("third", "2025-02-14", "60"),
    ]  # fmt: skip
    outcome = import_documents(company, lambda: enumerate(documents), actor, on_error=on_error)
    assert (outcome.created, outcome.refused) == (7, [])
    for contour in ("reg", "mgmt"):
        open_now = company.execute(LOTS_SQL, [contour]).fetchall()
        assert [amount for _key, amount in open_now] == [-4000, 4000]
    assert compare_with_refold(company) == []
    assert import_documents(company, lambda: enumerate(documents), actor) == (0, 0, 7, [])


def test_a_reversal_stands_in_its_day_where_the_file_has_it(company: Books, actor: Actor) -> None:
    """The payment of the same day that comes after the reversal in the file closes what the reversal gave back, as one by one."""
    party = {"unit": "MSK", "counterparty": "VEGA", "contract": "BUYER"}
    paid = Payment(key="paid", date="2025-02-12", kind="payment_from_customer", amount="70", day_order=60, **party)
    documents = [*papers(), set_off("first", "2025-02-10", "100"), back("back", "2025-02-12", "first"), paid]
    import_documents(company, lambda: enumerate(documents), actor)
    assert company.execute(OFFSETS_SQL, ["paid"]).fetchall() == [("back", 7000)]
    places = [key for (key,) in company.execute("select key from document where date = '2025-02-12' order by moment")]
    assert places == ["back", "paid"]


def test_what_is_refused_after_a_reversal_leaves_the_rest(company: Books, actor: Actor) -> None:
    first, again = set_off("first", "2025-02-10", "100"), back("back", "2025-02-12", "first")
    documents = [*papers(), first, again, set_off("much", "2025-02-13", "101")]
    outcome = import_documents(company, lambda: enumerate(documents), actor, on_error="collect")
    assert (outcome.created, [(ref, error.code.value) for ref, error in outcome.refused]) == (4, [(4, "allocation_exceeds_balance")])
    assert compare_with_refold(company) == []


def test_an_advance_offset_in_a_closed_period_is_reversed(company: Books, actor: Actor) -> None:
    """50 of the advance went to the debt of order O1; in March it goes back: the debt is owed again and the advance is free again."""
    party = {"unit": "MSK", "counterparty": "SIRIUS", "contract": "BUYER-ORDERS"}
    post_document(company, Sale(key="sold", date="2025-02-01", order="O1", lines=[Line(amount="100")], **party), actor)
    post_document(company, Payment(key="paid", date="2025-02-02", kind="payment_from_customer", amount="90", **party), actor)
    moved = AdvanceOffset(key="moved", date="2025-02-10", amount="50", advance="paid", document="sold", order="O1", **party)
    post_document(company, moved, actor)
    assert company.execute(LOTS_SQL, ["mgmt"]).fetchall() == [("paid", -4000), ("sold", 5000)]
    close_period(company, "MSK", date(2025, 2, 28), actor)
    taken_back = AdvanceOffset(unit="MSK", key="taken back", date="2025-03-01", reverses="moved")
    post_document(company, taken_back, actor)
    assert company.execute(LOTS_SQL, ["mgmt"]).fetchall() == [("paid", -4000), ("sold", 5000), ("taken back", -5000), ("taken back", 5000)]
    posted = "select count(*) from posting join document on document.id = document_id where key = 'taken back'"
    assert company.execute(posted).fetchone() == (0,)
    assert compare_with_refold(company) == []
    with pytest.raises(DomainError, match="reversed_already"):
        post_document(company, AdvanceOffset(unit="MSK", key="twice", date="2025-03-02", reverses="moved"), actor)
