"""What one unit books by an inter-branch notice, or by an operation between head office and branches that is its own alone (spec 2.13)."""

from __future__ import annotations

from typing import Literal

from setoff.trade.document import Document, Part

NoticeNature = Literal["obligation", "payment", "property", "offset"]
Analytics = Literal["", "claims", "obligations"]
Flow = Literal["", "income", "expenses"]
Direction = Literal["", "in", "out"]


class NoticeRow(Part, frozen=True, kw_only=True):
    """A debit and a credit account as accountants write them: "2 40110 130" (kind of funds, account, KOSGU), or the account alone. A side
    that holds settlements names the `counterparty` and `contract` they are with. `item` is the analytics of the side that is no account
    between branches; `flow` and `claim` are those of the account between branches (empty: `claim` follows from the nature)."""

    debit: str
    credit: str
    amount: str
    counterparty: str = ""
    contract: str = ""
    relation: str = ""
    order: str = ""
    item: str = ""
    flow: Flow = ""
    claim: Analytics = ""


class BranchNotice(Document, tag="branch_notice", kw_only=True):
    """The rows of one unit. With `notice`, the code of a confirmed notice, it is one of its two sides (`side`) and `other` is the unit on
    the other one: notices write it. Without, it is a local entry, which leaves the accounts between branches alone. `money`: which way the
    money of the operation goes."""

    rows: list[NoticeRow]
    notice: str = ""
    other: str = ""
    side: Literal["", "sender", "receiver"] = ""
    nature: NoticeNature = "obligation"
    operation: str = ""
    money: Direction = ""
