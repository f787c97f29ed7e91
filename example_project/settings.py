"""Settings of the example project, for your own machine only: DEBUG is on."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import dj_database_url
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent


def kept_secret_key(database: str) -> str:
    """Return the same key at each start with a database, so that nobody is logged out."""
    named = Path(f"{database}.secret_key")
    # For SQLite it is beside the database.
    file = named if named.is_absolute() else BASE_DIR / named.name
    if not file.exists():
        with NamedTemporaryFile("w", dir=file.parent) as new, suppress(FileExistsError):
            new.write(get_random_secret_key())
            new.flush()
            # Several processes may start at once; the first one decides.
            os.link(new.name, file)
    return file.read_text()


DEBUG = True
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ROOT_URLCONF = "example_project.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
STATIC_URL = "static/"
LOGIN_URL = "admin:login"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
# Cookies ignore ports: the application in the frame must not overwrite these with its own.
SESSION_COOKIE_NAME = "demo_sessionid"
CSRF_COOKIE_NAME = "demo_csrftoken"
# Visitors from here get the developer's buttons beside an application.
INTERNAL_IPS = ["127.0.0.1", "::1"]

DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{BASE_DIR / 'demo.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # Readers do not wait for the writer, and writers queue instead of failing.
        "init_command": "PRAGMA journal_mode=WAL",
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
    }

SECRET_KEY = os.environ.get("SECRET_KEY") or kept_secret_key(str(DATABASES["default"]["NAME"]))

CORS_EXPOSE_HEADERS = ["Retry-After"]
CORS_PREFLIGHT_MAX_AGE = 600

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "django_user_options",
    "django_user_options.portal",
    "example_project",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_user_options.portal.developer.call_log.RecordCalls",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DEMO_CLIENT_ID = "demo-notes"


def pkce_required(client_id: str) -> bool:
    """Return whether a client must use PKCE; Bitrix24's SDKs, like the demo's client, cannot."""
    return client_id != DEMO_CLIENT_ID


OAUTH2_PROVIDER = {
    "SCOPES": {"basic": "Read and write the application's own options"},
    "PKCE_REQUIRED": pkce_required,
    # Applications under development have no HTTPS.
    "ALLOWED_SCHEMES": ["http", "https"],
}

USER_OPTIONS = {"MEMBER_ID": "example-project"}

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
SPECTACULAR_SETTINGS = {
    "TITLE": "REST methods of the demo",
    "DESCRIPTION": "[English](?lang=en) · [Русский](?lang=ru)",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "django_user_options.rest.openapi.add_rest_methods",
    ],
    # The page loads nothing from other servers.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "persistAuthorization": True,
        "tryItOutEnabled": True,
        "validatorUrl": None,
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"hide_secrets": {"()": "django_user_options.log_filters.HideSecrets"}},
    "handlers": {"access": {"class": "logging.StreamHandler"}},
    "loggers": {
        "django.request": {"filters": ["hide_secrets"]},
        "django.security.csrf": {"filters": ["hide_secrets"]},
        "django.server": {
            "filters": ["hide_secrets"],
            "handlers": ["access"],
            "level": "INFO",
            "propagate": False,
        },
    },
}
