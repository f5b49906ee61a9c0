"""Start Django for a command: read the settings, tell what is wrong with them, bring the database up to date."""

import gc
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kezhuan.config.environment import BadSetting
from kezhuan.config.speech import told


@contextmanager
def keeping() -> Iterator[None]:
    """While much is made that stays, looking for garbage among it takes a fifth of the time and finds none."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def start_django(*, data: str | None = None) -> bool:
    """Load the site for a command; returns False after telling what is wrong with a setting.

    `data` names the data folder when the command has one of its own.
    """
    if data is not None:
        os.environ["KEZHUAN_DATA"] = data
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kezhuan.config.settings")
    try:
        import django  # inline: commands that need no site start without it

        with keeping():
            django.setup()
            gc.freeze()
    except BadSetting as problem:
        print(problem, file=sys.stderr)
        return False
    return True


def bring_up_to_date() -> bool:
    """Apply the migrations that are missing; tells and returns False when the database cannot be used."""
    from django.core.management import call_command  # inline: see start_django
    from django.db import Error

    try:
        if _is_newer():
            return False
        with keeping():
            call_command("migrate", interactive=False, verbosity=0)
    except Error as problem:
        sentence = database_trouble(problem)
        if not sentence:
            raise
        print(sentence, file=sys.stderr)
        return False
    return True


def is_up_to_date() -> bool:
    """Whether the database has the tables of this version; tells and returns False otherwise. Changes nothing."""
    if not _has_file() and not database_exists():
        return False
    from django.db import connection  # inline: see start_django
    from django.db.migrations.executor import MigrationExecutor

    if _is_newer():
        return False
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return True
    sentence = told(
        "数据库结构不是本版本的；请先运行 ./kezhuan migrate。",
        "The database is not of this version yet; run ./kezhuan migrate first.",
    )
    print(sentence, file=sys.stderr)
    return False


def _is_newer() -> bool:
    """Whether a later version has changed the database; tells it. Django would not mind what it does not know."""
    from django.apps import apps  # inline: see start_django
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    labels = {app.label for app in apps.get_app_configs()}
    unknown = [f"{app}.{name}" for app, name in loader.applied_migrations if (app, name) not in loader.graph.nodes]
    unknown = sorted(name for name in unknown if name.partition(".")[0] in labels)
    if unknown:
        sentence = told(
            f"数据库已由更新的版本升级（{unknown[0]}），本版本不能使用；请使用新版本，或恢复升级前的备份。",
            f"A newer version has upgraded the database ({unknown[0]}), so this one cannot use it: run the newer,"
            " or restore the backup from before the upgrade.",
        )
        print(sentence, file=sys.stderr)
    return bool(unknown)


def _has_file() -> bool:
    """Looking into an SQLite file that is not there would make it."""
    from django.db import connection  # inline: see start_django

    return connection.vendor != "sqlite" or Path(connection.settings_dict["NAME"]).exists()


def database_exists() -> bool:
    """Whether the configured database holds the program's tables, of whatever version; tells and returns False
    otherwise. Changes nothing."""
    from django.conf import settings  # inline: see start_django
    from django.db import connection

    if _has_file() and "django_migrations" in connection.introspection.table_names():
        return True
    sentence = told(
        f"{settings.DATA} 中没有数据库；请检查 KEZHUAN_DATA，或运行 ./kezhuan migrate 新建。",
        f"There is no database in {settings.DATA}; check KEZHUAN_DATA, or run ./kezhuan migrate to make one.",
    )
    if connection.vendor != "sqlite":
        sentence = told(
            "所配置的数据库中没有本系统的表；请检查 KEZHUAN_DATABASE_URL，或运行 ./kezhuan migrate 新建。",
            "The configured database has no tables of this program; check KEZHUAN_DATABASE_URL, or run"
            " ./kezhuan migrate to make them.",
        )
    print(sentence, file=sys.stderr)
    return False


def database_trouble(problem: BaseException) -> str:
    """One sentence for an error that comes from the database's state and not from the program; empty for all others."""
    if "django.db" not in sys.modules:
        return ""
    from django.db import DatabaseError, InterfaceError, OperationalError  # inline: see start_django

    from kezhuan.kernel.outages import will_pass

    if not isinstance(problem, DatabaseError | InterfaceError):
        return ""
    reason = (str(problem).strip().splitlines() or [type(problem).__name__])[0]
    cause = problem.__cause__
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if isinstance(cause, sqlite3.Error):
        return _sqlite_trouble(code, reason)
    if will_pass(problem) and getattr(cause, "sqlstate", None):
        return _busy()
    if isinstance(problem, OperationalError | InterfaceError):
        return told(
            f"无法连接数据库（{reason}）；请检查 KEZHUAN_DATABASE_URL 以及数据库是否在运行。",
            f"The database cannot be reached ({reason}); check KEZHUAN_DATABASE_URL and that the server runs.",
        )
    return ""


def _busy() -> str:
    return told(
        "数据库正忙（另有程序正在写入），已停下；请稍后再次运行同一命令。",
        "The database is busy: another program is writing. This command has stopped; run it again in a moment.",
    )


def _sqlite_trouble(code: int, reason: str) -> str:
    from django.conf import settings  # inline: see start_django

    folder = settings.DATA
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return _busy()
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return told(
            f"{folder}/db.sqlite3 已损坏（{reason}）；请从备份恢复该文件。",
            f"{folder}/db.sqlite3 is damaged ({reason}); put it back from a copy.",
        )
    read_only = code == sqlite3.SQLITE_READONLY
    if read_only or (code == sqlite3.SQLITE_CANTOPEN and folder.is_dir() and not os.access(folder, os.W_OK)):
        return told(
            f"数据文件夹 {folder} 只读；请更改其权限，或用 KEZHUAN_DATA 指定另一个文件夹。",
            f"The data folder {folder} is read-only; change its permissions or name another in KEZHUAN_DATA.",
        )
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM}:
        return told(
            f"{folder}/db.sqlite3 无法读写（{reason}）；请检查磁盘与 KEZHUAN_DATA。",
            f"{folder}/db.sqlite3 cannot be read or written ({reason}); check the disk and KEZHUAN_DATA.",
        )
    return ""
