"""Template tags of the pages of webhooks: {% load webhooks %}.

{% webhook_event "document.posted" %} in words      {% delivery_answer row %} what the other side answered, or why nothing came
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import template
from django.utils.html import format_html

from setoff.language import text
from setoff.pages.templatetags.setoff import language_in
from setoff.webhooks.queries import DeliveryRow

register = template.Library()
REASONS: Final = {
    "not_permitted": "webhook-reason-not-permitted", "webhook_address_refused": "webhook-reason-address", "name": "webhook-reason-name",
}  # fmt: skip
"""Why nothing was sent, by how the kept reason begins; of all else the connection failed."""


@register.simple_tag(takes_context=True)
def webhook_event(context: Mapping[str, Any], event: str) -> str:
    return text(language_in(context), f"webhook-event-{event.replace('.', '-')}")


@register.simple_tag(takes_context=True)
def delivery_answer(context: Mapping[str, Any], row: DeliveryRow) -> str:
    if row.status is not None:
        return format_html("<code>{} {}</code>", row.status, row.reason)
    begins, _, rest = row.reason.partition(":")
    key = REASONS.get(begins, "webhook-reason-connection")
    detail = rest.strip() if begins in REASONS else row.reason
    said = text(language_in(context), key)
    return format_html('{}<div class="note"><code>{}</code></div>', said, detail) if detail else said
