"""The lines in which a story says what it expects, read into rows that can be compared with the database:

    account     62.01  Dr 200.00 [in UNIT]
    balance     main  debt 500.00 advance 300.00        either may be absent; "main  0" is a contract with neither
    lot         invoice 1 #2  -75.00 = -5400.00 due 2026-03-01
    allocation  receipt 1 -> invoice 1 #2  75.00 = 5400.00 / 5362.50 by legal
    posting     62.01 / 90.01  500.00 [entry|offset|fx|storno|vat|revaluation]
    change      receipt 1  reg allocation invoice 1 #2  300.00 -> 0        posting: its accounts; lot: its line, when several

A part that is left out (a value, a due date, a rule, a kind) is not compared. Names may hold blanks; a name ends where the amount
begins. `#2` is the second lot of a document: a due stage, a row of opening balances. After `=` stands the value in book currency,
of an allocation what the lot released and what the settling document was worth. + they owe us, - we owe them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeVar

AMOUNT: Final = r"-?\d+(?:\.\d+)?"
_NAMED: Final = r"(?P<{0}>\S.*?)(?: #(?P<{0}_line>\d+))?"

_ACCOUNT: Final = re.compile(rf"(?P<account>\S+)\s+(?P<side>Dr|Cr)\s+(?P<amount>{AMOUNT})(?:\s+in\s+(?P<unit>\S+))?")
_BALANCE: Final = re.compile(
    rf"(?P<owner>\S.*?)\s+(?:debt (?P<debt>{AMOUNT}))?\s?(?:advance (?P<advance>{AMOUNT}))?(?P<zero>0)?"
)
_LOT: Final = re.compile(
    rf"{_NAMED.format('document')}\s+(?P<amount>{AMOUNT})(?:\s+=\s+(?P<book>{AMOUNT}))?(?:\s+due\s+(?P<due>\S+))?"
)
_ALLOCATION: Final = re.compile(
    rf"{_NAMED.format('document')}\s+->\s+{_NAMED.format('lot')}\s+(?P<amount>{AMOUNT})"
    rf"(?:\s+=\s+(?P<lot_book>{AMOUNT})(?:\s+/\s+(?P<own_book>{AMOUNT}))?)?(?:\s+by\s+(?P<rule>\w+))?"
)
_POSTING: Final = re.compile(
    rf"(?P<debit>\S+)\s+/\s+(?P<credit>\S+)\s+(?P<amount>{AMOUNT})(?:\s+(?P<kind>entry|offset|fx|storno|vat|revaluation))?"
)

_CHANGE: Final = re.compile(
    rf"(?P<document>\S.*?)\s+(?P<contour>reg|mgmt) (?P<what>posting|allocation|lot)(?: (?P<subject>\S.*?))?"
    rf"\s+(?P<before>{AMOUNT}) -> (?P<after>{AMOUNT})"
)


class AccountLine(NamedTuple):
    account: str
    amount: Decimal  # debit positive
    unit: str | None

    def __str__(self) -> str:
        side = "Dr" if self.amount >= 0 else "Cr"
        return f"{self.account}  {side} {abs(self.amount)}" + (f" in {self.unit}" if self.unit else "")


class BalanceLine(NamedTuple):
    owner: str
    debt: Decimal
    advance: Decimal

    def __str__(self) -> str:
        parts = [f"debt {self.debt}"] * bool(self.debt) + [f"advance {self.advance}"] * bool(self.advance)
        return f"{self.owner}  {' '.join(parts) or '0'}"


class LotLine(NamedTuple):
    document: str
    line: int | None
    amount: Decimal
    book: Decimal | None
    due: str | None

    def __str__(self) -> str:
        text = f"{_named(self.document, self.line)}  {self.amount}"
        return text + (f" = {self.book}" if self.book is not None else "") + (f" due {self.due}" if self.due else "")


class AllocationLine(NamedTuple):
    document: str
    document_line: int | None
    lot: str
    lot_line: int | None
    amount: Decimal
    lot_book: Decimal | None
    own_book: Decimal | None
    rule: str | None

    def __str__(self) -> str:
        values = f" = {self.lot_book}" if self.lot_book is not None else ""
        values += f" / {self.own_book}" if self.own_book is not None else ""
        rule = f" by {self.rule}" if self.rule else ""
        return f"{_named(self.document, self.document_line)} -> {_named(self.lot, self.lot_line)}  {self.amount}{values}{rule}"


class PostingLine(NamedTuple):
    debit: str
    credit: str
    amount: Decimal
    kind: str | None

    def __str__(self) -> str:
        return f"{self.debit} / {self.credit}  {self.amount}" + (f" {self.kind}" if self.kind else "")


class ChangeLine(NamedTuple):
    document: str
    contour: str
    what: str
    subject: str
    before: Decimal
    after: Decimal

    def __str__(self) -> str:
        subject = f" {self.subject}" if self.subject else ""
        return f"{self.document}  {self.contour} {self.what}{subject}  {self.before} -> {self.after}"


def _named(name: str, line: int | None) -> str:
    return f"{name} #{line}" if line and line > 1 else name


def read_account(text: str) -> AccountLine:
    found = _found(_ACCOUNT, text)
    amount = Decimal(found["amount"])
    return AccountLine(found["account"], amount if found["side"] == "Dr" else -amount, found["unit"])


def read_balance(text: str) -> BalanceLine:
    found = _found(_BALANCE, text)
    if not (found["debt"] or found["advance"] or found["zero"]):
        raise ValueError(text)
    return BalanceLine(found["owner"], Decimal(found["debt"] or 0), Decimal(found["advance"] or 0))


def read_lot(text: str) -> LotLine:
    found = _found(_LOT, text)
    amount, book = Decimal(found["amount"]), _decimal(found["book"])
    return LotLine(found["document"], _int(found["document_line"]), amount, book, found["due"])


def read_allocation(text: str) -> AllocationLine:
    found = _found(_ALLOCATION, text)
    return AllocationLine(
        found["document"], _int(found["document_line"]), found["lot"], _int(found["lot_line"]), Decimal(found["amount"]),
        _decimal(found["lot_book"]), _decimal(found["own_book"]), found["rule"],
    )


def read_posting(text: str) -> PostingLine:
    found = _found(_POSTING, text)
    return PostingLine(found["debit"], found["credit"], Decimal(found["amount"]), found["kind"])


def read_change(text: str) -> ChangeLine:
    found = _found(_CHANGE, text)
    return ChangeLine(
        found["document"], found["contour"], found["what"], found["subject"] or "",
        Decimal(found["before"]), Decimal(found["after"]),
    )


def _found(pattern: re.Pattern[str], text: str) -> dict[str, Any]:
    """The parts of a line. Errors: ValueError(line) for a line that is none."""
    match = pattern.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    return match.groupdict()


def _int(text: str | None) -> int | None:
    return None if text is None else int(text)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


Row = TypeVar("Row", AccountLine, BalanceLine, LotLine, AllocationLine, PostingLine, ChangeLine)


def agrees(expected: Row, actual: Row) -> bool:
    """Every part that the expectation names is the same."""
    return all(wanted is None or wanted == found for wanted, found in zip(expected, actual, strict=True))


def differences(expected: Iterable[Row], actual: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """What was expected and is not there, and what is there and was not expected. The most exact expectations choose first,
    so that a line without a rule does not take the row of a line with one."""
    left = list(actual)
    missing = []
    for wanted in sorted(expected, key=lambda row: sum(part is None for part in row)):
        match = next((row for row in left if agrees(wanted, row)), None)
        if match is None:
            missing.append(wanted)
        else:
            left.remove(match)
    return missing, left
