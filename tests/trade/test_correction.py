"""Corrections and returns: one row per rule and per refusal (spec 2.2). Numbers are worked by hand."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import pytest

from setoff.core.fact import Nature, Rule, Statement, Target
from setoff.trade.directory import Directory
from setoff.trade.documents import (
    AnyDocument,
    Line,
    Payment,
    Purchase,
    PurchaseCorrection,
    PurchaseReturn,
    Sale,
    SaleCorrection,
    SaleReturn,
)
from setoff.trade.registry import facts
from tests.trade.stage import cast_directory, enter, refused, tell, told

PLAIN = Line(amount="120.00", vat_rate="20")


def based(base: AnyDocument, document_id: int = 7, status: str = "posted") -> Directory:
    """The cast, and the base as document 7."""
    directory = cast_directory()
    enter(directory, "base", document_id, base, status)
    return directory


def sale(**fields: Any) -> Sale:
    known = {
        "unit": "MSK",
        "date": "2025-02-10",
        "counterparty": "VEGA",
        "contract": "BUYER",
        "lines": [Line(amount="1200")],
        **fields,
    }
    return Sale(**known)


def purchase(**fields: Any) -> Purchase:
    known = {
        "unit": "MSK",
        "date": "2025-02-10",
        "counterparty": "METALL",
        "contract": "SUPPLIER",
        "lines": [Line(amount="1200")],
    }
    return Purchase(**{**known, **fields})


def correction(direction: Literal["up", "down"], *lines: Line, **fields: Any) -> SaleCorrection:
    known = {"unit": "MSK", "date": "2025-02-20", "base": "base", **fields}
    return SaleCorrection(direction=direction, lines=list(lines) or [PLAIN], **known)


def sale_return(*lines: Line, **fields: Any) -> SaleReturn:
    return SaleReturn(lines=list(lines) or [PLAIN], **{"unit": "MSK", "date": "2025-02-20", "base": "base", **fields})


def purchase_correction(direction: Literal["up", "down"], *lines: Line, **fields: Any) -> PurchaseCorrection:
    known = {"unit": "MSK", "date": "2025-02-20", "base": "base", **fields}
    return PurchaseCorrection(direction=direction, lines=list(lines) or [PLAIN], **known)


def stated(document: AnyDocument, directory: Directory) -> Statement:
    return facts(document, 100, directory)


def test_up_is_a_supply_with_the_rows_of_a_sale() -> None:
    document = correction("up", Line(amount="120", vat_rate="20", cost="70"), due="2025-03-01")
    statement = stated(document, based(sale()))
    assert told(statement) == (
        ["1 -|- 120.00 due 2025-03-01"],
        ["#1 90.01 120.00 20%", "90.03 68.02 20.00 20%", "90.02 41 70.00"],
    )
    assert (statement.facts[0].nature, statement.facts[0].targets) == (Nature.SUPPLY, ())


def test_down_first_reduces_its_base() -> None:
    statement = stated(correction("down"), based(sale()))
    assert told(statement) == (["1 -|- -120.00"], ["90.01 #1 120.00 20%", "90.03 19.09 -20.00 20%"])
    fact = statement.facts[0]
    assert (fact.nature, fact.own_value, fact.targets) == (Nature.ADJUST, False, (Target(7, 0, 12000, Rule.BASE),))


def test_vat_of_a_decrease_follows_the_fact() -> None:
    statement = stated(correction("down"), based(sale()))
    assert [entry.follows for entry in statement.entries] == [0, 1]


def test_down_where_vat_stands_beside_revenue() -> None:
    base = sale(unit="AMS", counterparty="OSTSEE", contract="NL-BUYER")
    document = correction("down", Line(amount="121", vat_rate="21", cost="60"), unit="AMS")
    facts_told, entries = tell(document, based(base))
    assert facts_told == ["1 -|- -121.00"]
    assert [entry.split()[2] for entry in entries] == ["100.00", "21.00", "60.00"]
    assert [entry.split()[1] for entry in entries][:2] == ["#1", "#1"]


def test_a_return_brings_the_goods_back_by_red_storno() -> None:
    document = sale_return(Line(amount="120", vat_rate="20", cost="70"))
    assert tell(document, based(sale())) == (
        ["1 -|- -120.00"],
        ["90.01 #1 120.00 20%", "90.03 19.09 -20.00 20%", "90.02 41 -70.00"],
    )


def test_a_closed_year_is_corrected_through_income_and_expense_of_earlier_years() -> None:
    directory = based(sale())
    lines = (Line(amount="120", vat_rate="20", cost="70"),)
    assert tell(correction("up", *lines), directory, closed_year=2025)[1] == [
        "#1 91.01 120.00 20%", "91.02 68.02 20.00 20%", "91.02 41 70.00",
    ]  # fmt: skip
    assert tell(sale_return(*lines), directory, closed_year=2025)[1] == [
        "91.02 #1 120.00 20%", "91.02 19.09 -20.00 20%", "41 91.01 70.00",
    ]  # fmt: skip
    assert tell(sale_return(*lines), directory, closed_year=2024)[1][0] == "90.01 #1 120.00 20%"


def test_purchase_up_and_down() -> None:
    directory = based(purchase())
    lines = (Line(amount="120", vat_rate="20"), Line(amount="60", vat_rate="20", kind="services"))
    assert tell(purchase_correction("up", *lines), directory) == (
        ["1 -|- -180.00"],
        ["41 #1 100.00", "26 #1 50.00", "19.03 #1 20.00 20%", "19.04 #1 10.00 20%"],
    )
    assert tell(purchase_correction("down", *lines), directory) == (
        ["1 -|- 180.00"],
        ["#1 41 100.00", "#1 26 50.00", "#1 19.03 20.00 20%", "#1 19.04 10.00 20%"],
    )
    assert tell(purchase_correction("up", *lines), directory, closed_year=2025)[1][:2] == ["41 #1 100.00", "91.02 #1 50.00"]
    assert tell(purchase_correction("down", *lines), directory, closed_year=2025)[1][:2] == ["#1 41 100.00", "#1 91.01 50.00"]


def test_purchase_return() -> None:
    document = PurchaseReturn(unit="MSK", date="2025-02-20", base="base", lines=[PLAIN])
    assert tell(document, based(purchase())) == (["1 -|- 120.00"], ["#1 41 100.00", "#1 19.03 20.00 20%"])


@pytest.mark.parametrize(
    ("base", "objects"),
    [
        ({"contract": "BUYER-INVOICES"}, "document:7|-"),
        ({"contract": "BUYER-REG-INVOICES"}, "document:7|document:7"),
        ({"contract": "BUYER-ORDERS", "order": "O-1"}, "order:O-1|-"),
        ({"contract": "BUYER-ORDERS"}, "document:7|-"),
        ({"contract": "BUYER-MANUAL"}, "-|-"),
        ({"contract": "", "agreement": "BY-ORDERS", "order": "O-1"}, "order:O-1|-"),
    ],
)
def test_a_correction_stands_on_the_object_of_its_base(base: dict[str, str], objects: str) -> None:
    directory = based(sale(counterparty="SIRIUS", **base))
    for document in (correction("up"), correction("down"), sale_return()):
        assert {fact.split()[1] for fact in tell(document, directory)[0]} == {objects}


def test_a_foreign_base_is_corrected_at_the_rate_of_the_correction() -> None:
    directory = based(sale(counterparty="BERLIN", contract="BUYER-EUR"))
    assert tell(correction("down", Line(amount="12", vat_rate="20"), rate="50.001"), directory) == (
        ["1 -|- -12.00"],
        ["90.01 #1 600.01 20%", "90.03 19.09 -100.00 20%"],
    )


def test_a_credit_note_without_a_base_names_its_party_itself() -> None:
    directory = cast_directory()
    document = correction("down", base="", counterparty="VEGA", contract="BUYER")
    assert stated(document, directory).facts[0].targets == ()
    assert tell(document, directory)[0] == ["1 -|- -120.00"]
    invoices = sale_return(base="", counterparty="SIRIUS", contract="BUYER-INVOICES")
    assert tell(invoices, directory)[0] == ["1 document:100|- -120.00"]
    assert tell(sale_return(base="", counterparty="SIRIUS", contract="BUYER-ORDERS", order="5"), directory)[0] == ["1 order:5|- -120.00"]


def test_a_correction_may_repeat_what_its_base_says() -> None:
    document = correction("down", counterparty="VEGA", contract="BUYER", currency="RUB")
    assert tell(document, based(sale()))[0] == ["1 -|- -120.00"]


@pytest.mark.parametrize(
    ("document", "refusal"),
    [
        (correction("up", base=""), "field_missing base:"),
        (correction("up", base="none"), "unknown_reference base: kind=document, value=none"),
        (correction("down", base="", contract="BUYER"), "field_missing counterparty:"),
        (correction("down", counterparty="SIRIUS"), "base_mismatch counterparty: base=base, kind=sale, status=posted"),
        (correction("down", contract="BUYER-2"), "base_mismatch contract: base=base, kind=sale, status=posted"),
        (correction("down", currency="EUR"), "base_mismatch currency: base=base, kind=sale, status=posted"),
        (correction("down", order="9"), "base_mismatch order: base=base, kind=sale, status=posted"),
        (correction("down", unit="SPB"), "base_mismatch base: base=base, kind=sale, status=posted"),
        (purchase_correction("down"), "base_mismatch base: base=base, kind=sale, status=posted"),
        (
            correction("down", date="2025-02-09"),
            "target_in_future base: target=base, target_date=2025-02-10, date=2025-02-09",
        ),
        (
            correction("down", date="2025-02-10", day_order=29),
            "target_in_future base: target=base, target_date=2025-02-10, date=2025-02-10",
        ),
        (correction("down", PLAIN, Line()), "field_missing lines[1].amount:"),
        (
            correction("down", Line(amount="1200.01")),
            "exceeds_base lines: base=base, amount=1200.01 RUB, base_amount=1200.00 RUB, excess=0.01 RUB",
        ),
        (
            sale_return(Line(amount="800"), Line(amount="500")),
            "exceeds_base lines: base=base, amount=1300.00 RUB, base_amount=1200.00 RUB, excess=100.00 RUB",
        ),
        (correction("down", due="soon"), "invalid_date due: value=soon"),
    ],
)
def test_refused(document: AnyDocument, refusal: str) -> None:
    assert refused(document, based(sale())) == refusal


@pytest.mark.parametrize("status", ["draft", "unposted"])
def test_a_base_must_be_posted(status: str) -> None:
    directory = based(sale(), status=status)
    assert refused(correction("down"), directory) == f"base_mismatch base: base=base, kind=sale, status={status}"


def test_a_base_is_a_supply() -> None:
    payment = Payment(unit="MSK", date="2025-02-10", kind="payment_from_customer", amount="5", counterparty="VEGA", contract="BUYER")
    for base, kind in ((payment, "payment_from_customer"), (correction("down"), "sale_correction")):
        assert refused(sale_return(), based(base)) == f"base_mismatch base: base=base, kind={kind}, status=posted"


def test_up_has_no_limit_and_the_base_of_another_day_is_fine() -> None:
    directory = based(sale())
    assert tell(correction("up", Line(amount="5000")), directory)[0] == ["1 -|- 5000.00"]
    assert tell(correction("down", date="2025-02-10"), directory)[0] == ["1 -|- -120.00"]


def test_the_contract_must_still_be_in_force() -> None:
    directory = based(sale(counterparty="SIRIUS", contract="BUYER-SHORT"))
    assert refused(correction("down", date="2025-07-01"), directory).startswith("contract_out_of_validity contract: contract=BUYER-SHORT")


def test_the_year_of_the_base_decides() -> None:
    directory = based(sale(date="2025-12-31"))
    assert directory.documents["base"].date == date(2025, 12, 31)
    assert tell(correction("down", date="2026-01-10"), directory, closed_year=2025)[1][0] == "91.02 #1 120.00 20%"
