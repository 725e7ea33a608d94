"""Files of a document: attached by choosing or dropping them, downloaded as files, removed."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from setoff.attachments.contents import MEBIBYTE, SIZE_MAX
from setoff.attachments.queries import attachment, content_of
from setoff.attachments.services import attach_file, remove_attachment
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.pages.page import PageRequest, page
from setoff.settlements.document_queries import document_head


@require_POST
@page("read")
def attach(request: PageRequest, document_id: int) -> HttpResponse:
    """All files of the form, or none."""
    head = document_head(request.books, document_id)
    request.rights.require("draft", head.unit_id)
    files = request.FILES.getlist("file")
    if not files:
        raise DomainError(ErrorCode.FIELD_MISSING, field="file")
    with request.books.transaction():
        for file in files:
            name = file.name or ""
            if (file.size or 0) > SIZE_MAX:
                raise DomainError(ErrorCode.ATTACHMENT_TOO_LARGE, name=name, limit=SIZE_MAX // MEBIBYTE)
            attach_file(request.books, document_id, name, file.read(), Actor(request.rights.login, "page"))
    messages.success(request, text(request.language, "attachments-attached", count=len(files)))
    return redirect(f"{_document(document_id)}#attachments")


@page("read")
def download(request: PageRequest, document_id: int, attachment_id: int) -> HttpResponse:
    """The file, never shown by the browser itself."""
    found = attachment(request.books, document_id, attachment_id)
    answer = HttpResponse(content_of(request.books, found), content_type=found.media_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@page("read")
def remove(request: PageRequest, document_id: int, attachment_id: int) -> HttpResponse:
    head = document_head(request.books, document_id)
    request.rights.require("draft", head.unit_id)
    found = remove_attachment(request.books, document_id, attachment_id, Actor(request.rights.login, "page"))
    messages.success(request, text(request.language, "attachment-removed", name=found.name))
    return redirect(f"{_document(document_id)}#attachments")


def _document(document_id: int) -> str:
    from django.urls import reverse

    return reverse("pages:document", args=[document_id])


urlpatterns = [
    path("<int:document_id>/attachments/", attach, name="attach"),
    path("<int:document_id>/attachments/<int:attachment_id>/", download, name="attachment"),
    path("<int:document_id>/attachments/<int:attachment_id>/remove/", remove, name="attachment-remove"),
]
