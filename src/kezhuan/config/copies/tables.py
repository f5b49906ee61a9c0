"""The tables of a database as plain rows: read and written alike on SQLite and PostgreSQL, counted and hashed alike."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.migrations.loader import MigrationLoader

LEFT_OUT = frozenset({"accounts_session", "django_session"})
"""Sign-in sessions stay behind: a session that was ended since must not come alive again with a copy."""
MIGRATIONS = "django_migrations"
"""Django's note of the migrations that were applied; it makes itself anew with the tables."""

_INTEGERS = frozenset({
    "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField",
    "PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField",
})  # fmt: skip
_TEXTS = frozenset({
    "CharField", "TextField", "SlugField", "EmailField", "URLField", "FilePathField", "FileField",
    "GenericIPAddressField",
})  # fmt: skip
PLAIN = {
    **dict.fromkeys(_INTEGERS, "integer"),
    **dict.fromkeys(_TEXTS, "text"),
    "BooleanField": "truth",
    "FloatField": "float",
    "DecimalField": "decimal",
    "DateField": "date",
    "DateTimeField": "moment",
    "UUIDField": "uuid",
    "JSONField": "json",
    "BinaryField": "bytes",
}
"""How a column of each of Django's types stands in a copy. A new type is added here; a test reads all models."""


@dataclass(frozen=True)
class Table:
    """A table with its columns in alphabetical order, the plain type of each, and the place of the key among them."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    key: int
    counts_up: bool

    @property
    def json_places(self) -> tuple[int, ...]:
        """Places of the columns whose texts two databases may spell differently."""
        return tuple(place for place, kind in enumerate(self.types) if kind == "json")


@dataclass
class Tally:
    """How many rows of a table went by, the hash of their contents, and the last number its counter gave."""

    rows: int = 0
    counter: int | None = None
    _digest: Any = field(default_factory=hashlib.sha256, repr=False, compare=False)

    def add(self, table: Table, row: Sequence[Any], line: bytes) -> None:
        """Take in one row and the line that says it."""
        if table.json_places:
            alike = list(row)
            for place in table.json_places:
                alike[place] = _alike(alike[place])
            line = line_of(alike)
        self._digest.update(line)
        self.rows += 1

    @property
    def sha256(self) -> str:
        """The hash of all rows so far, the same on both engines for the same contents."""
        digest: str = self._digest.hexdigest()
        return digest


def line_of(row: Sequence[Any]) -> bytes:
    """A row as one line of JSON."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _alike(text: str | None) -> str | None:
    """One spelling of a JSON text: PostgreSQL orders the names of an object by length, and has no zero below zero."""
    if text is None:
        return None
    value = json.loads(text, parse_float=lambda number: float(number) + 0.0)
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


Migration = tuple[str, str]
"""Django's name of a migration: app and file."""


class Unknown(Exception):
    """The database or copy was made by a version with migrations that this one does not have; names one of them."""


def tables_at(migrations: Iterable[Migration]) -> list[Table]:
    """The tables after these migrations, by name; raises `Unknown` when one of them is not of this version."""
    loader = MigrationLoader(None)
    nodes = sorted(set(migrations))
    unknown = [f"{app}.{name}" for app, name in nodes if (app, name) not in loader.graph.nodes]
    if unknown:
        raise Unknown(unknown[0])
    # To make the models of an older version takes Django a quarter of a second.
    known = apps if len(nodes) == len(loader.graph.nodes) else loader.project_state(nodes).apps
    models = known.get_models(include_auto_created=True)
    kept = [m for m in models if m._meta.managed and not m._meta.proxy and not m._meta.swapped]
    return sorted((_table(m) for m in kept if m._meta.db_table not in LEFT_OUT), key=lambda table: table.name)


def _table(model: Any) -> Table:
    columns = sorted(model._meta.concrete_fields, key=lambda one: one.column)
    names = tuple(one.column for one in columns)
    return Table(
        name=model._meta.db_table,
        columns=names,
        types=tuple(_plain_type(one) for one in columns),
        key=names.index(model._meta.pk.column),
        counts_up=model._meta.pk.get_internal_type().endswith("AutoField"),
    )


