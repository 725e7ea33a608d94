"""What a write-off has to prove, and who bears it (spec 2.11).

| written off                | debit                                  | credit  |
| ---                        | ---                                    | ---     |
| a receivable, its reserve  | doubtful_reserve, analytics the debtor | the row |
| a receivable, the rest     | account                                | the row |
| an advance paid            | account                                | the row |
| a payable, advance received | the row                               | account |

Each reason has its check:

| reason      | what it takes                                                                                                      |
| ---         | ---                                                                                                                |
| limitation  | a paper; every row names a document whose limitation period (`limitation`, below) is over on the day of the write-off |
| liquidation | a paper: the entry in the register                                                                                 |
| court       | a paper: the ruling                                                                                                |
| agreement   | a paper: the agreement on forgiveness                                                                              |
| kopecks     | no paper; all rows of a party together are within the unit's `difference_limit`                                    |

The limitation period: the unit's `limitation_years` from the day the debt was due (or else made), or anew from the day on which the debtor
signed an act of reconciliation that has it (Civil Code of Russia art. 203, 206; of China art. 195), ten years from the due day at most
(art. 196), twenty in China (art. 188).

Guards, in this order: item, department, analytics (field_missing); reason (field_missing; invalid_value for one of a set-off),
reason_document (field_missing); of each row: document (field_missing), limitation_not_over; write_off_over_limit; reserve (unknown_field
where there is no receivable or the chart keeps no reserve; invalid_amount; invalid_value below zero or above the row).
Left to the books: reserve_exceeded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Entry, Fact
from setoff.core.money import Money
from setoff.trade.adjusted import Adjusted
from setoff.trade.directory import Directory, DocumentRef, UnitTerms
from setoff.trade.documents import AdjustmentRow, AnyDocument, DebtAdjustment
from setoff.trade.doubtful import debtor_of
from setoff.trade.fields import amount_of
from setoff.trade.supply import Setting
from setoff.trade.terms import debt_sign

REASONS: Final = ("limitation", "liquidation", "court", "agreement", "kopecks")
WITHOUT_PAPER: Final = "kopecks"
LONGEST_MOSTLY: Final = 10
LONGEST: Final = {"cn": 20}
"""Years from the due day after which no acknowledgement counts, by chart."""


def is_receivable_written_off(document: AnyDocument) -> bool:
    """Whether the reserve may bear a part of it."""
    if not isinstance(document, DebtAdjustment) or document.kind != "write_off":
        return False
    return any(row.side == "they_owe_us" for row in document.rows)


def check_reason(document: DebtAdjustment) -> None:
    """The expense has its analytics, the write-off its reason and its paper. Errors: see above."""
    for field in ("item", "department", "analytics", "reason"):
        if not getattr(document, field).strip():
            raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    if document.reason not in REASONS:
        raise DomainError(ErrorCode.INVALID_VALUE, field="reason", value=document.reason, expected=", ".join(REASONS))
    if document.reason != WITHOUT_PAPER and not document.reason_document.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="reason_document")


def check_rows(document: DebtAdjustment, rows: Sequence[Adjusted], setting: Setting, directory: Directory) -> None:
    """What the reason asks of the debts. Errors: see above."""
    if document.reason == "limitation":
        for row, read in zip(document.rows, rows, strict=True):
            _check_limitation(row, read.place, setting, directory)
    elif document.reason == WITHOUT_PAPER:
        sums: dict[str, int] = defaultdict(int)
        for row, read in zip(document.rows, rows, strict=True):
            sums[row.counterparty] += read.book
        limit, currency = setting.unit.difference_limit, setting.unit.book_currency
        for counterparty, amount in sums.items():
            if amount > limit:
                raise DomainError(
                    ErrorCode.WRITE_OFF_OVER_LIMIT, counterparty=counterparty, amount=Money(amount, currency),
                    limit=Money(limit, currency), field="rows",
                )  # fmt: skip
    for row, read in zip(document.rows, rows, strict=True):
        _check_reserve(row, read, setting)


def _check_limitation(row: AdjustmentRow, place: str, setting: Setting, directory: Directory) -> None:
    if not row.document:
        raise DomainError(ErrorCode.FIELD_MISSING, field=place + "document")
    ref = directory.documents[row.document]
    due = _counted_from(ref, row.line)
    acts = [
        (found.day, found.act) for found in ref.acknowledged
        if row.line in (0, found.line) and found.counterparty == row.counterparty and due < found.day <= setting.day
    ]  # fmt: skip
    since, act = max(acts, default=(due, 0))
    ends = limitation_ends(due, since, setting.unit)
    if setting.day <= ends:
        raise DomainError(
            ErrorCode.LIMITATION_NOT_OVER, document=ref.number, since=since, ends=ends, date=setting.day, act=act,
            field=place + "document",
        )  # fmt: skip


def _counted_from(ref: DocumentRef, line: int) -> date:
    """The latest day from which a debt of the document (or of its line) counts: due, else made."""
    return max((day for number, day in ref.ages if line in (0, number)), default=ref.date)


def limitation_ends(due: date, since: date, unit: UnitTerms) -> date:
    """The last day of the period that began with a day, for a debt due on an earlier one."""
    longest = LONGEST.get(unit.chart.name, LONGEST_MOSTLY)
    return min(years_after(since, int(unit.policy("limitation_years"))), years_after(due, longest))


def years_after(day: date, years: int) -> date:
    """The same day of the year, 28 February for the 29th where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def bears_reserve(row: AdjustmentRow, relation: str, setting: Setting) -> bool:
    """Whether the reserve may bear a part: a receivable, in a chart that keeps a reserve."""
    return row.side == "they_owe_us" and debt_sign(relation) > 0 and bool(setting.unit.chart.reserve_account)


def _check_reserve(row: AdjustmentRow, read: Adjusted, setting: Setting) -> None:
    field = read.place + "reserve"
    if not row.reserve:
        return
    if not bears_reserve(row, read.terms.relation, setting):
        raise DomainError(ErrorCode.UNKNOWN_FIELD, field=field)
    currency = setting.unit.book_currency
    if not 0 <= amount_of(row.reserve, currency, field) <= read.book:
        raise DomainError(ErrorCode.INVALID_VALUE, field=field, value=row.reserve, expected=f"0..{Money(read.book, currency)}")


def write_off_entries(document: DebtAdjustment, stated: Sequence[Fact], setting: Setting) -> list[Entry]:
    """The table above."""
    entries: list[Entry] = []
    for fact, row in zip(stated, document.rows, strict=True):
        book = abs(fact.book)
        if fact.change > 0:
            entries.append(Entry(0, fact.line, "", 0, document.account, book, 0, "", document.item))
            continue
        borne = amount_of(row.reserve, setting.unit.book_currency, "reserve") if row.reserve else 0
        if borne:
            debtor = debtor_of(row.counterparty, row.contract)
            entries.append(Entry(0, 0, setting.unit.chart.reserve_account, fact.line, "", borne, 0, "", debtor))
        if book > borne:
            entries.append(Entry(0, 0, document.account, fact.line, "", book - borne, 0, "", document.item))
    return [entry._replace(line=line) for line, entry in enumerate(entries, 1)]
