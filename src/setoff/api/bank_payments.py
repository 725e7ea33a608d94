"""Paying through the bank: what we owe, drafts of payments, the file of orders, and the bank's balance beside that of the books."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.access.rights import Right
from setoff.api.answers import Said
from setoff.api.call import Answer, Call, Day
from setoff.api.endpoint import endpoint
from setoff.api.queries import known
from setoff.banks import payables
from setoff.banks.balances import compared_balances
from setoff.banks.known import accounts_of_ours
from setoff.banks.matching import Ours
from setoff.banks.payables import Choice
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.reports.ask import parse_day

router: Final = Router()
TEXT: Final = "text/plain"
XML: Final = "application/xml"
Account = Annotated[str, Field(min_length=1, max_length=100, description="Name or number of an account of ours.")]


class DebtChosen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A debt to pay, by the key of its document, or a part of it. Without `amount` all of it."""

    document: str
    line: Annotated[int, msgspec.Meta(ge=0, le=1_000_000)] = 0
    amount: str = ""


class PaymentsWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Debts to pay from an account on a day."""

    account: str
    date: str
    debts: list[DebtChosen]


class OrdersWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Payments to order, by their keys. Without `form` the one that the account needs."""

    payments: Annotated[list[str], msgspec.Meta(min_length=1)]
    form: Literal["", "1c", "pain001"] = ""


class DebtAnswer(Said):
    """An open debt of ours."""

    counterparty: str
    name: str
    contract: str
    document: str
    line: int
    number: str
    date: str
    due: str | None
    amount: str
    currency: str
    has_account: bool


class DayBalanceAnswer(Said):
    """The end of a day: the bank's balance, that of the books, and what lines that are not booked sum to."""

    date: str
    bank: str
    books: str
    difference: str
    unbooked: str


class BalanceAnswer(Said):
    """Days on which either side moved; `diverges_on`: the first on which they part."""

    currency: str
    difference_before: str
    days: list[DayBalanceAnswer]
    diverges_on: str | None


@endpoint(router, "GET", "/bank/debts", tag="bank", answer=list[DebtAnswer])
def list_debts_to_pay(call: Call, account: Account, until: Day = "") -> Any:
    """What we owe in the currency of an account, the earliest due first."""
    ours = _account(call, account, "read")
    rows = payables.payables(call.conn, ours, parse_day(until, "until") if until else None)
    return [
        DebtAnswer(
            counterparty=row.counterparty, name=row.name, contract=row.contract, document=row.document, line=row.line, number=row.number,
            date=row.date.isoformat(), due=row.due.isoformat() if row.due else None, amount=format_amount(row.amount, row.currency),
            currency=row.currency, has_account=row.has_account,
        )
        for row in rows
    ]  # fmt: skip


@endpoint(router, "POST", "/bank/payments", tag="bank", body=PaymentsWanted, answer=list[str], status=201)
def draft_payments(call: Call, body: PaymentsWanted) -> Any:
    """Save payments of these debts as drafts, one for each party and contract; their keys."""
    ours = _account(call, body.account, "draft")
    choices = [Choice(debt.document, debt.line, debt.amount) for debt in body.debts]
    with call.conn.transaction():
        return payables.draft_payments(call.conn, ours, choices, parse_day(body.date, "date"), call.actor)


@endpoint(router, "POST", "/bank/orders", tag="bank", body=OrdersWanted, media=(TEXT, XML))
def write_orders(call: Call, body: OrdersWanted) -> Any:
    """The file of orders for the bank with these payments: 1CClientBankExchange or pain.001."""
    readable = call.rights.units_with("read")
    for key in body.payments:
        call.rights.require("draft", known(call.conn, key, readable).unit_id)
    now = datetime.now(UTC).astimezone()
    made = payables.write_orders(call.conn, body.payments, now, call.actor, form=body.form or None)
    media_type = XML if made.content.lstrip().startswith(b"<") else TEXT
    return Answer(raw=made.content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{made.name}"'})


@endpoint(router, "GET", "/bank/balance", tag="bank", answer=BalanceAnswer)
def compare_balances(call: Call, account: Account, since: Day = "", until: Day = "") -> Any:
    """The balance of the bank beside that of the books, day by day, and the first day on which they part."""
    ours = _account(call, account, "read")
    first, last = (parse_day(day, name) if day else None for day, name in ((since, "since"), (until, "until")))
    found = compared_balances(call.conn, ours, first, last)
    if found is None:
        return BalanceAnswer(currency=ours.currency, difference_before=format_amount(0, ours.currency), days=[], diverges_on=None)

    def amounts(day: Any) -> dict[str, str]:
        return {name: format_amount(getattr(day, name), found.currency) for name in ("bank", "books", "difference", "unbooked")}

    return BalanceAnswer(
        currency=found.currency, difference_before=format_amount(found.difference_before, found.currency),
        days=[DayBalanceAnswer(date=day.day.isoformat(), **amounts(day)) for day in found.days],
        diverges_on=found.diverges_on.isoformat() if found.diverges_on else None,
    )  # fmt: skip


def _account(call: Call, name: str, right: Right) -> Ours:
    """The account of ours of that name or number, of a unit where one has the right."""
    for ours in accounts_of_ours(call.conn, call.rights.units_with("read") or (-1,)):
        if name in (ours.name, ours.number):
            call.rights.require(right, ours.unit.id)
            return ours
    raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="bank_account", value=name, field="account")
