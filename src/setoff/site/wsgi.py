"""The WSGI application, for `setoff serve` or any server."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from setoff.site import database

database.setup_django()
application = get_wsgi_application()
