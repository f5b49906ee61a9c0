"""Who acts and what they may see: actors, audience tokens, and the queryset beside each predicate.

Areas compose its predicates through `predicate` (see `predicates`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from kezhuan.kernel import charges as _charges
from kezhuan.kernel import predicates as _predicates
from kezhuan.kernel import roles as _roles
from kezhuan.kernel import timed as _timed
from kezhuan.kernel.charges import Charge, charges_of
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Audience, AudienceToken, Identifier, Membership, Organisation, Person, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.predicates import AnyModel, Predicate, Rows, charged
from kezhuan.kernel.present import among, rows_of
from kezhuan.kernel.scopes import UNLIMITED, Scope
from kezhuan.kernel.text import today

PUBLIC = "public"
MEMBER = "member"
OFFICER = _charges.OFFICER
GROUPS = ("title", "public", "full", "inner")

organisation_token = _roles.organisation_token
"""See there: areas take everything about who sees what from this module."""

GRANT, INSPECTION, grant_token = _timed.GRANT, _timed.INSPECTION, _timed.grant_token
"""See there: areas take everything about who sees what from this module."""


def person_token(person_id: int) -> str:
    """The token of one person."""
    return f"person:{person_id}"


officer_tokens = _charges.officer_tokens
"""See there: areas take everything about who sees what from this module."""


@dataclass(frozen=True)
class Actor:
    """A person who acts for an organisation (or nobody in particular), with the tokens this gives.

    `choices` are the organisations that the person may act for, as far as they were looked up. `scope` narrows what a
    program does in the person's name; it never gives more than the person has. A deputy acts in the place of
    `represented`, by the row `deputy`, in one `programme` or (empty) in all (see `deputies`). An inspector holds the
    tokens in `admitted`, each by an inspection of this id: what they see by them is noted (see `inspecting`).
    """

    person: Person | None = None
    organisation: Organisation | None = None
    roles: frozenset[str] = frozenset()
    charges: frozenset[Charge] = frozenset()
    tokens: frozenset[str] = field(default=frozenset({PUBLIC}))
    choices: tuple[Organisation, ...] = ()
    scope: Scope = UNLIMITED
    represented: Person | None = None
    deputy: int | None = None
    admitted: frozenset[tuple[str, int]] = frozenset()
    programme: str = ""

    @property
    def is_signed_in(self) -> bool:
        """Somebody with an account."""
        return self.person is not None

    @property
    def is_officer(self) -> bool:
        """An officer of a government department, whatever they are in charge of."""
        return Role.OFFICER in self.roles

    @property
    def is_city_officer(self) -> bool:
        """An officer in charge of every programme in the whole city: what belongs to no programme is theirs."""
        return Charge() in self.charges

    def is_in_charge(self, region: str, programme: str) -> bool:
        """An officer in charge of a programme's records in a district; without a district they are the city's own."""
        return any(charge.covers(region, programme) for charge in self.charges)

    def regions_of(self, programme: str) -> frozenset[str]:
        """The districts in which the actor is in charge of a programme; an empty one is the whole city."""
        return frozenset(charge.region for charge in self.charges if charge.programme in {"", programme})

    @cached_property
    def credit_codes(self) -> dict[int, str]:
        """The credit codes (统一社会信用代码) of the organisations that the person may act for, by organisation, as far
        as they are known; asked once."""
        rows = Identifier.objects.filter(record__in=[one.pk for one in self.choices], scheme="uscc", active=True)
        return dict(rows.values_list("record", "value"))

    @property
    def name(self) -> str:
        """The person's name, or nothing for a visitor."""
        return self.person.record.title if self.person else ""

    def acts_in(self, programme: str) -> bool:
        """Whether what the actor may do reaches a programme: a deputy's may be limited to one."""
        return self.programme in {"", programme}


VISITOR = Actor()
SYSTEM = Actor()
"""The program itself: commands and the first start act as nobody. Told from a visitor by identity."""


def memberships_of(person: Person, on: date | None = None) -> QuerySet[Membership]:
    """Memberships in force on a day, with their organisations; nobody acts for one that was dissolved or is void."""
    day = on or today()
    return (
        Membership.objects.filter(person=person, since__lte=day)
        .filter(Q(until=None) | Q(until__gte=day))
        .exclude(organisation__record__phase__in=(Phase.DONE, Phase.VOID))
        .select_related("organisation__record")
        .order_by("pk")
    )


