"""AB角: naming a colleague who stands in for oneself, and ending it."""

from datetime import date

from django.utils.translation import gettext as _

from kezhuan.areas.people.permissions import administers
from kezhuan.kernel import journal, outbox, registry
from kezhuan.kernel.access import ACTING, Actor
from kezhuan.kernel.deputies import NAMED
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.models import Deputy, Membership, Person
from kezhuan.kernel.text import now, today


def name_deputy(*, actor: Actor, person: Person, since: date, until: date, programme: str = "") -> Deputy:
    """Let a colleague act in one's place from a day until a day, in one programme or in all.

    Raises `NotAllowed` for whoever stands in themselves or only reads in their organisation, or `Refused`.
    """
    if actor.represented is not None:
        raise NotAllowed(_("A deputy names no deputy: whom you stand in for does."))
    if actor.person is None or actor.organisation is None or not actor.roles & ACTING:
        raise NotAllowed(_("Whoever only reads in an organisation has no deputy there."))
    organisation = actor.organisation
    problems = []
    colleagues = Membership.objects.filter(organisation=organisation, until=None)
    if person.pk == actor.person.pk or not colleagues.filter(person=person).exists():
        problems.append(
            Problem("deputy-colleague", _("Choose a colleague who acts for the same organisation."), "person")
        )
    if since < today() or until < since:
        sentence = _("Choose days from today on, the last not before the first.")
        problems.append(Problem("deputy-days", sentence, "until" if until < since else "since"))
    if programme and programme not in registry.programmes():
        problems.append(Problem("programme-unknown", _("Choose the programme from the list."), "programme"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        # One after the other, so that a button pressed twice names one deputy.
        Person.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.person.pk)
        given = {"represented": actor.person, "person": person, "organisation": organisation, "programme": programme}
        around = Deputy.objects.filter(**given, ended_at=None, since__lte=until, until__gte=since)
        if around.exists():
            raise Refused(Problem("deputy-held", _("They stand in for you in these days already."), "person"))
        row = Deputy.objects.create(**given, since=since, until=until)
        _note("person.deputy", row, actor)
        outbox.tell(person, NAMED, key=f"{NAMED}:{row.pk}", acting_for=organisation, content={"named": row.pk})
    return row


def end_deputy(*, actor: Actor, deputy: Deputy) -> None:
    """End it from this moment on: whoever is represented, the deputy, or the organisation's administrators.

    Ending it twice is ending it once. Raises `NotAllowed`.
    """
    sides = {deputy.represented_id, deputy.person_id}
    own = actor.person is not None and actor.represented is None and actor.person.pk in sides
    if not own and not administers.test(actor, deputy.organisation):
        raise NotAllowed
    with journal.writing():
        if Deputy.objects.filter(pk=deputy.pk, ended_at=None).update(ended_at=now()):
            _note("person.deputy-ended", deputy, actor)


def _note(kind: str, row: Deputy, actor: Actor) -> None:
    journal.note(
        kind,
        record=row.represented.record,
        actor=actor,
        data={
            "deputy": str(row.person.record.uid),
            "organisation": str(row.organisation.record.uid),
            "programme": row.programme,
            "since": row.since.isoformat(),
            "until": row.until.isoformat(),
        },
        texts={"whom": row.person.record.title},
    )
