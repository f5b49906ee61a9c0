"""How fast somebody may ask: a bucket of requests that fills steadily, one for all processes and machines.

The bucket is a row that says when it is full again, so that taking from it is one statement. A process takes a handful
at a time and hands it out: most requests ask the database nothing, and all processes together never give more than the
bucket holds.
"""

import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from django.db import connection

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
    return Verdict(True, limit, shared + hand.left, math.ceil(max(missing - hand.left * span, 0)))


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
    statement = _DRAW.format(later="MAX" if connection.vendor == "sqlite" else "GREATEST")
    values: dict[str, str | float] = {"asker": asker, "moment": moment, "taken": number * span, "whole": limit * span}

    def draw() -> float:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            row = cursor.fetchone()
            return float(row[0]) if row else 0.0

    return unless_busy(draw)


def forget_full(_running: Running) -> None:
    """Remove the buckets that are full again: a missing one says the same."""
    RateBucket.objects.filter(full_at__lt=time.time()).delete()


limiter = Limiter()
