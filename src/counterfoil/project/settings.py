"""Django's settings. What an installation may change comes from the environment (docs/reference/settings.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from counterfoil import jobs
from counterfoil.jobs.naming import naming
from counterfoil.project.database.address import database_address
from counterfoil.project.environment import secret, switch, text, whole_number, words
from counterfoil.project.home import home, kept_secret
from counterfoil.project.languages import compiled
from counterfoil.project.logging import logging_settings, request_id
from counterfoil.project.mail import mail_settings
from counterfoil.project.single_sign_on import single_sign_on

HOME = home()
PACKAGE = Path(__file__).resolve().parents[1]

# --- Who we are on the network

PUBLIC_URL = text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
_is_https = _public.scheme == "https"

SECRET_KEY = secret("SECRET_KEY") or kept_secret(HOME / "secret-key")
DEBUG = switch("DEBUG", default=False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", str(_public.hostname), *words("ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE = _is_https
SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if switch("BEHIND_PROXY", default=False) else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"

# --- What the program is made of

# Deliveries know billing, billing knows charges, and so on down (ARCHITECTURE.md).
_RECORDS = ["organisation", "parties", "catalog", "charges", "billing", "deliveries"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "django_filters",
    "django_htmx",
    *[f"counterfoil.records.{name}" for name in _RECORDS],
    "counterfoil.web",
]

MIDDLEWARE = [
    "counterfoil.project.middleware.request_id_middleware",
    "django.middleware.security.SecurityMiddleware",
    "counterfoil.project.middleware.content_security_policy_middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "counterfoil.web.layout.frame.conventions_middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "counterfoil.project.urls"
WSGI_APPLICATION = "counterfoil.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": sorted((PACKAGE / "web").glob("*/templates")),
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "counterfoil.web.layout.frame.frame",
            ],
            "builtins": ["django.templatetags.i18n"],
        },
    }
]

# --- Where data is kept

_database = database_address(HOME)
_pool_size = whole_number("DATABASE_POOL", default=0, least=0, most=200)
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.name,
        "USER": _database.role,
        "PASSWORD": _database.password,
        "HOST": _database.host,
        "PORT": str(_database.port),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(_database.options),
    }
}
if _pool_size:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": _pool_size, "timeout": 10}

# --- Who rates and stores the shards of a run (flows/billing/workers.py)

SHARD_PROCESSES = whole_number("PROCESSES", default=0, least=0, most=64)
SHARD_CLUSTER = text("CLUSTER")

# --- Files

MEDIA_ROOT = HOME / "files"
STATIC_ROOT = HOME / "static"
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- People

AUTH_USER_MODEL = "organisation.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "counterfoil.project.sign_in.AccountsAreGiven"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "counterfoil.web.sign_in.forms.SignIn",
    "change_password": "counterfoil.web.sign_in.forms.PasswordChange",
}
# Wrong passwords are counted by axes, in the database, for every process alike.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
SOCIALACCOUNT_ADAPTER = "counterfoil.project.sign_in.OnlyKnownPeople"
SOCIALACCOUNT_PROVIDERS = single_sign_on()
# The way to the provider is a link: a form that is sent elsewhere is forbidden by the content policy.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_STORE_TOKENS = False
MFA_ADAPTER = "counterfoil.project.sign_in.SecretsAreEncrypted"
MFA_FORMS = {
    "authenticate": "counterfoil.web.sign_in.forms.SecondFactor",
    "reauthenticate": "counterfoil.web.sign_in.forms.SecondFactorAgain",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Counterfoil"
# Five wrong passwords for a person from an address lock that pair for a quarter of an hour.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = "counterfoil.project.sign_in.lock_out_time"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_CALLABLE = "counterfoil.web.layout.errors.locked_out"
CSRF_FAILURE_VIEW = "counterfoil.web.layout.errors.csrf_failure"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# --- Words and time

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [compiled(PACKAGE / "web" / "locale", into=HOME / "locale")]
USE_I18N = True
# Moments are UTC; the organisation's zone is data, and only dates have one.
TIME_ZONE = "UTC"
USE_TZ = True

# --- Mail, work in the background, logs

globals().update(mail_settings(url=secret("SMTP_URL"), folder=HOME / "mail"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = text("MAIL_FROM", "Counterfoil <counterfoil@localhost>")

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = jobs.MODULES
PROCRASTINATE_WORKER_DEFAULTS = {"task_middleware": [naming(request_id)]}

LOGGING = logging_settings(
    level=text("LOG_LEVEL", "INFO").upper(), as_json=text("LOG_FORMAT", "text") == "json"
)

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
