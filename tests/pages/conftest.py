"""Pages are asked as people ask them: by a signed-in client, or in a real browser on a live server.

`sign_in("accountant")` gives a client of a user with that role in every unit of the cast (`people`). `browser_page("accountant", "ru")`
gives a page of Chromium, signed in; where no Chromium is installed these tests skip and say so, except under SETOFF_REQUIRE_BROWSER.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler

import psycopg
import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test import Client

from setoff.site import database
from tests.access.people import add_roles
from tests.told import close_all

Company = psycopg.Connection[Any]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("SETOFF_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture
def web(company: Company) -> Iterator[Company]:
    """The cast's books with Django looking at them and no connection left afterwards."""
    database.setup_django()
    add_roles(company)
    yield company
    close_all()


@pytest.fixture
def sign_in(web: Company) -> Callable[..., Client]:
    """Signs a user in: by role, or by name for one that the test made."""
    from django.contrib.auth import get_user_model

    def signed_in(name: str, language: str = "en") -> Client:
        users = get_user_model().objects
        users.filter(username=name).update(language=language)
        client = Client(SERVER_NAME="localhost")
        client.force_login(users.get(username=name))
        return client

    return signed_in


@pytest.fixture
def mailoutbox(web: Company) -> Iterator[list[Any]]:
    """The letters that were sent."""
    from django.core import mail
    from django.test import override_settings

    with override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        mail.outbox = []
        yield mail.outbox


@pytest.fixture
def live_server(web: Company) -> Iterator[str]:
    """The address of the application on this machine."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet, connections_override={})
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """A test has nothing to say of a request."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None and not os.environ.get("SETOFF_REQUIRE_BROWSER"):
        pytest.skip("no Chromium on this machine (SETOFF_CHROMIUM names one)")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"  # the driver keeps an event loop in this thread; Django is not used in it
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"],
        )
        yield browser
        browser.close()


def is_expected(said: str) -> bool:
    """An answer that refuses; and a request that was under way when the page was left, which htmx tells as an error."""
    return "status of 4" in said or said.startswith(("htmx:sendError", "htmx:afterRequest"))


@pytest.fixture
def browser_page(chromium: Any, live_server: str, sign_in: Callable[..., Client]) -> Iterator[Callable[..., Any]]:
    """Opens a page of the browser as a user. A script error on it fails the test."""
    contexts = []
    problems: list[str] = []

    def opened(name: str = "accountant", language: str = "en", width: int = 1280) -> Any:
        client = sign_in(name, language)
        context = chromium.new_context(base_url=live_server, viewport={"width": width, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server}])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" and not is_expected(said.text) else None)
        return page

    yield opened
    for context in contexts:
        with suppress(Exception):
            context.close()
    assert problems == []
