"""The accounts a supply goes to in a chart, by kind of line (spec 2.2). Made once for a chart and kept.

| line      | sale: revenue, VAT, cost of           | purchase: counter, VAT          |
| ---       | ---                                   | ---                             |
| goods     | revenue, vat_output, inventory        | inventory, vat_input_goods      |
| materials | revenue, vat_output, materials        | materials, vat_input_goods      |
| services  | revenue, vat_output, expense          | expense, vat_input_services     |

A correction of a closed year goes to income and expense of earlier years in place of revenue, VAT on sales, cost of sales and
expense; what goes to stock, to VAT or to an account named in the line stays there.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from setoff.core.chart import Chart, Role
from setoff.trade.lines import LineAccounts

Variant = tuple[bool, bool]
"""(down, closed year)"""
PLAIN: Final[Variant] = (False, False)


class SaleAccounts(NamedTuple):
    lines: LineAccounts
    inside: bool  # revenue is booked gross, VAT taken out of it
    vat_on_sales: str
    vat_on_decrease: str
    cost_of_sales: str


class _Known(NamedTuple):
    chart: Chart
    sales: dict[Variant, SaleAccounts]
    purchases: dict[Variant, LineAccounts]


_known: dict[str, _Known] = {}


def _of(chart: Chart) -> _Known:
    known = _known.get(chart.name)
    if known is None or known.chart is not chart:
        known = _known[chart.name] = _Known(chart, {}, {})
    return known


def sale_accounts(chart: Chart, variant: Variant = PLAIN) -> SaleAccounts:
    kept = _of(chart).sales
    accounts = kept.get(variant)
    if accounts is None:
        accounts = kept[variant] = _sale_accounts(chart, *variant)
    return accounts


def _sale_accounts(chart: Chart, down: bool, closed_year: bool) -> SaleAccounts:
    inside = chart.sales_vat == "inside"
    prior = Role.PRIOR_EXPENSE if down else Role.PRIOR_INCOME
    revenue = chart.role(prior if closed_year else Role.REVENUE)
    vat = chart.role(Role.VAT_OUTPUT)
    stock = {
        "goods": chart.role(Role.INVENTORY),
        "materials": chart.role(Role.MATERIALS),
        "services": chart.role(Role.EXPENSE),
    }
    lines = LineAccounts(dict.fromkeys(stock, revenue), dict.fromkeys(stock, vat), stock, by_rate=True, gross=inside)
    cost = chart.role((Role.PRIOR_INCOME if down else Role.PRIOR_EXPENSE) if closed_year else Role.COST_OF_SALES)
    vat_on_sales = chart.role(Role.PRIOR_EXPENSE if closed_year else Role.VAT_ON_SALES) if inside else ""
    return SaleAccounts(lines, inside, vat_on_sales, chart.role(Role.VAT_ON_DECREASE) if inside else "", cost)


def purchase_accounts(chart: Chart, variant: Variant = PLAIN) -> LineAccounts:
    kept = _of(chart).purchases
    accounts = kept.get(variant)
    if accounts is None:
        accounts = kept[variant] = _purchase_accounts(chart, *variant)
    return accounts


def _purchase_accounts(chart: Chart, down: bool, closed_year: bool) -> LineAccounts:
    prior = Role.PRIOR_INCOME if down else Role.PRIOR_EXPENSE
    counter = {
        "goods": chart.role(Role.INVENTORY),
        "materials": chart.role(Role.MATERIALS),
        "services": chart.role(prior if closed_year else Role.EXPENSE),
    }
    goods, services = chart.role(Role.VAT_INPUT_GOODS), chart.role(Role.VAT_INPUT_SERVICES)
    return LineAccounts(counter, {"goods": goods, "materials": goods, "services": services}, None, by_rate=False, gross=False)
