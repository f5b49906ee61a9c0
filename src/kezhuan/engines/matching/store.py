"""A matcher on disk: a folder whose file `current` names the state in force, so that a crash leaves the former one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .across import Across, TableSource
from .config import OF_QUESTIONS, Config
from .edges import Edges
from .encoder import Encoder
from .index import Index
from .latent import ARRAYS as LATENT
from .latent import restored
from .rows import Growing, Rows, Vocabulary
from .segments import ARRAYS, KeptFile, Segment, segment_of
from .vectors import Vectors
from .weights import Statistics

_FORMAT = "kezhuan matching index 4"
"""Raised whenever units, files or the meaning of an array change; an index is rebuilt then, never converted."""
Mark = tuple[int, int]
"""Size and checksum of a file."""
_CURRENT = "current"
_STATE = "state-"
_DIRECTIONS = "encoded.npy"
"""The directions of all records, by an encoder or the table; the name is older than those by the table."""
_LISTS = ("fields", "regions", "modes", "scales", "rights")


class DamagedIndex(Exception):
    """A folder that cannot be read as, or must not be overwritten by, a saved matcher; the message says why."""


def save(index: Index, folder: Path) -> None:
    """See `Matcher.save`. Raises DamagedIndex when the folder holds files of another kind."""
    folder.mkdir(parents=True, exist_ok=True)
    foreign = [one.name for one in folder.iterdir() if not one.name.startswith((_CURRENT, _STATE, f".{_STATE}"))]
    if foreign:
        raise DamagedIndex(f"{folder} holds other files ({min(foreign)}); name an empty folder for the index.")
    former = [int(one.name.removeprefix(_STATE)) for one in folder.glob(f"{_STATE}*") if one.name[6:].isdigit()]
    name = f"{_STATE}{max(former, default=0) + 1}"
    draft = folder / f".{name}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    marks = _write_state(index, draft)
    _flush_folder(draft)
    draft.rename(folder / name)
    _flush_folder(folder)
    _write_text(folder / f"{_CURRENT}.new", name)
    (folder / f"{_CURRENT}.new").replace(folder / _CURRENT)
    _flush_folder(folder)
    index.segments = tuple(
        _read_segment(folder / name, place, one.first, marks) for place, one in enumerate(index.segments)
    )
    if _DIRECTIONS in marks:
        index.across = index.across.kept_in(_read_vectors(folder / name, marks))
    for one in folder.iterdir():
        if one.name not in (name, _CURRENT):
            shutil.rmtree(one, ignore_errors=True)


def load(folder: Path, config: Config, table: TableSource, encoder: Encoder | None = None) -> Index:
    """See `Matcher.load`."""
    state, head = _head(folder)
    if head.get("encoder", "") != (encoder.mark if encoder else ""):
        raise DamagedIndex(f"{folder} was made with another encoder; rebuild the index from the records.")
    for name, mark in head["files"].items():
        if not (state / name).is_file() or list(_mark(state / name)) != mark:
            raise DamagedIndex(f"{state / name} is missing or damaged; rebuild the index from the records.")
    try:
        index = _read_state(state, head, config, table, encoder)
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise DamagedIndex(f"{folder} does not fit together; rebuild the index from the records.") from error
    if _stored(head["config"]) != _stored(asdict(config)):
        index.across = Across(table, encoder=encoder, vectors=index.across.vectors if encoder else None)
        index.merge()
    return index


def _head(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The folder of the state in force, and what its head says."""
    try:
        state = folder / (folder / _CURRENT).read_text(encoding="utf-8")
        head = json.loads((state / "head.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedIndex(f"{folder} holds no saved index; rebuild it from the records.") from error
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise DamagedIndex(f"{folder} was written by another version; rebuild the index from the records.")
    return state, head


def _stored(config: Mapping[str, Any]) -> dict[str, Any]:
    """The constants that what is stored depends on, as they are written."""
    kept: dict[str, Any] = json.loads(json.dumps({name: config[name] for name in config if name not in OF_QUESTIONS}))
    return kept


def content_mark(folder: Path) -> str:
    """A hash of what a saved matcher holds. Raises DamagedIndex when the folder holds none."""
    return hashlib.sha256(json.dumps(_head(folder)[1]["files"], sort_keys=True).encode()).hexdigest()


def _arrays(index: Index) -> dict[str, NDArray[Any]]:
    """What changes with every record and is written each time."""
    live, statistics = index.live, index.statistics
    return (
        {f"fact-{name}": column.view for name, column in index.facts.columns.items()}
        | {
            "live-ends": live.ends.view,
            "live-units": live.units.view,
            "live-counts": live.counts.view,
            "alive": index.alive.view,
            "lengths": index.lengths.view,
            "norm": index.norm.view,
            "tie": index.tie.view,
            "edges": index.edges.counts.view,
            "edge-codes": index.edges.codes,
            "chinese": index.across.scripts[0],
            "thin": index.across.scripts[1],
            "direction-norms": index.across.norms,
            "document-counts": statistics.document_counts,
            "mean-lengths": statistics.mean_lengths,
            "rarity": statistics.rarity,
        }
        | ({} if index.latent is None else index.latent.arrays)
    )


def _write_state(index: Index, folder: Path) -> dict[str, Mark]:
    """Write all files, the head last; returns the marks of the others."""
    marks: dict[str, Mark] = {}
    for name, array in _arrays(index).items():
        marks[f"{name}.npy"] = _write(folder / f"{name}.npy", partial(np.save, arr=array))
    for place, segment in enumerate(index.segments):
        for name, array in segment.arrays.items():
            file = f"{_segment_name(place, name)}.npy"
            marks[file] = _keep(folder / file, array, segment.files.get(name))
    if index.across.encoder is not None or len(index.across.vectors):
        marks[_DIRECTIONS] = _keep_vectors(folder / _DIRECTIONS, index.across.vectors)
    texts = {"ids": index.ids, "units": index.vocabulary.units}
    texts |= {name: getattr(index.facts, name).values for name in _LISTS}
    for name, values in texts.items():
        text = json.dumps(values, ensure_ascii=False)
        marks[f"{name}.json"] = _write_text(folder / f"{name}.json", text)
    head = {
        "format": _FORMAT,
        "config": asdict(index.config),
        "encoder": index.across.encoder.mark if index.across.encoder else "",
        "table": index.across.made_by if _DIRECTIONS in marks else "",
        "generation": index.generation,
        "records": index.statistics.records,
        "newcomer": index.statistics.newcomer,
        "segments": [segment.first for segment in index.segments],
        "files": marks,
    }
    _write_text(folder / "head.json", json.dumps(head))
    return marks


def _keep(path: Path, array: NDArray[Any], kept: KeptFile | None) -> Mark:
    """Have an array that never changes in a file: under one more name when it stands in one already."""
    return _linked(path, kept) or _write(path, partial(np.save, arr=array))


def _keep_vectors(path: Path, vectors: Vectors) -> Mark:
    """Have the directions of records in a file, likewise."""
    return (_linked(path, vectors.file) if vectors.in_file else None) or _write(path, vectors.write)


def _linked(path: Path, kept: KeptFile | None) -> Mark | None:
    if kept is not None and kept.is_there:
        with suppress(OSError):  # not every file system knows second names
            path.hardlink_to(kept.path)
            return kept.mark or _write(path, lambda _: None)
    return None


def _segment_name(place: int, name: str) -> str:
    return f"segment-{place}-{name}"


def _mapped(path: Path) -> NDArray[Any]:
    """Large and never written to: pages are read when needed and shared between processes."""
    try:
        whole: NDArray[Any] = np.load(path, allow_pickle=False, mmap_mode="r")
    except ValueError:  # nothing can be mapped of an empty array
        return np.asarray(np.load(path, allow_pickle=False))
    return whole.view(np.ndarray)  # the class of mapped arrays makes each of thousands of slices slow


def _read_segment(state: Path, place: int, first: int, marks: Mapping[str, Sequence[int]]) -> Segment:
    arrays, files = {}, {}
    for name in ARRAYS:
        path = state / f"{_segment_name(place, name)}.npy"
        size, checksum = marks[path.name]
        arrays[name], files[name] = _mapped(path), KeptFile.at(path, (size, checksum))
    return segment_of(first, arrays, files)


def _read_vectors(state: Path, marks: Mapping[str, Sequence[int]]) -> Vectors:
    size, checksum = marks[_DIRECTIONS]
    return Vectors(_mapped(state / _DIRECTIONS), KeptFile.at(state / _DIRECTIONS, (size, checksum)))


def _read_state(
    state: Path, head: dict[str, Any], config: Config, table: TableSource, encoder: Encoder | None
) -> Index:
    def array(name: str) -> NDArray[Any]:
        whole: NDArray[Any] = np.load(state / f"{name}.npy", allow_pickle=False)
        return whole

    def values(name: str) -> list[Any]:
        read: list[Any] = json.loads((state / f"{name}.json").read_text(encoding="utf-8"))
        if list not in set(map(type, read)):  # a million of them, mostly
            return read
        return [tuple(one) if isinstance(one, list) else one for one in read]

    index = Index(config, table, encoder)
    index.generation = head["generation"]
    index.vocabulary = Vocabulary(values("units"))
    index.ids = values("ids")
    index.alive, index.lengths = Growing(array("alive")), Growing(array("lengths"))
    index.norm, index.tie = Growing(array("norm")), Growing(array("tie"))
    index.edges = Edges(array("edges"), array("edge-codes") if "edge-codes.npy" in head["files"] else None)
    alive = index.alive.view
    index.slot_by_id = dict(zip(compress(index.ids, alive.tolist()), np.flatnonzero(alive).tolist(), strict=True))
    if "chinese.npy" in head["files"]:  # older code did not tell; it is read when it is first asked for
        index.across = Across(table, (array("chinese"), array("thin")), encoder)
    if encoder is not None or _made_by(head.get("table", ""), table):
        norms = array("direction-norms") if "direction-norms.npy" in head["files"] else np.zeros(0)
        vectors = _read_vectors(state, head["files"])
        if len(vectors) != len(index.ids) or len(norms) not in {0, len(vectors)}:
            raise ValueError("vectors and records disagree")
        index.across = Across(table, index.across.scripts, encoder, vectors, norms)
    for name in index.facts.columns:
        index.facts.columns[name] = Growing(array(f"fact-{name}"))
    for name in _LISTS:
        getattr(index.facts, name).load(values(name))
    index.live = Rows(array("live-ends"), array("live-units"), array("live-counts"))
    index.statistics = Statistics(
        head["records"], array("document-counts"), array("mean-lengths"), array("rarity"), head["newcomer"]
    )
    if f"{LATENT[0]}.npy" in head["files"]:  # few English records have none
        index.latent = restored(index.vocabulary, *map(array, LATENT))
    index.segments = tuple(
        _read_segment(state, place, first, head["files"]) for place, first in enumerate(head["segments"])
    )
    return index


def _made_by(mark: str, source: TableSource) -> bool:
    """Whether directions were made by the table in use; by another one, or by older code, they are made anew."""
    table = source() if mark else None
    return table is not None and table.mark == mark


def _write(path: Path, write: Callable[[Path], object]) -> Mark:
    """Write a file through to the disk and return its mark."""
    write(path)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    return _mark(path)


def _write_text(path: Path, text: str) -> Mark:
    return _write(path, lambda one: one.write_text(text, encoding="utf-8"))


def _mark(path: Path) -> Mark:
    """Size and checksum of a file."""
    checksum = size = 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            checksum = zlib.crc32(piece, checksum)
            size += len(piece)
    return size, checksum


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
