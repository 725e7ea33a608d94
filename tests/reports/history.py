"""What was typed so far in a history of documents of every kind, and what the next document can be drawn from (any_history.py).

Two organizations at once; contracts are of every relation, in book currency and in others, settled by contract, order, invoice, by hand.
"""

from __future__ import annotations

from random import Random
from typing import Any, Final, NamedTuple

import psycopg

from setoff.core.money import format_amount
from setoff.parties.records import Contract, Counterparty, Stage
from setoff.trade.documents import AnyDocument, Line
from setoff.trade.terms import RELATIONS
from tests import cast

Db = psycopg.Connection[Any]
ORGANIZATIONS: Final = {
    "ROMASHKA": (("MSK", "SPB"), "RUB"), "NORTHSEA": (("AMS",), "EUR"), "HONGYUAN": (("SHA",), "CNY"), "LYCEUM": (("LYC",), "RUB"),
}  # fmt: skip
TWIN: Final = Counterparty(code="VEGA-2", name=cast.VEGA.name, tax_id="", language="ru")
"""Another party of the same name."""
SORTS: Final = (
    "buyer", "supplier", "buyer", "supplier", "other", "packaging_issued", "packaging_received", "loan_received", "loan_granted",
)  # fmt: skip
PARTIES: Final = ("VEGA", "VEGA-2", "METALL", "OSTSEE")
RATES: Final = ("100", "0.01", "97.3333", "7", "1.25")
ORDERS: Final = ("", "", "A", "B")
MOST: Final = 30_000
LAST: Final = 28
"""Documents are dated within February 2025; openings at its first day."""
OUTER: Final = {"MSK": "91.02", "SPB": "91.02", "AMS": "6000", "SHA": "5603", "LYC": "40120"}
"""An account of income and expenses."""


OPEN_SQL: Final = """
  select document.key, lot.line, document.date::text, contract.code, fold_key.currency, lot.residual,
         sign(lot.amount) <> debt_sign(fold_key.relation)
  from lot join fold_key on fold_key.unit_id = lot.unit_id and fold_key.id = lot.key_id and fold_key.contour = 'mgmt'
  join contract on contract.id = fold_key.contract_id join document on document.unit_id = lot.unit_id and document.id = lot.document_id
  where lot.residual <> 0 and lot.unit_id = (select id from unit where code = %s) and contract.code = any(%s)
  order by document.key, lot.line"""


class OpenLot(NamedTuple):
    key: str
    line: int
    date: str
    contract: str
    currency: str
    residual: int
    is_advance: bool

    @property
    def side(self) -> Any:
        return "they_owe_us" if self.residual > 0 else "we_owe_them"


class History:
    """What was typed so far. `known`: in the books; `taken_back`: not any more."""

    def __init__(self, db: Db, seed: int) -> None:
        self.db, self.chance = db, Random(seed)
        second = self.chance.choice(["NORTHSEA", "HONGYUAN", "LYCEUM"])
        self.houses = ("ROMASHKA", second)
        self.window = ("off", "same_day", "five_days", "tax_period")[seed % 4]
        self.contracts = [self._contract(house, number) for house in self.houses for number in range(len(SORTS))]
        self.known: dict[str, AnyDocument] = {}
        self.taken_back: dict[str, AnyDocument] = {}
        self.posted: set[str] = set()
        self.unit = ""

    def _contract(self, house: str, number: int) -> Contract:
        chance, book = self.chance, ORGANIZATIONS[house][1]
        relation = SORTS[number]
        if relation in ("buyer", "supplier", "other") and chance.random() < 0.2:
            relation = chance.choice(["other_buyer", "other_supplier", relation])
        currency = chance.choice([book, book, "JPY", "USD"])
        return Contract(
            code=f"{house[0]}{number}", number=f"{house[0]}-{number // 2}", organization=house, counterparty=chance.choice(PARTIES),
            currency=currency, relation=relation, payment_currency=chance.choice([currency, book]),
            detail=chance.choice(["contract", "order", "invoice", "order_invoice"]),
            reg_detail=chance.choice(["contract", "contract", "order", "invoice"]),
            allocation=chance.choice(["automatic", "automatic", "manual"]), order=chance.choice(["moment", "due_date", "legal"]),
            stages=chance.choice([[], [Stage(percent="30", days=5), Stage(percent="70", days=14)]]),
        )  # fmt: skip

    @property
    def house(self) -> str:
        return next(house for house in self.houses if self.unit in ORGANIZATIONS[house][0])

    @property
    def book(self) -> str:
        return ORGANIZATIONS[self.house][1]

    def contract_for(self, kind: str) -> Contract | None:
        fitting = [
            contract for contract in self.contracts if contract.organization == self.house and contract.relation in RELATIONS[kind]
        ]
        return self.chance.choice(fitting) if fitting else None

    def any_contract(self) -> Contract:
        return self.chance.choice([contract for contract in self.contracts if contract.organization == self.house])

    def amount(self, currency: str, most: int = MOST) -> str:
        return format_amount(self.chance.randrange(1, most), currency)

    def of_type(self, *types: Any) -> list[AnyDocument]:
        return [paper for paper in self.known.values() if isinstance(paper, types) and paper.unit == self.unit]

    def open_lots(self, *, advances: bool | None = None) -> list[OpenLot]:
        """What is open in the unit under contracts of the history, in management accounting."""
        rows = self.db.execute(OPEN_SQL, [self.unit, [contract.code for contract in self.contracts]])
        found = [OpenLot._make(row) for row in rows]
        return [lot for lot in found if advances is None or lot.is_advance == advances]

    def by_code(self, code: str) -> Contract:
        return next(contract for contract in self.contracts if contract.code == code)

    def one(self, papers: list[AnyDocument]) -> Any:
        return self.chance.choice(papers) if papers else None


class Told:
    """What every document begins with, drawn for one of a kind."""

    def __init__(self, history: History, kind: str, key: str) -> None:
        self.history, self.kind, self.chance = history, kind, history.chance
        contours = [("reg", "mgmt")] * 8 + [("reg",), ("mgmt",)]
        self.header: dict[str, Any] = {
            "key": key, "unit": history.unit, "date": f"2025-02-{self.chance.randrange(1, LAST):02}",
            "contours": self.chance.choice(contours),
        }  # fmt: skip

    def after(self, *dates: str) -> None:
        """Not before these days."""
        self.header["date"] = max(self.header["date"], *dates)

    @property
    def whole(self) -> dict[str, Any]:
        """Of a document that belongs to both contours."""
        return {**self.header, "contours": ("reg", "mgmt")}

    def party(self, contract: Contract) -> dict[str, Any]:
        return {"counterparty": contract.counterparty, "contract": contract.code}

    def rate(self, contract: Contract) -> dict[str, str]:
        return {} if contract.currency == self.history.book else {"rate": self.chance.choice(RATES)}

    def lines(self, currency: str, **fields: Any) -> list[Line]:
        return [
            Line(amount=self.history.amount(currency), vat_rate=self.chance.choice(["", "20", "20", "10"]),
                 kind=self.chance.choice(["goods", "services"]), **fields)
            for _ in range(self.chance.choice([1, 1, 2]))
        ]  # fmt: skip
