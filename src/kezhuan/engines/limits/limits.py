"""Limits as pure functions: facts and the rule's numbers in, refusals out, each naming what uses the limit up.

No number of a policy stands here. The reply 穗科函〔2024〕18号 names ten directions, two projects undertaken and two
million yuan for a chain leader of the 2025 call; the caller gives them from rule values, with their dates. Amounts are
fen.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

WHOLE = 10_000  # basis points


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is refused: a stable code, the limit, what it would come to, and what uses the limit up."""

    code: str
    limit: int
    reached: int
    used_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeaderProject:
    """A project of one call year in which a chain leader is, as far as its limits go.

    `undertakes`: the leader is its undertaker (承担单位), not a participant. `fiscal_fen` is the fiscal money that goes
    to the leader; of it `passed_on_fen` goes on to other members and is not received by the leader.
    """

    code: str
    undertakes: bool
    fiscal_fen: int
    passed_on_fen: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.passed_on_fen <= self.fiscal_fen:
            raise ValueError(f"{self.code}: money passed on lies between nothing and what the leader gets.")

    @property
    def received_fen(self) -> int:
        """What stays with the leader; nothing where it only takes part."""
        return self.fiscal_fen - self.passed_on_fen if self.undertakes else 0


@dataclass(frozen=True, slots=True)
class LeaderLimits:
    """How many projects a leader may undertake, and how much it may receive in all of them, per call year; None where
    nothing limits it."""

    most_undertaken: int | None
    most_received_fen: int | None


@dataclass(frozen=True, slots=True)
class LeaderUse:
    """What of a leader's limits is used.

    The letter can also be read as an amount for each project. `left_by_other_reading_fen` is what would be left for one
    more project by that reading, and `difference_fen` how much more that is; the stricter reading is the one that
    counts. None where nothing limits it.
    """

    undertaken: tuple[str, ...]
    received_fen: int
    left_projects: int | None
    left_fen: int | None
    left_by_other_reading_fen: int | None
    difference_fen: int | None


def leader_use(projects: Sequence[LeaderProject], limits: LeaderLimits) -> LeaderUse:
    """What a leader's projects of a call year use of its limits."""
    undertaken = tuple(one.code for one in projects if one.undertakes)
    received = sum(one.received_fen for one in projects)
    projects_left = None if limits.most_undertaken is None else max(0, limits.most_undertaken - len(undertaken))
    if limits.most_received_fen is None:
        return LeaderUse(undertaken, received, projects_left, None, None, None)
    left = max(0, limits.most_received_fen - received)
    other = 0 if projects_left == 0 else limits.most_received_fen
    return LeaderUse(undertaken, received, projects_left, left, other, other - min(left, other))


def award_refusals(projects: Sequence[LeaderProject], new: LeaderProject, limits: LeaderLimits) -> tuple[Refusal, ...]:
    """Whether a leader may get one project more; asked at the decision, and again at signing under a lock.

    A project with the same code among `projects` is the one decided before, and is replaced by `new`.
    """
    others = [one for one in projects if one.code != new.code]
    now = leader_use([*others, new], limits)
    before = leader_use(others, limits)
    most, most_fen = limits.most_undertaken, limits.most_received_fen
    refusals = []
    if new.undertakes and most is not None and len(now.undertaken) > most:
        refusals.append(Refusal("leader-undertakes-too-many", most, len(now.undertaken), before.undertaken))
    if new.received_fen and most_fen is not None and now.received_fen > most_fen:
        paying = tuple(one.code for one in others if one.received_fen)
        refusals.append(Refusal("leader-receives-too-much", most_fen, now.received_fen, paying))
    return tuple(refusals)


def claim_refusal(poster: str, lead: str, related: Collection[str] = ()) -> Refusal | None:
    """A claim led by the poster itself is refused; by a party related to it, as the call's rule says (`related`)."""
    if lead == poster:
        return Refusal("poster-claims-own-list", 0, 1, (poster,))
    return Refusal("related-party-claims", 0, 1, (poster,)) if lead in related else None


def direction_refusal(funded: Collection[str], new: str, most: int) -> Refusal | None:
    """Whether a call may fund one direction more."""
    together = set(funded) | {new}
    if len(together) <= most:
        return None
    return Refusal("too-many-directions", most, len(together), tuple(sorted(funded)))


@dataclass(frozen=True, slots=True)
class RndTier:
    """The least share of R&D, in basis points, for revenues below `below_fen`, or up to it when `inclusive`."""

    below_fen: int | None
    least_bp: int
    inclusive: bool = False


def rnd_refusal(revenue_fen: int, rnd_fen: int, tiers: Sequence[RndTier]) -> Refusal | None:
    """Whether last year's R&D is enough for last year's revenue, by the first tier that holds it; exactly, in fen.

    Raises ValueError without revenue, or when no tier holds it.
    """
    if revenue_fen <= 0 or rnd_fen < 0:
        raise ValueError("A ratio needs a revenue above zero and an R&D amount of zero or more.")
    for tier in tiers:
        top = tier.below_fen
        if top is None or revenue_fen < top or (tier.inclusive and revenue_fen == top):
            if rnd_fen * WHOLE >= revenue_fen * tier.least_bp:
                return None
            return Refusal("rnd-too-low", tier.least_bp, rnd_fen * WHOLE // revenue_fen)
    raise ValueError("No tier holds this revenue; the last one must be without a top.")
