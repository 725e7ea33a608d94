"""What law and practice leave open, decided by a unit: each switch with its values, its default and where a change reaches (spec 9, 2.11).

A unit stores what it said; what it did not say is the default. Where a switch changes what a document states, it is read when that is
stated: what stands in the books stays until it is stated again. Texts of a switch, its reason and its source: `language/*/switches.ftl`.

Errors: unknown_reference (switch), invalid_value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final, NamedTuple

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.workdays import LAW, RULES

YEARS_MAX: Final = 10
"""No claim outlives ten years from the breach (Civil Code of Russia art. 196 item 2)."""
BUCKETS_MAX: Final = 12


class Switch(NamedTuple):
    """`choices`: the values there are, empty where `check` decides."""

    name: str
    default: str
    choices: tuple[str, ...] = ()
    check: Callable[[str], bool] | None = None


def _is_years(value: str) -> bool:
    return value.isdecimal() and 1 <= int(value) <= YEARS_MAX


def bounds_of(value: str) -> tuple[int, ...]:
    """The last days of the buckets of the reserve but the last, ascending; empty where they are not."""
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isdecimal() and len(part) < 5 for part in parts):
        return ()
    days = tuple(int(part) for part in parts)
    return days if days[0] > 0 and list(days) == sorted(set(days)) and len(days) <= BUCKETS_MAX else ()


def percents_of(value: str) -> tuple[Decimal, ...]:
    """The shares of the reserve: not due, then the buckets; empty where they are not."""
    try:
        found = tuple(Decimal(part.strip()) for part in value.split(","))
    except InvalidOperation:
        return ()
    return found if all(part.is_finite() and 0 <= part <= 100 for part in found) else ()


def _is_reserve(value: str) -> bool:
    """ "45,90 = 0,0,50,100": the bounds, then a share for what is not due and for every bucket."""
    bounds, _, percents = value.partition("=")
    days = bounds_of(bounds)
    return bool(days) and len(percents_of(percents)) == len(days) + 2


SWITCHES: Final[Mapping[str, Switch]] = MappingProxyType(
    {
        switch.name: switch
        for switch in (
            Switch("advance_refund", "difference", ("difference", "carrying")),
            Switch("allocation_order", "moment", ("moment", "due_date", "legal")),
            Switch("banking_days", "calendar", ("calendar", "weekdays")),
            Switch("due_on_day_off", LAW, (LAW, *RULES)),
            Switch("limitation_years", "3", check=_is_years),
            Switch("reserve", "45,90 = 0,0,50,100", check=_is_reserve),
            Switch("vat_on_disbursements", "no", ("no", "yes")),
        )
    }
)
"""The switches that a unit stores as a text; what is decided elsewhere stands beside them in `parties/policies.py`."""


def checked_policies(said: Mapping[str, str], place: str = "policies") -> dict[str, str]:
    """What a unit said, without what is the default. Errors: unknown_reference, invalid_value."""
    checked = {}
    for name, value in said.items():
        switch = SWITCHES.get(name)
        if switch is None:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="switch", value=name, field=place)
        text = value.strip()
        if text and not (text in switch.choices if switch.check is None else switch.check(text)):
            raise DomainError(
                ErrorCode.INVALID_VALUE, field=f"{place}.{name}", value=value, expected=", ".join(switch.choices) or switch.default
            )
        if text and text != switch.default:
            checked[name] = text
    return checked
