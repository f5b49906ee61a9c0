"""What is asked of organisations and people."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kezhuan.areas.people.models import Invitation
from kezhuan.exchange.candidates import HASHED
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view, organisation_token, person_token, visible_to
from kezhuan.kernel.models import Grant, Identifier, Membership, Organisation, Person, Token
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, today
from kezhuan.kernel.vocabulary import REGIONS

CLAIM = "claim"
"""Name of the clock of a request to speak for an organisation; its rule value is `clock.organisation.claim`."""
CLAIMS = "claims"
"""Grant role: a person asks to speak for an organisation; it gives no access and ends with the answer."""


LEADING = (Role.ADMINISTRATOR, Role.OFFICER)
"""Roles of those without whom nobody could let anybody else in."""


def leading_in(organisations: Iterable[int]) -> QuerySet[Membership]:
    """The memberships of those who lead these organisations; whoever was closed leads nothing any more."""
    held = Membership.objects.filter(organisation__in=list(organisations), role__in=LEADING, until=None)
    return held.exclude(person__record__phase=Phase.DONE)


def organisations_visible_to(actor: Actor, group: str = "title") -> QuerySet[Organisation]:
    """Organisations whose field group the actor may see."""
    return visible_to(actor, Organisation.objects.select_related("record"), group)


def people_visible_to(actor: Actor, group: str = "title") -> QuerySet[Person]:
    """People whose field group the actor may see."""
    return visible_to(actor, Person.objects.select_related("record"), group)


def contact_shown(actor: Actor, row: Person) -> str:
    """Whether the actor is shown how to reach somebody who is neither they nor a colleague of theirs."""
    if not (row.email or row.phone) or not can_view(actor, row.record, "full"):
        return ""
    readers, own = set(row.record.full_to.key.split("|")), {person_token(actor.person.pk)} if actor.person else set()
    own |= {organisation_token(actor.organisation.pk)} if actor.organisation is not None else set()
    return "contact" if readers.isdisjoint(own) else ""


def tokens_of(person: Person) -> QuerySet[Token]:
    """The tokens a person has made, newest first; nobody else's business."""
    return Token.objects.filter(person=person).select_related("organisation__record").order_by("-pk")


def credit_code_of(name: str) -> str | None:
    """The credit code of the one organisation of this name in the public list or verified; both are public."""
    held = Identifier.objects.filter(
        scheme="uscc", active=True, record__title=clean(name), record__phase__in=(Phase.PUBLIC, Phase.ACTIVE)
    )
    found = list(held.filter(record__kind="organisation").values_list("value", flat=True)[:2])
    return found[0] if len(found) == 1 else None


def claims_waiting_for(actor: Actor) -> QuerySet[Grant]:
    """Requests to speak for an organisation that the actor answers: as officer in charge, or as its administrator."""
    waiting = Grant.objects.filter(role=CLAIMS, until=None).exclude(record__phase__in=(Phase.VOID, Phase.DONE))
    regions = actor.regions_of("organisation")
    if "" in regions:
        return waiting
    mine = Q(record__organisation__region__in=sorted(regions))
    if actor.organisation is not None and Role.ADMINISTRATOR in actor.roles:
        mine |= Q(record=actor.organisation.pk)
    return waiting.filter(mine)


def numbers_of(organisation: Organisation) -> list[Identifier]:
    """The numbers that an organisation is known by, oldest first; not those by which an import knows its rows again."""
    held = sorted(organisation.record.identifiers.all(), key=lambda one: one.pk)
    return [one for one in held if one.active and not one.value.startswith(HASHED)]


def open_invitations() -> QuerySet[Invitation]:
    """Invitations that can still be accepted."""
    return Invitation.objects.filter(ended_at=None, until__gte=today())


def organisation_of_code(code: str) -> Organisation | None:
    """The organisation of a 统一社会信用代码 in its normal form, whoever may see it."""
    held = Identifier.objects.filter(scheme="uscc", value=code, active=True, record__kind="organisation").first()
    if held is None:
        return None
    return Organisation.objects.select_related("record__title_to").get(pk=held.record_id)


def programme_name(slug: str) -> str:
    """A programme in words; without one it is all of them."""
    known = registry.programmes()
    return str(capfirst(str(known[slug]))) if slug in known else slug or _("every programme")


def scope_in_words(membership: Membership) -> str:
    """How far an officer's power reaches, in words."""
    place = REGIONS.get(membership.jurisdiction) if membership.jurisdiction else _("the whole city")
    # A department stands for the programmes of its duties.
    programme = "" if membership.department and not membership.programme else programme_name(membership.programme)
    return " · ".join(filter(None, (membership.department, programme, str(place))))
