"""A plugin that notes what each test asks of the database, without names and values: see `tools/both`."""

import functools
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


_TABLE = re.compile(r'\b(?:FROM|JOIN|UPDATE|INTO) "(\w+)"(?: ([T-W]\d+)\b)?')
_COLUMN = re.compile(r'(?:"(\w+)"|\b([T-W]\d+))\."(\w+)"')
_JOINS = re.compile(r"(?:(?:INNER|LEFT OUTER) JOIN t ON \(Integer = Integer\) ?)+")
_NOT_PLAIN = re.compile(r"\b(DISTINCT|GROUP|HAVING|UNION|CASE|FOR UPDATE|LIKE|CAST)\b|\w+\(|\(SELECT|\|\||%\(|::")


def shape(statement: str) -> str:
    """A statement without what differs from one asking to the next."""
    for pattern, put in _VALUES:
        statement = pattern.sub(put, statement)
    return statement


def parts(statement: str) -> set[str]:
    """What a database may take or refuse in a statement: names make no difference, the types of columns do.

    A plain one is its conditions, joins and orders, which have nothing to do with each other; one that counts, groups,
    locks or asks inside another is kept whole.
    """
    statement = statement.removeprefix("EXPLAIN ").removeprefix("QUERY PLAN ")
    found = _TABLE.findall(statement)
    only = found[0][0] if found else ""

    def kind(match: re.Match[str]) -> str:
        # Two inner questions may use the same short name for their tables.
        asked = (_types().get((table, match[3])) for table, alias in found if (alias or table) in match.groups())
        return next(filter(None, asked), match[0])

    text = _COLUMN.sub(kind, statement)
    if text.startswith("INSERT"):
        columns = re.match(r'INSERT INTO "\w+" \(([^()]*)\)', text)
        if columns is None:
            return {text}
        kinds = {_types().get((only, name), name) for name in re.findall(r'"(\w+)"', columns[1])}
        return {"INSERT " + re.sub(r'"\w+"', "c", text[columns.end() :]), *(f"INSERT {one}" for one in kinds)}
    text = re.sub(r'AS "\w+"', "AS a", re.sub(r'"(\w+)"(?! AS a)', lambda m: _types().get((only, m[1]), m[0]), text))
    text = _JOINS.sub("JOINS ", re.sub(r"\bt [T-W]\d+\b", "t", re.sub(r'"[a-z]+_\w+"', "t", text)))
    head, _, rest = text.partition(" WHERE ")
    if text.startswith("UPDATE t SET ") and not _NOT_PLAIN.search(head):
        return {f"SET {one}" for one in head.removeprefix("UPDATE t SET ").split(", ")} | {f"UPDATE {rest}"}
    if not text.startswith("SELECT") or _NOT_PLAIN.search(text):
        grouped = re.search(r"\b(DISTINCT|GROUP)\b", text)
        return {text if grouped else re.sub(r"^SELECT [A-Z]\w+(, [A-Z]\w+)+ FROM", "SELECT columns FROM", text)}
    if not rest:
        head, _, rest = head.partition(" ORDER BY ")
        rest = rest and f" ORDER BY {rest}"
    where, _, order = rest.partition(" ORDER BY ")
    where, _, limit = where.partition(" LIMIT ")
    order, _, more = order.partition(" LIMIT ")
    said = {f"FROM {head.partition(' FROM ')[2]}", *(f"WHERE {one}" for one in where.strip("()").split(" AND "))}
    return said | {f"ORDER {one}" for one in order.split(", ")} | {f"LIMIT {limit or more}"}


@functools.cache
def _types() -> dict[tuple[str, str], str]:
    """The type of each column of the program's tables, whatever its size."""
    from django.apps import apps

    found = {}
    for model in apps.get_models(include_auto_created=True):
        for column in model._meta.local_concrete_fields:
            plain = column
            while plain.remote_field is not None:
                plain = plain.target_field
            name = re.sub("Big|Small|Positive|Field$", "", plain.get_internal_type()).replace("Auto", "Integer")
            found[model._meta.db_table, column.column] = name
    return found


def _note(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    seen = shape(str(sql))
    _seen.update(parts(seen))
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


@pytest.hookimpl(hookwrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
    """What makes the tables is not asked by the test that happens to come first."""
    before = set(_seen)
    yield
    if fixturedef.scope == "session":
        _seen.intersection_update(before)


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Append a line for each test to a file of this process in the folder that the environment names."""
    _watch_all()
    _seen.clear()
    began = time.perf_counter()
    yield
    line = {
        "test": item.nodeid,
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
