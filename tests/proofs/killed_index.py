"""Adds records a hundred at a time, deletes some and merges the index in children that are killed; looks after each.

Run as a program with the rounds; prints what was found as JSON. Children are forked from a process that has loaded
everything and has opened nothing, so that hundreds of them take minutes.
"""

import json
import os
import random
import select
import signal
import sys
import time
from collections.abc import Callable
from itertools import count
from statistics import median
from typing import Any

from tests.proofs.importing import now

BATCH = 100
SHORTEST, LONGEST = 0.05, 1.5
"""Seconds that a writer is left alone."""
AIMED, PATIENCE, INSIDE = 4, 6.0, 0.006
"""Every so many rounds a merge is waited for, so long, and hit somewhere in its first so many seconds: by chance alone
hardly a merge is hit, since they are short."""

Tell = Callable[..., None]


class Known:
    """What was acknowledged: batches of records that stand, and that are gone. `begun`: deletions not yet told."""

    def __init__(self) -> None:
        self.standing: dict[str, list[int]] = {}
        self.gone: dict[str, list[int]] = {}
        self.begun: dict[str, list[int]] = {}
        self.add: list[float] = []
        self.own: list[float] = []
        self.processor: list[float] = []
        self.found: list[float] = []
        self.forgotten: list[float] = []
        self.merges = self.merging = 0

    def take(self, line: dict[str, Any]) -> None:
        """Take in what a writer says."""
        match line:
            case {"added": name, "records": records, "seconds": seconds, "own": own, "processor": processor}:
                self.standing[name] = records
                self.add.append(seconds)
                self.own.append(own)
                self.processor.append(processor)
            case {"found": seconds}:
                self.found.append(seconds)
            case {"forgotten": seconds}:
                self.forgotten.append(seconds)
            case {"deleting": name}:
                self.begun[name] = self.standing.pop(name)
            case {"deleted": name}:
                self.gone[name] = self.begun.pop(name)
            case {"merging": step}:
                self.merging += step
                self.merges += step > 0


def write(prefix: str, known: Known, tell: Tell) -> None:
    """Add, look, delete and merge until killed."""
    from kezhuan.areas.people.actions import SYSTEM
    from kezhuan.areas.people.lifecycle import ORGANISATION
    from kezhuan.engines.matching import Matcher
    from kezhuan.kernel import journal
    from kezhuan.kernel.access import VISITOR
    from kezhuan.kernel.bulk import Openers, Opening, void_records
    from kezhuan.kernel.models import Organisation
    from kezhuan.kernel.search import Asked, live_index, search

    draw, standing = random.Random(prefix), list(known.standing)
    tell(ready=prefix)
    merged = Matcher.merged

    def told(*given: Any, **more: Any) -> Matcher:
        tell(merging=1)
        fresh = merged(*given, **more)
        tell(merging=-1)
        return fresh

    def waited(words: str, total: int) -> float:
        """Seconds until a search finds so many, without those that it waited for a processor; raises AssertionError
        after ten."""
        began = now(os.getpid())
        while search(VISITOR, Asked(words=words)).total != total:
            assert now(os.getpid())[0] - began[0] < 10, words
            time.sleep(0.005)
        ended = now(os.getpid())
        return ended[0] - began[0] - (ended[1] - began[1])

    Matcher.merged = told
    openers = Openers(ORGANISATION, actor=SYSTEM, stage="listed", own_themselves=True)
    for number in count():
        name = f"{prefix}b{number}"
        openings = [
            Opening(f"{name}n{at}", lambda record: Organisation(record=record, kind="enterprise", region="440106"))
            for at in range(BATCH)
        ]
        began = now(os.getpid())
        rows = openers.open_records(openings)
        seconds, waited_for, processor = (after - before for after, before in zip(now(os.getpid()), began, strict=True))
        own = seconds - waited_for
        tell(added=name, records=[row.pk for row in rows], seconds=seconds, own=own, processor=processor)
        tell(found=waited(f"{name}n{BATCH - 1}", 1))
        standing.append(name)
        if draw.random() < 0.5:
            victim = standing.pop(draw.randrange(len(standing)))
            tell(deleting=victim)
            with journal.writing():
                lost = Organisation.objects.select_related("record").filter(record__title__startswith=f"{victim}n")
                void_records(ORGANISATION, list(lost), actor=SYSTEM)
            tell(deleted=victim)
            tell(forgotten=waited(f"{victim}n0", 0))
        if draw.random() < 0.5:
            live_index().catch_up(wait=True)
            live_index().save()


