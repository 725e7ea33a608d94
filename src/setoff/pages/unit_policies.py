"""What every unit decided of what law and practice leave open: value, default, reason and source; administrators decide here.

/policies/units/    what is decided elsewhere says where
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.language import Language, text
from setoff.pages.page import PageRequest, page, render
from setoff.parties.policies import Decided, set_unit_policy, unit_policies

WORDS: Final = {
    "vat_on_set_off": "choice-vat-on-set-off", "vat_on_advances": "choice-vat-on-advances",
}  # fmt: skip
"""Where the words are for the values of what is decided elsewhere."""


@page("read")
def index(request: PageRequest) -> HttpResponse:
    """The policies of every unit; by POST one stands so from now on."""
    refusal = None
    if request.method == "POST":
        request.rights.require_administrator()
        unit, name, value = (request.POST.get(field, "").strip() for field in ("unit", "name", "value"))
        try:
            set_unit_policy(request.books, unit, name, value, Actor(request.rights.login, "page"))
            messages.success(request, text(request.language, "unit-policy-set", unit=unit))
            return redirect("pages:unit-policies")
        except DomainError as refused:
            refusal = refused
    units = [
        (unit, [told(item, request.language) for item in unit_policies(request.books, unit)])
        for unit in sorted(request.rights.unit_codes)
    ]
    context = {"units": units, "refusal": refusal, "may_set": request.rights.is_administrator}
    return render(request, "unit-policies", context, status=HTTPStatus.UNPROCESSABLE_ENTITY if refusal else HTTPStatus.OK)


def told(item: Decided, language: Language) -> dict[str, object]:
    """A policy in words; values that are words of ours are translated."""
    key = "switch-" + item.name.replace("_", "-")
    words = {value: text(language, f"{key}-{value}".replace("_", "-")) for value in item.choices}
    if item.name in WORDS:
        words |= {value: text(language, f"{WORDS[item.name]}-{value.replace('_', '-')}") for value in (item.value, item.default) if value}
    return {
        "item": item, "title": text(language, key), "reason": text(language, f"{key}-reason"), "source": text(language, f"{key}-source"),
        "shown": words.get(item.value, item.value), "default": words.get(item.default, item.default),
        "choices": [(value, words[value]) for value in item.choices],
        "place": text(language, f"switch-place-{item.place.replace('_', '-')}"),
    }  # fmt: skip


urlpatterns = [path("", index, name="unit-policies")]
