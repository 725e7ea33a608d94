"""What waits for a second person: the list, one request with what approving it would do, and the decision.

On a page of a request the keys are: j and k the next and the previous one that waits, a approves, r goes to the reason of a refusal. What
approving would change is tried in a transaction that is rolled back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.access import approvals
from setoff.access.queries import ApprovalRow
from setoff.access.queries import approvals as requests
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.pages.changes import changed_documents
from setoff.pages.page import PageRequest, page, render
from setoff.settlements.services import Outcome

DECIDED: Final = ("approved", "refused", "withdrawn", "superseded")
HISTORY: Final = 200


@page("read")
def approval_list(request: PageRequest) -> HttpResponse:
    """What waits, and what was decided."""
    state = request.GET.get("state", "")
    if state and state not in DECIDED:
        raise DomainError(ErrorCode.INVALID_VALUE, field="state", value=state, expected=", ".join(DECIDED))
    decided = [row for row in requests(request.books, state or None, limit=HISTORY) if row.state != "pending"]
    context = {"waiting": requests(request.books, "pending"), "decided": decided, "state": state, "states": DECIDED}
    return render(request, "approvals", context)


@page("read")
def approval(request: PageRequest, approval_id: int) -> HttpResponse:
    """One request. Who may decide it sees what approving would change."""
    row = known(request, approval_id)
    context: dict[str, Any] = {"row": row, "is_own": is_own(request, row), "may_decide": may_decide(request, row)}
    context |= neighbours(requests(request.books, "pending"), row)
    if row.verb not in approvals.OF_DOCUMENTS:
        asked_for = json.loads(row.content)
        context["last_day"] = date.fromisoformat(asked_for["last_day"])
    if context["may_decide"]:
        context |= foreseen(request, row)
    return render(request, "approval", context)


def foreseen(request: PageRequest, row: ApprovalRow) -> dict[str, Any]:
    """What approving would change, or why it is refused. Nothing is kept."""
    try:
        with request.books.transaction(force_rollback=True):
            done = approvals.approve(request.books, row.id, actor(request), request.rights)
            if isinstance(done, Outcome):
                return {"changes": changed_documents(request.books, done.changes, request.language, done.document_id)}
            return {"period": done}
    except DomainError as refusal:
        return {"refusal": refusal}


@require_POST
@page("read")
def decide(request: PageRequest, approval_id: int) -> HttpResponse:
    """Decided; the next one that this person may decide, or the list."""
    row, action, reason = known(request, approval_id), request.POST.get("action", ""), request.POST.get("reason", "")
    if action == "approve":
        approvals.approve(request.books, row.id, actor(request), request.rights, reason=reason)
    elif action == "refuse":
        approvals.refuse(request.books, row.id, actor(request), request.rights, reason=reason)
    elif action == "withdraw":
        approvals.withdraw(request.books, row.id, actor(request), reason=reason)
    else:
        raise DomainError(ErrorCode.INVALID_VALUE, field="action", value=action, expected="approve, refuse, withdraw")
    messages.success(request, text(request.language, f"approval-{action}-done", number=row.id))
    rest = [other for other in requests(request.books, "pending") if may_decide(request, other)]
    if action == "withdraw" or not rest:
        return redirect("pages:approvals")
    older = [other for other in rest if other.id < row.id]
    return redirect("pages:approval", approval_id=(older or rest)[0].id)


def neighbours(waiting: Sequence[ApprovalRow], row: ApprovalRow) -> dict[str, int]:
    """The requests that wait before and after this one in the list, which begins with the newest."""
    later = [other.id for other in waiting if other.id < row.id]
    earlier = [other.id for other in waiting if other.id > row.id]
    return {"next": later[0] if later else 0, "previous": earlier[-1] if earlier else 0}


def known(request: PageRequest, approval_id: int) -> ApprovalRow:
    """Errors: unknown_reference."""
    found = requests(request.books, None, approval_id=approval_id)
    if not found:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="approval", value=str(approval_id), field="approval")
    return found[0]


def is_own(request: PageRequest, row: ApprovalRow) -> bool:
    return row.requested_by.lower() == request.rights.login.lower()


def may_decide(request: PageRequest, row: ApprovalRow) -> bool:
    unit_id = request.rights.unit_codes[row.unit]
    return row.state == "pending" and request.rights.may("approve", unit_id) and not is_own(request, row)


def actor(request: PageRequest) -> Actor:
    return Actor(request.rights.login, "page")


urlpatterns = [
    path("", approval_list, name="approvals"),
    path("<int:approval_id>/", approval, name="approval"),
    path("<int:approval_id>/decide/", decide, name="approval-decide"),
]
