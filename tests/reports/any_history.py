"""Histories of documents of every kind: typed, edited, moved, taken back and posted again in random order, in two organizations at once.

Seeded, so that what failed can be told again. Most documents are accepted; what is refused changes nothing.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import msgspec

from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.notices import services
from setoff.parties.services import save_masters
from setoff.scenarios.runner import empty
from setoff.settlements.services import post_document, post_saved, reorder_document, unpost_document
from setoff.trade.kinds import kind_of
from setoff.trade.notice_paper import Notice
from tests import cast
from tests.reports.history import ORGANIZATIONS, TWIN, Db, History, Told
from tests.reports.makers import MAKERS

NEEDED: Final = {
    **dict.fromkeys(("sale_correction", "sale_return", "issued_invoice"), ("sale",)),
    **dict.fromkeys(("purchase_correction", "purchase_return", "received_invoice"), ("purchase",)),
    "advance_vat": ("payment_from_customer", "refund_to_customer"), "refund_to_customer": ("payment_from_customer",),
    "refund_from_supplier": ("payment_to_supplier",), "advance_offset": ("payment_from_customer",),
}  # fmt: skip
"""What a document of a kind is about."""
TYPIST: Final = Actor("tester", "test")


def step(db: Db, history: History, kind: str, number: int) -> None:
    """One verb: mostly a new document of that kind, else something with one that is there."""
    chance = history.chance
    if not history.known or chance.random() < 0.6:
        add(db, history, kind, f"k{number}")
        return
    key, consent = chance.choice(list(history.known)), chance.random() < 0.4
    verb = chance.choice(["unpost", "again", "reorder", "move", "edit"])
    if verb == "unpost":
        unpost_document(db, key, TYPIST, consent=consent)
        history.taken_back[key] = history.known.pop(key)
    elif verb == "reorder":
        reorder_document(db, key, chance.choice([0, 1, 100, 511]), TYPIST, consent=consent)
    elif verb == "again" and history.taken_back:
        key = chance.choice(list(history.taken_back))
        post_saved(db, key, TYPIST, consent=consent)
        history.known[key] = history.taken_back.pop(key)
    else:
        history.unit, kind = history.known[key].unit, kind_of(history.known[key])
        said = MAKERS[kind](Told(history, kind, key))
        if said is not None:
            edited = said if verb == "edit" else msgspec.structs.replace(history.known[key], date=said.date)
            post_document(db, edited, TYPIST, consent=consent)
            history.known[key] = edited


def add(db: Db, history: History, kind: str, key: str) -> None:
    """A document of that kind, in the first unit where the history has what it needs."""
    units = [unit for house in history.houses for unit in ORGANIZATIONS[house][0]]
    for unit in history.chance.sample(units, len(units)):
        history.unit = unit
        said = MAKERS[kind](Told(history, kind, key))
        if isinstance(said, Notice):
            exchange(db, said)
        elif said is not None:
            post_document(db, said, TYPIST, consent=history.chance.random() < 0.4)
            history.known[key] = said
        if said is not None:
            history.posted.add(kind)
            return


def exchange(db: Db, notice: Notice) -> None:
    """The other side confirms a notice, so that both units book it; such documents are not edited where they stand."""
    rights = rights_of_owner(db, TYPIST.author)
    services.save_notice(db, notice, TYPIST, rights)
    services.send_notice(db, notice.key, TYPIST, rights)
    services.confirm_notice(db, notice.key, Actor("another", "test"), rights)


def tell(db: Db, seed: int, steps: int) -> History:
    """A history in empty books. Every kind has its turn again and again, the rarer ones as often as a sale."""
    history = History(db, seed)
    empty(db)
    owing = [msgspec.structs.replace(unit, vat_on_advances=history.window) for unit in (cast.MSK, cast.SPB, cast.LYC)]
    save_masters(db, [*cast.MASTERS, TWIN, *owing, *history.contracts], TYPIST)
    go_on(db, history, steps)
    return history


def go_on(db: Db, history: History, steps: int) -> None:
    """So many steps more. Kinds that were refused whenever it was their turn have a few more."""
    kinds, first = list(MAKERS), len(history.known) + len(history.taken_back)
    for number in range(first * 10, first * 10 + steps):
        if (number - first * 10) % len(kinds) == 0:
            history.chance.shuffle(kinds)
        with suppress(DomainError):
            step(db, history, kinds[number % len(kinds)], number)
    for number in range(30):
        for kind in sorted(MAKERS.keys() - history.posted):
            for wanted in (*NEEDED.get(kind, ()), kind):
                with suppress(DomainError):
                    add(db, history, wanted, f"k{first}-{number}-{kind}-{wanted}")
