"""Pages of entry: a new document of any kind, and an edit of one that stands.

    GET  /entry/                       the kinds
    GET  /entry/KIND/                  an empty form; ?copy=ID a copy; ?basis=ID one that follows that document
    GET  /entry/document/ID/           the form of a document
    POST the same                      do=save, post, fill (payments: by balances; supplies: by the contract)
    POST /entry/preview/KIND/          what it would do (a part of the page)

A form that is refused comes back as it was typed, with the refusal at its field.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from setoff.access.approvals import needs_approval
from setoff.access.policies import active_policies
from setoff.books.audit import Actor
from setoff.core.errors import DomainError, ErrorCode
from setoff.core.money import format_amount
from setoff.language import text
from setoff.pages.forms import posting
from setoff.pages.forms.basis import based_on, basis_of, copied, stored_document
from setoff.pages.forms.layout import Layout
from setoff.pages.forms.layouts import GROUPS, layout_of
from setoff.pages.forms.preview import Preview, Worth, consent_text, only_contract, preview, uses_contracts, worth_of
from setoff.pages.forms.shown import labelled, shown_form
from setoff.pages.forms.typed import BOTH, YES, Typed, content_of, shown_number, typed_from, typed_of
from setoff.pages.page import PageRequest, page, render
from setoff.settlements.choosing import choose_contract
from setoff.settlements.filling import fill_by_balances
from setoff.trade.documents import AnyDocument, Payment
from setoff.trade.kinds import kind_of
from setoff.trade.shape import shape_refusal

KEYS: Final = {"sale": "s", "purchase": "p", "payment_from_customer": "c", "payment_to_supplier": "t", "manual_entry": "m"}
LAST_UNIT: Final = "entry_unit"


class Opened(NamedTuple):
    """What a form stands for: a kind, and the document that is edited (id 0, version 0: a new one)."""

    layout: Layout
    document_id: int = 0
    version: int = 0
    status: str = ""
    number: str = ""


@page("draft")
def kinds(request: PageRequest) -> HttpResponse:
    groups = [
        (text(request.language, f"entry-group-{group}"), [(kind, KEYS.get(kind, "")) for kind in of_group]) for group, of_group in GROUPS
    ]
    return render(request, "entry-kinds", {"groups": groups})


@require_http_methods(["GET", "POST"])
@page("draft")
def new(request: PageRequest, kind: str) -> HttpResponse:
    opened = Opened(layout_of(kind))
    if request.method == "POST":
        return _act(request, opened)
    return _form(request, opened, _first(request, opened.layout))


@require_http_methods(["GET", "POST"])
@page("draft")
def edit(request: PageRequest, document_id: int) -> HttpResponse:
    document, version, status = stored_document(request.books, document_id)
    opened = Opened(layout_of(kind_of(document)), document_id, version, status, document.number)
    request.rights.require("post" if status == "posted" else "draft", document.unit)
    if request.method == "POST":
        return _act(request, opened)
    return _form(request, opened, typed_from(document, opened.layout, request.language))


def _first(request: PageRequest, layout: Layout) -> Typed:
    """What stands in a new form."""
    for name in ("copy", "basis"):
        found = request.GET.get(name, "")
        if found.isdecimal() and len(found) < 19:
            document, _, _ = stored_document(request.books, int(found))
            made = (
                copied(document, request.working_day)
                if name == "copy"
                else based_on(request.books, document, layout.name, request.rights.units_with("read"), request.working_day)
            )
            if kind_of(made) == layout.name:
                return typed_from(made, layout, request.language)
            raise DomainError(ErrorCode.BASE_MISMATCH, base=document.number, kind=kind_of(document), status="")
    codes = sorted(request.rights.unit_codes)
    last = str(request.session.get(LAST_UNIT, ""))
    units = [code for code in codes if request.rights.may("draft", request.rights.unit_codes[code])]
    typed: Typed = {"unit": last if last in units else units[0], "date": request.working_day.isoformat(), "contours": BOTH}
    typed |= {"prices_include_vat": YES, "direction": "down", "deduct": YES, "invoice_kind": "shipment"}
    return typed | {field.name: request.GET[field.name] for field in layout.fields if request.GET.get(field.name)}


def _act(request: PageRequest, opened: Opened) -> HttpResponse:
    """Does what the pressed button says. What is refused, the form comes back with."""
    typed = typed_of(request.POST.dict(), opened.layout)
    wanted = request.POST.get("do", "save")
    try:
        document = document_of(request, opened, typed)
        request.rights.require("post" if wanted == "post" else "draft", document.unit)
        if wanted == "fill" and _fills(opened.layout):
            filled = fill_by_balances(request.books, document) if isinstance(document, Payment) else document
            filled = choose_contract(request.books, filled).document
            return _form(request, opened, typed_from(filled, opened.layout, request.language), is_changed=True)
        kept = _keep(request, document, wanted)
    except posting.Unseen:
        return _form(request, opened, typed, notice="entry-unseen", status=409, is_changed=True)
    except DomainError as refusal:
        return _form(request, opened, typed, refusal=refusal, status=422, is_changed=True)
    request.session[LAST_UNIT] = document.unit
    done = "entry-waits" if kept.waits else "entry-posted" if wanted == "post" else "entry-saved"
    messages.success(request, text(request.language, done))
    return redirect("pages:document", document_id=kept.document_id)


def _keep(request: PageRequest, document: AnyDocument, wanted: str) -> posting.Kept:
    sent = posting.Sent(
        document,
        form_id(request),
        whole(request.POST.get("version", "")),
        request.POST.get("agreed") == YES,
        request.POST.get("seen", ""),
    )
    verb = posting.post if wanted == "post" else posting.save
    return verb(request.books, sent, Actor(request.rights.login, "page"), request.rights)


def _fills(layout: Layout) -> str:
    """By what a form fills itself: payments by balances, supplies by their contract."""
    if layout.tag == "payment" and any(grid.name == "targets" for grid in layout.grids):
        return "balances"
    return "contract" if layout.tag in ("sale", "purchase") else ""


def whole(said: str) -> int:
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def form_id(request: PageRequest) -> UUID:
    """The id that the form was given when it was opened. Errors: field_missing."""
    try:
        return UUID(request.POST.get("form", ""))
    except ValueError:
        raise DomainError(ErrorCode.FIELD_MISSING, field="form") from None


def document_of(request: PageRequest, opened: Opened, typed: Typed) -> AnyDocument:
    """The document that the form says. Errors: those of its shape."""
    content = content_of(typed, opened.layout, request.language)
    try:
        document: AnyDocument = msgspec.convert(content, AnyDocument)
    except msgspec.ValidationError as problem:
        raise shape_refusal(content, str(problem)) from None
    if opened.document_id and not document.key:
        raise DomainError(ErrorCode.FIELD_MISSING, field="key")
    return document


def _form(
    request: PageRequest,
    opened: Opened,
    typed: Typed,
    *,
    refusal: DomainError | None = None,
    notice: str = "",
    status: int = 200,
    is_changed: bool = False,
) -> HttpResponse:
    kept = request.POST if request.method == "POST" else {}
    unit = request.rights.unit_codes.get(typed.get("unit", ""), 0)
    context: dict[str, Any] = {
        "opened": opened,
        "kind": opened.layout.name,
        "shown": shown_form(request.books, opened.layout, typed, request.language, refusal),
        "form_id": kept.get("form") or str(uuid4()),
        "version": kept.get("version") or opened.version,
        "notice": notice,
        "is_changed": is_changed,
        "is_filled": "copy" in request.GET or "basis" in request.GET,
        "may_save": opened.status != "posted",
        "may_post": request.rights.may("post", unit) if unit else bool(request.rights.units_with("post")),
        "fills": _fills(opened.layout),
    }
    return render(request, "entry", context, status=status)


@require_POST
@page("draft")
def preview_part(request: PageRequest, kind: str) -> HttpResponse:
    """What the form would do, as far as it says it."""
    layout = layout_of(kind)
    opened = Opened(layout, whole(request.POST.get("opened", "")), whole(request.POST.get("version", "")))
    typed = typed_of(request.POST.dict(), layout)
    contract, waits, has_contract = "", False, True
    try:
        document = document_of(request, opened, typed)
        unit = request.rights.require("draft", document.unit)
        contract, has_contract = only_contract(request.books, document), uses_contracts(request.books, document)
        if request.rights.may("post", unit):
            actor = Actor(request.rights.login, "page")
            agreed = request.POST.get("agreed") == YES
            waits = needs_approval(request.books, document, active_policies(request.books))
            told = preview(request.books, document, actor, request.language, consent=agreed, trial=f"~{form_id(request).hex}")
        else:
            told = Preview(worth_of(request.books, document))
    except DomainError as refusal:
        told = Preview(None, None, refusal)
    if told.refusal:
        told = told._replace(refusal=labelled(told.refusal, layout, request.language))
    count = len(told.effect.others) if told.effect else 0
    answer: dict[str, Any] = {"has_contract": has_contract}
    answer |= {"lines": _amounts(told.worth, request), "others": text(request.language, "entry-others", count=count) if count else ""}
    if contract:
        row = request.books.execute("select code, number from contract where code = %s", [contract]).fetchone()
        answer["contract"] = list(row) if row else []
    missing = ""
    if told.refusal and told.refusal.code == ErrorCode.FIELD_MISSING:
        missing = str(told.refusal.facts.get("field", ""))
    agreed = request.POST.get("agreed") == YES
    context = {"told": told, "missing": missing, "answer": json.dumps(answer, ensure_ascii=False), "agreed": agreed, "waits": waits}
    context["consent"] = consent_text(told.refusal.code) if told.refusal else ""
    context |= {"kind": kind, "basis": basis_of(request.books, kind, request.POST.get("base", "")) if missing else 0}
    return render(request, "parts/preview", context)


def _amounts(worth: Worth | None, request: PageRequest) -> list[list[str]]:
    """Amount and VAT of each line as texts for its empty fields."""
    if worth is None:
        return []
    return [
        ["" if part is None else shown_number(format_amount(part, worth.currency), request.language) for part in (line.gross, line.vat)]
        for line in worth.lines
    ]


urlpatterns = [
    path("", kinds, name="entry-kinds"),
    path("document/<int:document_id>/", edit, name="entry-edit"),
    path("preview/<str:kind>/", preview_part, name="entry-preview"),
    path("<str:kind>/", new, name="entry-new"),
]
