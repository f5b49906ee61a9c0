"""How the database means to answer a query: which tables it would read from end to end."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

Query = tuple[str, Any]
SMALL = {
    "django_session", "kernel_journalhead", "kernel_follower", "kernel_rulevalue", "kernel_calendarday",
    "kernel_calendaryear",
}  # fmt: skip
"""Tables that stay small, or hold one row; anything else grows with the city."""


@contextmanager
def queries_noted() -> Iterator[list[Query]]:
    """Collects what is asked of the database inside the block."""
    noted: list[Query] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        noted.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield noted


def full_reads(query: Query, *, by_value: bool = False) -> list[str]:
    """Tables that a query would read from end to end, the small ones left out; empty for anything but a SELECT.

    PostgreSQL decides by size, so that there it tells something only of a large database. Of one without statistics it
    takes an index for a way although nearly every row is found on it: `by_value` counts one only where a value is asked
    for of its first column, not whether there is any.
    """
    sql, params = query
    if not sql.lstrip().upper().startswith("SELECT"):
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            steps = [str(row[3]) for row in cursor.fetchall()]
            # An index that holds but the rows with a condition is read whole by whoever asks for just these.
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'")
            some = {name for (name,) in cursor.fetchall()}
            found = _sqlite_scans(sql, [step for step in steps if step.rpartition(" ")[2] not in some])
        else:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            (answer,) = cursor.fetchone()
            plan = answer if isinstance(answer, list) else json.loads(answer)
            found = list(_postgres_scans(plan[0]["Plan"], _indexes(cursor) if by_value else {}, ends_early=False))
    return sorted(set(found) - SMALL)


def _sqlite_scans(sql: str, steps: list[str]) -> list[str]:
    aliases = {alias: table for table, alias in re.findall(r'"(\w+)" (?:AS )?"?([A-Z]\d+)"?', sql)}
    scanned = [match.group(1) for step in steps if (match := re.match(r"SCAN (\w+)", step))]
    # In the order of an index and with a limit, only the first rows are read.
    in_order = " LIMIT " in sql and not any("TEMP B-TREE FOR ORDER BY" in step for step in steps)
    names = [aliases.get(name, name) for name in scanned if name not in {"CONSTANT", "subquery"}]
    return [] if in_order and len(names) == 1 else names


def _indexes(cursor: Any) -> dict[str, tuple[str, str]]:
    """Of each index its table and its first column; none that holds but the rows with a condition."""
    cursor.execute(
        "SELECT indexrelid::regclass::text, indrelid::regclass::text, pg_get_indexdef(indexrelid, 1, true)"
        " FROM pg_index WHERE indpred IS NULL"
    )
    return {index: (table, column) for index, table, column in cursor.fetchall()}


def _asks_for_value(condition: str, column: str) -> bool:
    parts = (part.lstrip("(") for part in condition.split(" AND "))
    return any(re.match(rf"{re.escape(column)}\b(?! IS )", part) for part in parts)


def _postgres_scans(node: dict[str, Any], indexes: dict[str, tuple[str, str]], *, ends_early: bool) -> Iterator[str]:
    kind, condition = node["Node Type"], node.get("Index Cond", "")
    ends_early = ends_early or kind == "Limit"
    if kind in {"Sort", "Hash", "Aggregate"}:
        ends_early = False  # these read everything below them
    if kind == "Merge Join":
        ends_early = True  # ends with the shorter side
    if kind in {"Seq Scan", "Index Scan", "Index Only Scan"} and not condition and not ends_early:
        yield node["Relation Name"]
    elif (named := indexes.get(node.get("Index Name", ""))) and not ends_early:
        table, column = named
        if not _asks_for_value(condition, column):
            yield table
    for child in node.get("Plans", ()):
        yield from _postgres_scans(child, indexes, ends_early=ends_early)
