"""The WSGI application, for `setoff serve` or any server."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from setoff.site import database, logs
from setoff.site.environment import environment
from setoff.site.proxy import behind_proxy
from setoff.site.warm import warm_up

database.setup_django()
logs.configure(environment())
application = behind_proxy(get_wsgi_application(), environment())
warm_up(application, get_resolver())
