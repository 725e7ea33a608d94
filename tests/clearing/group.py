"""A group of three companies of ours and its neighbours, with debts that go round.

Debtor -> creditor, RUB, and whose books hold it:

    BETA  -> ALFA   100.00   both
    GAMMA -> BETA    80.00   BETA's books; GAMMA's hold 75.00
    ALFA  -> GAMMA   30.00   both
    OMEGA -> GAMMA   90.00   GAMMA's
    ALFA  -> OMEGA   60.00   ALFA's

Clearing. What BETA clears of its debt to ALFA it clears of its claim on GAMMA: at most 75. ALFA's 75 goes to OMEGA (a circle of four,
so 4 for each rouble) before it goes to GAMMA (a circle of three): 60 by OMEGA, 15 to GAMMA. Together 75 + 75 + 60 + 60 + 15 = 285.00.
Without OMEGA the circle of three is left: 30 each, 90.00.
"""

from __future__ import annotations

from typing import Any, Final

from setoff.books.audit import Actor
from setoff.parties.records import Contract, Counterparty, Master, Organization, Unit
from setoff.parties.services import save_masters
from setoff.settlements.services import post_document
from setoff.trade.documents import Line, Purchase, Sale

TAX: Final = {"ALFA": "7701000010", "BETA": "7701000027", "GAMMA": "7701000034", "OMEGA": "7701000041"}
OWN: Final = ("ALFA", "BETA", "GAMMA")
DAY: Final = "2025-03-31"


def masters() -> list[Master]:
    """Every company of ours, every party as a counterparty, and a contract of each sort between whoever trades."""
    made: list[Master] = []
    for code in OWN:
        made.append(Organization(code=code, name=f"ООО «{code}»", chart="ru", book_currency="RUB", tax_id=TAX[code], language="ru"))
        made.append(Unit(code=f"{code}-1", organization=code, name=f"{code} 1"))
    made += [Counterparty(code=f"C-{code}", name=f"ООО «{code}»", tax_id=tax_id, language="ru") for code, tax_id in TAX.items()]
    made += [
        Contract(
            code=f"{own}-{other}-{relation[0]}", organization=own, counterparty=f"C-{other}", number=f"{own}/{other}", currency="RUB",
            relation=relation, date="2025-01-01", valid_from="2025-01-01",
        )
        for own in OWN for other in TAX if other != own for relation in ("buyer", "supplier")
    ]  # fmt: skip
    return made


def sale(own: str, other: str, amount: str, *, number: str, vat: str = "") -> Sale:
    return Sale(
        key=f"sale/{own}/{number}", unit=f"{own}-1", date="2025-01-10", number=number, counterparty=f"C-{other}",
        contract=f"{own}-{other}-b", due="2025-02-10", lines=[Line(amount=amount, vat_rate=vat)],
    )  # fmt: skip


def purchase(own: str, other: str, amount: str, *, number: str, incoming: str = "") -> Purchase:
    return Purchase(
        key=f"purchase/{own}/{number}", unit=f"{own}-1", date="2025-01-12", number=number, counterparty=f"C-{other}",
        contract=f"{own}-{other}-s", due="2025-02-12", lines=[Line(amount=amount)], incoming_number=incoming,
    )  # fmt: skip


def tell(conn: Any, actor: Actor) -> None:
    """The group and its debts stand in the books."""
    save_masters(conn, masters(), actor)
    for document in (
        sale("ALFA", "BETA", "100.00", number="A-1"), purchase("BETA", "ALFA", "100.00", number="B-1"),
        sale("BETA", "GAMMA", "80.00", number="B-2"), purchase("GAMMA", "BETA", "75.00", number="G-1"),
        sale("GAMMA", "ALFA", "30.00", number="G-2"), purchase("ALFA", "GAMMA", "30.00", number="A-2"),
        sale("GAMMA", "OMEGA", "90.00", number="G-3", vat="20"), purchase("ALFA", "OMEGA", "60.00", number="A-3", incoming="O-60"),
    ):  # fmt: skip
        post_document(conn, document, actor)
