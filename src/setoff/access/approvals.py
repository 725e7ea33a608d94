"""Maker and checker: what a policy asks a second person for is requested, and done when he approves.

    post(conn, document, actor, rights)     Outcome, or Pending: saved as a draft (an edit of a posted document: kept in the request alone)
    post_saved(conn, key, actor, rights)    the same for a saved document
    unpost, reorder(conn, key, ...)         Outcome, or Pending: of a posted document whose kind a policy names
    restate_or_request(conn, document, ...) the same for a document that is stated as it shall stand: posted, unposted, marked
    keep_status(conn, document, actor, ...) Outcome, or Pending: the status of an order in a closed period
    allocate(conn, puts, currency, ...)     payments posted again with what they settle, and those of them that wait
    reopen(conn, unit, last_day, ...)       Period, or Pending
    approve(conn, approval_id, ...)         does exactly what was asked for, in the transaction of the decision
    refuse, withdraw                        nothing is done; a reason is kept

The request holds the content and its hash. A document that was changed since is not posted: it needs a new request, which supersedes the
older. Nobody decides his own; the database refuses it too (rules.sql). Errors: not_permitted, unknown_reference, approval_own,
approval_decided, approval_stale, field_missing, and those of the verbs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec
import psycopg

from setoff.access.policies import OPERATION_OF, RELEASE_ORDER, REOPEN_PERIOD, Policies, active_policies
from setoff.access.rights import Rights
from setoff.books.audit import Actor, record_audit
from setoff.books.seals import Period
from setoff.books.services import reopen_period, reopen_sealed_period
from setoff.core.errors import DomainError, ErrorCode
from setoff.settlements import allocate as desk
from setoff.settlements import services
from setoff.settlements.allocate import Allocated, Put
from setoff.settlements.desk import NamedBy
from setoff.settlements.diff import Change
from setoff.settlements.orders import kept
from setoff.settlements.portion import default_key
from setoff.settlements.services import Outcome, Stored, encode_document, find_document, known_document, post_document, save_document
from setoff.settlements.standing import Edit, Standing, restate
from setoff.settlements.together import post_payments
from setoff.trade.documents import AnyDocument, Payment
from setoff.trade.header import header
from setoff.trade.kinds import kind_of
from setoff.trade.order_documents import Order
from setoff.trade.queries import decode_document, load_directory
from setoff.trade.registry import references

REQUEST_SQL: Final = """
  insert into approval (unit_id, operation, verb, content, content_hash, consent, document_id, version_id, amount_minor, currency, reason,
                        requested_by)
  values (%(unit_id)s, %(operation)s, %(verb)s, %(content)s, %(content_hash)s, %(consent)s, %(document_id)s, %(version_id)s,
          %(amount_minor)s, %(currency)s, %(reason)s, %(requested_by)s)
  returning id"""
SUPERSEDE_SQL: Final = """
  update approval set state = 'superseded', decided_by = %s, decided_at = clock_timestamp()
  where unit_id = %s and document_id = %s and state = 'pending'"""
REQUESTED_SQL: Final = """
  select unit_id, id, verb, content, consent, document_id, version_id, requested_by, state from approval where id = %s for update"""
DECIDE_SQL: Final = """
  update approval set state = %s, decided_by = %s, decided_at = clock_timestamp(), decision_reason = %s where id = %s"""


OF_DOCUMENTS: Final = frozenset({"post", "unpost", "reorder", "set_status"})
"""Verbs that a request may ask for on a document."""


class Pending(NamedTuple):
    """What waits for a second person. Of a document it also says what an Outcome says: nothing in the books changes yet; `changed`: whether
    a new version of the draft was saved. About a period: no document, empty key and number."""

    approval_id: int
    operation: str
    document_id: int
    key: str
    number: str
    changed: bool

    @property
    def changes(self) -> list[Change]:
        return []


class Requested(NamedTuple):
    unit_id: int
    id: int
    verb: str
    content: str
    consent: bool
    document_id: int | None
    version_id: int | None
    requested_by: str
    state: str


def post(conn: psycopg.Connection[Any], document: AnyDocument, actor: Actor, rights: Rights, *, consent: bool = False) -> Outcome | Pending:
    """The document is posted, or, where a policy says so, saved and asked for."""
    rights.require("post", document.unit)
    return post_or_request(conn, document, actor, active_policies(conn), consent=consent)


def post_saved(conn: psycopg.Connection[Any], key: str, actor: Actor, rights: Rights, *, consent: bool = False) -> Outcome | Pending:
    """The same for a document as it was saved."""
    document = decode_document(known_document(conn, key).content)
    rights.require("post", document.unit)
    if needs_approval(conn, document, active_policies(conn)):
        return post(conn, msgspec.structs.replace(document, state="posted"), actor, rights, consent=consent)
    return services.post_saved(conn, key, actor, consent=consent)


def unpost(conn: psycopg.Connection[Any], key: str, actor: Actor, rights: Rights, *, consent: bool = False) -> Outcome | Pending:
    """The document leaves the books, or that is asked for. Errors: not_permitted, those of the verb."""
    rights.require("post", decode_document(known_document(conn, key).content).unit)
    return unpost_or_request(conn, key, actor, active_policies(conn), consent=consent)


def unpost_or_request(
    conn: psycopg.Connection[Any], key: str, actor: Actor, policies: Policies, *, consent: bool = False
) -> Outcome | Pending:
    """Taken out of the books, or that is asked for, whatever the rights: for who has looked at them."""
    document = decode_document(known_document(conn, key).content)
    if not needs_approval(conn, document, policies):
        return services.unpost_document(conn, key, actor, consent=consent)
    with conn.transaction(force_rollback=True):  # what cannot be done is refused at once
        services.unpost_document(conn, key, actor, consent=consent)
    with conn.transaction():
        return _ask(conn, "unpost", document, known_document(conn, key), actor, changed=False, consent=consent)


def restate_or_request(
    conn: psycopg.Connection[Any], document: AnyDocument, standing: Standing, actor: Actor, policies: Policies
) -> Outcome | Pending:
    """The document says and stands as it is stated, or what a policy names of it is asked for: where that is to leave the books, nothing
    else of the statement is done yet."""
    if document.state == "posted":
        return post_or_request(conn, document, actor, policies)
    if leaves_by_approval(conn, document, standing, policies):
        return unpost_or_request(conn, document.key, actor, policies)
    return restate(conn, Edit("", document, standing), actor)


def leaves_by_approval(conn: psycopg.Connection[Any], document: AnyDocument, standing: Standing, policies: Policies) -> bool:
    """Whether a posted document is stated as unposted, and a policy names what it is."""
    if document.state != "unposted" or standing.status != "posted":
        return False
    return needs_approval(conn, decode_document(standing.content), policies)


def reorder(
    conn: psycopg.Connection[Any], key: str, day_order: int, actor: Actor, rights: Rights, *, consent: bool = False
) -> Outcome | Pending:
    """The document has another place in its day, or that is asked for. One that is not posted moves nothing. Errors: as unpost."""
    services.check_day_order(day_order)
    stored = known_document(conn, key)
    document = decode_document(stored.content)
    rights.require("post", document.unit)
    if stored.row.status != "posted" or not needs_approval(conn, document, active_policies(conn)):
        return services.reorder_document(conn, key, day_order, actor, consent=consent)
    with conn.transaction(force_rollback=True):
        services.reorder_document(conn, key, day_order, actor, consent=consent)
    moved = msgspec.structs.replace(document, day_order=day_order)
    with conn.transaction():
        return _ask(conn, "reorder", moved, stored, actor, changed=False, consent=consent)


def keep_status(
    conn: psycopg.Connection[Any], document: AnyDocument, actor: Actor, policies: Policies, *, consent: bool = False
) -> Outcome | Pending:
    """The status that the order or bill says is kept beside what stands in a closed period, or that is asked for; for who has looked at the
    rights. Errors: those of settlements/orders/kept.py."""
    if not posting_needs_approval(conn, document, policies):
        return kept.keep_status(conn, document, actor, consent=consent)
    with conn.transaction(force_rollback=True):  # what cannot be done is refused at once
        foreseen = kept.keep_status(conn, document, actor, consent=consent)
    if not foreseen.changed:
        return foreseen
    with conn.transaction():
        return _ask(conn, "set_status", document, known_document(conn, document.key), actor, changed=False, consent=consent)


def post_or_request(
    conn: psycopg.Connection[Any], document: AnyDocument, actor: Actor, policies: Policies, *, consent: bool = False
) -> Outcome | Pending:
    """Posted or asked for, whatever the rights: for who has looked at them (an import)."""
    if not posting_needs_approval(conn, document, policies):
        return post_document(conn, document, actor, consent=consent)
    with conn.transaction():
        stored = find_document(conn, document.key) if document.key else None
        if stored is not None and stored.row.status == "posted":
            changed, content = False, encode_document(msgspec.structs.replace(document, number=document.number or stored.row.number))
            if content == stored.content:
                return Outcome(stored.row.id, stored.row.key, stored.row.number, [], changed=False)
        else:
            saved = save_document(conn, document, actor)
            stored = known_document(conn, saved.key)
            changed, content = saved.changed, stored.content
        return _ask(conn, "post", decode_document(content), stored, actor, changed=changed, consent=consent)


def _ask(
    conn: psycopg.Connection[Any], verb: str, document: AnyDocument, stored: Stored, actor: Actor, *, changed: bool, consent: bool
) -> Pending:
    """The request for a verb on a document as it stands; an older one is superseded."""
    head = header(document, load_directory(conn, references(document)))
    row = stored.row
    conn.execute(SUPERSEDE_SQL, [actor.author, row.unit_id, row.id])
    asked = {
        "unit_id": row.unit_id, "operation": OPERATION_OF[head.kind], "verb": verb, "content": encode_document(document),
        "consent": consent, "document_id": row.id, "version_id": row.version_id, "amount_minor": head.total_minor,
        "currency": head.currency, "reason": "",
    }  # fmt: skip
    return Pending(_request(conn, asked, actor), OPERATION_OF[head.kind], row.id, row.key, row.number, changed)


def allocate(
    conn: psycopg.Connection[Any], puts: Sequence[Put], currency: str, actor: Actor, rights: Rights, *, named_by: NamedBy = "internal",
    consent: bool = False, versions: Mapping[str, int] | None = None,
) -> tuple[Allocated, list[Pending]]:  # fmt: skip
    """Free money is put to open debts; payments that a policy asks a second person for are asked for. Errors: those of the desk."""
    waiting: list[Pending] = []
    policies = active_policies(conn)

    def post_all(
        conn: psycopg.Connection[Any], payments: Sequence[Payment], actor: Actor, *, consent: bool
    ) -> Sequence[Outcome | Pending]:
        for unit in {payment.unit for payment in payments}:
            rights.require("post", unit)
        asked = [payment for payment in payments if posting_needs_approval(conn, payment, policies)]
        done = [post_or_request(conn, payment, actor, policies, consent=consent) for payment in asked]
        waiting.extend(item for item in done if isinstance(item, Pending))
        keys = {payment.key for payment in asked}
        return [*done, *post_payments(conn, [payment for payment in payments if payment.key not in keys], actor, consent=consent)]

    return desk.allocate(conn, puts, currency, actor, named_by=named_by, consent=consent, versions=versions, post=post_all), waiting


def needs_approval(conn: psycopg.Connection[Any], document: AnyDocument, policies: Policies) -> bool:
    """Whether a policy asks a second person for it. What the rules will refuse anyway asks for nobody."""
    operation = OPERATION_OF.get(kind_of(document))
    if operation is None or not policies.limits or (operation == RELEASE_ORDER and not is_released(document)):
        return False
    try:
        head = header(document, load_directory(conn, references(document)))
    except DomainError:
        return False
    return policies.requires(operation, head.unit.id, head.total_minor, head.currency)


def is_released(document: AnyDocument) -> bool:
    """Whether it is an order that may be fulfilled or shipped: neither waiting for its approval nor closed."""
    return isinstance(document, Order) and document.status in ("processing", "shipment")


def posting_needs_approval(conn: psycopg.Connection[Any], document: AnyDocument, policies: Policies) -> bool:
    """The same of posting it: also where it takes the place of a posted one that a policy names, so that what was approved is not made
    smaller by one person. An order is asked for only where it is released: back to its approval, or closed, it allows nothing."""
    if needs_approval(conn, document, policies):
        return True
    if isinstance(document, Order):
        return False
    key = document.key or default_key(document)
    if not key or not policies.limits or kind_of(document) not in OPERATION_OF:
        return False
    stored = find_document(conn, key)
    return stored is not None and stored.row.status == "posted" and needs_approval(conn, decode_document(stored.content), policies)


def reopen(
    conn: psycopg.Connection[Any], unit: str, last_day: date, actor: Actor, rights: Rights, *, reason: str, sealed: bool = False
) -> Period | Pending:
    """The period takes changes again, or that is asked for. Errors: also those of books/services.reopen_period."""
    unit_id = rights.require("close", unit)
    verb = "reopen_sealed_period" if sealed else "reopen_period"
    asked_for = {"unit": unit, "last_day": last_day.isoformat(), "reason": reason}
    if not active_policies(conn).requires(REOPEN_PERIOD, unit_id):
        return _reopened(conn, verb, asked_for, actor)
    with conn.transaction(force_rollback=True):  # what cannot be done is refused at once
        _reopened(conn, verb, asked_for, actor)
    asked = {
        "unit_id": unit_id, "operation": REOPEN_PERIOD, "verb": verb, "content": json.dumps(asked_for, ensure_ascii=False, sort_keys=True),
        "consent": False, "document_id": None, "version_id": None, "amount_minor": None, "currency": "", "reason": reason,
    }  # fmt: skip
    with conn.transaction():
        return Pending(_request(conn, asked, actor), REOPEN_PERIOD, 0, "", "", changed=False)


def approve(conn: psycopg.Connection[Any], approval_id: int, actor: Actor, rights: Rights, *, reason: str = "") -> Outcome | Period:
    """What was asked for is done, and the request approved, in one transaction."""
    with conn.transaction():
        requested = _pending(conn, approval_id, rights)
        if requested.requested_by.lower() == actor.author.lower():
            raise DomainError(ErrorCode.APPROVAL_OWN, number=approval_id)
        done = _do(conn, requested, actor)
        _decide(conn, requested, "approved", actor, reason)
    return done


def foreseen(conn: psycopg.Connection[Any], approval_id: int, actor: Actor, rights: Rights) -> Outcome | Period:
    """What approving would do; nothing is kept."""
    with conn.transaction(force_rollback=True):
        return _do(conn, _pending(conn, approval_id, rights), actor)


def refuse(conn: psycopg.Connection[Any], approval_id: int, actor: Actor, rights: Rights, *, reason: str) -> None:
    """Nothing is done; who asked reads why. A draft stays a draft."""
    if not reason.strip():
        raise DomainError(ErrorCode.FIELD_MISSING, field="reason")
    with conn.transaction():
        requested = _pending(conn, approval_id, rights)
        if requested.requested_by.lower() == actor.author.lower():
            raise DomainError(ErrorCode.APPROVAL_OWN, number=approval_id)
        _decide(conn, requested, "refused", actor, reason)


def withdraw(conn: psycopg.Connection[Any], approval_id: int, actor: Actor, *, reason: str = "") -> None:
    """Who asked takes it back."""
    with conn.transaction():
        requested = _locked(conn, approval_id)
        if requested.requested_by.lower() != actor.author.lower():
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="approval", value=str(approval_id), field="approval")
        _require_pending(requested)
        _decide(conn, requested, "withdrawn", actor, reason)


def ask_no_more(conn: psycopg.Connection[Any], key: str, actor: Actor) -> None:
    """What waits for a second person of that document is asked for no more, as when it is asked for anew."""
    row = known_document(conn, key).row
    conn.execute(SUPERSEDE_SQL, [actor.author, row.unit_id, row.id])


def _request(conn: psycopg.Connection[Any], asked: dict[str, Any], actor: Actor) -> int:
    hashed = hashlib.sha256(asked["content"].encode()).digest()
    row = conn.execute(REQUEST_SQL, {**asked, "content_hash": hashed, "requested_by": actor.author}).fetchone()
    assert row is not None
    record_audit(
        conn, actor, "request_approval", unit_id=asked["unit_id"], document_id=asked["document_id"], approval=row[0],
        operation=asked["operation"], content=hashed.hex(),
    )  # fmt: skip
    return int(row[0])


def _locked(conn: psycopg.Connection[Any], approval_id: int) -> Requested:
    row = conn.execute(REQUESTED_SQL, [approval_id]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="approval", value=str(approval_id), field="approval")
    return Requested._make(row)


def _pending(conn: psycopg.Connection[Any], approval_id: int, rights: Rights) -> Requested:
    """The request, locked, which the person may decide and nobody has. One of a unit that he may not read does not exist for him."""
    requested = _locked(conn, approval_id)
    if not rights.may("read", requested.unit_id):
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="approval", value=str(approval_id), field="approval")
    rights.require("approve", requested.unit_id)
    _require_pending(requested)
    return requested


def _require_pending(requested: Requested) -> None:
    if requested.state != "pending":
        raise DomainError(ErrorCode.APPROVAL_DECIDED, number=requested.id, state=requested.state)


def _do(conn: psycopg.Connection[Any], requested: Requested, actor: Actor) -> Outcome | Period:
    if requested.verb not in OF_DOCUMENTS:
        return _reopened(conn, requested.verb, json.loads(requested.content), actor)
    current = conn.execute(
        "select version_id from document where unit_id = %s and id = %s for update", [requested.unit_id, requested.document_id]
    ).fetchone()
    if current != (requested.version_id,):
        raise DomainError(ErrorCode.APPROVAL_STALE, number=requested.id)
    document = decode_document(requested.content)
    if requested.verb == "unpost":
        return services.unpost_document(conn, document.key, actor, consent=requested.consent)
    if requested.verb == "reorder":
        return services.reorder_document(conn, document.key, document.day_order or 0, actor, consent=requested.consent)
    if requested.verb == "set_status" and kept.is_kept_beside(conn, document.key):
        return kept.keep_status(conn, document, actor, consent=requested.consent)
    document = msgspec.structs.replace(document, state="posted")
    return post_document(conn, document, actor, consent=requested.consent)


def _reopened(conn: psycopg.Connection[Any], verb: str, asked_for: dict[str, str], actor: Actor) -> Period:
    reopened = reopen_sealed_period if verb == "reopen_sealed_period" else reopen_period
    return reopened(conn, asked_for["unit"], date.fromisoformat(asked_for["last_day"]), actor, asked_for["reason"])


def _decide(conn: psycopg.Connection[Any], requested: Requested, state: str, actor: Actor, reason: str) -> None:
    """After this no other decision is possible."""
    conn.execute(DECIDE_SQL, [state, actor.author, reason, requested.id])
    verb = {"approved": "approve", "refused": "refuse", "withdrawn": "withdraw"}[state]
    record_audit(
        conn, actor, verb, unit_id=requested.unit_id, document_id=requested.document_id, approval=requested.id,
        requested_by=requested.requested_by, reason=reason,
    )  # fmt: skip
