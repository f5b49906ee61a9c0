"""What answers needs: the records of every kind that has a profile, each kind among its like."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
from django.db.models import Q
from numpy.typing import NDArray

from kezhuan.engines.matching import Facts
from kezhuan.kernel import registry
from kezhuan.kernel.access import PUBLIC
from kezhuan.kernel.models import Audience, Record
from kezhuan.kernel.profiles import Profile
from kezhuan.kernel.search import Supply

RESULTS = "achievement"
"""The kind that needs are matched with first of all, and unless another is asked for."""


@dataclass(frozen=True)
class Room:
    """Places for suggestions that every need has: so many of a kind, among what everybody may read, or `inside` among
    what only some may."""

    kind: str
    profile: Profile
    inside: bool

    @property
    def size(self) -> int:
        """How many are suggested."""
        return self.profile.kept_inside if self.inside else self.profile.kept

    @property
    def looked_at(self) -> int:
        """How many matches are looked at, so that what is decided or passed over leaves no empty places."""
        return 2 * self.size

    def supply(self, public: NDArray[np.bool_]) -> Supply:
        """What is chosen from; `public` as `public_mask` has it."""
        return Supply(self.kind, self.profile.stages, ~public if self.inside else public)

    def mark(self) -> list[Any]:
        """All of it that moves a result, as it can be written down."""
        return [self.kind, list(self.profile.stages), self.inside, self.size]


def profiles() -> dict[str, Profile]:
    """The profiles by kind, in the order of registration; results first."""
    found = {kind.slug: kind.profile for kind in registry.kinds() if kind.profile is not None}
    return {RESULTS: found[RESULTS]} | found


def rooms() -> tuple[Room, ...]:
    """The places that every need has, kind by kind; those of no size are left out."""
    every = (Room(kind, profile, inside) for kind, profile in profiles().items() for inside in (False, True))
    return tuple(room for room in every if room.size)


def most_read(kind: str) -> Room:
    """The places of a kind for what most may read of it: everybody, or of a kind that is read inside alone, some."""
    return next(room for room in rooms() if room.kind == kind)


def offered(path: str = "", kinds: Iterable[str] | None = None) -> Q:
    """What holds of records on offer: of these kinds, or of all that answer needs; `path` leads to the record."""
    wanted = profiles() if kinds is None else {kind: profiles()[kind] for kind in kinds}
    asked = (Q(**{f"{path}kind": kind, f"{path}stage__in": one.stages}) for kind, one in wanted.items())
    return reduce(or_, asked)


def is_offered(record: Record) -> bool:
    """Whether a record answers needs and is on offer."""
    profile = registry.kind_of(record).profile
    return profile is not None and record.stage in profile.stages


def own_rows(path: str) -> list[str]:
    """The names by which the own rows of supply are read together with its records; `path` leads to the record."""
    return [f"{path}{registry.column_of(registry.kind_of(kind))}" for kind in profiles()]


def related_rows(path: str) -> list[str]:
    """The names by which the rows that `facts_of` reads beside own rows are read for many records at once."""
    kinds = ((registry.column_of(registry.kind_of(kind)), one.related) for kind, one in profiles().items())
    return [f"{path}{column}__{name}" for column, names in kinds for name in names]


def facts_of(supply: Record) -> Facts:
    """The columns of a record on the side of supply that are compared with a need's."""
    profile = registry.kind_of(supply).profile
    return Facts() if profile is None else profile.facts(registry.own_row(supply))


def text_of(supply: Record) -> str:
    """The words of a record on the side of supply beside its title, as whoever may read its public part does."""
    profile = registry.kind_of(supply).profile
    return "" if profile is None else profile.text(registry.own_row(supply))


def introduced_kinds() -> list[registry.Kind]:
    """The kinds whose accepted suggestions become introductions."""
    return [kind for kind in registry.kinds() if kind.profile is not None and kind.profile.introduced]


def is_introduced(record: Record) -> bool:
    """Whether an accepted suggestion of it becomes an introduction."""
    profile = registry.kind_of(record).profile
    return profile is not None and profile.introduced


def audiences() -> int:
    """The highest number of an audience."""
    return Audience.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def public_mask() -> NDArray[np.bool_]:
    """The audiences that are everybody, as `Supply` takes them; all others may see what is for some."""
    public = np.zeros(audiences() + 1, np.bool_)
    public[list(Audience.objects.filter(key=PUBLIC).values_list("pk", flat=True))] = True
    return public
