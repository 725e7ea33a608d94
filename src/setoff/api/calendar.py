"""Working days over the API: exceptions of a country, the calendar of an organization. The payment calendar is a report."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec
from ninja import Router

from setoff.api.answers import Said
from setoff.api.call import Call, Code
from setoff.api.endpoint import endpoint
from setoff.books.workdays import calendar_days, set_calendar_day, set_work_calendar
from setoff.reports.ask import parse_day

router: Final = Router()


class CalendarDayWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`said` known: as the country is known for."""

    country: str
    day: str
    said: Literal["working", "off", "known"]
    note: str = ""


class WorkCalendarWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`country`: ISO 3166, empty = Monday to Friday. `rule`: where a payment due on a day off goes."""

    country: str
    rule: Literal["next", "previous", "next_in_month", "same"] = "next"


class CalendarDayAnswer(Said):
    """A day that differs from what its country is known for."""

    country: str
    day: str
    is_working: bool
    note: str


class CalendarChangedAnswer(Said):
    """`changed` false: it was so already."""

    changed: bool


class CalendarDaysAnswer(Said):
    """Exceptions of all countries, in their order."""

    days: list[CalendarDayAnswer]


@endpoint(router, "GET", "/calendar-days", tag="books", answer=CalendarDaysAnswer)
def read_calendar_days(call: Call) -> Any:
    """The days that differ from what their country is known for."""
    days = [
        CalendarDayAnswer(country=found.country, day=found.day.isoformat(), is_working=found.is_working, note=found.note)
        for found in calendar_days(call.conn)
    ]
    return CalendarDaysAnswer(days=days)


@endpoint(router, "PUT", "/calendar-days", tag="books", body=CalendarDayWanted, answer=CalendarChangedAnswer)
def save_calendar_day(call: Call, body: CalendarDayWanted) -> Any:
    """A day is a working day or a day off, whatever its country is known for."""
    call.rights.require_administrator()
    is_working = None if body.said == "known" else body.said == "working"
    day = parse_day(body.day, "day")
    return CalendarChangedAnswer(
        changed=set_calendar_day(call.conn, body.country, day, call.actor, is_working=is_working, note=body.note)
    )


@endpoint(router, "PUT", "/work-calendars/{organization}", tag="books", body=WorkCalendarWanted, answer=CalendarChangedAnswer)
def save_work_calendar(call: Call, body: WorkCalendarWanted, organization: Code) -> Any:
    """An organization keeps the days of a country and moves payments due on a day off by a rule."""
    call.rights.require_administrator()
    return CalendarChangedAnswer(changed=set_work_calendar(call.conn, organization, body.country, body.rule, call.actor))
