"""Copies the configured database into another one, SQLite or PostgreSQL, row for row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kezhuan.config.copies import sessions
from kezhuan.config.copies.filling import fill
from kezhuan.config.copies.tables import Table, Tally


@dataclass(frozen=True)
class Copied:
    """What was copied: rows and hash of each table, entries of the journal, entries that were written meanwhile."""

    tables: dict[str, Tally]
    entries: int
    missed: int


def copy(target: dict[str, Any], progress: Callable[[int], None] = lambda rows: None) -> Copied:
    """Put the configured database, as it stands at this moment, in the place of the target.

    `target` are the settings of its database. Raises `filling.NotTheSame`; the target is then as before.
    """
    tallies: dict[str, Tally] = {}
    with sessions.one_moment() as source, sessions.fresh(target) as (wrapper, rows):

        def load(tables: Mapping[str, Table]) -> Mapping[str, Mapping[str, Any]]:
            for name, table in tables.items():
                tally = tallies[name] = Tally()
                rows.write(table, (row for row, _line in source.read(table, tally)))
                progress(tally.rows)
            return {
                name: {"rows": one.rows, "sha256": one.sha256, "counter": one.counter} for name, one in tallies.items()
            }

        verdict = fill(wrapper, rows, source.migrations(), load)
    with sessions.one_moment() as now:
        head = now.scalar("SELECT seq FROM kernel_journalhead") or 0
    return Copied(tallies, verdict.entries, head - verdict.entries)
