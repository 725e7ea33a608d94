"""Drafts, results, runs and unpaid invoices as the command line and the API say them: plain values, amounts as decimal texts."""

from __future__ import annotations

from typing import Any

from setoff.billing.drafts import Draft, Note
from setoff.billing.queries import Run, Unpaid
from setoff.billing.services import Result
from setoff.core.money import format_amount
from setoff.language import Language, error_text, text


def note_text(note: Note, language: Language) -> str:
    return text(language, f"billing-note-{note.code.replace('_', '-')}", **note.facts)


def told_draft(draft: Draft, language: Language) -> dict[str, Any]:
    """A draft with its charges, notes and what is left out."""
    payer = draft.payer
    return {
        "contract": payer.contract, "counterparty": payer.counterparty, "issued_on": draft.issued_on.isoformat(),
        "due": draft.due.isoformat(), "amount": format_amount(draft.gross, payer.currency), "currency": payer.currency,
        "charges": [
            {
                "account": charge.account.code, "tariff": charge.tariff, "name": charge.name,
                "net": format_amount(charge.net, payer.currency), "vat_rate": charge.vat_rate,
                "vat": format_amount(charge.vat, payer.currency),
                "disbursed_for": charge.disbursed.counterparty if charge.disbursed else "",
            }
            for charge in draft.charges
        ],
        "notes": [note_text(note, language) for note in draft.notes],
        "refused": [
            {"what": found.what, "code": found.error.code.value, "text": error_text(language, found.error)} for found in draft.refused
        ],
    }  # fmt: skip


def told_result(result: Result, language: Language) -> dict[str, Any]:
    return {
        "contract": result.draft.payer.contract, "counterparty": result.draft.payer.counterparty, "state": result.state,
        "document": result.key, "number": result.number, "amount": format_amount(result.draft.gross, result.draft.payer.currency),
        "currency": result.draft.payer.currency, "code": result.refusal.code.value if result.refusal else "",
        "text": error_text(language, result.refusal) if result.refusal else "",
    }  # fmt: skip


def told_run(run: Run) -> dict[str, Any]:
    return {
        "run": run.id, "unit": run.unit, "kind": run.kind, "price_list": run.price_list, "first": run.first_day.isoformat(),
        "last": run.last_day.isoformat(), "issued_on": run.issued_on.isoformat(), "author": run.author,
        "recorded_at": run.recorded_at.isoformat(), "undone_by": run.undone_by, "invoices": run.invoices,
        "amount": format_amount(run.amount, run.currency), "currency": run.currency,
    }  # fmt: skip


def told_unpaid(row: Unpaid) -> dict[str, Any]:
    return {
        "contract": row.contract, "counterparty": row.counterparty, "document": row.document, "number": row.number,
        "issued_on": row.issued_on.isoformat(), "amount": format_amount(row.amount, row.currency), "currency": row.currency,
        "suspended_from": row.suspended_from.isoformat(),
    }  # fmt: skip