def _plain_type(column: Any) -> str:
    while column.remote_field is not None:
        column = column.target_field
    return PLAIN[column.get_internal_type()]


# -- a database session ------------------------------------------------------------------------------------------------

Convert = Callable[[Any], Any]


class Rows:
    """Reads and writes the rows of one database session; `connection` is the driver's own, without Django's types."""

    vendor = ""
    reading: dict[str, Convert] = {}
    writing: dict[str, Convert] = {}

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def read(self, table: Table, tally: Tally) -> Iterator[tuple[list[Any], bytes]]:
        """The rows in the order of the key, each with its line; all go through the tally, which is whole at the end."""
        converts = [(place, self.reading[kind]) for place, kind in enumerate(table.types) if kind in self.reading]
        for found in self.select(table):
            row = list(found)
            for place, convert in converts:
                if row[place] is not None:
                    row[place] = convert(row[place])
            line = line_of(row)
            tally.add(table, row, line)
            yield row, line
        tally.counter = self.counter(table) if table.counts_up else None

    def tally(self, table: Table) -> Tally:
        """Count and hash a table."""
        counted = Tally()
        for _row in self.read(table, counted):
            pass
        return counted

    def write(self, table: Table, rows: Iterable[list[Any]]) -> None:
        """Add the rows to the table."""
        converts = [(place, self.writing[kind]) for place, kind in enumerate(table.types) if kind in self.writing]

        def converted() -> Iterator[list[Any]]:
            for row in rows:
                for place, convert in converts:
                    if row[place] is not None:
                        row[place] = convert(row[place])
                yield row

        self.insert(table, converted())

    def migrations(self) -> list[Migration]:
        """The migrations that the database has seen, in order."""
        return sorted((app, name) for app, name in self.stream(f"SELECT app, name FROM {MIGRATIONS}"))

    def select(self, table: Table) -> Iterable[Sequence[Any]]:
        """The rows as the driver gives them, in the order of the key."""
        raise NotImplementedError

    def stream(self, question: str) -> Iterable[Sequence[Any]]:
        """The rows of an answer, a few at a time."""
        raise NotImplementedError

    def insert(self, table: Table, rows: Iterator[list[Any]]) -> None:
        """Add rows as the driver takes them."""
        raise NotImplementedError

    def empty(self, table: Table) -> None:
        """Take all rows away."""
        self.connection.execute(f'DELETE FROM "{table.name}"')

    @contextmanager
    def in_one_go(self) -> Iterator[None]:
        """One transaction around the block, where the session does not stand in one anyway."""
        yield

    def counter(self, table: Table) -> int | None:
        """The last number that the table's key counter gave; None before the first."""
        raise NotImplementedError

    def set_counter(self, table: Table, last: int | None) -> None:
        """Let the key counter go on after `last`."""
        raise NotImplementedError

    def scalar(self, question: str) -> Any:
        """The first value of the first row of an answer; None when there is none."""
        found = self.connection.execute(question).fetchone()
        return found[0] if found is not None else None


def _plain_decimal(number: Any) -> str:
    """An exact number as digits alone, whether a driver gives it as a float, an integer or a decimal."""
    return f"{Decimal(str(number)).normalize():f}"


def _names(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.columns)


def _moment_of_sqlite(text: str) -> str:
    """`2026-11-23 10:00:00[.5]`, which is in UTC, with its zone and all six decimals."""
    whole, _, part = text.partition(".")
    return f"{whole[:10]}T{whole[11:]}.{part:<06}Z"


def _moment_for_sqlite(text: str) -> str:
    """As Django writes it: without decimals that are all zero."""
    return f"{text[:10]} {text[11:-1].removesuffix('.000000')}"


