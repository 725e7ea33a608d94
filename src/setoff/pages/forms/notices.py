"""The form of a notice between units: what it says, and the rows of both units as lines to type, paste and pick."""

from __future__ import annotations

from typing import Final, get_args

from setoff.pages.forms.layout import Field, Grid, Layout
from setoff.trade.notice_documents import Analytics, Flow
from setoff.trade.notice_paper import NATURES

ROW: Final = (
    Field("debit", "pick", "whole_account", is_required=True, label="notice-debit"),
    Field("credit", "pick", "whole_account", is_required=True, label="notice-credit"),
    Field("amount", "amount", is_required=True),
    Field("contract", "pick", "contract"),
    Field("item"),
    Field("flow", "select", choices=get_args(Flow)),
    Field("claim", "select", choices=get_args(Analytics)),
    Field("relation", "hidden"),
    Field("order", "hidden"),
)
"""The order of a table that is pasted."""


def notice_layout(receivers: tuple[str, ...]) -> Layout:
    """`receivers`: codes of the units it may go to."""
    fields = (
        Field("unit", "hidden"), Field("key", "hidden"), Field("reverses", "hidden"),
        Field("receiver", "select", choices=receivers, is_required=True), Field("date", "day", is_required=True), Field("number"),
        Field("nature", "select", choices=NATURES), Field("operation"), Field("comment", "note"),
    )  # fmt: skip
    return Layout("notice", "notice", fields, (Grid("sender_rows", ROW), Grid("receiver_rows", ROW)))
