"""Debt adjustments: one row per rule and per refusal, in words, without a database."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from setoff.core.fact import Nature, Rule
from setoff.trade.directory import Directory, Done
from setoff.trade.documents import (
    AdjustmentReceiver,
    AdjustmentRow,
    AdvanceOffset,
    DebtAdjustment,
    Line,
    LinkedDocument,
    Payment,
    Sale,
    Signatory,
)
from setoff.trade.registry import facts, header
from tests.trade.stage import cast_directory, enter, refused, tell


def owed(amount: str, contract: str = "BUYER", counterparty: str = "VEGA", **fields: Any) -> AdjustmentRow:
    return AdjustmentRow(side="they_owe_us", counterparty=counterparty, contract=contract, amount=amount, **fields)


def owing(amount: str, contract: str = "SUPPLIER", counterparty: str = "METALL", **fields: Any) -> AdjustmentRow:
    return AdjustmentRow(side="we_owe_them", counterparty=counterparty, contract=contract, amount=amount, **fields)


PROVED: dict[str, Any] = {"department": "sales", "analytics": "Vega", "reason": "court", "reason_document": "Ruling 7"}
"""What a write-off needs besides its account and item."""


def adjustment(kind: str, *rows: AdjustmentRow, **fields: Any) -> DebtAdjustment:
    common = {"unit": "MSK", "date": "2025-02-20"} | (PROVED if kind == "write_off" else {})
    return DebtAdjustment(kind=kind, rows=list(rows), **{**common, **fields})


def directory_with_papers() -> Directory:
    directory = cast_directory()
    supply = {"unit": "MSK", "date": "2025-02-01", "lines": [Line(amount="100")]}
    enter(directory, "sale", 10, Sale(counterparty="VEGA", contract="BUYER", **supply))
    enter(directory, "by invoice", 11, Sale(counterparty="SIRIUS", contract="BUYER-INVOICES", **supply))
    enter(directory, "of order", 12, Sale(counterparty="SIRIUS", contract="BUYER-ORDERS", order="O1", **supply))
    party = {"counterparty": "SIRIUS", "contract": "BUYER-ORDERS"}
    enter(directory, "advance", 13, Payment(unit="MSK", date="2025-02-01", kind="payment_from_customer", amount="90", **party))
    return directory


def test_a_set_off_pairs_its_sides_in_the_order_of_the_rows() -> None:
    stated, entries = tell(adjustment("set_off", owed("90"), owing("60"), owed("10", "BUYER-2"), owing("40")))
    assert stated == ["1 -|- -90.00", "2 -|- 60.00", "3 -|- -10.00", "4 -|- 40.00"]
    assert entries == ["#2 #1 60.00", "#4 #1 30.00", "#4 #3 10.00"]


def test_rows_towards_zero_only_settle_and_name_their_lot_in_both_contours() -> None:
    row = owed("30", "BUYER-INVOICES", "SIRIUS", document="by invoice")
    found = facts(adjustment("set_off", row, owing("30")), 100, directory_with_papers()).facts
    assert [(fact.node.object, fact.node.reg_object, fact.consume_only, fact.nature) for fact in found] == [
        ("document:11", "", True, Nature.ADJUST), ("", "", True, Nature.ADJUST),
    ]  # fmt: skip
    assert [(target.document_id, target.amount, target.rule) for target in found[0].targets] == [(11, 3000, Rule.ACT)]


def test_two_currencies_meet_in_book_currency_at_the_rate_of_the_day_or_of_the_document() -> None:
    euro = owed("10", "BUYER-EUR", "BERLIN")
    assert tell(adjustment("set_off", euro, owing("1045")))[1] == ["#2 #1 1045.00"]
    assert tell(adjustment("set_off", euro, owing("990"), rate="99"))[1] == ["#2 #1 990.00"]
    own = facts(adjustment("set_off", euro, owing("1045")), 100, cast_directory()).facts
    assert [fact.own_value for fact in own] == [True, False]


def test_one_foreign_currency_is_compared_in_itself_and_each_side_shares_the_value_of_its_sum() -> None:
    rows = [owed("0.03", "BUYER-EUR", "BERLIN"), owing("0.01", "SUPPLIER-EUR", "BERLIN"), owing("0.02", "SUPPLIER-EUR", "BERLIN")]
    # 0.03 * 104.50 = 3.135, half up 3.14; of the other side 1.05 and 2.09
    assert tell(adjustment("set_off", *rows))[1] == ["#2 #1 1.05", "#3 #1 2.09"]


def test_what_is_left_of_a_contract_is_settled_after_its_end_and_after_closing() -> None:
    """BUYER-SHORT ended on 30 June 2025; BUYER-CLOSED is closed. A penalty under an ended contract is still due, under a closed one not."""
    july = {"date": "2025-07-15"}
    for contract in ("BUYER-SHORT", "BUYER-CLOSED"):
        row = owed("5", contract, "SIRIUS")
        assert tell(adjustment("set_off", row, owing("5"), **july))[1] == ["#2 #1 5.00"]
        assert tell(adjustment("write_off", row, account="91.02", item="x", **july))[1] == ["91.02 #1 5.00 [x]"]
        to = AdjustmentReceiver(counterparty="VEGA", contract="BUYER")
        assert tell(adjustment("transfer", row, receiver=to, **july))[1] == ["#2 #1 5.00"]
    penalty = adjustment("accrual", owed("5", "BUYER-SHORT", "SIRIUS"), account="91.01", item="penalty", **july)
    assert tell(penalty)[1] == ["#1 91.01 5.00 [penalty]"]
    closed = adjustment("accrual", owed("5", "BUYER-CLOSED", "SIRIUS"), account="91.01", item="penalty", **july)
    assert refused(closed).startswith("contract_not_active rows[0].contract")
    into = AdjustmentReceiver(counterparty="SIRIUS", contract="BUYER-CLOSED")
    assert refused(adjustment("transfer", owed("5"), receiver=into, **july)).startswith("contract_not_active receiver.contract")


def test_a_transfer_forms_the_same_at_the_receiver() -> None:
    receiver = AdjustmentReceiver(counterparty="SIRIUS", relation="buyer", due="2025-03-31")
    document = adjustment("transfer", owed("90"), owed("10", "BUYER-2"), receiver=receiver)
    stated, entries = tell(document)
    assert stated == [
        "1 -|- -90.00", "2 -|- -10.00", "3 document:100|- 90.00 due 2025-03-31", "4 document:100|- 10.00 due 2025-03-31",
    ]  # fmt: skip
    assert entries == ["#3 #1 90.00", "#4 #2 10.00"]
    assert [fact.nature for fact in facts(document, 100, cast_directory()).facts][2:] == [Nature.TRANSFER] * 2
    back = tell(adjustment("transfer", owing("90"), receiver=AdjustmentReceiver(counterparty="METALL", contract="OTHER-SUPPLIER")))
    assert back == (["1 -|- 90.00", "2 -|- -90.00"], ["#1 #2 90.00"])


def test_a_transfer_into_another_currency_goes_by_the_rates() -> None:
    receiver = AdjustmentReceiver(counterparty="BERLIN", contract="BUYER-EUR")
    assert tell(adjustment("transfer", owed("1045"), receiver=receiver)) == (["1 -|- -1045.00", "2 -|- 10.00"], ["#2 #1 1045.00"])


@pytest.mark.parametrize(
    ("kind", "row", "said"),
    [
        ("write_off", owed("5"), (["1 -|- -5.00"], ["91.02 #1 5.00 [bad]"])),
        ("write_off", owing("5"), (["1 -|- 5.00"], ["#1 91.02 5.00 [bad]"])),
        ("accrual", owed("5"), (["1 -|- 5.00"], ["#1 91.02 5.00 [bad]"])),
        ("accrual", owing("5"), (["1 -|- -5.00"], ["91.02 #1 5.00 [bad]"])),
    ],
)
def test_write_off_and_accrual_stand_against_the_account(kind: str, row: AdjustmentRow, said: tuple[list[str], list[str]]) -> None:
    assert tell(adjustment(kind, row, account="91.02", item="bad")) == said


def test_an_accrual_only_opens_each_row_by_itself() -> None:
    rows = [owed(amount, "BUYER-INVOICES", "SIRIUS") for amount in ("5", "6")]
    document = adjustment("accrual", *rows, account="91.02", item="x")
    found = facts(document, 100, cast_directory()).facts
    assert [(fact.node.object, fact.nature, fact.consume_only) for fact in found] == [
        ("document:100/1", Nature.ACCRUAL, False), ("document:100/2", Nature.ACCRUAL, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unit", "clearing", "rows"),
    [
        ("MSK", "76.40", [owed("5"), owing("5")]),
        ("SHA", "2241.30", [owed("5", "CN-BUYER", "HAIDA"), owing("5", "CN-SUPPLIER", "HAIDA")]),
        ("AMS", "1198", [owed("5", "NL-BUYER", "OSTSEE"), owing("5", "NL-SUPPLIER", "BERLIN")]),
        ("LYC", "30406.9", [owed("5", "LYCEUM-BUYER"), owing("5", "LYCEUM-BUYER", "VEGA")]),
    ],
)
def test_netting_stands_against_the_clearing_account_of_every_chart(unit: str, clearing: str, rows: list[AdjustmentRow]) -> None:
    assert tell(adjustment("netting", *rows, unit=unit, round="R"))[1] == [f"{clearing} #1 5.00 [R]", f"#2 {clearing} 5.00 [R]"]


def test_a_difference_is_written_off_when_said_and_within_the_limit() -> None:
    directory = cast_directory()
    directory.units["MSK"] = directory.units["MSK"]._replace(difference_limit=50)
    said = {"difference": "write_off", "account": "91.02", "item": "kopecks"}
    assert tell(adjustment("set_off", owed("10.50"), owing("10"), **said), directory)[1] == ["#2 #1 10.00", "91.02 #1 0.50 [kopecks]"]
    assert tell(adjustment("set_off", owed("10"), owing("10.50"), **said), directory)[1] == ["#2 #1 10.00", "#2 91.02 0.50 [kopecks]"]
    assert refused(adjustment("set_off", owed("10.51"), owing("10"), **said), directory) == (
        "sides_differ rows: they_owe_us=10.51 RUB, we_owe_them=10.00 RUB, difference=0.51 RUB, limit=0.50 RUB"
    )
    assert refused(adjustment("set_off", owed("10.50"), owing("10")), directory).startswith("sides_differ")


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        (adjustment("set_off"), "field_missing rows"),
        (adjustment("set_off", owed("5"), owing("4")), "sides_differ rows"),
        (adjustment("set_off", owed("5"), owing("5"), round="R"), "unknown_field round"),
        (adjustment("set_off", owed("5"), receiver=AdjustmentReceiver(counterparty="VEGA")), "unknown_field receiver"),
        (adjustment("netting", owed("5"), owing("5")), "field_missing round"),
        (adjustment("netting", owed("5"), round="R"), "sides_differ rows"),
        (adjustment("netting", owed("5"), owing("5"), round="R", account="91.02"), "unknown_field account"),
        (adjustment("write_off", owed("5")), "field_missing account"),
        (adjustment("write_off", owed("5"), account="62.01", item="x"), "settlement_account_without_node account"),
        (adjustment("write_off", owed("5"), account="9", item="x"), "unknown_account account"),
        (adjustment("write_off", owed("5"), account="91.02"), "field_missing item"),
        (adjustment("write_off", owed("-5"), account="91.02", item="x"), "amount_not_positive rows[0].amount"),
        (adjustment("write_off", owed("5"), account="91.02", item="x", difference="write_off"), "unknown_field difference"),
        (adjustment("accrual", owed("5", document="sale"), account="91.02", item="x"), "unknown_field rows[0].document"),
        (adjustment("transfer", owed("5")), "field_missing receiver.counterparty"),
        (adjustment("transfer", owed("5"), receiver=AdjustmentReceiver(counterparty="NOBODY")), "unknown_reference receiver.counterparty"),
        (adjustment("transfer", owed("5"), receiver=AdjustmentReceiver(counterparty="SIRIUS")), "field_missing receiver.relation"),
        (  # a claim on a buyer does not become an advance paid to a supplier
            adjustment("transfer", owed("5"), receiver=AdjustmentReceiver(counterparty="METALL", contract="SUPPLIER")),
            "relation_mismatch receiver.contract",
        ),
        (
            adjustment("transfer", owing("5"), receiver=AdjustmentReceiver(counterparty="SIRIUS", relation="buyer")),
            "relation_mismatch receiver.relation",
        ),
        (
            adjustment("transfer", owed("5"), receiver=AdjustmentReceiver(counterparty="SIRIUS", relation="buyer", due="soon")),
            "invalid_date receiver.due",
        ),
        (adjustment("transfer", owed("5"), owing("5")), "invalid_value rows[1].side"),
        (adjustment("set_off", owed("5", relation="supplier"), owing("5")), "relation_mismatch rows[0].relation"),
        (adjustment("set_off", owed("5", ""), owing("5")), "field_missing rows[0].relation"),
        (adjustment("set_off", owed("5", "BUYER-INVOICES", "SIRIUS"), owing("5")), "field_missing rows[0].document"),
        (adjustment("set_off", owed("5", document="none"), owing("5")), "unknown_reference rows[0].document"),
        (adjustment("set_off", owed("5", document="by invoice"), owing("5")), "target_mismatch rows[0].document"),
        (adjustment("set_off", owed("5", document="sale"), owing("5"), unit="SPB"), "target_mismatch rows[0].document"),
        (adjustment("set_off", owed("5", document="sale"), owing("5"), date="2025-01-31"), "target_in_future rows[0].document"),
        (adjustment("set_off", owed("5", "BUYER-DRAFT", "SIRIUS"), owing("5")), "contract_not_active rows[0].contract"),
        (adjustment("set_off", owed("5"), owing("5"), rate="2"), "invalid_rate rate"),
        (adjustment("set_off", owed("5"), owing("5"), currency="ROUBLE"), "unknown_currency currency"),
        (
            adjustment("set_off", owed("5"), owing("5"), linked=[LinkedDocument(number="1", document="none")]),
            "unknown_reference linked[0].document",
        ),
        (
            adjustment("set_off", owed("5"), owing("5"), linked=[LinkedDocument(number="1", document="by invoice")]),
            "target_mismatch linked[0].document",
        ),
        (
            adjustment("set_off", owed("5"), owing("5"), signatories=[Signatory(name="A", counterparty="NOBODY")]),
            "unknown_reference signatories[0].counterparty",
        ),
        (adjustment("set_off", reverses="none"), "unknown_reference reverses"),
        (adjustment("set_off", reverses="sale"), "base_mismatch reverses"),
        (adjustment("set_off", owed("5"), reverses="sale"), "unknown_field rows"),
    ],
)
def test_refusals(document: DebtAdjustment, refusal: str) -> None:
    assert refused(document, directory_with_papers()).startswith(refusal + ":")


def reversal_directory(*, own: int, reversals: tuple[int, ...] = ()) -> Directory:
    """A set-off of 10 euro, carried at 1000, at `own`, against 1040 roubles owed."""
    directory = cast_directory()
    document = adjustment("set_off", owed("10", "BUYER-EUR", "BERLIN"), owing("1040"), key="act", number="act", date="2025-02-10")
    ref = enter(directory, "act", 20, document)
    euro, rouble = (fact.node for fact in facts(msgspec.structs.replace(document, rate="104"), 20, directory).facts)
    done = [
        Done(contour, *part)
        for contour in ("mgmt", "reg")
        for part in (
            (1, euro, -1000, 100_000, own, 7, 1, date(2025, 2, 15), date(2025, 2, 1), "S-1"),
            (2, rouble, 104_000, 104_000, 104_000, 8, 2, None, date(2025, 2, 2), ""),
        )
    ]
    directory.documents["act"] = ref._replace(done=tuple(done), reversals=reversals)
    return directory


def test_a_reversal_undoes_every_part_with_its_exchange_difference() -> None:
    back = adjustment("set_off", reverses="act")
    gain = reversal_directory(own=104_000)
    assert tell(back, gain) == (
        ["1 -|- 10.00 due 2025-02-15", "2 -|- -1040.00"], ["#1 #2 1000.00", "91.01 #2 40.00"],
    )  # fmt: skip
    found = facts(back, 100, gain).facts
    assert [(fact.book, fact.origin, fact.label, fact.consume_only) for fact in found] == [
        (100_000, date(2025, 2, 1), "S-1", False), (-104_000, date(2025, 2, 2), "", False),
    ]  # fmt: skip
    assert (header(back, gain).currency, header(back, gain).total_minor) == ("RUB", 104_000)


def test_an_adjustment_is_reversed_once_and_not_before_it_was() -> None:
    assert refused(adjustment("set_off", reverses="act"), reversal_directory(own=104_000, reversals=(50,))).startswith("reversed_already")
    assert tell(adjustment("set_off", reverses="act"), reversal_directory(own=104_000, reversals=(100,)))[0]
    for wrong in ({"date": "2025-02-09"}, {"unit": "SPB"}):
        assert refused(adjustment("set_off", reverses="act", **wrong), reversal_directory(own=104_000)).startswith("base_mismatch")


def offset(**fields: Any) -> AdvanceOffset:
    common = {"unit": "MSK", "date": "2025-02-20", "counterparty": "SIRIUS", "contract": "BUYER-ORDERS", "amount": "30"}
    common["advance"] = "advance"
    return AdvanceOffset(**{**common, **fields})


def test_an_advance_moves_in_the_management_contour_only() -> None:
    assert tell(offset(order="O2"), directory_with_papers()) == (["1 document:13|- 30.00", "2 order:O2|- -30.00"], [])
    moved = facts(offset(document="of order", order="O1"), 100, directory_with_papers()).facts
    assert [(fact.node.object, fact.change, fact.consume_only, fact.in_reg, fact.in_mgmt) for fact in moved] == [
        ("document:13", 3000, True, False, True), ("order:O1", -3000, True, False, True),
    ]  # fmt: skip
    assert [target.document_id for fact in moved for target in fact.targets] == [13, 12]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"order": "O2", "contours": ("reg",)}, "invalid_value contours"),
        ({"order": "O2", "amount": "0"}, "amount_not_positive amount"),
        ({"order": "O2", "advance": ""}, "field_missing advance"),
        ({"order": "O2", "advance": "by invoice"}, "target_mismatch advance"),
        ({"order": "O2", "date": "2025-01-31"}, "target_in_future advance"),
        ({}, "field_missing document"),
        ({"document": "none"}, "unknown_reference document"),
        ({"order": "O2", "contract": ""}, "field_missing relation"),
        ({"order": "O2", "counterparty": ""}, "field_missing counterparty"),
        ({"reverses": "advance"}, "unknown_field counterparty"),
    ],
)
def test_refusals_of_an_advance_offset(fields: dict[str, Any], refusal: str) -> None:
    assert refused(offset(**fields), directory_with_papers()).startswith(refusal + ":")
