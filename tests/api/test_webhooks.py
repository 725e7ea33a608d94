"""Webhooks: written with the verb, signed, sent to a real server, tried again, given up, sent again, and not to where they may not go."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psycopg
import pytest

from setoff.books.audit import Actor
from setoff.core.errors import DomainError
from setoff.site import database, pool
from setoff.webhooks import delivery, sending
from setoff.webhooks.services import Wanted, add_webhook
from tests.api.asking import Api, sale

Company = psycopg.Connection[Any]
NEVER_WAIT = tuple(0 for _ in delivery.WAITS_SECONDS)


class Receiver:
    """A server that keeps what it gets and answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """A test has nothing to say of a request."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def messages(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.got]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv(sending.SETTING, "yes")
    found = Receiver()
    yield found
    found.stop()


@pytest.fixture
def administrator(sign_in: Callable[[str], Api]) -> Api:
    return sign_in("administrator")


def deliver() -> int:
    with database.connect() as conn:
        return delivery.deliver_due(conn)


def subscribe(api: Api, receiver: Receiver, *events: str, units: tuple[str, ...] = ("MSK",)) -> dict[str, Any]:
    wanted = {"url": receiver.url, "units": list(units), "events": list(events or ("document.posted",))}
    answer = api.post("webhooks", wanted)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_posted_document_is_told_signed(administrator: Api, receiver: Receiver) -> None:
    added = subscribe(administrator, receiver)
    administrator.post("documents", sale("1"))
    administrator.post("documents", sale("2", state="draft"))
    assert deliver() == 1
    headers, body = receiver.got[0]
    key = base64.b64decode(added["secret"].removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    told = json.loads(body)
    assert (told["type"], told["data"]["unit"], told["data"]["key"]) == ("document.posted", "MSK", "sale/MSK/2026/1")
    assert told["data"]["document"]["lines"] == [{"amount": "100.00", "vat_rate": "20"}]
    assert deliver() == 0


def test_every_event_is_told_of_its_units_alone(administrator: Api, receiver: Receiver) -> None:
    subscribe(administrator, receiver, "document.posted", "document.changed", "document.unposted", "period.closed", "period.sealed")
    administrator.post("documents", sale("1"))
    administrator.post("documents", sale("1", "110.00"))
    administrator.post("documents/sale/MSK/2026/1/unpost")
    administrator.post("documents", {**sale("1"), "unit": "SPB"})
    administrator.post("periods/MSK/2026-01-31/close", {"reason": "January"})
    administrator.post("periods/MSK/2026-01-31/seal", {})
    deliver()
    told = [(message["type"], message["data"]["unit"]) for message in receiver.messages()]
    assert sorted(told) == sorted(
        (event, "MSK") for event in ("document.posted", "document.changed", "document.unposted", "period.closed", "period.sealed")
    )
    closed = next(message["data"] for message in receiver.messages() if message["type"] == "period.closed")
    assert (closed["last_day"], closed["reason"], len(closed["hash"])) == ("2026-01-31", "January", 64)


def test_what_is_not_kept_is_not_told(administrator: Api, receiver: Receiver) -> None:
    subscribe(administrator, receiver)
    administrator.post("documents?dry_run=true", sale("1"))
    administrator.post("documents", sale("2", "wrong"))
    assert deliver() == 0


def test_an_import_tells_every_document(administrator: Api, receiver: Receiver) -> None:
    subscribe(administrator, receiver)
    records = b"\n".join(json.dumps(sale(str(number))).encode() for number in range(1, 41))
    administrator.post("imports", records, content_type="application/x-ndjson")
    assert deliver() == 40
    assert {message["data"]["document"]["number"] for message in receiver.messages()} == {str(number) for number in range(1, 41)}


def test_what_fails_is_tried_again_with_the_same_id(
    administrator: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, web: Company
) -> None:
    monkeypatch.setattr(delivery, "WAITS_SECONDS", NEVER_WAIT)
    number = subscribe(administrator, receiver)["id"]
    receiver.answers = [500, 302, 204]
    administrator.post("documents", sale("1"))
    deliver()
    assert len({headers["webhook-id"] for headers, _body in receiver.got}) == 1
    assert len({body for _headers, body in receiver.got}) == 1
    row = administrator.get(f"webhooks/{number}/deliveries").json()["rows"][0]
    assert (row["state"], row["attempts"], row["status"]) == ("delivered", 3, 204)
    assert web.execute("select attempt, status from webhook_attempt order by attempt").fetchall() == [(1, 500), (2, 302), (3, 204)]


def test_a_failed_message_waits(administrator: Api, receiver: Receiver, web: Company) -> None:
    subscribe(administrator, receiver)
    receiver.answers = [503]
    administrator.post("documents", sale("1"))
    assert (deliver(), deliver()) == (1, 0)
    row = web.execute("select next_at - clock_timestamp() between '1 second' and '5 seconds', state from webhook_delivery").fetchone()
    assert row == (True, "pending")


def test_a_message_is_given_up_and_sent_again_on_demand(
    administrator: Api, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "WAITS_SECONDS", NEVER_WAIT)
    number = subscribe(administrator, receiver)["id"]
    receiver.answers = [500] * 9
    administrator.post("documents", sale("1"))
    deliver()
    assert len(receiver.got) == 9
    assert administrator.get(f"webhooks/{number}").json()["dead"] == 1
    assert administrator.post(f"webhooks/{number}/replay", {"only_dead": True}).json() == {"count": 1}
    deliver()
    row = administrator.get(f"webhooks/{number}/deliveries", state="delivered").json()["rows"][0]
    assert administrator.post(f"webhooks/{number}/deliveries/{row['id']}/replay").json() == {"count": 1}
    assert deliver() == 1
    assert administrator.post(f"webhooks/{number}/deliveries/{row['id'] + 1}/replay").status_code == 404


def test_a_receiver_that_is_gone_is_paused(administrator: Api, receiver: Receiver) -> None:
    number = subscribe(administrator, receiver)["id"]
    receiver.answers = [410]
    administrator.post("documents", sale("1"))
    deliver()
    assert administrator.get(f"webhooks/{number}").json()["state"] == "paused"
    administrator.post("documents", sale("2"))
    assert deliver() == 0


def test_two_workers_share_the_work(administrator: Api, receiver: Receiver) -> None:
    subscribe(administrator, receiver)
    for number in range(1, 9):
        administrator.post("documents", sale(str(number)))
    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.got) == 8


def test_who_may_not_read_a_unit_any_more_is_not_told(administrator: Api, receiver: Receiver, web: Company) -> None:
    subscribe(administrator, receiver)
    administrator.post("documents", sale("1"))
    web.execute("update access_user set is_active = false where username = 'administrator'")
    deliver()
    assert receiver.got == []
    assert web.execute("select state from webhook_delivery").fetchall() == [("dead",)]


def test_only_who_administers_the_units_keeps_webhooks(sign_in: Callable[[str], Api], administrator: Api, receiver: Receiver) -> None:
    number = subscribe(administrator, receiver)["id"]
    accountant = sign_in("accountant")
    assert accountant.get("webhooks").json() == []
    assert accountant.get(f"webhooks/{number}").status_code == 404
    assert accountant.send("DELETE", f"webhooks/{number}").status_code == 404
    wanted = {"url": receiver.url, "units": ["MSK"], "events": ["document.posted"]}
    assert accountant.post("webhooks", wanted).json()["code"] == "not_permitted"
    changed = administrator.put(f"webhooks/{number}", {**wanted, "state": "paused", "description": "for the warehouse"}).json()
    assert (changed["state"], changed["description"]) == ("paused", "for the warehouse")
    assert administrator.post(f"webhooks/{number}/trial").json() == {"count": 1}
    assert deliver() == 1
    assert receiver.messages()[0]["type"] == "trial"
    assert administrator.post(f"webhooks/{number}/secret").json()["secret"].startswith("whsec_")
    assert administrator.send("DELETE", f"webhooks/{number}").status_code == 204
    assert administrator.get("webhooks").json() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.7/", "https://169.254.169.254/",
        "https://[::ffff:127.0.0.1]/", "https://user:word@example.com/", "ftp://example.com/", "https://", "https://exa mple.com/",
        "https://example.com:99999/", "https://0.0.0.0/", "https://192.168.1.1:8080/x", "https://db.localhost/",
    ],
)  # fmt: skip
def test_an_address_of_the_own_network_is_refused(company: Company, actor: Actor, url: str) -> None:
    with pytest.raises(DomainError) as refused:
        add_webhook(company, Wanted(url, ["MSK"], ["document.posted"]), actor, user_id=1)
    assert refused.value.code.value == "webhook_address_refused"


def test_a_name_of_the_own_network_is_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to this machine, or to it among others, is found out when it is resolved."""

    def resolved(*_args: Any, **_names: Any) -> list[Any]:
        return [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]

    monkeypatch.setattr(sending.socket, "getaddrinfo", resolved)
    sent = sending.send("https://hooks.example.com/", b"{}", {})
    assert (sent.status, sent.reason) == (None, "webhook_address_refused: private")


