"""A session that ended while somebody was typing: nothing typed is lost. Whoever opens a page is led to the sign-in; a form that was
sent comes back whole, to be sent again after signing in beside it; a part that HTMX asked for says the same in its place."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

NOT_KEPT: Final = ("csrfmiddlewaretoken",)


def signed_out(request: HttpRequest) -> HttpResponse:
    """What a stranger gets in place of a page."""
    if getattr(request, "htmx", False):
        return render(request, "pages/parts/signed-out.html", status=403)
    if request.method == "POST":
        names = [name for name in request.POST if name not in NOT_KEPT and "password" not in name]
        kept = [(name, value) for name in names for value in request.POST.getlist(name)]
        context = {"kept": kept, "address": request.get_full_path(), "had_files": bool(request.FILES)}
        return render(request, "pages/signed-out.html", context, status=403)
    return redirect_to_login(request.get_full_path())
