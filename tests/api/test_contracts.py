"""Contracts over the API: the status of many, one made from an agreement, the choice of a document's, files that leave it out."""

from __future__ import annotations

from collections.abc import Callable

from tests.api.asking import Api, sale
from tests.api.test_attachments import BYTES, PNG


def test_the_status_of_many_is_tried_told_and_set(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    accountant.post("documents", sale("1", "100.00"))
    wanted = {"codes": ["BUYER", "BUYER-2"], "status": "closed"}
    tried = accountant.post("contract-statuses?dry_run=true", wanted).json()
    assert [(row["code"], row["outcome"]) for row in tried["rows"]] == [("BUYER", "refused"), ("BUYER-2", "changed")]
    problem = tried["rows"][0]["problem"]
    assert (problem["code"], problem["facts"]["balances"], tried["kept"]) == (
        "contract_not_settled", [{"amount": "100.00", "currency": "RUB"}], False,
    )  # fmt: skip
    assert accountant.post("contract-statuses", wanted).json()["kept"] is False
    assert accountant.post("contract-statuses", {**wanted, "skip_refused": True}).json()["kept"] is True
    assert [accountant.get(f"contracts/{code}").json().get("status", "active") for code in wanted["codes"]] == ["active", "closed"]
    assert accountant.post("contract-statuses?consent=true", wanted).json()["rows"][0]["outcome"] == "changed"
    assert sign_in("viewer").post("contract-statuses", wanted).status_code == 403
    assert accountant.post("contract-statuses", {"codes": [], "status": "closed"}).status_code == 422


def test_a_contract_is_made_from_an_agreement_and_chosen_for_documents(accountant: Api) -> None:
    agreement = {"type": "agreement", "code": "W", "name": "W", "currency": "EUR", "manager": "Orlova"}
    assert accountant.put("agreements", [agreement]).status_code == 200
    said = {"agreement": "W", "code": "IV", "number": "IV-1", "organization": "ROMASHKA", "counterparty": "IVANOV", "date": "2025-12-01"}
    made = accountant.post("contracts-from-agreement", said)
    assert made.status_code == 200 and (made.json()["currency"], made.json()["manager"], made.json()["agreement"]) == ("EUR", "Orlova", "W")
    assert accountant.post("contracts-from-agreement", said).json()["code"] == "reference_exists"
    left_out = {**sale("9"), "counterparty": "IVANOV", "contract": "", "currency": "EUR"}
    chosen = accountant.post("fill", left_out).json()
    assert (chosen["document"]["contract"], chosen["contracts"]) == ("IV", ["IV"])
    several = accountant.post("fill", {**sale("9"), "contract": ""}).json()
    assert "contract" not in several["document"] and several["contracts"] == ["BUYER", "BUYER-2", "BUYER-UNIT"]
    rows = accountant.get("reports/expiring-contracts", as_of="2025-06-01", within="30").json()["sections"][0]["rows"]
    assert [row["code"] for row in rows] == ["BUYER-SHORT"]


def test_a_contract_keeps_its_papers(accountant: Api, sign_in: Callable[[str], Api]) -> None:
    attached = accountant.post("contract-files/BUYER?name=signed.png", PNG, content_type=BYTES)
    assert (attached.status_code, attached.json()["media_type"]) == (201, "image/png"), attached.content
    number = attached.json()["id"]
    assert accountant.post("contract-files/BUYER?name=signed.png", PNG, content_type=BYTES).json()["code"] == "attachment_exists"
    assert accountant.post("contract-files/NOBODY?name=signed.png", PNG, content_type=BYTES).json()["code"] == "unknown_reference"
    assert [row["name"] for row in accountant.get("contract-files/BUYER").json()] == ["signed.png"]
    assert accountant.get(f"contract-files/BUYER/files/{number}").content == PNG
    assert accountant.get(f"contract-files/BUYER-2/files/{number}").status_code == 404
    assert sign_in("stranger").get(f"contract-files/BUYER/files/{number}").status_code == 404
    assert sign_in("viewer").send("DELETE", f"contract-files/BUYER/files/{number}").status_code == 403
    assert accountant.send("DELETE", f"contract-files/BUYER/files/{number}").status_code == 204
    assert accountant.get("contract-files/BUYER").json() == []
