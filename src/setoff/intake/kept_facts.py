"""Facts of a refusal as JSON that is kept, and back: so that it can be told later in any language, amounts and days as people of it write
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from setoff.core.money import Money

MARK: Final = "$"
"""Begins the name of what JSON has no form for."""


def kept_facts(value: Any) -> Any:
    match value:
        case str():
            return value.replace("\0", "\N{REPLACEMENT CHARACTER}")
        case None | bool() | int():
            return value
        case Money(amount_minor, currency):
            return {f"{MARK}money": [amount_minor, currency]}
        case datetime():
            return {f"{MARK}instant": value.isoformat()}
        case date():
            return {f"{MARK}day": value.isoformat()}
        case Decimal():
            return {f"{MARK}decimal": format(value, "f")}
        case Mapping():
            return {str(name): kept_facts(part) for name, part in value.items()}
        case Sequence() | set() | frozenset():
            return [kept_facts(part) for part in value]
    return str(value)


def told_facts(kept: Any) -> Any:
    """What `kept_facts` was given; a tuple or a set comes back as a list."""
    match kept:
        case {"$money": [int(amount_minor), str(currency)]}:
            return Money(amount_minor, currency)
        case {"$instant": str(instant)}:
            return datetime.fromisoformat(instant)
        case {"$day": str(day)}:
            return date.fromisoformat(day)
        case {"$decimal": str(number)}:
            return Decimal(number)
        case dict():
            return {name: told_facts(part) for name, part in kept.items()}
        case list():
            return [told_facts(part) for part in kept]
    return kept
