"""Reasons and findings as they are stored (JSON) and as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from setoff.banks.owners import Reason
from setoff.banks.statement import Finding
from setoff.core.money import Money
from setoff.language import Language, text


def stored_reasons(reasons: Iterable[Reason | Finding]) -> list[dict[str, Any]]:
    """Plain JSON; money and days keep their kind."""
    return [{"key": reason.key, "facts": {name: _plain(value) for name, value in reason.facts.items()}} for reason in reasons]


def read_reasons(content: Sequence[dict[str, Any]]) -> tuple[Reason, ...]:
    return tuple(Reason(row["key"], {name: _read(value) for name, value in row["facts"].items()}) for row in content)


def reason_text(language: Language, reason: Reason) -> str:
    return text(language, reason.key, **reason.facts)


def finding_text(language: Language, finding: Finding | Reason) -> str:
    return text(language, f"finding-{finding.key}", **finding.facts)


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"minor": value.amount_minor, "currency": value.currency}
    return {"day": value.isoformat()} if isinstance(value, date) else value


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return date.fromisoformat(value["day"]) if "day" in value else Money(value["minor"], value["currency"])
