"""What a round refuses, what voids its result, who may work on it. Numbers: group.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest

from setoff.access import approvals
from setoff.access.entry import enter, leave
from setoff.access.policies import set_policy
from setoff.access.queries import approvals as waiting
from setoff.access.queries import rights_of, rights_of_owner
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.clearing.certificate import verify
from setoff.clearing.choices import Cap
from setoff.clearing.rounds.choosing import Chosen, change_choices
from setoff.clearing.rounds.outside import debts_of_file
from setoff.clearing.rounds.posting import finalize_round, note_receipt, reverse_round
from setoff.clearing.rounds.queries import known_round, obligations_of, parties_of, round_of
from setoff.clearing.rounds.reasons import pair_why, why
from setoff.clearing.rounds.records import NewRound, Options
from setoff.clearing.rounds.services import (
    Consent,
    add_debts,
    admit_debts,
    bar_debts,
    collect_again,
    confirm_debts,
    correct_debt,
    drop_unsigned,
    open_round,
    set_consent,
    solve_round,
)
from setoff.clearing.rounds.told import certificate_of, whole_round
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.services import post_document
from setoff.trade.documents import Payment
from tests.access.people import add_user
from tests.clearing.group import tell
from tests.told import BooksOf

Db = psycopg.Connection[Any]
DAY = date(2025, 3, 31)
FREE = Options(needs_consent=False)


@pytest.fixture
def books(books_of: BooksOf, actor: Actor) -> Db:
    return books_of(tell, actor)


@pytest.fixture
def rights(books: Db) -> Rights:
    return rights_of_owner(books, "tester")


@pytest.fixture
def solved(books: Db, actor: Actor, rights: Rights) -> Db:
    open_round(books, NewRound("R1", DAY), actor, rights)
    solve_round(books, "R1", actor)
    return books


def refusal(verb: Callable[..., Any], *args: Any, **options: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        verb(*args, **options)
    return caught.value


def number_of(conn: Db, number: str) -> int:
    debts = obligations_of(conn, round_of(conn, "R1").id)
    return next(debt.no for debt in debts if debt.number == number and not debt.barred)


def cleared(conn: Db) -> dict[str, int]:
    return {debt.number: debt.cleared for debt in obligations_of(conn, round_of(conn, "R1").id) if debt.cleared}


def test_the_code_of_a_round_is_its_key(books: Db, actor: Actor, rights: Rights) -> None:
    first = open_round(books, NewRound("R1", DAY), actor, rights)
    assert open_round(books, NewRound("R1", DAY), actor, rights).id == first.id
    assert len(obligations_of(books, first.id)) == 6
    assert refusal(open_round, books, NewRound("R1", DAY, options=FREE), actor, rights).code is ErrorCode.ROUND_EXISTS
    assert refusal(open_round, books, NewRound(" ", DAY), actor, rights).code is ErrorCode.FIELD_MISSING


def test_consent_is_to_a_result(solved: Db, actor: Actor, rights: Rights) -> None:
    set_consent(solved, "R1", "C-OMEGA", Consent("agreed", "O. Omegova", DAY), actor)
    bar_debts(solved, "R1", [number_of(solved, "G-2")], actor, because="disputed")
    solve_round(solved, "R1", actor)  # OMEGA's own 60 stay as they were
    assert cleared(solved) == {"A-1": 6000, "B-2": 6000, "A-3": 6000, "G-3": 6000}
    assert [party.is_signed for party in whole_round(solved, round_of(solved, "R1")).parties if not party.is_ours] == [True]
    post_document(solved, _paid("20.00"), actor)
    collect_again(solved, "R1", actor)
    solve_round(solved, "R1", actor)  # now 40 of them
    assert cleared(solved) == {"A-1": 4000, "B-2": 4000, "A-3": 4000, "G-3": 4000}
    told = refusal(finalize_round, solved, "R1", actor, rights)
    assert (told.code, told.facts["rows"]) == (ErrorCode.ROUND_UNSIGNED, [{"party": "C-OMEGA", "name": "ООО «OMEGA»"}])
    drop_unsigned(solved, "R1", actor, on=DAY)
    assert cleared(solved) == {}  # the circle of three was barred


def _paid(amount: str) -> Payment:
    return Payment(
        unit="ALFA-1", kind="payment_to_supplier", date="2025-04-01", amount=amount, counterparty="C-OMEGA", contract="ALFA-OMEGA-s"
    )


def test_lots_that_lost_their_balance_refuse_the_posting(books: Db, actor: Actor, rights: Rights) -> None:
    open_round(books, NewRound("R1", DAY, options=FREE), actor, rights)
    solve_round(books, "R1", actor)
    post_document(books, _paid("20.00"), actor)
    told = refusal(finalize_round, books, "R1", actor, rights)
    assert told.code is ErrorCode.ROUND_LOTS_CHANGED
    assert [(row["number"], str(row["cleared"]), str(row["residual"])) for row in told.facts["rows"]] == [("A-3", "60.00 RUB", "40.00 RUB")]
    assert books.execute("select count(*) from document where kind = 'netting'").fetchone() == (0,)
    collect_again(books, "R1", actor)
    assert refusal(finalize_round, books, "R1", actor, rights).code is ErrorCode.ROUND_STATE
    solve_round(books, "R1", actor)
    assert refusal(finalize_round, books, "R1", actor, rights, on=date(2025, 3, 1)).facts["field"] == "on"
    assert finalize_round(books, "R1", actor, rights, on=date(2025, 4, 2)).round.status == "final"
    # 40 by OMEGA, and now ALFA's whole 30 to GAMMA: 4 * 40 + 3 * 30 = 250.00
    assert cleared(books) == {"A-1": 7000, "B-2": 7000, "G-2": 3000, "A-3": 4000, "G-3": 4000}


@pytest.mark.parametrize(
    ("options", "as_of", "expected"),
    [
        (Options(confirmation="both"), DAY, {"A-1": 3000, "B-2": 3000, "G-2": 3000}),  # OMEGA has confirmed nothing
        (Options(confirmation="one"), DAY, {"A-1": 7500, "B-2": 7500, "G-2": 1500, "A-3": 6000, "G-3": 6000}),
        (Options(minimum="30.01"), DAY, {"A-1": 6000, "B-2": 6000, "A-3": 6000, "G-3": 6000}),
        (Options(excluded=("C-OMEGA",)), DAY, {"A-1": 3000, "B-2": 3000, "G-2": 3000}),
        (Options(age_days_min=47), DAY, {"A-1": 7500, "B-2": 7500, "G-2": 1500, "A-3": 6000, "G-3": 6000}),  # due on 12 February
        (Options(age_days_min=48), DAY, {}),
        (Options(caps=(Cap("C-OMEGA", "", "40"),)), DAY, {"A-1": 7000, "B-2": 7000, "G-2": 3000, "A-3": 4000, "G-3": 4000}),
        (Options(caps=(Cap("BETA-1", "ALFA-1", "20", "RUB"),)), DAY, {"A-1": 2000, "B-2": 2000, "A-3": 2000, "G-3": 2000}),
        (Options(cycle_max=3), DAY, {"A-1": 3000, "B-2": 3000, "G-2": 3000}),
        (Options(due_only=True), date(2025, 2, 11), {}),  # debts of two books are due on the 12th
        (Options(due_only=True), date(2025, 2, 12), {"A-1": 7500, "B-2": 7500, "G-2": 1500, "A-3": 6000, "G-3": 6000}),
    ],
)
def test_choices(books: Db, actor: Actor, rights: Rights, options: Options, as_of: date, expected: dict[str, int]) -> None:
    open_round(books, NewRound("R1", as_of, options=options), actor, rights)
    solve_round(books, "R1", actor)
    assert cleared(books) == expected


@pytest.mark.parametrize(
    ("options", "number", "answer", "said"),
    [
        (Options(excluded=("C-OMEGA",)), "G-3", "party_excluded", "ООО «OMEGA» or ООО «GAMMA», GAMMA 1 is left out"),
        (Options(age_days_min=49), "A-3", "too_young", "The debt has not been due long enough"),
        (Options(caps=(Cap("C-OMEGA", "", "40"),)), "A-3", "capped", "Cleared 40.00 of 60.00 RUB. The limit of 40.00 RUB for ООО «OM"),
        (Options(caps=(Cap("BETA-1", "ALFA-1", "20"),)), "A-1", "capped", "Cleared 20.00 of 100.00 RUB. The limit of 20.00 RUB on what"),
        (Options(cycle_max=3), "A-3", "short", "Cleared 0.00 of 60.00 RUB. Only chains of at most 3 parties"),
        (Options(cycle_max=3), "G-2", "short_full", "Cleared 30.00 of 30.00 RUB. It lies in chains of at most 3 parties"),
    ],
)
def test_a_choice_is_told_where_it_holds(
    books: Db, actor: Actor, rights: Rights, options: Options, number: str, answer: str, said: str
) -> None:
    open_round(books, NewRound("R1", DAY, options=options), actor, rights)
    found = solve_round(books, "R1", actor)
    told = why(books, found, number_of(books, number), "en")
    assert (told.answer, told.text.replace("\xa0", " ")[: len(said)]) == (answer, said)


def test_the_certificate_knows_the_choices(books: Db, actor: Actor, rights: Rights, tmp_path: Path) -> None:
    """Of OMEGA 40 and rings of three: the rings clear 90, of any length 250 could be (40 by OMEGA, 30 to GAMMA)."""
    options = Options(caps=(Cap("C-OMEGA", "", "40"),), cycle_max=3)
    open_round(books, NewRound("R1", DAY, options=options), actor, rights)
    found = solve_round(books, "R1", actor)
    assert (found.bounds, [(total.cleared, total.bound) for total in whole_round(books, found).totals]) == (
        {"RUB": 25000}, [("90.00", "250.00")]
    )  # fmt: skip
    file = tmp_path / "R1.jsonl"
    file.write_bytes(certificate_of(books, found))
    checked = verify(file)
    assert (checked.proved, checked.faults) == ({"RUB": (9000, 25000)}, [])


@pytest.mark.parametrize(
    ("options", "field"),
    [
        (Options(cycle_max=1), "cycle_max"), (Options(age_days_min=-1), "age_days_min"), (Options(minimum="-5"), "minimum"),
        (Options(minimum="x"), ""), (Options(caps=(Cap("A", "", "1", "XXY"),)), ""),
    ],
)  # fmt: skip
def test_impossible_choices_are_refused(books: Db, actor: Actor, rights: Rights, options: Options, field: str) -> None:
    assert refusal(open_round, books, NewRound("R1", DAY, options=options), actor, rights).facts.get("field", "") == field
    assert books.execute("select count(*) from clearing_round").fetchone() == (0,)


def test_a_cap_of_nobody_is_refused_when_it_is_solved(books: Db, actor: Actor, rights: Rights) -> None:
    open_round(books, NewRound("R1", DAY, options=Options(caps=(Cap("NOBODY", "", "1"),))), actor, rights)
    assert refusal(solve_round, books, "R1", actor).facts["value"] == "NOBODY"


def test_an_exclusion_of_nobody_is_refused_when_it_is_solved(books: Db, actor: Actor, rights: Rights) -> None:
    open_round(books, NewRound("R1", DAY, options=Options(excluded=("NOBODY",))), actor, rights)
    assert refusal(solve_round, books, "R1", actor).facts == {"kind": "party", "value": "NOBODY", "field": "excluded"}


def test_choices_are_changed_until_it_is_posted(solved: Db, actor: Actor, rights: Rights) -> None:
    """Of 285 the minimum of 30.01 leaves the ring by OMEGA, 240; on 11 February nothing was due between our books."""
    set_consent(solved, "R1", "C-OMEGA", Consent("agreed", "O. Omegova", DAY), actor)
    before = round_of(solved, "R1")
    assert change_choices(solved, "R1", Chosen(before.options, DAY, "ru"), actor) == before  # the same: nothing happened
    changed = change_choices(solved, "R1", Chosen(Options(minimum="30.01", from_books=False)), actor)
    assert (changed.status, changed.is_stale, changed.options) == ("open", True, Options(minimum="30.01"))
    assert sum(cleared(solved).values()) == 28500  # of the result before
    assert not solve_round(solved, "R1", actor).is_stale
    assert sum(cleared(solved).values()) == 24000
    assert [party.consent for party in parties_of(solved, before.id)] == ["", "", "", "agreed"]
    change_choices(solved, "R1", Chosen(Options(due_only=True, one_sided=True), date(2025, 2, 11), "cn"), actor)
    assert [party.consent for party in parties_of(solved, before.id)] == ["", "", "", ""]  # a signature is no receipt
    solve_round(solved, "R1", actor)
    assert cleared(solved) == {}
    trail = solved.execute("select details -> 'changes' from audit where verb = 'round_choose' and unit_id = %s order by id",
                           [before.units[0]]).fetchall()  # fmt: skip
    assert trail == [
        ({"minimum": ["", "30.01"]},),
        ({"as_of": ["2025-03-31", "2025-02-11"], "due_only": [False, True], "law": ["ru", "cn"], "minimum": ["30.01", ""],
          "one_sided": [False, True]},),
    ]  # fmt: skip
    assert refusal(change_choices, solved, "R1", Chosen(Options(cycle_max=1)), actor).facts["field"] == "cycle_max"
    change_choices(solved, "R1", Chosen(FREE, DAY), actor)
    solve_round(solved, "R1", actor)
    finalize_round(solved, "R1", actor, rights)
    assert refusal(change_choices, solved, "R1", Chosen(Options()), actor).code is ErrorCode.ROUND_STATE


def test_what_was_barred_takes_part_again(solved: Db, actor: Actor) -> None:
    number = number_of(solved, "A-3")
    bar_debts(solved, "R1", [number], actor, because="in court")
    solve_round(solved, "R1", actor)
    assert sum(cleared(solved).values()) == 9000
    admit_debts(solved, "R1", [number], actor)
    solve_round(solved, "R1", actor)
    assert sum(cleared(solved).values()) == 28500
    assert refusal(admit_debts, solved, "R1", [99], actor).facts["value"] == "99"


def test_both_sides_confirm(books: Db, actor: Actor, rights: Rights) -> None:
    open_round(books, NewRound("R1", DAY, options=Options(confirmation="both")), actor, rights)
    confirm_debts(books, "R1", "debtor", [number_of(books, "G-3")], actor, by="OMEGA")
    confirm_debts(books, "R1", "creditor", [], actor, by="OMEGA")
    solve_round(books, "R1", actor)
    assert sum(cleared(books).values()) == 28500
    assert refusal(confirm_debts, books, "R1", "debtor", [99], actor, by="OMEGA").facts["value"] == "99"


def test_debts_of_others_come_from_a_file(books: Db, actor: Actor, rights: Rights, tmp_path: Path) -> None:
    """OMEGA owes DELTA 50, DELTA owes EPSILON 50, EPSILON owes OMEGA 20: a circle of 20 beside ours."""
    file = tmp_path / "others.csv"
    file.write_text(
        "id,debtor,creditor,amount,currency,due\n1,7701000041,DELTA,50,RUB,2025-02-01\n2,DELTA,EPSILON,50.00,RUB,\n"
        "3,EPSILON,C-OMEGA,20,RUB,\n4,DELTA,DELTA,5,RUB,\n"
    )
    open_round(books, NewRound("R1", DAY, options=FREE), actor, rights)
    for _ in range(2):  # the same file again says the same
        add_debts(books, "R1", debts_of_file(file), actor, file="others.csv")
    solve_round(books, "R1", actor)
    found = round_of(books, "R1")
    others = sorted((debt.reference, debt.cleared, debt.barred) for debt in obligations_of(books, found.id) if debt.file)
    assert others == [("1", 2000, ""), ("2", 2000, ""), ("3", 2000, ""), ("4", 0, "same_party")]
    assert [party.code for party in parties_of(books, found.id)] == ["ALFA-1", "BETA-1", "GAMMA-1", "C-OMEGA", "DELTA", "EPSILON"]
    third = next(debt.no for debt in obligations_of(books, found.id) if debt.reference == "3")
    correct_debt(books, "R1", third, "15", actor, because="a credit note")
    solve_round(books, "R1", actor)
    again = {debt.reference: debt.cleared for debt in obligations_of(books, found.id) if debt.file}
    assert again == {"1": 1500, "2": 1500, "3": 1500, "4": 0}
    own = number_of(books, "G-3")
    assert refusal(correct_debt, books, "R1", own, "1", actor, because="x").code is ErrorCode.ROUND_OWN_PARTY
    file.write_text("id,debtor,creditor,amount,currency\n1,ALFA-1,DELTA,50,RUB\n")
    told = refusal(add_debts, books, "R1", debts_of_file(file), actor, file="own.csv")
    assert (told.code, told.facts["rows"]) == (ErrorCode.ROUND_OWN_PARTY, [{"obligation": "1"}])
    file.write_text("id,debtor,creditor,amount,currency\n1,DELTA,EPSILON,-1,RUB\n2,DELTA,EPSILON,1,RUB\n")
    told = refusal(debts_of_file, file)
    assert (told.code, told.facts["rows"]) == (
        ErrorCode.ROUND_ROWS_REFUSED, [{"row": 2, "field": "amount", "code": "amount_not_positive"}],
    )  # fmt: skip


def test_receipt_of_a_notice_decides_where_the_law_says_so(books: Db, actor: Actor, rights: Rights) -> None:
    """Posted on 31 March by notice under Chinese law; OMEGA receives it on 3 April: since then, and not before it is known."""
    options = Options(one_sided=True, needs_consent=False)
    open_round(books, NewRound("R1", DAY, law="cn", options=options), actor, rights)
    solve_round(books, "R1", actor)
    receipt = Consent("agreed", "O. Omegova", date(2025, 4, 3))
    assert refusal(note_receipt, books, "R1", "C-OMEGA", receipt, actor).code is ErrorCode.ROUND_STATE
    posted = finalize_round(books, "R1", actor, rights).round
    assert (posted.effect_on, posted.effect_basis) == (None, "cn-receipt")
    assert refusal(note_receipt, books, "R1", "NOBODY", receipt, actor).facts["value"] == "NOBODY"
    assert refusal(note_receipt, books, "R1", "C-OMEGA", receipt._replace(by=" "), actor).code is ErrorCode.FIELD_MISSING
    assert note_receipt(books, "R1", "C-OMEGA", receipt, actor).effect_on == date(2025, 4, 3)


def test_units_of_ours_alone_wait_for_no_notice(books: Db, actor: Actor, rights: Rights) -> None:
    options = Options(one_sided=True, needs_consent=False, excluded=("C-OMEGA",))
    open_round(books, NewRound("R1", DAY, law="cn", options=options), actor, rights)
    solve_round(books, "R1", actor)
    assert finalize_round(books, "R1", actor, rights).round.effect_on == DAY


def test_why_is_told_from_the_certificate(solved: Db, actor: Actor) -> None:
    found = round_of(solved, "R1")
    told = {debt.number: debt.why for debt in whole_round(solved, found).debts if debt.why != "mirror"}
    # GAMMA owes BETA the narrowest place of the circles, and OMEGA's way gains more than ALFA's own: both are cleared whole
    assert (told["B-2"], told["A-3"]) == ("whole", "whole")
    assert set(told.values()) == {"whole", "edge"}
    said = why(solved, found, number_of(solved, "B-2"), "en")
    assert said.debtor_level is not None
    assert said.creditor_level is not None
    assert 1 + said.debtor_level - said.creditor_level > 0
    assert (said.answer, said.pair_amount, said.pair_cleared) == ("always", "75.00", "75.00")
    assert said.text.replace("\xa0", " ").startswith("Cleared 75.00 of 75.00 RUB. It had to be cleared in full")
    assert said.proof.startswith(f"Proof: level {said.debtor_level} of ООО «GAMMA», GAMMA 1")
    # BETA owes ALFA 100, of which no more than GAMMA's 75 to BETA can go around
    assert why(solved, found, number_of(solved, "A-1"), "en").answer == "most_pair"
    pair = pair_why(solved, found, "RUB", ("BETA-1", "ALFA-1"))
    assert (pair.answer, pair.amount, pair.cleared) == ("most_pair", 10000, 7500)
    with pytest.raises(DomainError, match="unknown_reference"):
        pair_why(solved, found, "RUB", ("ALFA-1", "BETA-1"))
    bar_debts(solved, "R1", [number_of(solved, "A-3")], actor, because="disputed in court")
    assert why(solved, round_of(solved, "R1"), number_of(solved, "A-1"), "en").text == "The round is not solved yet."


@pytest.fixture
def people(books: Db) -> Iterator[dict[str, Rights]]:
    roles = {"whole": ("ALFA-1", "BETA-1", "GAMMA-1"), "part": ("ALFA-1", "BETA-1")}
    found = {name: rights_of(books, add_user(books, name, **dict.fromkeys(units, "accountant"))) for name, units in roles.items()}
    found["reader"] = rights_of(books, add_user(books, "reader", **dict.fromkeys(roles["whole"], "viewer")))
    yield found
    leave(books)


TABLES = ("clearing_round", "round_party", "round_obligation", "round_position", "round_document")


def test_a_round_is_of_those_who_may_in_all_its_units(books: Db, people: dict[str, Rights]) -> None:
    """The whole life under row-level security; who lacks one unit sees nothing of it, who only reads changes nothing."""
    whole = Actor("whole", "test")
    enter(books, people["whole"])
    open_round(books, NewRound("R1", DAY, options=FREE), whole, people["whole"])
    solve_round(books, "R1", whole)
    assert finalize_round(books, "R1", whole, people["whole"]).round.status == "final"
    leave(books)
    enter(books, people["part"])
    for table in TABLES:
        assert books.execute(f"select count(*) from {table}").fetchone() == (0,), table
    assert refusal(known_round, books, "R1", people["part"], "read").code is ErrorCode.UNKNOWN_REFERENCE
    assert refusal(open_round, books, NewRound("R1", DAY, options=FREE), whole, people["part"]).code is ErrorCode.ROUND_EXISTS
    leave(books)
    assert refusal(known_round, books, "R1", people["part"], "read").code is ErrorCode.UNKNOWN_REFERENCE
    enter(books, people["reader"])
    assert known_round(books, "R1", people["reader"], "read").status == "final"
    assert refusal(known_round, books, "R1", people["reader"], "draft").code is ErrorCode.NOT_PERMITTED
    assert books.execute("update clearing_round set as_of = '2025-01-01' returning id").fetchall() == []
    assert books.execute("update round_obligation set amount = 1 returning no").fetchall() == []
    leave(books)
    enter(books, people["whole"])
    assert reverse_round(books, "R1", whole, people["whole"], on=DAY, because="x").round.status == "reversed"


def test_documents_that_need_a_second_person_wait(books: Db, people: dict[str, Rights], rights: Rights) -> None:
    owner, whole = Actor("tester", "test"), Actor("whole", "test")
    set_policy(books, "set_off", owner, unit="BETA-1")
    open_round(books, NewRound("R1", DAY, options=FREE), whole, people["whole"])
    solve_round(books, "R1", whole)
    done = finalize_round(books, "R1", whole, people["whole"])
    assert (done.round.status, [isinstance(row, approvals.Pending) for row in done.outcomes]) == ("posting", [False, True, False])
    assert finalize_round(books, "R1", whole, people["whole"]).round.status == "posting"
    assert refusal(reverse_round, books, "R1", whole, people["whole"], on=DAY, because="x").code is ErrorCode.ROUND_STATE
    (asked,) = waiting(books)
    approvals.approve(books, asked.id, owner, rights)
    assert finalize_round(books, "R1", whole, people["whole"]).round.status == "final"
