"""Orders and bills: what will be owed and when, by stages of payment (spec 2.1). They state no debts and no entries.

An order's stages are its own; else those of its contract or agreement, as credit after the shipment; else all of it on the day it is
shipped. A bill's are its own, else all of it on its `due` day, else on its date. Each stage is so many percent of the total, half up, or
an amount; together they are the total, and the last one in percent takes the rounding. A stage is due so many days, or working days of
the organization's calendar, after

    order      the date of the document        approval   the day of approval, else the date of the document
    shipment   the day wanted, else the date   contract   the date of the contract, else its first day, else the date of the document

Guards, in this order: unit, date, contours; terms (`trade/terms.py`); lines (`trade/lines.py`); desired, approved, due, incoming_date
(invalid_date); probability (invalid_value); stages: percent or amount (field_missing, invalid_value), the event (invalid_value where a bill
knows none), percent (invalid_rate), amount (invalid_amount, amount_not_positive), days (invalid_value), sum (stages_differ_from_total).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple, cast

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.fact import Statement
from setoff.core.money import EXACT, Money, parse_decimal, round_half_up
from setoff.core.workdays import shifted
from setoff.parties.records import Stage
from setoff.trade.directory import Directory, UnitTerms
from setoff.trade.documents import AnyDocument
from setoff.trade.fields import day_of, day_or_none, positive_amount
from setoff.trade.kinds import kind_of
from setoff.trade.lines import gross_of
from setoff.trade.order_documents import BillDocument, Order, OrderStage, Plan, StageVariant, SupplierBill
from setoff.trade.supply import setting_of
from setoff.trade.terms import Parties, Terms, debt_sign, terms_of

HUNDRED: Final = Decimal(100)
DAYS_MAX: Final = 3650
BEFORE: Final[dict[str, tuple[StageVariant, ...]]] = {"processing": ("advance",), "shipment": ("advance", "prepayment")}
"""Status of an order -> the stages that have to be paid before it."""
OPEN: Final = ("approval", "processing", "shipment", "issued")
"""Statuses in which something is still planned; of orders their own, of bills issued or annulled."""


class PlannedStage(NamedTuple):
    """`day`: when it is due by its rule, days off not yet minded. `amount` above zero."""

    variant: StageVariant
    day: date
    amount: int
    form: str


class Planned(NamedTuple):
    """What an order or bill plans. `sign`: +1 they will owe us. `is_gated`: stages have to be paid before a status (spec 1.3)."""

    terms: Terms
    sign: int
    total: int
    status: str
    probability: int
    stages: tuple[PlannedStage, ...]
    is_gated: bool


def facts(document: Plan, document_id: int, directory: Directory, *, closed_year: int = 0) -> Statement:
    """Nothing is stated. Errors: see above."""
    del document_id, closed_year
    planned(document, directory)
    return Statement((), ())


def planned(document: Plan, directory: Directory) -> Planned:
    """The plan of a document. Errors: see above."""
    setting = setting_of(document, directory)
    parties = Parties(document.counterparty, document.contract, document.agreement, document.currency)
    terms = terms_of(kind_of(cast(AnyDocument, document)), setting.unit, setting.day, directory, parties)
    total = gross_of(document.lines, terms.currency, document.prices_include_vat) if document.lines else 0
    if not total:
        raise DomainError(ErrorCode.FIELD_MISSING, field="lines")
    contract = directory.contracts.get(document.contract)
    signed = (contract.signed_on or contract.valid_from) if contract else None
    events = _events(document, setting.day, signed or setting.day)
    likely = _probability(document.probability)
    stages = _stages(document, total, terms, events)
    status = document.status if isinstance(document, Order) else "annulled" if _is_annulled(document) else "issued"
    is_gated = isinstance(document, Order) and terms.detail != "contract"
    return Planned(terms, debt_sign(terms.relation), total, status, likely, tuple(stages), is_gated)


def _is_annulled(document: Plan) -> bool:
    return isinstance(document, BillDocument) and document.annulled


def _events(document: Plan, day: date, signed: date) -> dict[str, date]:
    """The day of every event that a stage may count from."""
    if isinstance(document, Order):
        desired = day_or_none(document.desired, "desired") or day
        approved = day_or_none(document.approved, "approved") or day
        return {"order": day, "approval": approved, "shipment": desired, "contract": signed}
    if isinstance(document, SupplierBill):
        day_or_none(document.incoming_date, "incoming_date")
    return {"order": day, "contract": signed}


def _probability(text: str) -> int:
    """Whole percent from 1 to 100."""
    if not text:
        return 100
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 100):
        raise DomainError(ErrorCode.INVALID_VALUE, value=text, field="probability", expected="1..100")
    return int(text)


def _stages(document: Plan, total: int, terms: Terms, events: dict[str, date]) -> list[PlannedStage]:
    said: Sequence[OrderStage] = document.stages
    if not said and isinstance(document, BillDocument):
        day = day_of(document.due, "due") if document.due else events["order"]
        return [PlannedStage("prepayment", day, total, "")]
    if not said:
        said = [_credit(stage) for stage in terms.stages] or [OrderStage(variant="credit", percent="100")]
    amounts = _amounts(said, total, terms.currency)
    parts = [
        PlannedStage(stage.variant, _due(stage, events, terms.unit, f"stages[{index}]."), amount, stage.form)
        for index, (stage, amount) in enumerate(zip(said, amounts, strict=True))
    ]
    return [part for part in parts if part.amount]


def _credit(stage: Stage) -> OrderStage:
    return OrderStage(variant="credit", percent=stage.percent, days=stage.days, working_days=stage.working_days, day_off=stage.day_off)


def _due(stage: OrderStage, events: dict[str, date], unit: UnitTerms, place: str) -> date:
    """Days before an event are no term that ends: they stay where they are."""
    default = "shipment" if stage.variant == "credit" and "shipment" in events else "order"
    event = stage.base or default
    if event not in events:
        raise DomainError(ErrorCode.INVALID_VALUE, value=event, field=place + "base", expected=", ".join(events))
    if abs(stage.days) > DAYS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, value=str(stage.days), field=place + "days", expected=f"-{DAYS_MAX}..{DAYS_MAX}")
    if stage.working_days:
        return shifted(events[event], stage.days, unit.calendar)
    due = events[event] + timedelta(days=stage.days)
    return unit.term_end(due, stage.day_off) if stage.days > 0 else due


def _amounts(stages: Sequence[OrderStage], total: int, currency: str) -> list[int]:
    """Every stage half up, never beyond what is left; the last one in percent takes the rounding."""
    shares, typed = Decimal(0), 0
    parts: list[int | Decimal] = []
    for index, stage in enumerate(stages):
        place = f"stages[{index}]."
        if stage.percent and stage.amount:
            raise DomainError(ErrorCode.INVALID_VALUE, value=stage.percent, field=place + "percent", expected="")
        if stage.amount:
            amount = positive_amount(stage.amount, currency, place + "amount")
            typed += amount
            parts.append(amount)
        elif stage.percent:
            percent = parse_decimal(stage.percent, place + "percent")
            if not 0 < percent <= HUNDRED:
                raise DomainError(ErrorCode.INVALID_RATE, value=stage.percent, field=place + "percent")
            shares += percent
            parts.append(percent)
        else:
            raise DomainError(ErrorCode.FIELD_MISSING, field=place + "percent")
    exact = EXACT.divide(EXACT.multiply(shares, Decimal(total)), HUNDRED) + typed
    is_whole = shares == HUNDRED if not typed else abs(exact - total) < 1 if shares else typed == total
    if not is_whole:
        summed = Money(round_half_up(exact), currency)
        raise DomainError(ErrorCode.STAGES_DIFFER_FROM_TOTAL, parts=summed, total=Money(total, currency), field="stages")
    last = max((number for number, part in enumerate(parts) if isinstance(part, Decimal)), default=-1)
    left = total - typed
    amounts: list[int] = []
    for number, part in enumerate(parts):
        if isinstance(part, Decimal):
            amount = left if number == last else min(round_half_up(EXACT.divide(part * total, HUNDRED)), left)
            left -= amount
        else:
            amount = part
        amounts.append(amount)
    return amounts
