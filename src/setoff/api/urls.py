"""The addresses under /api/: versions, the description, the pages that explain it, the operations."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from setoff.api.application import api
from setoff.api.call import asked_language
from setoff.api.openapi import PREFIX, openapi
from setoff.api.pages import code_page, codes_page, reference_page
from setoff.api.problem import problem_response
from setoff.core.errors import DomainError, ErrorCode


@require_safe
def versions(_request: HttpRequest) -> HttpResponse:
    """Which versions of the API there are."""
    links = {"openapi": f"{PREFIX}/openapi.json", "docs": "/api/docs", "errors": "/api/errors/"}
    return JsonResponse({"versions": [{"version": "1", "url": f"{PREFIX}/", **links}]})


@require_safe
def description(_request: HttpRequest) -> HttpResponse:
    return JsonResponse(openapi())


@csrf_exempt
def unknown(request: HttpRequest) -> HttpResponse:
    refusal = DomainError(ErrorCode.ROUTE_UNKNOWN, value=request.path)
    return problem_response(request, refusal, asked_language(request))


def told(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The view; a method that it does not have is told as a problem."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **names: Any) -> HttpResponseBase:
        response = view(request, *args, **names)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        allowed = ", ".join(sorted(response["Allow"].split(", ")))
        refusal = DomainError(ErrorCode.METHOD_NOT_ALLOWED, method=request.method or "", allowed=allowed)
        return problem_response(request, refusal, asked_language(request))

    return answer


def operations() -> list[URLPattern | URLResolver]:
    """django-ninja's addresses, but for its page of the root."""
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    return [path(PREFIX.lstrip("/") + "/" + str(pattern.pattern), told(pattern.callback)) for pattern in patterns]


urlpatterns = [
    path("api/", versions, name="api-versions"),
    path("api/docs", reference_page, name="api-docs"),
    path("api/errors/", codes_page, name="api-errors"),
    path("api/errors/<str:code>", code_page, name="api-error"),
    path(PREFIX.lstrip("/") + "/openapi.json", description, name="api-description"),
    *operations(),
    re_path(r"^api(?:/[\s\S]*)?$", unknown),
]
