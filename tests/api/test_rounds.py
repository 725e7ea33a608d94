"""A round over the API from its opening to its reversal, and who may not see it. Numbers: tests/clearing/group.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from setoff.books.audit import Actor
from tests.api.asking import Api
from tests.clearing import group


@pytest.fixture
def told(web: Any, actor: Actor) -> Any:
    """The group beside the cast; every role has the right in the group's units too."""
    group.tell(web, actor)
    for role in ("viewer", "accountant"):
        web.execute(
            """insert into access_grant (user_id, unit_id, role) select u.id, unit.id, %s from access_user u, unit
               where u.username = %s and unit.code = any(%s)""",
            [role, role, ["ALFA-1", "BETA-1", "GAMMA-1"]],
        )
    return web


def test_a_round_over_the_api(told: Any, sign_in: Callable[[str], Api]) -> None:
    api = sign_in("accountant")
    wanted = {"code": "R1", "as_of": "2025-03-31", "units": ["ALFA-1", "BETA-1", "GAMMA-1"]}
    opened = api.post("rounds", wanted)
    assert opened.status_code == 201, opened.content
    assert opened.json()["totals"] == [{"currency": "RUB", "debts": 5, "amount": "355.00", "cleared": "0.00", "bound": None}]
    capped = {**wanted, "caps": [{"party": "C-OMEGA", "amount": "5"}]}
    assert api.post("rounds", capped).json()["code"] == "round_exists"
    assert api.post("rounds", {**capped, "code": "R2"}).json()["round"]["choices"]["caps"] == [
        {"party": "C-OMEGA", "creditor": "", "amount": "5", "currency": ""}
    ]
    debts = [{"id": "1", "debtor": "C-OMEGA", "creditor": "DELTA", "amount": "5", "currency": "RUB"}]
    assert len(api.put("rounds/R1/debts", {"name": "others", "debts": debts}).json()["debts"]) == 7
    assert api.put("rounds/R1/debts", {"name": "bad", "debts": [{**debts[0], "amount": "x"}]}).json()["code"] == "round_rows_refused"
    assert api.post("rounds/R1/correct", {"number": 7, "amount": "6.00", "because": "typed wrong"}).json()["debts"][6]["amount"] == "6.00"
    confirmed = api.post("rounds/R1/confirm", {"side": "debtor", "by": "DELTA", "numbers": [7]}).json()
    assert confirmed["debts"][6]["debtor_confirmed"] == "DELTA"
    assert api.post("rounds/R1/bar", {"numbers": [7], "because": "not ours"}).json()["debts"][6]["why"] == "person"
    assert api.post("rounds/R1/admit", {"numbers": [7]}).json()["debts"][6]["why"] == ""
    api.post("rounds/R1/bar", {"numbers": [7], "because": "not ours"})
    assert api.post("rounds/R1/collect").json()["round"]["status"] == "open"
    solved = api.post("rounds/R1/solve").json()
    assert solved["totals"] == [{"currency": "RUB", "debts": 5, "amount": "355.00", "cleared": "285.00", "bound": "285.00"}]
    assert api.post("rounds/R1/final", {}).json()["code"] == "round_unsigned"
    assert api.post("rounds/R1/cancel", {"because": "nothing is posted"}).json()["round"]["status"] == "preliminary"
    assert api.get("rounds/R1/why/1").json()["text"].startswith("Only one of two books")
    why = api.get("rounds/R1/why/5").json()
    assert (why["answer"], why["debtor"], why["pair_cleared"]) == ("always", "ООО «GAMMA», GAMMA 1", "75.00")
    changed = api.put("rounds/R1/choices", {"minimum": "30.01", "confirmation": "one"}).json()["round"]
    assert (changed["is_stale"], changed["choices"]["minimum"], changed["as_of"]) == (True, "30.01", "2025-03-31")
    assert api.post("rounds/R1/solve").json()["totals"][0]["cleared"] == "240.00"
    assert api.put("rounds/R1/choices", {}).json()["round"]["choices"]["confirmation"] == "none"
    assert api.post("rounds/R1/solve").json()["totals"][0]["cleared"] == "285.00"
    consent = {"party": "C-OMEGA", "consent": "agreed", "by": "O. Omegova", "on": "2025-03-31"}
    assert api.post("rounds/R1/consent", consent).json()["parties"][3]["is_signed"] is True
    final = api.post("rounds/R1/final", {"on": "2025-03-31"}).json()
    assert (final["round"]["status"], final["round"]["effect_on"], final["waiting"]) == ("final", "2025-02-12", 0)
    assert [row["amount"] for row in api.get("rounds/R1").json()["documents"]] == ["75.00", "75.00", "75.00"]
    assert api.get("rounds/R1", form="pdf").content.startswith(b"%PDF")
    assert api.get("rounds/R1/certificate").content.startswith(b'{"record":"clearing"')
    assert api.get("rounds/R1/statements/C-OMEGA").content.startswith(b"%PDF")
    assert api.get("rounds/R1/chains/1", language="zh").content.startswith(b"%PDF")
    assert api.get("rounds/R1/chain-acts").content.startswith(b"%PDF")
    assert [row["amount"] for row in api.get("rounds/R1/chains").json()] == ["15.00", "60.00"]
    assert [row["no"] for row in api.get("rounds/R1/debts", after=4, limit=2).json()] == [5, 6]
    assert api.get("rounds/R1/chains/9").status_code == 404
    assert api.post("rounds/R1/drop-unsigned", {}).json()["code"] == "round_state"
    assert api.post("rounds/R1/cancel", {"because": "it is final"}).json()["code"] == "round_state"
    reversal = {"on": "2025-04-01", "because": "disputed"}
    assert api.post("rounds/R1/reverse", reversal).json()["round"]["status"] == "reversed"
    assert [row["code"] for row in api.get("rounds").json()] == ["R2", "R1"]
    assert sign_in("viewer").get("rounds/R1").status_code == 200
    assert sign_in("viewer").post("rounds/R1/solve").status_code == 403
    assert sign_in("controller").get("rounds/R1").status_code == 404  # has nothing in the group's units
    assert sign_in("stranger").get("rounds").json() == []
