"""Followers of the journal: functions called with what new entries changed, in order, at least once.

However far behind, what lies before a follower is handed over as one piece of work: it may be cheaper to do everything
anew once than a part of it often. What takes long is then done in a sweep: in steps, between which new entries are
handed over, and from where it stood when the process ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from kezhuan.kernel import leases
from kezhuan.kernel.errors import Text
from kezhuan.kernel.leases import LeaseLost
from kezhuan.kernel.models import Entry, Follower, Record
from kezhuan.kernel.text import batches, now

Function = Callable[[Sequence[int], bool], None]
"""Takes the ids of the changed records, or none and True to begin anew: the journal is not the one seen before, or too
long to be read from its beginning."""

BATCH = 500
FAR = 100_000
"""Entries beyond which whoever has followed nothing yet, as one that came with an upgrade, begins anew: the ids of all
records of a large city are more than a database takes in one question."""
LEASE = timedelta(seconds=40)
BEAT = 10.0
"""Seconds between two renewals of the lease while a follower works."""


@dataclass(frozen=True)
class Sweep:
    """How a follower does everything anew, in steps of a few seconds, in the order of the records' numbers; `label`
    says what is done."""

    label: Text
    step: Callable[[int], int | None]
    """Does the next few after a number, 0 at first; returns the last one's, None when there was none. A step that was
    cut off is done again."""
    left: Callable[[int], int]
    """How many there are after a number."""
    beyond: int
    """Of more changed records at once than this the function is not told: all is done anew."""


@dataclass(frozen=True)
class _Registered:
    kinds: frozenset[str] | None
    function: Function
    readers: bool
    sweep: Sweep | None


_registered: dict[str, _Registered] = {}


def register(
    name: str, kinds: frozenset[str] | None, function: Function, *, readers: bool = True, sweep: Sweep | None = None
) -> None:
    """Make `function` follow the entries of records of these kinds (None: of all) under a lasting name; without
    `readers` only those of what has happened to a record itself, not of who may read it. With a `sweep` that begins
    anew, and the function is never told to."""
    _registered[name] = _Registered(kinds, function, readers, sweep)


READERS = (".readers", "inspection.given", "inspection.taken")
"""How the kinds of entries end that tell of who reads a record: it says what it said before, in the same version."""


def changed_records(after: int, upto: int, *, readers: bool = True) -> dict[int, str]:
    """Ids and kinds of the records that entries `after < seq <= upto` speak of, batch entries included; without
    `readers` as far as the records themselves have changed."""
    entries = Entry.objects.filter(seq__gt=after, seq__lte=upto)
    if not readers:
        entries = entries.exclude(reduce(or_, (Q(kind__endswith=end) for end in READERS)))
    changed = dict(entries.exclude(record=None).order_by("seq").values_list("record_id", "record__kind"))
    together = entries.filter(record=None).order_by("seq").values_list("data", flat=True)
    uids = (uid for data in together.iterator(chunk_size=BATCH) for uid in data.get("uids", ()))
    for batch in batches(uids, BATCH):
        changed.update(Record.objects.filter(uid__in=batch).values_list("pk", "kind"))
    return changed


def head() -> tuple[int, str]:
    """The journal's last number and hash."""
    with connection.cursor() as cursor:  # several times for each page: by itself, it takes a tenth of the time
        cursor.execute("SELECT seq, hash FROM kernel_journalhead WHERE id = 1")
        found: tuple[int, str] | None = cursor.fetchone()
    return found or (0, "0" * 64)


def _lease(name: str) -> Follower | None:
    """Take the follower's turn, or nothing when another process has it.

    Turns are numbered: whoever slept beyond the end of theirs writes nothing into the next one's.
    """
    with transaction.atomic():
        Follower.objects.get_or_create(name=name)
        free = Q(leased_until=None) | Q(leased_until__lt=now())
        if not Follower.objects.filter(free, name=name).update(leased_until=now() + LEASE, turn=F("turn") + 1):
            return None
        return Follower.objects.get(name=name)


