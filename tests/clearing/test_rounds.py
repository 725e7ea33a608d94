"""A round of set-off from the books and back: collected, solved, refused, solved again, final, reversed. Numbers: group.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.access.queries import rights_of_owner
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.clearing.certificate import verify
from setoff.clearing.rounds.lists import DebtFilter, debts_page
from setoff.clearing.rounds.outside import debts_of_file
from setoff.clearing.rounds.posting import finalize_round, reverse_round
from setoff.clearing.rounds.queries import obligations_of, parties_of, positions_of, round_of
from setoff.clearing.rounds.records import NewRound
from setoff.clearing.rounds.services import Consent, add_debts, open_round, set_consent, solve_round
from setoff.clearing.rounds.told import certificate_of, result_of, told_chains
from setoff.core.errors import DomainError
from setoff.settlements.checks import run_checks
from setoff.settlements.services import post_document, unpost_document
from setoff.trade.documents import DebtAdjustment
from tests.clearing.group import tell
from tests.told import BooksOf

Db = psycopg.Connection[Any]
DAY = date(2025, 3, 31)


@pytest.fixture
def books(books_of: BooksOf, actor: Actor) -> Db:
    return books_of(tell, actor)


@pytest.fixture
def rights(books: Db) -> Rights:
    return rights_of_owner(books, "tester")


def refused(verb: Callable[..., Any], *args: Any, **options: Any) -> str:
    with pytest.raises(DomainError) as caught:
        verb(*args, **options)
    return caught.value.code.value


def told(conn: Db, code: str) -> list[str]:
    """Every debt of a round in a line."""
    found = round_of(conn, code)
    names = {party.no: party.code for party in parties_of(conn, found.id)}
    return [
        f"{names[debt.debtor]} -> {names[debt.creditor]} {debt.number} {debt.amount} {debt.cleared} {debt.barred}".rstrip()
        for debt in obligations_of(conn, found.id)
    ]


def test_a_round_is_collected_solved_and_solved_again(books: Db, actor: Actor, rights: Rights) -> None:
    opened = open_round(books, NewRound("R1", DAY), actor, rights)
    assert (opened.status, opened.law, opened.unit_codes) == ("open", "ru", ("ALFA-1", "BETA-1", "GAMMA-1"))
    solved = solve_round(books, "R1", actor)
    assert told(books, "R1") == [
        "GAMMA-1 -> BETA-1 B-2 500 0 mirror",  # due on the 10th, as sales are; a debt in two books on the later day, the 12th
        "C-OMEGA -> GAMMA-1 G-3 9000 6000",
        "BETA-1 -> ALFA-1 A-1 10000 7500",
        "ALFA-1 -> C-OMEGA A-3 6000 6000",
        "GAMMA-1 -> BETA-1 B-2 7500 7500",
        "ALFA-1 -> GAMMA-1 G-2 3000 1500",
    ]
    names = {party.no: party.code for party in parties_of(books, solved.id)}
    assert {names[row.party]: (row.owes, row.owed, row.cleared) for row in positions_of(books, solved.id)} == {
        "ALFA-1": (9000, 10000, 7500), "BETA-1": (10000, 7500, 7500), "GAMMA-1": (7500, 12000, 7500), "C-OMEGA": (9000, 6000, 6000),
    }  # fmt: skip
    chains = [(chain.amount, chain.parties) for chain in told_chains(result_of(books, solved), obligations_of(books, solved.id))]
    assert sorted((amount, sorted(ring)) for amount, ring in chains) == [
        ("15.00", ["ALFA-1", "BETA-1", "GAMMA-1"]), ("60.00", ["ALFA-1", "BETA-1", "C-OMEGA", "GAMMA-1"]),
    ]  # fmt: skip
    again = solve_round(books, "R1", actor)
    assert (again.input_hash, again.result_hash, again.solved) == (solved.input_hash, solved.result_hash, 2)
    set_consent(books, "R1", "C-OMEGA", Consent("refused", "the director", DAY), actor)
    assert round_of(books, "R1").status == "open"
    assert solve_round(books, "R1", actor).result_hash != solved.result_hash
    cleared = {debt.number: debt.cleared for debt in obligations_of(books, solved.id) if debt.cleared}
    assert cleared == {"A-1": 3000, "B-2": 3000, "G-2": 3000}


def test_the_certificate_is_checked_by_who_did_not_make_it(books: Db, actor: Actor, rights: Rights, tmp_path: Path) -> None:
    opened = open_round(books, NewRound("R1", DAY), actor, rights)
    assert refused(certificate_of, books, opened) == "round_state"
    file = tmp_path / "R1.jsonl"
    file.write_bytes(certificate_of(books, solve_round(books, "R1", actor)))
    checked = verify(file)
    assert (checked.obligations, checked.proved, checked.faults) == (5, {"RUB": (28500, 28500)}, [])
    file.write_text(file.read_text().replace('"","15.00",0]', '"","14.00",0]'))
    assert [fault.what for fault in verify(file).faults] != []


def balances(conn: Db) -> dict[str, int]:
    """The net of each unit with each party, + they owe us."""
    query = """select u.code || ' ' || c.code, sum(l.residual)::bigint
               from lot l join fold_key k on k.unit_id = l.unit_id and k.id = l.key_id join unit u on u.id = l.unit_id
               join counterparty c on c.id = k.counterparty_id where k.contour = 'reg' group by 1"""
    return {name: amount for name, amount in conn.execute(query) if amount}


def clearing_account(conn: Db) -> list[tuple[str, int, int]]:
    """Debit and credit turnovers of the clearing account in every unit."""
    query = """
      select u.code, coalesce(sum(p.amount) filter (where p.debit_node_id is null), 0)::bigint,
             coalesce(sum(p.amount) filter (where p.credit_node_id is null), 0)::bigint
      from posting p join document d on d.unit_id = p.unit_id and d.id = p.document_id join unit u on u.id = p.unit_id
      where d.kind = 'netting' group by 1 order by 1"""
    return conn.execute(query).fetchall()


BEFORE = {
    "ALFA-1 C-BETA": 10000, "ALFA-1 C-GAMMA": -3000, "ALFA-1 C-OMEGA": -6000, "BETA-1 C-ALFA": -10000, "BETA-1 C-GAMMA": 8000,
    "GAMMA-1 C-ALFA": 3000, "GAMMA-1 C-BETA": -7500, "GAMMA-1 C-OMEGA": 9000,
}  # fmt: skip


def test_a_round_is_final_and_reversed(books: Db, actor: Actor, rights: Rights) -> None:
    open_round(books, NewRound("R1", DAY), actor, rights)
    solve_round(books, "R1", actor)
    assert refused(finalize_round, books, "R1", actor, rights) == "round_unsigned"
    set_consent(books, "R1", "C-OMEGA", Consent("agreed", "O. Omegova", DAY), actor)
    done = finalize_round(books, "R1", actor, rights)
    assert (done.round.status, done.round.posted_on, len(done.outcomes)) == ("final", DAY, 3)
    assert (done.round.effect_on, done.round.effect_basis) == (date(2025, 2, 12), "ru-capable")  # the last claim fell due on the 12th
    assert balances(books) == {
        "ALFA-1 C-BETA": 2500, "ALFA-1 C-GAMMA": -1500, "BETA-1 C-ALFA": -2500, "BETA-1 C-GAMMA": 500, "GAMMA-1 C-ALFA": 1500,
        "GAMMA-1 C-OMEGA": 3000,
    }  # fmt: skip
    assert clearing_account(books) == [("ALFA-1", 7500, 7500), ("BETA-1", 7500, 7500), ("GAMMA-1", 7500, 7500)]
    assert finalize_round(books, "R1", actor, rights).outcomes == []
    assert refused(solve_round, books, "R1", actor) == "round_state"
    own = DebtAdjustment(unit="ALFA-1", kind="netting", date="2025-04-15", key="own", reverses="round/R1/ALFA-1/RUB")
    assert refused(unpost_document, books, "round/R1/ALFA-1/RUB", actor) == "round_document"  # the others would stay posted
    assert refused(post_document, books, own, actor) == "round_document"
    reversed_ = reverse_round(books, "R1", actor, rights, on=date(2025, 4, 15), because="a claim was disputed")
    assert (reversed_.round.status, len(reversed_.outcomes)) == ("reversed", 3)
    assert balances(books) == BEFORE
    assert clearing_account(books) == [("ALFA-1", 15000, 15000), ("BETA-1", 15000, 15000), ("GAMMA-1", 15000, 15000)]
    assert reverse_round(books, "R1", actor, rights, on=date(2025, 4, 15), because="again").outcomes == []
    assert refused(unpost_document, books, "round/R1/ALFA-1/RUB/reversal", actor) == "round_document"
    assert [found for found in run_checks(books) if found.rows and found.check.state == "error"] == []


def test_who_has_nothing_to_set_off_with_is_told(books: Db, actor: Actor, rights: Rights, tmp_path: Path) -> None:
    """Nobody owes EPSILON, DELTA owes nobody: no level has to be looked at."""
    file = tmp_path / "others.csv"
    file.write_text("id,debtor,creditor,amount,currency\n1,C-OMEGA,DELTA,5,RUB\n2,EPSILON,C-OMEGA,7,RUB\n")
    open_round(books, NewRound("R1", DAY), actor, rights)
    add_debts(books, "R1", debts_of_file(file), actor, file="others")
    found = solve_round(books, "R1", actor)
    assert {row.no: row.why for row in debts_page(books, found.id, DebtFilter()) if row.file} == {7: "no_debts", 8: "no_claims"}
    assert [row.no for row in debts_page(books, found.id, DebtFilter(why="no_claims"))] == [8]
