"""Signing in: by name or e-mail, with a second factor, locked after failures; who did is in the audit trail."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.test import Client, override_settings

from setoff.language import LANGUAGES, text
from setoff.reports.letters import KEEPS_FILES

PASSWORD = "correct horse battery"
LOGIN = "/account/login/"


@pytest.fixture
def stranger(web: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser where nobody is signed in; the accountant has a password and an address."""
    from django.contrib.auth import get_user_model

    fast = make_password(PASSWORD, hasher="pbkdf2_sha256")
    get_user_model().objects.filter(username="accountant").update(password=fast, email="accountant@example.org")
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    return Client(SERVER_NAME="localhost")


def verbs(conn: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    return [row[:2] for row in conn.execute("select verb, author from audit where verb like 'sign%' order by id")]


@pytest.mark.parametrize("name", ["accountant", "ACCOUNTANT", "accountant@example.org"])
def test_by_name_or_address(stranger: Client, web: psycopg.Connection[Any], name: str) -> None:
    answer = stranger.post(LOGIN, {"login": name, "password": PASSWORD})
    assert answer.status_code == 302 and answer["Location"] == "/"
    stranger.post("/account/logout/")
    assert verbs(web) == [("sign_in", "accountant"), ("sign_out", "accountant")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_language_of_the_browser(stranger: Client, language: str) -> None:
    answer = stranger.get(LOGIN, headers={"Accept-Language": f"{language}-XX,en;q=0.5"})
    assert text(language, "sign-in-forgotten") in answer.content.decode()


def test_without_a_mail_server_no_letter_is_promised(stranger: Client) -> None:
    assert "/account/password/reset/" in stranger.get(LOGIN).content.decode()
    with override_settings(EMAIL_BACKEND=KEEPS_FILES):
        answer = stranger.get(LOGIN).content.decode()
    assert "/account/password/reset/" not in answer and text("en", "sign-in-forgotten-ask") in answer


def test_an_account_is_shut_after_five_wrong_passwords(stranger: Client, web: psycopg.Connection[Any]) -> None:
    for _ in range(5):
        stranger.post(LOGIN, {"login": "accountant", "password": "wrong"})
    answer = Client(SERVER_NAME="localhost").post(LOGIN, {"login": "accountant", "password": PASSWORD})
    assert answer.status_code == 200, "the right password does not help either"
    assert verbs(web) == [("sign_in_failed", "accountant")] * 5


def test_what_is_no_user_is_not_kept(stranger: Client, web: psycopg.Connection[Any]) -> None:
    stranger.post(LOGIN, {"login": PASSWORD, "password": "x"})
    assert verbs(web) == [("sign_in_failed", "unknown")]


def test_nobody_signs_himself_up(stranger: Client) -> None:
    stranger.post("/account/signup/", {"username": "me", "password1": PASSWORD, "password2": PASSWORD})
    assert stranger.post(LOGIN, {"login": "me", "password": PASSWORD}).status_code == 200


def test_a_second_factor(stranger: Client) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, hotp_value, yield_hotp_counters_from_time
    from django.contrib.auth import get_user_model

    secret = generate_totp_secret()
    TOTP.activate(get_user_model().objects.get(username="accountant"), secret)
    answer = stranger.post(LOGIN, {"login": "accountant", "password": PASSWORD})
    assert answer["Location"] == "/account/2fa/authenticate/"
    assert stranger.get("/me/").status_code == 302, "half signed in is not signed in"
    code = f"{hotp_value(secret, next(iter(yield_hotp_counters_from_time()))):06}"
    assert stranger.post("/account/2fa/authenticate/", {"code": code}).status_code == 302
    assert stranger.get("/me/").status_code == 200


@pytest.mark.parametrize("password", ["short", "password1234", "123456789012", "accountant-1"])
def test_a_weak_password_is_refused(stranger: Client, password: str) -> None:
    stranger.post(LOGIN, {"login": "accountant", "password": PASSWORD})
    form = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert stranger.post("/account/password/change/", form).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_forgotten_password_is_set_anew_by_mail(stranger: Client, language: str) -> None:
    heading = {"Accept-Language": language}
    stranger.post("/account/password/reset/", {"email": "accountant@example.org"}, headers=heading)
    (letter,) = mail.outbox
    address = re.search(r"http://localhost(/account/password/reset/key/\S+)", letter.body)
    assert address is not None
    form = stranger.get(address[1], follow=True)
    stranger.post(form.redirect_chain[-1][0], {"password1": PASSWORD + " new", "password2": PASSWORD + " new"})
    assert stranger.post(LOGIN, {"login": "accountant", "password": PASSWORD + " new"}).status_code == 302


@pytest.mark.parametrize("address", ["/me/", "/account/2fa/", "/account/sessions/", "/account/password/change/"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_the_account(sign_in: Callable[..., Client], address: str, language: str) -> None:
    answer = sign_in("viewer", language).get(address, follow=True)
    assert answer.status_code == 200 and text(language, "page-sign-out") in answer.content.decode()
