"""Who makes calls, and who applies."""

from datetime import timedelta
from itertools import chain
from typing import Any

from django.db.models import Q, QuerySet

from kezhuan.areas.calls.choices import DECIDABLE, ListDisclosure, StageKind
from kezhuan.areas.calls.models import Application, Call, CallItem, CallStage, LibraryEntry
from kezhuan.kernel.access import (
    MEMBER,
    PUBLIC,
    WRITERS,
    Actor,
    assists_owner,
    is_officer,
    organisation_token,
    predicate,
    reading,
    represents_owner,
)
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.text import now

PROGRAMME = "call"
CHOSEN_OR_NOT = frozenset({"awarded", "rejected"})
"""Stages of applications that were decided on with their call."""


def makes_calls(actor: Actor) -> bool:
    """Whether the actor makes calls for the office they act for: officers in charge of calls in its district."""
    office = actor.organisation
    return office is not None and actor.is_officer and actor.is_in_charge(office.region, PROGRAMME)


def list_readers(call: Call) -> frozenset[str]:
    """Who reads the list of a published call; of one by invitation who is invited, who recommends, and who posed what
    stands on it."""
    if call.disclosure == ListDisclosure.INVITED:
        posters = call.items.filter(poster__isnull=False).values_list("poster", flat=True)
        named = (one.values_list("pk", flat=True) for one in (call.invited, call.recommenders))
        return frozenset(map(organisation_token, {*posters, *chain.from_iterable(named)}))
    return frozenset({PUBLIC if call.disclosure == ListDisclosure.PUBLIC else MEMBER})


def title_readers(call: Call) -> frozenset[str]:
    """Who learns that a published call stands: everybody, but of one by invitation those who read its list alone."""
    return list_readers(call) if call.disclosure == ListDisclosure.INVITED else frozenset({PUBLIC})


@predicate
def is_by_invitation(_actor: Actor, row: Any) -> bool:
    """A call is for the organisations that it invites."""
    return bool(row.disclosure == ListDisclosure.INVITED)


is_by_invitation.beside(lambda _actor, rows: rows.where(disclosure=ListDisclosure.INVITED))


@predicate
def is_addressed(actor: Actor, row: Any) -> bool:
    """A call is for every organisation, or invites the one that the actor acts for."""
    unit = actor.organisation
    invited = unit is not None and is_by_invitation(actor, row) and row.invited.filter(pk=unit.pk).exists()
    return invited or not is_by_invitation(actor, row)


@is_addressed.beside
def _addressed(actor: Actor, rows: Rows) -> Q:
    if actor.organisation is None:
        return ~is_by_invitation.where(actor, rows)
    invited = Call.invited.through.objects.filter(organisation=actor.organisation.pk)
    return rows.where(pk__in=invited.values("call")) | ~is_by_invitation.where(actor, rows)


def may_apply(actor: Actor) -> bool:
    """Whether the actor writes applications for the organisation they act for: not an officer, who decides on them."""
    return (
        actor.organisation is not None
        and not actor.is_officer
        and bool(actor.roles & WRITERS)
        and actor.acts_in("application")
    )


@predicate
def is_over(_actor: Actor, row: Any) -> bool:
    """The time for applications to the call is over by the server's clock: before it nobody is offered to close it."""
    return row.deadline is not None and now() > row.deadline


@is_over.beside
def _over(_actor: Actor, rows: Rows) -> Q:
    found, moment = rows.none, now()
    # Databases differ in adding a number of minutes; only a few numbers are given.
    for minutes in Call.objects.order_by().values_list("grace_minutes", flat=True).distinct():
        found |= rows.where(grace_minutes=minutes, closes_at__lt=moment - timedelta(minutes=minutes))
    return found


@predicate
def asks_questions(actor: Actor, row: Any) -> bool:
    """May apply, reads the list, and the call takes applications."""
    return row.record.stage == "published" and not is_over.test(actor, row) and may_apply(actor)


@asks_questions.beside
def _asked_about(actor: Actor, rows: Rows) -> Q:
    published = rows.records.where(stage="published")
    return published & ~is_over.where(actor, rows) if may_apply(actor) else rows.none


@predicate
def answers_questions(actor: Actor, row: Any) -> bool:
    """Is an officer in charge of a call that is published and not decided."""
    return row.record.stage in {"published", "closed"} and bool(is_officer.test(actor, row))


@answers_questions.beside
def _answered_about(actor: Actor, rows: Rows) -> Q:
    return rows.records.where(stage__in=("published", "closed")) & is_officer.where(actor, rows)


