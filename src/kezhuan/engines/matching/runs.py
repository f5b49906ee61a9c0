"""A run: every need against all supply. Its inputs stand frozen in a folder, and what is finished beside them.

A shard is a stretch of needs. Whoever has the folder can make any shard: this process, several, or machines of a
cluster that see the same disk. A stored shard names the run it belongs to and carries a checksum, so a run that was cut
off goes on where it stood, and one that was half written is made again.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import zstandard

from kezhuan import __version__

from .across import TableSource
from .config import FROZEN
from .encoder import Encoder, Read
from .matcher import Mask, Matcher
from .meaning import Table, UnusableTable, shipped
from .parts import SHIPPED, Factors
from .reasons import Reason, as_plain
from .records import Facts, Id, Item, Match, Part
from .segments import in_files
from .store import content_mark

_FORMAT = "kezhuan run 3"
_READ = "needs-read.npy"
SHARD = 256
"""Needs in a shard: some seconds of work at a million records, so that little is lost and nobody waits for the last."""


class UnusableRun(Exception):
    """A folder that holds no run, or one that this program cannot go on with; the message says why."""


class DamagedShard(Exception):
    """A stored shard that is missing, cut short, or of another run."""


class Wanted(NamedTuple):
    """A list that every need gets: the best `k` of the slots allowed, of all when None."""

    k: int
    allowed: Mask | None = None


class Answer(NamedTuple):
    """What a need gets: for each list wanted its matches, best first; without parts when the run keeps no reasons."""

    need: Id
    lists: tuple[tuple[Match, ...], ...]


@dataclass(frozen=True)
class Run:
    """A run in its folder. `key` is the hash of everything that moves its result, `shard` how many needs are made at
    once, `encoder` what tells it, `factors` how its parts are weighed, `notes` what its maker put there."""

    folder: Path
    key: str
    needs: int
    shard: int
    reasons: bool
    table_mark: str
    encoder: Mapping[str, Any] | None
    factors: Factors
    notes: Mapping[str, Any]
    _starts: Sequence[int] = field(repr=False)
    _lists: Sequence[Mapping[str, Any]] = field(repr=False)

    @property
    def shards(self) -> int:
        """How many shards it has."""
        return len(self._starts)

    def size(self, number: int) -> int:
        """How many needs a shard holds."""
        return min(self.shard, self.needs - number * self.shard)

    @cached_property
    def matcher(self) -> Matcher:
        """The supply; what grows with it is mapped from the folder, so that processes share it."""
        return Matcher.load(self.folder / "index", table=self._table_source(), encoder=self._encoder)

    @cached_property
    def _encoder(self) -> Encoder | None:
        """The encoder as far as a run needs it: its needs are encoded already, so that only reasons ask the model."""
        return None if self.encoder is None else Encoder(self.encoder["folder"], self.encoder)

    @cached_property
    def wanted(self) -> list[Wanted]:
        """The lists that every need gets."""
        masks = [None if one["mask"] is None else np.load(self.folder / one["mask"]) for one in self._lists]
        return [Wanted(one["k"], mask) for one, mask in zip(self._lists, masks, strict=True)]

    def _table_source(self) -> TableSource:
        path = self.folder / "table.npz"
        try:
            table = Table.load(path) if path.is_file() else shipped()
        except UnusableTable as problem:
            raise UnusableRun(str(problem)) from problem
        if self.table_mark != table.mark:
            raise UnusableRun(f"{self.folder.name} was prepared with another table of meanings than this program has.")
        return lambda: table

    def items(self, number: int) -> list[Item]:
        """The needs of a shard, as the encoder read them where there is one."""
        with (self.folder / "needs.jsonl").open("rb") as file:
            file.seek(self._starts[number])
            items = [_item(json.loads(file.readline())) for _ in range(self.size(number))]
        if self._encoder is not None:
            rows = np.load(self.folder / _READ, mmap_mode="r")[number * self.shard :][: len(items)]
            self._encoder.remember(items, [Read(row[:-1].astype(np.float64), float(row[-1])) for row in rows])
        return items

    def make(self, number: int) -> None:
        """Make a shard and store it: whole or not at all."""
        lines = []
        for need in self.items(number):
            lists = [self._best(need, one) for one in self.wanted]
            found = [[_stored(match, reasons=self.reasons) for match in matches] for matches in lists]
            lines.append(json.dumps([need.id, found], ensure_ascii=False))
        body = zstandard.compress("\n".join(lines).encode(), 3)
        head = {"run": self.key, "shard": number, "sha256": hashlib.sha256(body).hexdigest()}
        path = self._path(number)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{uuid.uuid4().hex}")
        try:
            with draft.open("wb") as file:
                file.write(json.dumps(head).encode() + b"\n" + body)
                _flush(file)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)

    def _best(self, need: Item, wanted: Wanted) -> list[Match]:
        return self.matcher.kneighbors([need], wanted.k, allowed=wanted.allowed, factors=self.factors)[0]

    def explain(self, need: Item, supply: Id) -> Match:
        """The score of one record for a need with its parts, as this run weighs them."""
        return self.matcher.explain(need, supply, self.factors)

    def _path(self, number: int) -> Path:
        return self.folder / "shards" / f"{number:06}"

    def _body(self, number: int) -> bytes:
        """What a stored shard holds, packed. Raises DamagedShard."""
        try:
            head, _, body = self._path(number).read_bytes().partition(b"\n")
            said = json.loads(head)
        except (OSError, ValueError) as problem:
            raise DamagedShard(f"shard {number} is missing or damaged") from problem
        if said != {"run": self.key, "shard": number, "sha256": hashlib.sha256(body).hexdigest()}:
            raise DamagedShard(f"shard {number} is cut short or of another run")
        return body

    def is_stored(self, number: int) -> bool:
        """Whether a shard stands whole in the folder."""
        try:
            self._body(number)
        except DamagedShard:
            return False
        return True

    def missing(self) -> list[int]:
        """The shards still to be made: those not stored, cut short, or of another run."""
        return [number for number in range(self.shards) if not self.is_stored(number)]

    def answers(self) -> Iterator[Answer]:
        """What every need gets, in the order of the needs. Raises DamagedShard where a shard is missing."""
        for number in range(self.shards):
            for line in zstandard.decompress(self._body(number)).decode().split("\n"):
                need, lists = json.loads(line)
                yield Answer(need, tuple(tuple(_matches(matches)) for matches in lists))

    def result_hash(self) -> str:
        """The hash of the result: of every need its id and, list by list, the ids and exact scores of its matches.

        It depends neither on who made the shards nor on how the needs were cut. Raises DamagedShard as `answers`.
        """
        digest = hashlib.sha256()
        for need, lists in self.answers():
            scores = [[(match.supply, match.score.hex()) for match in matches] for matches in lists]
            digest.update(json.dumps([need, scores], ensure_ascii=False).encode() + b"\n")
        return digest.hexdigest()

    def remove(self) -> None:
        """Delete the run with everything it stored."""
        shutil.rmtree(self.folder, ignore_errors=True)


def mark_of(items: Iterable[Item]) -> str:
    """A hash of records in their order."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(_line(item))
    return digest.hexdigest()


