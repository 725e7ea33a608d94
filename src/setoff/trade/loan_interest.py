"""Interest of a loan for some days, mostly a month (spec 2.10): one fact, one entry, with its expense or income item.

| contract      | debit            | credit          | amount   |
| ---           | ---              | ---             | ---      |
| loan_received | interest_expense | the fact        | interest |
| loan_granted  | the fact         | interest_income | interest |

The fact is owed beside the principal, on the relation of interest (`terms.py`, LOAN_PARTS). The rows are the calculation: what they come
to, rounded once (`core/interest.py`), is the amount, unless it is typed by hand. What was paid before it was accrued is used up.

Guards, in this order: unit, date, contours; terms (`trade/terms.py`; the contract may have ended, but not be closed); field_missing
(contract); days (invalid_date, invalid_value: first after last, last after the date); amount (invalid_amount, amount_not_positive); rows
(invalid_date, invalid_value, invalid_amount, amount_not_positive, invalid_rate); what they come to (parts_differ_from_total); account
(unknown_account, settlement_account_without_node); item (field_missing); due (invalid_date); rate (invalid_rate, rate_missing).
"""

from __future__ import annotations

from datetime import date
from typing import Final

from setoff.core.chart import Role
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Nature, Statement
from setoff.core.interest import Stretch, exact_interest, rounded
from setoff.core.money import Money
from setoff.trade.directory import Directory
from setoff.trade.documents import LoanInterest
from setoff.trade.fields import day_of, plain_account, positive_amount, rate_of
from setoff.trade.lines import Counter
from setoff.trade.objects import Paper
from setoff.trade.supply import Entries, Shape, due_parts, facts_of, lots_of, setting_of, valued
from setoff.trade.terms import LOAN_PARTS, Parties, book_rate, terms_of

YEARS: Final = (360, 365, 366)


def facts(document: LoanInterest, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """One debt. Errors: see above."""
    del closed_year
    setting = setting_of(document, directory)
    unit, day = setting.unit, setting.day
    terms = terms_of("loan_interest", unit, day, directory, Parties(document.counterparty, document.contract), force="opened")
    if not document.contract:
        raise DomainError(ErrorCode.FIELD_MISSING, field="contract")
    amount = _amount(document, terms.currency, day)
    sign = 1 if terms.relation == "loan_granted" else -1
    role = Role.INTEREST_INCOME if sign > 0 else Role.INTEREST_EXPENSE
    account = plain_account(unit.chart, document.account or unit.chart.role(role), "account")
    if not document.item.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="item")
    parts = due_parts(amount, terms._replace(stages=()), day, document.due, ())
    value = valued(amount, terms, book_rate(terms, day, directory, document.rate))
    lots = lots_of(amount, value.book, parts, terms.currency)
    paper = Paper(document_id)
    node = terms._replace(relation=LOAN_PARTS[terms.relation]["interest"]).node(paper, paper)
    entries = Entries()
    if setting.in_reg:
        entries.against_facts(sign, lots, [Counter(account, "", document.item, value.book)])
    return Statement(facts_of(lots, node, setting, Shape(sign, Nature.SUPPLY)), entries.rows)


def _amount(document: LoanInterest, currency: str, day: date) -> int:
    """Minor units of the amount, which is what the rows come to."""
    first, last = day_of(document.first, "first"), day_of(document.last, "last")
    if last < first or last > day:
        raise DomainError(ErrorCode.INVALID_VALUE, field="last", value=document.last, expected=f"{document.first}..{document.date}")
    amount = positive_amount(document.amount, currency, "amount")
    found = stretches_of(document, currency)
    total = rounded(exact_interest(found))
    if total != amount and not document.typed:
        raise DomainError(
            ErrorCode.PARTS_DIFFER_FROM_TOTAL, parts=Money(total, currency), total=Money(amount, currency), field="amount"
        )
    return amount


def stretches_of(document: LoanInterest, currency: str) -> list[Stretch]:
    """The rows in order. Errors: those of rows above; invalid_value also where they overlap or leave the days of the document."""
    found: list[Stretch] = []
    before, end = day_of(document.first, "first"), day_of(document.last, "last")
    for index, row in enumerate(document.rows):
        place = f"rows[{index}]."
        first, last = day_of(row.first, place + "first"), day_of(row.last, place + "last")
        is_later = not found or first > before
        if not (is_later and before <= first <= last <= end):
            raise DomainError(ErrorCode.INVALID_VALUE, field=place + "first", value=row.first, expected=f"{before}..{end}")
        if row.year_days not in YEARS:
            expected = ", ".join(map(str, YEARS))
            raise DomainError(ErrorCode.INVALID_VALUE, field=place + "year_days", value=str(row.year_days), expected=expected)
        principal = positive_amount(row.principal, currency, place + "principal")
        found.append(Stretch(first, last, principal, rate_of(row.percent, place + "percent"), row.year_days))
        before = last
    return found
