"""Debts both ways, for the tests of set-off."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import psycopg

from setoff.books.audit import Actor
from setoff.parties.services import save_masters
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Payment, Purchase, Sale
from tests import cast

METALL: Final = "METALL"
DAY: Final = date(2026, 3, 31)


def owe_both_ways(books: psycopg.Connection[Any], actor: Actor) -> None:
    """METALL: we owe 90 of 1 March (due on the 20th), they owe 75 of 5 March, and 30 that we paid ahead on 10 March."""
    party = {"unit": "MSK", "counterparty": METALL}
    steel = Purchase(key="steel", date="2026-03-01", contract="SUPPLIER", lines=[Line(amount="90")], due="2026-03-20", **party)
    post_document(books, steel, actor)
    post_document(books, Sale(key="scrap", date="2026-03-05", agreement="RETAIL", lines=[Line(amount="75")], **party), actor)
    ahead = Payment(key="ahead", kind="payment_to_supplier", date="2026-03-10", contract="OTHER-SUPPLIER", amount="30", **party)
    post_document(books, ahead, actor)


def tell(books: psycopg.Connection[Any], actor: Actor) -> None:
    """The cast, and they owe both ways."""
    save_masters(books, cast.MASTERS, actor)
    owe_both_ways(books, actor)


def tell_of_three(web: psycopg.Connection[Any], actor: Actor) -> None:
    """The cast. HAIDA owes Shanghai 130 and is owed 40; METALL owes Moscow 75 and is owed 90; BERLIN owes Moscow EUR 20, which nothing
    meets."""
    save_masters(web, cast.MASTERS, actor)
    haida, metall = {"unit": "SHA", "counterparty": "HAIDA"}, {"unit": "MSK", "counterparty": "METALL"}
    sold = (("late", "100", "2026-02-28"), ("soon", "30", "2026-04-10"))
    for key, amount, due in sold:
        post_document(web, Sale(key=key, date="2026-02-01", due=due, contract="CN-BUYER", lines=[Line(amount=amount)], **haida), actor)
    ours = Purchase(key="ours", date="2026-03-20", due="2026-04-01", contract="CN-SUPPLIER", lines=[Line(amount="40")], **haida)
    post_document(web, ours, actor)
    post_document(web, Purchase(key="steel", date="2026-03-01", contract="SUPPLIER", lines=[Line(amount="90")], **metall), actor)
    post_document(web, Sale(key="scrap", date="2026-03-01", agreement="RETAIL", lines=[Line(amount="75")], **metall), actor)
    berlin = Sale(key="wine", unit="MSK", date="2026-03-01", counterparty="BERLIN", contract="BUYER-EUR", lines=[Line(amount="20")])
    post_document(web, berlin, actor)
