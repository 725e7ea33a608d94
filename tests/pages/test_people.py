"""People, policies, tokens, approvals and the audit trail as pages: who may, what is done, what is shown, in three languages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.test import Client, override_settings

from setoff.access import approvals
from setoff.access.approvals import Pending
from setoff.access.policies import set_policy
from setoff.access.queries import rights_of
from setoff.books.audit import Actor
from setoff.language import LANGUAGES, has_text, text
from setoff.reports.letters import KEEPS_FILES
from setoff.site import database
from setoff.trade.documents import Payment
from tests.access.people import add_user

Company = psycopg.Connection[Any]
SignIn = Callable[..., Client]
OWNER = Actor("owner", "cli")
SOURCE = Path(__file__).parents[2] / "src" / "setoff"


def request_of(web: Company, login: str = "accountant", **fields: Any) -> Pending:
    """A payment that a policy asks a second person for."""
    set_policy(web, "payment", OWNER)
    row = web.execute("select id from access_user where username = %s", [login]).fetchone()
    assert row is not None
    common = {"unit": "MSK", "kind": "payment_to_supplier", "date": "2025-02-01", "counterparty": "METALL", "contract": "SUPPLIER"}
    asked = Payment(**{**common, "amount": "500", **fields})
    found = approvals.post(web, asked, Actor(login, "page"), rights_of(web, row[0]))
    assert isinstance(found, Pending)
    return found


def roles_of(web: Company, login: str) -> list[tuple[str, str]]:
    query = """select unit.code, role from access_grant join unit on unit.id = unit_id join access_user on access_user.id = user_id
               where username = %s order by 1"""
    return web.execute(query, [login]).fetchall()


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_every_language(web: Company, sign_in: SignIn, language: Any) -> None:
    request_of(web)
    client = sign_in("administrator", language)
    titles = {
        "/people/": "menu-people", "/people/operator/": "people-roles", "/policies/": "menu-policies", "/audit/": "menu-audit",
        "/me/tokens/": "menu-tokens", "/approvals/": "approvals-pending",
    }  # fmt: skip
    for address, key in titles.items():
        answer = client.get(address)
        assert (answer.status_code, text(language, key) in answer.content.decode()) == (200, True), address


def test_an_administrator_adds_changes_and_disables(web: Company, sign_in: SignIn) -> None:
    client = sign_in("administrator")
    new = {"action": "add", "login": "nina", "name": "Nina", "email": "nina@example.org", "language": "ru"}
    assert client.post("/people/", new)["Location"] == "/people/nina/"
    assert client.post("/people/", new).status_code == 422
    assert client.post("/people/nina/", {"action": "role", "unit": "MSK", "role": "operator"}).status_code == 302
    assert roles_of(web, "nina") == [("MSK", "operator")]
    assert client.post("/people/nina/", {"action": "role", "unit": "MSK", "role": ""}).status_code == 302
    assert roles_of(web, "nina") == []
    change = {"action": "change", "name": "Nina K.", "email": "nina@example.org", "language": "zh"}
    assert client.post("/people/nina/", change).status_code == 302
    query = "select name, language, is_active, is_administrator from access_user where username = 'nina'"
    assert web.execute(query).fetchone() == ("Nina K.", "zh", False, False)
    assert client.post("/people/nina/", {"action": "password", "password": "short"}).status_code == 422
    assert client.post("/people/nina/", {"action": "password", "password": "kept-by-nobody-7"}).status_code == 302
    assert client.post("/people/administrator/", {**change, "email": "", "active": "yes"}).status_code == 422
    assert client.get("/people/nobody/").status_code == 404


def test_a_link_for_the_password_goes_by_mail(web: Company, sign_in: SignIn, mailoutbox: list[Any], tmp_path: Path) -> None:
    web.execute("update access_user set email = 'olga@example.org', language = 'ru' where username = 'operator'")
    client = sign_in("administrator")
    assert client.post("/people/operator/", {"action": "link"}).status_code == 302
    (letter,) = mailoutbox
    assert letter.to == ["olga@example.org"]
    address = re.search(r"http://localhost(/account/\S+)", letter.body)
    assert address is not None
    assert Client(SERVER_NAME="localhost").get(address[1], follow=True).status_code == 200
    assert client.post("/people/viewer/", {"action": "link"}).status_code == 422
    assert web.execute("select author from audit where verb = 'send_password_link'").fetchall() == [("administrator",)]
    with override_settings(EMAIL_BACKEND=KEEPS_FILES, EMAIL_FILE_PATH=tmp_path):
        kept = client.post("/people/operator/", {"action": "link"}, follow=True).content.decode()
    assert text("en", "people-link-kept", to="olga@example.org") in kept


def test_an_administrator_of_a_unit_gives_roles_there_and_nothing_else(web: Company, sign_in: SignIn) -> None:
    add_user(web, "mara", MSK="administrator")
    add_user(web, "olga", MSK="operator", SHA="viewer")
    add_user(web, "wei", SHA="accountant")
    client = sign_in("mara")
    shown = client.get("/people/").content.decode()
    assert "olga" in shown and "/people/wei/" not in shown
    assert "MSK: " in shown and "SHA: " not in shown and ">SHA<" not in shown  # by itself the code may be in a random token
    assert client.post("/people/olga/", {"action": "role", "unit": "MSK", "role": "accountant"}).status_code == 302
    assert client.post("/people/", {"action": "role", "login": "wei", "unit": "MSK", "role": "viewer"}).status_code == 302
    assert roles_of(web, "wei") == [("MSK", "viewer"), ("SHA", "accountant")]
    assert client.post("/people/olga/", {"action": "role", "unit": "SHA", "role": "accountant"}).status_code == 404
    for action in ("change", "password", "link", "revoke-token"):
        assert client.post("/people/olga/", {"action": action, "password": "kept-by-nobody-7", "token": "1"}).status_code == 403
    assert client.post("/people/", {"action": "add", "login": "eve"}).status_code == 403
    assert client.post("/policies/", {"operation": "payment", "active": "yes"}).status_code == 403
    assert sign_in("accountant").get("/people/").status_code == 403


def test_a_policy_is_added_and_switched_off(web: Company, sign_in: SignIn) -> None:
    client = sign_in("administrator", "ru")
    said = {"operation": "payment", "unit": "MSK", "limit": "15 000,50", "currency": "rub", "active": "yes"}
    assert client.post("/policies/", said).status_code == 302
    shown = client.get("/policies/").content.decode()
    assert 'name="limit" value="15000.50"' in shown
    assert client.post("/policies/", {**said, "limit": "15000.50", "active": "no"}).status_code == 302
    query = "select operation, limit_minor, currency, is_active from policy"
    assert web.execute(query).fetchall() == [("payment", 15_000_50, "RUB", False)]
    assert client.post("/policies/", {**said, "currency": ""}).status_code == 422


def test_a_token_is_told_once_and_revoked(web: Company, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    made = client.post("/me/tokens/", {"name": "warehouse", "scope": ["read", "import"], "days": "30"})
    found = re.search(r"setoff_[\w-]{43}", made.content.decode())
    assert found is not None and made["Cache-Control"] == "no-store"
    asked = Client(SERVER_NAME="localhost").get("/api/v1/units", headers={"Authorization": f"Bearer {found[0]}"})
    assert asked.status_code == 200
    assert found[0] not in client.get("/me/tokens/").content.decode()
    (number,) = web.execute("select id from access_token").fetchone() or (0,)
    assert sign_in("operator").post("/me/tokens/", {"action": "revoke", "token": number}).status_code == 404
    assert client.post("/me/tokens/", {"action": "revoke", "token": number}).status_code == 302
    asked = Client(SERVER_NAME="localhost").get("/api/v1/units", headers={"Authorization": f"Bearer {found[0]}"})
    assert asked.status_code == 401
    assert client.post("/me/tokens/", {"name": "x", "days": "30"}).status_code == 422


def test_a_request_is_seen_and_approved(web: Company, sign_in: SignIn) -> None:
    asked = request_of(web)
    address = f"/approvals/{asked.approval_id}/"
    maker, checker = sign_in("accountant"), sign_in("controller")
    assert text("en", "approvals-waiting", count=1) in checker.get("/").content.decode()
    assert 'class="badge warn">1<' in checker.get("/documents/").content.decode()
    assert text("en", "approvals-waiting", count=1) not in maker.get("/").content.decode()
    assert f'href="{address}"' in maker.get(f"/documents/{asked.document_id}/").content.decode()
    shown = checker.get(address).content.decode()
    assert "500.00" in shown and text("en", "change-before") in shown
    assert web.execute("select status from document").fetchall() == [("draft",)]  # looking keeps nothing
    assert text("en", "change-before") not in maker.get(address).content.decode()
    assert maker.post(f"{address}decide/", {"action": "approve"}).status_code == 403
    assert checker.post(f"{address}decide/", {"action": "approve"})["Location"] == "/approvals/"
    assert web.execute("select status from document").fetchall() == [("posted",)]
    assert checker.post(f"{address}decide/", {"action": "approve"}).status_code == 422


def test_a_request_is_refused_with_a_reason_or_withdrawn(web: Company, sign_in: SignIn) -> None:
    first, second = request_of(web), request_of(web, amount="7")
    checker = sign_in("controller")
    decide = f"/approvals/{first.approval_id}/decide/"
    assert checker.post(decide, {"action": "refuse", "reason": " "}).status_code == 422
    assert checker.post(decide, {"action": "refuse", "reason": "no contract"})["Location"] == f"/approvals/{second.approval_id}/"
    assert "no contract" in checker.get("/approvals/?state=refused").content.decode()
    (document,) = web.execute("select document_id from approval where id = %s", [first.approval_id]).fetchone() or (0,)
    assert "no contract" in sign_in("accountant").get(f"/documents/{document}/").content.decode()
    assert checker.post(f"/approvals/{second.approval_id}/decide/", {"action": "withdraw"}).status_code == 404
    assert sign_in("accountant").post(f"/approvals/{second.approval_id}/decide/", {"action": "withdraw"}).status_code == 302
    assert checker.get("/approvals/?state=lost").status_code == 422


def test_requests_are_decided_by_keyboard(web: Company, browser_page: Callable[..., Any]) -> None:
    first, second = request_of(web), request_of(web, amount="7")
    page = browser_page("controller")
    page.goto("/approvals/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/approvals/{second.approval_id}/")
    page.keyboard.press("j")
    page.wait_for_url(f"**/approvals/{first.approval_id}/")
    page.keyboard.press("r")
    page.keyboard.type("twice")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/approvals/{second.approval_id}/")
    page.keyboard.press("a")
    page.wait_for_url("**/approvals/")
    query = "select state, decision_reason from approval order by id"
    assert web.execute(query).fetchall() == [("refused", "twice"), ("approved", "")]


def test_the_trail_is_filtered_paged_and_taken_along(web: Company, sign_in: SignIn) -> None:
    asked = request_of(web)
    web.execute(
        """insert into audit (author, origin, verb, unit_id, details)
           select 'robot', 'api', 'refold', (select id from unit where code = 'MSK'), '{}' from generate_series(1, 230)"""
    )
    client = sign_in("accountant")
    shown = client.get("/audit/?author=robot").getvalue().decode()
    assert shown.count("<td>robot</td>") == 100
    pages = 1
    while (older := re.search(r'href="(\?[^"]*before=\d+[^"]*)"', shown)) is not None:
        shown = client.get(f"/audit/{older[1].replace('&amp;', '&')}").content.decode()
        pages += 1
    assert (pages, shown.count("<td>robot</td>")) == (3, 30)
    of_document = client.get(f"/audit/?document={asked.document_id}").content.decode()
    assert f'href="/documents/{asked.document_id}/"' in of_document and "robot" not in of_document
    assert client.get("/audit/?unit=NOWHERE").status_code == 404
    assert client.get("/audit/?before=x").status_code == 422
    lines = client.get("/audit/?format=jsonl&verb=request_approval").getvalue().decode().splitlines()
    assert [json.loads(line)["document_id"] for line in lines] == [asked.document_id]
    assert client.get("/audit/?format=csv&author=robot").getvalue().decode("utf-8-sig").count("robot") == 230
    assert "add_user" not in client.get("/audit/?format=csv").getvalue().decode()
    web.execute("insert into audit (author, origin, verb, details) values ('owner', 'cli', 'add_user', '{}')")
    assert "add_user" not in client.get("/audit/?format=csv").getvalue().decode()
    assert "add_user" in sign_in("administrator").get("/audit/?format=csv").getvalue().decode()


def test_a_report_that_leaves_as_a_file_is_in_the_trail(web: Company, sign_in: SignIn) -> None:
    assert sign_in("viewer").get("/reports/turnover-balance/?format=csv").status_code == 200
    told = web.execute("select author, details ->> 'report', details ->> 'format' from audit where verb = 'export_report'").fetchall()
    assert told == [("viewer", "turnover-balance", "csv")]


def test_every_verb_of_the_trail_has_words() -> None:
    database.setup_django()
    from setoff.pages.audit import VERBS, verb_key

    assert [verb for verb in VERBS for language in LANGUAGES if not has_text(language, verb_key(verb))] == []
    recorded = re.compile(
        r'(?:record_audit|_record)\(\s*[\w.]+, (?:[\w.]+|_actor\(request\)), f?"([a-z_]+)"'
        r'|(?:tell_audit|tell_round)\([^"\n]+, "([a-z_]+)"[,)]'
    )
    found = {first or second for path in SOURCE.rglob("*.py") for first, second in recorded.findall(path.read_text("utf-8"))}
    assert len(found) > 30
    assert sorted(found - {*VERBS}) == []


def test_times_are_told_by_the_clock_of_each_person(web: Company, sign_in: SignIn) -> None:
    client = sign_in("accountant")
    web.execute(
        """insert into audit (recorded_at, author, origin, verb, unit_id, details)
           select '2026-03-01 21:30:00+00', 'anna', 'page', 'post', id, '{}' from unit where code = 'MSK'"""
    )
    assert "1 Mar 2026 21:30:00 UTC" in client.get("/audit/?author=anna").content.decode()
    assert "Europe/Moscow" in client.get("/me/").content.decode()
    assert client.post("/time-zone/", {"time_zone": "Mars/Olympus", "next": "/me/"}).status_code == 422
    assert client.post("/time-zone/", {"time_zone": "Asia/Vladivostok", "next": "/me/"}).status_code == 302
    assert "2 Mar 2026 07:30:00 UTC+10" in client.get("/audit/?author=anna").content.decode()
    assert "07:30:00" in client.get("/audit/?author=anna&since=2026-03-02&until=2026-03-02").content.decode()
    assert "07:30:00" not in client.get("/audit/?author=anna&until=2026-03-01").content.decode()
    exported = b"".join(client.get("/audit/?author=anna&format=jsonl"))
    assert b"2026-03-02T07:30:00+10:00" in exported
    assert "21:30:00 UTC" in sign_in("controller").get("/audit/?author=anna").content.decode()
