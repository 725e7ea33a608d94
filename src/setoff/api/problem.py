"""Refusals as `application/problem+json` (RFC 9457): one table from code to status, one shape for every error of the API.

    {"type": ".../api/errors/period_closed", "title": "period_closed", "status": 409, "detail": "...", "mend": "...",
     "code": "period_closed", "facts": {...}, "rows": [...], "field": "lines[0].amount", "pointer": "#/lines/0/amount"}

`detail` and `mend` are in the language of the request, everything else is the same in each. What the code does not list is a refusal of
content: 422.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from django.http import HttpRequest, HttpResponse

from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import Money, format_amount
from setoff.language import Language, error_text, mend_text

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 2
UNPROCESSABLE: Final = 422
_STEP: Final = re.compile(r"[^.\[\]]+")
STATUSES: Final[Mapping[ErrorCode, int]] = {
    ErrorCode.REQUEST_UNREADABLE: 400,
    ErrorCode.SIGN_IN_REQUIRED: 401,
    ErrorCode.TOKEN_INVALID: 401,
    ErrorCode.TOKEN_EXPIRED: 401,
    ErrorCode.NOT_PERMITTED: 403,
    ErrorCode.APPROVAL_OWN: 403,
    ErrorCode.APPROVAL_DECIDED: 409,
    ErrorCode.APPROVAL_STALE: 409,
    ErrorCode.LAST_ADMINISTRATOR: 409,
    ErrorCode.CSRF_FAILED: 403,
    ErrorCode.ROUTE_UNKNOWN: 404,
    ErrorCode.REPORT_UNKNOWN: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.WRONG_STATE: 409,
    ErrorCode.PERIOD_CLOSED: 409,
    ErrorCode.PERIOD_STATE: 409,
    ErrorCode.PERIOD_NOT_CONTIGUOUS: 409,
    ErrorCode.PERIOD_ALTERED: 409,
    ErrorCode.REFERENCE_EXISTS: 409,
    ErrorCode.NUMBER_TAKEN: 409,
    ErrorCode.RECORD_IN_USE: 409,
    ErrorCode.CONTRACT_IN_USE: 409,
    ErrorCode.CONTRACT_NOT_SETTLED: 409,
    ErrorCode.CONTRACT_STATUS_ORDER: 409,
    ErrorCode.CREDIT_LIMIT_EXCEEDED: 409,
    ErrorCode.WEEKLY_LIMIT: 409,
    ErrorCode.AWAITING_PREPAYMENT: 409,
    ErrorCode.RUN_UNDONE: 409,
    ErrorCode.OVERDUE_FORBIDS_SHIPMENT: 409,
    ErrorCode.BASE_IN_USE: 409,
    ErrorCode.BASE_INVOICED: 409,
    ErrorCode.ROUND_DOCUMENT: 409,
    ErrorCode.CONFLICT_WITH_LATER_TARGET: 409,
    ErrorCode.REQUEST_IN_PROGRESS: 409,
    ErrorCode.VERSION_DIFFERS: 412,
    ErrorCode.REQUEST_TOO_LARGE: 413,
    ErrorCode.MEDIA_TYPE_UNSUPPORTED: 415,
    ErrorCode.TOO_MANY_REQUESTS: 429,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.DATABASE_UNREACHABLE: 503,
    ErrorCode.DATABASE_BUSY: 503,
    ErrorCode.DATABASE_FULL: 503,
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Why a request was refused. `code` never changes; `detail` and `mend` are for people."""

    type: str
    title: str
    status: int
    detail: str
    mend: str
    code: str
    facts: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    field: str = ""
    pointer: str = ""


class NotFound(DomainError):
    """What the path names does not exist, or not for this person."""


def status_of(error: DomainError) -> int:
    return 404 if isinstance(error, NotFound) else STATUSES.get(error.code, UNPROCESSABLE)


def problem_of(error: DomainError, language: Language, address: str, *, has_body: bool) -> Problem:
    """The refusal as the API says it; `address` is where the pages of the codes are."""
    facts = {name: plain(value) for name, value in error.facts.items()}
    rows = facts.pop("rows", [])
    field = str(error.facts.get("field") or "")
    return Problem(
        type=f"{address}{error.code.value}", title=error.code.value.replace("_", " "), status=status_of(error),
        detail=error_text(language, error), mend=mend_text(language, error), code=error.code.value, facts=facts, rows=rows, field=field,
        pointer="#/" + "/".join(_STEP.findall(field)) if field and has_body else "",
    )  # fmt: skip


def problem_response(request: HttpRequest, error: DomainError, language: Language) -> HttpResponse:
    address = request.build_absolute_uri("/api/errors/")
    said = problem_of(error, language, address, has_body=request.method in ("POST", "PUT"))
    response = HttpResponse(msgspec.json.encode(said), status=said.status, content_type=MEDIA_TYPE)
    response["Content-Language"] = language
    setattr(response, "refusal", said.code)  # noqa: B010 - for the log and the figures (site/observe.py)
    if said.status == 401:
        response["WWW-Authenticate"] = "Bearer"
    if said.status == 503:
        response["Retry-After"] = str(RETRY_SECONDS)
    if said.status == 429:
        response["Retry-After"] = str(error.facts["seconds"])
    if said.status == 405:
        response["Allow"] = error.facts["allowed"]
    return response


def plain(value: Any) -> Any:
    """A fact as plain JSON: amounts as decimal text with their currency, ISO dates."""
    match value:
        case Money(amount_minor, currency):
            return {"amount": format_amount(amount_minor, currency), "currency": currency}
        case None | bool() | int() | str():
            return value
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case Mapping():
            return {str(name): plain(part) for name, part in value.items()}
        case Sequence() | set() | frozenset():
            return [plain(part) for part in value]
    return str(value)
