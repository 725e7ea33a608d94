"""The verbs on a document as pages: first what would change, then, when the person says so, the change.

GET shows the effect, tried in a transaction that is rolled back: which documents change, before and after; what is refused, and the way
out. POST does it, when the document is still the version that was shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods
from psycopg import Connection

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.order_status import set_status
from setoff.access.rights import Right, Rights
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.pages.changes import changed_documents
from setoff.pages.forms.preview import CONSENTED, consent_text
from setoff.pages.page import PageRequest, page, render
from setoff.settlements import services
from setoff.settlements.document_queries import DocumentHead, document_head, documents_of_day
from setoff.settlements.services import Outcome


class Asked(NamedTuple):
    """What a verb is asked with. `day`: the working day; `status`: the one that is wanted."""

    head: DocumentHead
    rights: Rights
    actor: Actor
    consent: bool
    day_order: int
    day: date
    status: str = ""


Call = Callable[[Connection[Any], Asked], Outcome | Pending]


class Verb(NamedTuple):
    right: Right
    run: Call
    asks_order: bool = False


def _post(conn: Connection[Any], asked: Asked) -> Outcome | Pending:
    return approvals.post_saved(conn, asked.head.key, asked.actor, asked.rights, consent=asked.consent)


def _unpost(conn: Connection[Any], asked: Asked) -> Outcome | Pending:
    return approvals.unpost(conn, asked.head.key, asked.actor, asked.rights, consent=asked.consent)


def _reorder(conn: Connection[Any], asked: Asked) -> Outcome | Pending:
    return approvals.reorder(conn, asked.head.key, asked.day_order, asked.actor, asked.rights, consent=asked.consent)


def _status(conn: Connection[Any], asked: Asked) -> Outcome | Pending:
    return set_status(conn, asked.head.key, asked.status, asked.day, asked.actor, asked.rights, consent=asked.consent)


def _mark(conn: Connection[Any], asked: Asked) -> Outcome:
    return services.mark_for_deletion(conn, asked.head.key, asked.actor)


def _clear(conn: Connection[Any], asked: Asked) -> Outcome:
    return services.clear_deletion_mark(conn, asked.head.key, asked.actor)


VERBS: Final[Mapping[str, Verb]] = {
    "post": Verb("post", _post),
    "unpost": Verb("post", _unpost),
    "reorder": Verb("post", _reorder, asks_order=True),
    "status": Verb("post", _status),
    "mark": Verb("draft", _mark),
    "clear": Verb("draft", _clear),
}


@require_http_methods(["GET", "POST"])
@page("read")
def verb_page(request: PageRequest, document_id: int, verb: str) -> HttpResponse:
    """The effect of a verb before it is done; by POST, done."""
    if verb not in VERBS:
        raise Http404
    chosen = VERBS[verb]
    head = document_head(request.books, document_id)
    request.rights.require(chosen.right, head.unit_id)
    said = request.POST if request.method == "POST" else request.GET
    actor, day_order = Actor(request.rights.login, "page"), order_of(said.get("day-order", ""), head)
    asked = Asked(head, request.rights, actor, said.get("consent") == "yes", day_order, request.working_day, said.get("status", ""))
    is_seen = said.get("version") == str(head.version_id)
    if request.method == "POST" and is_seen:
        outcome = chosen.run(request.books, asked)
        done = "approval-asked" if isinstance(outcome, Pending) else f"verb-{verb}-done"
        messages.success(request, text(request.language, done, number=outcome.number))
        return redirect("pages:document", document_id=document_id)
    context: dict[str, Any] = {
        "head": head,
        "verb": verb,
        "asked": asked,
        "is_changed": request.method == "POST" and not is_seen,
        "day": documents_of_day(request.books, head) if chosen.asks_order else [],
        "is_open": not chosen.asks_order or "day-order" in said,
    }
    if context["is_open"]:
        context |= tried(request, chosen.run, asked)
    return render(request, "document-verb", context)


def order_of(typed: str, head: DocumentHead) -> int:
    """A place within the day. Errors: invalid_value."""
    if not typed:
        return head.day_order
    if not typed.isdecimal() or len(typed) > 3:
        raise DomainError(ErrorCode.INVALID_VALUE, field="day_order", value=typed, expected="0..511")
    return int(typed)


def tried(request: PageRequest, run: Call, asked: Asked) -> dict[str, Any]:
    """What the verb would change, or why it is refused and whether consent would allow it. Nothing is kept."""
    try:
        with request.books.transaction(force_rollback=True):
            outcome = run(request.books, asked)
            changes = changed_documents(request.books, outcome.changes, request.language, asked.head.id)
    except DomainError as refusal:
        may_consent = refusal.code in CONSENTED and not asked.consent
        consent = "verb-consent" if refusal.code == ErrorCode.CONFLICT_WITH_LATER_TARGET else consent_text(refusal.code)
        return {"refusal": refusal, "may_consent": may_consent, "consent": consent}
    return {"changes": changes, "others": sum(1 for change in changes if change.id != asked.head.id)}
