"""The verbs on month ends for who works by rights and policies: interest and schedules of loans, the reserve for doubtful debts.

Where a policy asks a second person for such a document, it is saved and asked for, and the books stay as they are until he approves. What
waits already and would say the same is not asked for again. Errors: not_permitted, and those of the verbs.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import msgspec
import psycopg

from setoff.access.approvals import Pending, post_or_request, unpost_or_request
from setoff.access.policies import active_policies
from setoff.access.rights import Rights
from setoff.books.audit import Actor
from setoff.settlements import doubtful
from setoff.settlements.loans import accrual, reschedule
from setoff.settlements.month_ends import StateIt
from setoff.settlements.services import Outcome
from setoff.trade.documents import AnyDocument
from setoff.trade.queries import decode_document

WAITING_SQL: Final = """
  select approval.id, approval.operation, approval.verb, approval.content, document.id, document.number
  from document join approval on approval.unit_id = document.unit_id and approval.document_id = document.id
  where document.key = %s and approval.state = 'pending'"""


def accrue_loans(
    conn: psycopg.Connection[Any], unit: str, until: date, actor: Actor, rights: Rights, *, contracts: Iterable[str] = ()
) -> tuple[accrual.Accrued, list[Pending]]:
    """Interest of the loans of a unit up to a month end: what was stated, and what waits for a second person."""
    rights.require("post", unit)
    waiting: list[Pending] = []
    return accrual.accrue(conn, unit, until, actor, contracts=contracts, state_it=stating(conn, waiting)), waiting


def accrue_doubtful(
    conn: psycopg.Connection[Any], unit: str, last_day: date, actor: Actor, rights: Rights, *, item: str, department: str
) -> tuple[doubtful.Accrued | None, list[Pending]]:
    """The reserve at a month end: what was stated (None: nothing), and what waits for a second person."""
    rights.require("post", unit)
    waiting: list[Pending] = []
    state_it = stating(conn, waiting)
    return doubtful.accrue_reserve(conn, unit, last_day, actor, item=item, department=department, state_it=state_it), waiting


def schedule_anew(
    conn: psycopg.Connection[Any], unit: str, contract: str, day: date, actor: Actor, rights: Rights
) -> tuple[Outcome | None, list[Pending]]:
    """What is left of a loan on a day is due by its terms: what was stated (None: nothing), and what waits for a second person."""
    rights.require("post", unit)
    waiting: list[Pending] = []
    return reschedule.reschedule_loan(conn, unit, contract, day, actor, state_it=stating(conn, waiting)), waiting


def stating(conn: psycopg.Connection[Any], waiting: list[Pending]) -> StateIt:
    """States documents as policies allow; those that wait for a second person are added to `waiting`."""
    policies = active_policies(conn)

    def state_it(conn: psycopg.Connection[Any], key: str, document: AnyDocument | None, actor: Actor) -> Outcome | None:
        done: Outcome | Pending | None = waits_so(conn, key, document)
        if done is None and document is None:
            done = unpost_or_request(conn, key, actor, policies)
        elif done is None and document is not None:
            done = post_or_request(conn, document, actor, policies)
        if isinstance(done, Pending):
            waiting.append(done)
            return None
        return done

    return state_it


def waits_so(conn: psycopg.Connection[Any], key: str, document: AnyDocument | None) -> Pending | None:
    """The request for a document of that key that asks for the same."""
    row = conn.execute(WAITING_SQL, [key]).fetchone()
    if row is None:
        return None
    approval_id, operation, verb, content, document_id, number = row
    if document is None:
        is_same = verb == "unpost"
    else:
        is_same = verb == "post" and msgspec.structs.replace(decode_document(content), number=document.number) == document
    return Pending(approval_id, operation, document_id, key, number, changed=False) if is_same else None
