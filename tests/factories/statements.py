"""A plugin that notes which statements each test asks of the database, without their values: see `tools/both`."""

import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

_seen: set[str] = set()
_left_out: set[str] = set()
_VALUES = (
    (re.compile(r'"?s\d+_x\d+"?'), "savepoint"),
    (re.compile(r"\(\s*%s(\s*,\s*%s)*\s*\)"), "(..)"),
    (re.compile(r"(\(\.\.\)\s*,\s*)+\(\.\.\)"), "(..)"),
    (re.compile(r"\b(LIMIT|OFFSET) -?\d+"), r"\1 n"),
    (re.compile(r"'[0-9a-f]{8,}'"), "'hash'"),
    (re.compile(r"\b\d{3,}\b"), "n"),
)


def shape(statement: str) -> str:
    """A statement without what differs from one asking to the next."""
    for pattern, put in _VALUES:
        statement = pattern.sub(put, statement)
    return statement


def _note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    seen = shape(str(sql))
    _seen.add(seen)
    try:
        return execute(sql, params, many, context)
    except Exception as problem:
        # What is refused is told otherwise by each database, and may end the transaction.
        _seen.add(f"{type(problem).__name__}: {seen}")
        raise


def _watch(connection: Any, **_given: Any) -> None:
    if _note not in connection.execute_wrappers:
        connection.execute_wrappers.append(_note)


def _watch_all() -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        _watch(connection)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish() -> None:
    """Watch the connections of threads, too."""
    from django.db.backends.signals import connection_created

    connection_created.connect(_watch, weak=False)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Append a line for each test to a file of this process in the folder that the environment names."""
    _watch_all()
    _seen.clear()
    began = time.perf_counter()
    yield
    line = {
        "test": item.nodeid.partition("[")[0],
        "always": item.get_closest_marker("each_database") is not None
        or _is_transactional(item)
        or item.nodeid in _left_out,
        "seconds": time.perf_counter() - began,
        "statements": sorted(_seen),
    }
    with (Path(os.environ["STATEMENTS"]) / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """What is left out here may be meant for the other database."""
    if report.skipped:
        _left_out.add(report.nodeid)


def _is_transactional(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))
