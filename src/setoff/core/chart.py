"""A chart of accounts as data, and the roles that posting rules speak (spec 1.6).

A chart maps roles to account codes and (relation, currency class) to the pair of settlement accounts. Charts are TOML files in
`books/charts/`. Errors: unknown_account, invalid_account_pair.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from setoff.core.errors import DomainError, ErrorCode


class Role(StrEnum):
    REVENUE = "revenue"
    VAT_ON_SALES = "vat_on_sales"  # 90.03; only where revenue is booked gross
    VAT_OUTPUT = "vat_output"
    VAT_INPUT_GOODS = "vat_input_goods"
    VAT_INPUT_SERVICES = "vat_input_services"
    VAT_ON_DECREASE = "vat_on_decrease"  # 19.09: VAT of a downward correction until its correction invoice
    COST_OF_SALES = "cost_of_sales"
    INVENTORY = "inventory"
    MATERIALS = "materials"
    EXPENSE = "expense"
    BANK = "bank"
    BANK_FOREIGN = "bank_foreign"
    CASH = "cash"
    NOTES_RECEIVABLE = "notes_receivable"  # bills of exchange and promissory notes of customers; only where the chart has an account
    OPENING = "opening"  # 000
    FX_GAIN = "fx_gain"
    FX_LOSS = "fx_loss"
    PRIOR_INCOME = "prior_income"  # corrections of a closed year
    PRIOR_EXPENSE = "prior_expense"
    INTEREST_PAYABLE = "interest_payable"
    INTEREST_EXPENSE = "interest_expense"  # of loans received
    INTEREST_INCOME = "interest_income"  # of loans granted
    MONEY_IN_TRANSIT = "money_in_transit"  # between two bank accounts of ours
    BANK_CHARGES = "bank_charges"
    CLEARING = "clearing"  # the other side of a clearing round
    VAT_ON_ADVANCES_RECEIVED = "vat_on_advances_received"  # 76.АВ; these three only where VAT is owed on advances
    VAT_ON_ADVANCES_PAID = "vat_on_advances_paid"  # 76.ВА
    VAT_EXPENSE = "vat_expense"  # VAT that nobody gives back
    BRANCH_RESULT = "branch_result"  # where settlements between units go at the end of a year; only where the law of the chart says so
    RETAINED_EARNINGS = "retained_earnings"  # what is proposed where no law says it
    DOUBTFUL_RESERVE = "doubtful_reserve"  # 63; these three only where a reserve for doubtful debts is kept
    DOUBTFUL_EXPENSE = "doubtful_expense"
    DOUBTFUL_INCOME = "doubtful_income"


ADVANCE_VAT_ROLES = frozenset({Role.VAT_ON_ADVANCES_RECEIVED, Role.VAT_ON_ADVANCES_PAID, Role.VAT_EXPENSE})
RESERVE_ROLES = frozenset({Role.DOUBTFUL_RESERVE, Role.DOUBTFUL_EXPENSE, Role.DOUBTFUL_INCOME})


class CurrencyClass(StrEnum):
    BOOK = "book"  # settled and paid in book currency
    FOREIGN = "foreign"  # settled and paid in a foreign currency
    UNIT = "unit"  # y.e.: settled in a foreign currency, paid in book currency


@dataclass(frozen=True, slots=True)
class Account:
    """`interest`: the account of the interest on loans that this account holds ("" = the chart's interest_payable). `long_term`: the
    account for loans with more than a year to run, of one for shorter ones. `is_inter_branch`: it
    holds what units of one organization owe one another (spec 2.13); a notice moves it, in both units at once, so that over all units it
    is zero (I8)."""

    code: str
    names: Mapping[str, str]  # language -> name
    nature: Literal["active", "passive", "both"]
    is_settlement: bool = False
    currency_class: CurrencyClass = CurrencyClass.BOOK
    interest: str = ""
    is_inter_branch: bool = False
    long_term: str = ""

    @property
    def settled_in(self) -> str:
        """Of what it holds settlements: a currency class, units, nothing."""
        if self.is_inter_branch:
            return "between units"
        return self.currency_class.value if self.is_settlement else ""


class AccountPair(NamedTuple):
    debt: str
    advance: str


GENERAL_RATE: Final = "general"
"""In place of a percentage of VAT: that of the day."""


@dataclass(frozen=True, slots=True)
class Chart:
    """`sales_vat` "inside": revenue is booked gross and VAT taken out of it (RU); "beside": revenue net, VAT straight to the
    output account (CN, international). `input_vat` "waiting": the VAT of a purchase waits on its own account until the invoice is received
    (RU); "deducted": it is deducted with the purchase. `vat_rates`: the general rate and the day from which it holds, ascending; empty
    where no VAT is owed on advances. `written_off_memo`: the memo account on which debts written off are watched, "" where they are watched
    without one."""

    name: str
    sales_vat: Literal["inside", "beside"]
    accounts: Mapping[str, Account]
    roles: Mapping[str, str]
    pairs: Mapping[tuple[str, str], AccountPair]  # (relation, currency class)
    vat_rates: tuple[tuple[date, str], ...] = ()
    input_vat: Literal["waiting", "deducted"] = "deducted"
    written_off_memo: str = ""

    @property
    def reserve_account(self) -> str:
        """The account of the reserve for doubtful debts, "" where the chart keeps none."""
        return self.roles.get(Role.DOUBTFUL_RESERVE, "")

    def account(self, code: str) -> Account:
        if code not in self.accounts:
            raise DomainError(ErrorCode.UNKNOWN_ACCOUNT, account=code, chart=self.name)
        return self.accounts[code]

    def vat_rate_on(self, day: date) -> str:
        """The general rate of VAT on a day, "" where there is none."""
        return next((rate for since, rate in reversed(self.vat_rates) if since <= day), "")

    @property
    def inter_branch(self) -> tuple[str, ...]:
        """The accounts between units, by code."""
        return tuple(sorted(code for code, account in self.accounts.items() if account.is_inter_branch))

    def role(self, role: Role) -> str:
        return self.roles[role]

    def pair(self, relation: str, currency_class: CurrencyClass) -> AccountPair:
        return self.pairs[relation, currency_class]

    def interest_pair(self, principal: AccountPair) -> AccountPair:
        """The accounts of interest owed on a loan that stands on `principal`: one account for debt and advance."""
        account = self.account(principal.debt).interest or self.role(Role.INTEREST_PAYABLE)
        return AccountPair(account, account)

    def checked_pair(self, debt: str, advance: str) -> AccountPair:
        """A pair that replaces the chart's: both settlement accounts of one currency class; split sub-accounts must
        differ, accounts that hold both signs must be equal (spec 1.6). Errors: unknown_account, invalid_account_pair."""
        first, second = self.account(debt), self.account(advance)
        sound = (
            first.is_settlement
            and second.is_settlement
            and first.currency_class == second.currency_class
            and (debt == advance) == (first.nature == "both")
            and (debt == advance) == (second.nature == "both")
        )
        if not sound:
            raise DomainError(ErrorCode.INVALID_ACCOUNT_PAIR, debt=debt, advance=advance, chart=self.name)
        return AccountPair(debt, advance)