def key_of(
    supply: str,
    needs: Iterable[Item],
    wanted: Sequence[Wanted],
    *,
    reasons: bool,
    table: TableSource = shipped,
    encoder: Encoder | None = None,
    factors: Factors = SHIPPED,
) -> str:
    """The hash of everything that moves a result; `supply` is that of the supply."""
    used = table()
    lists = [
        (one.k, None if one.allowed is None else hashlib.sha256(one.allowed.tobytes()).hexdigest()) for one in wanted
    ]
    moving = [_FORMAT, __version__, asdict(FROZEN), used.mark if used else "", supply, mark_of(needs), lists, reasons]
    moving += [sorted(factors.items()), encoder.mark if encoder else ""]
    return hashlib.sha256(json.dumps(moving).encode()).hexdigest()


def prepare(
    store: Path,
    needs: Sequence[Item],
    write_index: Callable[[Path], Sequence[Wanted]],
    *,
    supply: str = "",
    reasons: bool,
    table: TableSource = shipped,
    encoder: Encoder | None = None,
    factors: Factors = SHIPPED,
    notes: Mapping[str, Any] | None = None,
) -> Run:
    """Freeze the inputs of a run in the store. One that is there with the same key is taken up as it stands.

    `write_index` writes the matcher to the folder it is given and says which lists are wanted. `supply` is a hash of
    the supply, which is that of the index when not given. Raises ValueError without needs.
    """
    if not needs:
        raise ValueError("A run needs at least one need.")
    store.mkdir(parents=True, exist_ok=True)
    draft = store / f".new-{uuid.uuid4().hex}"
    draft.mkdir(mode=0o700)
    try:
        wanted = write_index(draft / "index")
        supply = supply or content_mark(draft / "index")
        key = key_of(supply, needs, wanted, reasons=reasons, table=table, encoder=encoder, factors=factors)
        said = {"key": key, "reasons": reasons, "factors": dict(factors), "notes": dict(notes or {})}
        said["encoder"] = _write_read(draft, needs, encoder) if encoder else None
        _write_inputs(draft, said, needs, wanted, table())
        folder = store / key[:20]
        if find(store, key) is None:
            shutil.rmtree(folder, ignore_errors=True)
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return open_run(folder)


