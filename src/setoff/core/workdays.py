"""Working days: weekends, bank holidays and moved working days of a country, and the exceptions that people add.

    is_working(day, calendar)                 shifted(day, 3, calendar)                 moved(day, calendar)

Countries, with their transfers of days off (Russia) and working weekends (China), are those of the library `holidays`; a calendar without a
country knows Monday to Friday. A year that a government has not announced yet has its regular holidays alone: exceptions add the rest.
A payment day that is a day off moves by the rule of the country: to the next working day (Civil Code of Russia art. 193, of China art. 203,
Regulation 1182/71 of the EU), to the one before, to the next within the month, or not at all.

    end_of_term(day, "law", calendar)       the last day of a term counted in calendar days

When money is expected (`moved`) is a matter of banks; when a term ends (`end_of_term`) one of law and contract: what falls due later is
overdue later.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

Rule = Literal["next", "previous", "next_in_month", "same"]
RULES: Final[tuple[Rule, ...]] = ("next", "previous", "next_in_month", "same")
LAW: Final = "law"
ENDS_BY_LAW: Final[dict[str, Rule]] = {"RU": "next", "BY": "next", "KZ": "next", "CN": "next", "DE": "next", "AT": "next", "CH": "next"}
"""Countries whose law moves the last day of a term: Civil Codes of Russia art. 193, Belarus art. 194, Kazakhstan art. 175, China art. 203,
Germany para. 193, Austria para. 903, Code of Obligations of Switzerland art. 78. Elsewhere a term ends as agreed, on its day."""
_NAMED: Final[dict[str, Rule]] = {rule: rule for rule in RULES}
WEEKEND: Final = 5
YEARS: Final = range(1990, 2101)
"""Years for which the library is asked; outside them a week has five working days."""


class WorkCalendar(NamedTuple):
    """`country`: ISO 3166, "" = Monday to Friday. `exceptions`: days, and whether they are working days after all."""

    country: str = ""
    rule: Rule = "next"
    exceptions: frozenset[tuple[date, bool]] = frozenset()


def countries() -> frozenset[str]:
    """The countries that are known."""
    import holidays

    return frozenset(holidays.list_supported_countries())


@lru_cache(maxsize=32)
def _of_country(country: str) -> Any:
    import holidays

    return holidays.country_holidays(country)


@lru_cache(maxsize=1 << 14)
def _is_working(day: date, country: str) -> bool:
    if not country or day.year not in YEARS:
        return day.weekday() < WEEKEND
    return bool(_of_country(country).is_working_day(day))


def is_working(day: date, calendar: WorkCalendar) -> bool:
    """Whether people and banks work on a day."""
    if calendar.exceptions:
        for said in (True, False):
            if (day, said) in calendar.exceptions:
                return said
    return _is_working(day, calendar.country)


def shifted(day: date, days: int, calendar: WorkCalendar) -> date:
    """So many working days later, or earlier below zero; 0 is the day itself, whatever it is."""
    step = timedelta(days=1 if days > 0 else -1)
    left = abs(days)
    while left:
        day += step
        left -= is_working(day, calendar)
    return day


@lru_cache(4096)
def moved(day: date, calendar: WorkCalendar) -> date:
    """When a payment due on a day is made."""
    if calendar.rule == "same" or is_working(day, calendar):
        return day
    if calendar.rule == "previous":
        return shifted(day, -1, calendar)
    following = shifted(day, 1, calendar)
    return shifted(day, -1, calendar) if calendar.rule == "next_in_month" and following.month != day.month else following


def end_of_term(day: date, said: str, calendar: WorkCalendar) -> date:
    """The last day of a term that, counted in calendar days, ends on a day: moved as `said`, or ("law") as the country's law says."""
    return moved(day, calendar._replace(rule=_NAMED.get(said) or ENDS_BY_LAW.get(calendar.country, "same")))
