"""Leaving a post: all that is open passes to a successor in one action, and what the post gave ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.people.actions import close_membership, open_membership
from kezhuan.areas.people.member_actions import invitations_by
from kezhuan.areas.people.permissions import administers
from kezhuan.areas.people.queries import LEADING, leading_in
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import ACTING, GROUPS, WRITERS, Actor, actor_for, can_view, groups_seen, person_token
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.handover import Share, shares
from kezhuan.kernel.history import in_place_of
from kezhuan.kernel.lifecycle import OVER, touch
from kezhuan.kernel.models import Clock, Deputy, Membership, Organisation, Person, Record, Token, Watch, Webhook
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import now, today


@dataclass(frozen=True)
class Line:
    """One open item of somebody who leaves, with what it is; `ends`: it ends, and passes to nobody."""

    label: str
    text: str
    ends: bool


def open_lines(membership: Membership) -> list[Line]:
    """All that is open of whoever leaves this post, as it stands now."""
    return [
        Line(str(one.label), text, one.ends)
        for one in shares()
        for text in one.items(membership.person, membership.organisation)
    ]


def require_may_hand_over(actor: Actor, membership: Membership) -> None:
    """Whoever leaves, and the organisation's administrators; not the officers in charge of it: what is open there, such
    as drafts, is its own. Raises `NotAllowed`."""
    if actor.represented is not None:
        raise NotAllowed(_("A deputy hands no post over: whom you stand in for does."))
    inside = actor.organisation is not None and actor.organisation.pk == membership.organisation_id
    own = inside and actor.person is not None and actor.person.pk == membership.person_id
    if not own and not administers.test(actor, membership.organisation):
        raise NotAllowed(_("Only whoever leaves, and the organisation's administrators, hand a post over."))


def successors_of(membership: Membership) -> QuerySet[Person]:
    """Who can take it over: colleagues who may do what whoever leaves may, or will where they follow the last leader.
    Whether they see each thing that passes is asked when it does."""
    held = Membership.objects.filter(organisation=membership.organisation, until=None)
    rows = held.filter(role__in=_taking_over(list(held.filter(person=membership.person_id))))
    people = Person.objects.filter(pk__in=rows.values("person")).exclude(pk=membership.person_id)
    return people.select_related("record").order_by("pk")


def _taking_over(leaving: Sequence[Membership]) -> frozenset[str]:
    """The roles of which a successor has one."""
    roles = frozenset(row.role for row in leaving)
    if any(_leads_alone(row) for row in leaving) or not roles & ACTING:
        return ACTING
    return WRITERS if roles & WRITERS else frozenset({Role.ADMINISTRATOR, *(roles & ACTING)})


def hand_over(*, actor: Actor, membership: Membership, successor: Person) -> list[Line]:
    """Pass everything open to the successor and end all that the person is in the organisation; returns what passed and
    what ended. The role of the last who leads passes too.

    Raises `NotAllowed`, or `Refused` for a successor who is no colleague that may do the same, and for whatever cannot
    pass, such as a record that they may not see: then nothing has.
    """
    require_may_hand_over(actor, membership)
    person, organisation = membership.person, membership.organisation
    with journal.writing():
        # Two who hand over to each other at the same moment: the second one finds no colleague any more.
        Record.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
        if not successors_of(membership).filter(pk=successor.pk).exists():
            sentence = _("Choose a colleague who may do in the organisation what whoever leaves does.")
            raise Refused(Problem("successor-colleague", sentence, "successor"))
        lines = open_lines(membership)
        seen = _groups_of_contacts(person, organisation)
        for one in shares():
            one.pass_on(person, organisation, successor, actor)
        held = Membership.objects.filter(organisation=organisation, until=None)
        for row in held.filter(person=person).select_related("person__record", "organisation__record").order_by("pk"):
            _keep_led(row, successor, actor)
            close_membership(actor=actor, membership=row)
        _require_sees(successor, organisation, seen)
        journal.note(
            "organisation.handover",
            record=organisation.record,
            actor=actor,
            data={"member": str(person.record.uid), "successor": str(successor.record.uid), "count": len(lines)},
            texts={
                "whom": f"{person.record.title} → {successor.record.title}",
                "lines": [[line.label, line.text, line.ends] for line in lines],
            },
        )
    return lines


def _keep_led(row: Membership, successor: Person, actor: Actor) -> None:
    """Whoever leads as the last one is followed by the successor."""
    if _leads_alone(row):
        open_membership(
            actor=actor,
            organisation=row.organisation,
            person=successor,
            role=row.role,
            jurisdiction=row.jurisdiction,
            programme=row.programme,
            department=row.department,
        )


def _leads_alone(row: Membership) -> bool:
    return row.role in LEADING and not leading_in([row.organisation_id]).exclude(pk=row.pk).exists()


def _groups_of_contacts(person: Person, organisation: Organisation) -> Mapping[int, frozenset[str]]:
    """Of each open record whose contact they are what their place in the organisation opens to them."""
    actor = actor_for(person, organisation.pk)
    actor = replace(actor, tokens=actor.tokens - {person_token(person.pk)})
    return {one.pk: groups_seen(actor, one) for one in _contacts(person, organisation).select_related(*_READERS)}


def _require_sees(successor: Person, organisation: Organisation, seen: Mapping[int, frozenset[str]]) -> None:
    """The successor sees by now as much of each record; raises `Refused` for the first that they do not see."""
    heir = actor_for(successor, organisation.pk)
    for one in Record.objects.filter(pk__in=list(seen)).select_related(*_READERS).order_by("pk"):
        if not all(can_view(heir, one, group) for group in seen[one.pk]):
            sentence = _(
                "%(name)s may not see all of %(record)s, which passes too: choose a colleague whose role opens it, or"
                " have an administrator give them that role first."
            )
            words = {"name": successor.record.title, "record": str(one)}
            raise Refused(Problem("successor-sees-not", sentence % words, "successor"))


_READERS = tuple(f"{group}_to" for group in GROUPS)

# -- shares ------------------------------------------------------------------------------------------------------------


def _contacts(person: Person, organisation: Organisation) -> QuerySet[Record]:
    """The open records whose contact they are: the organisation's, and those of nobody that it made as an office."""
    rows = Record.objects.filter(contact=person).exclude(phase__in=OVER)
    nobodys = registry.rows_of(rows.filter(owner=None)).values()
    made = [row.pk for row in nobodys if getattr(row, "office_id", None) == organisation.pk]
    return rows.filter(Q(owner=organisation) | Q(pk__in=made)).order_by("pk")


