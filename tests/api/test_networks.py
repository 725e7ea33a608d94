"""The network of debts over the API: the figures of the page."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.asking import Api, payment, sale

CSV = "text/csv"
HEADER = "id,debtor,creditor,amount,currency,due\n"
GOOD = HEADER + "1,A,B,100,EUR,2026-01-10\n2,B,C,70,EUR,\n3,C,A,90,EUR,\n4,A,A,5,EUR,\n"


def test_the_network_of_our_books(accountant: Api) -> None:
    """VEGA owes 70 and has no claims: nothing clears, and that is why it stays."""
    accountant.post("documents", sale("1", "100.00"))
    accountant.post("documents", payment("2", "30.00"))
    (found,) = accountant.get("networks").json()
    assert (found["currency"], found["debts"], found["cleared"], found["pairs"]) == ("RUB", "70.00", "0.00", 1)
    assert found["stays"] == [{"reason": "debtor_has_no_claims", "pairs": 1, "amount": "70.00"}]
    assert sorted(party["net"] for party in found["parties"]) == ["-70.00", "70.00"]
    assert accountant.get("networks", currency="CNY").json() == []
    assert len(accountant.get("networks", limit=1).json()[0]["parties"]) == 1


def test_obligations_that_are_sent_are_cleared(accountant: Api) -> None:
    """70 around A, B, C; the funder's 30 would discharge all 260."""
    asked = "networks/clear?curve=true&why=1&why=4"
    (found,) = accountant.post(asked, GOOD.encode(), content_type=CSV).json()
    assert (found["cleared"], found["bound"], found["full"], found["part"]) == ("210.00", "210.00", 1, 2)
    assert found["excluded"] == [{"reason": "self_debt", "obligations": 1}]
    assert found["stays"] == [{"reason": "used_up", "obligations": 2, "amount": "50.00"}]
    assert (found["curve"][0]["discharged"], found["curve"][-1]["discharged"]) == ("210.00", "260.00")
    assert [(why["answer"], why["pair_cleared"]) for why in found["why"]] == [("most_pair", "70.00"), ("excluded", "0.00")]
    assert found["why"][0]["debtor_level"] is not None and found["why"][1]["debtor_level"] is None
    limited = accountant.post("networks/clear?cap=B%3D30&exclude_obligation=4", GOOD.encode(), content_type=CSV).json()
    assert limited[0]["cleared"] == "90.00"


@pytest.mark.parametrize("key", ["", "once"])
def test_the_forms_of_a_result(accountant: Api, key: str) -> None:
    def lines(form: str) -> list[Any]:
        headers = {"content_type": CSV} | ({"idempotency_key": key + form} if key else {})
        answer = accountant.post(f"networks/clear?form={form}", GOOD.encode(), **headers)
        assert answer.status_code == 200 and answer["Content-Type"] == "application/x-ndjson"
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        return [json.loads(line) for line in content.splitlines()]

    head, currency, *rows = lines("result")
    assert [head["record"], currency["record"], *(row[0] for row in rows)] == ["clearing", "currency", *["party"] * 3, *["obligation"] * 4]
    (chain,) = lines("chains")
    assert (chain["amount"], chain["parties"]) == ("70.00", 3)
    assert [(row["party"], row["cleared"]) for row in lines("gains")] == [("A", "70.00"), ("B", "70.00"), ("C", "70.00")]


def test_bad_rows_that_are_sent_are_told_and_nothing_is_cleared(accountant: Api) -> None:
    content = (GOOD + "5,A,B,-1,EUR,\n6,A,B,1,EUR,,more\n").encode()
    answer = accountant.post("networks/clear", content, content_type=CSV)
    told = answer.json()
    assert answer.status_code == 422 and told["bad"] == 2
    assert [(fault["row"], fault["code"]) for fault in told["faults"]] == [(6, "amount_not_positive"), (7, "row_too_long")]
    assert all(fault["mend"] for fault in told["faults"])
    assert accountant.post("networks/clear?skip_bad=true", content, content_type=CSV).json()[0]["cleared"] == "210.00"
    unknown = accountant.post("networks/clear?party=A&party=B", GOOD.encode(), content_type=CSV).json()
    assert [(fault["field"], fault["value"]) for fault in unknown["faults"]] == [("creditor", "C"), ("debtor", "C")]


@pytest.mark.parametrize(
    ("asked", "content", "code"),
    [
        ("", b" \n", "file_empty"), ("", b"PK\x03\x04", "file_not_text"), ("", b"a,b\n1,2\n", "column_missing"),
        ("?liquidity=-1", GOOD.encode(), "amount_not_positive"), ("?why=99", GOOD.encode(), "unknown_reference"),
        ("?cap=B", GOOD.encode(), "invalid_value"), ("?only_due=true", GOOD.encode(), "field_missing"),
    ],
)  # fmt: skip
def test_what_cannot_be_cleared_is_refused(accountant: Api, asked: str, content: bytes, code: str) -> None:
    answer = accountant.post(f"networks/clear{asked}", content, content_type=CSV)
    assert 400 <= answer.status_code < 500 and answer.json()["code"] == code


def test_our_own_books_are_cleared(accountant: Api) -> None:
    accountant.post("documents", sale("1", "100.00"))
    (found,) = accountant.get("networks/clear", as_of="2030-01-01").json()
    assert (found["eligible"], found["cleared"]) == ("100.00", "0.00")
    assert found["stays"][0]["reason"] == "debtor_has_no_claims"
