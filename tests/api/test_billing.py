"""Billing over the API: records, a preview, a run, its undoing, another unit's accounts."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tests.api.asking import Api
from tests.billing.served import MONTH, RECORDS

PLURALS = {tag: f"{tag}s" for tag in ("price_list", "contract", "service_account", "service_operation")}


def test_billing_by_the_api(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    for record in RECORDS:
        said = msgspec.to_builtins(record)
        answer = accountant.put(PLURALS[said["type"]], [said])
        assert answer.status_code == 200, answer.content
    assert [row["code"] for row in accountant.get("service_accounts", q="d-").json()["rows"]] == ["D-1", "D-2"]
    (cost,) = accountant.get("service_operations/OP-1").json()["costs"]
    assert cost == {"counterparty": "METALL", "amount": "100.00", "name": "Registrar"}
    drafts = accountant.post("billing/preview", MONTH).json()
    assert [(draft["contract"], draft["amount"], draft["due"]) for draft in drafts] == [
        ("BUYER", "854.00", "2026-02-17"), ("DEPO-2", "854.00", "2026-02-17"),
    ]  # fmt: skip
    assert sign_in("viewer").post("billing/runs", MONTH).status_code == 403
    assert accountant.post("billing/runs?dry_run=true", MONTH).json()["kept"] is False
    done = accountant.post("billing/runs", MONTH).json()
    assert [row["state"] for row in done["invoices"]] == ["posted", "posted"]
    assert accountant.post(f"billing/runs/{done['run']}/continue").json()["invoices"] == []
    assert [row["invoices"] for row in accountant.get("billing/runs").json()] == [2]
    assert len(accountant.get("billing/unpaid", unit="MSK", price_list="depository").json()) == 2
    quoted = accountant.get("billing/quote", document="billing/MSK/BUYER/2026-01", currency="USD", paid_on="2026-02-05").json()
    assert quoted["amount"] == "9.49"  # 854 / 90 = 9.4889
    assert accountant.post("documents", quoted["payment"]).status_code == 200
    assert [row["contract"] for row in accountant.get("billing/unpaid", unit="MSK", price_list="depository").json()] == ["DEPO-2"]
    changes = accountant.get("billing/tariff-changes", price_list="depository", currency="EUR", notice_on="2026-02-03").json()
    assert [(change["contract"], change["earliest"]) for change in changes] == [("BUYER", "2026-03-03"), ("DEPO-2", "2026-03-03")]
    refused = accountant.post(f"billing/runs/{done['run']}/undo").json()
    assert refused["code"] == "conflict_with_later_target"  # the payment names its invoice
    assert accountant.post("billing/preview", {**MONTH, "unit": "NOWHERE"}).json()["code"] == "unknown_reference"


def test_another_units_accounts_are_nobodys_business(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    for record in RECORDS:
        said = msgspec.to_builtins(record)
        accountant.put(PLURALS[said["type"]], [said])
    accountant.post("billing/runs", MONTH)
    stranger = sign_in("stranger")
    assert stranger.get("service_accounts").json()["rows"] == []
    assert stranger.get("service_operations").json()["rows"] == []
    assert stranger.get("price_lists").json()["rows"] == []
    assert stranger.get("billing/runs").json() == []
    assert stranger.post("billing/preview", MONTH).json()["code"] == "unknown_reference"
    assert stranger.post("billing/runs/1/undo").json()["code"] == "unknown_reference"