class SqliteRows(Rows):
    """Rows of an SQLite file, over a connection that leaves values as they are stored."""

    vendor = "sqlite"
    reading = {
        "truth": bool,
        "float": float,
        "decimal": _plain_decimal,
        "moment": _moment_of_sqlite,
        "bytes": lambda value: base64.b64encode(value).decode("ascii"),
    }
    writing = {"truth": int, "moment": _moment_for_sqlite, "bytes": base64.b64decode}

    def select(self, table: Table) -> Iterable[Sequence[Any]]:
        """See `Rows`; the order of texts is the one of their bytes."""
        return self.stream(f'SELECT {_names(table)} FROM "{table.name}" ORDER BY "{table.columns[table.key]}"')

    def stream(self, question: str) -> Iterable[Sequence[Any]]:
        """See `Rows`."""
        answer: Iterable[Sequence[Any]] = self.connection.execute(question)
        return answer

    def insert(self, table: Table, rows: Iterator[list[Any]]) -> None:
        """See `Rows`."""
        marks = ", ".join("?" * len(table.columns))
        self.connection.executemany(f'INSERT INTO "{table.name}" ({_names(table)}) VALUES ({marks})', rows)

    @contextmanager
    def in_one_go(self) -> Iterator[None]:
        """See `Rows`."""
        self.connection.execute("BEGIN")
        yield
        self.connection.execute("COMMIT")

    def counter(self, table: Table) -> int | None:
        """See `Rows`."""
        found: int | None = self.scalar(f"SELECT seq FROM sqlite_sequence WHERE name = '{table.name}'")
        # A table that was remade by a migration while it was empty has given 0, which is no number.
        return found or None

    def set_counter(self, table: Table, last: int | None) -> None:
        """See `Rows`."""
        self.connection.execute("DELETE FROM sqlite_sequence WHERE name = ?", [table.name])
        if last is not None:
            self.connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table.name, last])


def _moment_of_postgres(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds').removesuffix('+00:00')}Z"


class PostgresRows(Rows):
    """Rows of a PostgreSQL session."""

    vendor = "postgresql"
    reading = {
        "decimal": _plain_decimal,
        "date": lambda value: value.isoformat(),
        "moment": _moment_of_postgres,
        "uuid": lambda value: value.hex,
        "bytes": lambda value: base64.b64encode(value).decode("ascii"),
        "text": str,  # an inet column comes as an address
    }
    writing = {"bytes": base64.b64decode}

    def select(self, table: Table) -> Iterable[Sequence[Any]]:
        """See `Rows`; texts in the order of their bytes, whatever the server's language, so that both engines agree."""
        order = ' COLLATE "C"' if table.types[table.key] == "text" else ""
        return self.stream(f'SELECT {_names(table)} FROM "{table.name}" ORDER BY "{table.columns[table.key]}"{order}')

    def stream(self, question: str) -> Iterable[Sequence[Any]]:
        """See `Rows`; the server keeps the place."""
        with self.connection.cursor(name="copied_rows") as cursor:
            cursor.itersize = 2000
            cursor.execute(question)
            yield from cursor

    def insert(self, table: Table, rows: Iterator[list[Any]]) -> None:
        """See `Rows`."""
        with (
            self.connection.cursor() as cursor,
            cursor.copy(f'COPY "{table.name}" ({_names(table)}) FROM STDIN') as copy,
        ):
            for row in rows:
                copy.write_row(row)

    def _sequence(self, table: Table) -> str:
        name: str = self.scalar(f"SELECT pg_get_serial_sequence('\"{table.name}\"', '{table.columns[table.key]}')")
        return name

    def counter(self, table: Table) -> int | None:
        """See `Rows`."""
        found: int | None = self.scalar(f"SELECT CASE WHEN is_called THEN last_value END FROM {self._sequence(table)}")
        return found

    def set_counter(self, table: Table, last: int | None) -> None:
        """See `Rows`."""
        called = bool(last)  # backups of a file that a migration remade tables in said 0 once
        self.scalar(f"SELECT setval('{self._sequence(table)}', {last if called else 1}, {str(called).lower()})")
