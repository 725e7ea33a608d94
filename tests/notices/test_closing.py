"""The end of a year between units: what is proposed, drafted once, confirmed, undone; what is still to be paid stays. Worked by hand from
scheme 1 of spec 2.13: the branch owes 18 000 of VAT and 40 000 of its income."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from setoff.access.queries import rights_of_owner
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money
from setoff.notices.closing import Closing, Policy, draft_closing, propose_closing
from setoff.notices.records import Kept
from setoff.notices.services import confirm_notice, reject_notice, save_notice, send_notice, undo_notice
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.settlements.checks import run_checks
from setoff.trade.notice_documents import NoticeRow
from setoff.trade.notice_paper import Notice
from tests.reports.between import UNITS

Db = psycopg.Connection[Any]
HEAD, BRANCH = Actor("ivanova", "test"), Actor("petrov", "test")


def row(debit: str, credit: str, amount: str) -> NoticeRow:
    return NoticeRow(debit=debit, credit=credit, amount=amount)


VAT = Notice(
    sender="HO", receiver="BR", date="2011-02-01", nature="obligation", key="vat",
    sender_rows=[row("2 30404 000", "2 30304 730", "18000.00")], receiver_rows=[row("2 40110 130", "2 30404 000", "18000.00")],
)  # fmt: skip
SHARE = Notice(
    sender="HO", receiver="BR", date="2011-02-15", nature="obligation", key="share",
    sender_rows=[row("2 30404 000", "2 40110 130", "40000.00")], receiver_rows=[row("2 40110 130", "2 30404 000", "40000.00")],
)  # fmt: skip


@pytest.fixture
def rights(db: Db) -> Rights:
    """Of books in which both notices are confirmed."""
    save_masters(db, UNITS, HEAD)
    found = rights_of_owner(db, "owner")
    for notice in (VAT, SHARE):
        book(db, save_notice(db, notice, HEAD, found), found)
    return found


def book(db: Db, notice: Kept, rights: Rights) -> None:
    send_notice(db, notice.code, HEAD, rights)
    confirm_notice(db, notice.code, BRANCH, rights)


def told(closings: list[Closing]) -> list[str]:
    return [
        f"{found.sender} {found.receiver} {found.claims // 100} {found.obligations // 100} left {found.left // 100}"
        + "".join(f", {line.debit} / {line.credit} {line.amount}" for line in (found.notice.sender_rows if found.notice else []))
        for found in closings
    ]


def between(db: Db) -> tuple[int, int]:
    """30404 of head office and branch at the end of the year, by the consolidated balance."""
    section = ask(db, "consolidation", as_of="2011-12-31", options={"organization": ["INST"], "account": ["30404"]}).sections[0]
    assert not any(found.is_wrong for found in section.rows)
    return section.rows[0].amounts[0] // 100, section.rows[0].amounts[1] // 100


def test_what_is_open_goes_to_the_result_of_prior_periods_of_both(db: Db, rights: Rights) -> None:
    assert told(propose_closing(db, "INST", 2011, Policy(), rights)) == ["HO BR 58000 0 left 0, 2 40130 000 / 2 30404 000 58000.00"]
    assert between(db) == (58_000, -58_000)
    (drafted,) = draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy())
    assert (drafted.code, drafted.status, str(drafted.date)) == ("closing/2011/HO/BR", "draft", "2011-12-31")
    assert draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy())[0].id == drafted.id
    send_notice(db, drafted.code, HEAD, rights)
    (waiting,) = propose_closing(db, "INST", 2011, Policy(), rights)
    assert (waiting.notice, waiting.sent) == (None, "closing/2011/HO/BR")
    confirm_notice(db, drafted.code, BRANCH, rights)
    assert between(db) == (0, 0)
    assert propose_closing(db, "INST", 2011, Policy(), rights) == []
    assert [result.check.code for result in run_checks(db) if result.rows] == []
    result = ask(db, "consolidation", as_of="2011-12-31", options={"organization": ["INST"], "account": ["40130"]}).sections[0].rows[0]
    assert (result.amounts, result.consolidated) == ((5_800_000, -5_800_000), 0)


def test_what_is_still_to_be_paid_stays(db: Db, rights: Rights) -> None:
    (drafted,) = draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy(left={"BR": "18000.00"}))
    book(db, drafted, rights)
    assert between(db) == (18_000, -18_000)
    with pytest.raises(DomainError) as refused:
        propose_closing(db, "INST", 2011, Policy(left={"BR": "18000.01"}), rights)
    assert (refused.value.code, refused.value.facts["claims"]) == (ErrorCode.CLOSING_LEFT_EXCEEDS_OPEN, Money(1_800_000, "RUB"))


def test_a_closing_is_undone_by_both_and_proposed_again(db: Db, rights: Rights) -> None:
    (drafted,) = draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy())
    book(db, drafted, rights)
    undo_notice(db, drafted.code, HEAD, rights, because="the share is paid in January")
    undo_notice(db, drafted.code, BRANCH, rights)
    assert between(db) == (58_000, -58_000)
    (again,) = draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy(left={"BR": "40000.00"}))
    assert (again.code, again.amount) == ("closing/2011/HO/BR/2", 1_800_000)


def test_a_later_notice_of_the_year_is_closed_by_another_one(db: Db, rights: Rights) -> None:
    (drafted,) = draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy())
    book(db, drafted, rights)
    late = Notice(
        sender="BR", receiver="HO", date="2011-12-30", nature="property", key="stock",
        sender_rows=[row("2 30404 000", "2 10536 440", "500.00")], receiver_rows=[row("2 10536 340", "2 30404 000", "500.00")],
    )  # fmt: skip
    book(db, save_notice(db, late, HEAD, rights), rights)
    assert told(propose_closing(db, "INST", 2011, Policy(), rights)) == ["HO BR 0 500 left 0, 2 30404 000 / 2 40130 000 500.00"]
    assert draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy())[0].code == "closing/2011/HO/BR/2"


def test_a_rejected_closing_says_what_is_open_now(db: Db, rights: Rights) -> None:
    (drafted,) = draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy())
    send_notice(db, drafted.code, HEAD, rights)
    reject_notice(db, drafted.code, BRANCH, rights, because="18 000 will be paid")
    (again,) = draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy(left={"BR": "18000"}))
    assert (again.code, again.status, again.amount) == ("closing/2011/HO/BR", "draft", 4_000_000)


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        (("NONE", 2011, Policy()), ErrorCode.UNKNOWN_REFERENCE, "organization"),
        (("INST", 1999, Policy()), ErrorCode.INVALID_VALUE, "year"),
        (("INST", 2011, Policy(left={"NONE": "1"})), ErrorCode.UNKNOWN_REFERENCE, "left"),
        (("INST", 2011, Policy(left={"BR": "0"})), ErrorCode.AMOUNT_NOT_POSITIVE, "left"),
        (("INST", 2011, Policy(account="30404")), ErrorCode.INVALID_VALUE, "account"),
        (("INST", 2011, Policy(account="20531")), ErrorCode.INVALID_VALUE, "account"),
        (("INST", 2011, Policy(account="40199")), ErrorCode.UNKNOWN_ACCOUNT, "account"),
    ],
)
def test_refusals(db: Db, rights: Rights, asked: Any, code: ErrorCode, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        propose_closing(db, *asked, rights)
    assert (refused.value.code, refused.value.facts["field"]) == (code, field)


def test_a_year_with_a_notice_that_waits_is_not_closed(db: Db, rights: Rights) -> None:
    waiting = Notice(**{**{name: getattr(SHARE, name) for name in SHARE.__struct_fields__}, "key": "waiting", "number": ""})
    send_notice(db, save_notice(db, waiting, HEAD, rights).code, HEAD, rights)
    with pytest.raises(DomainError) as refused:
        draft_closing(db, "INST", 2011, HEAD, rights, policy=Policy())
    assert (refused.value.code, refused.value.facts["notices"]) == (ErrorCode.CLOSING_NOTICES_WAIT, "waiting")
