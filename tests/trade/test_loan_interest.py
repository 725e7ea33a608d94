"""Interest of loans as documents: one row per rule and per refusal."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from setoff.core.errors import DomainError
from setoff.parties.loan_rows import LoanContract, loan_row
from setoff.parties.records import Loan, LoanRate, LoanRepayment
from setoff.trade.documents import InterestRow, LoanInterest, Payment, PaymentRow
from tests.trade.stage import cast_directory, refused, tell

ROW = InterestRow(first="2025-03-02", last="2025-03-31", principal="36500.00", percent="10", year_days=365)


def interest(**fields: Any) -> LoanInterest:
    common = {
        "unit": "MSK", "date": "2025-03-31", "counterparty": "IVANOV", "contract": "LOAN", "first": "2025-03-01", "last": "2025-03-31",
        "amount": "300.00", "rows": [ROW], "item": "interest",
    }  # fmt: skip
    return LoanInterest(**{**common, **fields})


def test_interest_received_is_an_expense_and_a_debt_of_ours() -> None:
    assert tell(interest()) == (["1 -|- -300.00"], ["91.02 #1 300.00 [interest]"])
    assert tell(interest(due="2025-04-05"))[0] == ["1 -|- -300.00 due 2025-04-05"]
    assert tell(interest(account="26"))[1] == ["26 #1 300.00 [interest]"]
    assert tell(interest(contours=("mgmt",))) == (["1 -|- -300.00"], [])


def test_interest_granted_is_an_income_and_a_debt_of_theirs() -> None:
    assert tell(interest(contract="LOAN-GRANTED")) == (["1 -|- 300.00"], ["#1 91.01 300.00 [interest]"])


def test_an_amount_typed_by_hand_needs_no_rows() -> None:
    assert tell(interest(amount="301.00", typed=True))[0] == ["1 -|- -301.00"]
    assert tell(interest(rows=[], typed=True))[0] == ["1 -|- -300.00"]


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"contract": ""}, "field_missing contract"),
        ({"contract": "BUYER", "counterparty": "VEGA"}, "relation_mismatch contract"),
        ({"first": "2025-04-01"}, "invalid_value last"),
        ({"date": "2025-03-30"}, "invalid_value last"),
        ({"first": "1.3.2025"}, "invalid_date first"),
        ({"amount": "0", "typed": True}, "amount_not_positive amount"),
        ({"amount": "300.01"}, "parts_differ_from_total amount: parts=300.00 RUB, total=300.01 RUB"),
        ({"rows": []}, "parts_differ_from_total amount: parts=0.00 RUB"),
        ({"first": "2025-03-03"}, "invalid_value rows[0].first"),
        ({"rows": [ROW, ROW]}, "invalid_value rows[1].first"),
        ({"rows": [msgspec.structs.replace(ROW, year_days=364)]}, "invalid_value rows[0].year_days"),
        ({"rows": [msgspec.structs.replace(ROW, percent="0")]}, "invalid_rate rows[0].percent"),
        ({"rows": [msgspec.structs.replace(ROW, principal="-1")]}, "amount_not_positive rows[0].principal"),
        ({"account": "62.01"}, "settlement_account_without_node account"),
        ({"item": " "}, "field_missing item"),
        ({"due": "soon"}, "invalid_date due"),
        ({"rate": "2"}, "invalid_rate rate"),
    ],
)
def test_refusals(fields: dict[str, Any], refusal: str) -> None:
    assert refused(interest(**fields)).startswith(refusal)


def test_only_payments_of_loans_have_parts() -> None:
    paid = {"unit": "MSK", "date": "2025-03-20", "counterparty": "IVANOV", "contract": "LOAN", "amount": "10.00"}
    parts = {"costs": "4.00", "interest": "5.00", "principal": "1.00"}
    rows = [msgspec.convert({"amount": amount, "part": part}, PaymentRow) for part, amount in parts.items()]
    said, entries = tell(Payment(kind="loan_repaid", rows=rows, split="by_law", **paid))
    assert (said, entries) == (["1 -|- 4.00", "2 -|- 5.00", "3 -|- 1.00"], ["#1 51 4.00", "#2 51 5.00", "#3 51 1.00"])
    assert refused(Payment(kind="loan_received", split="by_law", **paid)) == "unknown_field split:"
    assert refused(Payment(kind="loan_interest_paid", rows=rows, **paid)) == "unknown_field rows[0].part:"


def terms(**fields: Any) -> Loan:
    return Loan(**{"code": "LOAN", "item": "interest", "rates": [LoanRate(percent="12")], "maturity": "2025-12-31", **fields})


def contract(**fields: Any) -> LoanContract:
    chart = cast_directory().units["MSK"].chart
    return LoanContract(7, 1, "loan_received", "RUB", "contract", "contract", "automatic", chart)._replace(**fields)


def test_terms_are_a_row_of_their_contract() -> None:
    code, contract_id, organization_id, said = loan_row(terms(), contract())
    assert (code, contract_id, organization_id) == ("LOAN", 7, 1)
    assert msgspec.json.decode(said) == {"item": "interest", "rates": [{"percent": "12"}], "maturity": "2025-12-31"}


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"item": ""}, "field_missing", "item"),
        ({"rates": []}, "field_missing", "rates"),
        ({"rates": [LoanRate(percent="x")]}, "invalid_rate", "rates[0].percent"),
        ({"rates": [LoanRate(percent="1001")]}, "invalid_rate", "rates[0].percent"),
        ({"rates": [LoanRate(percent="1", since="2025-02-01")] * 2}, "invalid_value", "rates[1].since"),
        ({"interest_months": 121}, "invalid_value", "interest_months"),
        ({"payment_day": 32}, "invalid_value", "payment_day"),
        ({"maturity": ""}, "field_missing", "maturity"),
        ({"maturity": "31.12.2025"}, "invalid_date", "maturity"),
        ({"payment": "10"}, "unknown_field", "payment"),
        ({"payment": "0", "repayment": "annuity"}, "amount_not_positive", "payment"),
        ({"account": "66.04"}, "settlement_account_without_node", "account"),
        ({"account": "9"}, "unknown_account", "account"),
        ({"repayment": "rows"}, "field_missing", "rows"),
        ({"rows": [LoanRepayment(date="2025-03-01", amount="1")]}, "unknown_field", "rows"),
        ({"repayment": "rows", "rows": [LoanRepayment(date="", amount="1")]}, "field_missing", "rows[0].date"),
        ({"repayment": "rows", "rows": [LoanRepayment(date="2025-03-01", amount="0")]}, "amount_not_positive", "rows[0].amount"),
        ({"repayment": "rows", "rows": [LoanRepayment(date="2025-03-01", amount="1")] * 2}, "invalid_value", "rows[1].date"),
    ],
)
def test_terms_that_are_not_sound(fields: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        loan_row(terms(**fields), contract())
    assert (refusal.value.code, refusal.value.facts["field"]) == (code, field)


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"relation": "buyer"}, "relation_mismatch"), ({"detail": "invoice"}, "invalid_value"), ({"allocation": "manual"}, "invalid_value")],
)
def test_terms_of_a_contract_that_is_no_loan(fields: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        loan_row(terms(), contract(**fields))
    assert (refusal.value.code, refusal.value.facts["field"]) == (code, "code")
