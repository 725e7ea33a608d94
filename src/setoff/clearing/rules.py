"""Choices as a person writes them: options of a command and small CSV files.

A file of exclusions or consents has a column `party`, a column `obligation`, or both; empty cells say nothing.
A cap is PARTY=AMOUNT or DEBTOR>CREDITOR=AMOUNT, with a currency after the amount where it is for one alone: A>B=100.00 EUR.
Errors: invalid_date, invalid_value (a cap, a preference), column_missing, file_unreadable, text_unreadable, encoding_unknown.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from setoff.clearing.choices import Cap, Choices, Preference
from setoff.clearing.obligation_files import lines_of
from setoff.core.errors import DomainError, ErrorCode


def choices_of(
    *,
    as_of: str = "",
    only_due: bool = False,
    age_days_min: int = 0,
    amount_min: str = "",
    exclude: Path | None = None,
    consents: Path | None = None,
    caps: Sequence[str] = (),
    liquidity: str = "",
    funder: str = "",
    prefer: Preference = "age",
    cycle_max: int = 0,
) -> Choices:
    """The choices; an empty value is no choice."""
    return Choices(
        as_of=day_of(as_of, "--as-of") if as_of else None,
        only_due=only_due,
        age_days_min=age_days_min,
        amount_min=amount_min,
        parties_excluded=frozenset(names_in(exclude, "party", "obligation")) if exclude else frozenset(),
        obligations_excluded=frozenset(names_in(exclude, "obligation", "party")) if exclude else frozenset(),
        consents=frozenset(names_in(consents, "party", "obligation")) if consents else None,
        obligations_consented=frozenset(names_in(consents, "obligation", "party")) if consents else frozenset(),
        caps=tuple(sorted(map(cap_of, caps))),
        liquidity=liquidity,
        funder=funder,
        prefer=prefer,
        cycle_max=cycle_max,
    )


def day_of(value: str, field: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as problem:
        raise DomainError(ErrorCode.INVALID_DATE, field=field, value=value) from problem


def cap_of(value: str) -> Cap:
    """One cap from its text."""
    who, equals, much = value.rpartition("=")
    debtor, arrow, creditor = who.partition(">")
    amount, _, currency = much.strip().partition(" ")
    if not equals or not debtor.strip() or (arrow and not creditor.strip()) or not amount:
        raise DomainError(ErrorCode.INVALID_VALUE, field="--cap", value=value, expected="PARTY=AMOUNT, DEBTOR>CREDITOR=AMOUNT")
    return Cap(debtor.strip(), creditor.strip(), amount, currency.strip())


def names_in(path: Path, column: str, other: str = "") -> list[str]:
    """The names in that column of a CSV file, in any encoding and with any separator that files of obligations have; none, when it has
    only the other column."""
    try:
        lines = (_whole(line, number, path.name) for number, line in enumerate(lines_of(path, path.name), 1))
        header = next((line for line in lines if line.strip()), "")
        separator = max(",;\t", key=header.count)
        columns = [cell.strip().lower() for cell in next(csv.reader([header], delimiter=separator), [])]
        if column not in columns:
            if other in columns:
                return []
            raise DomainError(ErrorCode.COLUMN_MISSING, file=path.name, column=column, columns=", ".join(columns)[:200])
        place = columns.index(column)
        rows = csv.reader(lines, delimiter=separator)
        return [name for row in rows if len(row) > place and (name := row[place].strip())]
    except (OSError, csv.Error) as problem:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=path.name, reason=str(problem)) from problem


def _whole(line: str, number: int, file: str) -> str:
    """Errors: text_unreadable."""
    if "\ufffd" in line:
        raise DomainError(ErrorCode.TEXT_UNREADABLE, file=file, row=number)
    return line
