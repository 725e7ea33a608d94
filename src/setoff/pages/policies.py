"""Policies: which operations need a second person. Every administrator reads them; one of the installation changes them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from setoff.access.policies import OPERATIONS, policies, set_policy
from setoff.books.audit import Actor
from setoff.language import text
from setoff.pages.page import PageRequest, page, render
from setoff.pages.typed import plain_number


@page("administer")
def policy_list(request: PageRequest) -> HttpResponse:
    """All of them; by POST one stands so from now on."""
    if request.method == "POST":
        request.rights.require_administrator()
        said = {name: request.POST.get(name, "").strip() for name in ("operation", "unit", "limit", "currency", "active")}
        limit = plain_number(said["limit"], request.language) if said["limit"] else ""
        set_policy(
            request.books, said["operation"], Actor(request.rights.login, "page"), unit=said["unit"], limit=limit,
            currency=said["currency"].upper(), is_active=said["active"] == "yes",
        )  # fmt: skip
        messages.success(request, text(request.language, "people-done"))
        return redirect("pages:policies")
    context = {"policies": policies(request.books), "operations": OPERATIONS, "units": sorted(request.rights.unit_codes)}
    return render(request, "policies", context)


urlpatterns = [path("", policy_list, name="policies")]
