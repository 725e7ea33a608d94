"""Documents: one document with everything that follows from it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from setoff.core.errors import DomainError, ErrorCode
from setoff.pages.page import PageRequest, page, render
from setoff.reports.explain import explain, explanation_text
from setoff.settlements.services import find_document


@page("read")
def by_key(request: PageRequest) -> HttpResponse:
    """To the page of the document with that key."""
    key = request.GET.get("key", "")
    stored = find_document(request.books, key)
    if stored is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=key)
    return redirect("pages:document", document_id=stored.row.id)


@page("read")
def document(request: PageRequest, document_id: int) -> HttpResponse:
    row = request.books.execute("select key from document where id = %s", [document_id]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=str(document_id))
    told = "\n".join(explanation_text(explanation, request.language) for explanation in explain(request.books, row[0]))
    return render(request, "document", {"key": row[0], "explanation": told})


urlpatterns = [
    path("by-key/", by_key, name="document-by-key"),
    path("<int:document_id>/", document, name="document"),
]
