"""Every setting of the site in one place; what a city may change comes from `KEZHUAN_` variables (environment.py)."""

import contextlib
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from kezhuan import __version__
from kezhuan.config import environment, outgoing
from kezhuan.engines.system_errors import said

environment.check_names()

PACKAGE = Path(__file__).resolve().parent.parent
DATA = Path(environment.text("KEZHUAN_DATA", "data")).resolve()
VERSION = __version__


def _secret_key() -> str:
    """The signing key: from the environment, else made once and kept readable by its owner alone."""
    given = environment.text("KEZHUAN_SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise environment.BadSetting(
                "KEZHUAN_SECRET_KEY：至少 32 个字符。", "KEZHUAN_SECRET_KEY: takes 32 characters or more."
            )
        return given
    kept = DATA / "secret.key"
    try:
        DATA.mkdir(parents=True, exist_ok=True)
        if not kept.exists():
            _make_key(kept)
    except FileExistsError:
        raise environment.BadSetting(
            f"KEZHUAN_DATA={DATA}：这不是文件夹；请另指定一个文件夹。",
            f"KEZHUAN_DATA={DATA}: this is no folder; name another.",
        ) from None
    except OSError as problem:
        raise environment.BadSetting(
            f"KEZHUAN_DATA={DATA}：该文件夹只读或无法写入（{said(problem)[0]}）；请更改权限或另指定一个文件夹。",
            f"KEZHUAN_DATA={DATA}: the folder is read-only or cannot be written ({said(problem)[1]});"
            " change its permissions or name another.",
        ) from None
    return _kept_key(kept)


def _make_key(kept: Path) -> None:
    """Write a key beside its place and link it there whole: of several processes that start at once the first one's
    stays, and none reads a key that is half written."""
    fresh = kept.with_name(f"{kept.name}.{secrets.token_hex(4)}")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as written:
            written.write(secrets.token_urlsafe(48))
            written.flush()
            os.fsync(written.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, kept)
    finally:
        fresh.unlink(missing_ok=True)


def _kept_key(kept: Path) -> str:
    """The key made earlier; a damaged one is never replaced silently: every session and signed link hangs on it."""
    try:
        key = kept.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        key = ""
    if len(key) < 32:
        raise environment.BadSetting(
            f"{kept}：密钥为空、损坏或无法读取；请从备份恢复，或删除该文件以生成新密钥（所有人须重新登录）。",
            f"{kept}: the key is empty, damaged or cannot be read; put it back from a copy, or delete the file to have"
            " a new one made (everyone signs in again).",
        )
    return key


def _sealing_key() -> str:
    """The key by which units read their own sealed applications; it is nowhere but in the environment, so that neither
    the data folder nor a backup holds it."""
    given = environment.text("KEZHUAN_SEALING_KEY", "")
    if given and len(given) < 32:
        raise environment.BadSetting(
            "KEZHUAN_SEALING_KEY：至少 32 个字符。", "KEZHUAN_SEALING_KEY: takes 32 characters or more."
        )
    return given


SECRET_KEY = _secret_key()
SEALING_KEY = _sealing_key()
DEBUG = environment.truth("KEZHUAN_DEBUG", False)
HTTPS = environment.truth("KEZHUAN_HTTPS", False)
ALLOWED_HOSTS = environment.hosts("KEZHUAN_HOSTS", "localhost,127.0.0.1,[::1]")
# The demo command marks the folder it builds in; every page of such a site says that all of it is invented.
DEMO_CITY = (DATA / "demo-city").exists()
CITY_NAME = ""
CITY = environment.city("KEZHUAN_CITY", "440100")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "kezhuan.kernel",
    "kezhuan.exchange",
    "kezhuan.web",
    "kezhuan.api",
    "kezhuan.areas.people",
    "kezhuan.areas.accounts",
    "kezhuan.areas.notices",
    "kezhuan.areas.approvals",
    "kezhuan.areas.inspections",
    "kezhuan.areas.filings",
    "kezhuan.areas.evidence",
    "kezhuan.areas.reviews",
    "kezhuan.areas.achievements",
    "kezhuan.areas.needs",
    "kezhuan.areas.teams",
    "kezhuan.areas.matches",
    "kezhuan.areas.dossiers",
    "kezhuan.areas.evaluations",
    "kezhuan.areas.calls",
    "kezhuan.areas.projects",
    "kezhuan.areas.chains",
    "kezhuan.areas.agreements",
    "kezhuan.areas.contracts",
    "kezhuan.areas.brokers",
    "kezhuan.areas.rights",
    "kezhuan.areas.prices",
    "kezhuan.areas.ledger",
    "kezhuan.areas.exemptions",
]

MIDDLEWARE = [
    "kezhuan.web.observing.ObservingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "kezhuan.web.middleware.ActorMiddleware",
    "kezhuan.web.middleware.ErrorMiddleware",
]

ROOT_URLCONF = "kezhuan.config.urls"
WSGI_APPLICATION = "kezhuan.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "kezhuan.web.context.site",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

