"""One message sent to one address: over HTTPS, to an address of the open internet, without following where it is sent on.

The name is resolved once, every address it has is looked at, and the connection goes to the very address that was looked at: a name
that changes its mind in between (DNS rebinding) gains nothing. SETOFF_WEBHOOK_PRIVATE_ADDRESSES=yes allows addresses of the own network and
plain HTTP, for receivers beside Setoff. Errors: webhook_address_refused.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final, NamedTuple
from urllib.parse import SplitResult, urlsplit

from setoff.core.errors import DomainError, ErrorCode

SETTING: Final = "SETOFF_WEBHOOK_PRIVATE_ADDRESSES"
TIMEOUT_SECONDS: Final = 10
ANSWER_BYTES_MAX: Final = 1 << 14
URL_LENGTH_MAX: Final = 2_000


class Sent(NamedTuple):
    """How an attempt ended. `status` None: no answer came; `reason` says why."""

    status: int | None
    reason: str
    duration_ms: int

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def private_allowed() -> bool:
    return os.environ.get(SETTING, "").strip().lower() == "yes"


def checked_url(url: str) -> SplitResult:
    """The parts of an address that messages may be sent to, as far as can be told without asking for its name."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise _refused(url, str(problem)) from None
    if len(url) > URL_LENGTH_MAX or not url.isascii() or not url.isprintable() or " " in url:
        raise _refused(url, "characters")
    if parts.scheme not in (("https", "http") if private_allowed() else ("https",)):
        raise _refused(url, "scheme")
    if not parts.hostname or port == 0 or parts.username is not None or parts.password is not None:
        raise _refused(url, "host")
    try:
        address = ipaddress.ip_address(parts.hostname)
    except ValueError:
        if parts.hostname.rstrip(".").lower().endswith("localhost") and not private_allowed():
            raise _refused(url, "private") from None
        return parts
    if not may_reach(str(address)):
        raise _refused(url, "private")
    return parts


def may_reach(address: str) -> bool:
    """Whether an IP address is one of the open internet, or private ones are allowed."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or found
    return private_allowed() or (mapped.is_global and not mapped.is_multicast)


def send(url: str, body: bytes, headers: Mapping[str, str]) -> Sent:
    """One attempt; how it ended. Nothing is raised for what the other side does."""
    began = time.monotonic()

    def ended(status: int | None, reason: str) -> Sent:
        return Sent(status, reason[:500], int((time.monotonic() - began) * 1000))

    try:
        parts = checked_url(url)
        conn = _connection(parts, _resolved(url, parts))
    except DomainError as refusal:
        return ended(None, f"{refusal.code.value}: {refusal.facts['reason']}")
    except OSError as problem:
        return ended(None, f"name: {problem}")
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        conn.request("POST", target, body, {"Content-Type": "application/json", "User-Agent": "Setoff", **headers})
        answer = conn.getresponse()
        answer.read(ANSWER_BYTES_MAX)
        return ended(answer.status, answer.reason)
    except (OSError, HTTPException) as problem:
        return ended(None, f"{type(problem).__name__}: {problem}")
    finally:
        conn.close()


def _resolved(url: str, parts: SplitResult) -> str:
    """The address to connect to. One that may not be reached spoils all of them: the name is meant to mislead."""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = [str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)]
    if not all(map(may_reach, found)):
        raise _refused(url, "private")
    return found[0]


def _connection(parts: SplitResult, address: str) -> HTTPConnection:
    assert parts.hostname is not None
    if parts.scheme == "http":
        return _Plain(parts.hostname, parts.port, address)
    return _Secure(parts.hostname, parts.port, address)


class _Plain(HTTPConnection):
    """Connects to the address that was looked at, whatever the name means by now."""

    def __init__(self, host: str, port: int | None, address: str) -> None:
        super().__init__(host, port, timeout=TIMEOUT_SECONDS)
        self.address = address

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), TIMEOUT_SECONDS)


class _Secure(HTTPSConnection):
    def __init__(self, host: str, port: int | None, address: str) -> None:
        self.trust = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT_SECONDS, context=self.trust)
        self.address = address

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), TIMEOUT_SECONDS)
        self.sock: Any = self.trust.wrap_socket(plain, server_hostname=self.host)


def _refused(url: str, reason: str) -> DomainError:
    return DomainError(ErrorCode.WEBHOOK_ADDRESS_REFUSED, url=url[:URL_LENGTH_MAX], reason=reason, field="url", value=url[:URL_LENGTH_MAX])
