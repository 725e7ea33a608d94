"""The proposal desk: what a counterparty (and others with it) owes us beside what we owe, the set-off proposed, changed by hand and posted.

    GET  /set-offs/desk/?unit=MSK&counterparty=VEGA&with=METALL&currency=RUB
    GET  /set-offs/items/       both sides and the proposal over all of it
    POST /set-offs/proposal/    the proposal over the rows that the search left in sight
    POST /set-offs/preview/     what the marked rows would do: postings, what they settle, warnings (a part of the page)
    POST /set-offs/post/        do=post, save

A side may have ten thousand rows: the page gets them as one answer of JSON and shows those in sight (set-off.js). Amounts travel as whole
minor units in text. A form that is sent twice is answered as the first time (forms/posting.py).
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final
from uuid import uuid4

import msgspec
from django.contrib import messages
from django.http import HttpResponse, JsonResponse, QueryDict
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from setoff.access.approvals import needs_approval
from setoff.access.policies import active_policies
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import AMOUNT_MAX, digits_of, format_amount
from setoff.language import SEPARATORS, date_text, text
from setoff.pages.forms import posting
from setoff.pages.forms.entry import form_id
from setoff.pages.forms.preview import preview
from setoff.pages.page import PageRequest, page, render
from setoff.reports.cells import term_text
from setoff.setoffs.precheck import checked
from setoff.setoffs.proposal import OpenLot, propose
from setoff.setoffs.queries import open_lots
from setoff.setoffs.warnings import warning_text
from setoff.trade.documents import DebtAdjustment
from setoff.trade.shape import shape_refusal

SIDES: Final = ("they", "we")
SIDE_NAMES: Final = {"they": "they_owe_us", "we": "we_owe_them"}
REASONS: Final = ("act", "notice", "agreement", "court", "kopecks")
ROWS_MAX: Final = 5_000
PARTIES_MAX: Final = 20
TARGET: Final = ("document", "line", "counterparty", "contract", "agreement", "order", "relation")
"""What names a lot in a row of the document."""
TEXTS: Final = ("number", "reason_document", "place", "comment", "account", "item")


@page("read")
def show(request: PageRequest) -> HttpResponse:
    unit, counterparty, currency = (request.GET.get(name, "").strip() for name in ("unit", "counterparty", "currency"))
    context: dict[str, Any] = {"units": sorted(request.rights.unit_codes), "unit": unit, "counterparty": counterparty}
    if not (unit and counterparty):
        return render(request, "set-off", context)
    unit_id = request.rights.require("read", unit)
    found = lots_in(request, request.GET, "")
    counts = Counter((lot.currency, lot.side) for lot in found)
    currencies = [(code, counts[code, "they_owe_us"], counts[code, "we_owe_them"]) for code in sorted({lot.currency for lot in found})]
    currency = currency or next((code for code, they, we in sorted(currencies, key=lambda of: -min(of[1:]))), "")
    grouping, point = SEPARATORS[request.language]
    context |= {
        "is_asked": True, "name": party_name(request, counterparty), "others": others_of(request.GET), "currencies": currencies,
        "currency": currency, "sides": SIDES, "form_id": str(uuid4()), "day": request.working_day, "reasons": REASONS,
        "digits": digits_of(currency) if currency else 0, "grouping": grouping, "point": point,
        "may_post": request.rights.may("post", unit_id),
    }  # fmt: skip
    return render(request, "set-off", context)



@page("read")
def items(request: PageRequest) -> HttpResponse:
    """Both sides in the order of allocation, with the proposal over all of it: [side, place, amount]."""
    found = lots_in(request, request.GET, request.GET.get("currency", ""))
    is_of_several = len({lot.counterparty for lot in found}) > 1
    shown = [(lot.side, _item(lot, request, lot.name if is_of_several else "")) for lot in found]
    rows = {side: [item for of, item in shown if of == SIDE_NAMES[side]] for side in SIDES}
    return JsonResponse({**rows, "proposal": _proposal(found, found)})


@require_POST
@page("read")
def proposal(request: PageRequest) -> HttpResponse:
    """The proposal over the rows in sight. Errors: invalid_value."""
    found = lots_in(request, request.POST, request.POST.get("currency", ""))
    shown = {tuple(target) for target in _list(request.POST.get("shown", ""))}
    return JsonResponse({"proposal": _proposal(found, [lot for lot in found if tuple(_target(lot)) in shown])})


def _proposal(found: list[OpenLot], shown: list[OpenLot]) -> list[list[Any]]:
    """[side, place on that side, amount] of what is proposed of the shown lots."""
    places = {lot: place for side in SIDES for place, lot in enumerate(lot for lot in found if lot.side == SIDE_NAMES[side])}
    sides = {name: side for side, name in SIDE_NAMES.items()}
    marked = [(shown[mark.lot], mark.amount) for mark in propose(shown)]
    return [[sides[lot.side], places[lot], str(part)] for lot, part in marked]


def _item(lot: OpenLot, request: PageRequest, party: str) -> list[Any]:
    """The fields of set-off.js, in their order."""
    name = f"{lot.label or lot.number} \N{MIDDLE DOT} {term_text('kind', lot.kind, request.language)}"
    what = text(request.language, "set-off-what-advance" if lot.is_advance else "set-off-what-debt")
    return [
        lot.document_id, name, date_text(request.language, lot.date), date_text(request.language, lot.due) if lot.due else "",
        not lot.is_advance and lot.due_day < request.working_day, lot.contract_number, party, what, str(lot.amount),
        lot.date.isoformat(), _target(lot),
    ]  # fmt: skip


def _target(lot: OpenLot) -> list[Any]:
    return [getattr(lot, name) for name in TARGET]


def lots_in(request: PageRequest, said: QueryDict, currency: str) -> list[OpenLot]:
    """The lots of one currency, or of all."""
    unit_id = request.rights.require("read", said.get("unit", ""))
    parties = [said.get("counterparty", ""), *others_of(said)]
    return open_lots(request.books, unit_id, parties, request.working_day, currency=currency)


def others_of(said: QueryDict) -> list[str]:
    """The further parties of an act of several."""
    named = dict.fromkeys(code.strip() for code in said.getlist("with"))
    return [code for code in named if code and code != said.get("counterparty")][:PARTIES_MAX]


def party_name(request: PageRequest, code: str) -> str:
    """Errors: unknown_reference."""
    row = request.books.execute("select name from counterparty where code = %s", [code]).fetchone()
    if row is None:
        raise DomainError(ErrorCode.UNKNOWN_REFERENCE, kind="counterparty", value=code, field="counterparty")
    return str(row[0])


@require_POST
@page("draft")
def preview_part(request: PageRequest) -> HttpResponse:
    """What the marked rows would do, or why they cannot; nothing is kept."""
    return _told(request)


@require_POST
@page("draft")
def post(request: PageRequest) -> HttpResponse:
    """Posted, or asked for, or kept as a draft; the document is shown then. What other documents would change unseen is shown first."""
    document = document_of(request)
    is_draft = request.POST.get("do") == "save"
    request.rights.require("draft" if is_draft else "post", document.unit)
    sent = posting.Sent(document, form_id(request), 0, consent=False, seen=request.POST.get("seen", ""))
    try:
        verb = posting.save if is_draft else posting.post
        kept = verb(request.books, sent, Actor(request.rights.login, "page"), request.rights)
    except posting.Unseen:
        return _told(request, is_unseen=True)
    done = "entry-saved" if is_draft else "set-off-waits" if kept.waits else "set-off-done"
    messages.success(request, text(request.language, done))
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = reverse("pages:document", args=[kept.document_id])
    return answer


def _told(request: PageRequest, *, is_unseen: bool = False) -> HttpResponse:
    """Who may not post is told what to look at, not what would be posted."""
    if not _list(request.POST.get("rows", "")):
        return render(request, "parts/set-off-preview", {"nothing": True})
    try:
        document = document_of(request)
    except DomainError as refusal:
        return render(request, "parts/set-off-preview", {"refusal": refusal})
    unit_id = request.rights.require("draft", document.unit)
    context: dict[str, Any] = {"is_unseen": is_unseen, "may_save": True, "may_post": request.rights.may("post", unit_id)}
    if context["may_post"]:
        trial = f"~{form_id(request).hex}"
        told = preview(request.books, document, Actor(request.rights.login, "page"), request.language, consent=False, trial=trial)
        waits = needs_approval(request.books, document, active_policies(request.books))
        context |= {"effect": told.effect, "refusal": told.refusal, "waits": waits}
    return render(request, "parts/set-off-preview", context | _said_beforehand(request, document))


def _said_beforehand(request: PageRequest, document: DebtAdjustment) -> dict[str, Any]:
    """Since when it works, what the law may hold against it, and which papers are not linked; in words."""
    found = checked(request.books, document)
    day = date_text(request.language, found.effect.day) if found.effect.day else ""
    return {
        "since": text(request.language, found.effect.text_key, day=day),
        "warnings": [warning_text(request.language, warned) for warned in found.warnings],
        "absent": [text(request.language, f"set-off-absent-{name}") for name in found.absent],
    }


def document_of(request: PageRequest) -> DebtAdjustment:
    """The set-off that the desk says. Errors: invalid_value, those of its shape."""
    said = {name: request.POST.get(name, "").strip() for name in TEXTS}
    currency = request.POST.get("currency", "")
    is_written_off = request.POST.get("difference") == "write_off"
    content = {
        "type": "debt_adjustment", "kind": "set_off", "unit": request.POST.get("unit", ""), "date": request.POST.get("date", ""),
        "currency": currency, "rows": [_adjustment_row(row, currency) for row in _list(request.POST.get("rows", ""))],
        "reason": request.POST.get("reason", ""), "one_sided": request.POST.get("one_sided") == "yes", **said,
        "difference": "write_off" if is_written_off else "", "account": said["account"] if is_written_off else "",
        "item": said["item"] if is_written_off else "",
    }  # fmt: skip
    try:
        return msgspec.convert(content, DebtAdjustment)
    except msgspec.ValidationError as problem:
        raise shape_refusal(content, str(problem)) from None


def _list(typed: str) -> list[list[Any]]:
    """A list of lists, as the page sends it. Errors: invalid_value."""
    try:
        said = json.loads(typed or "[]")
        rows = [list(row) for row in (said.get("they", []) + said.get("we", []) if isinstance(said, dict) else said)]
    except (AttributeError, TypeError, ValueError, RecursionError):
        raise DomainError(ErrorCode.INVALID_VALUE, field="rows", value=typed[:80]) from None
    if len(rows) > ROWS_MAX:
        raise DomainError(ErrorCode.INVALID_VALUE, field="rows", value=len(rows), expected=f"0..{ROWS_MAX}")
    return rows


def _adjustment_row(row: list[Any], currency: str) -> dict[str, Any]:
    """[side, amount, target] as the row of the document. Errors: invalid_value."""
    try:
        side, minor, target = str(row[0]), int(row[1]), row[2]
        named = dict(zip(TARGET, target, strict=True))
    except (IndexError, TypeError, ValueError):
        side, minor, named = "", 0, {}
    if not 0 < minor <= AMOUNT_MAX or not named or side not in SIDE_NAMES:
        raise DomainError(ErrorCode.INVALID_VALUE, field="rows", value=str(row)[:80])
    return {**named, "side": SIDE_NAMES[side], "amount": format_amount(minor, currency), "currency": currency}


urlpatterns = [
    path("desk/", show, name="set-off"),
    path("items/", items, name="set-off-items"),
    path("proposal/", proposal, name="set-off-proposal"),
    path("preview/", preview_part, name="set-off-preview"),
    path("post/", post, name="set-off-post"),
]
