"""Django's settings. The database is the configured or the embedded server (`site/database.py`)."""

from __future__ import annotations

import secrets

from setoff.site import database
from setoff.site.data_folder import data_folder
from setoff.site.environment import PASSWORD_LENGTH_MIN, environment
from setoff.site.secret_file import kept_secret

ENVIRONMENT = environment()
MEBIBYTE = 1 << 20
YEAR_SECONDS = 365 * 24 * 3600

SECRET_KEY = ENVIRONMENT.secret_key or kept_secret("secret_key", lambda: secrets.token_urlsafe(48))
DEBUG = False
ALLOWED_HOSTS = list(ENVIRONMENT.allowed_hosts)
CSRF_TRUSTED_ORIGINS: list[str] = []
SECURE_SSL_REDIRECT = ENVIRONMENT.https
SECURE_HSTS_SECONDS = YEAR_SECONDS if ENVIRONMENT.https else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = ENVIRONMENT.https
DATA_UPLOAD_MAX_MEMORY_SIZE = ENVIRONMENT.upload_mib_max * MEBIBYTE
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50_000  # a grid of some thousand lines
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o600
LOGGING_CONFIG = None  # site/logs.py
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_htmx",
    "setoff.pages",  # before allauth: our templates replace its own
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "setoff.access",
    "setoff.books",
    "setoff.parties",
    "setoff.trade",
    "setoff.settlements",
    "setoff.attachments",
    "setoff.banks",
    "setoff.billing",
    "setoff.clearing",
    "setoff.intake",
    "setoff.notices",
    "setoff.api",
]
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
MIDDLEWARE = [
    "setoff.site.observe.observe",
    "setoff.site.headers.security_headers",
    "setoff.site.health.health",
    "setoff.site.uploads.refuse_large_bodies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "setoff.site.middleware.language_middleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "setoff.site.urls"
WSGI_APPLICATION = "setoff.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["setoff.pages.templatetags.setoff", "django.templatetags.static"],
        },
    }
]
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "site_cache"}}
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": PASSWORD_LENGTH_MIN}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_ADAPTER = "setoff.pages.account.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/900s/key"}  # five wrong passwords shut an account for a quarter of an hour
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Setoff"
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_COOKIE_AGE = 12 * 3600
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from
if ENVIRONMENT.smtp is None:  # what would be sent is kept where the owner of the installation finds it
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = data_folder() / "unsent_mail"
else:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_SSL = ENVIRONMENT.smtp
    EMAIL_USE_TLS = not EMAIL_USE_SSL and EMAIL_HOST not in ("localhost", "127.0.0.1")
    EMAIL_TIMEOUT = 20
DATABASES = {"default": {**database.django_settings(database.url()), "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGES = [("en", "English"), ("ru", "Русский"), ("zh-hans", "简体中文")]
LANGUAGE_CODE = "en"
