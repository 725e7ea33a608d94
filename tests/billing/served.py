"""A depository of the cast's Moscow unit with two payers and a registrar's costs, for the tests of surfaces."""

from __future__ import annotations

from typing import Final

from setoff.billing.samples import sample
from setoff.parties.records import Contract, DirectCost, Master, ServiceAccount, ServiceOperation

RECORDS: Final[list[Master]] = [
    sample("depository", "ROMASHKA"),
    Contract(code="DEPO-2", organization="ROMASHKA", counterparty="SIRIUS", number="DEPO-2", currency="RUB"),
    ServiceAccount(code="D-1", unit="MSK", contract="BUYER", price_list="depository", opened="2026-01-15"),
    ServiceAccount(code="D-2", unit="MSK", contract="DEPO-2", price_list="depository", opened="2026-01-31"),
    ServiceOperation(
        code="OP-1", unit="MSK", date="2026-01-20", accounts=["D-1"], tariff="fax", quantity="5",
        costs=[DirectCost(counterparty="METALL", amount="100.00", name="Registrar")],
    ),
]  # fmt: skip
MONTH: Final = {"unit": "MSK", "price_list": "depository", "kind": "month", "first": "2026-01-01", "issued_on": "2026-02-03"}
