"""Tells a database that is busy or away, where trying again is the way out, from a fault of the program."""

import sqlite3
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

T = TypeVar("T")
_PASSING_CLASSES = {
    "08",  # the connection failed
    "40",  # undone for another's sake: serialization failure, deadlock
    "57",  # the server stops, starts, or took too long
}
_PASSING_STATES = {"53300", "55P03"}  # too many connections; a lock was not to be had
_BRIEFLY = 50  # milliseconds


def will_pass(problem: BaseException | None) -> bool:
    """Whether the database is locked, took this work back, or cannot be reached now, so that nothing was changed.

    Sources: SQLite result codes BUSY and LOCKED, SQLSTATE classes of PostgreSQL's appendix A; an error of psycopg
    without a state is one of the connection.
    """
    if not isinstance(problem, OperationalError | InterfaceError):
        return False
    cause = problem.__cause__
    if isinstance(cause, sqlite3.Error):
        # The low byte is the code itself, the rest says more about it.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    state = getattr(cause, "sqlstate", None)
    return state is None or state[:2] in _PASSING_CLASSES or state in _PASSING_STATES


def unless_busy(act: Callable[[], T]) -> T | None:
    """Do something small that may as well be left out: when the database is busy or away it is, without waiting.

    Returns None then. Only outside a transaction: inside one an error would spoil it on PostgreSQL.
    """
    if connection.vendor == "sqlite":
        usual = int(connection.settings_dict["OPTIONS"].get("timeout", 5) * 1000)
        brief, again = f"PRAGMA busy_timeout = {_BRIEFLY}", f"PRAGMA busy_timeout = {usual}"
    else:
        brief, again = f"SET lock_timeout = {_BRIEFLY}", "RESET lock_timeout"
    try:
        with connection.cursor() as cursor:
            cursor.execute(brief)
            try:
                return act()
            finally:
                cursor.execute(again)
    except (OperationalError, InterfaceError) as problem:
        if not will_pass(problem):
            raise
    return None
