"""What goes into the matching engine and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from .reasons import Reason

Id = str | int


@dataclass(frozen=True, slots=True)
class Facts:
    """Structured columns of a need or of a supply record; None or empty means unknown and is neutral.

    field: technical field, as code or label; equal after folding, or one label beginning with the other.
    trl: a need states the level required at least, a supply record the level reached.
    trl_scale: levels of different scales are never compared.
    money_fen: a need's budget, a supply record's price; integer 分.
    region: code or name of a district or city; a city holds its districts.
    modes: wanted or offered modes of cooperation; one in common is enough.
    deadline: a need is needed by then, a supply record can be delivered by then; calendar day.
    rights: of a need those of its modes that ask for rights (a transfer, a licence); of a supply record how its rights
    stand, by the states of `rights.STATES`.
    """

    field: str | None = None
    trl: int | None = None
    trl_scale: str = "trl9"
    money_fen: int | None = None
    region: str | None = None
    modes: frozenset[str] = frozenset()
    deadline: date | None = None
    rights: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Item:
    """A need or a supply record. Ids are compared as given: 7 and "7" are two records."""

    id: Id
    title: str = ""
    text: str = ""
    keywords: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class Part:
    """One summand of a score: title, words, meaning, field, trl, price, region, mode, deadline or rights, and why."""

    name: str
    value: float
    because: Reason


def text_of(item: Item) -> str:
    """All words of a need or record as one text, for whatever reads texts and not fields."""
    return "\n".join(filter(None, (item.title, "；".join(item.keywords), item.text)))


@dataclass(frozen=True, slots=True)
class Match:
    """A supply record for a need; the values of the parts sum to the score within 1e-9. Ranks start at 1."""

    supply: Id
    rank: int
    score: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer of the search box.

    slots: integer array, best first. scores: float array beside it.
    complete: True when every word of the query was required and something was found, or the query was empty;
    False when records holding only some of the words had to do.
    """

    slots: NDArray[np.int64]
    scores: NDArray[np.float64]
    complete: bool


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A record just below the line, and the fewest changes that would together lift it over the last one above.

    rank, score: where it stands now. line: the score to be passed. alike: what its words alone would reach.
    changes: the changes in words; empty when even all that could be changed is not enough, and then `gap` says where
    the rest lies. held: all that both sides state and that lowers its score.
    facts: the record's facts after the changes, None when they change none; words: words of the need to be added to
    its text. new_score, new_rank: what it would reach by these changes.
    """

    supply: Id
    rank: int
    score: float
    line: float
    alike: float
    changes: tuple[Reason, ...] = ()
    held: tuple[Reason, ...] = ()
    gap: Reason | None = None
    facts: Facts | None = None
    words: tuple[str, ...] = ()
    new_score: float = 0.0
    new_rank: int = 0
