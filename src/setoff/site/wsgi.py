"""The WSGI application, for `setoff serve` or any server."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from setoff.site import database, logs
from setoff.site.environment import environment
from setoff.site.proxy import behind_proxy

database.setup_django()
logs.configure(environment())
application = behind_proxy(get_wsgi_application(), environment())