def unclaimed_items() -> QuerySet[CallItem]:
    """Items of lists that nobody claimed: nothing was handed in for them that was neither withdrawn again nor refused,
    as nothing stands for a whole list that is declared so."""
    claimed = Application.objects.exclude(record__phase__in=(Phase.DRAFT, Phase.WITHDRAWN, Phase.VOID))
    claimed = claimed.exclude(record__stage="refused")
    return CallItem.objects.exclude(pk__in=claimed.values("item")).order_by()


@predicate
def posts_again(actor: Actor, row: Any) -> bool:
    """Is an officer in charge, who makes calls, of a call that nobody applied to, or that is decided and has items that
    nobody claimed."""
    if not makes_calls(actor) or not is_officer.test(actor, row):
        return False
    left = row.record.stage == "decided" and unclaimed_items().filter(call=row.pk).exists()
    return bool(left or row.record.stage == "unclaimed")


@posts_again.beside
def _posted_again(actor: Actor, rows: Rows) -> Q:
    left = rows.records.where(stage="decided") & rows.where(pk__in=unclaimed_items().values("call"))
    unclaimed = rows.records.where(stage="unclaimed") | left
    return unclaimed & is_officer.where(actor, rows) if makes_calls(actor) else rows.none


@predicate
def is_concerned(actor: Actor, row: Any) -> bool:
    """Acts, now or elsewhere, for a unit that has applied to the call, takes part in an application to it, or posed a
    challenge on its list: nobody chooses for themselves."""
    return bool(actor.choices) and _items_of_own(actor).filter(call=row.pk).exists()


def _items_of_own(actor: Actor) -> QuerySet[CallItem]:
    mine = [one.pk for one in actor.choices]
    living = Application.objects.filter(alive=True).values("item")
    sides = Q(pk__in=living.filter(applicant__in=mine)) | Q(pk__in=living.filter(partners__in=mine))
    return CallItem.objects.filter(Q(poster__in=mine) | sides).order_by()


is_concerned.beside(lambda actor, rows: rows.where(pk__in=_items_of_own(actor).values("call")))


@predicate
def poses_item(actor: Actor, row: Any) -> bool:
    """Acts, now or elsewhere, for the unit that posed the challenge which an application answers."""
    return row.item.poster_id is not None and row.item.poster_id in {one.pk for one in actor.choices}


poses_item.beside(lambda actor, rows: rows.where(item__poster__in=[one.pk for one in actor.choices]))


@predicate
def takes_part(actor: Actor, row: Any) -> bool:
    """Acts, now or elsewhere, for a unit that an application names as taking part."""
    return bool(actor.choices) and _named_units(actor).filter(application=row.pk).exists()


def _named_units(actor: Actor) -> QuerySet[Any]:
    return Application.partners.through.objects.filter(organisation__in=[one.pk for one in actor.choices])


takes_part.beside(lambda actor, rows: rows.where(pk__in=_named_units(actor).values("application")))

checks_form = is_officer & ~poses_item & ~takes_part
"""An officer in charge, of no side: takes the formality check of an application."""


@predicate
def is_sealed(_actor: Actor, row: Any) -> bool:
    """An application is sealed: nobody but its unit reads it."""
    return bool(row.sealed)


is_sealed.beside(lambda _actor, rows: rows.where(sealed=True))


@predicate
def is_checked_now(_actor: Actor, row: Any) -> bool:
    """An application waits for its formality check."""
    return bool(row.record.stage == "submitted")


is_checked_now.beside(lambda _actor, rows: rows.records.where(stage="submitted"))

judges_criteria = checks_form & ~is_sealed & is_checked_now
"""Says of each condition whether an application that waits for its formality check meets it."""


@predicate
def is_looked_at_again(_actor: Actor, row: Any) -> bool:
    """An application that passed the formality check, to a call with a spot check."""
    stands = row.record.stage in {*DECIDABLE, "awarded"}
    return bool(stands and row.item.call.stages.filter(kind=StageKind.SPOT).exists())


@is_looked_at_again.beside
def _looked_at_again(_actor: Actor, rows: Rows) -> Q:
    with_spot = CallStage.objects.filter(kind=StageKind.SPOT).values("call")
    return rows.records.where(stage__in=(*DECIDABLE, "awarded")) & rows.where(item__call__in=with_spot)


spot_checks = checks_form & is_looked_at_again
"""Records what was found when an application was looked at again."""


@predicate
def is_past(actor: Actor, row: Any) -> bool:
    """An application's call takes no more of them: before that nobody opens, or refuses, what is sealed."""
    return bool(is_over.test(actor, row.item.call))


