"""Files of a document, or of whatever else has some: attached by choosing or dropping them, downloaded as files, removed."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.attachments.contents import MEBIBYTE, SIZE_MAX
from setoff.attachments.queries import Owner, attachment, content_of, of_document
from setoff.attachments.services import attach_file, remove_attachment
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.pages.page import PageRequest, page
from setoff.settlements.document_queries import document_head


def attach_all(request: PageRequest, owner: Owner) -> None:
    """All files of the form, or none."""
    files = request.FILES.getlist("file")
    if not files:
        raise DomainError(ErrorCode.FIELD_MISSING, field="file")
    with request.books.transaction():
        for file in files:
            name = file.name or ""
            if (file.size or 0) > SIZE_MAX:
                raise DomainError(ErrorCode.ATTACHMENT_TOO_LARGE, name=name, limit=SIZE_MAX // MEBIBYTE)
            attach_file(request.books, owner, name, file.read(), Actor(request.rights.login, "page"))
    messages.success(request, text(request.language, "attachments-attached", count=len(files)))


def sent(request: PageRequest, owner: Owner, attachment_id: int) -> HttpResponse:
    """The file, never shown by the browser itself."""
    found = attachment(request.books, owner, attachment_id)
    answer = HttpResponse(content_of(request.books, owner, attachment_id), content_type=found.media_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def remove_one(request: PageRequest, owner: Owner, attachment_id: int) -> None:
    name = remove_attachment(request.books, owner, attachment_id, Actor(request.rights.login, "page"))
    messages.success(request, text(request.language, "attachment-removed", name=name))


@require_POST
@page("read")
def attach(request: PageRequest, document_id: int) -> HttpResponse:
    _require_draft(request, document_id)
    attach_all(request, of_document(document_id))
    return _back(document_id)


@page("read")
def download(request: PageRequest, document_id: int, attachment_id: int) -> HttpResponse:
    return sent(request, of_document(document_id), attachment_id)


@require_POST
@page("read")
def remove(request: PageRequest, document_id: int, attachment_id: int) -> HttpResponse:
    _require_draft(request, document_id)
    remove_one(request, of_document(document_id), attachment_id)
    return _back(document_id)


def _require_draft(request: PageRequest, document_id: int) -> None:
    request.rights.require("draft", document_head(request.books, document_id).unit_id)


def _back(document_id: int) -> HttpResponse:
    return redirect(f"{reverse('pages:document', args=[document_id])}#attachments")


urlpatterns = [
    path("<int:document_id>/attachments/", attach, name="attach"),
    path("<int:document_id>/attachments/<int:attachment_id>/", download, name="attachment"),
    path("<int:document_id>/attachments/<int:attachment_id>/remove/", remove, name="attachment-remove"),
]
