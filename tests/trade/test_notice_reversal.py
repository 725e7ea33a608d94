"""What takes a notice back: a row per rule (spec 2.13), worked by hand."""

from __future__ import annotations

import pytest

from setoff.core.errors import DomainError
from setoff.trade.account_codes import code_of, opposite
from setoff.trade.documents import BranchNotice
from setoff.trade.notice import sides_of
from setoff.trade.notice_documents import NoticeNature, NoticeRow
from setoff.trade.notice_mirror import Open, Side, mirrored
from setoff.trade.notice_reversal import check_reversal, check_still_open, nature_of_reversal, reversed_rows
from setoff.trade.supply import setting_of
from tests.trade.stage import cast_directory

BOOKS = cast_directory()


def side(unit: str, *rows: str) -> Side:
    """ "debit / credit  amount", and "on claims" where it says so."""
    made = []
    for said in rows:
        accounts, _, rest = said.partition("  ")
        debit, credit = accounts.split(" / ")
        amount, _, claim = rest.partition(" on ")
        made.append(NoticeRow(debit=debit, credit=credit, amount=amount, claim="claims" if claim == "claims" else ""))
    document = BranchNotice(unit="LYC", date="2025-02-20", notice="n", other="X", rows=made)
    return Side(unit, sides_of(document, setting_of(document, BOOKS)), "RUB")


def told(rows: list[NoticeRow]) -> list[str]:
    return [f"{row.debit} / {row.credit}  {row.amount}" + (f" on {row.claim}" if row.claim else "") for row in rows]


def taken_back(mine: Side, theirs: Side, nature: NoticeNature, claims: int, obligations: int) -> tuple[list[str], list[str], str]:
    opened = (Open(claims, obligations), Open(obligations, claims))
    first, second = reversed_rows(mine, theirs, nature, opened)
    return told(first), told(second), nature_of_reversal(mine.between, nature)


SHARE = side("HO", "2 30404 000 / 2 40110 130  100.00"), side("BR", "2 40110 130 / 2 30404 000  100.00")


def test_what_is_still_open_is_taken_back_and_the_rest_is_owed_the_other_way() -> None:
    assert taken_back(*SHARE, "obligation", 100_00, 0) == (
        ["2 40110 130 / 2 30404 000  100.00 on claims"], ["2 30404 000 / 2 40110 130  100.00 on obligations"], "obligation",
    )  # fmt: skip
    assert taken_back(*SHARE, "obligation", 40_00, 0) == (
        ["2 40110 130 / 2 30404 000  40.00 on claims", "2 40110 130 / 2 30404 000  60.00 on obligations"],
        ["2 30404 000 / 2 40110 130  40.00 on obligations", "2 30404 000 / 2 40110 130  60.00 on claims"],
        "obligation",
    )
    assert taken_back(*SHARE, "obligation", 0, 0)[0] == ["2 40110 130 / 2 30404 000  100.00 on obligations"]


def test_what_is_open_is_used_once() -> None:
    """Two rows made claims of 100 and 50, of which 120 are open: the first takes 100 of them, the second 20."""
    mine = side("HO", "2 30404 000 / 2 40110 130  100.00", "2 30404 000 / 2 40110 180  50.00")
    theirs = side("BR", "2 40110 130 / 2 30404 000  100.00", "2 40110 180 / 2 30404 000  50.00")
    assert taken_back(mine, theirs, "obligation", 120_00, 0)[0] == [
        "2 40110 130 / 2 30404 000  100.00 on claims", "2 40110 180 / 2 30404 000  20.00 on claims",
        "2 40110 180 / 2 30404 000  30.00 on obligations",
    ]  # fmt: skip


def test_a_payment_that_is_taken_back_is_owed_again() -> None:
    paid = side("HO", "2 20111 510 / 2 30404 000  100.00"), side("BR", "2 30404 000 / 2 20111 610  100.00")
    assert taken_back(*paid, "payment", 0, 0) == (
        ["2 30404 000 / 2 20111 610  100.00 on claims"], ["2 20111 510 / 2 30404 000  100.00 on obligations"], "obligation",
    )  # fmt: skip


def test_property_comes_back_and_a_unit_s_own_rows_are_turned() -> None:
    moved = side("HO", "2 30404 000 / 2 10536 440  100.00"), side("BR", "2 10536 340 / 2 30404 000  100.00")
    assert taken_back(*moved, "property", 100_00, 0) == (
        ["2 10536 340 / 2 30404 000  100.00 on claims"], ["2 30404 000 / 2 10536 440  100.00 on obligations"], "property",
    )  # fmt: skip
    mine = side("HO", "2 40110 130 / 2 30304 730  90.00", "2 30404 000 / 2 30304 730  18.00")
    theirs = side("BR", "2 40110 130 / 2 30404 000  18.00")
    assert taken_back(mine, theirs, "obligation", 18_00, 0)[0] == [
        "2 30304 830 / 2 40110 130  90.00", "2 30304 830 / 2 30404 000  18.00 on claims",
    ]  # fmt: skip


def test_an_offset_becomes_an_obligation_and_the_other_way() -> None:
    both = side("HO", "2 30404 000 / 2 30404 000  35.00"), side("BR", "2 30404 000 / 2 30404 000  35.00")
    assert taken_back(*both, "offset", 0, 0) == (["2 30404 000 / 2 30404 000  35.00"], ["2 30404 000 / 2 30404 000  35.00"], "obligation")
    assert nature_of_reversal(both[0].between, "obligation") == "offset"


def test_kosgu_of_growth_become_those_of_fall() -> None:
    chart = BOOKS.units["LYC"].chart
    pairs = [("2 20111 510", "2 20111 610"), ("2 10536 340", "2 10536 440"), ("2 30231 730", "2 30231 830"), ("2 40110 130", "2 40110 130")]
    for first, second in pairs:
        assert (opposite(code_of(chart, first, "")), opposite(code_of(chart, second, ""))) == (second, first)
    assert opposite(code_of(chart, "40110", "")) == "40110"


def test_the_other_unit_s_rows_follow_from_the_sender_s() -> None:
    chart = BOOKS.units["LYC"].chart
    rows = [
        NoticeRow(debit="2 40110 130", credit="2 30304 730", amount="90.00"),
        NoticeRow(debit="2 30404 000", credit="2 10536 440", amount="18.00", flow="expenses", claim="claims"),
    ]
    assert mirrored(chart, rows) == [
        NoticeRow(debit="2 10536 340", credit="2 30404 000", amount="18.00", flow="expenses", claim="obligations")
    ]


def test_what_a_reversal_may_not_be() -> None:
    taken, half = side("HO", "2 40110 130 / 2 30404 000  100.00 on claims"), side("HO", "2 40110 130 / 2 30404 000  50.00 on claims")
    check_reversal(taken, "obligation", Open(100_00, 0), "n")
    with pytest.raises(DomainError, match=r"^notice_reversal_differs"):
        check_reversal(half, "obligation", Open(100_00, 0), "n")
    check_still_open(taken, "obligation", Open(100_00, 0))
    with pytest.raises(DomainError, match=r"^reversal_exceeds_open"):
        check_still_open(taken, "obligation", Open(99_99, 0))
    check_still_open(side("HO", "2 30404 000 / 2 20111 610  100.00 on claims"), "obligation", Open(-5_00, 0))  # makes, and takes nothing
