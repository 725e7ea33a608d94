"""Lines, rules and balances as cells of a table in a terminal."""

from __future__ import annotations

from typing import Final

from setoff.banks.balances import DayBalance
from setoff.banks.claims import proposed_payment
from setoff.banks.queries import RuleRow
from setoff.banks.records import LineRow
from setoff.banks.telling import read_reasons, reason_text
from setoff.core.money import Money
from setoff.language import Language, fact_text, text
from setoff.trade.documents import Payment, PaymentRow

LINE_HEADINGS: Final = ("line", "date", "amount", "name", "purpose", "state", "confidence", "what", "why")
RULE_HEADINGS: Final = ("rule", "unit", "where", "pattern", "direction", "what")
BALANCE_HEADINGS: Final = ("date", "at-bank", "in-books", "difference", "unbooked")
PURPOSE_LENGTH: Final = 60


def line_cells(row: LineRow, language: Language) -> tuple[str, ...]:
    purpose = row.purpose if len(row.purpose) <= PURPOSE_LENGTH else row.purpose[: PURPOSE_LENGTH - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return (
        str(row.id), fact_text(language, "date", row.booking_date), fact_text(language, "amount", Money(row.amount, row.currency)),
        row.name, purpose, fact_text(language, "state", row.state), percent(row.confidence), what_text(row, language),
        "; ".join(reasons_of(row, language)),
    )  # fmt: skip


def percent(per_mille: int) -> str:
    """97.5 %, without zeros that say nothing."""
    return f"{per_mille // 10}.{per_mille % 10} %".replace(".0 ", " ") if per_mille else ""


def reasons_of(row: LineRow, language: Language) -> list[str]:
    """Why, sentence by sentence; of an ignored line the reason given."""
    told = [reason_text(language, reason) for reason in read_reasons(row.reasons)]
    return [row.ignored_because, *told] if row.ignored_because else told


def what_text(row: LineRow, language: Language) -> str:
    """What the line is, or is proposed to be."""
    if not row.proposal:
        return ""
    payment = proposed_payment(row)
    whose = payment.counterparty or payment.account
    rows: list[Payment | PaymentRow] = [*payment.rows] or [payment]
    parts = [part_text(part.contract, [target.document for target in part.targets]) for part in rows]
    return f"{fact_text(language, 'kind', payment.kind)}: {whose} {'; '.join(filter(None, parts))}".rstrip()


def part_text(contract: str, documents: list[str]) -> str:
    numbers = ", ".join(dict.fromkeys(document.rpartition("/")[2] for document in documents))
    return f"{contract} ({numbers})" if numbers else contract


def rule_cells(row: RuleRow, language: Language) -> tuple[str, ...]:
    record = row.record
    kind = record.reason if record.kind == "ignore" else fact_text(language, "kind", record.kind)
    whose = " ".join(filter(None, (record.counterparty, record.contract, record.ledger_account, record.item)))
    where, direction = text(language, f"bank-field-{record.field.replace('_', '-')}"), text(language, f"bank-direction-{record.direction}")
    return str(row.id), record.unit, where, record.pattern, direction, f"{kind} {whose}".strip()


def balance_cells(day: DayBalance, currency: str, language: Language) -> tuple[str, ...]:
    amounts = (day.bank, day.books, day.difference, day.unbooked)
    return (fact_text(language, "date", day.day), *(fact_text(language, "amount", Money(amount, currency)) for amount in amounts))
