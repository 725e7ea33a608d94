"""The WSGI application, for `setoff serve` or any server."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application
from django.urls import URLResolver, get_resolver

from setoff.site import database, logs
from setoff.site.environment import environment
from setoff.site.proxy import behind_proxy


def load_addresses(resolver: URLResolver) -> None:
    """Every page and what it needs is imported before the first request, which would else wait for it."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            load_addresses(pattern)


database.setup_django()
logs.configure(environment())
application = behind_proxy(get_wsgi_application(), environment())
load_addresses(get_resolver())
