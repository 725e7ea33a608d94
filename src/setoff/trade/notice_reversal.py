"""What takes a confirmed notice back: its rows the other way round, in both units (spec 2.13).

| row of the notice                  | row of the reversal                                                        |
| ---                                | ---                                                                        |
| debit / credit                     | credit / debit; KOSGU of growth become those of fall, and the other way    |
| made a claim, or an obligation     | takes from it as much as is still open; the rest is owed the other way     |
| took from a claim or an obligation | makes it again                                                             |
| both sides between the units       | an offset becomes an obligation, and an obligation an offset               |

A payment that is taken back is owed again, so a reversal is never a payment.
Errors: notice_reversal_differs, reversal_exceeds_open.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, format_amount
from setoff.trade.account_codes import opposite
from setoff.trade.notice import Sides
from setoff.trade.notice_documents import Analytics, NoticeNature, NoticeRow
from setoff.trade.notice_mirror import OTHER, Open, Side, analytics_of, change_of


def nature_of_reversal(rows: Sequence[Sides], nature: NoticeNature) -> NoticeNature:
    """What the reversal of a notice with these rows between units is."""
    if any(row.debit.account.is_inter_branch and row.credit.account.is_inter_branch for row in rows):
        return "obligation" if nature == "offset" else "offset"
    return "property" if nature == "property" else "obligation"


def reversed_rows(mine: Side, theirs: Side, nature: NoticeNature, opened: tuple[Open, Open]) -> tuple[list[NoticeRow], list[NoticeRow]]:
    """The rows of both units, row by row beside one another. `opened`: what is open now, in each of them."""
    left = [dict(zip(("claims", "obligations"), unit, strict=True)) for unit in opened]
    parts = [_open_part(pair, nature, left) for pair in zip(mine.between, theirs.between, strict=True)]
    return _of_side(mine, nature, parts), _of_side(theirs, nature, parts)


def _open_part(pair: tuple[Sides, Sides], nature: NoticeNature, left: list[dict[str, int]]) -> int:
    """Of a row that made claims or obligations: what of them is open; it is used up. Of any other row the whole amount."""
    made = [_made(sides, nature) for sides in pair]
    open_ = [max(found[kind], 0) for found, kind in zip(left, made, strict=True) if kind]
    part = min(pair[0].amount, *open_) if open_ else pair[0].amount
    for found, kind in zip(left, made, strict=True):
        if kind:
            found[kind] -= part
    return part


def _made(sides: Sides, nature: NoticeNature) -> str:
    """Whether the row made claims or obligations; empty where it took from them, or is between the units on both sides."""
    is_debit = sides.debit.account.is_inter_branch
    if is_debit and sides.credit.account.is_inter_branch:
        return ""
    kind = analytics_of(sides, nature, is_debit=is_debit)
    return kind if is_debit == (kind == "claims") else ""


def _of_side(side: Side, nature: NoticeNature, parts: Sequence[int]) -> list[NoticeRow]:
    rows = []
    open_parts = iter(parts)
    for sides in side.rows:
        is_debit, is_credit = sides.debit.account.is_inter_branch, sides.credit.account.is_inter_branch
        if not is_debit and not is_credit:
            rows.append(_turned(sides, sides.amount, "", side.currency))
            continue
        part = next(open_parts)
        if is_debit and is_credit:
            rows.append(_turned(sides, sides.amount, "", side.currency))
            continue
        kind: Analytics = "claims" if analytics_of(sides, nature, is_debit=is_debit) == "claims" else "obligations"
        shares = ((part, kind), (sides.amount - part, OTHER[kind]))
        rows += [_turned(sides, amount, claim, side.currency) for amount, claim in shares if amount]
    return rows


def _turned(sides: Sides, amount: int, claim: Analytics, currency: str) -> NoticeRow:
    return msgspec.structs.replace(
        sides.row, debit=opposite(sides.credit), credit=opposite(sides.debit), amount=format_amount(amount, currency), claim=claim
    )


def check_reversal(side: Side, nature: NoticeNature, taken: Open, key: str) -> None:
    """It takes back what the notice made, no more and no less; `taken`: what that did to this unit's claims and obligations.
    Errors: notice_reversal_differs."""
    if change_of(side, nature).balance != -taken.balance:
        raise DomainError(ErrorCode.NOTICE_REVERSAL_DIFFERS, reverses=key, field="reverses")


def check_still_open(side: Side, nature: NoticeNature, before: Open) -> None:
    """It takes nothing that was paid or offset meanwhile. Errors: reversal_exceeds_open."""
    change = change_of(side, nature)
    for was, changed in zip(before, change, strict=True):
        if changed < 0 and was + changed < 0:
            raise DomainError(
                ErrorCode.REVERSAL_EXCEEDS_OPEN, unit=side.unit, amount=Money(-changed, side.currency),
                claims=Money(before.claims, side.currency), obligations=Money(before.obligations, side.currency),
            )  # fmt: skip
