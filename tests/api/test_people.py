"""People and rules over the API: users, roles, tokens with their scopes, maker and checker, the audit trail."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.asking import Api, sale


@pytest.fixture
def administrator(sign_in: Callable[[str], Api]) -> Api:
    return sign_in("administrator")


def token(api: Api, *scopes: str) -> Api:
    made = api.post("tokens", {"name": "a program", "scopes": list(scopes)})
    assert made.status_code == 201, made.content
    return api.with_token(made.json()["token"])


def test_a_token_gives_its_scopes_and_no_more(accountant: Api) -> None:
    reader, drafter, poster = token(accountant, "read"), token(accountant, "draft"), token(accountant, "post")
    assert reader.post("documents", sale("1", state="draft")).status_code == 403
    assert drafter.post("documents", sale("1")).status_code == 403
    key = drafter.post("documents", sale("1", state="draft")).json()["key"]
    assert poster.post(f"documents/{key}/post").status_code == 200
    assert reader.get(f"documents/{key}").json()["status"] == "posted"
    assert [row["author"] for row in reader.get(f"versions/{key}").json()] == ["accountant", "accountant"]


def test_the_scope_import_lets_in_files_alone(accountant: Api) -> None:
    importer = token(accountant, "import")
    assert importer.post("documents", sale("1")).status_code in (403, 422)
    taken = importer.post("imports", json.dumps(sale("1")).encode(), content_type="application/x-ndjson")
    assert (taken.status_code, json.loads(taken.content)["documents"]["created"]) == (200, 1)


def test_a_token_ends_when_it_is_revoked(accountant: Api) -> None:
    made = accountant.post("tokens", {"name": "a program", "scopes": ["read"]}).json()
    program = accountant.with_token(made["token"])
    assert program.get("documents").status_code == 200
    listed = accountant.get("tokens").json()
    assert [(row["id"], row["valid"], made["token"].startswith(row["hint"])) for row in listed] == [(made["id"], True, True)]
    assert accountant.post(f"tokens/{made['id']}/revoke").status_code == 204
    answer = program.get("documents")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert accountant.with_token("setoff_nothing").get("documents").status_code == 401


def test_a_token_makes_no_stronger_token(accountant: Api) -> None:
    weak = token(accountant, "read")
    assert weak.post("tokens", {"name": "more", "scopes": ["post"]}).status_code == 403


def test_users_and_roles_are_an_administrators(administrator: Api, accountant: Api, sign_in: Callable[[str], Api]) -> None:
    wanted = {"login": "olga", "name": "Olga", "email": "olga@example.com", "language": "ru"}
    assert accountant.post("users", wanted).status_code == 403
    added = administrator.post("users", wanted)
    assert (added.status_code, added.json()["roles"]) == (201, []), added.content
    granted = administrator.put("users/olga/roles/MSK", {"role": "viewer"}).json()
    assert granted["roles"] == ["MSK viewer"]
    olga = sign_in("olga")
    assert olga.get("documents", unit="MSK").status_code == 200
    assert olga.get("documents", unit="SPB").json()["code"] == "unknown_reference"
    assert administrator.send("DELETE", "users/olga/roles/MSK").json()["roles"] == []
    assert administrator.put("users/olga/password", {"password": "123"}).json()["code"] == "password_weak"
    known = {"name": "Olga", "email": "", "administrator": False, "active": True}
    assert administrator.put("users/olga", known).json()["email"] == ""
    assert administrator.post("users/olga/disable").json()["active"] is False
    assert administrator.put("users/nobody", known).status_code == 404


def test_a_payment_needs_a_second_person(administrator: Api, accountant: Api, sign_in: Callable[[str], Api]) -> None:
    policy = {"operation": "payment", "limit": "50.00", "currency": "RUB"}
    assert accountant.put("policies", policy).status_code == 403
    assert administrator.put("policies", policy).status_code == 200
    assert [row["limit"] for row in accountant.get("policies").json()] == ["50.00"]
    out: dict[str, Any] = {
        "type": "payment", "kind": "payment_to_supplier", "unit": "MSK", "date": "2026-01-20", "number": "9", "counterparty": "METALL",
        "contract": "SUPPLIER", "amount": "80.00",
    }  # fmt: skip
    answer = accountant.post("documents", out)
    asked = answer.json()
    assert (answer.status_code, asked["status"], asked["approval"] is not None) == (202, "draft", True)
    assert accountant.post("documents?dry_run=true", {**out, "number": "11"}).status_code == 200
    controller = sign_in("controller")
    (request,) = controller.get("approvals").json()
    assert (request["requested_by"], request["amount"], request["state"]) == ("accountant", "80.00", "pending")
    assert accountant.post(f"approvals/{request['id']}/approve", {}).status_code == 403
    tried = controller.post(f"approvals/{request['id']}/approve?dry_run=true", {})
    assert (tried.status_code, tried.json()["changes"] > 0) == (200, True), tried.content
    assert accountant.get(f"documents/{asked['key']}").json()["status"] == "draft"
    assert controller.post(f"approvals/{request['id']}/approve", {"reason": "agreed"}).json()["state"] == "approved"
    assert accountant.get(f"documents/{asked['key']}").json()["status"] == "posted"
    assert controller.post(f"approvals/{request['id']}/refuse", {"reason": "late"}).json()["code"] == "approval_decided"
    second = accountant.post("documents", {**out, "number": "10"}).json()["approval"]
    assert accountant.post(f"approvals/{second}/withdraw", {}).status_code == 200
    assert accountant.get("approvals").json() == []


def test_the_audit_trail_is_read_in_pages_and_streamed(accountant: Api, administrator: Api, sign_in: Callable[[str], Api]) -> None:
    for number in range(3):
        accountant.post("documents", sale(str(number)))
    first = accountant.get("audit", verb="post", limit=2).json()
    second = accountant.get("audit", verb="post", limit=2, cursor=first["next"]).json()
    numbers = [row["number"] for row in (*first["rows"], *second["rows"])]
    assert (numbers, second["next"]) == (["2", "1", "0"], "")
    assert {row["author"] for row in first["rows"]} == {"accountant"}
    streamed = b"".join(accountant.client.get("/api/v1/audit?verb=post", headers={"Accept": "application/x-ndjson"}))
    assert len(streamed.splitlines()) == 3
    assert sign_in("stranger").get("audit").json()["rows"] == []
    assert any(row["unit"] is None for row in administrator.get("audit").json()["rows"])
