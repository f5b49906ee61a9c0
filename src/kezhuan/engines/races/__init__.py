"""Horse races (赛马制): several teams on one list, and money that moves by rule so that no fen is lost on the way."""

from kezhuan.engines.races.races import (
    Decision,
    Eliminated,
    Event,
    Gate,
    Pay,
    Race,
    RaceRules,
    Refused,
    Reserve,
    TakeBack,
    Terms,
    WindUp,
    equal_shares,
    open_race,
    replay,
    step,
)

__all__ = [
    "Decision",
    "Eliminated",
    "Event",
    "Gate",
    "Pay",
    "Race",
    "RaceRules",
    "Refused",
    "Reserve",
    "TakeBack",
    "Terms",
    "WindUp",
    "equal_shares",
    "open_race",
    "replay",
    "step",
]
