"""Master records over the API, and records in bulk: the same forms as in files."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.api.asking import Api, sale


def lines(answer: Any) -> list[dict[str, Any]]:
    content = b"".join(answer) if answer.streaming else answer.content
    return [json.loads(line) for line in content.splitlines()]


def ndjson(*records: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(record).encode() for record in records)


def test_masters_are_listed_found_and_saved(accountant: Api) -> None:
    first = accountant.get("counterparties", limit=3).json()
    assert [row["code"] for row in first["rows"]] == ["BERLIN", "HAIDA", "IVANOV"]
    second = accountant.get("counterparties", limit=3, cursor=first["next"]).json()
    assert [row["code"] for row in second["rows"]] == ["METALL", "OSTSEE", "SIRIUS"]
    assert [row["code"] for row in accountant.get("counterparties", q="вега").json()["rows"]] == ["VEGA"]
    assert [row["code"] for row in accountant.get("contracts", counterparty="VEGA", currency="EUR").json()["rows"]] == ["BUYER-UNIT"]
    assert accountant.get("contracts/BUYER-DUE").json()["stages"] == [{"percent": "100", "days": 30}]
    assert accountant.get("contracts/NONE").status_code == 404
    new = {"type": "counterparty", "code": "NEW", "name": "New one"}
    assert accountant.put("counterparties?dry_run=true", [new]).json() == {"created": 1, "changed": 0, "unchanged": 0, "kept": False}
    assert accountant.put("counterparties", [new]).json()["created"] == 1
    assert accountant.put("counterparties", [new]).json()["unchanged"] == 1
    assert accountant.get("counterparties/NEW").json() == new


def test_rates_have_a_key_of_three_parts(accountant: Api) -> None:
    first = accountant.get("rates", currency="EUR", limit=2).json()
    assert [row["date"] for row in first["rows"]] == ["2025-01-01", "2025-02-01"]
    second = accountant.get("rates", currency="EUR", limit=2, cursor=first["next"]).json()
    assert ([row["date"] for row in second["rows"]], second["next"]) == (["2025-03-01"], "")


def test_a_rate_tells_what_it_changes(sign_in: Callable[[str], Api]) -> None:
    """Nothing was posted by it, so nothing changes; who is no administrator may not."""
    new = [{"type": "rate", "currency": "EUR", "quote": "RUB", "date": "2026-01-01", "rate": "99"}]
    assert sign_in("accountant").put("rates", new).status_code == 403
    said = sign_in("administrator").put("rates", new).json()
    assert said == {"kept": True, "created": 1, "changed": 0, "unchanged": 0, "restated": 0, "changes": []}


def test_only_an_administrator_changes_organizations(sign_in: Callable[[str], Api]) -> None:
    given = [sign_in("administrator").get("organizations/ROMASHKA").json()]
    assert sign_in("accountant").put("organizations", given).status_code == 403
    assert sign_in("viewer").put("partners", [{"type": "partner", "code": "P", "name": "P"}]).status_code == 403
    assert sign_in("administrator").put("organizations", given).json()["unchanged"] == 1


def test_an_import_answers_line_by_line(accountant: Api) -> None:
    bad = sale("2", "oops")
    answer = accountant.post("imports", ndjson(sale("1"), bad, sale("3")), content_type="application/x-ndjson")
    told = lines(answer)
    assert answer.status_code == 422
    assert (told[0]["row"], told[0]["field"], told[0]["code"]) == (2, "lines[0].amount", "invalid_amount")
    assert told[-1]["kept"] is False
    assert accountant.get("documents").json()["rows"] == []
    good = accountant.post("imports?good_rows=true", ndjson(sale("1"), bad, sale("3")), content_type="application/x-ndjson")
    assert (good.status_code, lines(good)[-1]["documents"]) == (200, {"created": 2, "changed": 0, "unchanged": 0})


def test_an_import_may_not_write_where_its_user_may_not(sign_in: Callable[[str], Api]) -> None:
    told = lines(sign_in("operator").post("imports", ndjson(sale("1"), sale("2", state="draft")), content_type="application/x-ndjson"))
    assert [(row["row"], row["code"]) for row in told[:-1]] == [(1, "not_permitted")]
    assert sign_in("stranger").post("imports", ndjson(sale("1")), content_type="application/x-ndjson").status_code == 403
    unit = {"type": "unit", "code": "X", "organization": "ROMASHKA", "name": "X"}
    told = lines(sign_in("accountant").post("imports", ndjson(unit), content_type="application/x-ndjson"))
    assert told[0]["code"] == "not_permitted"


def test_what_is_exported_can_be_imported(accountant: Api) -> None:
    accountant.post("documents", sale("1"))
    content = b"".join(accountant.get("exports"))
    assert json.loads(content.splitlines()[-1])["key"] == "sale/MSK/2026/1"
    masters = [line for line in content.splitlines() if json.loads(line)["type"] not in ("organization", "unit", "rate")]
    again = lines(accountant.post("imports", b"\n".join(masters), content_type="application/x-ndjson"))
    assert (again[-1]["refused"], again[-1]["documents"]["unchanged"]) == (0, 1)


def test_a_table_needs_a_mapping_that_comes_with_setoff(accountant: Api) -> None:
    answer = accountant.post("imports", b"a,b\n1,2\n", content_type="text/csv")
    assert answer.json()["code"] == "mapping_required"
    answer = accountant.post("imports?mapping=/etc/passwd", b"a,b\n1,2\n", content_type="text/csv")
    assert answer.json()["code"] == "invalid_value"
