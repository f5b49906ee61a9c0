"""`./kezhuan check-database`: try every feature of PostgreSQL that the program uses on the configured server."""

import os
import secrets
import sys
import time
from collections.abc import Callable
from typing import Any

from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.config.start import start_django

WHOLE = ("本版本的全部数据表与日志防护", "all tables of this version, with the journal's guards")


def run(argv: list[str]) -> int:
    """Print a line for each feature; exit code 1 when one failed, 2 when there is no such server."""
    parser = Parser(
        "check-database",
        "在所配置的 PostgreSQL（或兼容数据库）上逐项试用本系统用到的功能；不留下任何内容。",
        "Try on the configured PostgreSQL, or a database compatible with it, each feature the program uses; leaves"
        " nothing behind.",
    )
    parser.parse_args(argv)
    if not os.environ.get("KEZHUAN_DATABASE_URL", "").strip():
        sentence = told(
            "现用 SQLite，无需检查；请用 KEZHUAN_DATABASE_URL 指明要检查的数据库。",
            "SQLite is in use and needs no check; name the database to check in KEZHUAN_DATABASE_URL.",
        )
        print(sentence, file=sys.stderr)
        return 2
    if not start_django():
        return 2
    return _check(_connector())


def _connector() -> Callable[..., Any]:
    """Opens sessions on the configured server as the program does, without Django's types."""
    import psycopg  # inline: Django must be set up first
    from django.db import connection

    ours = {"context", "cursor_factory", "prepare_threshold"}
    parameters = {name: value for name, value in connection.get_connection_params().items() if name not in ours}
    return lambda **more: psycopg.connect(**{**parameters, **more})


def _check(connect: Callable[..., Any]) -> int:
    from kezhuan.config import features  # inline: it needs the driver

    try:
        with connect() as session:
            print(features.one(session, "SELECT version()"))
    except features.ServerError as problem:
        reason = features.first_line(problem)
        print(told(f"无法连接数据库（{reason}）。", f"The database cannot be reached ({reason})."), file=sys.stderr)
        return 2
    started, failed = time.monotonic(), 0
    for feature, wrong in features.trials(connect):
        failed += bool(wrong)
        _say(feature.name, (feature.chinese, feature.english), wrong)
    wrong = _try_whole_program(connect)
    failed += bool(wrong)
    _say("CREATE SCHEMA", WHOLE, wrong)
    seconds = time.monotonic() - started
    if failed:
        zh = f"{failed} 项不符合，此数据库不能使用（{seconds:.0f} 秒）。"
        print(told(zh, f"{failed} failed: this database cannot be used ({seconds:.0f} s)."))
        return 1
    print(told(f"全部符合，可以使用（{seconds:.0f} 秒）。", f"All hold: it can be used ({seconds:.0f} s)."))
    return 0


def _say(name: str, needed_for: tuple[str, str], problem: str) -> None:
    mark = told("不符合", "FAILED") if problem else told("符合  ", "ok    ")
    print(f"{mark} {name} ← {needed_for[prefers_english()]}" + (f" [{problem}]" if problem else ""), flush=True)


def _try_whole_program(connect: Callable[..., Any]) -> str:
    """Make all tables and guards in a schema of their own, as an upgrade does; what went wrong, or nothing."""
    from django.db import DEFAULT_DB_ALIAS, Error, connections  # inline: Django must be set up first
    from django.db.migrations.executor import MigrationExecutor

    from kezhuan.config import features
    from kezhuan.config.copies import sessions
    from kezhuan.kernel import guards, journal

    schema = features.PREFIX + secrets.token_hex(4)
    settings = connections[DEFAULT_DB_ALIAS].settings_dict
    options = {**settings["OPTIONS"], "options": f"-c search_path={schema}"}
    try:
        with connect(autocommit=True) as session:
            session.execute(f"CREATE SCHEMA {schema}")
        with sessions.another({**settings, "OPTIONS": options}) as wrapper:
            executor = MigrationExecutor(wrapper)
            executor.migrate(executor.loader.graph.leaf_nodes())
            guards.make(using=wrapper.alias)
            return journal.verify(using=wrapper.alias).reason
    except (Error, features.ServerError) as problem:
        return features.first_line(problem)
    finally:
        with connect() as session:
            features.sweep(session)
