"""Documents over the API: stated, read, edited with a version, tried, listed in pages, unposted."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.api.asking import Api, payment, sale


def test_a_document_is_posted_and_read(accountant: Api) -> None:
    outcome = accountant.post("documents", sale("7", "1200.00"))
    assert outcome.status_code == 200, outcome.content
    told = outcome.json()
    assert (told["key"], told["status"], told["version"], told["changed"], told["kept"]) == ("sale/MSK/2026/7", "posted", 1, True, True)
    assert ("lot", "0.00", "1200.00", "RUB") in [(row["what"], row["before"], row["after"], row["currency"]) for row in told["changes"]]
    read = accountant.get("documents/sale/MSK/2026/7")
    assert read["ETag"] == '"1"'
    assert read.json()["document"]["lines"] == [{"amount": "1200.00", "vat_rate": "20"}]
    assert accountant.post("documents", sale("7", "1200.00")).json()["changed"] is False


def test_a_dry_run_tells_the_diff_and_keeps_nothing(accountant: Api) -> None:
    outcome = accountant.post("documents?dry_run=true", sale("7")).json()
    assert outcome["kept"] is False
    assert outcome["changes"]
    assert accountant.get("documents").json() == {"rows": [], "next": ""}


def test_a_draft_is_saved_posted_unposted_marked_and_cleared(accountant: Api) -> None:
    key = accountant.post("documents", sale("7", state="draft")).json()["key"]
    states = []
    for verb in ("post", "unpost", "mark-deletion", "clear-deletion-mark"):
        answer = accountant.post(f"documents/{key}/{verb}")
        assert answer.status_code == 200, answer.content
        now = accountant.get(f"documents/{key}").json()
        states.append((now["status"], now["deletion_mark"]))
    assert states == [("posted", False), ("unposted", False), ("unposted", True), ("unposted", False)]
    actions = [row["action"] for row in accountant.get(f"versions/{key}").json()]
    assert actions == ["save", "post", "unpost"]


def test_an_edit_of_an_old_version_is_refused(accountant: Api) -> None:
    """Two people read version 1; the second one to save is told, instead of the first one's edit being lost."""
    key = accountant.post("documents", sale("7", "100.00")).json()["key"]
    assert accountant.put(f"documents/{key}", sale("7", "110.00"), if_match='"1"').json()["version"] == 2
    late = accountant.put(f"documents/{key}", sale("7", "120.00"), if_match='"1"')
    assert (late.status_code, late.json()["code"], late.json()["facts"]) == (412, "version_differs", {"expected": 1, "actual": 2})
    assert late["Content-Type"] == "application/problem+json"
    assert accountant.get(f"documents/{key}").json()["document"]["lines"][0]["amount"] == "110.00"


def test_the_pages_of_a_list_stay_right_while_documents_come_in(accountant: Api) -> None:
    for day in range(1, 6):
        accountant.post("documents", sale(f"A{day}", date=f"2026-01-0{day}"))
    first = accountant.get("documents", limit=2).json()
    accountant.post("documents", sale("A0", date="2026-01-01"))  # before the cursor
    accountant.post("documents", sale("A6", date="2026-01-06"))  # after it
    numbers = [row["number"] for row in first["rows"]]
    cursor = first["next"]
    while cursor:
        page = accountant.get("documents", limit=2, cursor=cursor).json()
        numbers += [row["number"] for row in page["rows"]]
        cursor = page["next"]
    assert numbers == ["A1", "A2", "A3", "A4", "A5", "A6"]


def test_a_list_is_filtered_ordered_and_streamed(accountant: Api) -> None:
    accountant.post("documents", sale("1", "100.00"))
    accountant.post("documents", sale("2", "200.00", state="draft"))
    accountant.post("documents", payment("3", "50.00"))
    assert [row["number"] for row in accountant.get("documents", kind=["sale"], order="desc").json()["rows"]] == ["2", "1"]
    assert [row["number"] for row in accountant.get("documents", status="draft").json()["rows"]] == ["2"]
    assert [row["number"] for row in accountant.get("documents", since="2026-01-15").json()["rows"]] == ["3"]
    assert accountant.get("documents", unit="SPB").json()["rows"] == []
    streamed = accountant.client.get("/api/v1/documents?limit=1", headers={"Accept": "application/x-ndjson"})
    rows = [json.loads(line) for line in b"".join(streamed).splitlines()]
    assert [(row["number"], row["total"]) for row in rows] == [("1", "100.00"), ("2", "200.00"), ("3", "50.00")]


