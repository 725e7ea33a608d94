"""The menu: where people go, by which keys, with which right. What is used all day stands in the line itself, the rest in a few groups, so
that the line is one line in every language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from django.urls import reverse

if TYPE_CHECKING:
    from setoff.access.rights import Right, Rights


class Place(NamedTuple):
    """`keys`: typed one after another, anywhere on a page. `text`: key of the menu's word. `view`: name of the address. `group`: key of the
    word under which it stands; empty: in the line itself. `report`: of the view "report" which one."""

    text: str
    view: str
    keys: str
    right: Right = "read"
    group: str = ""
    report: str = ""

    @property
    def address(self) -> str:
        return reverse(self.view, args=[self.report] if self.report else [])


class Item(NamedTuple):
    text: str
    address: str
    keys: str
    is_here: bool
    waiting: int = 0
    group: str = ""


class Entry(NamedTuple):
    """What the line of the menu shows: one item, or a group of them under a word. `is_here`: one of them is where the person is."""

    text: str
    items: list[Item]

    @property
    def is_here(self) -> bool:
        return any(item.is_here for item in self.items)

    @property
    def waiting(self) -> int:
        return sum(item.waiting for item in self.items)


SETTLEMENTS: Final = "menu-settlements"
BOOKS: Final = "menu-books"


PLACES: Final = (
    Place("menu-today", "pages:today", "g t"),
    Place("menu-partners", "pages:partners", "g p"),
    Place("menu-documents", "pages:documents", "g d"),
    Place("menu-entry", "pages:entry-kinds", "n", "draft"),
    Place("menu-orders", "pages:report", "g e", group=SETTLEMENTS, report="orders"),
    Place("menu-payment-calendar", "pages:report", "g a", group=SETTLEMENTS, report="payment-calendar"),
    Place("menu-allocation", "pages:desk", "g f", group=SETTLEMENTS),
    Place("menu-set-offs", "pages:set-offs", "g z", group=SETTLEMENTS),
    Place("menu-acts", "pages:acts", "g s", group=SETTLEMENTS),
    Place("menu-rounds", "pages:rounds", "g h", group=SETTLEMENTS),
    Place("menu-network", "pages:network", "g n", group=SETTLEMENTS),
    Place("menu-billing", "pages:billing", "g y", group=SETTLEMENTS),
    Place("menu-notices", "pages:notices", "g g", group=SETTLEMENTS),
    Place("menu-bank", "pages:bank", "g k"),
    Place("menu-reports", "pages:reports", "g r", group=BOOKS),
    Place("menu-consolidation", "pages:report", "g 1", group=BOOKS, report="consolidation"),
    Place("menu-advance-vat", "pages:advance-vat", "g v", group=BOOKS),
    Place("menu-invoices", "pages:invoices", "g x", group=BOOKS),
    Place("menu-rates", "pages:rates", "g q", group=BOOKS),
    Place("menu-doubtful", "pages:doubtful", "g 2", group=BOOKS),
    Place("menu-loans", "pages:loans", "g 3", group=BOOKS),
    Place("menu-import", "pages:import", "g 4", "draft", group=BOOKS),
    Place("menu-checks", "pages:checks", "g c", group=BOOKS),
    Place("menu-periods", "pages:periods", "g b", group=BOOKS),
    Place("menu-masters", "pages:masters", "g m"),
    Place("menu-approvals", "pages:approvals", "g w"),
)
OFFICE: Final = (
    Place("menu-audit", "pages:audit", "g u"),
    Place("menu-policies", "pages:policies", "g o", "administer"),
    Place("menu-people", "pages:people", "g l", "administer"),
    Place("menu-webhooks", "pages:webhooks", "g j", "administer"),
)
"""What stands in the person's own menu."""
APPROVALS: Final = "menu-approvals"
NOTICES: Final = "menu-notices"


def items(rights: Rights, address: str, places_of: tuple[Place, ...] = PLACES, waiting: Mapping[str, int] | None = None) -> list[Item]:
    """What this person may use; the longest address that begins this one is where he is. `waiting`: by place, how much waits for him."""
    places = [(place, place.address) for place in places_of if rights.units_with(place.right) or rights.is_administrator]
    here = max((found for _place, found in places if address.startswith(found) and (found != "/" or address == "/")), key=len, default="")
    return [
        Item(place.text, found, place.keys, found == here, (waiting or {}).get(place.text, 0), place.group)
        for place, found in places
    ]


def entries(found: list[Item]) -> list[Entry]:
    """A group stands where its first place does."""
    grouped: dict[str, list[Item]] = {}
    for item in found:
        grouped.setdefault(item.group or item.text, []).append(item)
    return [Entry(text, inside) for text, inside in grouped.items()]
