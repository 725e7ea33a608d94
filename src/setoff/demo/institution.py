"""An institution of the demo group that keeps its books by the budget chart, with a branch: what both earn, owe one another and pay, by the
printed operations of spec 2.13, and a notice in every state. The accountant sends, the controller answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import psycopg

from setoff.access.queries import rights_of_owner
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.notices import services
from setoff.notices.filling import Filled, local_entry, notice_from
from setoff.notices.reversal import Reversal, reverse_notice
from setoff.notices.templates import ours
from setoff.parties.records import Contract, Counterparty, Organization, Unit
from setoff.parties.services import save_masters
from setoff.settlements.services import post_document

SENDER: Final = Actor("accountant", "cli")
RECEIVER: Final = Actor("controller", "cli")
HEAD: Final = "MUZEY"
BRANCH: Final = "MUZEY-F"
MASTERS: Final = (
    Organization(
        code="MUZEY", name="ГБУ «Областной краеведческий музей»", chart="ru-budget", book_currency="RUB", tax_id="7710140679",
        kpp="771001001", language="ru",
    ),
    Unit(code=HEAD, organization="MUZEY", name="Главное здание"),
    Unit(code=BRANCH, organization="MUZEY", name="Филиал «Усадьба»", kind="branch", head_office=HEAD),
    Counterparty(code="TURIST", name="ООО «Турист-Сервис»", tax_id="7702070139", language="ru"),
    Counterparty(code="REMONT", name="ООО «Ремстройсервис»", tax_id="7728168971", language="ru"),
    Contract(code="TURIST-1", organization="MUZEY", counterparty="TURIST", number="Э-1", currency="RUB"),
    Contract(code="REMONT-1", organization="MUZEY", counterparty="REMONT", number="Р-1", currency="RUB", relation="supplier"),
)  # fmt: skip
CONTRACTS: Final = {"buyer": "TURIST-1", "supplier": "REMONT-1"}
UNDONE: Final = "Доля начислена за прошлый месяц"
REJECTED: Final = "По нашему расчёту доля филиала 36 800"
TAKEN_BACK: Final = "Расходы на охрану несёт головная организация"


class Local(NamedTuple):
    """An entry of one unit: its operation, how long before the last day, the sum in it."""

    template: str
    unit: str
    days_before: int
    amounts: Mapping[str, str]


class Sent(NamedTuple):
    """A notice of the story: how long before the last day, its sums, what becomes of it."""

    template: str
    days_before: int
    amounts: Mapping[str, str]
    ends: str = "confirmed"


STORY: Final[tuple[Local | Sent, ...]] = (
    Local("1.1", HEAD, 70, {"income": "590000.00"}),
    Local("1.1", BRANCH, 70, {"income": "118000.00"}),
    Sent("1.2", 66, {"own": "90000.00", "of_branch": "18000.00"}),
    Local("1.3", HEAD, 60, {"received": "590000.00"}),
    Local("1.3", BRANCH, 60, {"received": "118000.00"}),
    Sent("1.4", 50, {"tax": "108000.00", "of_branch": "18000.00"}),
    Sent("1.5", 45, {"share": "40000.00"}),
    Sent("1.6", 40, {"share": "40000.00"}),
    Sent("3.3", 38, {"funds": "100000.00"}),
    Local("3.4", BRANCH, 34, {"cost": "85000.00"}),
    Sent("3.7", 30, {"cost": "85000.00"}),
    Sent("4.6", 28, {"share": "35000.00"}, "taken back"),
    Sent("2.3", 27, {"sales": "10000.00", "targeted": "3000.00", "further": "2000.00"}),
    Sent("7.2", 25, {"tax": "6200.00"}, "undone"),
    Sent("6", 20, {"offset": "15000.00"}),
    Sent("5.3", 12, {"stock": "30000.00"}, "sent"),
    Sent("4.6", 9, {"share": "37500.00"}, "rejected"),
    Sent("1.5", 6, {"share": "42000.00"}, "draft"),
)
"""Two of the last are sums that the other side has not agreed to."""


def add_institution(conn: psycopg.Connection[Any], last_day: date) -> None:
    """The institution, its branch and the story stand in the books."""
    save_masters(conn, list(MASTERS), SENDER)
    rights, templates = rights_of_owner(conn, SENDER.author), ours("ru-budget")
    for said in STORY:
        day = last_day - timedelta(days=said.days_before)
        filled = Filled(day.isoformat(), said.amounts, HEAD, BRANCH, CONTRACTS)
        if isinstance(said, Local):
            own = replace(filled, branch="") if said.unit == HEAD else replace(filled, head="")
            post_document(conn, local_entry(conn, templates[said.template], own), SENDER)
            continue
        kept = services.save_notice(conn, notice_from(conn, templates[said.template], filled), SENDER, rights)
        if said.ends != "draft":
            services.send_notice(conn, kept.code, SENDER, rights)
            _ends(conn, kept.code, said.ends, last_day, rights)


def _ends(conn: psycopg.Connection[Any], code: str, ends: str, last_day: date, rights: Rights) -> None:
    if ends == "rejected":
        services.reject_notice(conn, code, RECEIVER, rights, because=REJECTED)
    elif ends != "sent":
        services.confirm_notice(conn, code, RECEIVER, rights)
    if ends == "undone":
        services.undo_notice(conn, code, RECEIVER, rights, because=UNDONE)
        services.undo_notice(conn, code, SENDER, rights)
    elif ends == "taken back":
        reversal = reverse_notice(conn, code, Reversal(last_day - timedelta(days=3), TAKEN_BACK), SENDER, rights)
        services.send_notice(conn, reversal.code, SENDER, rights)
