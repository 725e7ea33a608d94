"""Who asks: a trusted proxy's word counts, anybody else's does not."""

from __future__ import annotations

from typing import Any

import pytest

from setoff.site.environment import read
from setoff.site.proxy import behind_proxy


def seen(trusted: str, peer: str, **headers: str) -> dict[str, Any]:
    """What the application sees of a request from that peer with these headers."""
    found: dict[str, Any] = {}

    def application(environ: dict[str, Any], _start: Any) -> list[bytes]:
        found.update(environ)
        return []

    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "inner:8000", **headers}
    behind_proxy(application, read((("SETOFF_TRUSTED_PROXY", trusted),)))(environ, lambda *_: None)
    return found


FORWARDED = {"HTTP_X_FORWARDED_FOR": "203.0.113.7", "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "books.example.com"}


def test_a_trusted_proxy_is_believed() -> None:
    found = seen("10.0.0.1", "10.0.0.1", **FORWARDED)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["HTTP_HOST"]) == ("203.0.113.7", "https", "books.example.com")


@pytest.mark.parametrize(("trusted", "peer"), [("", "127.0.0.1"), ("10.0.0.1", "10.0.0.2"), ("10.0.0.1", "")])
def test_anybody_else_is_not(trusted: str, peer: str) -> None:
    found = seen(trusted, peer, **FORWARDED)
    assert (found["REMOTE_ADDR"], found["wsgi.url_scheme"], found["HTTP_HOST"]) == (peer, "http", "inner:8000")
    assert not [name for name in found if "FORWARDED" in name]


def test_a_proxy_on_a_unix_socket() -> None:
    assert seen("unix", "", **FORWARDED)["REMOTE_ADDR"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        ("198.51.100.9, 203.0.113.7", "203.0.113.7"),
        ("198.51.100.9, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("nonsense, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, nonsense", "10.0.0.1"),
        ("2001:db8::1", "2001:db8::1"),
        ("", "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_that_no_trusted_proxy_is(chain: str, client: str) -> None:
    """What stands before it, the client may have written himself."""
    assert seen("10.0.0.0/8", "10.0.0.1", HTTP_X_FORWARDED_FOR=chain)["REMOTE_ADDR"] == client


def test_a_scheme_that_is_none_is_not_taken() -> None:
    assert seen("10.0.0.1", "10.0.0.1", HTTP_X_FORWARDED_PROTO="javascript")["wsgi.url_scheme"] == "http"
