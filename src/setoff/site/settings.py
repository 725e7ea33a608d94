"""Django's settings. The database is the configured or the embedded server (`site/database.py`)."""

from __future__ import annotations

import os
import secrets
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from setoff.site import database


def _secret_key() -> str:
    """SETOFF_SECRET_KEY, or one made at first use and kept in the data folder, readable by its owner alone."""
    given = os.environ.get("SETOFF_SECRET_KEY")
    if given:
        return given
    path = database.data_folder() / "secret_key"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(48))
    return path.read_text()


def database_settings(url: str) -> dict[str, Any]:
    """What Django needs to reach a PostgreSQL by its address."""
    parts: dict[str, Any] = dict(conninfo_to_dict(url))
    found = {
        name: parts.pop(key, "")
        for name, key in (("NAME", "dbname"), ("USER", "user"), ("PASSWORD", "password"), ("HOST", "host"), ("PORT", "port"))
    }
    return {"ENGINE": "django.db.backends.postgresql", **found, "OPTIONS": parts}


SECRET_KEY = _secret_key()
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "setoff.books",
    "setoff.parties",
    "setoff.trade",
    "setoff.settlements",
    "setoff.access",
    "setoff.pages",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
AUTH_USER_MODEL = "access.User"
DATABASES = {"default": database_settings(database.url())}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGES = [("en", "English"), ("ru", "Русский"), ("zh-hans", "简体中文")]
LANGUAGE_CODE = "en"