def actor_for(person: Person, organisation_id: int | None = None) -> Actor:
    """The person acting for one of their organisations (the first when none or a foreign one is named).

    Whoever was closed is a visitor like everybody.
    """
    if person.record.phase == Phase.DONE:
        return VISITOR
    memberships = list(memberships_of(person))
    tokens = {PUBLIC, MEMBER, person_token(person.pk)}
    if not memberships:
        held, admitted = _timed.held_by(person.pk)
        return Actor(person=person, tokens=frozenset(tokens | held), admitted=admitted)
    chosen = next((m for m in memberships if m.organisation_id == organisation_id), memberships[0])
    acting = [m for m in memberships if m.organisation_id == chosen.organisation_id]
    tokens.add(organisation_token(chosen.organisation_id))
    charges = charges_of(acting)
    held, admitted = _timed.held_by(person.pk, chosen.organisation_id)
    roles = frozenset(m.role for m in acting)
    tokens |= held | _roles.role_tokens(chosen.organisation_id, roles) | {charge.token for charge in charges}
    return Actor(
        person=person,
        organisation=chosen.organisation,
        choices=tuple({m.organisation_id: m.organisation for m in memberships}.values()),
        roles=roles,
        charges=charges,
        tokens=frozenset(tokens),
        admitted=admitted,
    )


def actor_as(person: Person, organisation_id: int | None) -> Actor | None:
    """The person acting for this organisation and no other, or for nobody in particular; None when they no longer may.

    For what was set going by somebody and goes on without them: a job, a token, a message.
    """
    actor = actor_for(person, organisation_id)
    acting = actor.organisation.pk if actor.organisation is not None else None
    return actor if actor.is_signed_in and organisation_id in {None, acting} else None


# -- audiences ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Audiences:
    """The tokens of the four field groups; each inner group's readers also see the groups outside it."""

    title: frozenset[str]
    public: frozenset[str]
    full: frozenset[str]
    inner: frozenset[str]

    @classmethod
    def nested(
        cls,
        *,
        title: Iterable[str] = (),
        public: Iterable[str] = (),
        full: Iterable[str] = (),
        inner: Iterable[str] = (),
    ) -> Audiences:
        """Audiences in which whoever sees an inner group sees every group outside it."""
        inner_set = frozenset(inner)
        full_set = frozenset(full) | inner_set
        public_set = frozenset(public) | full_set
        return cls(frozenset(title) | public_set, public_set, full_set, inner_set)


def audience_key(tokens: Iterable[str]) -> str:
    """The one spelling of a set of tokens; a set that holds `public` is just that."""
    kept = set(tokens)
    return PUBLIC if PUBLIC in kept else "|".join(sorted(kept))


def audience_ids(keys: Iterable[str]) -> dict[str, int]:
    """The audiences of these keys, made when new (two writers may make the same one at once)."""
    wanted = set(keys)
    found = _audiences_there(sorted(wanted))
    fresh = sorted(wanted - set(found))
    if fresh:
        Audience.objects.bulk_create([Audience(key=key) for key in fresh], ignore_conflicts=True)
        made = _audiences_there(fresh)
        AudienceToken.objects.bulk_create(
            [AudienceToken(audience_id=pk, token=token) for key, pk in made.items() for token in key.split("|")],
            ignore_conflicts=True,
        )
        found.update(made)
    return found


_AUDIENCES = "SELECT key, id FROM kernel_audience WHERE key IN (…)"


def _audiences_there(keys: Sequence[str]) -> dict[str, int]:
    return dict(rows_of(among(_AUDIENCES, keys), *keys)) if keys else {}


def set_audiences(record: Record, audiences: Audiences) -> None:
    """Write the four audiences onto the record (not saved)."""
    keys = {group: audience_key(getattr(audiences, group)) for group in GROUPS}
    ids = audience_ids(keys.values())
    for group, key in keys.items():
        setattr(record, f"{group}_to_id", ids[key])


def allowed_audiences(actor: Actor) -> QuerySet[AudienceToken, int]:
    """Ids of the audiences that hold one of the actor's tokens, as a subquery."""
    return AudienceToken.objects.filter(token__in=sorted(actor.tokens)).values_list("audience_id", flat=True)


def seen_by(actor: Actor, column: str) -> Combinable:
    """A condition for `filter`: the audience named by `column` holds one of the actor's tokens.

    It is asked of each row that the other conditions leave. Left bare, PostgreSQL makes a join of it and begins with
    all records of an audience, expecting few: it does not know that most records are everybody's.
    """
    among = ExpressionWrapper(Q(**{f"{column}__in": allowed_audiences(actor)}), output_field=BooleanField())
    return Coalesce(among, Value(False))


def visible_to(actor: Actor, rows: QuerySet[AnyModel], group: str = "title") -> QuerySet[AnyModel]:
    """The rows (of Record, or of a table joined to it) whose field group the actor may see."""
    if group not in GROUPS:
        raise ValueError(f"no field group {group!r}")
    prefix = "" if rows.model is Record else "record__"
    return rows.filter(seen_by(actor, f"{prefix}{group}_to"))


def can_view(actor: Actor, record: Record, group: str = "title") -> bool:
    """Whether the actor may see the record's field group; agrees with `visible_to`."""
    return is_of(actor, getattr(record, f"{group}_to").key)


def is_of(actor: Actor, key: str) -> bool:
    """Whether the actor is of the audience with this key."""
    return not actor.tokens.isdisjoint(key.split("|"))


def visible_among(actor: Actor, rows: Iterable[AnyModel], group: str = "title") -> list[AnyModel]:
    """Of rows that were fetched with their record and its audience those whose field group the actor may see.

    For the few rows of a page: it agrees with `visible_to` and asks the database nothing.
    """
    return [row for row in rows if can_view(actor, _record_of(row), group)]


