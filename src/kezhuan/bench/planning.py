"""What matching all needs would take at a size that nobody has here: costs measured at two sizes, scaled along a line,
and a simulation of the run with machines that fail.

What is measured stands in `MEASURED`, with how; everything else is computed from it.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kezhuan.engines.matching.runs import SHARD

_HORIZON = 20  # times the hours of an undisturbed run for which failures are drawn


class Costs(NamedTuple):
    """What was measured at one size, by `./kezhuan prove match-all`.

    records: so many. build: seconds of one core to read and index them. disk: bytes of the index. own: bytes that a
    worker of a cluster which has loaded it holds for itself. load: seconds until it has. need: seconds of one process
    for a need. spread: of the seconds of shards, their deviation over their mean. stored: bytes of a need's result.
    """

    records: int
    build: float
    disk: float
    own: float
    load: float
    need: float
    spread: float
    stored: float


MEASURED: tuple[Costs, Costs] = (
    Costs(200_000, 67, 1.128e9, 0.46e9, 1.8, 0.00328, 0.113, 131),
    Costs(1_000_000, 374, 5.406e9, 0.78e9, 7.4, 0.00585, 0.170, 134),
)
"""Of 4,000 needs, the first ten for each without reasons, on 27 November on two cores on which others worked, too;
docs/measurements.md tells how."""
BUSY = 1.14
"""Times as long that a need takes while the other cores of a machine are at it as well: two processes on two cores."""


def scaled(records: int, measured: tuple[Costs, Costs] = MEASURED) -> Costs:
    """The costs at another size, on the line through the two that were measured; never below the smaller's share."""
    low, high = measured
    slope = (records - low.records) / (high.records - low.records)

    def at(name: str) -> float:
        a, b = float(getattr(low, name)), float(getattr(high, name))
        return max(a + (b - a) * slope, 0.0)

    return Costs(records, at("build"), at("disk"), at("own"), at("load"), at("need"), high.spread, high.stored)


@dataclass(frozen=True, slots=True)
class Site:
    """Machines that match: how many, with how many workers each; the hours after which a machine, and the scheduler,
    fails on average, and the hours until it works again."""

    machines: int
    workers: int
    between: float = 20.0
    repair: float = 0.5
    scheduler_between: float = 20.0
    scheduler_repair: float = 0.25


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run takes. hours: with nothing failing. disk, memory: bytes, of the index on each machine, and on each
    machine for its workers and for the index to stay in its cache. results: bytes of all shards."""

    costs: Costs
    shards: int
    build_hours: float
    core_hours: float
    hours: float
    disk: float
    memory: float
    results: float


class Outcome(NamedTuple):
    """One simulated run: hours until the last shard was stored, shards begun in vain, failures met."""

    hours: float
    lost: int
    failures: int


def plan(records: int, needs: int, site: Site, measured: tuple[Costs, Costs] = MEASURED) -> Plan:
    """What it takes to match so many needs with so many records. Raises ValueError for sizes below 1."""
    if min(records, needs, site.machines, site.workers) < 1:
        raise ValueError("records, needs, machines and workers are at least 1")
    costs = scaled(records, measured)
    core_seconds = needs * costs.need * BUSY
    workers = site.machines * site.workers
    shards = math.ceil(needs / SHARD)
    rounds = math.ceil(shards / workers)  # the last round is seldom full
    return Plan(
        costs=costs,
        shards=shards,
        build_hours=costs.build / 3600,
        core_hours=core_seconds / 3600,
        hours=(costs.load + rounds * min(SHARD, needs) * costs.need * BUSY) / 3600,
        disk=costs.disk,
        memory=costs.disk + site.workers * costs.own,
        results=needs * costs.stored,
    )


def steps(planned: Plan, site: Site) -> float:
    """How many shards, workers and failures a simulated run looks at, about."""
    workers, horizon = site.machines * site.workers, _horizon(planned)
    failures = site.machines * horizon * (1 / site.between + 1 / site.scheduler_between)
    return planned.shards + workers + failures


def _horizon(planned: Plan) -> float:
    return _HORIZON * planned.hours + 24


def simulate(planned: Plan, site: Site, runs: int = 200, seed: int = 0) -> list[Outcome]:
    """So many runs in which machines and the scheduler fail by chance; the same for the same seed."""
    draw = np.random.default_rng(seed)
    return [_one(planned, site, draw) for _ in range(runs)]


class _Outages:
    """When something does not work: hours of beginning and end, in order."""

    def __init__(self, times: Sequence[tuple[float, float]]) -> None:
        self._begins = np.array([one[0] for one in times])
        self._ends = np.array([one[1] for one in times])

    def next(self, hour: float) -> tuple[float, float]:
        """The first one that is not over."""
        at = int(np.searchsorted(self._ends, hour, side="right"))
        return (self._begins[at], self._ends[at]) if at < len(self._ends) else (math.inf, math.inf)


def _drawn(between: float, repair: float, horizon: float, draw: np.random.Generator) -> list[tuple[float, float]]:
    """Failures of one thing, exponentially apart."""
    times, hour = [], float(draw.exponential(between))
    while hour < horizon:
        times.append((hour, hour + repair))
        hour += repair + float(draw.exponential(between))
    return times


def _one(planned: Plan, site: Site, draw: np.random.Generator) -> Outcome:
    costs, horizon = planned.costs, _horizon(planned)
    load = costs.load / 3600
    common = _drawn(site.scheduler_between, site.scheduler_repair + load, horizon, draw)
    outages = []
    for _ in range(site.machines):
        times = [*common, *_drawn(site.between, site.repair + load, horizon, draw)]
        outages.append(_Outages(_merged(times)))
    mean = SHARD * costs.need * BUSY / 3600
    sigma = math.sqrt(math.log1p(costs.spread**2))
    left = deque(draw.lognormal(math.log(max(mean, 1e-12)) - sigma * sigma / 2, sigma, planned.shards).tolist())
    free = [(load, machine) for machine in range(site.machines) for _ in range(site.workers)]
    heapq.heapify(free)
    ended, lost, met = 0.0, 0, set[tuple[int, float]]()
    while left:
        hour, machine = heapq.heappop(free)
        begins, ends = outages[machine].next(hour)
        if hour >= begins:  # it does not work at this moment
            met.add((machine, begins))
            heapq.heappush(free, (ends, machine))
            continue
        seconds = left.popleft()
        if hour + seconds > begins:
            left.append(seconds)
            lost += 1
            met.add((machine, begins))
            heapq.heappush(free, (ends, machine))
        else:
            ended = max(ended, hour + seconds)
            heapq.heappush(free, (hour + seconds, machine))
    return Outcome(ended, lost, len(met))


def _merged(times: list[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for begins, ends in sorted(times):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged
