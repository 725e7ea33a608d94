"""A sale: goods or services to a buyer (spec 2.2).

| chart  | debit         | credit     | amount |
| ---    | ---           | ---        | ---    |
| inside | the fact      | revenue    | gross  |
| inside | vat_on_sales  | vat_output | VAT, scaled with the fact |
| beside | the fact      | revenue    | net    |
| beside | the fact      | vat_output | VAT    |
| both   | cost_of_sales | inventory, materials or expense by kind of line | cost |
| both   | the fact      | the fact of who is owed | costs passed on |

The fact is + (they owe us), one for each due stage; those of costs passed on are - (we owe them). Guards: `trade/supply.py`, then those of
costs passed on (`trade/disbursement.py`) before the stages.
"""

from __future__ import annotations

from collections.abc import Sequence

from setoff.core.fact import Entry, Nature, Statement
from setoff.trade.accounts import SaleAccounts, sale_accounts
from setoff.trade.directory import Directory
from setoff.trade.disbursement import disbursed, disbursed_counters, disbursed_facts
from setoff.trade.documents import Sale
from setoff.trade.fields import checked_total
from setoff.trade.lines import Sums, spread_book, sums_of
from setoff.trade.objects import Paper
from setoff.trade.supply import Entries, Lot, Shape, Valued, convert_each, due_parts, facts_of, lots_of, setting_of, valued
from setoff.trade.terms import Parties, Terms, book_rate, terms_of

SALE = Shape(1, Nature.SUPPLY)


def facts(document: Sale, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Errors: those of `trade/supply.py`."""
    del closed_year
    setting = setting_of(document, directory)
    parties = Parties(document.counterparty, document.contract, document.agreement, document.currency)
    terms = terms_of("sale", setting.unit, setting.day, directory, parties, force="settled" if document.after_end else "trade")
    accounts = sale_accounts(setting.unit.chart)
    book_currency = setting.unit.book_currency
    paper = Paper(document_id, document.order)
    if document.lines or not document.disbursements:
        sums = sums_of(document.lines, terms.currency, book_currency, document.prices_include_vat, (setting.unit.chart, accounts.lines))
    else:
        sums = Sums(0, [], [], [])
    owed = disbursed(document, paper, setting, directory, terms.currency) if document.disbursements else []
    if owed:
        sums = sums._replace(total=checked_total(sums.total + sum(part.amount for part in owed), terms.currency, "disbursements"))
    parts = due_parts(sums.total, terms, setting.day, document.due, document.stages)
    value = valued(sums.total, terms, book_rate(terms, setting.day, directory, document.rate))
    lots = lots_of(sums.total, value.book, parts, terms.currency)
    stated = facts_of(lots, terms.node(paper, paper), setting, SALE)
    if owed:
        stated += disbursed_facts(owed, setting, after=len(lots))
        sums = sums._replace(counters=[*sums.counters, *disbursed_counters(owed, after=len(lots))])
    return Statement(stated, sale_entries(lots, sums, accounts, terms, value) if setting.in_reg else ())


def sale_entries(lots: Sequence[Lot], sums: Sums, accounts: SaleAccounts, terms: Terms, value: Valued) -> list[Entry]:
    """The table above; also of a correction up."""
    entries = Entries()
    if accounts.inside:
        entries.against_facts(1, lots, spread_book(sums.counters, value.book, sums.total))
        entries.following(lots, accounts.vat_on_sales, convert_each(sums.vat, value, terms))
    else:
        entries.against_facts(1, lots, spread_book([*sums.counters, *sums.vat], value.book, sums.total))
    for stock, _, item, amount, _ in sums.cost:
        entries.between(accounts.cost_of_sales, stock, amount, item)
    return entries.rows
