"""Limits of a call on plain facts: own claims, directions, what a chain leader may undertake and receive, R&D."""

from kezhuan.engines.limits.limits import (
    LeaderLimits,
    LeaderProject,
    LeaderUse,
    Refusal,
    RndTier,
    award_refusals,
    claim_refusal,
    direction_refusal,
    leader_use,
    rnd_refusal,
)

__all__ = [
    "LeaderLimits",
    "LeaderProject",
    "LeaderUse",
    "Refusal",
    "RndTier",
    "award_refusals",
    "claim_refusal",
    "direction_refusal",
    "leader_use",
    "rnd_refusal",
]
