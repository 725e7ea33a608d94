"""A bank statement as all formats give it: one account, a period, balances, lines.

Amounts are signed minor units of the account's currency: + money in, - money out. What a file says that does not add up is a
`Finding`, no refusal: the bank's file is a fact, and people decide. Findings: their text keys are `finding-KEY` (banks.ftl).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, parse_amount

FormatName = Literal["camt", "mt940", "1c"]
_SPACES: Final = re.compile(r"\s+")


class Finding(NamedTuple):
    """Something about a statement that a person should know. `key` is that of its text, `facts` fill it."""

    key: str
    facts: dict[str, Any]


class Line(NamedTuple):
    """One movement on the account. `name`, `tax_id`, `kpp`, `account`, `bic` are the other side's; `reference` is the bank's own,
    `end_to_end` the payer's. A pending line is announced, not booked. `reversal`: money of an earlier movement comes back. `value_date`:
    since when the money counts, by a file of 1C when the payer's bank debited him; the payer of money in was debited on it at the
    latest."""

    booking_date: date
    value_date: date
    amount_minor: int
    name: str = ""
    tax_id: str = ""
    kpp: str = ""
    account: str = ""
    bic: str = ""
    purpose: str = ""
    reference: str = ""
    end_to_end: str = ""
    pending: bool = False
    reversal: bool = False

    @property
    def debited(self) -> date | None:
        """When the payer's bank debited him, where the file says that it was before the money came (spec 5: D9)."""
        return self.value_date if self.amount_minor > 0 and not self.reversal and self.value_date < self.booking_date else None


@dataclass(frozen=True, slots=True)
class Statement:
    """`opening_minor` and `closing_minor` are None where the file does not state them; `tax_id` is ours, where it does."""

    format: FormatName
    account: str
    currency: str
    first_day: date
    last_day: date
    opening_minor: int | None
    closing_minor: int | None
    lines: tuple[Line, ...]
    number: str = ""
    bic: str = ""
    tax_id: str = ""
    findings: tuple[Finding, ...] = ()

    def booked_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines if not line.pending)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands, for refusals: a line number, or the path of an element."""

    file: str
    place: str

    def unreadable(self, reason: str) -> DomainError:
        return DomainError(ErrorCode.STATEMENT_UNREADABLE, file=self.file, place=self.place, reason=reason)

    def missing(self, field: str) -> DomainError:
        return DomainError(ErrorCode.STATEMENT_FIELD_MISSING, file=self.file, place=self.place, field=field)

    def invalid(self, field: str, value: str) -> DomainError:
        return DomainError(ErrorCode.STATEMENT_VALUE_INVALID, file=self.file, place=self.place, field=field, value=value)

    def amount(self, text: str, currency: str, field: str) -> int:
        """Minor units of a text with a point or a comma. Errors: statement_field_missing, statement_value_invalid."""
        plain = text.strip().replace(" ", "").replace("\u00a0", "").replace(",", ".")
        if not plain:
            raise self.missing(field)
        try:
            return parse_amount(plain, currency)
        except DomainError:
            raise self.invalid(field, text) from None


def one_line(text: str) -> str:
    """A text on one line, single spaces. Characters that a database cannot hold are dropped."""
    return _SPACES.sub(" ", text.replace("\0", "")).strip()


def with_balance_checked(statement: Statement) -> Statement:
    """The statement, with a finding when opening + lines is not closing, or when a balance is not stated."""
    opening, closing, currency = statement.opening_minor, statement.closing_minor, statement.currency
    if opening is None or closing is None:
        missing = Finding("balance-missing", {"account": statement.account})
        return replace(statement, findings=(*statement.findings, missing))
    booked = statement.booked_minor()
    if opening + booked == closing:
        return statement
    differs = Finding(
        "balance-differs",
        {
            "opening": Money(opening, currency),
            "lines": Money(booked, currency),
            "closing": Money(closing, currency),
            "difference": Money(closing - opening - booked, currency),
        },
    )
    return replace(statement, findings=(*statement.findings, differs))
