"""Followers of the journal: functions called with what new entries changed, in order, at least once.

However far behind, what lies before a follower is handed over as one piece of work: it may be cheaper to do everything
anew once than a part of it often.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_

from django.db import connection, transaction
from django.db.models import F, Q, Subquery
from django.db.models.functions import Coalesce

from kezhuan.kernel import leases
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
class _Registered:
    kinds: frozenset[str] | None
    function: Function
    readers: bool


_registered: dict[str, _Registered] = {}


def register(name: str, kinds: frozenset[str] | None, function: Function, *, readers: bool = True) -> None:
    """Make `function` follow the entries of records of these kinds (None: of all) under a lasting name; without
    `readers` only those of what has happened to a record itself, not of who may read it."""
    _registered[name] = _Registered(kinds, function, readers)


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


def _run_one(name: str, registered: _Registered) -> int:
    follower = Follower.objects.filter(name=name).first()
    seq, _ = head()
    if follower is not None and follower.seq >= seq and follower.hash == _hash_at(follower.seq):
        return 0
    follower = _lease(name)
    if follower is None:
        return 0
    own = Follower.objects.filter(name=name, turn=follower.turn)

    def confirm() -> None:
        mine = own.select_for_update(no_key=True) if connection.in_atomic_block else own
        if not mine.values_list("pk").first():
            raise LeaseLost

    try:
        anew = follower.hash != _hash_at(follower.seq) or (not follower.seq and seq > FAR)
        start = 0 if anew else follower.seq
        with leases.held(confirm), leases.renewing(lambda: own.update(leased_until=now() + LEASE), BEAT):
            changed = {} if anew else changed_records(start, seq, readers=registered.readers)
            ids = [pk for pk, kind in changed.items() if registered.kinds is None or kind in registered.kinds]
            if ids or anew:
                registered.function(ids, anew)
        return seq - start if own.update(seq=seq, hash=_hash_at(seq)) else 0
    except LeaseLost:
        return 0  # what was written in the last transaction is taken back; whoever took over does it again
    finally:
        own.update(leased_until=None)


def _hash_at(seq: int) -> str:
    return Entry.objects.filter(seq=seq).values_list("hash", flat=True).first() or "0" * 64


def run_pending() -> int:
    """Bring every follower up to the journal's head; returns how many entries were passed on."""
    passed = 0
    for name, registered in _registered.items():
        while step := _run_one(name, registered):
            passed += step
    return passed


def has_seen(name: str, record: Record) -> bool:
    """Whether a follower has come past a record's last own entry."""
    reached = Follower.objects.filter(name=name).values("seq")[:1]
    return not Entry.objects.filter(record=record, seq__gt=Coalesce(Subquery(reached), 0)).exists()


def backlog() -> dict[str, int]:
    """How many entries each follower still has before it."""
    seq, _ = head()
    reached = dict(Follower.objects.values_list("name", "seq"))
    return {name: seq - reached.get(name, 0) for name in _registered}
