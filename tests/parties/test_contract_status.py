"""The status of many contracts at once, contracts about to end, contracts made from agreements."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import msgspec
import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.parties.contract_status import set_contract_status
from setoff.parties.expiring import expiring_codes, expiring_contracts
from setoff.parties.from_agreement import contract_from, make_contract
from setoff.parties.records import Agreement, Contract, Stage
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.reports.report import Portion
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Sale
from tests import cast

Db = psycopg.Connection[Any]
WHOLESALE = Agreement(
    code="W", name="Опт", currency="EUR", stages=[Stage(percent="100", days=20)], manager="Орлова", valid_from="2025-01-01",
    valid_to="2025-12-31",
)  # fmt: skip
SAID = Contract(
    code="NEW", number="N-1", organization="ROMASHKA", counterparty="VEGA", currency="", date="2025-02-01"
)


def statuses(conn: Db, *codes: str) -> list[str]:
    found = dict(conn.execute("select code, status from contract where code = any(%s)", [list(codes)]).fetchall())
    return [found[code] for code in codes]


def ship(conn: Db, actor: Actor) -> None:
    lines = [Line(amount="100", kind="services")]
    post_document(conn, Sale(unit="MSK", date="2025-02-10", counterparty="VEGA", contract="BUYER", lines=lines), actor)


def test_many_contracts_change_together_or_as_far_as_they_may(company: Db, actor: Actor) -> None:
    ship(company, actor)
    codes = ["BUYER-2", "BUYER", "NOBODY", "BUYER-CLOSED", "BUYER-2"]
    expected = [("BUYER-2", "changed", ""), ("BUYER", "refused", "contract_not_settled"), ("NOBODY", "refused", "unknown_reference"),
                ("BUYER-CLOSED", "unchanged", "")]  # fmt: skip
    for options in ({"dry_run": True}, {}):
        tried = set_contract_status(company, codes, "closed", actor, **options)
        assert [(row.code, row.outcome, row.error.code if row.error else "") for row in tried.rows] == expected
        assert not tried.kept and statuses(company, "BUYER-2", "BUYER") == ["active", "active"]
    done = set_contract_status(company, codes, "closed", actor, skip_refused=True)
    assert done.kept and statuses(company, "BUYER-2", "BUYER") == ["closed", "active"]
    assert set_contract_status(company, ["BUYER"], "closed", actor, consent=True).kept
    told = company.execute("select details from audit where verb = 'contract_status' order by id desc limit 1").fetchone()
    assert told == ({"contract": "BUYER", "before": "active", "after": "closed", "open": ["100.00 RUB"]},)
    back = set_contract_status(company, ["BUYER", "BUYER-2"], "draft", actor)
    assert [row.error.code if row.error else "" for row in back.rows] == ["contract_status_order", ""]
    with pytest.raises(DomainError, match="field_missing"):
        set_contract_status(company, [], "closed", actor)
    with pytest.raises(DomainError, match="invalid_value"):
        set_contract_status(company, [str(number) for number in range(501)], "closed", actor)


def test_contracts_about_to_end_with_what_is_open(company: Db, actor: Actor) -> None:
    ship(company, actor)
    save_masters(company, [msgspec.structs.replace(cast.BUYER, valid_to="2025-06-29", manager="Орлова")], actor)
    units = [row[0] for row in company.execute("select id from unit")]
    found = expiring_contracts(company, date(2025, 6, 30), units)
    assert [(row.code, row.valid_to, row.manager, row.owed, row.owing) for row in found] == [
        ("BUYER", date(2025, 6, 29), "Орлова", 10000, 0), ("BUYER-SHORT", date(2025, 6, 30), "", 0, 0),
    ]  # fmt: skip
    assert [row.code for row in expiring_contracts(company, date(2025, 6, 29), units)] == ["BUYER"]
    assert expiring_contracts(company, date(2025, 6, 30), units, currencies=["EUR"]) == []


def test_contracts_about_to_end_page_by_page(company: Db, actor: Actor) -> None:
    """Three, two of which end on one day: a page of one after another is the whole list."""
    ship(company, actor)
    save_masters(company, [msgspec.structs.replace(cast.BUYER, valid_to="2025-06-30")], actor)
    save_masters(company, [msgspec.structs.replace(cast.BUYER, code="BUYER-OVER", number="OVER", valid_to="2025-06-01")], actor)
    asked = partial(ask, company, "expiring-contracts", as_of="2025-06-30", options={"within": ["0"]})
    whole = asked().sections[0].rows
    assert [(row.code, row.they_owe) for row in whole] == [("BUYER-OVER", 0), ("BUYER", 10000), ("BUYER-SHORT", 0)]
    pages = [asked(portion=Portion(1))]
    while pages[-1].following:
        pages.append(asked(portion=Portion(1, pages[-1].following)))
    assert [page.sections[0].rows for page in pages] == [[row] for row in whole]
    units = [row[0] for row in company.execute("select id from unit")]
    assert expiring_codes(company, date(2025, 6, 30), units) == [row.code for row in whole]


def test_a_contract_takes_what_its_agreement_says() -> None:
    made = contract_from(WHOLESALE, SAID)
    assert (made.agreement, made.currency, made.stages, made.manager) == ("W", "EUR", WHOLESALE.stages, "Орлова")
    assert (made.valid_from, made.valid_to, made.detail) == ("2025-01-01", "2025-12-31", "contract")
    own = contract_from(WHOLESALE, msgspec.structs.replace(SAID, currency="USD", manager="Белов", valid_to="2026-01-31"))
    assert (own.currency, own.manager, own.valid_to) == ("USD", "Белов", "2026-01-31")


def test_a_contract_is_made_once_and_only_from_an_agreement_in_force(company: Db, actor: Actor) -> None:
    draft = msgspec.structs.replace(WHOLESALE, code="D", status="draft")
    of_group = msgspec.structs.replace(WHOLESALE, code="G", partner="VEGA-GROUP")
    save_masters(company, [WHOLESALE, draft, of_group], actor)
    make_contract(company, "W", SAID, actor, dry_run=True)
    assert company.execute("select count(*) from contract where code = 'NEW'").fetchone() == (0,)
    assert make_contract(company, "G", SAID, actor).currency == "EUR"
    refused = {
        "W": ("reference_exists", SAID),
        "D": ("contract_not_active", SAID),
        "RETAIL": ("contract_not_used", SAID),
        "NOBODY": ("unknown_reference", SAID),
        "G": ("agreement_of_other_party", msgspec.structs.replace(SAID, code="N2", counterparty="METALL")),
    }
    for code, (expected, said) in refused.items():
        with pytest.raises(DomainError) as caught:
            make_contract(company, code, said, actor)
        assert caught.value.code == expected
    with pytest.raises(DomainError, match="contract_out_of_validity"):
        make_contract(company, "W", msgspec.structs.replace(SAID, code="N3", date="2026-01-01"), actor)
    with pytest.raises(DomainError, match="invalid_date"):
        make_contract(company, "W", msgspec.structs.replace(SAID, code="N3", date="soon"), actor)
