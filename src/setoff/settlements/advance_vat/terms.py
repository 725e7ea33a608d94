"""Under which rules a key has VAT on advances: of its relation, its unit, its contract and its chart (spec 2.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import psycopg

from setoff.books.charts import account_id, load_chart
from setoff.core.chart import Chart, Role
from setoff.settlements.advance_vat.events import What, Window
from setoff.settlements.keys import KeyTerms

RECEIVED: Final = frozenset({"buyer", "commission_agent", "other_buyer"})
PAID: Final = frozenset({"supplier", "other_supplier"})
EXEMPT: Final = "none"
"""Of a contract whose supplies have no VAT."""
UNITS_SQL = """
  select unit.id, organization.chart, organization.book_currency, vat_on_advances, vat_on_advances_from, vat_on_set_off
  from unit join organization on organization.id = unit.organization_id where vat_on_advances <> 'off'"""
BROUGHT_VAT: Final = """
  (document.kind in ('opening_customer_advances', 'opening_supplier_advances') and version.content like '%%"vat":%%')"""
"""Opening balances that say the VAT of their advances: others, of thousands of rows, need not be read."""
CONTRACTS_SQL = "select id, advance_vat from contract where id = any(%s) and advance_vat <> ''"


class UnitVat(NamedTuple):
    """What a unit has decided. `since`: the first day whose advances have VAT here; of what was advanced before other books tell."""

    chart: Chart
    book_currency: str
    window: Window
    since: date | None
    deducts_set_off: bool

    def accounts(self, what: What, *, is_received: bool) -> tuple[int, int]:
        """Debit and credit of an event, ids."""
        debit, credit = SIDES[what]
        own = Role.VAT_ON_ADVANCES_RECEIVED if is_received else Role.VAT_ON_ADVANCES_PAID
        found = [account_id(self.chart.name, self.chart.role(role or own)) for role in (debit, credit)]
        return found[0], found[1]


SIDES: Final[Mapping[What, tuple[Role | None, Role | None]]] = {
    What.OPENING: (None, Role.OPENING),
    What.ACCRUED: (None, Role.VAT_OUTPUT),
    What.DEDUCTED: (Role.VAT_OUTPUT, None),
    What.EXPENSED: (Role.VAT_EXPENSE, None),
    What.DEDUCTED_BACK: (None, Role.VAT_OUTPUT),
    What.EXPENSED_BACK: (None, Role.VAT_EXPENSE),
    What.INVOICED: (Role.VAT_OUTPUT, None),
    What.RESTORED: (None, Role.VAT_OUTPUT),
    What.BROUGHT_IN: (Role.OPENING, None),
}
"""Debit and credit; None: the account of VAT on advances."""


class KeyVat(NamedTuple):
    """`sign`: that of the advances of the key. `said`: the rate of the contract, "" = the general one of the day."""

    unit: UnitVat
    is_received: bool
    sign: int
    said: str

    def rate_on(self, day: date) -> int:
        """Hundredths of a percent; 0 = no VAT."""
        if self.said == EXEMPT:
            return 0
        return int(Decimal(self.said or self.unit.chart.vat_rate_on(day) or 0) * 100)


def units_with_vat(conn: psycopg.Connection[Any]) -> dict[int, UnitVat]:
    """The units that owe VAT on advances."""
    return {
        unit_id: UnitVat(load_chart(chart), currency, Window(window), since, set_off == "always")
        for unit_id, chart, currency, window, since, set_off in conn.execute(UNITS_SQL)
    }


def keys_with_vat(
    conn: psycopg.Connection[Any], keys: Iterable[KeyTerms], units: Mapping[int, UnitVat]
) -> dict[int, KeyVat]:
    """Of these regulated keys those whose advances may have VAT."""
    fitting = [
        key for key in keys
        if key.key.contour == "reg" and key.key.unit_id in units and key.key.relation in RECEIVED | PAID
    ]  # fmt: skip
    contracts = sorted({key.key.contract_id for key in fitting} - {0})
    said = dict(conn.execute(CONTRACTS_SQL, [contracts]).fetchall()) if contracts else {}
    return {
        key.id: KeyVat(
            units[key.key.unit_id], key.key.relation in RECEIVED, -1 if key.key.relation in RECEIVED else 1,
            said.get(key.key.contract_id, ""),
        )
        for key in fitting
    }  # fmt: skip
