"""Files of a contract, on the page of its record: attached by choosing or dropping them, downloaded as files, removed.

    POST /contract-files/?code=CODE              attach
    GET  /contract-files/ID/?code=CODE           the file
    POST /contract-files/ID/remove/?code=CODE    remove
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.attachments.contents import MEBIBYTE, SIZE_MAX
from setoff.attachments.contract_files import attach_to_contract, contract_file, remove_contract_file
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.pages.page import PageRequest, page


def _code(request: PageRequest) -> str:
    return request.GET.get("code", "").replace("\0", "")


@require_POST
@page("draft")
def attach(request: PageRequest) -> HttpResponse:
    """All files of the form, or none."""
    files, code = request.FILES.getlist("file"), _code(request)
    if not files:
        raise DomainError(ErrorCode.FIELD_MISSING, field="file")
    with request.books.transaction():
        for file in files:
            name = file.name or ""
            if (file.size or 0) > SIZE_MAX:
                raise DomainError(ErrorCode.ATTACHMENT_TOO_LARGE, name=name, limit=SIZE_MAX // MEBIBYTE)
            attach_to_contract(request.books, code, name, file.read(), Actor(request.rights.login, "page"))
    messages.success(request, text(request.language, "attachments-attached", count=len(files)))
    return _back(code)


@page("read")
def download(request: PageRequest, file_id: int) -> HttpResponse:
    """The file, never shown by the browser itself."""
    found, content = contract_file(request.books, _code(request), file_id)
    answer = HttpResponse(content, content_type=found.media_type)
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@page("draft")
def remove(request: PageRequest, file_id: int) -> HttpResponse:
    code = _code(request)
    name = remove_contract_file(request.books, code, file_id, Actor(request.rights.login, "page"))
    messages.success(request, text(request.language, "attachment-removed", name=name))
    return _back(code)


def _back(code: str) -> HttpResponse:
    return redirect(f"{reverse('pages:masters-form', args=['contract'])}?{urlencode({'code': code})}#attachments")


urlpatterns = [
    path("", attach, name="contract-attach"),
    path("<int:file_id>/", download, name="contract-file"),
    path("<int:file_id>/remove/", remove, name="contract-file-remove"),
]
