"""Debts that a file states, put into a round: who its parties are, and which rows cannot be taken.

A file is CSV (comma, semicolon or tab) with a header, or JSON Lines: id, debtor, creditor, amount, currency; number and due where
there are any. A party is named by its tax number or its code; one that nobody knows yet is new. Debts of our own units are not taken
from files: their books state them, and books and file would count them twice. A file is taken whole or not at all. Errors:
file_unreadable, column_missing, row_unreadable, round_rows_refused with the rows, round_own_party with the ids.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from setoff.clearing.rounds.records import Obligation, OutsideDebt, Party
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import parse_amount

ROWS_TOLD: Final = 50
NEEDED: Final = ("id", "debtor", "creditor", "amount", "currency")
Row = tuple[int, Mapping[str, Any]]


def debts_of_file(path: Path) -> list[OutsideDebt]:
    """What the file states."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_json_rows(file, path.name) if path.suffix in (".jsonl", ".ndjson") else _table_rows(file, path.name))
    except (OSError, UnicodeDecodeError) as problem:
        raise DomainError(ErrorCode.FILE_UNREADABLE, file=path.name, reason=str(problem)) from problem
    return debts_of_rows(rows, path.name)


def debts_of_rows(rows: Iterable[Row], file: str) -> list[OutsideDebt]:
    """Rows with their numbers, cells as texts. An id stands once."""
    debts: dict[str, OutsideDebt] = {}
    faults: list[dict[str, Any]] = []
    for number, row in rows:
        try:
            debt = _debt(row)
            if debt.reference in debts:
                raise DomainError(ErrorCode.REFERENCE_EXISTS, kind="obligation", value=debt.reference, field="id")
        except DomainError as refused:
            faults.append({"row": number, "field": refused.facts.get("field", ""), "code": refused.code.value})
        else:
            debts[debt.reference] = debt
    if faults:
        raise DomainError(ErrorCode.ROUND_ROWS_REFUSED, file=file, count=str(len(faults)), rows=faults[:ROWS_TOLD])
    return list(debts.values())


def _debt(row: Mapping[str, Any]) -> OutsideDebt:
    cells = {name: str(row.get(name) or "").strip() for name in (*NEEDED, "number", "due")}
    for name in NEEDED:
        if not cells[name]:
            raise DomainError(ErrorCode.FIELD_MISSING, field=name)
    try:
        minor = parse_amount(cells["amount"], cells["currency"])
    except DomainError as refused:
        refused.facts.setdefault("field", "amount")
        raise
    if minor <= 0:
        raise DomainError(ErrorCode.AMOUNT_NOT_POSITIVE, field="amount", value=cells["amount"])
    try:
        due = date.fromisoformat(cells["due"]) if cells["due"] else None
    except ValueError as problem:
        raise DomainError(ErrorCode.INVALID_DATE, field="due", value=cells["due"]) from problem
    return OutsideDebt(cells["id"], cells["debtor"], cells["creditor"], cells["currency"], minor, cells["number"], due)


def _table_rows(file: Iterable[str], name: str) -> Iterator[Row]:
    lines = iter(file)
    header = next(lines, "")
    separator = max(",;\t", key=header.count)
    columns = [cell.strip().lower() for cell in next(csv.reader([header], delimiter=separator), [])]
    for column in NEEDED:
        if column not in columns:
            raise DomainError(ErrorCode.COLUMN_MISSING, file=name, column=column, columns=", ".join(columns))
    for number, cells in enumerate(csv.reader(lines, delimiter=separator), 2):
        if cells:
            yield number, dict(zip(columns, cells, strict=False))


def _json_rows(file: Iterable[str], name: str) -> Iterator[Row]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                record = json.loads(line, parse_float=str)
            except ValueError as problem:
                reason = f"{name}: {number}: {problem}"
                raise DomainError(ErrorCode.ROW_UNREADABLE, file=name, row=number, reason=reason) from problem
            yield number, record if isinstance(record, dict) else {}


def placed(debts: Sequence[OutsideDebt], known: Iterable[Party], *, file: str, after: int) -> tuple[list[Party], list[Obligation]]:
    """Parties that are new, and the debts, numbered after `after`. Debts of a party to itself are barred."""
    book = _Book(known)
    rows = [(debt, book.party(debt.debtor), book.party(debt.creditor)) for debt in debts]
    own = [debt.reference for debt, *parties in rows if any(party.unit_id is not None for party in parties)]
    if own:
        raise DomainError(ErrorCode.ROUND_OWN_PARTY, round=file, rows=[{"obligation": reference} for reference in own[:ROWS_TOLD]])
    obligations = [
        Obligation(
            no, debtor.no, creditor.no, debt.currency, debt.amount, debt.number, None, debt.due, file, debt.reference,
            barred="same_party" if debtor.no == creditor.no else "",
        )
        for no, (debt, debtor, creditor) in enumerate(rows, after + 1)
    ]  # fmt: skip
    return book.new, obligations


class _Book:
    """Parties by code and by tax number; new ones are numbered as they come."""

    def __init__(self, known: Iterable[Party]) -> None:
        self.new: list[Party] = []
        self.by_name: dict[str, Party] = {}
        self.last = 0
        for party in known:
            self._keep(party)

    def party(self, name: str) -> Party:
        """The party of that code or tax number."""
        found = self.by_name.get(name)
        if found is None:
            found = Party(self.last + 1, name, name, "", "", "en")
            self.new.append(found)
            self._keep(found)
        return found

    def _keep(self, party: Party) -> None:
        self.by_name[party.code] = party
        if party.tax_id:
            self.by_name.setdefault(party.tax_id, party)
        self.last = max(self.last, party.no)
