"""Read `KEZHUAN_` variables; an unknown or malformed one stops the start and names itself."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from kezhuan.config.speech import told

if TYPE_CHECKING:
    from kezhuan.areas.accounts.providers import Provider


class BadSetting(Exception):
    """A `KEZHUAN_` variable cannot be used; the message names it and says what it takes, in the terminal's language."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(told(chinese, english))


KNOWN = {
    "KEZHUAN_DATA": "folder that holds database, index, documents and key (default: data)",
    "KEZHUAN_DATABASE_URL": "postgres://user:password@host:port/name (several hosts between commas), empty for SQLite",
    "KEZHUAN_HOSTS": "comma-separated host names the site answers to (default: localhost,127.0.0.1)",
    "KEZHUAN_HTTPS": "true when the site is reached by HTTPS only (default: false)",
    "KEZHUAN_SECRET_KEY": "signing key, 32 characters or more (default: made once, kept in the data folder)",
    "KEZHUAN_SEALING_KEY": "key by which units read what they sealed, 32 characters or more (default: no sealing)",
    "KEZHUAN_CITY": "six-digit GB/T 2260 code of the city served (default: 440100)",
    "KEZHUAN_PROXIES": "how many reverse proxies stand before the site and write X-Forwarded-For (default: 0)",
    "KEZHUAN_API_RATE": "API requests a minute for each token or signed-in person (default: 600)",
    "KEZHUAN_API_RATE_VISITORS": "API requests a minute for each address of visitors (default: 120)",
    "KEZHUAN_FILE_MEGABYTES": "megabytes that an uploaded file may have (default: 50)",
    "KEZHUAN_SEALS": "e-seal providers as name=module:Class, separated by commas (default: none)",
    "KEZHUAN_ENCODER": "folder of an encoder for matching across languages (default: the table of meanings)",
    "KEZHUAN_OPEN_DATA_PUBLISHER": "name of the body that publishes the open-data extracts (default: none is named)",
    "KEZHUAN_OPEN_DATA_LICENCE": "address of the licence of the open-data extracts (default: none is named)",
    "KEZHUAN_OCID_PREFIX": "registered prefix of ids in Open Contracting data (default: the site's name)",
    "KEZHUAN_REGISTRATION_AGENCY": "name of the registration agency that this city is (default: none)",
    "KEZHUAN_REGISTRATION_NUMBERS": "two to eight digits with which its registration numbers begin (default: none)",
    "KEZHUAN_REGISTRY_NAME": "registry at which contracts are registered outside (default: what a form names)",
    "KEZHUAN_REGISTRY_URL": "address of its service, http or https (default: none)",
    "KEZHUAN_FILES_TO": "address of the bureau's instance that this unit's own one files to (default: none)",
    "KEZHUAN_CHANGE_REASONS": "reason codes of a change of a registered contract (default: none, free words)",
    "KEZHUAN_TOKEN_DAYS": "longest life of an API token in days (default: 180)",
    "KEZHUAN_SITE_URL": "address people reach the site at, for links in messages (default: http://localhost:8000)",
    "KEZHUAN_MAIL_URL": "smtp+starttls://user:password@host:port, smtps:// or smtp://; empty: files in the data folder",
    "KEZHUAN_MAIL_FROM": "mail address that messages come from (default: kezhuan@ the site's host)",
    "KEZHUAN_GATEWAYS": "TOML file that describes the gateways for short messages and work cards; empty: files",
    "KEZHUAN_PRIVATE_WEBHOOKS": "true lets webhooks call addresses in private networks (default: false)",
    "KEZHUAN_IDENTITY": "TOML file of identity providers (default: identity.toml in the data folder, if there is one)",
    "KEZHUAN_SIGN_UP": "open when strangers may open accounts, closed when they are invited (default: closed)",
    "KEZHUAN_DEBUG": "true shows error details to the developer (default: false)",
    "KEZHUAN_LOG_LEVEL": "DEBUG, INFO, WARNING or ERROR (default: WARNING)",
    "KEZHUAN_LOG_FORMAT": "line for people, json for programs that collect logs (default: line)",
    "KEZHUAN_METRICS_TOKEN": "Bearer token with which another machine may read /metrics (default: none may)",
    "KEZHUAN_PYTHON": "the Python that the launcher uses (read by the launcher)",
}


