"""Every need matched anew against all supply at night: from inputs frozen in the data folder, in shards that outlive a
crash, and in as many processes or on as many machines as there are.

By day the follower keeps up with what changes. But scores also move when the corpus is counted anew, and that touches
every need a little.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.utils.translation import gettext as _

from kezhuan.areas.matches.actions import (
    asking_needs,
    chosen_rows,
    keep,
    match_needs,
    refresh_suggestions,
    version_of,
)
from kezhuan.areas.matches.asking_on import first_asked, shortened
from kezhuan.areas.matches.choosing import chooser_for
from kezhuan.areas.matches.lifting_actions import lift_for_room
from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.queries import weighting_in_force
from kezhuan.areas.matches.supply import Room, public_mask, rooms
from kezhuan.areas.needs.models import Need
from kezhuan.areas.needs.queries import matching_item
from kezhuan.engines.matching import SHIPPED, Match
from kezhuan.engines.matching.carrying import Carried, carry_out
from kezhuan.engines.matching.runs import Answer, Run, Wanted, alone_in, prepare, runs_in
from kezhuan.kernel import followers, journal
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.jobs import Again, Running
from kezhuan.kernel.models import Entry
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.search import by_record, live_index
from kezhuan.kernel.search.meaning import encoder_in_use, marks_in_use, table_in_use
from kezhuan.kernel.text import batches, now

MATCH_ALL = "matches.match-all"
"""The nightly job."""
FRESH = timedelta(hours=20)
"""A run that was cut off goes on within so long; an older one is begun anew."""
BATCH = 64


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a run did: needs matched, suggestions kept, hash of the result, and how it went; None without any need."""

    needs: int
    pairs: int
    result_hash: str
    preparing: float
    carried: Carried


def refresh_all(
    *, workers: int = 1, scheduler: str = "", progress: Callable[[int], None] | None = None
) -> Refreshed | None:
    """Match every open need anew; what changes meanwhile is matched once more at the end.

    Raises Conflict while another one is under way on this machine, and whatever `carry_out` raises; shards that are
    stored then stay, and the next call goes on from them.
    """
    store = Path(settings.DATA) / "matching"
    with _alone(store):
        began = monotonic()
        run = _unfinished(store) or _prepared(store)
        if run is None:
            return None
        preparing = monotonic() - began
        carried = carry_out(run, workers=workers, scheduler=scheduler, progress=progress)
        lift_for_room()  # a new year, or another's queue, leaves room too
        pairs = _keep_all(run, progress)
        result = run.result_hash()
        refresh_suggestions(list(followers.changed_records(run.notes["reached"][0], followers.head()[0])))
        run.remove()
    return Refreshed(run.needs, pairs, result, preparing, carried)


def match_all(running: Running) -> None:
    """The nightly job: as `refresh_all` does, in the worker's own process."""
    total = Need.objects.filter(record__phase=Phase.PUBLIC).count()
    try:
        refresh_all(progress=lambda done: running.progress(done, total))
    except Conflict as busy:
        raise Again(str(busy), after=600.0) from None


@contextmanager
def _alone(store: Path) -> Iterator[None]:
    with alone_in(store) as alone:
        if not alone:
            raise Conflict(_("All needs are being matched on this machine already. Wait until that is done."))
        yield


def _unfinished(store: Path) -> Run | None:
    """The run that was cut off, when it may still be gone on with; others are removed."""
    found: Run | None = None
    for run in runs_in(store):
        seq, seen = run.notes["reached"]
        young = datetime.fromisoformat(run.notes["made_at"]) > now() - FRESH
        same = (run.table_mark, (run.encoder or {}).get("mark", "")) == marks_in_use()
        same = same and run.notes["version"] == version_of(weighting_in_force())
        same = same and run.notes.get("rooms") == [room.mark() for room in rooms()]
        same = same and Entry.objects.filter(seq=seq, hash=seen).exists()
        if found is None and young and same:
            found = run
        else:
            run.remove()
    return found


def _prepared(store: Path) -> Run | None:
    """A new run of all open needs; None when there is none."""
    index, weighting = live_index(), weighting_in_force()
    notes = {"made_at": now().isoformat(), "reached": [0, ""], "version": version_of(weighting)}
    notes["rooms"] = [room.mark() for room in rooms()]
    factors = SHIPPED if weighting is None else weighting.factors
    index.catch_up(wait=True)
    public = public_mask()
    ids = Need.objects.filter(record__phase=Phase.PUBLIC).order_by("pk").values_list("pk", flat=True)
    needs = [matching_item(need) for batch in batches(ids, 500) for need in asking_needs(batch)]

    def write_index(folder: Path) -> list[Wanted]:
        masks, reached = index.freeze(folder, [room.supply(public) for room in rooms()])
        notes["reached"] = list(reached)
        return [Wanted(room.looked_at, mask) for room, mask in zip(rooms(), masks, strict=True)]

    if not needs:
        return None
    return prepare(
        store,
        needs,
        write_index,
        reasons=True,
        table=table_in_use,
        encoder=encoder_in_use(),
        factors=factors,
        notes=notes,
    )


def _keep_all(run: Run, progress: Callable[[int], None] | None) -> int:
    """Put the answers in the place of the former suggestions; returns how many are worth keeping."""
    made_at, pairs = datetime.fromisoformat(run.notes["made_at"]), 0
    for batch in batches(run.answers(), BATCH):
        lists = {int(answer.need): _lists(answer) for answer in batch}
        chooser = chooser_for(list(lists))
        short = {need for needs in shortened(lists, chooser, first_asked()).values() for need in needs}
        complete = {need: lists[need] for need in lists.keys() - short}
        rows = chosen_rows(complete, chooser, run.notes["version"], made_at)
        keep([need for need in lists if need not in short], rows)
        pairs += len(rows) + (match_needs(live_index(), sorted(short)) if short else 0)
        if progress is not None:
            progress(run.needs)
    with journal.writing():
        Suggestion.objects.exclude(need__record__phase=Phase.PUBLIC).delete()
    return pairs


def _lists(answer: Answer) -> dict[Room, Sequence[Match]]:
    every = zip(rooms(), answer.lists, strict=True)
    return {room: [by_record(match) for match in matches] for room, matches in every}
