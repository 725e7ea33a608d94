"""Three months of one unit, small enough to reckon every report by hand.

VEGA (BUYER, RUB): sale S-1 1 200.00 due 31 Jan; paid 500.00; sale S-2 600.00 due 7 Mar; paid 1 000.00 (700.00 of S-1,
300.00 of S-2); paid 500.00 (300.00 of S-2, advance 200.00). For management only: sale M-1 100.00, which uses up half of it.
METALL (SUPPLIER, RUB): purchase U-1 2 400.00 due 22 Mar, paid 3 000.00: advance 600.00.
BERLIN (BUYER-EUR): sale E-1 1 000.00 EUR at 98.25; paid 400.00 EUR at 100.00: gain (100.00 - 98.25) * 400 = 700.00 RUB.
All VAT is 20 % inside, none on the sale in EUR.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.books.audit import Actor
from setoff.parties.services import save_masters
from setoff.settlements.services import post_document
from setoff.trade.documents import AnyDocument, Line, Payment, Purchase, Sale
from tests.cast import MASTERS

ACTOR: Final = Actor("tester", "test")
VAT: Final = "20"


def sale(day: str, number: str, amount: str, due: str = "", contract: str = "BUYER", party: str = "VEGA", **rest: Any) -> Sale:
    line = Line(amount=amount, kind="services", vat_rate=rest.pop("vat", VAT))
    return Sale(unit="MSK", date=day, number=number, counterparty=party, contract=contract, lines=[line], due=due, **rest)


def payment(day: str, number: str, amount: str, kind: Any = "payment_from_customer", **rest: Any) -> Payment:
    found = {"counterparty": "VEGA", "contract": "BUYER", **rest}
    return Payment(unit="MSK", date=day, number=number, kind=kind, amount=amount, **found)


DOCUMENTS: Final[list[AnyDocument]] = [
    sale("2025-01-10", "S-1", "1200.00", "2025-01-31"),
    payment("2025-01-20", "P-1", "500.00"),
    sale("2025-02-05", "S-2", "600.00", "2025-03-07"),
    payment("2025-02-15", "P-2", "1000.00"),
    Purchase(unit="MSK", date="2025-02-20", number="U-1", counterparty="METALL", contract="SUPPLIER", due="2025-03-22",
             lines=[Line(amount="2400.00", kind="goods", vat_rate=VAT)]),
    payment("2025-02-25", "R-1", "3000.00", "payment_to_supplier", counterparty="METALL", contract="SUPPLIER"),
    sale("2025-03-03", "E-1", "1000.00", "2025-03-31", "BUYER-EUR", "BERLIN", vat="", rate="98.25"),
    payment("2025-03-10", "P-3", "400.00", counterparty="BERLIN", contract="BUYER-EUR", currency="EUR", rate="100"),
    payment("2025-03-12", "P-4", "500.00"),
    sale("2025-03-15", "M-1", "100.00", contours=("mgmt",)),
]  # fmt: skip


def tell(db: psycopg.Connection[Any]) -> None:
    """Masters of the cast and the documents of the story, posted one by one."""
    save_masters(db, MASTERS, ACTOR)
    for document in DOCUMENTS:
        post_document(db, document, ACTOR)
