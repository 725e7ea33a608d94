"""Reports, periods, verification and checks over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from setoff.reports.registry import REPORTS
from tests.api.asking import Api, payment, sale

NEEDED: dict[str, dict[str, str]] = {
    "account-analysis": {"account": "62"}, "card": {"counterparty": "VEGA"}, "reconciliation-act": {"counterparty": "VEGA"},
    "payment-habits": {"counterparty": "VEGA"},
    "consolidation": {"organization": "ROMASHKA"},
}


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_answers_in_every_form(accountant: Api, name: str) -> None:
    accountant.post("documents", sale("1", "100.00"))
    asked: dict[str, Any] = {"as_of": "2026-01-31", "unit": "MSK", **NEEDED.get(name, {})}
    found = accountant.get(f"reports/{name}", **asked)
    assert found.status_code == 200, found.content
    assert (found.json()["report"], found.json()["as_of"]) == (name, "2026-01-31")
    assert accountant.get(f"reports/{name}", **asked, format="csv").getvalue().startswith(b"\xef\xbb\xbf")
    assert accountant.get(f"reports/{name}", **asked, format="xlsx").getvalue().startswith(b"PK")
    assert accountant.get(f"reports/{name}", **asked, format="pdf").content.startswith(b"%PDF")


def test_a_statement_shows_the_debt(accountant: Api) -> None:
    accountant.post("documents", sale("1", "100.00"))
    accountant.post("documents", payment("2", "30.00"))
    found = accountant.get("reports/statement", as_of="2026-01-31", group_by=["counterparty"], contour="reg").json()
    assert found["sections"][0]["rows"][0]["closing"] == "70.00"
    before = accountant.get("reports/statement", as_of="2026-01-15").json()
    assert before["sections"][0]["rows"][0]["closing"] == "100.00"


def test_a_filter_that_is_not_known_is_refused(accountant: Api) -> None:
    told = accountant.get("reports/statement", as_off="2026-01-31").json()
    assert (told["code"], told["field"]) == ("unknown_field", "as_off")
    assert accountant.get("reports/nothing").status_code == 404


def test_a_period_is_closed_sealed_and_verified(sign_in: Callable[[str], Api]) -> None:
    accountant, controller = sign_in("accountant"), sign_in("controller")
    accountant.post("documents", sale("1"))
    assert accountant.post("periods/MSK/2026-01-31/close", {}).status_code == 403
    closed = controller.post("periods/MSK/2026-01-31/close", {"reason": "January"})
    assert (closed.status_code, closed.json()["state"]) == (200, "closed"), closed.content
    refused = accountant.post("documents", sale("2"))
    assert (refused.status_code, refused.json()["code"]) == (409, "period_closed")
    assert controller.post("periods/MSK/2026-01-31/reopen", {"reason": "late paper"}).json()["state"] == "open"
    controller.post("periods/MSK/2026-01-31/close", {})
    assert controller.post("periods/MSK/2026-01-31/seal", {}).json()["state"] == "sealed"
    assert controller.post("periods/MSK/2026-01-31/reopen", {"reason": "late paper"}).json()["code"] == "period_state"
    assert controller.get("verification", unit="MSK").json() == []
    assert [row["state"] for row in accountant.get("periods").json()] == ["sealed"]


def test_checks_tell_that_all_holds(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    accountant.post("documents", sale("1"))
    assert {row["state"] for row in accountant.get("checks", unit="MSK").json()} <= {"ok", "list"}
    assert accountant.post("refold").status_code == 403
    assert sign_in("administrator").post("refold").json() == {"rows": 0}


def test_what_leaves_is_in_the_audit_trail(accountant: Api, web: Any) -> None:
    key = accountant.post("documents", sale("1")).json()["key"]
    csv = accountant.post(f"attachments/{key}?name=a.txt", b"a,b", content_type="application/octet-stream")
    accountant.get("reports/statement", as_of="2026-01-31")
    accountant.get("reports/statement", as_of="2026-01-31", format="csv", unit=["MSK"])
    b"".join(accountant.get("exports"))
    accountant.get(f"attachments/{key}/files/{csv.json()['id']}")
    query = "select author, origin, verb from audit where verb like 'export%' or verb = 'read_attachment' order by id"
    told = web.execute(query).fetchall()
    assert told == [("accountant", "api", verb) for verb in ("export_report", "export_records", "read_attachment")]
