"""Template tags: texts, amounts and days in the language of the request.

    {% t "key" name=value %}      {% money amount_minor currency %}      {% day date %}      {% fact "kind" value %}
    {% money_long amount_minor currency %} with its currency      {% query page=2 %} this address with other parameters
    {% problem refusal %} and {% mend refusal %}: what a DomainError says
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from setoff.core.errors import DomainError
from setoff.core.money import Money, format_amount
from setoff.language import LANGUAGES, Language, date_text, error_text, fact_text, has_text, mend_text, money_text, text
from setoff.language.zones import default_zone, places
from setoff.pages.menu import APPROVALS, NOTICES, OFFICE, Entry, Item, entries, items
from setoff.pages.page import enter_frame
from setoff.pages.table import Row, cells_of
from setoff.reports.cells import document_text, object_text
from setoff.reports.letters import keeps_letters
from setoff.reports.report import DocumentName

register = template.Library()
MINUS = "\N{MINUS SIGN}"


def language_in(context: Mapping[str, Any]) -> Language:
    request = context.get("request")
    found: Language = getattr(request, "language", "en")
    return found


@register.simple_tag(takes_context=True)
def t(context: Mapping[str, Any], key: str, **facts: Any) -> str:
    """A text of language/*/*.ftl; Django escapes it."""
    return text(language_in(context), key, **facts)


@register.simple_tag(takes_context=True)
def money(context: Mapping[str, Any], amount_minor: int | None, currency: str) -> str:
    """An amount for a column of figures: empty when there is none, a real minus sign, and the plain figure for machines."""
    if amount_minor is None:
        return ""
    shown = money_text(language_in(context), amount_minor, currency).replace("-", MINUS)
    kind = "negative" if amount_minor < 0 else "amount"
    return mark_safe(f'<data class="{kind}" value="{format_amount(amount_minor, currency)}">{shown}</data>')  # noqa: S308 - figures alone


@register.simple_tag(takes_context=True)
def money_long(context: Mapping[str, Any], amount_minor: int, currency: str) -> str:
    """An amount with its currency, for a sentence."""
    shown = fact_text(language_in(context), "amount", Money(amount_minor, currency)).replace("-", MINUS)
    return format_html('<data value="{}">{}</data>', format_amount(amount_minor, currency), shown)


@register.simple_tag
def amount(amount_minor: int, currency: str) -> str:
    """An amount in plain figures, for a hidden field."""
    return format_amount(amount_minor, currency)


@register.simple_tag(takes_context=True)
def day(context: Mapping[str, Any], value: date | None) -> str:
    if value is None:
        return ""
    return mark_safe(f'<time datetime="{value.isoformat()}">{date_text(language_in(context), value)}</time>')  # noqa: S308 - figures alone


@register.simple_tag(takes_context=True)
def cells(context: Mapping[str, Any], row: Row) -> str:
    """The cells of a row of a report."""
    return mark_safe(cells_of(row, language_in(context)))  # noqa: S308 - escaped there


@register.simple_tag(takes_context=True)
def fact(context: Mapping[str, Any], name: str, value: Any) -> str:
    """A fact by its name: words of ours (kind, status, relation ...) translated, instants and amounts by the language."""
    return fact_text(language_in(context), name, value)


@register.simple_tag(takes_context=True)
def problem(context: Mapping[str, Any], refusal: DomainError) -> str:
    return error_text(language_in(context), worded(refusal, language_in(context)))


@register.simple_tag(takes_context=True)
def mend(context: Mapping[str, Any], refusal: DomainError) -> str:
    return mend_text(language_in(context), worded(refusal, language_in(context)))


def worded(refusal: DomainError, language: Language) -> DomainError:
    """The refusal with its field called as forms call it, where it is a field of a form; programs are told its name."""
    field = str(refusal.facts.get("field", ""))
    key = f"field-{field.replace('_', '-')}"
    return DomainError(refusal.code, **{**refusal.facts, "field": text(language, key)}) if has_text(language, key) else refusal


@register.simple_tag(takes_context=True)
def query(context: Mapping[str, Any], **changes: Any) -> str:
    """ "?..." of this address with parameters set, or taken out when empty. Names are written with "_" for "-"."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        plain = name.replace("_", "-")
        parameters.pop(plain, None)
        if isinstance(value, list | tuple):
            parameters.setlist(plain, [str(item) for item in value])
        elif value not in (None, ""):
            parameters[plain] = str(value)
    return f"?{parameters.urlencode()}"


@register.simple_tag
def languages() -> tuple[tuple[str, str], ...]:
    """Every language by its own name."""
    return tuple(zip(LANGUAGES, ("English", "Русский", "中文"), strict=True))


@register.simple_tag
def zones() -> list[str]:
    """The time zones that people choose from."""
    return places()


@register.simple_tag
def zone_of_settings() -> str:
    return default_zone()


@register.simple_tag
def letters_go() -> bool:
    """Whether there is a mail server."""
    return not keeps_letters()


@register.simple_tag(takes_context=True)
def menu(context: Mapping[str, Any]) -> list[Entry]:
    request = context["request"]
    waiting = {APPROVALS: getattr(request, "waiting", 0), NOTICES: getattr(request, "notices", 0)}
    return entries(items(request.rights, request.path, waiting=waiting))


@register.simple_tag(takes_context=True)
def whose_frame(context: Mapping[str, Any]) -> str:
    """Stands before the frame of pages that are not made by `@page`: the menu of who is signed in."""
    enter_frame(context["request"])
    return ""


@register.simple_tag(takes_context=True)
def office_menu(context: Mapping[str, Any]) -> list[Item]:
    """The places of the person's own menu."""
    request = context["request"]
    return items(request.rights, request.path, OFFICE)


@register.simple_tag(takes_context=True)
def report_title(context: Mapping[str, Any], name: str) -> str:
    return text(language_in(context), f"report-{name}")


@register.simple_tag(takes_context=True)
def option_title(context: Mapping[str, Any], name: str) -> str:
    return text(language_in(context), f"option-{name}")


@register.simple_tag(takes_context=True)
def column_title(context: Mapping[str, Any], name: str) -> str:
    return text(language_in(context), f"column-{name.replace('_', '-')}")


@register.simple_tag(takes_context=True)
def check_title(context: Mapping[str, Any], code: str) -> str:
    return text(language_in(context), "check-" + code.lower().replace(".", "-"))


@register.filter
def prefixed(name: str, prefix: str) -> str:
    """A key made of two parts."""
    return prefix + name


@register.filter
def words(listed: str) -> list[str]:
    return listed.split()


@register.filter
def minus(count: int, shown: Sequence[Any]) -> int:
    """How many of the count are not shown."""
    return count - len(shown)


@register.filter(name="hex")
def hexadecimal(value: bytes | None) -> str:
    return value.hex() if value else ""


@register.simple_tag(takes_context=True)
def t_of(context: Mapping[str, Any], vocabulary: str, word: str, part: str = "") -> str:
    """The text VOCABULARY-WORD, or VOCABULARY-WORD-PART."""
    key = "-".join(filter(None, [vocabulary, word.replace("_", "-"), part]))
    return text(language_in(context), key)


@register.simple_tag(takes_context=True)
def document_name(context: Mapping[str, Any], document: Any) -> str:
    """ "Sale 12 of 5 Jan 2026" of anything that has key, kind, number and date."""
    return document_text(DocumentName(document.key, document.kind, document.number, document.date), language_in(context))


@register.simple_tag(takes_context=True, name="object")
def object_name(context: Mapping[str, Any], value: str) -> str:
    """A settlement object in words."""
    return object_text(value, language_in(context))
