"""Accounts as accountants of an institution write them: "2 40110 130" is the kind of funds (KFO), the account, and the KOSGU.

A chart knows the account alone; where charts have no such parts ("79", "51") the account is written by itself. Spec 2.13.
Errors: field_missing, invalid_value, unknown_account.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from setoff.core.chart import Account, Chart, Role
from setoff.core.errors import DomainError, ErrorCode

WHOLE: Final = re.compile(r"(?P<kfo>\d)\s+(?P<account>\S+)\s+(?P<kosgu>\d{3})")
MONEY_ROLES: Final = (Role.BANK, Role.BANK_FOREIGN, Role.CASH, Role.MONEY_IN_TRANSIT)
MONEY_KOSGU: Final = ("510", "610")
OPPOSITES: Final = {("3", "4"), ("4", "3"), ("5", "6"), ("6", "5"), ("7", "8"), ("8", "7")}
"""First digits of KOSGU that name the growth and the fall of one thing: stock in 340 and out 440, money in 510 and out 610."""


TURNED: Final = str.maketrans("345678", "436587")
"""The same digits, turned into one another."""


class AccountCode(NamedTuple):
    text: str
    kfo: str
    account: Account
    kosgu: str


def code_of(chart: Chart, text: str, field: str) -> AccountCode:
    """Errors: see above."""
    said = " ".join(text.split())
    if not said:
        raise DomainError(ErrorCode.FIELD_MISSING, field=field)
    whole = WHOLE.fullmatch(said)
    if whole is None and " " in said:
        raise DomainError(ErrorCode.INVALID_VALUE, value=text, field=field, expected="2 40110 130")
    number = whole["account"] if whole else said
    account = chart.accounts.get(number)
    if account is None:
        raise DomainError(ErrorCode.UNKNOWN_ACCOUNT, account=said, chart=chart.name, field=field)
    return AccountCode(said, whole["kfo"] if whole else "", account, whole["kosgu"] if whole else "")


def is_money(chart: Chart, code: AccountCode) -> bool:
    return code.kosgu in MONEY_KOSGU or code.account.code in {chart.roles.get(role) for role in MONEY_ROLES}


def is_advance_paid(chart: Chart, code: AccountCode) -> bool:
    """Whether the account holds advances paid to suppliers and nothing else."""
    return any(
        code.account.code == pair.advance != pair.debt
        for (relation, _), pair in chart.pairs.items()
        if relation in ("supplier", "other_supplier")
    )


def mirrors(first: AccountCode, second: AccountCode) -> bool:
    """Whether the KOSGU of two units fit: equal, or growth and fall of one thing, where both stand on one account."""
    if first.account.code != second.account.code or first.kosgu == second.kosgu:
        return True
    return (first.kosgu[:1], second.kosgu[:1]) in OPPOSITES and first.kosgu[1:] == second.kosgu[1:]


def opposite(code: AccountCode) -> str:
    """The account as the other side of an entry writes it: money in 510 is out by 610, income of 130 is taken back from 130."""
    return f"{code.kfo} {code.account.code} {code.kosgu[0].translate(TURNED)}{code.kosgu[1:]}" if code.kosgu else code.text