def _in_turn(name: str, work: Callable[[Follower, QuerySet[Follower]], int]) -> int:
    """Do a follower's work while its turn is held: `work` gets it, and the row to write in as long as the turn is held.
    Returns what it returns, 0 where another process has the turn or has taken over."""
    follower = _lease(name)
    if follower is None:
        return 0
    own = Follower.objects.filter(name=name, turn=follower.turn)

    def confirm() -> None:
        mine = own.select_for_update(no_key=True) if connection.in_atomic_block else own
        if not mine.values_list("pk").first():
            raise LeaseLost

    try:
        with leases.held(confirm), leases.renewing(lambda: own.update(leased_until=now() + LEASE), BEAT):
            return work(follower, own)
    except LeaseLost:
        return 0  # what was written in the last transaction is taken back; whoever took over does it again
    finally:
        own.update(leased_until=None)


def _run_one(name: str, registered: _Registered) -> int:
    follower = Follower.objects.filter(name=name).first()
    seq, _ = head()
    if follower is not None and follower.seq >= seq and follower.hash == _hash_at(follower.seq):
        return 0

    def hand_over(follower: Follower, own: QuerySet[Follower]) -> int:
        anew = follower.hash != _hash_at(follower.seq) or (not follower.seq and seq > FAR)
        start = 0 if anew else follower.seq
        changed = {} if anew else changed_records(start, seq, readers=registered.readers)
        ids = [pk for pk, kind in changed.items() if registered.kinds is None or kind in registered.kinds]
        place: dict[str, object] = {}
        if registered.sweep is not None and (anew or len(ids) > registered.sweep.beyond):
            # One that is under way because of changes goes on to its end first, so that every record's turn comes.
            begins = anew or follower.swept is None
            place = {"swept": 0, "sweeps_again": False} if begins else {"sweeps_again": True}
        elif ids or anew:
            registered.function(ids, anew)
        return seq - start if own.update(seq=seq, hash=_hash_at(seq), **place) else 0

    return _in_turn(name, hand_over)


def _sweep_on(name: str, sweep: Sweep) -> bool:
    """Do the next step of a follower's sweep; returns whether there is one after it."""

    def step(follower: Follower, own: QuerySet[Follower]) -> int:
        if follower.swept is None:
            return 0
        last = sweep.step(follower.swept)
        over, again = last is None, follower.sweeps_again
        own.update(swept=0 if over and again else last, sweeps_again=again and not over)
        return not over or again

    return Follower.objects.filter(name=name, swept__isnull=False).exists() and bool(_in_turn(name, step))


def _hash_at(seq: int) -> str:
    return Entry.objects.filter(seq=seq).values_list("hash", flat=True).first() or "0" * 64


def _catch_up() -> int:
    passed = 0
    for name, registered in _registered.items():
        while step := _run_one(name, registered):
            passed += step
    return passed


def run_step() -> bool:
    """Bring every follower up to the journal's head, then do one step of each sweep under way; returns whether there is
    a step after it: what a worker calls that looks after other things between two."""
    _catch_up()
    return _sweep()


def _sweep() -> bool:
    swept = [(name, one.sweep) for name, one in _registered.items() if one.sweep is not None]
    return sum(_sweep_on(name, sweep) for name, sweep in swept) > 0


def run_pending() -> int:
    """Bring every follower up to the journal's head and end every sweep; returns how many entries were passed on."""
    passed = _catch_up()
    while _sweep():
        passed += _catch_up()
    return passed


def has_seen(name: str, record: Record) -> bool:
    """Whether a follower has come past a record's last own entry, and past the record where it does all anew."""
    reached = Follower.objects.filter(name=name).values("seq")[:1]
    if Entry.objects.filter(record=record, seq__gt=Coalesce(Subquery(reached), 0)).exists():
        return False
    return not Follower.objects.filter(name=name, swept__lt=record.pk).exists()


@dataclass(frozen=True)
class Swept:
    """A sweep under way: what is done anew, how many are done, of how many."""

    name: str
    label: Text
    done: int
    total: int


def sweeps() -> list[Swept]:
    """The sweeps under way; one that will begin once more counts all twice."""
    found = []
    for row in Follower.objects.filter(swept__isnull=False).order_by("name"):
        sweep = _registered[row.name].sweep if row.name in _registered else None
        if sweep is not None and row.swept is not None:
            total = sweep.left(0)
            done = total - sweep.left(row.swept)
            found.append(Swept(row.name, sweep.label, done, total * (1 + row.sweeps_again)))
    return found


def backlog() -> dict[str, int]:
    """How many entries each follower still has before it."""
    seq, _ = head()
    reached = dict(Follower.objects.values_list("name", "seq"))
    return {name: seq - reached.get(name, 0) for name in _registered}
