"""The weights of the parts of a score, and the factors by which a city's own decisions change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from .config import Config

Factors = Mapping[str, float]
"""By name of a weight what it is multiplied with; a weight that is not named keeps its value."""
SHIPPED: Factors = MappingProxyType({})
"""The frozen weights as they are."""

_CONSTANTS = {
    "meaning": ("meaning_share", "thin_share", "latent_share", "latent_words"),
    "field_match": ("field_match",),
    "field_miss": ("field_miss",),
    "trl_match": ("trl_match",),
    "trl_miss": ("trl_miss", "trl_miss_most"),
    "price_match": ("price_match",),
    "price_miss": ("price_miss", "price_miss_more"),
    "region_match": ("region_match",),
    "region_miss": ("region_miss",),
    "mode_match": ("mode_match",),
    "mode_miss": ("mode_miss",),
    "deadline_match": ("deadline_match",),
    "deadline_miss": ("deadline_miss",),
    "rights_match": ("rights_match",),
    "rights_miss": ("rights_miss", "rights_miss_most"),
}
NAMES = tuple(_CONSTANTS)
"""What can be weighed: the meaning, and each fact where it agrees and where it misses. Words are the measure."""


def weighed(config: Config, factors: Factors) -> Config:
    """A configuration with factors applied. Raises KeyError for an unknown name, ValueError for a factor below 0."""
    if any(not 0 <= factor < float("inf") for factor in factors.values()):
        raise ValueError("a factor is a number from 0 on")
    changed = {one: getattr(config, one) * factor for name, factor in factors.items() for one in _CONSTANTS[name]}
    return replace(config, **changed)


def most_missed(config: Config) -> dict[str, float]:
    """By how much each fact that misses lowers the score at most, as a share of the words."""
    return {
        "field_miss": config.field_miss,
        "trl_miss": config.trl_miss_most,
        "price_miss": config.price_miss + config.price_miss_more,
        "region_miss": config.region_miss,
        "mode_miss": config.mode_miss,
        "deadline_miss": config.deadline_miss,
        "rights_miss": config.rights_miss_most,
    }
