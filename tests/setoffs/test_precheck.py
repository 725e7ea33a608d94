"""The pre-check of a set-off: since when it works, papers that lack, linked documents that need a look."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from setoff import cli
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.language import LANGUAGES, has_text
from setoff.parties.queries import every_master
from setoff.parties.records import Counterparty
from setoff.parties.services import save_masters
from setoff.setoffs.precheck import PAPERS, checked
from setoff.setoffs.services import Wanted, propose_set_off, set_off_document
from setoff.settlements.services import mark_for_deletion, post_document, save_document
from setoff.trade.documents import DebtAdjustment, LinkedDocument, Payment
from tests.api.asking import Api
from tests.api.conftest import sign_in, web
from tests.setoffs.debts import DAY, owe_both_ways

Books = psycopg.Connection[Any]
__all__ = ["sign_in", "web"]


def set_off_of(books: Books, **said: Any) -> DebtAdjustment:
    """90 of the steel (due on 20 March) against 75 of the scrap (5 March) and 15 of what was paid ahead (10 March)."""
    (unit_id,) = books.execute("select id from unit where code = 'MSK'").fetchone() or (0,)
    wanted = Wanted("MSK", ("METALL",), "RUB", DAY)
    found = propose_set_off(books, unit_id, wanted)
    return set_off_document(wanted, found.lots, found.marks, key="offset", **said)


def test_since_when_it_works_and_what_lacks(company: Books, actor: Actor) -> None:
    """The later of all became due on the 20th. What is posted is told as it was before."""
    owe_both_ways(company, actor)
    document = set_off_of(company)
    before = checked(company, document)
    assert before.effect == ("ru-capable", date(2026, 3, 20))
    assert [(one.code, one.documents) for one in before.warnings] == [("advance_paid", ("000001",))]
    assert (before.absent, before.doubts) == (["invoice", "act", "waybill"], [])
    post_document(company, document, actor)
    assert checked(company, document) == before
    early = msgspec.structs.replace(document, date="2026-03-12")
    assert checked(company, early).effect == ("agreed", date(2026, 3, 12))
    assert checked(company, msgspec.structs.replace(early, one_sided=True)).effect == ("ru-capable", date(2026, 3, 20))


def test_bankruptcy_stands_in_the_master_record(company: Books, actor: Actor) -> None:
    """Opened on 1 March: a set-off of 31 March meets it. Opened in June: it may be challenged."""
    owe_both_ways(company, actor)
    with company.transaction():
        (metall,) = [record for record in every_master(company, Counterparty) if record.code == "METALL"]
    for since, code in (("2026-03-01", "insolvency"), ("2026-06-01", "challenge"), ("", "")):
        save_masters(company, [msgspec.structs.replace(metall, bankrupt_since=since)], actor)
        found = checked(company, set_off_of(company)).warnings
        assert [one.code for one in found] == ["advance_paid", *([code] if code else [])]
    with pytest.raises(DomainError, match="invalid_date"):
        save_masters(company, [msgspec.structs.replace(metall, bankrupt_since="01.03.2026")], actor)


def test_linked_documents_that_need_a_look(company: Books, actor: Actor) -> None:
    owe_both_ways(company, actor)
    other = Payment(
        key="other", unit="MSK", kind="payment_to_supplier", date="2026-03-10", counterparty="BERLIN", contract="SUPPLIER-EUR", amount="1",
    )  # fmt: skip
    draft = Payment(
        key="wrong", unit="MSK", kind="payment_to_supplier", date="2026-03-10", counterparty="METALL", contract="SUPPLIER", amount="1",
    )  # fmt: skip
    for document in (other, draft):
        save_document(company, document, actor)
    mark_for_deletion(company, "wrong", actor)
    linked = [
        LinkedDocument(document="steel", type="waybill"), LinkedDocument(document="nowhere", number="N-7"),
        LinkedDocument(document="other"), LinkedDocument(document="wrong", type="act"), LinkedDocument(number="on paper"),
    ]  # fmt: skip
    found = checked(company, set_off_of(company, linked=linked))
    assert found.doubts == [(1, "N-7", "unknown"), (2, "other", "other_party"), (3, "wrong", "marked")]
    assert found.absent == []


def test_the_command_tells_it(company: Books, actor: Actor, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    owe_both_ways(company, actor)
    file = tmp_path / "offset.json"
    file.write_bytes(msgspec.json.encode(set_off_of(company, linked=[LinkedDocument(document="nowhere")])))
    assert cli.run(["check-set-off", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "20 Mar 2026" in lines[0]
    assert lines[-2:] == ["Not linked: act, waybill", "Linked document nowhere is not in the books."]
    assert cli.run(["check-set-off", str(file), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["effect"]["day"], said["absent"], said["papers"][0]["doubt"]) == ("2026-03-20", ["act", "waybill"], "unknown")
    assert cli.run(["check-set-off", "scrap"]) == 1
    assert "invalid_value" in capsys.readouterr().err


def test_the_api_tells_it_to_who_reads_the_unit(sign_in: Callable[[str], Api], web: Books, actor: Actor) -> None:
    owe_both_ways(web, actor)
    body = json.loads(msgspec.json.encode(set_off_of(web)))
    said = sign_in("viewer").post("set-offs/check", body).json()
    assert (said["effect"]["basis"], said["effect"]["day"], said["absent"]) == ("ru-capable", "2026-03-20", ["invoice", "act", "waybill"])
    assert [one["code"] for one in said["warnings"]] == ["advance_paid"]
    assert "Tax Code art. 170" in said["warnings"][0]["text"]
    assert sign_in("stranger").post("set-offs/check", body).json()["code"] == "unknown_reference"


def test_every_text_stands_in_every_language() -> None:
    keys = [f"set-off-effect-{basis}" for basis in ("ru-capable", "agreed", "cn-receipt", "intl-notice")]
    keys += [f"set-off-paper-{doubt}" for doubt in ("unknown", "other-party", "marked")] + [f"set-off-absent-{name}" for name in PAPERS]
    assert [(key, language) for key in keys for language in LANGUAGES if not has_text(language, key)] == []
