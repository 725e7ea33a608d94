"""What a notice says, and how it stands."""

from __future__ import annotations

import datetime
from datetime import date
from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec

from setoff.trade.document import Part
from setoff.trade.notice_documents import BranchNotice, NoticeNature, NoticeRow

Status = Literal["draft", "sent", "confirmed", "rejected", "undone"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
NATURES: Final[tuple[NoticeNature, ...]] = get_args(NoticeNature)
SideName = Literal["sender", "receiver"]


class Basis(Part, frozen=True, kw_only=True):
    """A paper that the notice rests on."""

    name: str
    number: str = ""
    date: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A notice as people write it. `key` is the name by which it is found ("" = sender, year and number), `number` is given when empty."""

    sender: str
    receiver: str
    date: str
    nature: NoticeNature
    sender_rows: list[NoticeRow]
    receiver_rows: list[NoticeRow]
    key: str = ""
    number: str = ""
    operation: str = ""
    basis: list[Basis] = []
    comment: str = ""

    def document(self, side: SideName) -> BranchNotice:
        """What the notice books in the unit of a side."""
        own, other = (self.sender, self.receiver) if side == "sender" else (self.receiver, self.sender)
        number = self.number if side == "sender" else f"{self.sender}/{self.number}"
        return BranchNotice(
            unit=own, date=self.date, key=f"{self.key}/{side}", number=number, comment=self.comment, notice=self.key, other=other,
            side=side, nature=self.nature, operation=self.operation,
            rows=self.sender_rows if side == "sender" else self.receiver_rows,
        )  # fmt: skip


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
