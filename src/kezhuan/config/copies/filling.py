"""Fills a new place with a city, proves that it is the same city, and only then lets anybody see it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from kezhuan.config.copies import sessions
from kezhuan.config.copies.tables import Migration, Rows, Table, Tally, tables_at
from kezhuan.config.speech import told
from kezhuan.kernel import guards, journal
from kezhuan.kernel.tables import make_at_once

Load = Callable[[Mapping[str, Table]], Mapping[str, Mapping[str, Any]]]
"""Writes the rows of the tables, given by name, and says of each: rows, sha256, counter."""


class NotTheSame(Exception):
    """What arrived is not what left; the message names the table or entry, in the terminal's language."""


def fill(wrapper: BaseDatabaseWrapper, rows: Rows, migrations: Iterable[Migration], load: Load) -> journal.Verdict:
    """Make the tables as of these migrations, load them, compare, bring them up to this version, prove the journal.

    Raises `NotTheSame`; the caller then leaves the place, and nothing of it stays.
    """
    wanted = set(migrations)
    tables = {table.name: table for table in tables_at(wanted)}
    executor = MigrationExecutor(wrapper)
    nodes = executor.loader.graph.node_map
    if wanted != set(nodes) or not make_at_once(wrapper):
        # Django takes a migration named beside one that builds on it for a wish to go back.
        executor.migrate(sorted(key for key in wanted if not wanted & {child.key for child in nodes[key].children}))
    with sessions.without_references(rows), rows.in_one_go():
        for table in tables.values():
            rows.empty(table)  # some migrations bring first rows
        said = load(tables)
        for name, table in tables.items():
            if table.counts_up:
                rows.set_counter(table, said[name]["counter"])
    for name, table in tables.items():
        _refuse_difference(name, rows.tally(table), said[name])
    executor = MigrationExecutor(wrapper)
    executor.migrate(executor.loader.graph.leaf_nodes())
    guards.make(using=wrapper.alias)
    verdict = journal.verify(using=wrapper.alias)
    if verdict.broken_seq is not None:
        raise NotTheSame(
            told(
                f"日志链断裂于第 {verdict.broken_seq} 条（{verdict.reason}）",
                f"the journal's chain breaks at entry {verdict.broken_seq} ({verdict.reason})",
            )
        )
    return verdict


def _refuse_difference(name: str, found: Tally, said: Mapping[str, Any]) -> None:
    if (found.rows, found.sha256) != (said["rows"], said["sha256"]):
        raise NotTheSame(
            told(
                f"表 {name} 的 {found.rows:,} 行与原来的 {said['rows']:,} 行不一致",
                f"the {found.rows:,} rows of {name} are not the {said['rows']:,} that were written",
            )
        )


def held_records(wrapper: BaseDatabaseWrapper) -> int:
    """How many records a database holds; 0 for one without the program's tables. Makes nothing."""
    if "kernel_record" not in wrapper.introspection.table_names():
        return 0
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kernel_record")
        count: int = cursor.fetchone()[0]
    return count
