"""What each reason of a refusal, or of an introduction that ended, means: for the pair, for what the ranking learns,
and for both records."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.matches.models import Lack, Reason
from kezhuan.engines.matching import Facts
from kezhuan.engines.matching.facts import reason as compared


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a reason means.

    teaches: the pair itself did not fit, so its parts should have scored lower; other reasons say nothing of them.
    facts: what of both sides it speaks of, as parts are named: once that has changed and misses no longer, the pair may
    be suggested again. Without any the pair is never suggested again.
    between: it is about the two organisations: once one of them says it, none of their pairs is suggested any more.
    room: it is about how many needs the record on offer takes: once that leaves more room than there was then, the pair
    may be suggested again. Of one that does not say, never.
    text: it is about what the text of the other side's record leaves out, not about what its own side asks or offers:
    which `Lack` is said beside it, and once that has been added the pair may be suggested again.
    """

    teaches: bool = False
    facts: tuple[str, ...] = ()
    between: bool = False
    room: bool = False
    text: bool = False


MEANINGS: Mapping[str, Meaning] = {
    Reason.NOT_RELEVANT: Meaning(teaches=True),
    Reason.TRL: Meaning(teaches=True, facts=("trl",)),
    Reason.PRICE: Meaning(teaches=True, facts=("price",)),
    Reason.TIMING: Meaning(teaches=True, facts=("deadline",)),
    Reason.RIGHTS: Meaning(teaches=True, facts=("rights",)),
    Reason.CAPACITY: Meaning(room=True),
    Reason.PARTNER: Meaning(between=True),
    Reason.INFORMATION: Meaning(text=True),
    Reason.OTHER: Meaning(),
}
ROOM = "room"
"""Under this a refusal for want of room keeps how much of it was left, None where the record did not say."""
BETWEEN = tuple(reason for reason, meaning in MEANINGS.items() if meaning.between)
"""The reasons that are about the two organisations."""
ENDED = ("introduction.decline", "introduction.drop")
"""The entries with which an introduction ends for a reason."""
_OF_TEXT = f"{Reason.INFORMATION}_"
ENDINGS = tuple(
    choice
    for reason in Reason
    for choice in (
        [(f"{_OF_TEXT}{lack}", format_lazy(_("information is missing: {lack}"), lack=lack.label)) for lack in Lack]
        if MEANINGS[reason].text
        else [(reason.value, reason.label)]
    )
)
"""The reasons for which an introduction ends, as a step takes them: one code, which names what was missing, too."""
TOLD_BY: Mapping[str, tuple[str, ...]] = {Lack.TRL: ("min_trl", "trl"), Lack.PRICE: ("budget_fen", "price_fen")}
"""What a record tells in a column of its own, by the columns of a need and a result: nobody misses it there any more.
"""
_COLUMNS = {"trl": ("trl", "trl_scale"), "price": ("money_fen",), "deadline": ("deadline",), "rights": ("rights",)}


def reason_of(code: str) -> tuple[Reason, tuple[Lack, ...]]:
    """The reason that a code of `ENDINGS` or of `Reason` is, and what it says is missing."""
    lack = code.removeprefix(_OF_TEXT)
    return (Reason(code), ()) if lack == code else (Reason.INFORMATION, (Lack(lack),))


def endings_of(lacks: Collection[Lack]) -> frozenset[str]:
    """The codes of `ENDINGS` that name nothing missing but what is in `lacks`."""
    return frozenset(code for code, _label in ENDINGS if set(reason_of(code)[1]) <= set(lacks))


def may_be_missed(row: Any) -> tuple[Lack, ...]:
    """What a need or a result can leave out: all of the list but what it tells in a column."""
    told = {lack for lack, columns in TOLD_BY.items() if any(getattr(row, one, None) is not None for one in columns)}
    return tuple(lack for lack in Lack if lack not in told)


def stood(reason: str, need: Facts, supply: Facts) -> dict[str, list[Any]]:
    """What of both sides a reason speaks of, as it is kept with a refusal: the need's values, then the supply's."""
    return {name: [_plain(need, name), _plain(supply, name)] for name in MEANINGS[reason].facts}


def has_more_room(before: Mapping[str, Any], left: int | None) -> bool:
    """Whether a record has more room `left` than it had `before`, as a refusal for want of it keeps that."""
    return left is not None and left > (before[ROOM] or 0)


def _plain(facts: Facts, name: str) -> list[Any]:
    return [_as_kept(getattr(facts, column)) for column in _COLUMNS[name]]


def _as_kept(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    return value if isinstance(value, int | str | None) else value.isoformat()


def is_lifted(reason: str, before: Mapping[str, Any], need: Facts, supply: Facts) -> bool:
    """Whether what a reason spoke of has changed since and misses no longer. `before` is what `stood` gave."""
    names = [name for name in MEANINGS[reason].facts if name in before]
    if not names or {name: before[name] for name in names} == stood(reason, need, supply):
        return False
    said = [compared(name, need, supply) for name in names]
    return not any(one is not None and one.code.endswith("-miss") for one in said)
