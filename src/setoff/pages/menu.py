"""The menu: where people go, by which keys, with which right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from django.urls import reverse

if TYPE_CHECKING:
    from setoff.access.rights import Right, Rights


class Place(NamedTuple):
    """`keys`: typed one after another, anywhere on a page. `text`: key of the menu's word. `view`: name of the address."""

    text: str
    view: str
    keys: str
    right: Right = "read"


class Item(NamedTuple):
    text: str
    address: str
    keys: str
    is_here: bool
    waiting: int = 0


PLACES: Final = (
    Place("menu-today", "pages:today", "g t"),
    Place("menu-partners", "pages:partners", "g p"),
    Place("menu-documents", "pages:documents", "g d"),
    Place("menu-allocation", "pages:desk", "g f"),
    Place("menu-set-offs", "pages:set-offs", "g z"),
    Place("menu-entry", "pages:entry-kinds", "n", "draft"),
    Place("menu-acts", "pages:acts", "g s"),
    Place("menu-rounds", "pages:rounds", "g h"),
    Place("menu-network", "pages:network", "g n"),
    Place("menu-bank", "pages:bank", "g k"),
    Place("menu-masters", "pages:masters", "g m"),
    Place("menu-reports", "pages:reports", "g r"),
    Place("menu-advance-vat", "pages:advance-vat", "g v"),
    Place("menu-checks", "pages:checks", "g c"),
    Place("menu-periods", "pages:periods", "g b"),
    Place("menu-approvals", "pages:approvals", "g w"),
)
OFFICE: Final = (
    Place("menu-audit", "pages:audit", "g u"),
    Place("menu-policies", "pages:policies", "g o", "administer"),
    Place("menu-people", "pages:people", "g l", "administer"),
)
"""What stands in the person's own menu."""
APPROVALS: Final = "menu-approvals"


def items(rights: Rights, address: str, places_of: tuple[Place, ...] = PLACES, waiting: int = 0) -> list[Item]:
    """What this person may use; the longest address that begins this one is where he is. `waiting`: for his approval."""
    places = [(place, reverse(place.view)) for place in places_of if rights.units_with(place.right) or rights.is_administrator]
    here = max((found for _place, found in places if address.startswith(found) and (found != "/" or address == "/")), key=len, default="")
    return [
        Item(place.text, found, place.keys, found == here, waiting if place.text == APPROVALS else 0) for place, found in places
    ]
