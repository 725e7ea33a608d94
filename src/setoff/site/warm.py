"""What would else be read by whoever asks first: pages, texts, a connection to the books, and the middleware with what it imports.

A worker does this before it takes a request, about half a second of it. What fails here fails again, and is told, when it is needed.
"""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import psycopg
from django.apps import apps
from django.template.loader import get_template
from django.urls import URLResolver

from setoff.core.errors import DomainError
from setoff.language import LANGUAGES, read_texts
from setoff.site import pool

LOG: Final = logging.getLogger("setoff.serve")
PAGE: Final = "/account/login/"
"""Anybody's: it goes through the whole middleware, to a form."""
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
LOOKED_THROUGH: Final = (20_000, 20, 20)
"""Objects made, and looks, before garbage is looked for: a page makes thousands of rows and next to no cycles."""


def warm_up(application: Application, addresses: URLResolver) -> None:
    """The first request of each page finds what it needs in memory."""
    load_addresses(addresses)
    for language in LANGUAGES:
        read_texts(language)
    for name in template_names():
        get_template(name)
    try:
        with pool.owner() as conn:
            conn.execute("select 1")
        ask(application, PAGE)
    except (DomainError, psycopg.Error, OSError):
        LOG.warning("not warmed up", exc_info=True)
    gc.collect()
    gc.set_threshold(*LOOKED_THROUGH)
    gc.freeze()  # what stays for good is looked through no more: else some request waits for it, a fifth of a second


def load_addresses(resolver: URLResolver) -> None:
    """Every page and what it needs is imported before the first request, which would else wait for it."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            load_addresses(pattern)


def template_names() -> list[str]:
    """The pages of ours."""
    folders = [Path(found.path) / "templates" for found in apps.get_app_configs() if found.name.startswith("setoff.")]
    return sorted(str(path.relative_to(folder)) for folder in folders for path in folder.rglob("*.html"))


def ask(application: Application, address: str) -> None:
    """One request as a browser sends it; the answer goes nowhere."""
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": address, "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": BytesIO(), "wsgi.errors": sys.stderr, "wsgi.multithread": True,
        "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip
    answer = application(environ, lambda *_: None)
    for _ in answer:
        pass
    if close := getattr(answer, "close", None):
        close()
