"""How fast somebody may ask: a bucket of requests that fills steadily, one for all processes and machines.

The bucket is a row that says when it is full again, so that taking from it is one statement. A process takes a handful
at a time and hands it out: most requests ask the database nothing, and all processes together never give more than the
bucket holds.
"""

import hashlib
import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from django.db import connection
from django.db.models import F

from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import RateBucket
from kezhuan.kernel.outages import unless_busy

HANDFULS = 20
"""A full bucket is so many handfuls."""
MINUTE = 60.0
MOST_HELD = 20_000
"""Askers a process remembers at a time; whoever was quiet for longest is forgotten first."""


@dataclass(frozen=True)
class Verdict:
    """Whether a request may go on, and what is left: `wait` and `reset` in seconds, until one more and until all."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    wait: int = 0


@dataclass
class _Hand:
    """What a process knows of one asker: requests in hand and until when they count, until when there is nothing to be
    had, and the bucket as it was last seen."""

    left: int = 0
    until: float = 0.0
    empty_until: float = 0.0
    full_at: float = 0.0

    def give(self, moment: float) -> bool:
        """Give one away, if there is one."""
        if not self.left or moment >= self.until:
            return False
        self.left -= 1
        return True


class Limiter:
    """Hands out requests to askers: `limit` at once, and as many a minute from then on."""

    def __init__(self) -> None:
        self._hands: OrderedDict[str, _Hand] = OrderedDict()
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Begin anew, with nothing in hand."""
        with self._lock:
            self._hands.clear()

    def take(self, asker: str, limit: int) -> Verdict:
        """Take one request from the asker's bucket."""
        moment, span = time.time(), MINUTE / limit
        with self._lock:
            hand = self._hands.setdefault(asker, _Hand())
            self._hands.move_to_end(asker)
            if len(self._hands) > MOST_HELD:
                self._hands.popitem(last=False)
            if hand.give(moment):
                return _allowed(hand, moment, span, limit)
            if moment < hand.empty_until:
                return _refused(hand, moment, limit)
        for wanted in dict.fromkeys((max(1, limit // HANDFULS), 1)):
            drawn = _drawn(asker, wanted, span, limit, moment)
            # While the database is busy this process counts by itself.
            full_at = drawn if drawn is not None else _after(hand.full_at, wanted, span, limit, moment)
            if full_at:
                with self._lock:
                    # What is in hand lasts as long as the bucket takes to fill by it, so that it is never had twice.
                    hand.left = wanted - 1 + (hand.left if moment < hand.until else 0)
                    hand.until, hand.full_at = moment + wanted * span, full_at
                    return _allowed(hand, moment, span, limit)
        seen = _seen(asker) if drawn is not None else hand.full_at
        with self._lock:
            if hand.give(moment):  # another thread has drawn meanwhile
                return _allowed(hand, moment, span, limit)
            hand.full_at = max(seen, hand.full_at)
            hand.empty_until = max(hand.full_at + span - MINUTE, moment)
            return _refused(hand, moment, limit)


def _seen(asker: str) -> float:
    return RateBucket.objects.filter(asker=asker).values_list("full_at", flat=True).first() or 0.0


def _allowed(hand: _Hand, moment: float, span: float, limit: int) -> Verdict:
    missing = max(hand.full_at - moment, 0.0)
    shared = max(int(limit - missing / span), 0)
    # What comes back meanwhile is not counted beside what is in hand: a full bucket from which one was taken is most.
    left = min(shared + hand.left, limit - 1)
    return Verdict(True, limit, left, math.ceil(max(missing - hand.left * span, 0)))


def _refused(hand: _Hand, moment: float, limit: int) -> Verdict:
    wait = max(math.ceil(hand.empty_until - moment), 1)
    return Verdict(False, limit, 0, math.ceil(max(hand.full_at - moment, 0)), wait)


def _after(full_at: float, number: int, span: float, limit: int, moment: float) -> float:
    """When the bucket is full again after taking so many from it; 0 when it does not hold them."""
    after = max(full_at, moment) + number * span
    return after if after - moment <= limit * span else 0.0


_DRAW = """
INSERT INTO kernel_ratebucket (asker, full_at) VALUES (%(asker)s, %(moment)s + %(taken)s)
ON CONFLICT (asker) DO UPDATE SET full_at = {later}(kernel_ratebucket.full_at, %(moment)s) + %(taken)s
WHERE {later}(kernel_ratebucket.full_at, %(moment)s) + %(taken)s - %(moment)s <= %(whole)s RETURNING full_at
"""


def _drawn(asker: str, number: int, span: float, limit: int, moment: float) -> float | None:
    """The same in the database, for all processes; None when it is busy or away."""
    return unless_busy(lambda: _draw(asker, number * span, limit * span, moment))


def _draw(asker: str, taken: float, whole: float, moment: float) -> float:
    """When the bucket is full again after taking so much from it; 0 when it does not hold that. One statement."""
    statement = _DRAW.format(later="MAX" if connection.vendor == "sqlite" else "GREATEST")
    # Whoever looked at the clock a moment before the one who was served first is not refused for it.
    slack = min(1.0, taken / 2)
    values: dict[str, str | float] = {"asker": asker, "moment": moment, "taken": taken, "whole": whole + slack}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
        return float(row[0]) if row else 0.0


@dataclass(frozen=True)
class Rate:
    """At most `most` times at once; what was used comes back evenly, all of it `within` so many seconds."""

    most: int
    within: float

    @property
    def span(self) -> float:
        """Seconds until one use has come back."""
        return self.within / self.most


def spend(key: str, rate: Rate) -> float:
    """Use a rate once: 0 when that was allowed, else the seconds until it is. Counted one by one, by nobody's guess:
    for what must not be tried too often, such as passwords. Call it outside a transaction that may be undone."""
    moment, asker = time.time(), _asker(key)
    if _draw(asker, rate.span, rate.within, moment):
        return 0.0
    return max(_seen(asker) + rate.span - rate.within - moment, 1.0)


def give_back(key: str, rate: Rate) -> None:
    """Take one use back: what was tried turned out to be in order."""
    RateBucket.objects.filter(asker=_asker(key)).update(full_at=F("full_at") - rate.span)


def came_from(forwarded: str, remote: str, proxies: int) -> str:
    """The network address a request came from, empty when it is none: with reverse proxies of ours in between what the
    outermost of them saw. Whatever stands further left in X-Forwarded-For was written by the sender, who may write
    anything."""
    seen = [one.strip() for one in forwarded.split(",") if one.strip()]
    text = seen[-proxies] if 0 < proxies <= len(seen) else remote
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


def network_of(address: str) -> str:
    """The network of 64 bits that one asker of IPv6 has, or the address itself."""
    return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _asker(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def forget_full(_running: Running) -> None:
    """Remove the buckets that are full again: a missing one says the same."""
    RateBucket.objects.filter(full_at__lt=time.time()).delete()


limiter = Limiter()
