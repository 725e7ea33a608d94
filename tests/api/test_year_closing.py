"""The end of a year between units over the API and by the command line: proposed, then drafted. SPB bears 350.00 of the costs of MSK."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.notices.services import confirm_notice, send_notice
from tests.access.people import add_user
from tests.api.asking import Api
from tests.notices.owing import owe

BODY = {"organization": "ROMASHKA", "year": 2025, "account": "84", "left": {"SPB": "50.00"}}


def test_by_the_api(web: psycopg.Connection[Any], sign_in: Callable[[str], Api]) -> None:
    owe(web)
    add_user(web, "anna", MSK="accountant")
    anna = sign_in("anna")
    (proposed,) = anna.post("notices/year-closing/preview", BODY).json()
    assert [proposed[name] for name in ("sender", "receiver", "claims", "obligations", "left", "sent")] == [
        "MSK", "SPB", "300.00", "0.00", "50.00", "",
    ]  # fmt: skip
    assert proposed["notice"]["sender_rows"] == [{"debit": "84", "credit": "79.02", "amount": "300.00"}]
    for _ in range(2):
        (drafted,) = anna.post("notices/year-closing", BODY).json()
        assert [drafted[name] for name in ("notice", "amount", "status", "date")] == [
            "closing/2025/MSK/SPB", "300.00", "draft", "2025-12-31",
        ]  # fmt: skip
    refused = anna.post("notices/year-closing/preview", {**BODY, "left": {"SPB": "351"}}).json()
    assert (refused["code"], refused["field"]) == ("closing_left_exceeds_open", "left")
    unsaid = anna.post("notices/year-closing/preview", {**BODY, "account": ""}).json()
    assert (unsaid["code"], unsaid["field"]) == ("closing_account_needed", "account")


def test_by_the_command_line(
    company: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    owe(company)
    monkeypatch.setenv("SETOFF_USER", "anna")

    def said(*options: str) -> str:
        capsys.readouterr()
        assert cli.run(["notices", "close-year", "ROMASHKA", "2025", "--account", "84", *options]) == 0
        return capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", " ")

    assert said("--leave", "SPB=50") == (
        "MSK with SPB: claims of 300.00 RUB and obligations of 0.00 RUB are closed, 50.00 RUB stays\n  84 / 79.02  300.00\n"
    )
    assert company.execute("select count(*) from branch_notice").fetchone() == (1,)
    assert "300.00 RUB: drafted" in said("--leave", "SPB=50", "--draft")
    send_notice(company, "closing/2025/MSK/SPB", Actor("anna", "cli"), rights_of_owner(company, "owner"))
    assert said().endswith("waits for its confirmation: closing/2025/MSK/SPB\n")
    confirm_notice(company, "closing/2025/MSK/SPB", Actor("boris", "cli"), rights_of_owner(company, "owner"))
    assert said("--leave", "SPB=50") == "MSK with SPB: claims of 0.00 RUB and obligations of 0.00 RUB are closed, 50.00 RUB stays\n"
