"""Who undertakes a project, who takes part in it, and who decides about it: nobody about their own."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet

from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.calls.permissions import is_funded, is_kept_back
from kezhuan.areas.projects.models import Change, Member, MemberState, Milestone, Project, RaceTeam, RaceTest
from kezhuan.kernel.access import WRITERS, Actor, is_officer, predicate, reading, represents_owner
from kezhuan.kernel.predicates import Rows

PROGRAMME = "project"
LIVING = (MemberState.INVITED, MemberState.ACCEPTED)
"""States of members that are of the consortium, or asked into it."""
PAYING = frozenset({"signed", "running", "rectifying", "accepting", "accepted", "evaluated"})
"""Stages in which what is due is paid."""
UNDER_WAY = frozenset({"running", "rectifying"})
"""Stages in which milestones are reported and judged."""
JUDGED = frozenset({"running", "rectifying", "accepting"})
"""Stages in which evidence of the result is given."""
SIGNED = frozenset({"signed", "running", "rectifying"})
"""Stages in which the leader may ask for a change of the task book."""
CHANGING = SIGNED | {"suspended"}
"""Stages in which an officer decides on it."""
STANDING = CHANGING | {"accepting"}
"""Stages in which a task book that has changed is signed anew."""
CUT_SHORT = frozenset({"failed", "terminated", "settled"})
"""Stages of a project that ended without what it was for."""


@predicate
def is_awarded(_actor: Actor, row: Any) -> bool:
    """The application was chosen, in a call that begins projects."""
    return bool(row.record.stage == "awarded" and row.item.call.begins_projects)


is_awarded.beside(
    lambda _actor, rows: rows.records.where(stage="awarded") & rows.where(item__call__begins_projects=True)
)

opens = is_awarded & is_funded & ((represents_owner & ~is_kept_back) | is_officer)
"""Opens the project of an application that was chosen: its unit, and the officers in charge of the call, once a budget
document names it where its call asks for one; where it stands in a library alone, the officers."""


def _units(actor: Actor) -> list[int]:
    """The organisations that the actor acts for, now or elsewhere."""
    return [one.pk for one in actor.choices]


def _members_at(units: Sequence[int], *states: str) -> Any:
    rows = Member.objects.filter(organisation__in=units, state__in=states or LIVING)
    return rows.values("project")


def _members_or_theirs(units: Sequence[int]) -> Any:
    """The projects in which these units take part, or are the entity here of a member from elsewhere."""
    theirs = Q(organisation__in=units) | Q(entity__in=units)
    return Member.objects.filter(theirs, state__in=LIVING).values("project")


def _joining_at(units: Sequence[int]) -> Any:
    """The projects in which one of these units is to become a member."""
    return Change.objects.filter(joining__in=units, approved=None).values("project")


def sided(units: Sequence[int]) -> list[QuerySet[Any, Any]]:
    """The keys of the projects in which these units are the poster, the first user, a member or who is to become
    one."""
    posed, used = (Project.objects.filter(**{f"{name}__in": units}).values("pk") for name in ("poster", "user"))
    return [posed, used, _members_or_theirs(units), _joining_at(units)]


@predicate
def is_concerned(actor: Actor, row: Any) -> bool:
    """Acts, now or elsewhere, for the leader, a member or who is to become one, the poster or the first user: none of
    them decides about it."""
    mine = _units(actor)
    if mine and {row.leader_id, row.poster_id, row.user_id} & set(mine):
        return True
    taking_part = (_members_or_theirs(mine), _joining_at(mine))
    return bool(mine and any(rows.filter(project=row.pk).exists() for rows in taking_part))


@is_concerned.beside
def _concerned(actor: Actor, rows: Rows) -> Q:
    mine = _units(actor)
    sides = rows.where(leader__in=mine) | rows.where(poster__in=mine) | rows.where(user__in=mine)
    return sides | rows.where(pk__in=_members_or_theirs(mine)) | rows.where(pk__in=_joining_at(mine))


decides = is_officer & ~is_concerned
"""An officer in charge, of no unit whose project or challenge it is: signs, approves and ends it."""


def _writes_here(actor: Actor) -> list[int]:
    """The organisation that the actor acts for now, where they write for it."""
    unit = actor.organisation
    writes = unit is not None and bool(actor.roles & WRITERS) and actor.acts_in(PROGRAMME)
    return [unit.pk] if writes and unit is not None else []


@predicate
def is_invited(actor: Actor, row: Any) -> bool:
    """Acts for a unit that is asked into the consortium and has not answered, while the task book is written."""
    asked = _members_at(_writes_here(actor), MemberState.INVITED)
    return row.record.stage == "drafted" and bool(asked.filter(project=row.pk).exists())


@is_invited.beside
def _invited(actor: Actor, rows: Rows) -> Q:
    asked = _members_at(_writes_here(actor), MemberState.INVITED)
    return rows.records.where(stage="drafted") & rows.where(pk__in=asked)


@predicate
def is_asked_to_agree(actor: Actor, row: Any) -> bool:
    """Acts for a unit that is to take the place of a member, for the poster where an indicator is to be changed, or for
    a member to whose cost money is to move, and has not answered yet."""
    return bool(_asked_to_agree(actor).filter(project=row.pk).exists())


def _asked_to_agree(actor: Actor) -> Any:
    here = _writes_here(actor)
    joins = Q(joining__in=here, agreed_on=None)
    poses = Q(project__poster__in=here, poster_agreed_on=None, poster_asked=True)
    gives = Q(pk__in=Change.waits_for.through.objects.filter(member__organisation__in=here).values("change"))
    return Change.objects.filter(joins | poses | gives, approved=None).exclude(refused_by__in=here).values("project")


is_asked_to_agree.beside(lambda actor, rows: rows.where(pk__in=_asked_to_agree(actor)))


@predicate
def is_changing(_actor: Actor, row: Any) -> bool:
    """A change of the task book is asked for."""
    return bool(_changing().filter(project=row.pk).exists())


def _changing() -> Any:
    return Change.objects.filter(approved=None).values("project")


is_changing.beside(lambda _actor, rows: rows.where(pk__in=_changing()))


@predicate
def is_reported(_actor: Actor, row: Any) -> bool:
    """A milestone is reported and not judged yet, while the project is under way."""
    return row.record.stage in UNDER_WAY and bool(_reported().filter(project=row.pk).exists())


def _reported() -> Any:
    return Milestone.objects.filter(reported_on__isnull=False, passed=None).values("project")


@is_reported.beside
def _being_reported(_actor: Actor, rows: Rows) -> Q:
    return rows.records.where(stage__in=sorted(UNDER_WAY)) & rows.where(pk__in=_reported())


@predicate
def signs_book(actor: Actor, row: Any) -> bool:
    """Acts for a member or the poster of a project whose task book was filed, which the leader has signed with that,
    or stands: who has signed an earlier wording signs anew."""
    here, stage = _writes_here(actor), row.record.stage
    if not here or stage not in STANDING | {"filed"} or (stage == "filed" and row.leader_id in here):
        return False
    takes_part = _members_at(here, MemberState.ACCEPTED).filter(project=row.pk)
    return row.poster_id in here or bool(takes_part.exists())


@signs_book.beside
def _signing(actor: Actor, rows: Rows) -> Q:
    here = _writes_here(actor)
    side = rows.where(poster__in=here) | rows.where(pk__in=_members_at(here, MemberState.ACCEPTED))
    filed = rows.records.where(stage="filed") & ~rows.where(leader__in=here)
    return (filed | rows.records.where(stage__in=sorted(STANDING))) & side


@predicate
def has_to_sign(actor: Actor, row: Any) -> bool:
    """Acts for a unit that signs the task book and has not signed it as it stands."""
    return bool(signs_book.test(actor, row)) and bool(_unsigned(actor).filter(pk=row.pk).exists())


def _unsigned(actor: Actor) -> QuerySet[Project, int]:
    """The keys of the projects whose wording the unit has not signed as a member, or as the poster that is none."""
    here = _writes_here(actor)
    standing = Member.objects.filter(organisation__in=here, state=MemberState.ACCEPTED)
    member = Q(pk__in=standing.exclude(signed=F("project__wording")).values("project"))
    poster = Q(poster__in=here) & ~Q(poster_signed=F("wording")) & ~Q(pk__in=standing.values("project"))
    return Project.objects.filter(member | poster).exclude(wording="").values_list("pk", flat=True)


has_to_sign.beside(lambda actor, rows: signs_book.where(actor, rows) & rows.where(pk__in=_unsigned(actor)))


@predicate
def asks_change(actor: Actor, row: Any) -> bool:
    """Acts for the leader of a project whose task book is signed."""
    return row.record.stage in SIGNED and bool(represents_owner.test(actor, row))


asks_change.beside(
    lambda actor, rows: rows.records.where(stage__in=sorted(SIGNED)) & represents_owner.where(actor, rows)
)


@predicate
def reports_milestone(actor: Actor, row: Any) -> bool:
    """Acts for the leader of a project that is under way."""
    return row.record.stage in UNDER_WAY and bool(represents_owner.test(actor, row))


@reports_milestone.beside
def _reporting(actor: Actor, rows: Rows) -> Q:
    return rows.records.where(stage__in=sorted(UNDER_WAY)) & represents_owner.where(actor, rows)


@predicate
def evaluates_self(actor: Actor, row: Any) -> bool:
    """Acts for the leader of a project that was accepted and not evaluated yet."""
    return row.record.stage == "accepted" and bool(represents_owner.test(actor, row))


@evaluates_self.beside
def _evaluating(actor: Actor, rows: Rows) -> Q:
    return rows.records.where(stage="accepted") & represents_owner.where(actor, rows)


@predicate
def pays_own(actor: Actor, row: Any) -> bool:
    """Acts for the poster of a project in which payments are due: it tells of its own, and of no others."""
    return row.record.stage in PAYING and row.poster_id in _writes_here(actor)


@pays_own.beside
def _paying_own(actor: Actor, rows: Rows) -> Q:
    return rows.records.where(stage__in=sorted(PAYING)) & rows.where(poster__in=_writes_here(actor))


@predicate
def is_posed_inside(_actor: Actor, row: Any) -> bool:
    """The poster undertakes it itself, or said of who was chosen is that they are related to it, or the leader of a
    chain undertakes a direction that nobody else posed: another unit uses the result first, and a third party tests it.
    A poster that is a mere member of what another unit undertakes is the first user."""
    poster = row.poster_id
    if poster is None:
        return bool(row.application.item.call.call_kind == CallKind.CHAIN)
    return bool(row.leader_id == poster or row.application.related)


@is_posed_inside.beside
def _posed_inside(_actor: Actor, rows: Rows) -> Q:
    directions = rows.where(poster=None, application__item__call__call_kind=CallKind.CHAIN)
    related = rows.where(poster__isnull=False) & ~rows.where(application__related="")
    return rows.where(leader=F(f"{rows.path}poster")) | related | directions


@predicate
def uses_first(actor: Actor, row: Any) -> bool:
    """Acts for the first user of a project whose result is judged: its poster, or where that undertakes it, or nobody
    else than a chain's leader posed it, the unit that was named in its place."""
    user = row.user_id if is_posed_inside.test(actor, row) else row.poster_id
    return row.record.stage in JUDGED and user is not None and user in _writes_here(actor)