def _contact_lines(person: Person, organisation: Organisation) -> Sequence[str]:
    """Each open record with its stage, and the day by which somebody has to act on it."""
    records = list(_contacts(person, organisation))
    running = Clock.objects.filter(record__in=records, party=organisation, ended_on=None).order_by("-due_on")
    due = dict(running.values_list("record_id", "due_on"))
    lines = []
    for one in records:
        stage = registry.kind_of(one).lifecycle.stages[one.stage].label
        line = f"{one.code} {one.title} · {stage}"
        lines.append(f"{line} · {due[one.pk].isoformat()}" if one.pk in due else line)
    return lines


def _pass_contacts(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    for record in _contacts(person, organisation).select_for_update(of=("self",), no_key=True):
        row = registry.row_of(record)
        row.record.contact = successor
        row.record.save(update_fields=["contact"])
        touch(registry.kind_of(record).lifecycle, row, actor=actor, fields=["contact"])


def _watches(person: Person, organisation: Organisation) -> QuerySet[Watch]:
    return Watch.objects.filter(person=person, acting_for=organisation).select_related("record").order_by("pk")


def _watch_lines(person: Person, organisation: Organisation) -> Sequence[str]:
    return [str(one.record) if one.record is not None else one.path for one in _watches(person, organisation)]


def _pass_watches(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    for one in _watches(person, organisation):
        if Watch.objects.filter(person=successor, acting_for=organisation, record=one.record, path=one.path).exists():
            one.delete()  # they watch it already, in the same name
        else:
            Watch.objects.filter(pk=one.pk).update(person=successor)


def _webhooks(person: Person, organisation: Organisation) -> QuerySet[Webhook]:
    return Webhook.objects.filter(person=person, acting_for=organisation, ended_at=None).order_by("pk")


def _pass_webhooks(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    _webhooks(person, organisation).update(person=successor)


def _deputies(person: Person, organisation: Organisation) -> QuerySet[Deputy]:
    rows = Deputy.objects.filter(organisation=organisation, ended_at=None, until__gte=today())
    mine = rows.filter(represented=person) | rows.filter(person=person)
    return mine.select_related("represented__record", "person__record").order_by("pk")


def _deputy_lines(person: Person, organisation: Organisation) -> Sequence[str]:
    return [
        f"{in_place_of(one.person.record.title, one.represented.record.title)} {one.since} – {one.until}"
        for one in _deputies(person, organisation)
    ]


def _pass_deputies(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    for one in _deputies(person, organisation):
        sides = [successor.pk if pk == person.pk else pk for pk in (one.represented_id, one.person_id)]
        if sides[0] == sides[1]:  # nobody stands in for themselves
            Deputy.objects.filter(pk=one.pk).update(ended_at=now())
        else:
            Deputy.objects.filter(pk=one.pk).update(represented=sides[0], person=sides[1])
            _make_one(Deputy.objects.get(pk=one.pk))


def _make_one(passed: Deputy) -> None:
    """Of deputyships of the same two in the same programme whose days meet one is left, for the days of all of them."""
    sides = {"represented": passed.represented_id, "person": passed.person_id}
    alike = Deputy.objects.filter(**sides, organisation=passed.organisation_id, programme=passed.programme)
    alike = alike.filter(ended_at=None, since__lte=passed.until, until__gte=passed.since).exclude(pk=passed.pk)
    if held := list(alike.order_by("pk")):
        every = (passed, *held)
        days = {"since": min(one.since for one in every), "until": max(one.until for one in every)}
        Deputy.objects.filter(pk__in=[one.pk for one in held]).update(ended_at=now())
        Deputy.objects.filter(pk=passed.pk).update(**days)


def _invitation_lines(person: Person, organisation: Organisation) -> Sequence[str]:
    return list(invitations_by(person, organisation).values_list("email", flat=True))


def _pass_invitations(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    invitations_by(person, organisation).update(by=successor)


def _tokens(person: Person, organisation: Organisation) -> Sequence[str]:
    rows = Token.objects.filter(person=person, organisation=organisation, ended_at=None, expires_on__gte=today())
    return list(rows.order_by("pk").values_list("name", flat=True))


def _with_the_membership(person: Person, organisation: Organisation, successor: Person, actor: Actor) -> None:
    """They end where the membership does."""


SHARES = (
    Share(gettext_lazy("Open records and their terms"), _contact_lines, _pass_contacts),
    Share(gettext_lazy("Followed records and saved searches"), _watch_lines, _pass_watches),
    Share(
        gettext_lazy("Webhooks"),
        lambda person, organisation: list(_webhooks(person, organisation).values_list("url", flat=True)),
        _pass_webhooks,
    ),
    Share(gettext_lazy("Deputies"), _deputy_lines, _pass_deputies),
    Share(gettext_lazy("Invitations that wait"), _invitation_lines, _pass_invitations),
    Share(gettext_lazy("Tokens for programs"), _tokens, _with_the_membership, ends=True),
)
