"""Who asks, when a proxy stands between: its headers are believed when it is trusted (SETOFF_TRUSTED_PROXY), and removed when not.

Of `X-Forwarded-For` the last address that is not a trusted proxy's is the client's; what stands before it anybody may have written.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any, Final

from setoff.site.environment import Environment

HEADERS: Final[tuple[str, ...]] = (
    "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_PREFIX",
    "HTTP_X_FORWARDED_SSL", "HTTP_X_FORWARDED_PROTOCOL", "HTTP_FORWARDED", "HTTP_X_REAL_IP",
)  # fmt: skip
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def behind_proxy(application: Application, settings: Environment) -> Application:
    """The WSGI application, told the client's address, scheme and host as they were before the proxy."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        given = {name: str(environ.pop(name)) for name in HEADERS if name in environ}
        if is_trusted(settings, environ.get("REMOTE_ADDR", "")):
            believe(environ, given, settings)
        return application(environ, start_response)

    return answer


def believe(environ: dict[str, Any], given: dict[str, str], settings: Environment) -> None:
    scheme = given.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
    if scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme
    host = given.get("HTTP_X_FORWARDED_HOST", "").rpartition(",")[2].strip()
    if host:
        environ["HTTP_HOST"] = host
    for address in reversed(given.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        found = address.strip()
        if not _is_address(found):
            break
        environ["REMOTE_ADDR"] = found
        if not is_trusted(settings, found):
            break


def is_trusted(settings: Environment, address: str) -> bool:
    if not _is_address(address):
        return settings.trusts_unix
    found = ipaddress.ip_address(address)
    return any(found in network for network in settings.trusted_networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
