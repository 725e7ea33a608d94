"""What the tests of notices begin with: SPB bears 350.00 of the costs of MSK."""

from __future__ import annotations

from typing import Any

import psycopg

from setoff.access.queries import rights_of_owner
from setoff.books.audit import Actor
from setoff.notices.records import Kept
from setoff.notices.services import confirm_notice, save_notice, send_notice
from setoff.trade.notice_documents import NoticeRow
from setoff.trade.notice_paper import Notice


def share(**fields: Any) -> Notice:
    rows = [NoticeRow(debit="79.02", credit="26", amount="350.00")], [NoticeRow(debit="26", credit="79.02", amount="350.00")]
    said = {"sender": "MSK", "receiver": "SPB", "date": "2025-02-10", "nature": "obligation", "key": "share"}
    return Notice(**{**said, "sender_rows": rows[0], "receiver_rows": rows[1], **fields})


def owe(conn: psycopg.Connection[Any], notice: Notice | None = None) -> Kept:
    """The notice, confirmed by another person than who sent it."""
    rights = rights_of_owner(conn, "owner")
    kept = save_notice(conn, notice or share(), Actor("olga", "test"), rights)
    send_notice(conn, kept.code, Actor("olga", "test"), rights)
    return confirm_notice(conn, kept.code, Actor("petr", "test"), rights)
