"""The form of a notice between units, row by row: a new one, a draft, one that was rejected.

    GET  /notices/edit/?notice=    a draft or a rejected notice (what was sent is recalled first)
    GET  /notices/edit/?unit=      a new notice of that unit, without a template
    POST /notices/edit/            do=save drafts it, do=post drafts and sends it, do=fill writes the receiver's rows from the sender's

A form that is refused comes back as it was typed, with the refusal at its field. Errors: unknown_reference, not_permitted, notice_state.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.http import urlencode

from setoff.books.audit import Actor
from setoff.books.charts import load_chart
from setoff.core.errors import DomainError, ErrorCode
from setoff.language import text
from setoff.notices import services
from setoff.notices.filling import with_parties
from setoff.notices.queries import UnitPlace, find_notice, known_notice, units_of
from setoff.notices.records import Kept
from setoff.pages.forms.layout import Layout
from setoff.pages.forms.notices import notice_layout
from setoff.pages.forms.shown import ShownForm, shown_form
from setoff.pages.forms.typed import Typed, content_of, typed_from, typed_of
from setoff.pages.page import PageRequest, page, render
from setoff.trade.notice_mirror import mirrored
from setoff.trade.notice_paper import Notice
from setoff.trade.shape import shape_refusal

KEPT: Final = ("draft", "rejected")


@page("draft")
def edit(request: PageRequest) -> HttpResponse:
    """Errors: see above."""
    said = request.POST if request.method == "POST" else request.GET
    found = _asked(request, said.get("notice", "") or said.get("key", ""))
    unit = _unit(request, found.sender if found else said.get("unit", ""))
    layout = notice_layout(_receivers(request, unit))
    if request.method != "POST":
        first: Typed = {"date": request.working_day.isoformat(), "nature": "obligation", "sender_rows": [], "receiver_rows": []}
        typed = _typed(request, layout, found.notice) if found else {**first, "unit": unit.code}
        return _form(request, layout, found, unit, typed)
    typed = typed_of(request.POST.dict(), layout)
    wanted = request.POST.get("do", "save")
    try:
        notice = _said(request, layout, typed, unit, found)
        if wanted == "fill":
            rows = mirrored(load_chart(unit.chart), notice.sender_rows)
            return _form(request, layout, found, unit, _typed(request, layout, msgspec.structs.replace(notice, receiver_rows=rows)))
        kept = _kept(request, notice, sends=wanted == "post")
    except DomainError as refusal:
        return _form(request, layout, found, unit, typed, refusal)
    state = text(request.language, f"notices-state-{kept.status}")
    messages.success(request, text(request.language, "notices-now", number=kept.number, state=state))
    return redirect(f"{reverse('pages:notice')}?{urlencode({'notice': kept.code})}")


def _asked(request: PageRequest, code: str) -> Kept | None:
    """The notice that is changed. Errors: unknown_reference, not_permitted, notice_state."""
    if not code:
        return None
    found = known_notice(request.books, code)
    request.rights.require("draft", found.sender_id)
    if found.status not in KEPT:
        raise DomainError(ErrorCode.NOTICE_STATE, notice=found.number, state=found.status, expected=", ".join(KEPT))
    return found


def _unit(request: PageRequest, code: str) -> UnitPlace:
    """The sender. Errors: unknown_reference, not_permitted."""
    request.rights.require("draft", code)
    return units_of(request.books)[code]


def _receivers(request: PageRequest, unit: UnitPlace) -> tuple[str, ...]:
    units = units_of(request.books).values()
    return tuple(other.code for other in units if other.organization_id == unit.organization_id and other.id != unit.id)


def _typed(request: PageRequest, layout: Layout, notice: Notice) -> Typed:
    """The form of a notice; pickers know the sender as the unit."""
    fields = tuple(field for field in layout.fields if field.name != "unit")
    return {**typed_from(notice, layout._replace(fields=fields), request.language), "unit": notice.sender}


def _said(request: PageRequest, layout: Layout, typed: Typed, unit: UnitPlace, found: Kept | None) -> Notice:
    """What the form says; what it has no field for stays. Errors: those of its shape, unknown_reference (a contract)."""
    content = content_of(typed, layout, request.language)
    del content["type"]
    content.pop("unit", None)
    kept = {"basis": msgspec.to_builtins(found.notice.basis), "key": found.code} if found else {}
    try:
        notice = msgspec.convert({**content, "sender": unit.code, **kept}, Notice)
    except msgspec.ValidationError as problem:
        raise shape_refusal(content, str(problem)) from None
    rows = {side: with_parties(request.books, getattr(notice, side), side) for side in ("sender_rows", "receiver_rows")}
    return msgspec.structs.replace(notice, **rows)


def _kept(request: PageRequest, notice: Notice, *, sends: bool) -> Kept:
    """Drafted, and sent. Errors: number_taken where another notice has that key."""
    who = (Actor(request.rights.login, "page"), request.rights)
    if sends:
        request.rights.require("post", notice.sender)
    with request.books.transaction():
        kept = services.save_notice(request.books, notice, *who)
        return services.send_notice(request.books, kept.code, *who) if sends else kept


def _form(
    request: PageRequest, layout: Layout, found: Kept | None, unit: UnitPlace, typed: Typed, refusal: DomainError | None = None
) -> HttpResponse:
    shown = shown_form(request.books, layout, typed, request.language, refusal)
    receiver = typed.get("receiver") or next(iter(layout_receivers(layout)), "")
    reverses = find_notice(request.books, found.notice.reverses) if found and found.notice.reverses else None
    context: dict[str, Any] = {
        "found": found, "unit": unit, "shown": _named(request, shown, unit.code, receiver), "reverses": reverses,
        "is_changed": refusal is not None, "may_send": request.rights.may("post", unit.id),
    }  # fmt: skip
    return render(request, "notice-edit", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def layout_receivers(layout: Layout) -> tuple[str, ...]:
    return next(field.choices for field in layout.fields if field.name == "receiver")


def _named(request: PageRequest, shown: ShownForm, sender: str, receiver: str) -> ShownForm:
    """The rows are called by the units that they are of."""
    titles = (text(request.language, "notices-rows-of", unit=sender), text(request.language, "notices-rows-of", unit=receiver))
    return shown._replace(grids=[grid._replace(label=title) for grid, title in zip(shown.grids, titles, strict=True)])


urlpatterns = [path("edit/", edit, name="notice-edit")]
