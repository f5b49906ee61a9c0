"""Takes a backup: the database as of one moment, the files it names, the configuration, all in one archive."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from kezhuan.config.copies import archive, sessions
from kezhuan.config.copies.archive import Manifest, Writer
from kezhuan.config.copies.tables import Rows, Table, Tally, tables_at
from kezhuan.kernel.documents import NAMING, stored_path

UNSAID = ("_KEY", "_TOKEN", "_SECRET", "_PASSWORD", "_DATABASE_URL", "_MAIL_URL", "_DATA", "_PYTHON")
"""Endings of settings that a backup does not repeat: secrets (the signing key is a part of its own), and what belongs
to a machine."""
FILES = ("demo-city", "meaning.npz")
"""Files of the data folder that go into a backup as they are, where they are there: the demo city's mark, and the table
of meanings that the city trained."""

NAMED = {"KEZHUAN_IDENTITY": "identity.toml", "KEZHUAN_GATEWAYS": "gateways.toml"}
"""Settings that name a file with secrets in it, and what that file is called in a backup and, restored, in the data
folder, where it also lies when the setting is not set."""


@dataclass
class Taken:
    """A finished backup: what it holds, its own SHA-256, and the stored files that were missing or damaged."""

    manifest: Manifest
    sha256: str
    size: int
    damaged: list[str] = field(default_factory=list)


def take(path: Path, progress: Callable[[int], None] = lambda rows: None) -> Taken:
    """Write a backup to a new file, whole or not at all; raises `FileExistsError` when the name is taken.

    People go on working meanwhile; what they confirm after the moment the backup began is not in it.
    """
    if path.exists():
        raise FileExistsError(path)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    try:
        with archive.open_fresh(unfinished) as raw:
            taken = _write(raw, progress)
            raw.flush()
            os.fsync(raw.fileno())
            taken.size = raw.tell()
        os.link(unfinished, path)  # fails when somebody took the name meanwhile
    finally:
        unfinished.unlink(missing_ok=True)
    return taken


def _write(raw: IO[bytes], progress: Callable[[int], None]) -> Taken:
    wrapper = connections[DEFAULT_DB_ALIAS]
    with sessions.one_moment() as rows:
        migrations = rows.migrations()
        manifest = Manifest(
            version=settings.VERSION,
            engine=wrapper.vendor,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            migrations=migrations,
        )
        writer = Writer(raw, manifest)
        for name, content in configuration().items():
            writer.add(f"configuration/{name}", content)
        tables = tables_at(migrations)
        for table in tables:
            _write_table(writer, rows, table, progress)
        seq, head = rows.connection.execute("SELECT seq, hash FROM kernel_journalhead").fetchone() or (0, "")
        manifest.journal = {"seq": seq, "hash": head}
        damaged = _write_documents(writer, rows, tables)
        return Taken(manifest, writer.finish(), 0, damaged)


def configuration() -> dict[str, bytes]:
    """The configuration's files by name: the signing key, the settings that were set, the files that they name, and
    `FILES`."""
    said = {name: value.strip() for name, value in sorted(os.environ.items()) if name.startswith("KEZHUAN_")}
    data = Path(settings.DATA)
    places = {name: Path(said.get(setting) or data / name) for setting, name in NAMED.items()}
    places |= {name: data / name for name in FILES}
    said |= {setting: name for setting, name in NAMED.items() if said.get(setting)}
    content = "".join(f"{name}={value}\n" for name, value in said.items() if not name.endswith(UNSAID))
    found = {"secret.key": settings.SECRET_KEY.encode(), "settings.env": content.encode()}
    return found | {name: place.read_bytes() for name, place in places.items() if place.exists()}


def _write_table(writer: Writer, rows: Rows, table: Table, progress: Callable[[int], None]) -> None:
    tally = Tally()

    def lines() -> Iterator[bytes]:
        for number, (_row, line) in enumerate(rows.read(table, tally), 1):
            if number % 1000 == 0:
                progress(1000)
            yield line
        progress(tally.rows % 1000)

    writer.add_rows(table.name, lines())
    writer.manifest.tables[table.name] = {
        "columns": table.columns,
        "rows": tally.rows,
        "sha256": tally.sha256,
        "counter": tally.counter,
    }


def named_documents(rows: Rows, tables: list[Table]) -> Iterator[str]:
    """The hashes of all stored files that the database names, each once and in order."""
    columns = {table.name: table.columns for table in tables}
    parts = [
        f'SELECT "{column}" AS sha256 FROM "{table}"' for table, column in NAMING if column in columns.get(table, ())
    ]
    for (sha256,) in rows.stream(" UNION ".join(parts) + " ORDER BY 1"):
        if sha256:
            yield sha256


def _write_documents(writer: Writer, rows: Rows, tables: list[Table]) -> list[str]:
    count, size_of_all, names, damaged = 0, 0, hashlib.sha256(), []
    for sha256 in named_documents(rows, tables):
        content = _whole(sha256)
        if content is None:
            damaged.append(sha256)
            continue
        with content:
            size = content.seek(0, os.SEEK_END)
            content.seek(0)
            writer.add_document(sha256, size, content)
        count, size_of_all = count + 1, size_of_all + size
        names.update(sha256.encode())
    writer.manifest.documents = {
        "count": count,
        "bytes": size_of_all,
        "sha256": names.hexdigest(),
        "damaged": damaged,
    }
    return damaged


def _whole(sha256: str) -> IO[bytes] | None:
    """The stored file of a hash, opened; None when it is gone, cannot be read, or gives another hash."""
    try:
        content = stored_path(sha256).open("rb")
    except OSError:
        return None
    try:
        if hashlib.file_digest(content, "sha256").hexdigest() == sha256:
            return content
    except OSError:
        pass
    content.close()
    return None