DATABASES = {"default": environment.database(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "kernel.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "kezhuan.areas.people.passwords.UnlikeAddress"},
    {"NAME": "kezhuan.areas.people.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "kezhuan.areas.people.passwords.Uncommon"},
]
AUTHENTICATION_BACKENDS = ["kezhuan.areas.accounts.backends.Accounts"]
# Links by which a new password is set are good for so many seconds.
PASSWORD_RESET_TIMEOUT = 60 * 60
# Whether strangers may open accounts; else they are invited, or come from an identity provider.
SIGN_UP_OPEN = environment.choice("KEZHUAN_SIGN_UP", "open" if DEMO_CITY else "closed", ("open", "closed")) == "open"
# A city's own encoder for matching across languages; empty for the table of meanings.
ENCODER = environment.encoder("KEZHUAN_ENCODER")
# Who else says who somebody is: OpenID Connect and CAS servers of the city and its universities.
IDENTITY_PROVIDERS = environment.providers("KEZHUAN_IDENTITY", DATA / "identity.toml")
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
# Static files are served from the packages themselves: no collecting step on the target.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# Documents go to the content-addressed store; an upload never touches a disk before it was checked.
FILE_MEGABYTES = environment.whole("KEZHUAN_FILE_MEGABYTES", 50, 1, 2000)
SEAL_PROVIDERS = environment.classes("KEZHUAN_SEALS")
FILE_UPLOAD_HANDLERS = ["kezhuan.web.uploads.BoundedUploads"]
DATA_UPLOAD_MAX_NUMBER_FILES = 60  # a form may ask for fifty; together they have the room of ten
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
# Our own table: it also keeps whose a session is and where it was opened.
SESSION_ENGINE = "kezhuan.areas.accounts.session_actions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kezhuan.web.errors.stale_form"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
PROXIES = environment.whole("KEZHUAN_PROXIES", 0, 0, 9)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None

# -- the API -----------------------------------------------------------------------------------------------------------
API_RATE = environment.whole("KEZHUAN_API_RATE", 600, 1, 1_000_000)
API_RATE_VISITORS = environment.whole("KEZHUAN_API_RATE_VISITORS", 120, 1, 1_000_000)
# A city that is a registration agency itself (技术合同登记机构) names it, and the digits with which its numbers begin;
# without both, contracts are registered outside and read back.
REGISTRATION_AGENCY = environment.text("KEZHUAN_REGISTRATION_AGENCY", "")
REGISTRATION_NUMBERS = environment.number_start("KEZHUAN_REGISTRATION_NUMBERS")
# Where contracts are registered outside: the registry's name and the address of its service, told on every contract.
REGISTRY_NAME = environment.text("KEZHUAN_REGISTRY_NAME", "")
REGISTRY_URL = outgoing.service_url("KEZHUAN_REGISTRY_URL")
# A unit's own instance names the bureau's, to which its filings go in packages and which registers its contracts: what
# the bureau registered is then read back by the unit itself.
FILES_TO = outgoing.service_url("KEZHUAN_FILES_TO")
# The registry's codes of reasons for a change of a registration (变更原因): none ships, for no table of them was read.
CHANGE_REASONS = environment.reasons("KEZHUAN_CHANGE_REASONS")
# Under which licence the open-data extracts may be used: an address, or none while the bureau has not named one.
OPEN_DATA_PUBLISHER = environment.text("KEZHUAN_OPEN_DATA_PUBLISHER", "")
OPEN_DATA_LICENCE = environment.text("KEZHUAN_OPEN_DATA_LICENCE", "")
# With what the ids of contracting processes begin in Open Contracting data, once the publisher has a registered one.
OCID_PREFIX = environment.text("KEZHUAN_OCID_PREFIX", "")
TOKEN_DAYS = environment.whole("KEZHUAN_TOKEN_DAYS", 180, 1, 3650)

# -- messages ----------------------------------------------------------------------------------------------------------
SITE_URL = outgoing.site_url("KEZHUAN_SITE_URL", "http://localhost:8000")
MAIL_SERVER = outgoing.mail_server("KEZHUAN_MAIL_URL")
MAIL_FROM = environment.mail_address("KEZHUAN_MAIL_FROM", f"kezhuan@{urlsplit(SITE_URL).hostname}")
GATEWAYS = outgoing.gateways("KEZHUAN_GATEWAYS")
outgoing.require_site_url("KEZHUAN_SITE_URL", bool(MAIL_SERVER or GATEWAYS))
PRIVATE_WEBHOOKS = environment.truth("KEZHUAN_PRIVATE_WEBHOOKS", False)
METRICS_TOKEN = environment.text("KEZHUAN_METRICS_TOKEN", "")

# Request bodies and query strings are never logged: a text typed into a form may be confidential.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "kezhuan.config.logs.Lines"}, "json": {"()": "kezhuan.config.logs.JsonLines"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": environment.choice("KEZHUAN_LOG_FORMAT", "line", ("line", "json")),
        }
    },
    "root": {
        "handlers": ["console"],
        "level": environment.choice("KEZHUAN_LOG_LEVEL", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR")),
    },
    # Answers like 404 are no events worth a line; 5xx are.
    "loggers": {
        "django.request": {"level": "ERROR"},
        # Its lines repeat statements with what people typed.
        "django.db.backends": {"level": "INFO"},
    },
}
