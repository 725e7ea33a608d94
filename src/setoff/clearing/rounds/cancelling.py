"""What is being posted of a round, or being reversed, is taken back: for where a second person refused, or nobody wants it any more.

    posting             what is posted of it is unposted, what waits is asked for no more: the round is preliminary again, with its result
                        and its consents, and can be made final again, or changed
    final, while a      the reversals that are posted are unposted, those that wait are asked for no more: the round stays final
    reversal waits

Documents are marked for deletion; making the round final again takes the marks off. Where taking a document out of the books needs a
second person too, it is asked for, and cancelling again looks whether it was approved. A document of a closed period stays posted
(period_closed): reopen the period, or go on with the round and reverse it in an open one. Posting itself is one transaction: a process
that ends half-way leaves nothing behind. Errors: field_missing, unknown_reference, not_permitted, round_state, and those of unposting.
"""

from __future__ import annotations

from typing import Any, Final

from psycopg import Connection

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.clearing.rounds.posting import Posted
from setoff.clearing.rounds.queries import documents_of
from setoff.clearing.rounds.records import Round, RoundDocument
from setoff.clearing.rounds.services import locked_round, refused_state, tell_round
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements.services import mark_for_deletion

FORGET_SQL: Final = "delete from round_document where round_id = %s and is_reversal = %s"
BACK_SQL: Final = """
  update clearing_round set status = 'preliminary', posted_on = null, effect_on = null, effect_basis = '' where id = %s"""
ASKED_SQL: Final = "select 1 from approval where document_id = %s and state = 'pending' and verb = 'unpost' limit 1"


def cancel_round(conn: Connection[Any], code: str, actor: Actor, rights: Rights, *, because: str) -> Posted:
    """Nothing of the unfinished posting (or reversal) is left in the books. Of a round that is not posted nothing is to be done."""
    if not because.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="because")
    with conn.transaction():
        found = locked_round(conn, code)
        for unit_id in found.units:
            rights.require("post", unit_id)
        if found.status in ("open", "preliminary"):
            return Posted(found, [])
        taken = unfinished(conn, found)
        if not taken:
            raise refused_state(found, "posting")
        outcomes = []
        for document in taken:
            if document.status == "posted":
                if conn.execute(ASKED_SQL, [document.document_id]).fetchone() is None:
                    outcomes.append(approvals.unpost(conn, document.key, actor, rights))
            else:
                approvals.ask_no_more(conn, document.key, actor)
        now = unfinished(conn, found)
        if all(document.status != "posted" for document in now):
            for document in now:
                mark_for_deletion(conn, document.key, actor)
            conn.execute(FORGET_SQL, [found.id, found.status == "final"])
            if found.status == "posting":
                conn.execute(BACK_SQL, [found.id])
        waiting = sum(isinstance(done, Pending) for done in outcomes)
        return Posted(tell_round(conn, code, actor, "round_cancel", because=because, waiting=waiting), outcomes)


def unfinished(conn: Connection[Any], found: Round) -> list[RoundDocument]:
    """The documents of a round that is being posted; of a final one its reversals, which are not all posted; otherwise none."""
    if found.status not in ("posting", "final"):
        return []
    return [document for document in documents_of(conn, found.id) if document.is_reversal == (found.status == "final")]
