"""Webhooks as pages: one is made, changed, paused, tried and removed; what was sent to it is shown and sent again; whose they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from django.test import Client

from setoff.core.errors import DomainError
from setoff.language import LANGUAGES, text
from setoff.language.zones import told_in
from setoff.site import database
from setoff.webhooks import delivery
from setoff.webhooks.sending import Sent
from setoff.webhooks.services import EVENTS, since_of
from tests.access.people import add_user

Company = psycopg.Connection[Any]
SignIn = Callable[..., Client]
URL = "https://warehouse.example.com/setoff"
SAID = {"url": URL, "description": "Warehouse", "unit": ["MSK"], "event": ["document.posted", "period.sealed"]}


def content(answer: Any) -> str:
    found: str = answer.content.decode()
    return found


def added(client: Client, **fields: Any) -> str:
    """The address of a new webhook."""
    answer = client.post("/webhooks/", {**SAID, **fields})
    assert answer.status_code == 200, content(answer)
    (number,) = set(re.findall(r'action="(/webhooks/\d+/)"', content(answer)))
    return str(number)


def deliver(status: int | None, reason: str = "") -> int:
    """Everything that waits is tried once, and ends so."""

    def send(_url: str, _body: bytes, _headers: Mapping[str, str]) -> Sent:
        return Sent(status, reason, 5)

    with database.connect() as conn:
        return delivery.deliver_due(conn, send)


def test_one_is_made_and_its_secret_told_once(web: Company, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    made = client.post("/webhooks/", SAID)
    (secret,) = re.findall(r"<code>(whsec_[^<]+)</code>", content(made))
    assert made["Cache-Control"] == "no-store"
    assert web.execute("select url, description, events, secret, state from webhook").fetchall() == [
        (URL, "Warehouse", ["document.posted", "period.sealed"], secret, "active")
    ]
    (address,) = re.findall(r'href="(/webhooks/\d+/)"', content(client.get("/webhooks/")))
    assert "whsec_" not in content(client.get(address))
    renewed = client.post(address, {"action": "secret"})
    assert re.findall(r"<code>(whsec_[^<]+)</code>", content(renewed)) == [
        found for (found,) in web.execute("select secret from webhook where secret <> %s", [secret]).fetchall()
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"url": "http://warehouse.example.com"}, "webhook_address_refused"), ({"url": "https://127.0.0.1/"}, "webhook_address_refused"),
     ({"unit": []}, "field_missing"), ({"event": []}, "field_missing"), ({"event": ["trial"]}, "invalid_value"),
     ({"unit": ["NOWHERE"]}, "unknown_reference")],
)  # fmt: skip
def test_what_cannot_be_is_told_beside_what_was_typed(web: Company, sign_in: SignIn, wrong: dict[str, Any], code: str) -> None:
    client = sign_in("administrator")
    answer = client.post("/webhooks/", {**SAID, **wrong})
    assert answer.status_code == 422 and f'<p class="code">{code}' in content(answer)
    assert 'name="description" value="Warehouse"' in content(answer)
    address = added(client)
    changed = client.post(address, {**SAID, "description": "Other", "action": "change", **wrong})
    assert changed.status_code == 422 and 'name="description" value="Other"' in content(changed)
    assert web.execute("select description from webhook").fetchall() == [("Warehouse",)]


def test_it_is_changed_paused_and_removed(web: Company, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    address = added(client)
    said = {**SAID, "unit": ["MSK", "SPB"], "event": list(EVENTS), "paused": "yes", "action": "change"}
    assert client.post(address, said).status_code == 302
    assert web.execute("select cardinality(unit_ids), cardinality(events), state from webhook").fetchall() == [(2, 6, "paused")]
    assert text("en", "webhook-paused-why") in content(client.get(address))
    assert client.post(address, {"action": "forget"}).status_code == 422
    assert client.post(address, {"action": "remove"}).status_code == 302
    assert web.execute("select count(*) from webhook").fetchone() == (0,)
    verbs = web.execute("select verb, author, origin from audit where verb like '%webhook%' order by id").fetchall()
    assert verbs == [(verb, "administrator", "page") for verb in ("add_webhook", "change_webhook", "remove_webhook")]


def test_what_was_sent_is_shown_and_sent_again(web: Company, sign_in: SignIn) -> None:
    """A trial message is given up at once; asked for again it is delivered."""
    client = sign_in("administrator")
    address = added(client)
    states = "select state, attempts from webhook_delivery"
    assert client.post(address, {"action": "trial"}).status_code == 302
    assert web.execute(states).fetchall() == [("pending", 0)]
    assert deliver(503, "Service Unavailable") == 1
    dead = content(client.get(f"{address}?state=dead"))
    assert "503 Service Unavailable" in dead and text("en", "webhook-event-trial") in dead
    assert '<span class="badge bad">1</span>' in content(client.get("/webhooks/"))
    (number,) = re.findall(r'name="delivery" value="(\d+)"', dead)
    assert client.post(address, {"action": "again", "delivery": number}).status_code == 302
    assert deliver(None, "name: not known") == 1
    assert text("en", "webhook-reason-name") in content(client.get(address))
    assert client.post(address, {"action": "replay", "which": "dead", "since": ""}).status_code == 302
    assert deliver(204, "No Content") == 1
    assert web.execute(states).fetchall() == [("delivered", 1)]
    assert text("en", "webhook-nothing-sent") in content(client.get(f"{address}?state=dead"))
    assert client.post(address, {"action": "replay", "which": "dead"}, follow=True).content.decode().count("again: 0") == 1
    assert client.post(address, {"action": "replay", "which": "all", "since": "2999-01-01"}, follow=True).content.decode().count(": 0") == 1
    assert client.post(address, {"action": "replay", "since": "tomorrow"}).status_code == 422
    assert client.post(address, {"action": "again", "delivery": "9" * 18}).status_code == 404
    assert client.get(f"{address}?state=lost").status_code == 422


def test_whose_they_are(web: Company, sign_in: SignIn) -> None:
    """Of a unit's administrator: his own, of his units. Others find nothing there."""
    add_user(web, "mara", MSK="administrator")
    add_user(web, "nils", MSK="administrator")
    everywhere = added(sign_in("administrator"), unit=["MSK", "SPB"])
    mara = sign_in("mara")
    own = added(mara)
    assert re.findall(r'href="(/webhooks/\d+/)"', content(mara.get("/webhooks/"))) == [own]
    assert mara.get(everywhere).status_code == 404
    assert mara.post(everywhere, {"action": "remove"}).status_code == 404
    assert mara.post("/webhooks/", {**SAID, "unit": ["SPB"]}).status_code == 422
    assert sign_in("nils").get(own).status_code == 404
    assert 'value="SPB"' not in content(mara.get("/webhooks/"))
    assert set(re.findall(r'href="(/webhooks/\d+/)"', content(sign_in("administrator").get("/webhooks/")))) == {own, everywhere}
    accountant = sign_in("accountant")
    assert (accountant.get("/webhooks/").status_code, accountant.post("/webhooks/", SAID).status_code) == (403, 403)
    assert mara.get("/webhooks/" + "9" * 30 + "/").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language(web: Company, sign_in: SignIn, language: Any) -> None:
    client = sign_in("administrator", language)
    address = added(client)
    client.post(address, {"action": "trial"})
    deliver(None, "not_permitted")
    shown = content(client.get(address))
    for key in ("webhook-reason-not-permitted", "webhook-event-trial", "delivery-state-dead", "webhook-replay-all"):
        assert text(language, key) in shown, key
    listed = content(client.get("/webhooks/"))
    for event in EVENTS:
        assert text(language, f"webhook-event-{event.replace('.', '-')}") in listed


def test_a_day_is_its_beginning_where_the_reader_is() -> None:
    with told_in("Asia/Shanghai"):
        assert since_of("2026-01-10") == datetime(2026, 1, 9, 16, tzinfo=UTC)
        assert since_of("2026-01-10T08:00") == datetime(2026, 1, 10, 0, tzinfo=UTC)
    assert since_of("2026-01-10T08:00+03:00") == datetime(2026, 1, 10, 5, tzinfo=UTC)
    assert since_of("") is None
    for wrong in ("2026-13-01", "yesterday"):
        with pytest.raises(DomainError):
            since_of(wrong)
