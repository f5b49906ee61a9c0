"""How quick an engine is at a size: built in one process and asked in another, whose memory is what serving takes.

Whatever takes more memory or time than is allowed is ended and told, with what was measured until then.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from kezhuan.bench.engines import Engine, Keeping, Missing, Setting, memory_of
from kezhuan.bench.ours import Ours
from kezhuan.bench.peers import Bm25s, Fts5, Lsa, Postgres, Tantivy, Tfidf
from kezhuan.bench.synthetic import needs, records
from kezhuan.engines.matching import Item
from kezhuan.engines.matching.apart import in_order

ENGINES: tuple[type[Engine], ...] = (Ours, Tantivy, Bm25s, Fts5, Postgres, Tfidf, Lsa)
TOP = 10
_WARM = 60
_BATCH = 100
_BATCHES = 10
_CHUNK = 20  # needs that a process takes at a time
_PATIENCE = 30.0  # seconds of asking after which no further need is asked
_LOOK = 0.2
_LEAVE = 10.0  # seconds in which a process that has told its figures puts its things away
_COMPARED = 50
_FOUND = 60.0  # seconds in which what was added is found, or what was deleted no longer


@dataclass(frozen=True)
class Asked:
    """What is measured: records, needs asked, and what an engine may take: bytes of memory, seconds to build and as
    many to be asked, added to and deleted from; and a PostgreSQL server."""

    size: int
    needs: int
    memory: int
    seconds: float
    postgres: str = ""


@dataclass(frozen=True)
class Speed:
    """An engine's line. Seconds to build and of the processor for it; milliseconds for a need; needs a second in one
    and in two processes; bytes in memory, mapped and on the disk; milliseconds a record to add and delete, kept; and
    until one just added is found; the share of the first ten that looking everything up finds as well.

    cut: why there is no more. None where an engine has nothing of the kind, or was ended before.
    """

    label: str
    build: float | None = None
    build_cpu: float | None = None
    p50: float | None = None
    p99: float | None = None
    one: float | None = None
    two: float | None = None
    memory: int | None = None
    mapped: int | None = None
    disk: int | None = None
    add: float | None = None
    found: float | None = None
    delete: float | None = None
    overlap: float | None = None
    cut: str = ""


class TooMuch(Exception):
    """An engine wanted more than is allowed, or failed; `what` is memory or minutes, or tells how it ended."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


Measured = dict[str, Any]
"""Some fields of Speed, as they come to be known."""
Step = Callable[[Engine, Asked], Iterator[Measured]]


def measure(engine: type[Engine], asked: Asked, room: Path | None = None) -> Speed:
    """Build an engine in a folder of its own, ask it, add and delete; the folder is gone afterwards.

    Raises Missing where the engine is not installed. What it could not do in the bounds is told in `cut`.
    """
    so_far: Measured = {"label": engine.label}
    with tempfile.TemporaryDirectory(prefix="kezhuan-bench-", dir=room, ignore_cleanup_errors=True) as folder:
        setting = Setting(Path(folder), TOP, postgres=asked.postgres)
        try:
            for step in (_build, _serve) if issubclass(engine, Keeping) else (_build_and_serve,):
                _apart(step, engine(setting), asked, so_far)
        except TooMuch as problem:
            so_far["cut"] = problem.what
        engine(setting).clear()
    return Speed(**so_far)


def _apart(step: Step, engine: Engine, asked: Asked, so_far: Measured) -> None:
    """Take a step in a process of its own, which is ended when it takes more than it may; what it measures goes into
    `so_far` as it comes."""
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    process = context.Process(target=_carry_out, args=(step, engine, asked, writer))
    process.start()
    writer.close()
    until = time.monotonic() + asked.seconds
    try:
        while True:
            if reader.poll(_LOOK):
                told = reader.recv()
                if told is None:
                    process.join(_LEAVE)
                    return
                if isinstance(told, Exception):
                    raise told
                so_far |= told
                if "build" in told:  # to be asked it has as long again
                    until = time.monotonic() + asked.seconds
            elif memory_of(process.pid or 0)[0] > asked.memory:
                raise TooMuch("memory")
            if time.monotonic() > until:
                raise TooMuch("minutes")
    except EOFError:
        process.join()
        raise TooMuch(f"exit {process.exitcode}") from None
    finally:
        process.terminate()
        process.join()
        reader.close()


def _carry_out(step: Step, engine: Engine, asked: Asked, writer: Connection) -> None:
    try:
        for measured in step(engine, asked):
            writer.send(measured)
        writer.send(None)
    except Missing as problem:
        writer.send(problem)
    except Exception as problem:  # noqa: BLE001  whatever an engine raises, its line says it and the others go on
        writer.send(TooMuch(f"{type(problem).__name__}: {problem}"))


@dataclass
class _Timed:
    """Items with the seconds that making them took, which are no engine's."""

    items: Iterator[Item]
    clock: float = field(default=0.0)
    processor: float = field(default=0.0)

    def __iter__(self) -> Iterator[Item]:
        while True:
            clock, processor = time.monotonic(), time.process_time()
            item = next(self.items, None)
            self.clock += time.monotonic() - clock
            self.processor += time.process_time() - processor
            if item is None:
                return
            yield item


