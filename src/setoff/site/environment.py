"""The settings: environment variables, read and checked in one place (docs/reference/settings.md is made from SETTINGS).

    environment()   what holds now; a wrong value is a refusal that names the variable, what it may hold and what it held

Nothing else in Setoff reads a variable of the server. Secrets are never shown. Errors: setting_invalid.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from setoff.core.errors import DomainError, ErrorCode
from setoff.language import LANGUAGES
from setoff.language.zones import DEFAULT, is_zone

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PREFIX: Final = "SETOFF_"
SECRET_LENGTH_MIN: Final = 32
TOKEN_LENGTH_MIN: Final = 16
PASSWORD_LENGTH_MIN: Final = 12
HOST: Final = re.compile(r"\.?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]", re.IGNORECASE)
LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")
MAILBOX: Final = re.compile(r"[^@\s<>]+@[^@\s<>]+|[^<>@]+ <[^@\s<>]+@[^@\s<>]+>")
UNIX: Final = "unix"
"""A proxy that reaches us by a Unix socket has no address."""


class Smtp(NamedTuple):
    """A mail server. `is_encrypted`: from the first byte (smtps); else encryption is begun when the server offers it."""

    host: str
    port: int
    user: str
    password: str
    is_encrypted: bool


@dataclass(frozen=True, slots=True)
class Environment:
    """What the variables say. `trusted_networks`: whose word on scheme, host and client is believed; `trusts_unix` a Unix socket's."""

    allowed_hosts: tuple[str, ...]
    https: bool
    trusted_networks: tuple[Network, ...]
    trusts_unix: bool
    secret_key: str
    log_format: str
    log_level: str
    metrics_token: str
    upload_mib_max: int
    statement_seconds_max: int
    lock_seconds_max: int
    disk_mib_min: int
    api_upload_bytes_max: int
    api_requests_per_minute: int
    webhook_keep_days: int
    smtp: Smtp | None
    mail_from: str


class Setting(NamedTuple):
    """A variable. `read` makes its value of the text, or raises ValueError. `form` and the text key tell what it may hold."""

    name: str
    read: Callable[[str], Any]
    default: str = ""
    is_secret: bool = False

    @property
    def text_key(self) -> str:
        return "setting-" + self.name.removeprefix(PREFIX).lower().replace("_", "-")


def environment() -> Environment:
    """The settings of this process. Errors: setting_invalid."""
    return read(tuple((name, value) for name, value in os.environ.items() if name.startswith(PREFIX)))


@cache
def read(variables: tuple[tuple[str, str], ...]) -> Environment:
    """The settings of these variables; the first wrong one is refused. Errors: setting_invalid."""
    given = dict(variables)
    found = {setting.name: _value(setting, given) for setting in SETTINGS}
    networks, trusts_unix = found["SETOFF_TRUSTED_PROXY"]
    return Environment(
        allowed_hosts=found["SETOFF_ALLOWED_HOSTS"],
        https=found["SETOFF_HTTPS"],
        trusted_networks=networks,
        trusts_unix=trusts_unix,
        secret_key=found["SETOFF_SECRET_KEY"],
        log_format=found["SETOFF_LOG_FORMAT"],
        log_level=found["SETOFF_LOG_LEVEL"],
        metrics_token=found["SETOFF_METRICS_TOKEN"],
        upload_mib_max=found["SETOFF_UPLOAD_MIB"],
        statement_seconds_max=found["SETOFF_STATEMENT_SECONDS"],
        lock_seconds_max=found["SETOFF_LOCK_SECONDS"],
        disk_mib_min=found["SETOFF_DISK_MIB"],
        api_upload_bytes_max=found["SETOFF_API_UPLOAD_BYTES_MAX"],
        api_requests_per_minute=found["SETOFF_API_REQUESTS_PER_MINUTE"],
        webhook_keep_days=found["SETOFF_WEBHOOK_KEEP_DAYS"],
        smtp=found["SETOFF_SMTP_URL"],
        mail_from=found["SETOFF_MAIL_FROM"],
    )


def limits(settings: Environment) -> str:
    """Options of a connection that answers requests: nobody's request holds the others up for ever."""
    statement, lock = settings.statement_seconds_max * 1000, settings.lock_seconds_max * 1000
    return f"-c statement_timeout={statement} -c lock_timeout={lock} -c idle_in_transaction_session_timeout={statement}"