def groups_seen(actor: Actor, record: Record) -> frozenset[str]:
    """The field groups of the record that the actor may see."""
    return frozenset(group for group in GROUPS if can_view(actor, record, group))


def get_visible(actor: Actor, model: type[AnyModel], code: str, *, related: tuple[str, ...] = ()) -> AnyModel:
    """Fetch and authorise in one: the row of this code whose title the actor may see; raises `Missing` otherwise."""
    prefix = "" if model is Record else "record__"
    joined = tuple(f"{prefix}{group}_to" for group in GROUPS) + (() if model is Record else ("record",))
    rows = model._default_manager.filter(**{f"{prefix}code": code}).select_related(
        *joined, f"{prefix}owner__record", f"{prefix}contact__record", *related
    )
    found = rows.first()
    record: Any = found if model is Record else getattr(found, "record", None)
    if found is None or not can_view(actor, record):
        raise Missing(code)
    return found


# -- predicates --------------------------------------------------------------------------------------------------------


predicate, about_actor = _predicates.predicate, _predicates.about_actor
"""See there: a yes-or-no about an actor and a row, with the condition of a query beside it."""


def _record_of(row: Any) -> Record:
    return row if isinstance(row, Record) else row.record


WRITERS = frozenset({Role.ADMINISTRATOR, Role.MEMBER, Role.OFFICER})
"""Roles in which an organisation's records are written."""

ACTING = WRITERS | _roles.ASSISTANTS
"""Roles in which somebody writes, decides, signs, keeps or files in an organisation's name, each what it allows."""


def reading(group: str) -> Predicate:
    """A predicate: may see this field group of the row's record; agrees with `visible_to`."""
    reads = predicate(lambda actor, row: can_view(actor, _record_of(row), group))
    reads.beside(lambda actor, rows: rows.where(seen_by(actor, f"{rows.records.path}{group}_to")))
    return reads


def _own(actor: Actor, row: Any, roles: frozenset[str]) -> bool:
    record = _record_of(row)
    own = actor.organisation is not None and record.owner_id == actor.organisation.pk
    return own and bool(actor.roles & roles) and actor.acts_in(record.kind)


def _owned(actor: Actor, rows: Rows, roles: frozenset[str]) -> Q:
    if actor.organisation is None or not actor.roles & roles:
        return rows.none
    found = rows.records.where(owner=actor.organisation.pk)
    return found & rows.records.where(kind=actor.programme) if actor.programme else found


@predicate
def is_nobodys(_actor: Actor, row: Any) -> bool:
    """No organisation owns the record."""
    return _record_of(row).owner_id is None


is_nobodys.beside(lambda _actor, rows: rows.records.where(owner=None))


@predicate
def assists_owner(actor: Actor, row: Any) -> bool:
    """Acts for the organisation that owns the record in its finance or legal office."""
    return _own(actor, row, _roles.ASSISTANTS)


assists_owner.beside(lambda actor, rows: _owned(actor, rows, _roles.ASSISTANTS))


@about_actor
def is_system(actor: Actor, _row: Any) -> bool:
    """Is the program itself, which nobody can sign in as."""
    return actor is SYSTEM


@predicate
def represents_owner(actor: Actor, row: Any) -> bool:
    """Acts, with more than reading rights, for the organisation that owns the record."""
    return _own(actor, row, WRITERS)


represents_owner.beside(lambda actor, rows: _owned(actor, rows, WRITERS))


@predicate
def is_own_matter(actor: Actor, row: Any) -> bool:
    """It is the person's own: it belongs to another organisation that they act for beside the one they act for now, or
    they are its contact and decide on it as somebody's deputy. Nobody decides on their own application."""
    record, here = _record_of(row), actor.organisation.pk if actor.organisation is not None else None
    if record.owner_id is not None and record.owner_id != here and record.owner_id in {one.pk for one in actor.choices}:
        return True
    return actor.represented is not None and actor.person is not None and record.contact_id == actor.person.pk


@is_own_matter.beside
def _own_matters(actor: Actor, rows: Rows) -> Q:
    here = {actor.organisation.pk} if actor.organisation is not None else set()
    found = rows.records.where(owner__in={one.pk for one in actor.choices} - here)
    if actor.represented is None or actor.person is None:
        return found
    return found | rows.records.where(contact=actor.person.pk)


region_of, programme_of = _predicates.region_of, _predicates.programme_of
"""See there: whose officers are in charge of a row."""


@predicate
def is_officer(actor: Actor, row: Any) -> bool:
    """Is an officer in charge of the row's programme and district (without a district it is the city's officers'), and
    the row is not their own matter."""
    if not actor.charges or is_own_matter.test(actor, row):
        return False
    return actor.is_in_charge(region_of(row), programme_of(row))


is_officer.beside(lambda actor, rows: charged(actor.charges, rows) & ~is_own_matter.where(actor, rows))
