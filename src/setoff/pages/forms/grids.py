"""The rows of documents of the month end and the stages of orders, for their forms."""

from __future__ import annotations

from typing import Final, get_args

from setoff.pages.forms.layout import Field, Grid
from setoff.parties.records import DayOff
from setoff.trade.order_documents import StageEvent, StageVariant

REVALUATION_RATES: Final = Grid(
    "rates",
    (
        Field("currency", "pick", "currency", is_required=True), Field("rate", "number", is_required=True, label="rate-of-day"),
        Field("nominal", "number"), Field("typed", "flag"),
    ),
)  # fmt: skip
RESERVE_ROWS: Final = Grid(
    "rows",
    (
        Field("counterparty", "pick", "counterparty", is_required=True), Field("contract", "pick", "contract"),
        Field("debt", "amount", label="doubtful-debt"),
        Field("accrued", "amount"), Field("released", "amount"),
    ),
)  # fmt: skip
RESERVE: Final = (Field("item", label="expense-item", is_required=True), Field("department", is_required=True))
ORDER_STAGES: Final = Grid(
    "stages",
    (
        Field("variant", "select", choices=get_args(StageVariant)),
        Field("percent", "number"),
        Field("amount", "amount"),
        Field("base", "select", choices=get_args(StageEvent), label="base-event"),
        Field("days", "whole", label="stage-days"),
        Field("working_days", "flag"),
        Field("day_off", "select", choices=get_args(DayOff)),
        Field("form", "select", choices=("", "transfer", "cash", "card", "set_off")),
    ),
)
