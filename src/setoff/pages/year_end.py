"""The end of a year between units: what closing their settlements would draft, and drafting it (notices/closing.py).

    GET  /year-end/?organization=&year=&account=&left-BRANCH=     what is proposed
    POST /year-end/                                               the same fields: the notices are drafted
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import path, reverse

from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.notices.closing import Policy, draft_closing, propose_closing
from setoff.pages.page import PageRequest, page, render

LEFT: Final = "left-"
ORGANIZATIONS_SQL: Final = """
  select code, name from organization where id in (select organization_id from unit where id = any(%s)) order by code"""


@page("draft")
def index(request: PageRequest) -> HttpResponse:
    """The proposal, or the drafts; of one organization alone it is at once that one."""
    said = request.POST if request.method == "POST" else request.GET
    units = list(request.rights.units_with("draft"))
    organizations = request.books.execute(ORGANIZATIONS_SQL, [units]).fetchall()
    organization = said.get("organization", organizations[0][0] if len(organizations) == 1 else "")
    year = said.get("year", str(request.working_day.year))
    refusal, found = None, None
    try:
        if organization and request.method == "POST":
            return drafted(request, organization, number_of(year), policy_of(said))
        if organization:
            found = propose_closing(request.books, organization, number_of(year), policy_of(said), request.rights)
    except DomainError as problem:
        refusal = problem
        if problem.code == ErrorCode.CLOSING_LEFT_EXCEEDS_OPEN:  # what there is, and what was typed
            found = propose_closing(request.books, organization, number_of(year), Policy(said.get("account", "")), request.rights)
    context = {
        "organizations": organizations, "organization": organization, "year": year, "account": said.get("account", ""),
        "closings": [(closing, said.get(LEFT + closing.receiver, "")) for closing in found or ()], "is_asked": found is not None,
        "may_draft": refusal is None and any(closing.notice for closing in found or ()), "refusal": refusal,
    }  # fmt: skip
    return render(request, "year-end", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def drafted(request: PageRequest, organization: str, year: int, policy: Policy) -> HttpResponse:
    """Back at the proposal, as it was asked for."""
    actor = Actor(request.rights.login, "page")
    made = draft_closing(request.books, organization, year, actor, request.rights, policy=policy)
    numbers = ", ".join(found.number for found in made)
    messages.success(request, text(request.language, "year-end-drafted", count=len(made), notices=numbers))
    query = QueryDict(mutable=True)
    query.update({"organization": organization, "year": str(year), "account": policy.account})
    query.update({LEFT + branch: amount for branch, amount in policy.left.items()})
    return redirect(f"{reverse('pages:year-end')}?{query.urlencode()}")


def policy_of(said: QueryDict) -> Policy:
    left = {name.removeprefix(LEFT): str(value).strip() for name, value in said.items() if name.startswith(LEFT)}
    return Policy(said.get("account", "").strip(), {branch: amount for branch, amount in left.items() if amount})


def number_of(year: str) -> int:
    """Errors: invalid_value."""
    if not year.isdecimal() or len(year) != 4:
        raise DomainError(ErrorCode.INVALID_VALUE, field="year", value=year)
    return int(year)


urlpatterns = [path("", index, name="year-end")]
