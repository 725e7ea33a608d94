"""Many set-offs in one go: each stands by itself, and nobody sees another unit's debts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from setoff import cli
from setoff.books.audit import Actor
from setoff.books.services import close_period
from setoff.setoffs import services
from setoff.setoffs.queries import what_can_be_set_off
from setoff.setoffs.services import Result, set_off_pair
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Purchase, Sale
from tests.access.people import add_user
from tests.api.asking import Api
from tests.api.conftest import sign_in, web
from tests.setoffs.debts import DAY, owe_both_ways

Books = psycopg.Connection[Any]
__all__ = ["sign_in", "web"]
ALL = ("setoff", "--all", "--date", "2026-03-31")


def owe_in_two_units(books: Books, actor: Actor) -> None:
    """75 can be set off in Moscow, 20 in Saint Petersburg."""
    owe_both_ways(books, actor)
    party = {"unit": "SPB", "counterparty": "METALL"}
    post_document(books, Purchase(key="north", date="2026-03-01", contract="SUPPLIER", lines=[Line(amount="20")], **party), actor)
    post_document(books, Sale(key="south", date="2026-03-05", agreement="RETAIL", lines=[Line(amount="50")], **party), actor)


def left(books: Books) -> list[tuple[str, int]]:
    """What can still be set off."""
    return [(row.unit, row.amount) for row in what_can_be_set_off(books, DAY, today=DAY)]


def test_what_is_refused_leaves_the_others_alone(company: Books, actor: Actor, capsys: pytest.CaptureFixture[str]) -> None:
    owe_in_two_units(company, actor)
    assert left(company) == [("MSK", 7500), ("SPB", 2000)]
    close_period(company, "SPB", DAY, actor)
    assert cli.run([*ALL]) == 1
    said = capsys.readouterr().out
    assert "1 posted" in said
    assert "1 not set off" in said
    assert left(company) == [("SPB", 2000)]


def test_filters_hold_for_all(company: Books, actor: Actor, capsys: pytest.CaptureFixture[str]) -> None:
    """From 5 March on they owe, and we owe nothing; of at most 15 each, 60 and 5 are left."""
    owe_in_two_units(company, actor)
    assert cli.run([*ALL, "--from", "2026-03-05"]) == 0
    assert capsys.readouterr().out.count("nothing left to set off") == 2
    assert cli.run([*ALL, "--amount", "15"]) == 0
    assert left(company) == [("MSK", 6000), ("SPB", 500)]


def test_a_run_that_is_broken_off_keeps_what_is_done(company: Books, actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    owe_in_two_units(company, actor)
    done: list[Result] = []

    def broken(*asked: Any) -> Result:
        if done:
            raise KeyboardInterrupt
        done.append(set_off_pair(*asked))
        return done[0]

    monkeypatch.setattr(services, "set_off_pair", broken)
    assert cli.run([*ALL]) != 0
    monkeypatch.undo()
    assert left(company) == [("SPB", 2000)]


def test_another_unit_is_not_seen(sign_in: Callable[[str], Api], web: Books, actor: Actor) -> None:
    """Who works in Saint Petersburg sees and sets off its debts alone."""
    owe_in_two_units(web, actor)
    add_user(web, "nina", SPB="accountant")
    nina = sign_in("nina")
    assert [(row["unit"], row["amount"]) for row in nina.get("set-offs", as_of="2026-03-31").json()] == [("SPB", "20.00")]
    asked = {"counterparties": ["METALL"], "currency": "RUB", "date": "2026-03-31"}
    for path, body in (("set-offs/proposal", {**asked, "unit": "MSK"}), ("set-offs", {"set_offs": [{**asked, "unit": "MSK"}]})):
        assert nina.post(path, body).json()["code"] == "unknown_reference"
    own = nina.post("set-offs", {"set_offs": [{**asked, "unit": "SPB"}]}).json()["set_offs"]
    assert [(row["state"], row["amount"]) for row in own] == [("posted", "20.00")]
    assert web.execute("select count(*) from document where kind = 'set_off'").fetchone() == (1,)
