"""The two documents of an inter-branch notice stand and fall together: only the verbs of notices post them, or take them out again.

A verb of notices says in its transaction which notice it is about. An import brings documents of notices from other books; the checks of
30404 look whether both sides came. Errors: notice_document.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.documents import AnyDocument, BranchNotice

SETTING: Final = "setoff.notice"


def act_on_notice(conn: psycopg.Connection[Any], code: str) -> None:
    """To the end of the transaction, the documents of this notice may be posted and taken out."""
    conn.execute("select set_config(%s, %s, true)", [SETTING, code])


def keep_notices_whole(conn: psycopg.Connection[Any], document: AnyDocument, action: str) -> None:
    """A draft may be saved; it never reaches the books by itself."""
    if not isinstance(document, BranchNotice) or not document.notice or action == "save":
        return
    row = conn.execute("select current_setting(%s, true)", [SETTING]).fetchone()
    if row is None or row[0] != document.notice:
        raise DomainError(ErrorCode.NOTICE_DOCUMENT, notice=document.notice)
