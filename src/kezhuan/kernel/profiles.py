"""How records answer needs: a kind that has a profile is supply (供给), and by that alone its records are suggested,
explained and refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kezhuan.engines.matching import Facts
from kezhuan.kernel.errors import Text

KEPT = 20
"""Suggestions of a kind kept for each need among what everybody may read, unless its profile says otherwise."""
KEPT_INSIDE = 5
"""Beside them, suggestions from what only some may see; whoever may not see it does not see them either."""


@dataclass(frozen=True)
class Profile:
    """How the records of a kind answer needs.

    What is compared is the public part of their search documents, for whoever may read it. `stages` are those in which
    they are offered, `heading` stands over them on a need's page. `facts` are a row's columns that are compared with a
    need's, as its documents have them, for which the `related` rows are read; `text` are the words of its public part
    beside its title, in which reasons are marked. `kept` and `kept_inside` are how many are suggested for a need.
    `introduced`: a suggestion that somebody accepts becomes an introduction, in which the owner of the record is the
    other side. `capacity` is how many needs a row says that it takes, None where it or its kind does not say;
    `taken` are by record those of its needs that it has already, beside introductions under way.
    """

    stages: tuple[str, ...]
    heading: Text
    facts: Callable[[Any], Facts]
    text: Callable[[Any], str]
    kept: int = KEPT
    kept_inside: int = KEPT_INSIDE
    introduced: bool = True
    related: tuple[str, ...] = ()
    capacity: Callable[[Any], int | None] | None = None
    taken: Callable[[Sequence[int]], Mapping[int, int]] = lambda _records: {}
