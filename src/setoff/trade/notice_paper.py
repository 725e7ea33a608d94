"""A notice as people write it: one paper with the rows of two units, which becomes a document in each of them (spec 2.13)."""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

from setoff.trade.document import Part
from setoff.trade.notice_documents import BranchNotice, NoticeNature, NoticeRow

Status = Literal["draft", "sent", "confirmed", "rejected", "undone"]
STATUSES: Final[tuple[Status, ...]] = get_args(Status)
NATURES: Final[tuple[NoticeNature, ...]] = get_args(NoticeNature)
SideName = Literal["sender", "receiver"]
SIDES: Final[tuple[SideName, ...]] = get_args(SideName)


class Basis(Part, frozen=True, kw_only=True):
    """A paper that the notice rests on."""

    name: str
    number: str = ""
    date: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A notice as people write it. `key` is the name by which it is found ("" = sender, year and number), `number` is given when empty.
    `reverses`: the key of the confirmed notice of the same two units that this one takes back."""

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
    reverses: str = ""

    def document(self, side: SideName) -> BranchNotice:
        """What the notice books in the unit of a side."""
        own, other = (self.sender, self.receiver) if side == "sender" else (self.receiver, self.sender)
        number = self.number if side == "sender" else f"{self.sender}/{self.number}"
        return BranchNotice(
            unit=own, date=self.date, key=f"{self.key}/{side}", number=number, comment=self.comment, notice=self.key, other=other,
            side=side, nature=self.nature, operation=self.operation,
            rows=self.sender_rows if side == "sender" else self.receiver_rows,
        )  # fmt: skip


class KeptNotice(Notice, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag="notice"):
    """A notice in a file, as it stands: who wrote it, sent it, answered it, asked to undo it (`undo_unit`: for which unit) and agreed to
    that; instants in UTC. Its two documents stand in the file before it."""

    status: Status = "draft"
    author: str = ""
    sent_by: str = ""
    sent_at: str = ""
    decided_by: str = ""
    decided_at: str = ""
    reason: str = ""
    undo_unit: str = ""
    undo_by: str = ""
    undo_reason: str = ""
    undone_by: str = ""
    undone_at: str = ""

    def plain(self) -> Notice:
        """What it says, without how it stands."""
        return Notice(**{name: getattr(self, name) for name in Notice.__struct_fields__})
