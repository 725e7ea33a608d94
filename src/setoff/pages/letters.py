"""Papers that go to a partner by e-mail: a report on him, the paper of a document. The forms stand on the pages of these."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.books.audit import Actor
from setoff.language import language_of
from setoff.pages.page import PageRequest, page
from setoff.pages.reports import options_of
from setoff.reports.letters import Asked, Letter, Sent, send_document, send_report, sent_text
from setoff.reports.registry import definition_of
from setoff.settlements.document_queries import document_head


@require_POST
@page("post")
def report(request: PageRequest, name: str) -> HttpResponse:
    """The report of the address is sent; back to it."""
    options = options_of(request, definition_of(name))
    asked = Asked(name, request.GET.get("as-of") or request.working_day.isoformat(), options)
    tell(request, send_report(request.books, asked, letter_of(request), Actor(request.rights.login, "page"), request.rights))
    return redirect(f"{reverse('pages:report', args=[name])}?{request.GET.urlencode()}")


@require_POST
@page("post")
def document(request: PageRequest, document_id: int) -> HttpResponse:
    head = document_head(request.books, document_id)
    tell(request, send_document(request.books, head.key, letter_of(request), Actor(request.rights.login, "page"), request.rights))
    return redirect("pages:document", document_id=document_id)


def letter_of(request: PageRequest) -> Letter:
    asked = request.POST.get("language", "")
    return Letter(request.POST.get("to", ""), request.POST.get("note", ""), language_of(asked) if asked else None)


def tell(request: PageRequest, sent: Sent) -> None:
    (messages.warning if sent.is_kept else messages.success)(request, sent_text(sent, request.language))


urlpatterns = [
    path("reports/<str:name>/send/", report, name="report-send"),
    path("documents/<int:document_id>/send/", document, name="document-send"),
]
