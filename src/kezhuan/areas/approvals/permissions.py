"""Who signs a step, who asks for an approval and looks after it, and who changes posts and routes."""

from datetime import date

from django.conf import settings
from django.db.models import Q, QuerySet

from kezhuan.kernel import approvals
from kezhuan.kernel.access import ACTING, WRITERS, Actor, memberships_of, predicate
from kezhuan.kernel.approvals import RUNNING
from kezhuan.kernel.deputies import stood_in
from kezhuan.kernel.models import Approval, ApprovalBar, ApprovalStep, Organisation, Person, Post, Route
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.present import is_there
from kezhuan.kernel.vocabulary import REGIONS

SIGNERS = ACTING
"""Roles in which somebody signs in the name of a post."""

# -- signing -----------------------------------------------------------------------------------------------------------


def posts_filled_by(actor: Actor) -> QuerySet[Post]:
    """The posts in whose name the actor signs: those they hold in the organisation they act for with more than reading
    rights; a deputy those of whom they stand in for."""
    if actor.person is None or actor.organisation is None or not actor.roles & SIGNERS:
        return Post.objects.none()
    return approvals.posts_of(actor.represented or actor.person, actor.organisation)


def parties_of(person: Person) -> set[int]:
    """Ids of a person and of all organisations they act for today: as any of these they may be barred."""
    return {person.pk, *memberships_of(person).values_list("organisation_id", flat=True)}


def signers_of(actor: Actor) -> list[Person]:
    """The people whose signature it is: a deputy's, and with it that of whom they stand in for. What bars one of them
    bars both."""
    return [one for one in (actor.person, actor.represented) if one is not None]


def is_barred(person: Person, approval: Approval) -> bool:
    """Whether somebody signs nothing in a case: their own or their unit's matter, they asked for it, or are recused."""
    return ApprovalBar.objects.filter(approval=approval, party__in=parties_of(person)).exists()


@predicate
def may_sign(actor: Actor, step: ApprovalStep) -> bool:
    """Closes this step now; agrees with `steps_waiting_for`.

    The step waits, the actor fills its post, and is not barred from the case.
    """
    approval = step.approval
    return (
        actor.person is not None
        and approval.record.stage == RUNNING
        and step.closed_at is None
        and step.opened_on is not None
        and posts_filled_by(actor).filter(pk=step.post_id).exists()
        and actor.acts_in(approval.programme)
        and not any(is_barred(one, approval) for one in signers_of(actor))
    )


def open_steps_of(actor: Actor) -> QuerySet[ApprovalStep]:
    """The open steps of the actor's posts in cases that they are not barred from."""
    if actor.person is None:
        return ApprovalStep.objects.none()
    signer = actor.represented or actor.person
    if not is_there("SELECT 1 FROM kernel_postholder WHERE person_id = %s LIMIT 1", signer.pk):
        return ApprovalStep.objects.none()
    posts = list(posts_filled_by(actor).values_list("pk", flat=True))
    if not posts:  # nearly everybody, on every page: what follows need not be asked
        return ApprovalStep.objects.none()
    parties = set().union(*(parties_of(one) for one in signers_of(actor)))
    barred = ApprovalBar.objects.filter(party__in=parties).values("approval")
    waiting = ApprovalStep.objects.filter(closed_at=None, post__in=posts).exclude(opened_on=None)
    if actor.programme:
        waiting = waiting.filter(approval__programme=actor.programme)
    return waiting.exclude(approval__in=barred)


def steps_waiting_for(actor: Actor) -> QuerySet[ApprovalStep]:
    """The steps that the actor may close now."""
    return open_steps_of(actor).filter(approval__record__stage=RUNNING)


may_sign.beside(lambda actor, rows: rows.where(pk__in=steps_waiting_for(actor).order_by().values("pk")))


@predicate
def signs_now(actor: Actor, approval: Approval) -> bool:
    """May close one of the steps that wait."""
    return steps_waiting_for(actor).filter(approval=approval).exists()


signs_now.beside(lambda actor, rows: rows.where(pk__in=steps_waiting_for(actor).order_by().values("approval")))


def eligible_holders(approval: Approval, post: Post) -> list[Person]:
    """The people who may sign in the name of a post in a case."""
    return [
        held.person
        for held in approvals.holders_of([post.pk])
        if _acts_for(held.person, post.organisation_id) and not is_barred(held.person, approval)
    ]


