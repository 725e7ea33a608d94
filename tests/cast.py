"""The one cast of all tests: three organizations, their partners, a contract of every sort. Dates are in 2025 and 2026."""

from __future__ import annotations

from typing import Any, Final

from setoff.parties.records import Agreement, Contract, Counterparty, Master, Organization, Partner, Rate, Stage, Unit

ROMASHKA: Final = Organization(code="ROMASHKA", name="ООО «Ромашка»", chart="ru", book_currency="RUB", tax_id="7707083893",
                               kpp="770701001", language="ru")
MSK: Final = Unit(code="MSK", organization="ROMASHKA", name="Москва")
SPB: Final = Unit(code="SPB", organization="ROMASHKA", name="Санкт-Петербург", kind="branch")
HONGYUAN: Final = Organization(code="HONGYUAN", name="上海宏远贸易有限公司", chart="cn", book_currency="CNY",
                               tax_id="91310000132222222A", language="zh")
SHA: Final = Unit(code="SHA", organization="HONGYUAN", name="上海")
NORTHSEA: Final = Organization(code="NORTHSEA", name="North Sea Trading BV", chart="intl", book_currency="EUR",
                               tax_id="NL123456789B13", language="en")
AMS: Final = Unit(code="AMS", organization="NORTHSEA", name="Amsterdam")
LYCEUM: Final = Organization(code="LYCEUM", name="ГБУ «Лицей»", chart="ru-budget", book_currency="RUB", tax_id="7710140679",
                            kpp="771001001", language="ru")
LYC: Final = Unit(code="LYC", organization="LYCEUM", name="Лицей")

VEGA_GROUP: Final = Partner(code="VEGA-GROUP", name="Группа «Вега»", is_supplier=False)
VEGA: Final = Counterparty(code="VEGA", name="ООО «Вега»", partner="VEGA-GROUP", tax_id="7702070139", language="ru")
SIRIUS: Final = Counterparty(code="SIRIUS", name="ООО «Сириус»", partner="VEGA-GROUP", tax_id="7728168971", language="ru")
BERLIN: Final = Counterparty(code="BERLIN", name="Berliner Handels GmbH", is_resident=False)
METALL: Final = Counterparty(code="METALL", name="АО «Металлсервис»", tax_id="7736050003", language="ru")
IVANOV: Final = Counterparty(code="IVANOV", name="ИП Иванов И. И.", is_person=True, language="ru")
HAIDA: Final = Counterparty(code="HAIDA", name="海达电子有限公司", language="zh")
OSTSEE: Final = Counterparty(code="OSTSEE", name="Ostsee Logistik GmbH")

RETAIL: Final = Agreement(code="RETAIL", name="Розничные продажи", currency="RUB", uses_contracts=False, detail="invoice")
BY_ORDERS: Final = Agreement(code="BY-ORDERS", name="Продажи по заказам", currency="RUB", uses_contracts=False, detail="order",
                             stages=[Stage(percent="30", days=0), Stage(percent="70", days=14)])


def _romashka(code: str, counterparty: str, **terms: Any) -> Contract:
    found = {"currency": "RUB", "number": code, "date": "2025-01-01", "valid_from": "2025-01-01", **terms}
    return Contract(code=code, organization="ROMASHKA", counterparty=counterparty, **found)


