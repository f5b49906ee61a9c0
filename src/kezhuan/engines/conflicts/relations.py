"""Ties between people, organisations and what they do together, and which ways along them make a conflict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Tie(StrEnum):
    """What ties two parties; read from the first to the second."""

    EMPLOYED = "employed"
    """A person is employed by an organisation."""
    COMPLETED = "completed"
    """A person completed an achievement, patent or paper."""
    TOOK_PART = "took-part"
    """A person or organisation took part in a project."""
    PARTY = "party"
    """A person or organisation is party to a contract."""
    HOLDS = "holds"
    """A person or organisation holds shares of an organisation."""
    MANAGES = "manages"
    """A person or organisation manages, or put money into, a fund."""
    INVESTED = "invested"
    """A fund invested in an organisation."""
    ADVISES = "advises"
    """A person advises an organisation, or a person (supervisor and student)."""
    FAMILY = "family"
    """Two people declared to be family, in either order."""
    NAMED = "named"
    """A person has the name of somebody whom a submission names and nobody identified."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A tie between two parties, by their identifiers, from its source.

    `until` is the day it ended, or the day of the achievement. None means that no end is known: it still counts, for
    what is not known is never taken for no conflict.
    """

    tie: Tie
    first: str
    second: str
    until: date | None = None
    source: str = ""


Step = tuple[Tie, bool]
"""A tie to walk along, and whether from its first party to its second; family goes both ways."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A way from an expert to a party of a submission that makes a conflict of a kind.

    `months` is how long after a tie's end it still counts: 0 for ties that last, None for ever.
    """

    kind: str
    path: tuple[Step, ...]
    months: int | None


_PATHS: Mapping[str, tuple[str, ...]] = {
    "employer": ("employed>", "employed> employed<"),
    "co-completer": ("completed> completed<",),
    "co-project": ("took-part> took-part<", "employed> took-part> took-part<"),
    "contract": ("party> party<", "employed> party> party<"),
    "shareholder": ("holds>", "employed> holds>", "employed> holds<", "holds> employed<"),
    "fund": ("manages> invested>", "employed> manages> invested>", "employed> invested<"),
    "adviser": ("advises>", "advises<"),
    "family": ("family>", "family> employed>", "family> holds>"),
}

KINDS = tuple(_PATHS)
"""The kinds of conflict, each with the ways that make it: issue 5 names employer, co-completer, co-project within three
years, contract party, shareholder, fund, adviser and declared family."""


def read_path(path: str) -> tuple[Step, ...]:
    """Read a way such as `employed> employed<`: each tie forwards (`>`) or backwards (`<`)."""
    return tuple((Tie(word[:-1]), {">": True, "<": False}[word[-1]]) for word in path.split())


def standard_rules(months: Mapping[str, int | None]) -> tuple[Rule, ...]:
    """The ways of all kinds, with how long after its end a tie of each kind still counts, as the rule values say.

    Raises ValueError when a kind has no number: none is assumed.
    """
    missing = [kind for kind in KINDS if kind not in months]
    if missing or months.keys() - set(KINDS):
        raise ValueError(f"How long ties count must be given for each of {', '.join(KINDS)}, and for nothing else.")
    return tuple(Rule(kind, read_path(path), months[kind]) for kind, paths in _PATHS.items() for path in paths)
