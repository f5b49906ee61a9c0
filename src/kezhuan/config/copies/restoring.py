"""Puts a backup back: proven whole before anything is touched, filled apart, and seen by nobody before it is right."""

import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from kezhuan.config.copies import archive, sessions
from kezhuan.config.copies.archive import CHUNK, Damaged, Manifest
from kezhuan.config.copies.filling import NotTheSame, fill
from kezhuan.config.copies.tables import Rows, Table
from kezhuan.config.copies.taking import FILES, NAMED
from kezhuan.config.speech import told
from kezhuan.kernel import outbox
from kezhuan.kernel.documents import stored_path

SETTINGS = "restored-settings.env"
"""The file in the data folder with the settings that were in force when the backup was taken."""


@dataclass(frozen=True)
class Restored:
    """What was put back: entries of the journal, whether another signing key stays in force, the settings' file."""

    entries: int
    key_differs: bool
    settings: Path | None


def restore(path: Path, manifest: Manifest, progress: Callable[[int], None] = lambda rows: None) -> Restored:
    """Put a checked archive in the place of the configured database, its files beside it, its configuration last.

    Raises `Damaged` or `NotTheSame` when the file is not any more what was checked; the database is then as before.
    """
    configuration: dict[str, bytes] = {}
    database = connections[DEFAULT_DB_ALIAS].settings_dict
    connections[DEFAULT_DB_ALIAS].close()
    with sessions.fresh(database) as (wrapper, rows):

        def load(tables: Mapping[str, Table]) -> Mapping[str, Mapping[str, Any]]:
            _refuse_other_tables(manifest, tables)
            with path.open("rb") as raw:
                for name, _size, content in archive.members(raw):
                    folder, _, rest = name.partition("/")
                    if folder == "tables":
                        progress(_load_part(rows, tables[rest.partition("/")[0]], content))
                    elif folder == "documents":
                        _keep(rest, content)
                    elif folder == "configuration":
                        configuration[rest] = content.read()
            return manifest.tables

        verdict = fill(wrapper, rows, manifest.migrations, load)
        head = rows.scalar("SELECT hash FROM kernel_journalhead")
        if verdict.entries != manifest.journal["seq"] or (head or "") != manifest.journal["hash"]:
            raise NotTheSame(told("日志的末条与备份所记不同", "the journal does not end as the backup says"))
        outbox.doubt_waiting(wrapper.alias)
    return Restored(verdict.entries, *_configure(configuration))


def _refuse_other_tables(manifest: Manifest, tables: Mapping[str, Table]) -> None:
    for name in sorted(manifest.tables.keys() | tables.keys()):
        said, known = manifest.tables.get(name), tables.get(name)
        if said is None or known is None or list(said["columns"]) != list(known.columns):
            raise Damaged(told(f"表 {name} 的列与其版本不符", f"the columns of {name} are not those of its version"))


def _load_part(rows: Rows, table: Table, content: IO[bytes]) -> int:
    lines = content.read().splitlines()
    rows.write(table, map(json.loads, lines))
    return len(lines)


def _keep(sha256: str, content: IO[bytes]) -> None:
    """Put a stored file in its place unless it is there; what does not give its hash never gets there."""
    place = stored_path(sha256)
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(f"{sha256}.{secrets.token_hex(4)}")
    digest = hashlib.sha256()
    try:
        with unfinished.open("wb") as written:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
                written.write(chunk)
            written.flush()
            os.fsync(written.fileno())
        if digest.hexdigest() != sha256:
            raise Damaged(told(f"文件 {sha256} 的内容被改动", f"the stored file {sha256} was altered"))
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


def _configure(configuration: Mapping[str, bytes]) -> tuple[bool, Path | None]:
    data = Path(settings.DATA)
    key = configuration["secret.key"].decode()
    given = os.environ.get("KEZHUAN_SECRET_KEY", "").strip()
    if not given:
        _write(data / "secret.key", key.encode())
    for name in NAMED.values():
        if name in configuration:  # else it is left: a backup of an older version held none
            _write(data / name, configuration[name])
    for name in FILES:
        if name in configuration:
            (data / name).write_bytes(configuration[name])
        else:
            (data / name).unlink(missing_ok=True)
    said = configuration["settings.env"].decode()
    for setting, name in NAMED.items():
        said = said.replace(f"{setting}={name}\n", f"{setting}={data / name}\n")
    if said:
        _write(data / SETTINGS, said.encode())
    return bool(given) and given != key, data / SETTINGS if said else None


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, readable by its owner alone."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
        written.write(content)
    fresh.replace(path)
