"""Who speaks for an organisation, admits members to it, ends a membership, corrects its entries, or may ask to."""

from typing import Any

from django.db.models import Q

from kezhuan.areas.people.queries import leading_in
from kezhuan.kernel.access import SYSTEM, Actor, about_actor, is_officer, predicate
from kezhuan.kernel.models import Membership, Organisation
from kezhuan.kernel.models.parties import OrganisationKind, Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.predicates import Rows


@predicate
def administers(actor: Actor, organisation: Organisation) -> bool:
    """Acts for the organisation as its administrator."""
    own = actor.organisation is not None and actor.organisation.pk == organisation.pk
    return own and Role.ADMINISTRATOR in actor.roles and actor.acts_in("organisation")


@administers.beside
def _administered(actor: Actor, rows: Rows) -> Q:
    unit = actor.organisation
    return rows.where(pk=unit.pk) if unit is not None and administers(actor, unit) else rows.none


@about_actor
def is_program(actor: Actor, _row: Any) -> bool:
    """Is the program itself, acting on what somebody else has vouched for; no person ever is."""
    return actor is SYSTEM


@predicate
def directs(actor: Actor, organisation: Organisation) -> bool:
    """Divides the power of a government office among its officers: its administrators, and officers in charge of every
    programme in the whole city."""
    office = organisation.kind == OrganisationKind.GOVERNMENT
    return office and (actor.is_city_officer or administers(actor, organisation))


@directs.beside
def _directed(actor: Actor, rows: Rows) -> Q:
    offices = rows.where(kind=OrganisationKind.GOVERNMENT)
    return offices if actor.is_city_officer else offices & administers.where(actor, rows)


may_admit = administers | is_officer
"""Is an administrator of the organisation, or an officer in charge of its district."""


@predicate
def is_kept(actor: Actor, organisation: Organisation) -> bool:
    """The organisation still stands: it was neither declared void nor dissolved."""
    return organisation.record.phase not in {Phase.VOID, Phase.DONE}


is_kept.beside(lambda _actor, rows: ~rows.records.where(phase__in=(Phase.VOID, Phase.DONE)))
may_edit = may_admit & is_kept
"""Corrects the summary, and what the following say."""


@predicate
def _is_new(actor: Actor, organisation: Organisation) -> bool:
    return organisation.record.phase in {Phase.SUBMITTED, Phase.DRAFT}


_is_new.beside(lambda _actor, rows: rows.records.where(phase__in=(Phase.SUBMITTED, Phase.DRAFT)))
may_rename = is_kept & (is_officer | (administers & _is_new))
"""Corrects names and district: once it stands in public under a name, officers alone, who see the licence."""


@predicate
def _is_returned(actor: Actor, organisation: Organisation) -> bool:
    return organisation.record.phase == Phase.DRAFT


_is_returned.beside(lambda _actor, rows: rows.records.where(phase=Phase.DRAFT))
may_renumber = is_kept & (is_officer | (administers & _is_returned))
"""Corrects the number: officers, and the administrators of a registration that was returned for correction."""


def is_led(organisation: Organisation) -> bool:
    """Whether somebody speaks for the organisation."""
    return leading_in([organisation.pk]).filter(role=Role.ADMINISTRATOR).exists()


def _led(rows: Rows) -> Q:
    leading = Membership.objects.filter(role=Role.ADMINISTRATOR, until=None)
    return rows.where(pk__in=leading.exclude(person__record__phase=Phase.DONE).values("organisation"))


@predicate
def gives_roles(actor: Actor, organisation: Organisation) -> bool:
    """Admits members and gives them roles: the organisation's administrators; an officer in charge only as long as
    nobody leads it, since a role opens what a unit keeps inside."""
    own = actor.organisation is not None and actor.organisation.pk == organisation.pk
    return bool(may_admit.test(actor, organisation)) and (own or not is_led(organisation))


@gives_roles.beside
def _roles_given_in(actor: Actor, rows: Rows) -> Q:
    free = ~_led(rows)
    if actor.organisation is not None:
        free |= rows.where(pk=actor.organisation.pk)
    return may_admit.where(actor, rows) & free


@predicate
def may_claim(actor: Actor, organisation: Organisation) -> bool:
    """Is signed in, no officer, and nobody speaks yet for the organisation, which came from a public list."""
    return (
        actor.is_signed_in
        and not actor.is_officer
        and organisation.record.phase == Phase.PUBLIC
        and not is_led(organisation)
    )


@may_claim.beside
def _claimable(actor: Actor, rows: Rows) -> Q:
    if not actor.is_signed_in or actor.is_officer:
        return rows.none
    return rows.records.where(phase=Phase.PUBLIC) & ~_led(rows)