def hand_signers(approval: Approval, post: Post, first: date, last: date) -> list[tuple[Person, Person | None]]:
    """Who may have signed a paper for a post on some day of these: whoever may sign in its name, in their own name or,
    the second of a pair, in the place of whom they were deputy of then. What bars one of them bars both."""
    holders = {one.pk: one for one in eligible_holders(approval, post)}
    deputies = stood_in(first, last).filter(
        represented__in=holders, organisation=post.organisation_id, programme__in=["", approval.programme]
    )
    found: list[tuple[Person, Person | None]] = [(one, None) for one in holders.values()]
    for one in deputies:
        pair = (one.person, holders[one.represented_id])
        if pair not in found and not is_barred(one.person, approval):
            found.append(pair)
    return found


def _acts_for(person: Person, organisation: int) -> bool:
    return memberships_of(person).filter(organisation=organisation, role__in=SIGNERS).exists()


# -- looking after it --------------------------------------------------------------------------------------------------


@predicate
def looks_after(actor: Actor, approval: Approval) -> bool:
    """Asked for it and still acts for the office that asked, in any role; or acts for it with more than reading
    rights."""
    own = actor.organisation is not None and actor.organisation.pk == approval.office_id
    return own and (bool(actor.roles & WRITERS) or approval.asked_by_id in {one.pk for one in signers_of(actor)})


@looks_after.beside
def _looked_after(actor: Actor, rows: Rows) -> Q:
    if actor.organisation is None:
        return rows.none
    of_office = rows.where(office=actor.organisation)
    return of_office if actor.roles & WRITERS else of_office & rows.where(asked_by__in=signers_of(actor))


@predicate
def is_running(_actor: Actor, approval: Approval) -> bool:
    """It is on its way."""
    return approval.record.stage == RUNNING


is_running.beside(lambda _actor, rows: rows.records.where(stage=RUNNING))
may_add_signer = is_running & (looks_after | signs_now)
"""Whoever looks after a running approval, and whoever signs a step that waits, adds another."""


# -- posts and routes --------------------------------------------------------------------------------------------------


@predicate
def fills_posts(actor: Actor, organisation: Organisation) -> bool:
    """Says who holds which post: the organisation's administrators; of a government department also its officers in
    charge of the whole city. Nobody gives a post to themselves."""
    own = actor.organisation is not None and actor.organisation.pk == organisation.pk
    return own and (Role.ADMINISTRATOR in actor.roles or actor.is_city_officer)


@fills_posts.beside
def _posts_filled(actor: Actor, rows: Rows) -> Q:
    unit = actor.organisation
    return rows.where(pk=unit.pk) if unit is not None and fills_posts(actor, unit) else rows.none


def may_change_routes(actor: Actor, jurisdiction: str, programme: str, unit: Organisation | None) -> bool:
    """Whether the actor sets the routes of a place or inside a unit: the officers in charge of the programme there, for
    the city and beyond those of the whole city; the unit's administrators inside it."""
    if unit is not None:
        own = actor.organisation is not None and actor.organisation.pk == unit.pk
        return own and Role.ADMINISTRATOR in actor.roles
    return actor.is_in_charge(
        jurisdiction if jurisdiction in REGIONS and jurisdiction != settings.CITY else "", programme
    )


@predicate
def changes_route(actor: Actor, route: Route) -> bool:
    """Sets a new version of this route, or ends it; see `may_change_routes`."""
    return may_change_routes(actor, route.jurisdiction, route.programme or route.kind, route.unit)


@changes_route.beside
def _changed_routes(actor: Actor, rows: Rows) -> Q:
    found = rows.none
    for charge in actor.charges:
        here = rows.where(unit=None)
        if charge.region:
            here &= rows.where(jurisdiction=charge.region) if charge.region in REGIONS else rows.none
        if charge.programme:
            here &= rows.where(programme=charge.programme) | rows.where(programme="", kind=charge.programme)
        found |= here
    inside = actor.organisation is not None and Role.ADMINISTRATOR in actor.roles
    return found | rows.where(unit=actor.organisation) if inside else found


def sets_routes(actor: Actor) -> bool:
    """Whether the actor sets any route at all: an officer in charge of something, or a unit's administrator."""
    return bool(actor.charges) or (actor.organisation is not None and Role.ADMINISTRATOR in actor.roles)


def sees_routes(actor: Actor) -> bool:
    """Whether the actor sees routes of approval: officers, and whoever acts for a unit those inside it."""
    return actor.is_officer or actor.organisation is not None