def _build(engine: Engine, asked: Asked) -> Iterator[Measured]:
    items = _Timed(records(asked.size))
    clock, processor = time.monotonic(), time.process_time()
    engine.build(items)
    clock, processor = time.monotonic() - clock, time.process_time() - processor
    yield {"build": clock - items.clock, "build_cpu": processor - items.processor}


def _build_and_serve(engine: Engine, asked: Asked) -> Iterator[Measured]:
    yield from _build(engine, asked)
    yield from _serve(engine, asked)


def _serve(engine: Engine, asked: Asked) -> Iterator[Measured]:
    engine.open()
    if isinstance(engine, Keeping):
        yield {"disk": engine.disk()}
    questions = list(needs(asked.needs, asked.size))
    until = time.monotonic() + _PATIENCE
    answers = [_timed(engine, questions[0])]
    answers += [_timed(engine, one) for one in questions[1:_WARM] if time.monotonic() < until]
    answers += [_timed(engine, one) for one in questions[_WARM:] if time.monotonic() < until]
    took = [seconds * 1e3 for seconds, _ids in answers[min(_WARM, len(answers) // 2) :]]
    p50, p99 = np.percentile(took, (50, 99)).tolist()
    own, mapped = engine.memory()
    yield {"p50": p50, "p99": p99, "memory": own, "mapped": mapped}
    rate = 1000 / p50
    several = [questions[at % len(questions)] for at in range(max(2 * _chunk(rate), min(int(rate * 10), asked.needs)))]
    for name, processes in (("one", 1), ("two", 2)):
        yield {name: _needs_a_second(engine, several, processes, _chunk(rate))}
    if isinstance(engine, Ours):
        yield {"overlap": _overlap(engine.exact(questions[:_COMPARED]), [ids for _s, ids in answers])}
    if isinstance(engine, Keeping):
        yield from _change(engine, asked)


def _chunk(rate: float) -> int:
    return max(1, min(_CHUNK, int(rate)))


def _timed(engine: Engine, need: Item) -> tuple[float, list[str]]:
    began = time.perf_counter()
    ids = engine.first(need)
    return time.perf_counter() - began, ids


def _overlap(exact: Sequence[Sequence[str]], found: Sequence[Sequence[str]]) -> float:
    shares = [len({*one} & {*other}) / max(len(one), 1) for one, other in zip(exact, found, strict=False)]
    return float(np.mean(shares))


def _needs_a_second(engine: Engine, questions: Sequence[Item], processes: int, chunk: int) -> float:
    """Needs answered a second by so many processes that each have the engine open, start not counted."""
    opener, seen = os.getpid(), {os.getpid()}

    def step(at: int) -> tuple[int, float, float, int]:
        if os.getpid() not in seen:
            seen.add(os.getpid())
            if os.getpid() != opener and not engine.forks:
                engine.open()
            engine.first(questions[0])
        part = questions[at * chunk : (at + 1) * chunk]
        began = time.monotonic()
        for need in part:
            engine.first(need)
        return os.getpid(), began, time.monotonic(), len(part)

    told = list(in_order(step, len(questions) // chunk, processes))
    return sum(count for *_rest, count in told) / (max(one[2] for one in told) - min(one[1] for one in told))


def _change(engine: Keeping, asked: Asked) -> Iterator[Measured]:
    """Add and delete records, so many at once, and look for one as soon as it is acknowledged."""
    fresh = [replace(one, id=f"F{one.id}") for one in records(_BATCH * _BATCHES, seed=asked.size + 1)]
    batches = [fresh[at : at + _BATCH] for at in range(0, len(fresh), _BATCH)]
    added, found, deleted = list[float](), list[float](), list[float]()
    for batch in batches:
        with _into(added):
            engine.add(batch)
        yield {"add": float(np.median(added)) * 1e3 / _BATCH}
        with _into(found):
            _wait_for(engine, batch[-1], there=True)
        yield {"found": float(np.max(found)) * 1e3}
    for batch in batches:
        with _into(deleted):
            engine.delete([str(one.id) for one in batch])
        yield {"delete": float(np.median(deleted)) * 1e3 / _BATCH}
        _wait_for(engine, batch[0], there=False)


@contextmanager
def _into(times: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    times.append(time.perf_counter() - began)


def _wait_for(engine: Engine, item: Item, *, there: bool) -> None:
    until = time.monotonic() + _FOUND
    while (str(item.id) in engine.first(item)) != there:
        if time.monotonic() > until:
            raise TooMuch(f"{item.id} {'not found' if there else 'still found'}")


def lines(
    engines: Iterable[type[Engine]], asked: Asked, missing: Callable[[str], None], room: Path | None = None
) -> Iterator[Speed]:
    """A line for each engine; one that is not installed is told to `missing`."""
    for engine in engines:
        try:
            yield measure(engine, asked, room)
        except Missing as problem:
            missing(str(problem))