is_past.beside(lambda actor, rows: is_over.where(actor, rows.at("item__call", Call)))


@predicate
def prepares_code(actor: Actor, row: Any) -> bool:
    """Is an officer in charge of a call that seals and is not published yet."""
    return row.seals and row.record.stage == "draft" and bool(is_officer.test(actor, row))


@prepares_code.beside
def _prepared_code(actor: Actor, rows: Rows) -> Q:
    return rows.where(seals=True) & rows.records.where(stage="draft") & is_officer.where(actor, rows)


@predicate
def opens_applications(actor: Actor, row: Any) -> bool:
    """Is an officer in charge, of no side, of a call that is closed and whose applications are sealed still."""
    stands = row.seals and row.opened_at is None and row.record.stage == "closed"
    return stands and bool(proposes.test(actor, row))


@opens_applications.beside
def _opened_by(actor: Actor, rows: Rows) -> Q:
    sealed = rows.where(seals=True, opened_at=None) & rows.records.where(stage="closed")
    return sealed & proposes.where(actor, rows)


@predicate
def is_recommender(actor: Actor, row: Any) -> bool:
    """Acts, with more than reading rights, for the unit that the applicant asked to recommend its application; not for
    the applicant."""
    unit = actor.organisation
    acts = unit is not None and bool(actor.roles & WRITERS) and actor.acts_in("application")
    return acts and unit is not None and row.recommender_id == unit.pk


@is_recommender.beside
def _recommended_by(actor: Actor, rows: Rows) -> Q:
    acts = actor.organisation is not None and actor.roles & WRITERS and actor.acts_in("application")
    return rows.where(recommender=actor.organisation.pk) if acts and actor.organisation is not None else rows.none


@predicate
def recommends_to(actor: Actor, row: Any) -> bool:
    """Acts, with more than reading rights, for a unit that recommends applications to this call."""
    unit = actor.organisation
    acts = row.recommend_until is not None and bool(actor.roles & WRITERS) and actor.acts_in("application")
    return acts and unit is not None and row.recommenders.filter(pk=unit.pk).exists()


@recommends_to.beside
def _recommending(actor: Actor, rows: Rows) -> Q:
    if actor.organisation is None or not actor.roles & WRITERS or not actor.acts_in("application"):
        return rows.none
    named = Call.recommenders.through.objects.filter(organisation=actor.organisation.pk)
    return rows.where(pk__in=named.values("call"), recommend_until__isnull=False)


@predicate
def leads_owner(actor: Actor, row: Any) -> bool:
    """Acts for the applicant as one of its administrators."""
    return Role.ADMINISTRATOR in actor.roles and bool(represents_owner.test(actor, row))


leads_owner.beside(
    lambda actor, rows: represents_owner.where(actor, rows) if Role.ADMINISTRATOR in actor.roles else rows.none
)

writes_application = represents_owner | assists_owner
"""Writes the application of their unit while it is written: its finance and legal offices too, which do not submit."""

reads_decided = reading("inner")
"""Reads who decided what about a call, and who was barred: the officers in charge and whoever inspects it."""

reads_tables = reads_decided & ~is_concerned
"""Reads what the office takes along about a call: its officers and whoever inspects it, of no side of it."""

proposes = is_officer & ~is_concerned
"""An officer in charge, of no applicant, no unit that takes part and no poster: proposes who is to be chosen."""


@predicate
def is_funded(_actor: Actor, row: Any) -> bool:
    """An application's call asks for no budget document, or one names it."""
    named = LibraryEntry.objects.filter(application=row.pk, document__isnull=False)
    return not row.item.call.awaits_budget or named.exists()


is_funded.beside(
    lambda _actor, rows: rows.where(item__call__awaits_budget=False) | rows.where(entry__document__isnull=False)
)


@predicate
def is_kept_back(_actor: Actor, row: Any) -> bool:
    """An application stands in a library from which no budget document takes it, but the officers do."""
    call = row.item.call
    return bool(call.keeps_library and not call.awaits_budget)


is_kept_back.beside(lambda _actor, rows: rows.where(item__call__keeps_library=True, item__call__awaits_budget=False))


@predicate
def reads_outside(actor: Actor, row: Any) -> bool:
    """Reads what a panel of another system found: an officer in charge, and once it is decided whoever reads all of the
    application."""
    return row.record.stage in CHOSEN_OR_NOT or bool(is_officer.test(actor, row))


reads_outside.beside(
    lambda actor, rows: rows.records.where(stage__in=sorted(CHOSEN_OR_NOT)) | is_officer.where(actor, rows)
)
