"""Files of a contract, on the page of its record: attached by choosing or dropping them, downloaded as files, removed.

    POST /contract-files/?code=CODE              attach
    GET  /contract-files/ID/?code=CODE           the file
    POST /contract-files/ID/remove/?code=CODE    remove
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.attachments.queries import of_contract
from setoff.pages.attachments import attach_all, remove_one, sent
from setoff.pages.page import PageRequest, page


def _code(request: PageRequest) -> str:
    return request.GET.get("code", "").replace("\0", "")


@require_POST
@page("draft")
def attach(request: PageRequest) -> HttpResponse:
    attach_all(request, of_contract(_code(request)))
    return _back(request)


@page("read")
def download(request: PageRequest, file_id: int) -> HttpResponse:
    return sent(request, of_contract(_code(request)), file_id)


@require_POST
@page("draft")
def remove(request: PageRequest, file_id: int) -> HttpResponse:
    remove_one(request, of_contract(_code(request)), file_id)
    return _back(request)


def _back(request: PageRequest) -> HttpResponse:
    return redirect(f"{reverse('pages:masters-form', args=['contract'])}?{urlencode({'code': _code(request)})}#attachments")


urlpatterns = [
    path("", attach, name="contract-attach"),
    path("<int:file_id>/", download, name="contract-file"),
    path("<int:file_id>/remove/", remove, name="contract-file-remove"),
]