def check_names(environ: Mapping[str, str] = os.environ) -> None:
    """Raise `BadSetting` for the first `KEZHUAN_` variable that no setting reads."""
    for name in sorted(environ):
        if name.startswith("KEZHUAN_") and name not in KNOWN:
            raise BadSetting(
                f"{name}：没有这项设置；现有设置：{'、'.join(KNOWN)}。",
                f"{name}: unknown setting. Known settings: {', '.join(KNOWN)}.",
            )


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
    raise BadSetting(f"{name}={word}：只能是 true 或 false。", f"{name}={word}: takes true or false.")


def whole(name: str, default: int, least: int, most: int, environ: Mapping[str, str] = os.environ) -> int:
    """The variable as a whole number within bounds; raises `BadSetting` for anything else."""
    word = text(name, str(default), environ)
    if word.isascii() and word.isdecimal() and len(word) < 10 and least <= int(word) <= most:
        return int(word)
    raise BadSetting(
        f"{name}={word}：须为 {least} 到 {most} 之间的整数。",
        f"{name}={word}: takes a whole number from {least} to {most}.",
    )


def providers(name: str, default: Path, environ: Mapping[str, str] = os.environ) -> "dict[str, Provider]":
    """The identity providers of the file that the variable names; raises `BadSetting` for one that cannot be used."""
    from kezhuan.areas.accounts.providers import (  # inline: commands without a site need none
        BadProvider,
        read_providers,
    )

    given = text(name, "", environ)
    try:
        return read_providers(Path(given) if given else default, must_exist=bool(given))
    except BadProvider as problem:
        raise BadSetting(f"{name}：{problem}。", f"{name}: {problem}.") from None