@uses_first.beside
def _using(actor: Actor, rows: Rows) -> Q:
    here, inside = _writes_here(actor), is_posed_inside.where(actor, rows)
    user = rows.where(user__in=here) & inside | rows.where(poster__in=here) & ~inside
    return rows.records.where(stage__in=sorted(JUDGED)) & user


reads_decisions = reading("inner")
"""Reads who decided what, and who was barred from it."""


@predicate
def decides_race(actor: Actor, row: Any) -> bool:
    """Is an officer in charge of a race, and of no side of any project in it."""
    if not is_officer.test(actor, row):
        return False
    return not _races_of_own(actor).filter(race=row.pk).exists()


def _races_of_own(actor: Actor) -> Any:
    own = Project.objects.filter(is_concerned.where(actor, Rows(Project)))
    return RaceTeam.objects.filter(project__in=own).values("race")


@decides_race.beside
def _deciding_race(actor: Actor, rows: Rows) -> Q:
    return is_officer.where(actor, rows) & ~rows.where(pk__in=_races_of_own(actor))


@predicate
def tests_gate(actor: Actor, row: Any) -> bool:
    """Writes for the third party that was asked for what it finds at the next gate of a race that runs."""
    return row.record.stage == "running" and bool(_tests_of(actor).filter(race=row.pk).exists())


def _tests_of(actor: Actor) -> Any:
    return RaceTest.objects.filter(tester__in=_writes_here(actor), held_on=None).values("race")


tests_gate.beside(lambda actor, rows: rows.records.where(stage="running") & rows.where(pk__in=_tests_of(actor)))


def opens_races(actor: Actor, region: str) -> bool:
    """Whether the actor is in charge of projects in a district, for the office they act for."""
    return actor.is_officer and actor.organisation is not None and actor.is_in_charge(region, PROGRAMME)