BUYER: Final = _romashka("BUYER", "VEGA")
BUYER_2: Final = _romashka("BUYER-2", "VEGA")
BUYER_EUR: Final = _romashka("BUYER-EUR", "BERLIN", currency="EUR", payment_currency="EUR")
BUYER_UNIT: Final = _romashka("BUYER-UNIT", "VEGA", currency="EUR", payment_currency="RUB")
BUYER_ORDERS: Final = _romashka("BUYER-ORDERS", "SIRIUS", detail="order")
BUYER_INVOICES: Final = _romashka("BUYER-INVOICES", "SIRIUS", detail="invoice")
BUYER_REG_INVOICES: Final = _romashka("BUYER-REG-INVOICES", "SIRIUS", detail="invoice", reg_detail="invoice")
BUYER_MANUAL: Final = _romashka("BUYER-MANUAL", "SIRIUS", allocation="manual")
BUYER_DUE: Final = _romashka("BUYER-DUE", "SIRIUS", order="due_date", stages=[Stage(percent="100", days=30)])
BUYER_LEGAL: Final = _romashka("BUYER-LEGAL", "SIRIUS", order="legal")
BUYER_SHORT: Final = _romashka("BUYER-SHORT", "SIRIUS", valid_to="2025-06-30")
BUYER_DRAFT: Final = _romashka("BUYER-DRAFT", "SIRIUS", status="draft")
BUYER_CLOSED: Final = _romashka("BUYER-CLOSED", "SIRIUS", status="closed")
SUPPLIER: Final = _romashka("SUPPLIER", "METALL", relation="supplier")
SUPPLIER_EUR: Final = _romashka("SUPPLIER-EUR", "BERLIN", relation="supplier", currency="EUR", payment_currency="EUR")
OTHER: Final = _romashka("OTHER", "IVANOV", relation="other")
OTHER_BUYER: Final = _romashka("OTHER-BUYER", "IVANOV", relation="other_buyer")
OTHER_SUPPLIER: Final = _romashka("OTHER-SUPPLIER", "METALL", relation="other_supplier")
LOAN: Final = _romashka("LOAN", "IVANOV", relation="loan_received")
LOAN_LONG: Final = _romashka("LOAN-LONG", "IVANOV", relation="loan_received", accounts=["67.03", "67.03"])
LOAN_GRANTED: Final = _romashka("LOAN-GRANTED", "IVANOV", relation="loan_granted")
PACKAGING_OUT: Final = _romashka("PACKAGING-OUT", "VEGA", relation="packaging_issued")
PACKAGING_IN: Final = _romashka("PACKAGING-IN", "METALL", relation="packaging_received")
CN_BUYER: Final = Contract(code="CN-BUYER", organization="HONGYUAN", counterparty="HAIDA", number="HY-2025-01", currency="CNY")
CN_SUPPLIER: Final = Contract(code="CN-SUPPLIER", organization="HONGYUAN", counterparty="HAIDA", number="HY-2025-02",
                              currency="CNY", relation="supplier")
NL_BUYER: Final = Contract(code="NL-BUYER", organization="NORTHSEA", counterparty="OSTSEE", number="NS-17", currency="EUR")
NL_BUYER_USD: Final = Contract(code="NL-BUYER-USD", organization="NORTHSEA", counterparty="OSTSEE", number="NS-18",
                               currency="USD", payment_currency="USD")
NL_SUPPLIER: Final = Contract(code="NL-SUPPLIER", organization="NORTHSEA", counterparty="BERLIN", number="NS-19",
                              currency="EUR", relation="supplier")
LYCEUM_BUYER: Final = Contract(code="LYCEUM-BUYER", organization="LYCEUM", counterparty="VEGA", number="Л-1", currency="RUB")

RATES: Final = [
    Rate(currency="EUR", quote="RUB", date="2025-01-01", rate="100"),
    Rate(currency="EUR", quote="RUB", date="2025-02-01", rate="104.5"),
    Rate(currency="EUR", quote="RUB", date="2025-03-01", rate="98.25"),
    Rate(currency="USD", quote="RUB", date="2025-01-01", rate="90"),
    Rate(currency="USD", quote="EUR", date="2025-01-01", rate="0.92"),
    Rate(currency="USD", quote="EUR", date="2025-02-01", rate="0.95"),
]

MASTERS: Final[list[Master]] = [
    ROMASHKA, MSK, SPB, HONGYUAN, SHA, NORTHSEA, AMS, LYCEUM, LYC, VEGA_GROUP, VEGA, SIRIUS, BERLIN, METALL, IVANOV,
    HAIDA, OSTSEE, RETAIL, BY_ORDERS, BUYER, BUYER_2, BUYER_EUR, BUYER_UNIT, BUYER_ORDERS, BUYER_INVOICES,
    BUYER_REG_INVOICES, BUYER_MANUAL, BUYER_DUE, BUYER_LEGAL, BUYER_SHORT, BUYER_DRAFT, BUYER_CLOSED, SUPPLIER,
    SUPPLIER_EUR, OTHER, OTHER_BUYER, OTHER_SUPPLIER, LOAN, LOAN_LONG, LOAN_GRANTED, PACKAGING_OUT, PACKAGING_IN,
    CN_BUYER, CN_SUPPLIER, NL_BUYER, NL_BUYER_USD, NL_SUPPLIER, LYCEUM_BUYER, *RATES,
]