def look(known: Known) -> None:
    """What stands and what is gone, after a kill. Raises AssertionError."""
    from kezhuan.kernel import journal
    from kezhuan.kernel.access import VISITOR
    from kezhuan.kernel.search import Asked, live_index, search
    from kezhuan.kernel.search.documents import LEVELS

    live = live_index()
    assert live.catch_up(wait=True).behind == 0
    matcher = live.matcher
    there = {int(one) // LEVELS for one, alive in zip(matcher.ids, matcher.alive.tolist(), strict=True) if alive}
    missing = {one for records in known.standing.values() for one in records} - there
    returned = {one for records in known.gone.values() for one in records} & there
    assert not missing, f"{len(missing)} missing"
    assert not returned, f"{len(returned)} deleted ones found"
    for names, total in ((known.standing, 1), (known.gone, 0)):
        for name in random.sample(sorted(names), min(3, len(names))):
            assert search(VISITOR, Asked(words=f"{name}n{random.randrange(BATCH)}")).total == total, name
    assert journal.verify().broken_seq is None
    live.save()


def _forked(work: Callable[[Tell], None]) -> tuple[int, int]:
    """A child that does some work; its number, and where what it tells can be read."""
    reader, writer = os.pipe()
    child = os.fork()
    if child:
        os.close(writer)
        return child, reader
    os.close(reader)
    code = 1
    try:
        work(lambda **said: void(os.write(writer, json.dumps(said).encode() + b"\n")))
        code = 0
    except BaseException as problem:  # noqa: BLE001  this child must never come back into its parent's work
        os.write(2, f"{type(problem).__name__}: {problem}\n".encode())
    finally:
        os._exit(code)


def void(_given: object) -> None:
    """Nothing."""


def _killed(work: Callable[[Tell], None], seconds: float, inside: float | None = None) -> list[dict[str, Any]]:
    """Kill a child after so many seconds, or `inside` seconds after a merge began; what it had told by then."""
    child, reader = _forked(work)
    said = os.read(reader, 1 << 16)
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if select.select([reader], [], [], left)[0]:
            piece = os.read(reader, 1 << 16)
            assert piece, "the writer ended by itself"
            said += piece
            if inside is not None and b'"merging": 1' in said:
                until, inside = time.monotonic() + inside, None
    os.kill(child, signal.SIGKILL)
    while piece := os.read(reader, 1 << 16):
        said += piece
    os.close(reader)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    return [json.loads(line) for line in said.splitlines(keepends=True) if line.endswith(b"\n")]


def main(rounds: int) -> None:
    """So many writers killed; raises AssertionError where a look finds a fault."""
    import django

    django.setup()
    from kezhuan.areas.people import actions  # noqa: F401  loaded once, for all children
    from kezhuan.engines.matching.units import units_of
    from kezhuan.kernel import bulk, search  # noqa: F401

    units_of("预热")  # reads what traditional characters are
    known, chance, in_merges = Known(), random.Random(440100), 0
    for number in range(rounds):
        aimed = number % AIMED == 0
        seconds = PATIENCE if aimed else chance.uniform(SHORTEST, LONGEST)
        inside = chance.uniform(0, INSIDE) if aimed else None
        lines = _killed(lambda tell, at=number: write(f"w{at}", known, tell), seconds, inside)
        for line in lines:
            known.take(line)
        in_merges += known.merging
        known.merging = 0
        known.begun.clear()  # killed before it was told: either is right
        child, reader = _forked(lambda _tell: look(known))
        _pid, status = os.waitpid(child, 0)
        os.close(reader)
        assert status == 0, f"round {number}"
    print(
        json.dumps(
            {
                "added": sum(map(len, known.standing.values())),
                "deleted": sum(map(len, known.gone.values())),
                "merges": known.merges,
                "killed_in_merges": in_merges,
                "milliseconds": median(known.add) * 1000 / BATCH,
                "own": median(known.own) * 1000 / BATCH,
                "processor": median(known.processor) * 1000 / BATCH,
                "found": median(known.found),
                "latest": max(known.found),
                "forgotten": max(known.forgotten),
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
