"""What waits for a second person: the list, one request with what approving it would do, and the decision."""

from __future__ import annotations

from typing import Any

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

STATES = ("pending", "approved", "refused", "withdrawn", "superseded")


@page("read")
def approval_list(request: PageRequest) -> HttpResponse:
    state = request.GET.get("state", "pending")
    if state not in STATES:
        raise DomainError(ErrorCode.INVALID_VALUE, field="state", value=state, expected=", ".join(STATES))
    return render(request, "approvals", {"rows": requests(request.books, state), "state": state, "states": STATES})


@page("read")
def approval(request: PageRequest, approval_id: int) -> HttpResponse:
    """One request. Who may decide it sees what approving would change."""
    row = known(request, approval_id)
    context: dict[str, Any] = {"row": row, "is_own": is_own(request, row), "may_decide": may_decide(request, row)}
    if context["may_decide"]:
        try:
            done = approvals.foreseen(request.books, row.id, actor(request), request.rights)
            if isinstance(done, Outcome):
                context["changes"] = changed_documents(request.books, done.changes, request.language, done.document_id)
        except DomainError as refusal:
            context["refusal"] = refusal
    return render(request, "approval", context)


@require_POST
@page("read")
def decide(request: PageRequest, approval_id: int) -> HttpResponse:
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
    return redirect("pages:approvals")


def known(request: PageRequest, approval_id: int) -> ApprovalRow:
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
