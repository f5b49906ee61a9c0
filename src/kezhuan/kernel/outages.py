"""Tells a database that is busy or away, where trying again is the way out, from a fault of the program."""

import sqlite3

from django.db import InterfaceError, OperationalError

_PASSING_CLASSES = {
    "08",  # the connection failed
    "40",  # undone for another's sake: serialization failure, deadlock
    "57",  # the server stops, starts, or took too long
}
_PASSING_STATES = {"53300", "55P03"}  # too many connections; a lock was not to be had


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
