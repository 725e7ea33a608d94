"""Rounds of set-off on pages, from the form that opens one to its reversal. Numbers: tests/clearing/group.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from setoff.access.policies import set_policy
from setoff.books.audit import Actor
from setoff.language import LANGUAGES, text
from setoff.parties.services import save_masters
from tests import cast
from tests.access.people import add_user
from tests.clearing import group
from tests.told import BooksOf

SignIn = Callable[..., Client]
Books = psycopg.Connection[Any]
UNITS = [f"{code}-1" for code in group.OWN]
OPENING = {"code": "R1", "as-of": group.DAY, "unit": UNITS}


@pytest.fixture
def company(books_of: BooksOf, actor: Actor) -> Books:
    return books_of(tell, actor)


def tell(web: Books, actor: Actor) -> None:
    """The group beside the cast."""
    save_masters(web, cast.MASTERS, actor)
    group.tell(web, actor)


@pytest.fixture
def told(web: Books) -> Books:
    """A viewer and an accountant have the same right in the units of the group, and nobody else has any."""
    web.execute("delete from access_grant where unit_id in (select id from unit where code = any(%s))", [UNITS])
    for role in ("viewer", "accountant"):
        web.execute(
            """insert into access_grant (user_id, unit_id, role) select u.id, unit.id, %s from access_user u, unit
               where u.username = %s and unit.code = any(%s)""",
            [role, role, UNITS],
        )
    return web


@pytest.fixture
def client(told: Books, sign_in: SignIn) -> Client:
    found = sign_in("accountant")
    found.post("/working-day/", {"day": group.DAY, "next": "/"})
    return found


@pytest.fixture
def place(client: Client) -> str:
    """The address of an open round."""
    answer = client.post("/rounds/new/", OPENING)
    assert answer.status_code == 302
    return str(answer["Location"])


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return answer.content.decode().replace("\xa0", " ")


def do(client: Client, place: str, verb: str, **said: Any) -> None:
    """A verb as a person does it: its effect is looked at, then its form is sent."""
    address = f"{place}do/{verb}/"
    answer = client.get(address, said)
    assert answer.status_code == 200
    sent = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', answer.content.decode().split("</section>")[-2]))
    assert client.post(address, sent | said).status_code == 302, answer.content


def effects(client: Client, place: str, verb: str, **said: Any) -> dict[str, tuple[str, str]]:
    """What the page says that the verb would change."""
    shown = client.get(f"{place}do/{verb}/", said).content.decode().replace("\xa0", " ")
    rows = re.findall(r'<th scope="row">([^<]*)</th><td class="figure">([^<]*)</td><td class="figure"><strong>([^<]*)<', shown)
    return {what: (before, after) for what, before, after in rows}


def test_opening_shows_first_what_it_would_collect(client: Client, told: Books) -> None:
    assert text("en", "rounds-would-collect") not in body(client, "/rounds/new/")
    answer = client.get("/rounds/new/", OPENING)
    shown = answer.content.decode()
    assert "Debts: 6, of them 6 from our books and 0 from files; parties: 4." in shown and 'value="355.00"' in shown
    assert told.execute("select count(*) from clearing_round").fetchone() == (0,)
    assert client.post("/rounds/new/", OPENING).status_code == 302
    assert client.post("/rounds/new/", {**OPENING, "due-only": "yes"}).status_code == 422
    assert "round_exists" in client.get("/rounds/new/", {**OPENING, "due-only": "yes"}).content.decode()


def test_the_life_of_a_round(client: Client, place: str, told: Books) -> None:
    assert effects(client, place, "solve") == {
        "State": ("open", "preliminary"), "Cleared, RUB": ("0.00 RUB", "285.00 RUB"), "Others that something is cleared for": ("0", "1"),
    }  # fmt: skip
    assert told.execute("select status from clearing_round").fetchone() == ("open",)
    do(client, place, "solve")
    shown = body(client, place)
    assert '<progress max="35500" value="28500"' in shown and shown.count('aria-current="step"') == 2
    refused = client.get(f"{place}do/final/").content.decode()
    assert "round_unsigned" in refused and "<form method=\"post\" class=\"actions\">" not in refused
    assert effects(client, place, "refuse", party="C-OMEGA", because="no")["State"] == ("preliminary", "open")
    do(client, place, "agree", party="C-OMEGA", by="O. Omegova", on=group.DAY)
    final = client.get(f"{place}do/final/").content.decode()
    assert "76.40" in final and "12 Feb 2025" in final
    do(client, place, "final")
    shown = body(client, place)
    assert shown.count("Set-off of the round ") == 3
    do(client, place, "reverse", because="disputed", on="2025-04-01")
    assert told.execute("select status, reversed_on::text from clearing_round").fetchone() == ("reversed", "2025-04-01")
    assert "aria-current=\"step\"" not in body(client, place)


def test_what_was_changed_meanwhile_is_shown_again(client: Client, place: str) -> None:
    version = re.findall(r'name="version" value="([^"]+)"', client.get(f"{place}do/solve/").content.decode())[0]
    do(client, place, "bar", no="2", because="in court")
    answer = client.post(f"{place}do/solve/", {"version": version})
    assert answer.status_code == 200 and text("en", "rounds-changed-meanwhile") in answer.content.decode()


def numbers(shown: str) -> list[int]:
    return [int(no) for no in re.findall(r'name="no" form="marks" value="(\d+)"', shown)]


FILTERS = {
    "": [1, 2, 3, 4, 5, 6], "q=omega": [2, 4], "q=b-2": [1, 5], "currency=EUR": [], "why=mirror": [1], "why=whole": [4, 5],
    "gone=whole": [4, 5], "gone=part": [2, 3, 6], "gone=nothing": [1], "confirmed=both": [3, 5, 6], "confirmed=debtor": [4],
    "confirmed=creditor": [1, 2], "confirmed=nobody": [], "after=4": [5, 6], "why=whole&q=alfa": [4],
}  # fmt: skip


def test_debts_are_filtered_by_the_address(client: Client, place: str) -> None:
    do(client, place, "solve")
    assert {query: numbers(body(client, f"{place}?{query}")) for query in FILTERS} == FILTERS


def test_debts_come_a_page_at_a_time_with_sums_of_all(client: Client, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setoff.pages.round.PAGE_ROWS", 4)
    monkeypatch.setattr("setoff.clearing.rounds.lists.debts_page.__kwdefaults__", {"after": 0, "limit": 4})
    shown = body(client, place)
    assert numbers(shown) == [1, 2, 3, 4] and "?after=4" in shown and '<data class="amount" value="360.00">' in shown
    assert numbers(body(client, f"{place}?after=4")) == [5, 6]


def test_why_a_debt_was_cleared_or_not(client: Client, place: str) -> None:
    do(client, place, "solve")
    part = client.get(f"{place}why/1/", headers={"HX-Request": "true"}).content.decode()
    assert "Only one of two books of ours" in part and "<html" not in part
    whole = body(client, f"{place}why/5/")
    assert "Cleared 75.00 of 75.00" in whole and "Proof: level" in whole
    rings = body(client, f"{place}chains/")
    assert "ООО «OMEGA»" in rings and "C-OMEGA" not in rings
    assert "ООО «OMEGA»" in body(client, f"{place}do/agree/?party=C-OMEGA")
    assert client.get(f"{place}why/99/").status_code == 404


def test_choices_are_changed_with_their_effect_shown_first(client: Client, place: str) -> None:
    do(client, place, "solve")
    form = body(client, f"{place}do/choose/")
    assert 'name="min-amount" value=""' in form and text("en", "rounds-effect") not in form
    wanted = {"chosen": "yes", "as-of": group.DAY, "law": "ru", "min-amount": "30.01", "exclude": "", "cap": ""}
    assert effects(client, place, "choose", **wanted) == {
        "State": ("preliminary", "open"), "Takes part, RUB": ("355.00 RUB", "325.00 RUB"),
        text("en", "rounds-choices"): ("", "Only debts of at least 30.01 of their currency."),
    }  # fmt: skip
    do(client, place, "choose", **wanted)
    assert text("en", "round-stale") in body(client, place) and text("en", "round-is-stale") in body(client, "/rounds/")
    assert 'name="min-amount" value="30.01"' in body(client, f"{place}do/choose/")
    do(client, place, "solve")
    assert text("en", "round-stale") not in body(client, place)
    assert client.get(f"{place}chain-acts/").content.startswith(b"%PDF")


def test_a_party_with_its_statement(client: Client, place: str) -> None:
    do(client, place, "solve")
    omega = re.findall(r'href="(/rounds/\d+/parties/\d+/)">ООО «OMEGA»', body(client, place))[0]
    shown = body(client, omega)
    for figure in ("90.00", "60.00", "30.00"):
        assert f'<data value="{figure}">' in shown
    assert numbers(shown) == [2, 4] and text("en", "round-consent-asked") in shown
    assert client.get(f"{omega}statement/").content.startswith(b"%PDF")
    assert [client.get(f"{place}parties/{number}/").status_code for number in (0, 99)] == [404, 404]
    assert "OMEGA" in body(client, f"{place}parties/?waiting=yes") and "ALFA 1" not in body(client, f"{place}parties/?waiting=yes")
    assert text("en", "network-nobody") in body(client, f"{place}parties/?q=zzz")


def test_papers_and_files_leave_a_trace(client: Client, place: str, told: Books) -> None:
    assert client.get(f"{place}act/").status_code == 422
    do(client, place, "solve")
    assert client.get(f"{place}act/?language=zh").content.startswith(b"%PDF")
    assert client.get(f"{place}certificate/").content.startswith(b'{"record":"clearing"')
    rows = client.get(f"{place}debts/?why=whole").content.decode("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows] == ["No.", "4", "5"]
    kept = told.execute("select distinct details ->> 'report' from audit where verb = 'export_report' order by 1").fetchall()
    assert kept == [("round-act",), ("round-certificate",), ("round-debts",)]


def test_a_file_of_others_debts(client: Client, place: str) -> None:
    def sent(content: str) -> Any:
        return client.post(f"{place}file/", {"file": SimpleUploadedFile("others.csv", content.encode())})

    assert sent("id,debtor,creditor,amount,currency\n1,C-OMEGA,DELTA,x,RUB\n").status_code == 422
    answer = sent("id,debtor,creditor,amount,currency\n1,C-OMEGA,DELTA,5,RUB\n")
    assert answer.status_code == 302
    shown = client.get(answer["Location"]).content.decode()
    assert "360.00" in shown
    _address, _, query = str(answer["Location"]).partition("?")
    said = dict(part.split("=") for part in query.split("&"))
    do(client, place, "add", **said)
    assert "others.csv" in body(client, place)
    assert effects(client, place, "correct", no="7", amount="6,5", because="typed wrong")["Takes part, RUB"] == ("360.00 RUB", "361.50 RUB")
    assert client.get(f"{place}do/add/?file=00&name=x").content.decode().count("unknown_reference") == 1


def test_the_picture_of_a_round(client: Client, place: str) -> None:
    """Before and after as the round says: 355 takes part, 285 is cleared, 70 is left."""
    shown = body(client, "/network/?round=R1")
    assert '<data value="355.00">' in shown and "network-after" not in shown
    do(client, place, "solve")
    shown = body(client, "/network/?round=R1")
    assert "network-after" in shown and '<data value="285.00">' in shown and '<data value="70.00">' in shown
    assert client.get("/network/?round=NONE").status_code == 404


def test_rings_and_the_list_in_every_language(client: Client, place: str, sign_in: SignIn) -> None:
    do(client, place, "solve")
    for language in LANGUAGES:
        viewer = sign_in("viewer", language)
        rings = body(viewer, f"{place}chains/")
        assert "15.00" in rings and "60.00" in rings
        shown = body(viewer, "/rounds/")
        assert text(language, "round-state-preliminary") in shown and "ООО «OMEGA»" in shown
        assert f"{place}do/" not in body(viewer, place)
    row = f'href="{place}"><strong>R1<'
    assert row not in body(viewer, "/rounds/?state=final") and row not in body(viewer, "/rounds/?q=zzz")
    assert row in body(viewer, "/rounds/?state=preliminary&q=r1")


def test_a_policy_lets_it_wait_for_a_second_person(client: Client, place: str, told: Books, actor: Actor) -> None:
    set_policy(told, "set_off", actor, unit="BETA-1")
    do(client, place, "solve")
    do(client, place, "agree", party="C-OMEGA", by="O. Omegova")
    assert text("en", "round-waits", count=1) in client.get(f"{place}do/final/").content.decode()
    do(client, place, "final")
    shown = body(client, place)
    assert re.search(r'href="/approvals/\d+/"', shown) and "being posted" in shown
    assert text("en", "rounds-step-final-part", posted=2, documents=3, day=date(2025, 3, 31)) in shown
    do(client, place, "cancel", because="BETA disputes it")
    shown = body(client, place)
    assert not re.search(r'href="/approvals/\d+/"', shown) and text("en", "round-state-preliminary") in shown
    assert text("en", "rounds-step-final-told") in shown and f"{place}do/cancel/" not in shown


REFUSED = {
    ("controller", ""): 404, ("stranger", ""): 404, ("viewer", "do/solve/"): 403, ("viewer", "do/fly/"): 404, ("viewer", "?why=x"): 422,
    ("viewer", "?gone=x"): 422,
}  # fmt: skip
"""The controller has nothing in the group's units, the stranger lacks one of them."""


def test_who_may_not_is_refused(client: Client, place: str, told: Books, sign_in: SignIn) -> None:
    add_user(told, "stranger", **{"ALFA-1": "accountant", "BETA-1": "accountant"})
    assert {(name, address): sign_in(name).get(f"{place}{address}").status_code for name, address in REFUSED} == REFUSED