def _write_read(draft: Path, needs: Sequence[Item], encoder: Encoder) -> dict[str, Any]:
    """Encode the needs, each once and for all; returns what tells the encoder."""
    rows = in_files(draft)(Path(_READ).stem, (len(needs), encoder.dimensions + 1), np.float32)
    for row, need in zip(rows, needs, strict=True):
        row[:-1], row[-1] = encoder.need(need)
    return {"folder": str(encoder.folder)} | encoder.as_known()


def _write_inputs(
    draft: Path,
    said: dict[str, Any],
    needs: Sequence[Item],
    wanted: Sequence[Wanted],
    table: Table | None,
) -> None:
    (draft / "shards").mkdir()
    starts: list[int] = []
    with (draft / "needs.jsonl").open("wb") as file:
        for number, need in enumerate(needs):
            if number % SHARD == 0:
                starts.append(file.tell())
            file.write(_line(need))
        _flush(file)
    lists: list[dict[str, Any]] = []
    for number, one in enumerate(wanted):
        mask = None
        if one.allowed is not None:
            mask = f"list-{number}.npy"
            np.save(draft / mask, one.allowed)
        lists.append({"k": one.k, "mask": mask})
    mark = table.mark if table else ""
    if table is not None and mark != shipped().mark:
        table.save(draft / "table.npz")
    head = {"format": [_FORMAT, __version__], "needs": len(needs), "shard": SHARD, "table": mark, "starts": starts}
    with (draft / "run.json").open("wb") as file:
        file.write(json.dumps(head | said | {"lists": lists}).encode())
        _flush(file)


def open_run(folder: Path) -> Run:
    """The run in a folder. Raises UnusableRun when there is none that this program can go on with."""
    try:
        head = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UnusableRun(f"{folder} holds no run") from problem
    if not isinstance(head, dict) or head.get("format") != [_FORMAT, __version__]:
        raise UnusableRun(f"{folder} holds a run of another version")
    names = ("key", "needs", "shard", "reasons", "table", "encoder", "factors", "notes", "starts", "lists")
    return Run(folder, *(head[name] for name in names))


def find(store: Path, key: str) -> Run | None:
    """The run with this key, when its inputs were frozen in the store."""
    try:
        run = open_run(store / key[:20])
    except UnusableRun:
        return None
    return run if run.key == key else None


@contextmanager
def alone_in(store: Path) -> Iterator[bool]:
    """Whether nobody else works in the store meanwhile, on this machine."""
    store.mkdir(parents=True, exist_ok=True)
    with (store / ".lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def runs_in(store: Path) -> list[Run]:
    """The runs of a store, the newest first; drafts that somebody left there more than a day ago are removed."""
    found = []
    for folder in store.iterdir() if store.is_dir() else ():
        if folder.name.startswith("."):
            if folder.is_dir() and folder.stat().st_mtime < time.time() - 86400:
                shutil.rmtree(folder, ignore_errors=True)
            continue
        try:
            found.append(((folder / "run.json").stat().st_mtime, open_run(folder)))
        except (UnusableRun, OSError):
            continue
    return [run for _made, run in sorted(found, key=lambda one: -one[0])]


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _line(item: Item) -> bytes:
    facts = item.facts
    said = {
        "field": facts.field,
        "trl": facts.trl,
        "trl_scale": facts.trl_scale,
        "money_fen": facts.money_fen,
        "region": facts.region,
        "modes": sorted(facts.modes),
        "deadline": facts.deadline.isoformat() if facts.deadline else None,
        "rights": sorted(facts.rights),
    }
    return json.dumps([item.id, item.title, item.text, item.keywords, said], ensure_ascii=False).encode() + b"\n"


def _item(read: Sequence[Any]) -> Item:
    one, title, text, keywords, said = read
    due = date.fromisoformat(said["deadline"]) if said["deadline"] else None
    rights = frozenset(said.get("rights", ()))  # runs that older code began say nothing of them
    facts = Facts(**(said | {"modes": frozenset(said["modes"]), "deadline": due, "rights": rights}))
    return Item(one, title, text, tuple(keywords), facts)


def _stored(match: Match, *, reasons: bool) -> list[Any]:
    parts = match.parts if reasons else ()
    return [match.supply, match.score, [[part.name, part.value, *as_plain(part.because)] for part in parts]]


def _matches(stored: Iterable[Sequence[Any]]) -> Iterator[Match]:
    for rank, (supply, score, parts) in enumerate(stored, 1):
        told = tuple(Part(name, value, Reason(code, _params(params))) for name, value, code, params in parts)
        yield Match(supply, rank, score, told)


def _params(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
