"""Notices and templates as the command line and the API say them: plain values, amounts as decimal texts."""

from __future__ import annotations

from typing import Any

from setoff.core.money import format_amount
from setoff.language import Language
from setoff.notices.records import Kept
from setoff.notices.templates import Template


def told_notice(found: Kept) -> dict[str, Any]:
    """`documents`: keys of the two documents in the books, none before it is confirmed."""
    is_booked = found.status in ("confirmed", "undone")
    return {
        "notice": found.code, "number": found.number, "date": found.date.isoformat(), "sender": found.sender, "receiver": found.receiver,
        "operation": found.operation, "nature": found.nature, "amount": format_amount(found.amount, found.currency),
        "currency": found.currency, "status": found.status, "author": found.author, "sent_by": found.sent_by,
        "decided_by": found.decided_by, "reason": found.reason, "undo_by": found.undo_by, "undo_reason": found.undo_reason,
        "reverses": found.notice.reverses,
        "documents": [f"{found.code}/{side}" for side in ("sender", "receiver")] if is_booked else [],
    }  # fmt: skip


def told_template(template: Template, language: Language) -> dict[str, Any]:
    return {
        "template": template.code, "name": template.title(language), "kind": template.kind, "nature": template.nature,
        "sender": template.sender, "amounts": template.amounts(), "parties": template.parties(), "head": template.head,
        "branch": template.branch,
    }  # fmt: skip
