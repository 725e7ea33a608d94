"""A notice as it stands."""

from __future__ import annotations

import datetime
from datetime import date
from typing import Any, NamedTuple

import msgspec

from setoff.trade.notice_documents import NoticeNature
from setoff.trade.notice_paper import Notice, Status


class Kept(NamedTuple):
    """A notice as it stands. `amount`: moved between the units, minor units of `currency`; `claims`, `obligations`: what it does to those
    of the sender. `sender_id`, `receiver_id`: of the units."""

    id: int
    code: str
    sender_id: int
    sender: str
    receiver_id: int
    receiver: str
    number: str
    date: date
    operation: str
    nature: NoticeNature
    amount: int
    currency: str
    claims: int
    obligations: int
    notice: Notice
    status: Status
    author: str
    sent_by: str
    sent_at: datetime.datetime | None
    decided_by: str
    decided_at: datetime.datetime | None
    reason: str
    undo_unit_id: int | None
    undo_by: str
    undo_reason: str
    undone_by: str
    sender_document_id: int | None
    receiver_document_id: int | None


def notice_of(content: Any) -> Notice:
    """The notice that a row keeps."""
    return msgspec.convert(content, Notice)
