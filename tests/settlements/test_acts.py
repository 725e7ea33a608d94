"""Acts of reconciliation that are kept: their states, both sides, what a later back-dated edit shows."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.core.money import Money
from setoff.settlements.act_queries import Act, ActFilter, act_of, acts, agreed_acts_touched
from setoff.settlements.acts import (
    NewAct,
    Signature,
    changes_since,
    create_act,
    fill_ours,
    import_theirs,
    set_act_state,
)
from setoff.settlements.reconciliation import SideLine
from setoff.settlements.services import post_document, unpost_document
from tests.reports.story import ACTOR, payment, sale, tell
from tests.told import BooksOf

Db = psycopg.Connection[Any]
SIGNED = Signature("Петрова А. Б.", date(2025, 4, 5))
NEW = NewAct("MSK", "VEGA", date(2025, 3, 31), first_day=date(2025, 2, 1))


@pytest.fixture
def books(books_of: BooksOf) -> Db:
    return books_of(tell)


def refused(code: str, verb: Any, *arguments: Any, **options: Any) -> DomainError:
    with pytest.raises(DomainError) as found:
        verb(*arguments, **options)
    assert found.value.code.value == code
    return found.value


def agreed(books: Db) -> Act:
    return set_act_state(books, create_act(books, NEW, ACTOR).id, "agreed", ACTOR, signature=SIGNED)


def test_our_side_is_that_of_the_regulated_books(books: Db) -> None:
    act = create_act(books, NEW, ACTOR)
    assert (act.state, act.currency, act.our_opening, act.our_closing) == ("draft", "RUB", 700_00, -200_00)
    assert [(line.number, line.debit, line.credit) for line in act.our_lines] == [
        ("S-2", 600_00, 0), ("P-2", 0, 1_000_00), ("P-4", 0, 500_00),
    ]  # fmt: skip
    assert (act.organization, act.counterparty, act.their_closing, act.difference) == ("ООО «Ромашка»", "ООО «Вега»", None, None)
    assert changes_since(books, act) == []


def test_of_one_contract_in_its_currency(books: Db) -> None:
    act = create_act(books, NewAct("MSK", "BERLIN", date(2025, 3, 31), contract="BUYER-EUR"), ACTOR)
    assert (act.currency, act.our_closing, len(act.our_lines)) == ("EUR", 600_00, 2)


def test_what_does_not_exist_is_refused(books: Db) -> None:
    for new in (NEW._replace(unit="X"), NEW._replace(counterparty="X"), NEW._replace(contract="BUYER-EUR"), NEW._replace(contract="X")):
        refused("unknown_reference", create_act, books, new, ACTOR)
    refused("unknown_currency", create_act, books, NEW._replace(currency="XXQ"), ACTOR)
    refused("invalid_value", create_act, books, NEW._replace(first_day=date(2025, 4, 1)), ACTOR)
    for verb in (act_of, lambda conn, act: fill_ours(conn, act, ACTOR), lambda conn, act: set_act_state(conn, act, "sent", ACTOR)):
        refused("unknown_reference", verb, books, 404)


def test_their_side(books: Db) -> None:
    act = create_act(books, NEW, ACTOR)
    lines = [
        SideLine(date(2025, 1, 31), "old", 0, 700_00), SideLine(date(2025, 2, 5), "S-2", 0, 600_00),
        SideLine(date(2025, 2, 15), "7", 1_000_00, 0), SideLine(date(2025, 4, 1), "late", 5, 0),
    ]  # fmt: skip
    act = import_theirs(books, act.id, lines, ACTOR, file="theirs.csv")
    assert (act.their_opening, act.their_closing, act.difference) == (-700_00, -300_00, -500_00)
    assert act.their_lines == lines[1:3]
    stated = import_theirs(books, act.id, lines[1:3], ACTOR, opening=-710_00)
    assert (stated.their_opening, stated.difference) == (-710_00, -510_00)
    mirrored = import_theirs(books, act.id, [], ACTOR)
    assert (mirrored.their_opening, mirrored.their_lines) == (-700_00, [])


def test_the_states(books: Db) -> None:
    act = create_act(books, NEW, ACTOR)
    refused("field_missing", set_act_state, books, act.id, "agreed", ACTOR)
    refused("field_missing", set_act_state, books, act.id, "agreed", ACTOR, signature=Signature("  ", date(2025, 4, 5)))
    act = set_act_state(books, act.id, "sent", ACTOR)
    refused("act_state", set_act_state, books, act.id, "sent", ACTOR)
    act = set_act_state(books, act.id, "disputed", ACTOR, note="P-4 is missing there")
    act = set_act_state(books, act.id, "agreed", ACTOR, signature=SIGNED)
    assert (act.state, act.signed_by, act.signed_on, act.note) == ("agreed", *SIGNED, "P-4 is missing there")
    refused("act_agreed", fill_ours, books, act.id, ACTOR)
    refused("act_agreed", import_theirs, books, act.id, [], ACTOR)
    act = set_act_state(books, act.id, "disputed", ACTOR)
    assert (act.signed_by, act.signed_on) == ("", None)


def test_every_verb_is_in_the_audit_trail(books: Db) -> None:
    act = create_act(books, NEW, ACTOR)
    fill_ours(books, act.id, Actor("other", "test"))
    import_theirs(books, act.id, [], ACTOR, file="t.csv")
    set_act_state(books, act.id, "agreed", ACTOR, signature=SIGNED, known_difference=-900_00)
    rows = books.execute("select verb, author, details ->> 'act' from audit where verb like 'act%' order by id").fetchall()
    assert rows == [(verb, author, str(act.id)) for verb, author in [
        ("act_create", "tester"), ("act_fill", "other"), ("act_theirs", "tester"), ("act_agreed", "tester"),
    ]]  # fmt: skip


def test_balances_that_differ_are_agreed_to_knowingly(books: Db) -> None:
    """By our books we owe 200 on the last day; by theirs they owe 700 - 1,000 = -300, that is we owe 300: a difference of 100."""
    act = import_theirs(books, create_act(books, NEW, ACTOR).id, [SideLine(date(2025, 2, 15), "7", 1_000_00, 0)], ACTOR)
    error = refused("act_differs", set_act_state, books, act.id, "agreed", ACTOR, signature=SIGNED)
    amounts = {name: error.facts[name] for name in ("ours", "theirs", "difference")}
    assert amounts == {"ours": Money(-200_00, "RUB"), "theirs": Money(-300_00, "RUB"), "difference": Money(100_00, "RUB")}
    refused("act_differs", set_act_state, books, act.id, "agreed", ACTOR, signature=SIGNED, known_difference=99_00)
    assert set_act_state(books, act.id, "agreed", ACTOR, signature=SIGNED, known_difference=100_00).state == "agreed"
    assert books.execute("select details ->> 'difference' from audit where verb = 'act_agreed'").fetchall() == [("100.00 RUB",)]
    equal = import_theirs(books, create_act(books, NEW, ACTOR).id, [SideLine(date(2025, 2, 15), "7", 900_00, 0)], ACTOR)
    assert set_act_state(books, equal.id, "agreed", ACTOR, signature=SIGNED).difference == 0


def test_a_back_dated_edit_shows_in_an_agreed_act_and_does_not_change_it(books: Db) -> None:
    act = agreed(books)
    early = post_document(books, sale("2025-01-15", "S-0", "50.00"), ACTOR)
    unpost_document(books, "sale/MSK/2025/S-2", ACTOR)
    late = post_document(books, payment("2025-04-02", "P-9", "1.00"), ACTOR)
    assert act_of(books, act.id) == act
    assert [(change.number, change.before, change.after) for change in changes_since(books, act)] == [
        ("", 700_00, 750_00), ("S-2", 600_00, 0),
    ]  # fmt: skip
    assert [found.id for found in agreed_acts_touched(books, [early.document_id, late.document_id])] == [act.id]
    assert agreed_acts_touched(books, [late.document_id]) == []


def test_books_that_changed_are_not_agreed_to(books: Db) -> None:
    act = create_act(books, NEW, ACTOR)
    post_document(books, sale("2025-02-20", "S-3", "50.00"), ACTOR)
    error = refused("act_outdated", set_act_state, books, act.id, "agreed", ACTOR, signature=SIGNED)
    assert error.facts["rows"] == [{"document": "sale/MSK/2025/S-3", "before": 0, "after": 50_00}]
    assert fill_ours(books, act.id, ACTOR).our_closing == -150_00
    assert set_act_state(books, act.id, "agreed", ACTOR, signature=SIGNED).state == "agreed"


def test_the_list(books: Db) -> None:
    first, second = agreed(books), create_act(books, NEW._replace(last_day=date(2025, 2, 28)), ACTOR)
    assert [act.id for act in acts(books, ActFilter())] == [first.id, second.id]
    assert [act.id for act in acts(books, ActFilter(states=("draft",)))] == [second.id]
    assert [act.id for act in acts(books, ActFilter(touched=date(2025, 3, 1)))] == [first.id]
    assert acts(books, ActFilter(units=(first.unit_id + 1,))) == acts(books, ActFilter(counterparties=(0,))) == []


HALVES = ["state = 'agreed'", "their_closing = 1", "signed_by = 'x', signed_on = '2025-01-01'", "last_day = '2024-01-01'"]


@pytest.mark.parametrize("column", HALVES)
def test_the_database_refuses_half_an_act(books: Db, column: str) -> None:
    act = create_act(books, NEW, ACTOR)
    with pytest.raises(psycopg.errors.CheckViolation):
        books.execute(f"update reconciliation_act set {column} where id = %s", [act.id])