def unknown(variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """Variables that look like ours and are none, each with the name that was probably meant ("" when none is near)."""
    known = {setting.name for setting in SETTINGS} | set(OF_TESTS)
    lost = sorted(name for name in variables if name.startswith(PREFIX) and name not in known)
    return [(name, next(iter(get_close_matches(name, known, 1)), "")) for name in lost]


def _value(setting: Setting, given: Mapping[str, str]) -> Any:
    text = given.get(setting.name, "").strip() or setting.default
    try:
        return setting.read(text)
    except ValueError:
        from setoff.language import default_language
        from setoff.language import text as message

        shown = "…" if setting.is_secret else text
        form = message(default_language(), f"{setting.text_key}-form")
        raise DomainError(ErrorCode.SETTING_INVALID, setting=setting.name, value=shown, form=form) from None


def _zone(text: str) -> str:
    if not is_zone(text):
        raise ValueError(text)
    return text


def _flag(text: str) -> bool:
    return {"yes": True, "no": False}[_one_of("yes", "no")(text.lower())]


def _one_of(*known: str) -> Callable[[str], str]:
    def choose(text: str) -> str:
        if text not in known:
            raise ValueError(text)
        return text

    return choose


def _between(low: int, high: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(text)
        return int(text)

    return number


def _hosts(text: str) -> tuple[str, ...]:
    """Names or addresses, without scheme and port; `.example.com` also means every name below it. Every name ("*") is refused:
    links in messages are made of the name that the browser sent."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names or not all(HOST.fullmatch(name) for name in names):
        raise ValueError(text)
    return names


def _proxies(text: str) -> tuple[tuple[Network, ...], bool]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    networks = tuple(ipaddress.ip_network(word) for word in words if word != UNIX)
    if any(network.prefixlen == 0 for network in networks):  # everybody would be believed
        raise ValueError(text)
    return networks, UNIX in words


def _secret(length_min: int) -> Callable[[str], str]:
    def secret(text: str) -> str:
        if text and len(text) < length_min:
            raise ValueError(text)
        return text

    return secret


def _smtp(text: str) -> Smtp | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        raise ValueError(text)
    is_encrypted = parts.scheme == "smtps"
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Smtp(parts.hostname, parts.port or (465 if is_encrypted else 587), user, password, is_encrypted)


def _mailbox(text: str) -> str:
    if not MAILBOX.fullmatch(text):
        raise ValueError(text)
    return text


def _address(text: str) -> str:
    if text:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict

        try:
            conninfo_to_dict(text)
        except ProgrammingError as problem:
            raise ValueError(text) from problem
    return text


OF_TESTS: Final = ("SETOFF_CHROMIUM", "SETOFF_REQUIRE_BROWSER", "SETOFF_SHARED", "SETOFF_TEST_FOLDER", "SETOFF_WRITE_SNAPSHOTS")
SETTINGS: Final = (
    Setting("SETOFF_DATABASE_URL", _address, is_secret=True),
    Setting("SETOFF_DATA_DIR", str),
    Setting("SETOFF_LANG", _one_of("", *LANGUAGES)),
    Setting("SETOFF_TIME_ZONE", _zone, DEFAULT),
    Setting("SETOFF_USER", str),
    Setting("SETOFF_PASSWORD", _secret(PASSWORD_LENGTH_MIN), is_secret=True),
    Setting("SETOFF_SECRET_KEY", _secret(SECRET_LENGTH_MIN), is_secret=True),
    Setting("SETOFF_ALLOWED_HOSTS", _hosts, ",".join(LOCAL_HOSTS)),
    Setting("SETOFF_HTTPS", _flag, "no"),
    Setting("SETOFF_TRUSTED_PROXY", _proxies),
    Setting("SETOFF_UPLOAD_MIB", _between(1, 2048), "32"),
    Setting("SETOFF_API_UPLOAD_BYTES_MAX", _between(1, 1 << 40), str(1 << 30)),
    Setting("SETOFF_API_REQUESTS_PER_MINUTE", _between(0, 10_000_000), "1200"),
    Setting("SETOFF_WEBHOOK_KEEP_DAYS", _between(0, 36_500), "90"),
    Setting("SETOFF_WEBHOOK_PRIVATE_ADDRESSES", _flag, "no"),
    Setting("SETOFF_STATEMENT_SECONDS", _between(1, 3600), "300"),
    Setting("SETOFF_LOCK_SECONDS", _between(1, 600), "15"),
    Setting("SETOFF_DISK_MIB", _between(1, 1_000_000), "512"),
    Setting("SETOFF_LOG_FORMAT", _one_of("json", "text"), "json"),
    Setting("SETOFF_LOG_LEVEL", _one_of("debug", "info", "warning", "error"), "info"),
    Setting("SETOFF_SMTP_URL", _smtp, is_secret=True),
    Setting("SETOFF_MAIL_FROM", _mailbox, "Setoff <setoff@localhost>"),
    Setting("SETOFF_METRICS_TOKEN", _secret(TOKEN_LENGTH_MIN), is_secret=True),
)
