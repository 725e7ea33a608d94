"""A purchase: goods or services from a supplier (spec 2.2).

| debit                                                  | credit   | amount |
| ---                                                    | ---      | ---    |
| inventory, materials or expense by kind of line        | the fact | net    |
| vat_input_goods (goods, materials), vat_input_services | the fact | VAT    |

The fact is - (we owe them), one for each due stage. Guards: `trade/supply.py`; then invalid_date of the incoming paper.
"""

from __future__ import annotations

from collections.abc import Sequence

from setoff.core.fact import Entry, Nature, Statement
from setoff.trade.accounts import purchase_accounts
from setoff.trade.directory import Directory
from setoff.trade.documents import Purchase
from setoff.trade.fields import day_or_none
from setoff.trade.lines import Sums, spread_book, sums_of
from setoff.trade.objects import Paper
from setoff.trade.supply import Entries, Lot, Shape, due_parts, facts_of, lots_of, setting_of, valued
from setoff.trade.terms import Parties, book_rate, terms_of

PURCHASE = Shape(-1, Nature.SUPPLY)


def facts(document: Purchase, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Errors: those of `trade/supply.py`, invalid_date."""
    del closed_year
    setting = setting_of(document, directory)
    parties = Parties(document.counterparty, document.contract, document.agreement, document.currency)
    terms = terms_of("purchase", setting.unit, setting.day, directory, parties)
    accounts = purchase_accounts(setting.unit.chart)
    book_currency = setting.unit.book_currency
    sums = sums_of(document.lines, terms.currency, book_currency, document.prices_include_vat, (setting.unit.chart, accounts))
    parts = due_parts(sums.total, terms, setting.day, document.due, document.stages)
    value = valued(sums.total, terms, book_rate(terms, setting.day, directory, document.rate))
    day_or_none(document.incoming_date, "incoming_date")
    lots = lots_of(sums.total, value.book, parts, terms.currency)
    paper = Paper(document_id, document.order)
    stated = facts_of(lots, terms.node(paper, paper), setting, PURCHASE)
    return Statement(stated, purchase_entries(-1, lots, sums, value.book) if setting.in_reg else ())


def purchase_entries(sign: int, lots: Sequence[Lot], sums: Sums, book: int) -> list[Entry]:
    """The table above; of a correction up (sign -) and, with the sides exchanged, down (sign +)."""
    entries = Entries()
    entries.against_facts(sign, lots, spread_book([*sums.counters, *sums.vat], book, sums.total))
    return entries.rows
