"""The two sides of an inter-branch notice are one: what the rules of spec 2.13 ask of them together.

    one_sided_30404               row by row, what one unit debits to its settlements with the other, the other credits
    mirror_kfo_mismatch           one kind of funds on all accounts of a row
    mirror_kosgu_mismatch         equal KOSGU where both stand on one account beside 30404 (growth and fall of one thing count as equal)
    payment_moves_away_from_zero  a payment takes from what is open between the units, in each of them
    offset_exceeds_open           an offset takes no more than there is of claims and of obligations, in each of them

Claims are what the other unit owes, obligations what is owed to it. A debit makes claims and a credit obligations, unless the notice is a
payment, which takes from the other; a row may say otherwise (`claim`).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

from setoff.core.chart import Chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money
from setoff.trade.account_codes import AccountCode, code_of, mirrors, opposite
from setoff.trade.notice import Sides
from setoff.trade.notice_documents import Analytics, NoticeNature, NoticeRow

OTHER: Final[dict[str, Analytics]] = {"": "", "claims": "obligations", "obligations": "claims"}
"""What is a claim of the one is an obligation of the other."""


class Open(NamedTuple):
    """What is open with the other unit, minor units; also a change of it."""

    claims: int = 0
    obligations: int = 0

    @property
    def balance(self) -> int:
        return self.claims - self.obligations


class Side(NamedTuple):
    """One unit's part: its code, the rows, what was open before."""

    unit: str
    rows: Sequence[Sides]
    currency: str

    @property
    def between(self) -> list[Sides]:
        """The rows that move the account between units."""
        return [row for row in self.rows if row.debit.account.is_inter_branch or row.credit.account.is_inter_branch]


def check_mirror(sender: Side, receiver: Side) -> None:
    """Errors: one_sided_30404, mirror_kfo_mismatch, mirror_kosgu_mismatch."""
    if not sender.between and not receiver.between:
        raise _one_sided(sender, receiver, None, None)
    for mine, theirs in zip_longest(sender.between, receiver.between):
        if mine is None or theirs is None or _moved(mine) != _moved(theirs)[::-1]:
            raise _one_sided(sender, receiver, mine, theirs)
        codes = (mine.debit, mine.credit, theirs.debit, theirs.credit)
        if len({code.kfo for code in codes}) > 1:
            raise _mismatch(ErrorCode.MIRROR_KFO_MISMATCH, mine, theirs)
        first, second = _counter(mine), _counter(theirs)
        if first is not None and second is not None and not mirrors(first, second):
            raise _mismatch(ErrorCode.MIRROR_KOSGU_MISMATCH, mine, theirs)


def check_open(side: Side, nature: NoticeNature, before: Open) -> None:
    """Errors: payment_moves_away_from_zero, offset_exceeds_open."""
    if nature not in ("payment", "offset"):
        return
    change = change_of(side, nature)
    after = Open(before.claims + change.claims, before.obligations + change.obligations)
    if after.claims >= 0 and after.obligations >= 0:
        return
    amount = Money(max(-change.claims, -change.obligations), side.currency)
    if nature == "payment":
        raise DomainError(
            ErrorCode.PAYMENT_MOVES_AWAY_FROM_ZERO, unit=side.unit, row=side.between[0].number, amount=amount,
            claims=Money(before.claims, side.currency), obligations=Money(before.obligations, side.currency),
        )  # fmt: skip
    raise DomainError(
        ErrorCode.OFFSET_EXCEEDS_OPEN, unit=side.unit, amount=amount, claims=Money(before.claims, side.currency),
        obligations=Money(before.obligations, side.currency),
    )  # fmt: skip


def mirrored(chart: Chart, rows: Sequence[NoticeRow]) -> list[NoticeRow]:
    """What the other unit books where both stand on the same accounts: each row between the units the other way round. What holds
    settlements with others is the other unit's own: no contract is taken over. Errors: those of accounts."""
    made = []
    for place, row in enumerate(rows):
        named = f"sender_rows[{place}]."
        debit, credit = code_of(chart, row.debit, named + "debit"), code_of(chart, row.credit, named + "credit")
        if debit.account.is_inter_branch or credit.account.is_inter_branch:
            sides = {"debit": opposite(credit), "credit": opposite(debit)}
            made.append(NoticeRow(**sides, amount=row.amount, flow=row.flow, claim=OTHER[row.claim]))
    return made


def change_of(side: Side, nature: NoticeNature) -> Open:
    """What the notice does to the unit's claims on the other and its obligations to it."""
    claims = obligations = 0
    for row in side.between:
        debit, credit = _moved(row)
        if debit:
            if analytics_of(row, nature, is_debit=True) == "claims":
                claims += debit
            else:
                obligations -= debit
        if credit:
            if analytics_of(row, nature, is_debit=False) == "claims":
                claims -= credit
            else:
                obligations += credit
    return Open(claims, obligations)


def analytics_of(sides: Sides, nature: NoticeNature, *, is_debit: bool) -> str:
    """Whether that side of the row stands on claims or on obligations."""
    both = sides.debit.account.is_inter_branch and sides.credit.account.is_inter_branch
    if sides.row.claim and not both:
        return sides.row.claim
    takes = nature in ("payment", "offset")
    return "claims" if is_debit != takes else "obligations"


def _moved(sides: Sides) -> tuple[int, int]:
    """What the row debits and credits to the account between units."""
    return (
        sides.amount if sides.debit.account.is_inter_branch else 0,
        sides.amount if sides.credit.account.is_inter_branch else 0,
    )


def _counter(sides: Sides) -> AccountCode | None:
    """The account beside the one between units; None where both are."""
    plain = [code for code in (sides.debit, sides.credit) if not code.account.is_inter_branch]
    return plain[0] if plain else None


def _one_sided(sender: Side, receiver: Side, mine: Sides | None, theirs: Sides | None) -> DomainError:
    """Where both sides have no row between units, the first rows are shown."""
    shown = mine or theirs or (*sender.rows, *receiver.rows)[0]
    code = shown.credit if shown.credit.account.is_inter_branch else shown.debit
    rows = []
    for side, sides in ((sender, mine), (receiver, theirs)):
        debit, credit = _moved(sides) if sides else (0, 0)
        row = str(sides.number) if sides else "-"
        rows.append({"unit": side.unit, "row": row, "debit": Money(debit, side.currency), "credit": Money(credit, side.currency)})
    field = f"{'sender' if mine or not theirs else 'receiver'}_rows[{shown.number - 1}]"
    return DomainError(ErrorCode.ONE_SIDED_30404, account=code.text, rows=rows, field=field)


def _mismatch(code: ErrorCode, mine: Sides, theirs: Sides) -> DomainError:
    return DomainError(
        code, row=mine.number, sender_row=f"{mine.debit.text} / {mine.credit.text}",
        receiver_row=f"{theirs.debit.text} / {theirs.credit.text}", field=f"receiver_rows[{theirs.number - 1}].debit",
    )  # fmt: skip