def test_a_payment_is_filled_and_explained(accountant: Api) -> None:
    accountant.post("documents", sale("1", "100.00"))
    filled = accountant.post("payments/fill", payment("9", "60.00")).json()
    assert filled["rows"][0]["targets"] == [{"document": "sale/MSK/2026/1", "amount": "60.00", "named_by": "internal"}]
    key = accountant.post("documents", filled).json()["key"]
    story = accountant.get(f"explanations/{key}").json()
    assert {(use["document"], use["amount"]) for fact in story["facts"] for use in fact["uses"]} == {("sale/MSK/2026/1", "60.00")}


def test_a_document_has_a_paper(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    key = accountant.post("documents", sale("7", "100.00")).json()["key"]
    paper = accountant.get(f"documents/{key}/paper", language="zh")
    assert paper["Content-Type"] == "application/pdf" and paper.content.startswith(b"%PDF")
    assert sign_in("stranger").get(f"documents/{key}/paper").status_code == 404


def test_a_refusal_is_a_problem_in_the_language_of_the_request(accountant: Api) -> None:
    wrong = accountant.post("documents", sale("1", "1O0.00"), accept_language="ru")
    told = wrong.json()
    assert (wrong.status_code, wrong["Content-Type"], wrong["Content-Language"]) == (422, "application/problem+json", "ru")
    assert told["code"] == "invalid_amount"
    assert told["type"].endswith("/api/errors/invalid_amount")
    assert "1O0.00" in told["detail"]
    missing = accountant.post("documents", {"type": "sale", "unit": "MSK", "date": "2026-01-01"}).json()
    assert (missing["code"], missing["pointer"]) == ("field_missing", "#/counterparty")
    assert accountant.get("documents/nothing").status_code == 404


def test_roles_end_where_they_end(sign_in: Callable[[str], Api]) -> None:
    operator, viewer, stranger = sign_in("operator"), sign_in("viewer"), sign_in("stranger")
    assert operator.post("documents", sale("1")).status_code == 403
    key = operator.post("documents", sale("1", state="draft")).json()["key"]
    assert operator.post(f"documents/{key}/post").status_code == 403
    assert viewer.post(f"documents/{key}/mark-deletion").status_code == 403
    assert viewer.get(f"documents/{key}").status_code == 200
    assert stranger.get(f"documents/{key}").status_code == 404
    assert stranger.get("documents").json()["rows"] == []
    assert stranger.post("documents", sale("2")).json()["code"] == "unknown_reference"


def test_the_filters_of_the_page_are_those_of_the_api(accountant: Api) -> None:
    accountant.post("documents", sale("1", "100.00", comment="Аванс за март"))
    accountant.post("documents", sale("2", "250.00", date="2026-01-11"))

    def numbers(**asked: Any) -> list[str]:
        return [row["number"] for row in accountant.get("documents", **asked).json()["rows"]]

    assert numbers(q="март аван") == ["1"] and numbers(q="sale/MSK/2026/2") == ["2"] and numbers(q="нет") == []
    assert numbers(amount_from="100.01") == ["2"] and numbers(amount_to="100") == ["1"]
    assert numbers(amount_from="1", amount_to="999") == ["1", "2"]
    assert numbers(author="accountant") == ["1", "2"] and numbers(author="nobody") == []
    assert accountant.get("documents", amount_from="much").json()["field"] == "amount_from"


def test_an_order_has_another_status(accountant: Api) -> None:
    """40.00 of 100.00 are to be paid before it is fulfilled."""
    order = {
        "type": "customer_order", "key": "O1", "unit": "MSK", "date": "2026-01-10", "counterparty": "SIRIUS", "contract": "BUYER-ORDERS",
        "lines": [{"amount": "100.00"}], "stages": [{"variant": "advance", "percent": "40"}, {"variant": "credit", "percent": "60"}],
    }  # fmt: skip
    assert accountant.post("documents", order).status_code == 200
    refused = accountant.post("documents/O1/status", {"status": "processing"})
    assert (refused.status_code, refused.json()["code"]) == (422, "prepayment_missing")
    assert accountant.post("documents/O1/status", {"status": "paid"}).json()["code"] == "invalid_value"
    assert accountant.post("documents/O1/status", {"status": "closed"}, if_match='"7"').status_code == 412
    done = accountant.post("documents/O1/status?consent=true", {"status": "processing", "approved": "2026-01-12"}, if_match='"1"')
    assert (done.status_code, done.json()["version"]) == (200, 2), done.content
    said = accountant.get("documents/O1").json()["document"]
    assert (said["status"], said["approved"]) == ("processing", "2026-01-12")
