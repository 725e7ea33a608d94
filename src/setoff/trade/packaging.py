"""Returnable packaging at its deposit price (spec 2.9): a contract relation, accounts and documents of its own.

| kind       | debit                  | credit                 | amount        |
| ---        | ---                    | ---                    | ---           |
| issued     | the fact               | inventory or materials | deposit price |
| returned   | inventory or materials | the fact               | deposit price |
| received   | inventory or materials | the fact               | deposit price |
| given_back | the fact               | inventory or materials | deposit price |

No VAT is owed on a deposit. What a buyer keeps is returned here and sold by a sale, whose debt is set off against the deposit he paid.

Guards, in this order: unit, date, contours; terms (`trade/terms.py`); lines: VAT, cost (unknown_field), those of `trade/lines.py`; due
(unknown_field where packaging comes back, invalid_date); rate (invalid_rate, rate_missing).
"""

from __future__ import annotations

from typing import Final

from setoff.core.chart import Chart, Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Nature, Statement
from setoff.trade.directory import Directory
from setoff.trade.documents import Packaging
from setoff.trade.lines import LineAccounts, spread_book, sums_of
from setoff.trade.objects import Paper
from setoff.trade.supply import Entries, Shape, due_parts, facts_of, lots_of, setting_of, valued
from setoff.trade.terms import Parties, book_rate, terms_of

SIGNS: Final = {"issued": 1, "returned": -1, "received": -1, "given_back": 1}
"""Of the fact: + they owe us."""
OPENS: Final = ("issued", "received")
OF_TRADE: Final = ("vat_rate", "vat", "cost")


def facts(document: Packaging, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """One fact. Errors: see above."""
    del closed_year
    setting = setting_of(document, directory)
    parties = Parties(document.counterparty, document.contract, document.agreement, document.currency)
    terms = terms_of("packaging_" + document.kind, setting.unit, setting.day, directory, parties)
    for index, line in enumerate(document.lines):
        for field in OF_TRADE:
            if getattr(line, field):
                raise DomainError(ErrorCode.UNKNOWN_FIELD, field=f"lines[{index}].{field}")
    chart = setting.unit.chart
    sums = sums_of(document.lines, terms.currency, setting.unit.book_currency, True, (chart, _accounts(chart)))
    if document.due and document.kind not in OPENS:
        raise DomainError(ErrorCode.UNKNOWN_FIELD, field="due")
    parts = due_parts(sums.total, terms if document.kind in OPENS else terms._replace(stages=()), setting.day, document.due, ())
    value = valued(sums.total, terms, book_rate(terms, setting.day, directory, document.rate))
    lots = lots_of(sums.total, value.book, parts, terms.currency)
    paper = Paper(document_id)
    sign = SIGNS[document.kind]
    entries = Entries()
    if setting.in_reg:
        entries.against_facts(sign, lots, spread_book(sums.counters, value.book, sums.total))
    return Statement(facts_of(lots, terms.node(paper, paper), setting, Shape(sign, Nature.SUPPLY)), entries.rows)


def _accounts(chart: Chart) -> LineAccounts:
    goods, materials = chart.role(Role.INVENTORY), chart.role(Role.MATERIALS)
    stock = {"goods": goods, "materials": materials, "services": goods}
    return LineAccounts(stock, stock, None, by_rate=False, gross=True)
