"""The allocation desk: open debts and free money of a counterparty side by side; the proposal, the change by hand, the preview, posting.

The lists may have ten thousand rows: the page gets them as one answer of JSON and shows the rows in sight (desk.js). Amounts travel as
whole minor units in text.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.access import approvals
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import AMOUNT_MAX, digits_of
from setoff.language import SEPARATORS, date_text, text
from setoff.pages.changes import changed_documents
from setoff.pages.page import PageRequest, page, render
from setoff.reports.cells import term_text
from setoff.settlements.allocate import Put, allocate
from setoff.settlements.desk import NamedBy, OpenItem, propose
from setoff.settlements.desk_queries import Pair, Side, desk
from setoff.settlements.open_queries import free_money

SHOWN_MAX: Final = 200
"""Documents in the preview of a large allocation; the others are counted."""
PUTS_MAX: Final = 20_000
WAITING_MAX: Final = 50


@page("read")
def show(request: PageRequest) -> HttpResponse:
    """The desk of a unit and a counterparty, for one relation and currency at a time."""
    unit, counterparty, contract = (request.GET.get(name, "").strip() for name in ("unit", "counterparty", "contract"))
    context: dict[str, Any] = {"units": sorted(request.rights.unit_codes), "unit": unit, "counterparty": counterparty, "contract": contract}
    if not (unit and counterparty):
        return render(request, "desk", context)
    unit_id = request.rights.require("read", unit)
    found = desk(request.books, unit_id, counterparty, contract)
    pairs = [(pair, len(side.debts), len(side.money)) for pair, side in found.items()]
    chosen = _pair(request, found)
    context |= {"pairs": pairs, "chosen": chosen, "may_post": request.rights.may("post", unit_id), "is_asked": True}
    if chosen is not None:
        grouping, point = SEPARATORS[request.language]
        context |= {"digits": digits_of(chosen.currency), "grouping": grouping, "point": point}
    return render(request, "desk", context)


@page("read")
def waiting(request: PageRequest) -> HttpResponse:
    """Where money waits beside debts: comes after the page, which does not wait for it."""
    return render(request, "parts/desk-waiting", {"waiting": free_money(request.books, limit=WAITING_MAX)})


@page("read")
def items(request: PageRequest) -> HttpResponse:
    """Both lists, in the total order: debts then money; `before` of a debt and `at` of money compare their moments."""
    unit_id = request.rights.require("read", request.GET.get("unit", ""))
    found = desk(request.books, unit_id, request.GET.get("counterparty", ""), request.GET.get("contract", ""))
    chosen = _pair(request, found)
    side = found[chosen] if chosen is not None else Side([], [])
    order = {moment: place for place, moment in enumerate(sorted({item.moment for item in (*side.debts, *side.money)}))}
    return JsonResponse({name: [_row(item, order, request) for item in rows] for name, rows in zip(("debts", "money"), side, strict=True)})


def _row(item: OpenItem, order: dict[int, int], request: PageRequest) -> list[Any]:
    """The fields of desk.js, in their order."""
    name = f"{item.number} · {term_text('kind', item.kind, request.language)}"
    due = date_text(request.language, item.due) if item.due else ""
    return [
        item.document_id, name, date_text(request.language, item.date), due, item.contract_number, item.label, str(item.amount),
        order[item.moment], item.is_payment, item.moves, item.document, item.line if item.by_line else 0, item.contract,
        item.version_id, item.of_order,
    ]  # fmt: skip


@page("read")
def proposal(request: PageRequest) -> HttpResponse:
    """Matches: money, debt, amount, reason in words."""
    unit_id = request.rights.require("read", request.GET.get("unit", ""))
    found = desk(request.books, unit_id, request.GET.get("counterparty", ""), request.GET.get("contract", ""))
    chosen = _pair(request, found)
    side = found[chosen] if chosen is not None else Side([], [])
    matches = []
    for match in propose(side.debts, side.money):
        reason = term_text("rule", match.rule.name.lower(), request.language)
        if side.debts[match.debt].contract != side.money[match.money].contract:
            reason += f"; {text(request.language, 'desk-other-contract')}"
        matches.append([match.money, match.debt, str(match.amount), reason])
    return JsonResponse({"matches": matches})


@require_POST
@page("post")
def preview(request: PageRequest) -> HttpResponse:
    """The diff of what was put, tried in a transaction that is rolled back."""
    with request.books.transaction(force_rollback=True):
        asked = _asked(request)
        done = allocate(request.books, asked.puts, asked.currency, asked.actor, named_by=asked.named_by, versions=asked.versions)
        changes = changed_documents(request.books, done.changes[: SHOWN_MAX * 20], request.language)
    paying = {number for number, _key, _name in done.payments}
    shown = sorted(changes, key=lambda change: change.id not in paying)
    others = len({change.document_id for change in done.changes} - paying)
    return render(request, "parts/desk-preview", {"changes": shown[:SHOWN_MAX], "others": others, "payments": len(done.payments)})


@require_POST
@page("post")
def post(request: PageRequest) -> HttpResponse:
    """Posted; the desk is shown again with what is still open."""
    asked = _asked(request)
    done, waiting = approvals.allocate(
        request.books, asked.puts, asked.currency, asked.actor, request.rights, named_by=asked.named_by, versions=asked.versions
    )
    messages.success(request, text(request.language, "desk-done", count=len(done.payments) - len(waiting)))
    if waiting:
        messages.warning(request, text(request.language, "verb-waits", count=len(waiting)))
    answer = HttpResponse(status=204)
    query = {name: request.POST.get(name, "") for name in ("unit", "counterparty", "contract", "relation", "currency")}
    answer["HX-Redirect"] = f"{reverse('pages:desk')}?{urlencode(query)}"
    return answer


class Asked(NamedTuple):
    """What is to be put, and as whom."""

    puts: list[Put]
    currency: str
    actor: Actor
    named_by: NamedBy
    versions: dict[str, int]


def _asked(request: PageRequest) -> Asked:
    """Errors: invalid_value for puts that are none, unknown_reference for payments of another unit."""
    unit_id = request.rights.require("post", request.POST.get("unit", ""))
    currency = request.POST.get("currency", "")
    digits_of(currency)
    puts, versions = _puts(request.POST.get("puts", ""))
    named_by: NamedBy = "payer" if request.POST.get("named_by") == "payer" else "internal"
    for key in {put.payment for put in puts}:
        row = request.books.execute("select unit_id from document where key = %s", [key]).fetchone()
        if row is None or row[0] != unit_id:
            raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="document", value=key)
    return Asked(puts, currency, Actor(request.rights.login, "page"), named_by, versions)


def _puts(typed: str) -> tuple[list[Put], dict[str, int]]:
    """[[payment, its contract, document, line, contract, amount, order, version]...] as the page sends it."""
    try:
        said = json.loads(typed)
        rows = [
            (Put(str(a), str(b), str(c), int(line), str(d), int(amount), None if order is None else str(order)), int(version))
            for a, b, c, line, d, amount, order, version in said
        ]
    except (TypeError, ValueError, RecursionError):
        raise DomainError(ErrorCode.INVALID_VALUE, field="puts", value=typed[:80]) from None
    if not rows or len(rows) > PUTS_MAX or any(not 0 < put.amount <= AMOUNT_MAX for put, _version in rows):
        raise DomainError(ErrorCode.INVALID_VALUE, field="puts", value=typed[:80])
    return [put for put, _version in rows], {put.payment: version for put, version in rows}


def _pair(request: PageRequest, found: dict[Pair, Side]) -> Pair | None:
    asked = Pair(request.GET.get("relation", ""), request.GET.get("currency", ""))
    return asked if asked in found else next(iter(found), None)


urlpatterns = [
    path("", show, name="desk"),
    path("waiting/", waiting, name="desk-waiting"),
    path("items/", items, name="desk-items"),
    path("proposal/", proposal, name="desk-proposal"),
    path("preview/", preview, name="desk-preview"),
    path("post/", post, name="desk-post"),
]
