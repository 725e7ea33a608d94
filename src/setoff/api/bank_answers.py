"""What the API answers about the bank: accounts, statements, lines, rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from setoff.api.answers import Said
from setoff.banks.claims import Confirmed
from setoff.banks.queries import AccountRow, RuleRow
from setoff.banks.records import LineRow, StatementRow
from setoff.banks.services import Imported
from setoff.banks.telling import finding_text, read_reasons, reason_text
from setoff.core.money import format_amount
from setoff.language import Language, error_text, mend_text
from setoff.trade.documents import AnyDocument
from setoff.trade.queries import decode_document


class BankAccountAnswer(Said):
    """An account of ours. `balance` is that of its newest statement; `unclaimed` and `proposed`: lines that wait."""

    unit: str
    number: str
    currency: str
    name: str
    bic: str
    bank_name: str
    correspondent: str
    last_day: str | None
    balance: str | None
    unclaimed: int
    proposed: int


class StatementAnswer(Said):
    """A statement; `findings` tell what is wrong with it, in the language of the request."""

    id: int
    unit: str
    account: str
    file: str
    format: str
    number: str
    first_day: str
    last_day: str
    opening: str | None
    closing: str | None
    currency: str
    lines: int
    new_lines: int
    findings: list[str]
    imported_at: str
    author: str


class ImportedAnswer(Said):
    """What a statement of a file brought. `was_known`: the same file was imported before."""

    id: int
    unit: str
    account: str
    new_lines: int
    known_lines: int
    was_known: bool


class BankLineAnswer(Said):
    """A line of a statement. `proposal` is the payment it would become, with the reasons in the language of the request and how sure it
    is, in thousandths; `document` the payment it became."""

    id: int
    unit: str
    account: str
    booking_date: str
    value_date: str
    amount: str
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
    state: str
    confidence: int
    proposal: AnyDocument | None
    reasons: list[str]
    ignored_because: str
    document: str
    decided_by: str


class BankLinePage(Said):
    """`next` is the cursor of the page that follows; empty at the end."""

    rows: list[BankLineAnswer]
    next: str


class ProposedAnswer(Said):
    """How many lines are sure, need a look, or are nobody's."""

    sure: int
    to_look_at: int
    unclaimed: int


class ConfirmationAnswer(Said):
    """What came of confirming a line: its payment, or why not."""

    line: int
    document: str
    code: str
    text: str
    mend: str


class RuleAnswer(Said):
    """A rule about lines of the bank."""

    id: int
    position: int
    unit: str
    field: str
    pattern: str
    kind: str
    direction: str
    counterparty: str
    contract: str
    ledger_account: str
    item: str
    reason: str


def account_answer(row: AccountRow) -> BankAccountAnswer:
    said: dict[str, Any] = {name: value for name, value in row._asdict().items() if name not in ("id", "unit_id")}
    said["last_day"] = row.last_day.isoformat() if row.last_day else None
    return BankAccountAnswer(**{**said, "balance": _amount(row.balance, row.currency)})


def statement_answer(row: StatementRow, language: Language) -> StatementAnswer:
    said: dict[str, Any] = {name: value for name, value in row._asdict().items() if name != "account_id"}
    said |= {name: getattr(row, name).isoformat() for name in ("first_day", "last_day", "imported_at")}
    said |= {name: _amount(getattr(row, name), row.currency) for name in ("opening", "closing")}
    return StatementAnswer(**{**said, "findings": [finding_text(language, found) for found in read_reasons(row.findings)]})


def imported_answer(found: Imported) -> ImportedAnswer:
    return ImportedAnswer(
        id=found.statement_id, unit=found.unit, account=found.account, new_lines=found.new_lines, known_lines=found.known_lines,
        was_known=found.was_known,
    )  # fmt: skip


def line_answer(row: LineRow, language: Language) -> BankLineAnswer:
    said: dict[str, Any] = {
        name: value for name, value in row._asdict().items() if name not in ("unit_id", "account_id", "document_key")
    }
    said |= {"booking_date": row.booking_date.isoformat(), "value_date": row.value_date.isoformat(), "document": row.document_key}
    proposal = decode_document(row.proposal) if row.proposal else None
    return BankLineAnswer(
        **{**said, "amount": format_amount(row.amount, row.currency), "proposal": proposal, "reasons": _reasons(row.reasons, language)}
    )


def confirmation_answer(found: Confirmed, language: Language) -> ConfirmationAnswer:
    if found.refusal is None:
        return ConfirmationAnswer(line=found.line_id, document=found.document_key, code="", text="", mend="")
    refusal = found.refusal
    said, mend = error_text(language, refusal), mend_text(language, refusal)
    return ConfirmationAnswer(line=found.line_id, document="", code=refusal.code.value, text=said, mend=mend)


def rule_answer(row: RuleRow) -> RuleAnswer:
    return RuleAnswer(id=row.id, position=row.position, **msgspec.structs.asdict(row.record))


def _amount(minor: int | None, currency: str) -> str | None:
    return None if minor is None else format_amount(minor, currency)


def _reasons(content: Sequence[dict[str, Any]], language: Language) -> list[str]:
    return [reason_text(language, reason) for reason in read_reasons(content)]
