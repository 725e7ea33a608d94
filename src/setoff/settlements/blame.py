"""Which documents of a bulk import are refused when the fold finds a target too small.

The document that names the target; or, when that one was in the books before, the newest imported document before it in the same key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg

from setoff.core.errors import DomainError, ErrorCode, InvariantViolation
from setoff.settlements.keys import KeyTerms
from setoff.settlements.rebuild import BulkRefusal
from setoff.settlements.refusals import told_in_bulk

IN_KEY_SQL = """
  select max(fact.document_id) from fact where fact.document_id = any(%s) and fact.moment < %s
    and (fact.reg_key_id = %s or fact.mgmt_key_id = %s)"""


def blame(
    conn: psycopg.Connection[Any], refusals: list[BulkRefusal], refs: dict[int, Any], terms: Mapping[int, KeyTerms]
) -> dict[Any, DomainError]:
    """Which documents of the source are refused, and why."""
    found: dict[Any, DomainError] = {}
    for refusal in refusals:
        error = told_in_bulk(conn, refusal, terms[refusal.key_id])
        document_id = refusal.document_id
        if document_id not in refs:
            moment = conn.execute("select moment from document where id = %s", [document_id]).fetchone()
            assert moment is not None
            newest = conn.execute(IN_KEY_SQL, [list(refs), moment[0], refusal.key_id, refusal.key_id]).fetchone()
            if newest is None or newest[0] is None:
                raise InvariantViolation(f"document {document_id} lost its target without an imported document before it")
            document_id = newest[0]
            error = DomainError(ErrorCode.CONFLICT_WITH_LATER_TARGET, documents=error.facts.get("document", ""), rows=[error.facts])
        found.setdefault(refs[document_id], error)
    return found
