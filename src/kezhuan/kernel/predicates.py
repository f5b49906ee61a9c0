"""A permission: yes or no about an actor and a row, and beside it which rows of a query it says yes to.

The only place that imports `rules`. `tests/access/test_agreement.py` asks every predicate about a whole town both ways.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, Q, QuerySet
from rules import predicates as _rules

from kezhuan.kernel.charges import Charge
from kezhuan.kernel.models import Record

if TYPE_CHECKING:
    from kezhuan.kernel.access import Actor

AnyModel = TypeVar("AnyModel", bound=Model)


@dataclass(frozen=True)
class Rows:
    """Rows of a model, and the way to them from whatever is asked for: its lookups end at their columns."""

    model: type[Model]
    path: str = ""

    def where(self, *expressions: Any, **named: Any) -> Q:
        """What must hold of them, by the names of their columns."""
        return Q(*expressions, **{f"{self.path}{name}": value for name, value in named.items()})

    @property
    def all(self) -> Q:
        """Every one of them."""
        return self.where(pk__isnull=False)

    @property
    def none(self) -> Q:
        """None of them."""
        return self.where(pk__in=())

    def every(self, holds: bool) -> Q:
        """All of them or none."""
        return self.all if holds else self.none

    def at(self, name: str, model: type[Model]) -> Rows:
        """The rows of another model that these point to."""
        return Rows(model, f"{self.path}{name}__")

    @property
    def records(self) -> Rows:
        """Their records."""
        return self if self.model is Record else self.at("record", Record)

    def has(self, column: str) -> bool:
        """Whether the model has a column of this name."""
        try:
            self.model._meta.get_field(column)
        except FieldDoesNotExist:
            return False
        return True


Condition = Callable[["Actor", Rows], Q]


class Predicate(_rules.Predicate):
    """A composable yes-or-no about an actor and a row (`&`, `|`, `~`); so is the condition beside it."""

    condition: Condition | None = None
    about_actor = False
    """Whether it asks nothing of the row."""

    def __call__(self, actor: Actor, row: Any) -> bool:
        """The answer for one row."""
        return bool(self.fn(actor, row))

    def beside(self, condition: Condition) -> Condition:
        """Say of which rows the predicate holds; both must agree."""
        self.condition = condition
        return condition

    def where(self, actor: Actor, rows: Rows) -> Q:
        """What holds of exactly the rows of which the predicate holds."""
        if self.condition is None:
            raise TypeError(f"no queryset beside {self.name}")
        return self.condition(actor, rows)

    def among(self, actor: Actor, rows: QuerySet[AnyModel]) -> QuerySet[AnyModel]:
        """The rows of which the predicate holds."""
        return rows.filter(self.where(actor, Rows(rows.model)))

    def __and__(self, other: Predicate) -> Predicate:
        """Both hold."""
        return _made(super().__and__(other), lambda actor, rows: self.where(actor, rows) & other.where(actor, rows))

    def __or__(self, other: Predicate) -> Predicate:
        """One of them holds."""
        return _made(super().__or__(other), lambda actor, rows: self.where(actor, rows) | other.where(actor, rows))

    def __invert__(self) -> Predicate:
        """It does not hold."""
        return _made(super().__invert__(), lambda actor, rows: ~self.where(actor, rows))


def _made(combined: Any, condition: Condition) -> Predicate:
    made: Predicate = combined  # rules makes one of the same class
    made.condition = condition
    return made


def predicate(function: Callable[[Actor, Any], bool]) -> Predicate:
    """A predicate on rows; say `beside` it of which."""
    made = Predicate(function)
    made.__doc__, made.__module__ = function.__doc__, function.__module__
    return made


def about_actor(function: Callable[[Actor, Any], bool]) -> Predicate:
    """A predicate that asks nothing of the row: it holds of all rows or of none."""
    made = predicate(function)
    made.about_actor = True
    made.condition = lambda actor, rows: rows.every(made(actor, None))
    return made


def region_of(row: Any) -> str:
    """The district whose officers are in charge of a row: its own, else its owner's; none: the city's officers alone.

    Audiences and predicates both ask here. A bare record does not know its own district: raises `TypeError`.
    """
    if isinstance(row, Record):
        raise TypeError("ask for the district of the record's own row")
    owner = row.record.owner
    return getattr(row, "region", "") or (owner.region if owner is not None else "")


def programme_of(row: Any) -> str:
    """The programme whose officers are in charge of a row: the one it names, as a notice names that of its subject,
    else its kind."""
    named: str = getattr(row, "programme", "") or row.record.kind
    return named


def charged(charges: Iterable[Charge], rows: Rows) -> Q:
    """The rows of whose programme and district somebody with these charges is in charge; see `region_of` and
    `programme_of`, which say so of one row."""
    found = rows.none
    for charge in charges:
        here = _in_region(rows, charge.region) if charge.region else rows.all
        found |= here & (_in_programme(rows, charge.programme) if charge.programme else rows.all)
    return found


def _in_region(rows: Rows, region: str) -> Q:
    if rows.model is Record:
        raise TypeError("ask for the district of the records' own rows")
    model: Any = rows.model
    owned = rows.records.where(owner__region=region)
    if not hasattr(model, "region"):
        return owned
    own = "region" if rows.has("region") else model.region_at
    return rows.where(**{own: region}) | rows.where(**{own: ""}) & owned


def _in_programme(rows: Rows, programme: str) -> Q:
    of_kind = rows.records.where(kind=programme)
    if rows.has("programme"):
        return rows.where(programme=programme) | rows.where(programme="") & of_kind
    model: Any = rows.model
    named = getattr(model, "programme", None)
    if named is None:
        return of_kind
    # A class names one for all of its rows, or says where that of a row stands.
    return rows.every(named == programme) if isinstance(named, str) else rows.where(**{model.programme_at: programme})