def encoder(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable as the folder of an encoder; raises `BadSetting` when no encoder can be in it. What the model itself
    is worth shows when it is opened."""
    given = text(name, "", environ)
    if given:
        from kezhuan.engines.matching.encoder_files import (  # inline: hardly anybody has one
            UnusableEncoder,
            read_layout,
        )

        try:
            read_layout(Path(os.path.realpath(given)))
        except UnusableEncoder as problem:
            raise BadSetting(f"{name}：{problem.say('zh')}", f"{name}: {problem.say('en')}") from None
    return os.path.realpath(given) if given else ""


def choice(name: str, default: str, allowed: tuple[str, ...], environ: Mapping[str, str] = os.environ) -> str:
    """The variable as one of `allowed`; raises `BadSetting` otherwise."""
    word = text(name, default, environ)
    if word not in allowed:
        raise BadSetting(
            f"{name}={word}：只能是 {'、'.join(allowed)} 之一。", f"{name}={word}: takes one of {', '.join(allowed)}."
        )
    return word


def hosts(name: str, default: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """The variable as host names between commas; raises `BadSetting` when it holds commas and no name."""
    given = text(name, default, environ)
    found = [host.strip() for host in given.split(",") if host.strip()]
    if not found:
        raise BadSetting(
            f"{name}={given}：请填写网站的主机名，多个用逗号分隔。",
            f"{name}={given}: takes the site's host names, separated by commas.",
        )
    return found


def mail_address(name: str, default: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable as a mail address; raises `BadSetting` otherwise."""
    word = text(name, default, environ)
    if not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+", word):
        raise BadSetting(f"{name}={word}：须为邮箱地址。", f"{name}={word}: takes a mail address.")
    return word


def classes(name: str, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variable as names with the classes they stand for, name=module:Class between commas; raises `BadSetting`."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in environ.get(name, "").split(","))):
        given = re.fullmatch(r"([a-z][a-z0-9-]{0,39})=([A-Za-z_][\w.]*):([A-Za-z_]\w*)", part)
        if given is None or given[1] in found:
            raise BadSetting(
                f"{name}={part}：须写作 名称=模块:类，名称为小写字母、数字和连字符且不重复，多个用逗号分隔。",
                f"{name}={part}: takes name=module:Class, each name once and in small letters, separated by commas.",
            )
        found[given[1]] = f"{given[2]}.{given[3]}"
    return found


def city(name: str, default: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable as a GB/T 2260 code; raises `BadSetting` for anything but six digits."""
    code = text(name, default, environ)
    if not (len(code) == 6 and code.isascii() and code.isdecimal()):
        raise BadSetting(
            f"{name}={code}：须为六位行政区划代码，如 440100。",
            f"{name}={code}: takes a six-digit GB/T 2260 code such as 440100.",
        )
    return code


def number_start(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The first digits of numbers that an agency gives, or none; raises `BadSetting` for anything but two to eight."""
    digits = text(name, "", environ)
    if digits and not (2 <= len(digits) <= 8 and digits.isascii() and digits.isdecimal()):
        raise BadSetting(
            f"{name}={digits}：须为登记编号开头的二至八位数字。",
            f"{name}={digits}: takes the two to eight digits with which registration numbers begin.",
        )
    return digits


def reasons(name: str, environ: Mapping[str, str] = os.environ) -> tuple[tuple[str, str, str], ...]:
    """The variable as codes with their words, code=中文|English between semicolons, the English words where there are
    some; raises `BadSetting`."""
    found: dict[str, tuple[str, str, str]] = {}
    for part in filter(None, (part.strip() for part in re.split("[;；]", environ.get(name, "")))):
        given = re.fullmatch(r"([a-z][a-z0-9-]{0,29})=([^|]{1,80})(?:\|([^|]{1,80}))?", part)
        if given is None or given[1] in found:
            raise BadSetting(
                f"{name}={part}：须写作 代码=中文|英文，代码为小写字母、数字和连字符且不重复，多项用分号隔开。",
                f"{name}={part}: takes code=中文|English, each code once and in small letters, between semicolons.",
            )
        found[given[1]] = given[1], given[2].strip(), (given[3] or given[2]).strip()
    return tuple(found.values())


def database(data: Path, environ: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Django's DATABASES entry: PostgreSQL from `KEZHUAN_DATABASE_URL`, else SQLite in the data folder."""
    url = text("KEZHUAN_DATABASE_URL", "", environ)
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data / "db.sqlite3",
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                # IMMEDIATE: a writer waits its turn at BEGIN instead of failing in the middle of its work.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # A page asks a hundred long statements; forgotten ones are taken apart anew, which costs as much again.
                "cached_statements": 500,
                # synchronous=FULL: what was confirmed survives a power cut; NORMAL may lose the last commits in WAL.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                " PRAGMA mmap_size=268435456; PRAGMA cache_size=-65536;"
                # What a long import wrote into the log beside the database is given back, instead of kept for reuse.
                " PRAGMA journal_size_limit=67108864;",
            },
        }
    return _postgres(url)


def _postgres(url: str) -> dict[str, object]:
    """The address taken apart by the driver itself, which also knows several hosts: `host1:5432,host2:5432`."""
    from psycopg import ProgrammingError  # inline: a city with SQLite starts without it
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    head, _, query = url.partition("?")
    try:
        make_conninfo(**dict(parse_qsl(query)))
    except ProgrammingError as problem:
        reason = str(problem).strip()
        raise BadSetting(
            f"KEZHUAN_DATABASE_URL：问号后的参数无法使用（{reason}）。",
            f"KEZHUAN_DATABASE_URL: what follows the question mark cannot be used ({reason}).",
        ) from None
    try:
        found = {name: str(value) for name, value in conninfo_to_dict(url).items()} if "://" in head else {}
    except ProgrammingError:  # its words may quote the password
        found = {}
    if head.partition("://")[0] not in {"postgres", "postgresql"} or not found.get("dbname"):
        raise BadSetting(
            "KEZHUAN_DATABASE_URL：须写作 postgres://用户:密码@主机:端口/库名。",
            "KEZHUAN_DATABASE_URL: takes postgres://user:password@host:port/name.",
        )
    port = found.pop("port", "")
    if not all(one.isascii() and one.isdecimal() and 1 <= int(one) <= 65535 for one in port.split(",") if one):
        raise BadSetting(
            "KEZHUAN_DATABASE_URL：端口不是 1 到 65535 之间的数。",
            "KEZHUAN_DATABASE_URL: the port is not a number between 1 and 65535.",
        )
    host = found.pop("host", "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found.pop("dbname"),
        "USER": found.pop("user", ""),
        "PASSWORD": found.pop("password", ""),
        "HOST": host,
        "PORT": port,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Of several hosts the one that takes writes, whichever it is now.
        "OPTIONS": {**NOTICED, **({"target_session_attrs": "read-write"} if "," in host else {}), **found},
    }


NOTICED = {
    # A record's page joins a dozen tables to one row, in the order that suits it: to try more orders of them takes
    # PostgreSQL longer than the answer.
    "options": "-c join_collapse_limit=5",
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
}
"""By which a server that fell silent is noticed within half a minute; the address may say otherwise. Seconds, and
milliseconds for the last."""
