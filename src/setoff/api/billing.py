"""Billing by a price list. Price lists, service accounts and operations are master records: masters.py."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Any, Final, Literal

import msgspec
from ninja import Router
from pydantic import Field

from setoff.api.answers import Said
from setoff.api.call import Call, Code, DryRun
from setoff.api.endpoint import endpoint
from setoff.billing import paying, queries, services
from setoff.billing.telling import told_draft, told_result, told_run, told_unpaid
from setoff.core.money import format_amount
from setoff.reports.ask import parse_day
from setoff.trade.documents import Payment

router: Final = Router()
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="A currency.")]
Day = Annotated[str, Field(max_length=10, description="A day, YYYY-MM-DD.")]
Number = Annotated[int, Field(ge=1, description="Number of the run.")]


class BillingWanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to bill: month charges of the month of `first`, operations from `first` to `last` (empty: the day of issue), or prepayment:
    bills for what prepaid operations of these days wait for."""

    unit: str
    price_list: str
    kind: Literal["month", "operations", "prepayment"]
    first: str
    issued_on: str
    last: str = ""


class ChargeAnswer(Said):
    """One amount of an invoice. `disbursed_for`: whose cost is passed on, without VAT."""

    account: str
    tariff: str
    name: str
    net: str
    vat_rate: str
    vat: str
    disbursed_for: str


class LeftOutAnswer(Said):
    """An account or operation that is not billed, and why."""

    what: str
    code: str
    text: str


class DraftAnswer(Said):
    """An invoice that would be issued. Without charges there is none, only what is left out."""

    contract: str
    counterparty: str
    issued_on: str
    due: str
    amount: str
    currency: str
    charges: list[ChargeAnswer]
    notes: list[str]
    refused: list[LeftOutAnswer]


class BilledAnswer(Said):
    """What came of an invoice: posted, waits (for a second person), refused, nothing."""

    contract: str
    counterparty: str
    state: str
    document: str
    number: str
    amount: str
    currency: str
    code: str
    text: str


class RunAnswer(Said):
    """A run and what it did. `kept` false: it was only tried."""

    run: int
    kept: bool
    invoices: list[BilledAnswer]


class RunRow(Said):
    """A run that was. `undone_by` empty: it stands."""

    run: int
    unit: str
    kind: str
    price_list: str
    first: str
    last: str
    issued_on: str
    author: str
    recorded_at: str
    undone_by: str
    invoices: int
    amount: str
    currency: str


class UndoneAnswer(Said):
    """How many invoices left the books, or would (`kept` false)."""

    run: int
    invoices: int
    kept: bool


class UnpaidAnswer(Said):
    """An invoice that is not paid in full, and since when services may be suspended for it."""

    contract: str
    counterparty: str
    document: str
    number: str
    issued_on: str
    amount: str
    currency: str
    suspended_from: str


class QuoteAnswer(Said):
    """What pays an invoice in another currency, and the payment that closes it when it is posted."""

    document: str
    amount: str
    currency: str
    rate: str
    payment: Payment


class TariffChangeAnswer(Said):
    """From when changed tariffs may hold under a contract, given notice on the day. Rates empty where there are none."""

    contract: str
    rate_then: str
    rate_now: str
    limit: str
    at_once: bool
    earliest: str


@endpoint(router, "POST", "/billing/preview", tag="billing", body=BillingWanted, answer=list[DraftAnswer])
def preview_billing(call: Call, body: BillingWanted) -> Any:
    """The invoices that would be issued, by contract. Nothing is kept."""
    drafts = services.preview(call.conn, _wanted(body), call.rights)
    return [msgspec.convert(told_draft(draft, call.language), DraftAnswer) for draft in drafts]


@endpoint(router, "POST", "/billing/runs", tag="billing", body=BillingWanted, answer=RunAnswer)
def run_billing(call: Call, body: BillingWanted, dry_run: DryRun = False) -> Any:
    """Issue the invoices: each is posted by itself, what is refused leaves the others alone. What is billed already is left alone."""
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        number = services.start_run(call.conn, _wanted(body), call.actor, call.rights)
        return _billed(call, number, kept=not dry_run)


@endpoint(router, "POST", "/billing/runs/{run}/continue", tag="billing", answer=RunAnswer)
def continue_billing(call: Call, run: Number) -> Any:
    """Take up a run that was stopped: what it has not billed yet."""
    return _billed(call, run, kept=True)


@endpoint(router, "POST", "/billing/runs/{run}/undo", tag="billing", answer=UndoneAnswer)
def undo_billing(call: Call, run: Number, dry_run: DryRun = False) -> Any:
    """Take every invoice of a run out of the books, or none."""
    with call.conn.transaction(force_rollback=True) if dry_run else nullcontext():
        count = services.undo_run(call.conn, run, call.actor, call.rights)
    return UndoneAnswer(run=run, invoices=count, kept=not dry_run)


@endpoint(router, "GET", "/billing/runs", tag="billing", answer=list[RunRow])
def list_billing_runs(call: Call) -> Any:
    """What was billed, newest first: a hundred runs."""
    return [msgspec.convert(told_run(run), RunRow) for run in queries.runs(call.conn, call.rights.units_with("read"))]


@endpoint(router, "GET", "/billing/unpaid", tag="billing", answer=list[UnpaidAnswer])
def list_unpaid_invoices(call: Call, unit: Code, price_list: Code) -> Any:
    """Invoices of a price list that are not paid, oldest first."""
    found = queries.unpaid_invoices(call.conn, call.rights.require("read", unit), price_list)
    return [msgspec.convert(told_unpaid(row), UnpaidAnswer) for row in found]


@endpoint(router, "GET", "/billing/quote", tag="billing", answer=QuoteAnswer)
def quote_invoice(call: Call, document: Code, currency: Currency, paid_on: Day) -> Any:
    """What pays an invoice in another currency, at the rate of the invoice's date."""
    found = paying.quote(call.conn, document, currency, parse_day(paid_on, "paid_on"), call.rights)
    return QuoteAnswer(
        document=found.invoice, amount=format_amount(found.amount, found.currency), currency=found.currency, rate=_number(found.rate),
        payment=found.payment,
    )  # fmt: skip


@endpoint(router, "GET", "/billing/tariff-changes", tag="billing", answer=list[TariffChangeAnswer])
def list_tariff_changes(call: Call, price_list: Code, currency: Currency, notice_on: Day) -> Any:
    """From when changed tariffs may hold under each contract: at once where the rate of the currency fell by more than the list allows."""
    changes = paying.tariff_changes(call.conn, price_list, currency, parse_day(notice_on, "notice_on"), call.rights)
    return [
        TariffChangeAnswer(
            contract=change.contract, rate_then=_number(change.at_contract), rate_now=_number(change.now), limit=_number(change.limit),
            at_once=change.at_once, earliest=change.earliest.isoformat(),
        )
        for change in changes
    ]  # fmt: skip


def _wanted(body: BillingWanted) -> services.Wanted:
    issued = parse_day(body.issued_on, "issued_on")
    last = parse_day(body.last, "last") if body.last else issued
    return services.wanted_of(body.unit, body.price_list, body.kind, (parse_day(body.first, "first"), last), issued)


def _billed(call: Call, number: int, *, kept: bool) -> RunAnswer:
    _, results = services.bill_each(call.conn, number, call.actor, call.rights)
    invoices = [msgspec.convert(told_result(result, call.language), BilledAnswer) for result in results]
    return RunAnswer(run=number, kept=kept, invoices=invoices)


def _number(value: Any) -> str:
    return "" if value is None else format(value.normalize(), "f")
