"""What the head office and the branch of the demo group write to one another: costs shared, goods moved, a part of income; one notice waits
to be confirmed, one came back. The accountant sends, the controller answers: whoever signs in as one of them finds his part of the work.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import psycopg

from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.demo.group import HOUSES
from setoff.notices import services
from setoff.notices.filling import Filled, notice_from
from setoff.notices.templates import ours

SENDER: Final = Actor("accountant", "cli")
RECEIVER: Final = Actor("controller", "cli")


class Told(NamedTuple):
    """A notice of the story: how long before the last day, what is done with it."""

    template: str
    amount: str
    days_before: int
    ends: str


STORY: Final = (
    Told("costs", "184500.00", 40, "confirmed"),
    Told("stock", "96200.00", 33, "confirmed"),
    Told("income", "120000.00", 20, "confirmed"),
    Told("costs", "171300.00", 9, "rejected"),
    Told("stock", "58400.00", 4, "sent"),
)
REASON: Final = {
    "ru": "Доля филиала по расчёту 168 900", "zh": "按计算分支机构应分摊 168 900", "en": "By our reckoning our share is 168 900",
}  # fmt: skip


def add_notices(conn: psycopg.Connection[Any], last_day: date) -> None:
    """The story of every organization that has a branch."""
    rights = rights_of_owner(conn, SENDER.author)
    for house in HOUSES:
        if len(house.units) < 2:
            continue
        head, branch = house.units[0].code, house.units[1].code
        templates = ours(house.organization.chart)
        for number, told in enumerate(STORY, 1):
            template, day = templates[told.template], last_day - timedelta(days=told.days_before)
            amounts = dict.fromkeys(template.amounts(), told.amount)
            filled = Filled(day.isoformat(), amounts, head, branch, number=str(number))
            kept = services.save_notice(conn, notice_from(conn, template, filled), SENDER, rights)
            services.send_notice(conn, kept.code, SENDER, rights)
            if told.ends == "confirmed":
                services.confirm_notice(conn, kept.code, RECEIVER, rights)
            elif told.ends == "rejected":
                services.reject_notice(conn, kept.code, RECEIVER, rights, because=REASON[house.organization.language])
