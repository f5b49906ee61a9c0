"""Which pairs go into whose queue: first each need's best suggestions that some broker may take, then each pair to one
broker, both at the best total over everybody's candidates, and what want of room costs against first wishes.

Two flows one after the other, and not one: how a broker fits hangs on both sides of a pair, and through a supply whose
room many needs share no flow carries which need it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kezhuan.areas.brokers.fitting import Fit, fits_of
from kezhuan.areas.brokers.models import Broker, BrokeredPair
from kezhuan.areas.brokers.queries import brokers_kept_by, open_pairs
from kezhuan.areas.brokers.wording import NOBODY
from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.precise import Line, Plan, Room, plan_meetings
from kezhuan.engines.assignment.candidates import Given, Wishes, give
from kezhuan.kernel.access import Actor


@dataclass(frozen=True)
class Gift:
    """A pair that goes to a broker; `wish` is the broker's place among those who fit it, by fit."""

    line: Line
    broker: Broker
    fit: Fit
    wish: int


@dataclass(frozen=True)
class QueuePlan:
    """Who gets which pairs: `gifts` in the order of the needs; `nobody` are pairs that found no broker, first wishes
    that none may take and chosen ones that none had room for, each with why (a key of `wording.NOBODY`). `plan` chose
    the pairs, `given` the brokers; a pair at a broker is worth its score times the fit."""

    plan: Plan
    given: Given
    gifts: tuple[Gift, ...]
    nobody: tuple[tuple[Suggestion, str], ...]
    brokers: tuple[Broker, ...]


def plan_queues(actor: Actor, kind: str, codes: Sequence[str], room: Room) -> QueuePlan:
    """The best choice for open needs that the actor may read, all of them or those with these codes, and for the
    brokers whose queues the actor fills. What is in a queue stays there. Nothing is kept. Raises `Refused` as
    `plan_meetings` does."""
    held = set(BrokeredPair.objects.filter(is_open=True).values_list("need", "supply"))
    brokers = tuple(brokers_kept_by(actor))
    taken = open_pairs([one.pk for one in brokers])
    left = {one.pk: max(0, one.capacity - taken.get(one.pk, 0)) for one in brokers}
    fits: dict[tuple[int, int], Fit] = {}

    def bars(rows: Sequence[Suggestion]) -> set[int]:
        fits.update(fits_of(actor, rows, brokers))
        able = [pk for pk, number in left.items() if number]
        return {row.pk for row in rows if all(fits[row.pk, pk].bars for pk in able)}

    plan = plan_meetings(actor, kind, codes, room, without=held, bars=bars)
    given, pairs = _give(plan.met, brokers, left, fits)
    gifts = []
    for own in given.wishes.lists:
        for wish, pair in enumerate(own[own >= 0].tolist(), 1):
            if given.chosen[pair]:
                line, broker = pairs[pair]
                gifts.append(Gift(line, broker, fits[line.row.pk, broker.pk], wish))
    served = {one.line.row.pk for one in gifts}
    unserved = (line.row for line in plan.met if line.row.pk not in served)
    nobody = tuple((row, _why(row, brokers, fits)) for row in (*plan.barred, *unserved))
    return QueuePlan(plan, given, tuple(gifts), nobody, brokers)


def _give(
    lines: Sequence[Line], brokers: Sequence[Broker], left: Mapping[int, int], fits: Mapping[tuple[int, int], Fit]
) -> tuple[Given, list[tuple[Line, Broker]]]:
    """Each pair to one broker at most, each broker what they have room left for."""
    pairs, need, supply, worth = [], [], [], []
    for place, line in enumerate(lines):
        for other, broker in enumerate(brokers):
            fit = fits[line.row.pk, broker.pk]
            if not fit.bars:
                pairs.append((line, broker))
                need.append(place)
                supply.append(other)
                worth.append(line.row.score * fit.value)
    wishes = Wishes.of(
        np.array(need, np.int64),
        np.array(supply, np.int64),
        np.array(worth, np.float64),
        per_need=np.ones(len(lines), np.int64),
        per_supply=np.array([left[one.pk] for one in brokers], np.int64),
    )
    return give(wishes), pairs


def _why(row: Suggestion, brokers: Sequence[Broker], fits: Mapping[tuple[int, int], Fit]) -> str:
    """Why nobody got a pair: what stood in the way of whoever came furthest."""
    order = list(NOBODY)
    return max((fits[row.pk, one.pk].bars or "room" for one in brokers), key=order.index, default="fit")
