"""What programmes say of themselves so that panels can judge for them, and who says what ties people and units.

Reviews lie below the programmes: a programme registers which items of one of its records can be judged, and what
experts read of them; an area that knows of ties registers where they are found.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from kezhuan.engines.conflicts import Relation
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import clean


@dataclass(frozen=True)
class Named:
    """People whom a matter names and nobody identified, such as who leads a project: their names, and the ids of the
    organisations for which they act; and the names of `strangers`, organisations that nobody knows here."""

    names: frozenset[str]
    units: frozenset[int]
    strangers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Matter:
    """What experts read of one item: title, field and sections of words.

    `names` are all words by which an applicant would be known: names of the unit and its people in every language.
    `parties` are the records, by id, of those whose matter it is, each with its role in words. People whom it names in
    words alone stand under the id of its own record, with who they are in `named`: they are looked for by name.
    """

    title: str
    field: str
    sections: tuple[tuple[str, str], ...]
    names: tuple[str, ...]
    parties: Mapping[int, str]
    named: Named | None = None


@dataclass(frozen=True)
class Part:
    """A part of what can be judged of a record, such as one item of a call's list: its key, words, and items by id."""

    key: str
    label: str
    items: tuple[int, ...]


@dataclass(frozen=True)
class Foreseen:
    """How a record says that panels judge for it, what it leaves open being empty; criteria are rows as of a panel."""

    scheme: str = ""
    choice: str = ""
    per_item: int | None = None
    criteria: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Judging:
    """How records of a kind are judged: the items of one that can be judged now, and what is told of items by id.

    Where a record spends `public_money` experts are drawn by lot unless the officers say otherwise, else assigned by
    fit. `sided` gives the keys of the items whose sides these organisations (ids) are beside the owners, by each way in
    which they are one: none of them runs a panel about those. `parts` are those for which panels of their own can be
    made. `foreseen` is what a record says of its panels, which begin with it. Experts of an open panel read the `files`
    in these field groups of an item.
    """

    items: Callable[[Record], QuerySet[Record]]
    told: Callable[[Sequence[int]], Mapping[int, Matter]]
    public_money: Callable[[Record], bool] = lambda _about: False
    sided: Callable[[Sequence[int]], Sequence[QuerySet[Any, Any]]] = lambda _units: ()
    parts: Callable[[Record], Sequence[Part]] = lambda _about: ()
    foreseen: Callable[[Record], Foreseen] = lambda _about: Foreseen()
    files: tuple[str, ...] = ("public", "full")


_LISTED = re.compile(r"[,，;；、/\n]+")
_programmes: dict[str, Judging] = {}
_sources: list[Callable[[frozenset[int], frozenset[int]], Iterable[Relation]]] = []
_bylines: list[Callable[[frozenset[str]], Iterable["Byline"]]] = []


def register(slug: str, judging: Judging) -> None:
    """Let panels judge for a kind; called once from an area's `kinds.py`."""
    _programmes[slug] = judging


def judged_kinds() -> tuple[str, ...]:
    """The kinds for which panels judge."""
    return tuple(_programmes)


def judging_of(slug: str) -> Judging:
    """How records of a kind are judged; raises `KeyError` for one that nobody judges."""
    return _programmes[slug]


def sided_with(units: Sequence[int]) -> list[QuerySet[Any, Any]]:
    """The keys of the items whose sides these organisations are beside the owners, of each kind by each way."""
    return [rows for one in _programmes.values() for rows in one.sided(units)]


def told_of(slug: str, ids: Sequence[int]) -> Mapping[int, Matter]:
    """What is told of items of a programme, by their ids."""
    return judging_of(slug).told(ids) if ids else {}


def tell_ties(source: Callable[[frozenset[int], frozenset[int]], Iterable[Relation]]) -> None:
    """Name a source of ties: given ids of people and of organisations it tells of all ties that lead on from them.

    Ids in relations are those of records, as text.
    """
    _sources.append(source)


def people_in(words: str) -> frozenset[str]:
    """The names of people in words that list them."""
    return frozenset(filter(None, map(clean, _LISTED.split(words))))


@dataclass(frozen=True)
class Byline:
    """A name that stands among who did something together, of nobody identified: with the id of what was done, the
    organisations (ids) whose that is, and its day."""

    name: str
    done: int
    units: frozenset[int]
    on: date | None


def tell_bylines(source: Callable[[frozenset[str]], Iterable[Byline]]) -> None:
    """Name a source of names: given some it tells where they stand among who completed something together."""
    _bylines.append(source)


def bylines_of(names: frozenset[str]) -> list[Byline]:
    """Everywhere that these names stand."""
    return [one for source in _bylines for one in source(names)]


def ties_of(people: frozenset[int], units: frozenset[int]) -> list[Relation]:
    """All ties that the data holds of these people and organisations."""
    return [one for source in _sources for one in source(people, units)]
