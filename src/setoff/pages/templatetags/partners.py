"""Template tags of the partners' pages: {% load partners %}.

{% amount amount_minor currency %} a figure, nothing for zero      {% decimal value %}      {% sort_heading "overdue" sort %}
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.html import format_html

from setoff.language import text
from setoff.pages.templatetags.setoff import language_in, money, query
from setoff.reports.cells import decimal_text

register = template.Library()


@register.simple_tag(takes_context=True)
def amount(context: Mapping[str, Any], amount_minor: int, currency: str) -> str:
    """For columns where most rows have nothing."""
    return money(context, amount_minor or None, currency)


@register.simple_tag(takes_context=True)
def decimal(context: Mapping[str, Any], value: Decimal) -> str:
    return decimal_text(value, language_in(context))


@register.simple_tag(takes_context=True)
def party_text(context: Mapping[str, Any], area: str, name: str) -> str:
    """The word of a tab or a trend."""
    return text(language_in(context), f"party-{area}-{name}")


@register.simple_tag(takes_context=True)
def sort_heading(context: Mapping[str, Any], name: str, chosen: str) -> str:
    """The head of a column of figures that sorts by it, largest first."""
    told = text(language_in(context), f"party-{name}")
    sorted_by = "descending" if name == chosen else "none"
    address = query(context, sort=name, after="")
    return format_html('<th scope="col" class="figure" aria-sort="{}"><a href="{}">{}</a></th>', sorted_by, address, told)


@register.simple_tag(takes_context=True)
def open_figure(context: Mapping[str, Any], amount_minor: int, currency: str, **filters: str) -> str:
    """A figure of a partner that opens the items it is made of; nothing for zero. Filters as on the page of open items."""
    if not amount_minor:
        return ""
    found = urlencode({"currency": currency, **{name: value for name, value in filters.items() if value}})
    return format_html('<a href="{}">{}</a>', f"{context['lots_url']}&{found}", money(context, amount_minor, currency))
