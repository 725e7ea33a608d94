"""Documents of a round of set-off are not undone one by one: it stands in the books of all its units, or is reversed in all of them.

Whoever unposts one may not see the round, which needs the right in every unit of it; so the database tells its code (round_of_document).
Errors: round_document.
"""

from __future__ import annotations

from typing import Any, Final

import psycopg

from setoff.core.errors import DomainError, ErrorCode
from setoff.trade.documents import AnyDocument, DebtAdjustment

REVERSAL: Final = "/reversal"
"""What follows the key of a document of a round in the key of its reversal by the round."""
OWN_SQL: Final = "select number, round_of_document(unit_id, id) from document where key = %s and status = 'posted'"


def keep_rounds_whole(conn: psycopg.Connection[Any], document: AnyDocument, *, posted: bool) -> None:
    """A document of a final round stays posted and is reversed with its round alone; so does a reversal of a reversed one."""
    if not isinstance(document, DebtAdjustment) or document.kind != "netting":
        return
    undone = document.reverses if posted and document.key != document.reverses + REVERSAL else "" if posted else document.key
    row = conn.execute(OWN_SQL, [undone]).fetchone() if undone else None
    if row is not None and row[1]:
        raise DomainError(ErrorCode.ROUND_DOCUMENT, document=row[0], round=row[1])