def test_nothing_answers_where_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(sending.SETTING, "yes")
    sent = sending.send("http://127.0.0.1:1/", b"{}", {})
    assert sent.status is None
    assert "refused" in sent.reason.lower()


def test_only_the_keeper_of_a_webhook_queues_a_trial(administrator: Api, receiver: Receiver, web: Company) -> None:
    number = administrator.post("webhooks", {"url": receiver.url, "units": ["MSK"], "events": ["document.posted"]}).json()["id"]
    queued = []
    for login in ("accountant", "administrator"):
        row = web.execute("select id from access_user where username = %s", [login]).fetchone()
        assert row is not None
        with pool.books_of(row[0]) as (conn, _rights):
            queued.append(conn.execute("select queue_trial(%s) is not null", [number]).fetchone())
    assert queued == [(False,), (True,)]


def test_what_is_old_and_waits_for_nothing_is_forgotten(administrator: Api, receiver: Receiver, web: Company) -> None:
    wanted = {"url": receiver.url, "units": ["MSK"], "events": ["document.posted"]}
    number = administrator.post("webhooks", wanted).json()["id"]
    for name in ("1", "2"):
        administrator.post("documents", sale(name))
    assert deliver() == 2
    administrator.post("documents", sale("3"))
    web.execute("update webhook_event set recorded_at = recorded_at - interval '91 days' where id <> (select min(id) from webhook_event)")
    assert (delivery.prune(web, 0), delivery.prune(web, 90), delivery.prune(web, 90)) == (0, 1, 0)
    left = administrator.get(f"webhooks/{number}/deliveries").json()["rows"]
    assert [row["state"] for row in left] == ["pending", "delivered"]  # the old one that waits stays
    assert web.execute("select count(*) from webhook_attempt").fetchone() == (1,)
