"""What a report refuses, and how: a row for every wrong argument."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from setoff.cli import run
from setoff.core.errors import DomainError
from setoff.parties.services import save_masters
from setoff.reports.ask import ask, parse_instant
from setoff.reports.registry import REPORTS
from tests.cast import MASTERS
from tests.reports.story import ACTOR

VEGA = {"counterparty": ["VEGA"]}
REFUSALS: list[tuple[str, str, dict[str, list[str]], str, dict[str, Any]]] = [
    ("balance", "2025-03-31", {}, "report_unknown", {"report": "balance"}),
    ("statement", "31.03.2025", {}, "invalid_date", {"field": "as-of", "value": "31.03.2025"}),
    ("statement", "2025-02-30", {}, "invalid_date", {"value": "2025-02-30"}),
    ("statement", "20250331", {}, "invalid_date", {"value": "20250331"}),
    ("statement", "2025-03-31", {"from": ["2025-04-01"]}, "invalid_value", {"field": "from"}),
    ("statement", "2025-03-31", {"known-at": ["yesterday"]}, "invalid_date", {"field": "known-at"}),
    ("sales-book", "2025-03-31", {"known-at": ["2025-03-01"]}, "report_option_unused", {"option": "--known-at"}),
    ("statement", "2025-03-31", {"contour": ["tax"]}, "invalid_value", {"field": "contour", "value": "tax"}),
    ("statement", "2025-03-31", {"counterparty": ["NOBODY"]}, "unknown_reference", {"kind": "counterparty", "value": "NOBODY"}),
    ("statement", "2025-03-31", {"unit": ["X"]}, "unknown_reference", {"kind": "unit"}),
    ("statement", "2025-03-31", {"organization": ["X"]}, "unknown_reference", {"kind": "organization"}),
    ("statement", "2025-03-31", {"partner": ["X"]}, "unknown_reference", {"kind": "partner"}),
    ("statement", "2025-03-31", {"contract": ["X"]}, "unknown_reference", {"kind": "contract"}),
    ("statement", "2025-03-31", {"group-by": ["month"]}, "report_group_unknown", {"value": "month"}),
    ("statement", "2025-03-31", {"account": ["62"]}, "report_option_unused", {"option": "--account"}),
    ("card", "2025-03-31", {**VEGA, "group-by": ["contract"]}, "report_option_unused", {"option": "--group-by"}),
    ("turnover-balance", "2025-03-31", {"contour": ["mgmt"]}, "report_option_unused", {"option": "--contour"}),
    ("turnover-balance", "2025-03-31", {"account": ["1122"], "unit": ["MSK"]}, "unknown_reference", {"kind": "account"}),
    ("card", "2025-03-31", {}, "report_option_missing", {"options": "--counterparty, --contract, --partner"}),
    ("account-analysis", "2025-03-31", {}, "report_option_missing", {"options": "--account"}),
    ("reconciliation-act", "2025-03-31", {}, "report_option_missing", {}),
    ("ageing", "2025-03-31", {"buckets": ["30,20"]}, "invalid_value", {"field": "buckets"}),
    ("ageing", "2025-03-31", {"buckets": ["30,x"]}, "invalid_value", {"field": "buckets"}),
    ("ageing", "2025-03-31", {"buckets": ["0"]}, "invalid_value", {"field": "buckets"}),
    ("ageing", "2025-03-31", {"reserve": ["5,abc"]}, "invalid_rate", {"field": "reserve"}),
    ("ageing", "2025-03-31", {"reserve": ["101"]}, "invalid_value", {"field": "reserve"}),
    ("ageing", "2025-03-31", {"side": ["left"]}, "invalid_value", {"field": "side"}),
    ("statement", "2025-03-31", {"currency": ["RUBLE"]}, "unknown_currency", {"currency": "RUBLE"}),
    ("journal", "2025-03-31", {"kind": ["invoice"]}, "invalid_value", {"field": "kind", "value": "invoice"}),
    ("journal", "2025-03-31", {"status": ["deleted"]}, "invalid_value", {"field": "status"}),
]


def test_every_wrong_argument_is_refused_with_its_facts(db: psycopg.Connection[Any]) -> None:
    save_masters(db, MASTERS, ACTOR)
    for name, as_of, options, code, facts in REFUSALS:
        with pytest.raises(DomainError) as refused:
            ask(db, name, as_of=as_of, options=options)
        assert (refused.value.code.value, name, options) == (code, name, options)
        assert facts.items() <= refused.value.facts.items(), options


def test_reports_of_the_end_of_time(company: psycopg.Connection[Any]) -> None:
    """Of any day that can be written, with and without what was known when."""
    needed = {"card": VEGA, "account-analysis": {"account": ["62"]}, "reconciliation-act": VEGA, "payment-habits": VEGA}
    needed["consolidation"] = {"organization": ["ROMASHKA"]}
    for name, definition in REPORTS.items():
        for known in ({}, {"known-at": ["1990-01-01"]}, {"known-at": ["9999-12-31"]})[: 1 if definition.is_of_now else 3]:
            for as_of in ("0001-01-01", "1999-12-31", "9999-12-31"):
                ask(company, name, as_of=as_of, options={**needed.get(name, {}), **known})


def test_options_are_checked_before_codes_are_looked_up(db: psycopg.Connection[Any]) -> None:
    with pytest.raises(DomainError) as refused:
        ask(db, "statement", as_of="2025-03-31", options={"unit": ["NO"], "reserve": ["1"]})
    assert refused.value.code.value == "report_option_unused"


def test_units_organizations_and_partners_choose_what_is_shown(db: psycopg.Connection[Any]) -> None:
    save_masters(db, MASTERS, ACTOR)

    def counted(**options: list[str]) -> int:
        return len(ask(db, "statement", as_of="2025-03-31", options=options).question.scope.units)

    assert (counted(), counted(unit=["MSK"]), counted(organization=["ROMASHKA"]), counted(organization=["HONGYUAN"])) == (5, 1, 2, 1)
    scope = ask(db, "statement", as_of="2025-03-31", options={"partner": ["VEGA-GROUP"]}).question.scope
    assert len(scope.counterparties) == 2


def test_a_day_means_what_was_known_when_it_was_over() -> None:
    assert parse_instant("2025-03-31") == datetime(2025, 3, 31, 23, 59, 59, 999999, UTC)
    assert parse_instant("2025-03-31T12:00:00") == datetime(2025, 3, 31, 12, tzinfo=UTC)
    assert parse_instant("2025-03-31T12:00:00+03:00") == datetime(2025, 3, 31, 9, tzinfo=UTC)


def test_the_command_line_prints_writes_and_refuses(
    db: psycopg.Connection[Any], capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    save_masters(db, MASTERS, ACTOR)
    assert run(["report", "statement", "--as-of", "2025-03-31", "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("Statement of settlements\nAs of 31 Mar 2025\n")
    assert run(["report", "ageing", "--as-of", "2025-03-31", "--format", "csv", "--out", str(tmp_path / "a.csv"), "--lang", "ru"]) == 0
    assert (tmp_path / "a.csv").read_bytes().startswith("\ufeffЗадолженность по срокам".encode())
    assert run(["report", "card", "--as-of", "2025-03-31", "--lang", "en"]) == 1
    assert "report_option_missing" in capsys.readouterr().err
    assert run(["explain", "NO-SUCH", "--lang", "zh"]) == 1
    assert "unknown_reference" in capsys.readouterr().err
