"""How somebody comes to speak for an organisation of a public list: they ask, an officer admits or declines."""

from datetime import timedelta

from django.utils.translation import gettext as _

from kezhuan.areas.people.actions import add_member, require_may_admit
from kezhuan.areas.people.permissions import is_led, may_admit, may_claim
from kezhuan.areas.people.queries import CLAIM, CLAIMS
from kezhuan.kernel import clocks, journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.grants import grant
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Clock, Grant, Organisation, Person, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import clean, today


def claim_organisation(*, actor: Actor, organisation: Organisation, note: str) -> None:
    """Ask to speak for an organisation of a public list, saying how one belongs to it; asking twice is asking once.

    Raises `NotAllowed`, or `Refused` for missing or marked words.
    """
    if actor.person is None or not may_claim.test(actor, organisation):
        raise NotAllowed(_("Somebody speaks for this organisation already, or it is not in the public list."))
    if has_classification_mark(note):
        raise Refused(secrets_problem("note"))
    if not clean(note):
        raise Refused(Problem("note-missing", _("Say in a few words how you belong to it."), "note"))
    with journal.writing():
        asked, person = Grant.objects.filter(role=CLAIMS, until=None), actor.person.record
        if not asked.filter(record=organisation.record, party=person).exists():
            grant(organisation.record, person, CLAIMS)
            clocks.begin(organisation, CLAIM, asked.get(record=organisation.record, party=person))
            journal.note(
                "organisation.claim",
                record=organisation.record,
                actor=actor,
                texts={"note": clean(note)},
            )


def answer_claim(*, actor: Actor, claim: Grant, admits: bool, note: str = "") -> None:
    """Admit whoever asked to speak for an organisation, the first one as its administrator, or decline.

    Raises `NotAllowed`, `Refused`, or `Conflict` when the request was answered before.
    """
    organisation = Organisation.objects.select_related("record").get(pk=claim.record_id)
    if not may_admit.test(actor, organisation):
        raise NotAllowed(_("Only the organisation's administrators admit members."))
    if has_classification_mark(note):
        raise Refused(secrets_problem("note"))
    with journal.writing():
        # Two officers who admit two people at the same moment: the second one waits here and finds it led.
        Record.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
        ended = Grant.objects.filter(pk=claim.pk, role=CLAIMS, until=None).update(until=today() - timedelta(days=1))
        if not ended:
            raise Conflict(_("This request was answered before."))
        Clock.objects.filter(grant=claim.pk, ended_on=None).update(ended_on=today(), answered=True)
        person = Person.objects.select_related("record").get(pk=claim.party_id)
        if admits:
            require_may_admit(actor, organisation, person)
            role = Role.MEMBER if is_led(organisation) else Role.ADMINISTRATOR
            add_member(actor=actor, organisation=organisation, person=person, role=role)
        else:
            journal.note(
                "organisation.claim-declined",
                record=organisation.record,
                actor=actor,
                data={"claimant": str(person.record.uid)},
                texts={"note": clean(note)} if clean(note) else None,
            )
