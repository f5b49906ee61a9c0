"""Read `KEZHUAN_` variables; an unknown or malformed one stops the start and names itself."""

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit


class BadSetting(Exception):
    """A `KEZHUAN_` variable cannot be used; the message names it and says what it takes."""


KNOWN = {
    "KEZHUAN_DATA": "folder that holds database, index, documents and key (default: data)",
    "KEZHUAN_DATABASE_URL": "postgres://user:password@host:port/name, or empty for SQLite in the data folder",
    "KEZHUAN_HOSTS": "comma-separated host names the site answers to (default: localhost,127.0.0.1)",
    "KEZHUAN_HTTPS": "true when the site is reached by HTTPS only (default: false)",
    "KEZHUAN_SECRET_KEY": "signing key, 32 characters or more (default: made once, kept in the data folder)",
    "KEZHUAN_CITY": "six-digit GB/T 2260 code of the city served (default: 440100)",
    "KEZHUAN_DEBUG": "true shows error details to the developer (default: false)",
    "KEZHUAN_LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR (default: WARNING)",
    "KEZHUAN_PYTHON": "the Python that the launcher uses (read by the launcher)",
}


def check_names(environ: Mapping[str, str] = os.environ) -> None:
    """Raise `BadSetting` for the first `KEZHUAN_` variable that no setting reads."""
    for name in sorted(environ):
        if name.startswith("KEZHUAN_") and name not in KNOWN:
            raise BadSetting(f"{name}: unknown setting. Known settings: {', '.join(KNOWN)}.")


def text(name: str, default: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable's text; empty counts as not set."""
    return environ.get(name, "").strip() or default


def truth(name: str, default: bool, environ: Mapping[str, str] = os.environ) -> bool:
    """The variable as yes or no; raises `BadSetting` for any other word."""
    word = environ.get(name, "").strip().lower()
    if not word:
        return default
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name}={word}: takes true or false.")


def choice(name: str, default: str, allowed: tuple[str, ...], environ: Mapping[str, str] = os.environ) -> str:
    """The variable as one of `allowed`; raises `BadSetting` otherwise."""
    word = text(name, default, environ)
    if word not in allowed:
        raise BadSetting(f"{name}={word}: takes one of {', '.join(allowed)}.")
    return word


def database(data: Path, environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Django's DATABASES entry: PostgreSQL from `KEZHUAN_DATABASE_URL`, else SQLite in the data folder."""
    url = text("KEZHUAN_DATABASE_URL", "", environ)
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data / "db.sqlite3",
            "OPTIONS": {
                # IMMEDIATE: a writer waits its turn at BEGIN instead of failing in the middle of its work.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # synchronous=FULL: what was confirmed survives a power cut; NORMAL may lose the last commits in WAL.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                " PRAGMA mmap_size=268435456; PRAGMA cache_size=-65536;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise BadSetting("KEZHUAN_DATABASE_URL: takes postgres://user:password@host:port/name.")
    query = dict(parse_qsl(parts.query))
    try:
        port = str(parts.port or query.pop("port", ""))
    except ValueError:
        raise BadSetting("KEZHUAN_DATABASE_URL: the port is not a number between 1 and 65535.") from None
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or query.pop("host", ""),
        "PORT": port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }
