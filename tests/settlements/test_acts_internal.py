"""Acts that are kept, of a whole counterparty and by contract: what moves inside it, in the lines and in print (spec 6.5)."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import msgspec
import psycopg
import pypdf
import pytest

from setoff.parties.services import save_masters
from setoff.reports.act_paper import render_act
from setoff.settlements.acts import NewAct, changes_since, create_act, fill_ours
from setoff.settlements.services import post_document
from setoff.trade.documents import AdjustmentReceiver, AdjustmentRow, AnyDocument, DebtAdjustment, Line, Payment, Purchase
from tests import cast
from tests.reports.story import ACTOR, sale

Db = psycopg.Connection[Any]


@pytest.fixture
def moved(company: Db) -> Db:
    """VEGA owes 100.00 and 50.00 under BUYER, paid 30.00 ahead under BUYER-2, of which a sale uses up 10.00, and delivers 20.00 to us: that
    is set off, and 40.00 are moved to BUYER-3."""
    rows = [
        AdjustmentRow(side="they_owe_us", counterparty="VEGA", contract="BUYER", amount="20.00"),
        AdjustmentRow(side="we_owe_them", counterparty="VEGA", relation="supplier", document="bill", amount="20.00"),
    ]
    papers: list[AnyDocument] = [
        sale("2025-01-10", "1", "100.00"), sale("2025-01-11", "2", "50.00"),
        Payment(
            unit="MSK", date="2025-01-12", number="A", kind="payment_from_customer", amount="30.00", counterparty="VEGA", contract="BUYER-2"
        ),
        Purchase(unit="MSK", date="2025-01-13", number="B", key="bill", counterparty="VEGA", lines=[Line(amount="20.00", kind="services")]),
        sale("2025-01-15", "3", "10.00", contract="BUYER-2"),
        DebtAdjustment(unit="MSK", date="2025-01-20", number="SET", kind="set_off", rows=rows),
        DebtAdjustment(
            unit="MSK", date="2025-01-21", number="MOVE", kind="transfer",
            rows=[AdjustmentRow(side="they_owe_us", counterparty="VEGA", contract="BUYER", amount="40.00")],
            receiver=AdjustmentReceiver(counterparty="VEGA", contract="BUYER-3"),
        ),
    ]  # fmt: skip
    save_masters(company, [msgspec.structs.replace(cast.BUYER_2, code="BUYER-3", number="BUYER-3")], ACTOR)
    for paper in papers:
        post_document(company, paper, ACTOR)
    return company


def test_what_moves_inside_the_counterparty_is_hidden_unless_it_is_asked_for(moved: Db) -> None:
    """100 + 50 - 30 - 20 + 10 = 110.00 is owed whatever is shown; that a sale used up an advance is no line at all."""
    whole = NewAct("MSK", "VEGA", date(2025, 1, 31))
    common = [("1", 100_00, 0), ("2", 50_00, 0), ("A", 0, 30_00), ("B", 0, 20_00), ("3", 10_00, 0)]
    hidden, shown = create_act(moved, whole, ACTOR), create_act(moved, whole._replace(show_internal=True), ACTOR)
    assert [(line.number, line.debit, line.credit) for line in hidden.our_lines] == common
    internal = [("SET", 20_00, 20_00), ("MOVE", 40_00, 40_00)]
    assert [(line.number, line.debit, line.credit) for line in shown.our_lines] == [*common, *internal]
    assert hidden.our_closing == shown.our_closing == 110_00
    assert fill_ours(moved, shown.id, ACTOR).our_lines == shown.our_lines
    assert changes_since(moved, shown) == changes_since(moved, hidden) == []


def test_by_contract_a_set_off_and_a_transfer_change_the_split(moved: Db) -> None:
    """100 + 50 - 20 - 40 = 90.00 under BUYER; the 40.00 stand under BUYER-3."""
    of_contract = NewAct("MSK", "VEGA", date(2025, 1, 31), contract="BUYER")
    act = create_act(moved, of_contract, ACTOR)
    assert [(line.number, line.debit, line.credit) for line in act.our_lines] == [
        ("1", 100_00, 0), ("2", 50_00, 0), ("SET", 0, 20_00), ("MOVE", 0, 40_00),
    ]  # fmt: skip
    assert act.our_closing == 90_00
    receiver = create_act(moved, of_contract._replace(contract="BUYER-3"), ACTOR)
    assert [(line.number, line.debit, line.credit) for line in receiver.our_lines] == [("MOVE", 40_00, 0)]


def test_the_printed_act_has_the_lines_of_the_kept_one(moved: Db) -> None:
    whole = NewAct("MSK", "VEGA", date(2025, 1, 31))
    texts = {}
    for show_internal in (False, True):
        act = create_act(moved, whole._replace(show_internal=show_internal), ACTOR)
        pdf = pypdf.PdfReader(BytesIO(render_act(act, printed=date(2025, 2, 1), language="en")))
        texts[show_internal] = " ".join(page.extract_text() for page in pdf.pages)
    assert "MOVE" in texts[True] and "MOVE" not in texts[False]
