"""What people type about banks: accounts of ours, accounts of parties, rules. And rows of the tables that people read."""

from __future__ import annotations

import datetime
from typing import Any, Literal, NamedTuple

import msgspec

LineState = Literal["pending", "unclaimed", "proposed", "booked", "ignored"]


class BankAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account of ours. `name` is the field `bank_account` of its payments; empty: the number."""

    unit: str
    number: str
    currency: str
    name: str = ""
    bic: str = ""
    bank_name: str = ""
    correspondent: str = ""


class CounterpartyAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A party's account, for payments out and to know it by."""

    unit: str
    counterparty: str
    number: str
    bic: str = ""
    bank_name: str = ""
    correspondent: str = ""


class BankRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which lines (`pattern` in `field`, `direction`) are what: `kind` of a payment with its party or its ledger account; or "ignore"
    with the reason."""

    unit: str
    field: str
    pattern: str
    kind: str
    direction: str = "any"
    counterparty: str = ""
    contract: str = ""
    ledger_account: str = ""
    item: str = ""
    reason: str = ""


class LineRow(NamedTuple):
    """A line as people see it."""

    id: int
    unit_id: int
    unit: str
    account: str
    account_id: int
    booking_date: datetime.date
    value_date: datetime.date
    amount: int
    currency: str
    name: str
    tax_id: str
    kpp: str
    other_account: str
    bic: str
    purpose: str
    reference: str
    end_to_end: str
    is_reversal: bool
    state: LineState
    confidence: int
    proposal: str
    reasons: list[dict[str, Any]]
    ignored_because: str
    document_key: str
    decided_by: str


class StatementRow(NamedTuple):
    """A statement as people see it. `booked` sums its period's lines, so that the balances can be compared."""

    id: int
    unit: str
    account: str
    account_id: int
    file: str
    format: str
    number: str
    first_day: datetime.date
    last_day: datetime.date
    opening: int | None
    closing: int | None
    currency: str
    lines: int
    new_lines: int
    findings: list[dict[str, Any]]
    imported_at: datetime.datetime
    author: str
