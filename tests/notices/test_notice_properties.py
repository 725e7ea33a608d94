"""Whatever becomes of notices (confirmed, rejected, recalled, undone, dated back), what units owe one another is zero over all of them,
pair by pair the mirror of what the other has, and what a naive count of the confirmed ones says; no law of the books is broken."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from setoff.access.queries import rights_of_owner
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.notices.closing import Policy, draft_closing
from setoff.notices.records import Kept
from setoff.notices.services import confirm_notice, recall_notice, reject_notice, save_notice, send_notice, undo_notice
from setoff.parties.records import Unit
from setoff.parties.services import save_masters
from setoff.reports.ask import ask
from setoff.settlements.checks import run_checks
from setoff.site import database
from setoff.trade.notice_documents import NoticeNature, NoticeRow
from setoff.trade.notice_paper import Notice
from tests.reports.between import BRANCH, HEAD, INSTITUTE

Db = psycopg.Connection[Any]
SENDER, RECEIVER = Actor("ivanova", "test"), Actor("petrov", "test")
UNITS: Final = (HEAD, BRANCH, Unit(code="BR2", organization="INST", name="Второй филиал", kind="branch", head_office="HO"))
COUNTER: Final[dict[str, tuple[str, str]]] = {
    "obligation": ("2 40110 130", "2 40110 130"), "property": ("2 10536 340", "2 10536 440"), "payment": ("2 20111 510", "2 20111 610"),
    "offset": ("2 30404 000", "2 30404 000"),
}  # fmt: skip
"""The account beside 30404: debited, credited."""
BETWEEN: Final = "2 30404 000"
LAWS: Final = ("C-0", "C-1.4", "C-4.2.5", "C-BR-1", "C-BR-2", "C-BR-4", "C-BR-5", "C-TURNOVER", "I1", "I9")
MAY_BE_REFUSED: Final = (ErrorCode.PAYMENT_MOVES_AWAY_FROM_ZERO, ErrorCode.OFFSET_EXCEEDS_OPEN)


class Drawn(NamedTuple):
    sender: str
    receiver: str
    day: int
    nature: NoticeNature
    sender_debits: bool
    amount: int
    fate: str


OWED: Final = (
    Drawn("HO", "BR", 1, "obligation", True, 500, "confirmed"), Drawn("BR", "HO", 1, "obligation", True, 200, "confirmed"),
    Drawn("BR", "BR2", 1, "property", True, 300, "confirmed"),
)  # fmt: skip
"""What there is to pay and to offset from the first day on."""


def notices() -> st.SearchStrategy[list[Drawn]]:
    """Of two pairs mostly, and payments smaller than what they pay, so that many are confirmed."""
    pairs = st.sampled_from([("HO", "BR"), ("BR", "HO"), ("HO", "BR"), ("BR", "BR2")])
    natures: Any = st.sampled_from(("obligation", "obligation", "property", "payment", "payment", "offset"))
    fates = st.sampled_from((*["confirmed"] * 6, "rejected", "recalled", "undone", "drafted"))
    one = st.builds(
        lambda pair, *rest: Drawn(*pair, *rest), pairs, st.integers(1, 28), natures, st.booleans(), st.integers(1, 500), fates
    )
    one = one.map(lambda drawn: drawn._replace(amount=drawn.amount // 10 + 1) if drawn.nature in ("payment", "offset") else drawn)
    return st.lists(one, min_size=3, max_size=14)


def notice_of(drawn: Drawn) -> Notice:
    debited, credited = COUNTER[drawn.nature]
    amount = f"{drawn.amount}.00"
    first = NoticeRow(debit=BETWEEN, credit=credited, amount=amount)
    second = NoticeRow(debit=debited, credit=BETWEEN, amount=amount)
    rows = ([first], [second]) if drawn.sender_debits else ([second], [first])
    return Notice(
        sender=drawn.sender, receiver=drawn.receiver, date=f"2011-02-{drawn.day:02}", nature=drawn.nature, sender_rows=rows[0],
        receiver_rows=rows[1],
    )  # fmt: skip


def towards_zero(drawn: Drawn, owed: dict[tuple[str, str], int]) -> Drawn:
    """Most payments go from who owes, at the end of the month, and take no more than is owed."""
    open_ = owed[drawn.sender, drawn.receiver]
    if drawn.nature != "payment" or not open_ or drawn.amount % 4 == 0:
        return drawn
    return drawn._replace(day=28, sender_debits=open_ < 0, amount=min(drawn.amount, abs(open_)))


def live(conn: Db, drawn: Drawn, rights: Rights) -> bool:
    """What becomes of it; whether it stands in the books in the end."""
    code = save_notice(conn, notice_of(drawn), SENDER, rights).code
    if drawn.fate == "drafted":
        return False
    try:
        send_notice(conn, code, SENDER, rights)
    except DomainError as refusal:
        if refusal.code not in MAY_BE_REFUSED:
            raise
        return False
    if drawn.fate == "rejected":
        reject_notice(conn, code, RECEIVER, rights, because="not ours")
    elif drawn.fate == "recalled":
        recall_notice(conn, code, SENDER, rights)
    else:
        confirm_notice(conn, code, RECEIVER, rights)
    if drawn.fate == "undone":
        undo_notice(conn, code, RECEIVER, rights, because="twice")
        undo_notice(conn, code, SENDER, rights)
    return drawn.fate == "confirmed"


def balances(conn: Db, account: str) -> dict[str, int]:
    """Of each unit in the consolidated balance, roubles; the line of 30404 is zero and nothing there is marked."""
    sections = ask(conn, "consolidation", as_of="2011-12-31", options={"organization": ["INST"]}).sections
    rows = [row for section in sections for row in section.rows]
    assert not any(row.is_wrong for row in rows)
    assert all(row.consolidated == 0 for row in rows if row.account == "30404")
    assert sum(row.consolidated for row in rows) == 0
    found = next((row.amounts for row in rows if row.account == account), (0, 0, 0))
    return dict(zip(("HO", "BR", "BR2"), (amount // 100 for amount in found), strict=True))


@pytest.fixture(scope="module")
def books(server: str) -> Iterator[Db]:
    with database.throwaway(), database.connect() as conn:
        save_masters(conn, [INSTITUTE, *UNITS], SENDER)
        yield conn


@settings(max_examples=12, deadline=None)
@given(said=notices())
def test_over_all_units_nothing_is_owed(books: Db, said: list[Drawn]) -> None:
    rights = rights_of_owner(books, "owner")
    expected: dict[str, int] = defaultdict(int)
    money: dict[str, int] = defaultdict(int)
    with books.transaction(force_rollback=True):
        owed: dict[tuple[str, str], int] = defaultdict(int)
        for told in (*OWED, *said):
            drawn = towards_zero(told, owed)
            if not live(books, drawn, rights) or drawn.nature == "offset":
                continue
            sign = 1 if drawn.sender_debits else -1
            owed[drawn.sender, drawn.receiver] += sign * drawn.amount
            owed[drawn.receiver, drawn.sender] -= sign * drawn.amount
            for unit, side in ((drawn.sender, sign), (drawn.receiver, -sign)):
                expected[unit] += side * drawn.amount
                money[unit] -= side * drawn.amount if drawn.nature == "payment" else 0
        assert balances(books, "30404") == {unit.code: expected[unit.code] for unit in UNITS}
        assert balances(books, "20111") == {unit.code: money[unit.code] for unit in UNITS}
        assert {result.check.code: result.rows for result in run_checks(books, LAWS) if result.rows and result.check.state == "error"} == {}
        if not any(drawn.fate in ("rejected", "recalled", "drafted") for drawn in said):
            close(books, rights)


def close(conn: Db, rights: Rights) -> None:
    """What the year's end drafts can be confirmed, and leaves nothing of what was open either way."""
    try:
        drafted: list[Kept] = draft_closing(conn, "INST", 2011, SENDER, rights, policy=Policy())
        for notice in drafted:
            send_notice(conn, notice.code, SENDER, rights)
            confirm_notice(conn, notice.code, RECEIVER, rights)
    except DomainError as refusal:
        if refusal.code != ErrorCode.OFFSET_EXCEEDS_OPEN:
            raise
        return  # what was paid was undone: claims below zero are for people to mend
    balances(conn, "30404")
