"""The API of version 1: its routers, and refusals that arise before an operation runs."""

from __future__ import annotations

import logging
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router
from ninja.errors import ValidationError

from setoff.api import (
    acts,
    advance_vat,
    allocations,
    attachments,
    bank,
    bank_payments,
    billing,
    calendar,
    clearing,
    contract_files,
    contracts,
    documents,
    exchange,
    invoices,
    letters,
    loans,
    masters,
    networks,
    notices,
    people,
    periods,
    rejected,
    reports,
    reserves,
    revaluation,
    rounds,
    setoffs,
    subscriptions,
    unit_policies,
)
from setoff.api.call import asked_language
from setoff.api.problem import problem_response
from setoff.core.errors import DomainError, ErrorCode

log: Final = logging.getLogger("setoff.api")
ROUTERS: Final[tuple[Router, ...]] = (
    documents.router, masters.router, reports.router, periods.router, exchange.router, bank.router, bank_payments.router,
    acts.router, allocations.router, setoffs.router, rounds.router, attachments.router, subscriptions.router, people.router,
    networks.router, clearing.router, letters.router, advance_vat.router, calendar.router, contracts.router, invoices.router,
    billing.router, contract_files.router, revaluation.router, notices.router, loans.router,
    reserves.router, unit_policies.router, rejected.router,
)  # fmt: skip

api: Final = NinjaAPI(title="Setoff", version="1", urls_namespace="api", openapi_url=None, docs_url=None)
for router in ROUTERS:
    api.add_router("", router)


@api.exception_handler(ValidationError)
def refuse_parameter(request: HttpRequest, problem: ValidationError) -> HttpResponse:
    """A parameter of the path or the query is not what it may be; of several the first is told."""
    first: dict[str, Any] = problem.errors[0]
    place = [str(part) for part in first["loc"]]
    name = place[1] if len(place) > 1 else ""
    code = ErrorCode.FIELD_MISSING if first["type"] == "missing" else ErrorCode.INVALID_VALUE
    refusal = DomainError(code, field=name, value=request.GET.get(name, ""), expected=first["msg"])
    return problem_response(request, refusal, asked_language(request))


@api.exception_handler(Exception)
def tell_fault(request: HttpRequest, problem: Exception) -> HttpResponse:
    """A bug of ours: logged with its trace, and told without anything of it."""
    log.error("%s %s", request.method, request.path, exc_info=problem)
    return problem_response(request, DomainError(ErrorCode.INTERNAL_ERROR), asked_language(request))
