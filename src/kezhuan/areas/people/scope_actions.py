"""How far an officer's power reaches: programme, district and department, and what a department is in charge of."""

from django.db import transaction
from django.utils.translation import gettext as _

from kezhuan.areas.people.actions import close_membership, open_membership
from kezhuan.areas.people.permissions import directs
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import Duty, Membership, Organisation, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import clean
from kezhuan.kernel.vocabulary import REGIONS


def set_scope(
    *, actor: Actor, membership: Membership, jurisdiction: str = "", programme: str = "", department: str = ""
) -> Membership:
    """Put an officer in charge of a programme, in a district, as a member of a department; an empty one is the whole.

    The membership ends and one with the new scope begins, so that history tells who was in charge when. Raises
    `NotAllowed`, or `Refused` for one's own scope, an unknown district or programme, or a department without duties.
    """
    organisation, department = membership.organisation, clean(department)
    _require_may_direct(actor, organisation)
    problems = []
    if membership.role != Role.OFFICER:
        problems.append(Problem("role-unknown", _("Only an officer's power is limited like this."), "role"))
    if actor.person is not None and actor.person.pk == membership.person_id:
        problems.append(Problem("scope-own", _("Nobody sets the limits of their own power: ask another one.")))
    if jurisdiction and jurisdiction not in REGIONS:
        problems.append(Problem("region-unknown", _("Choose the district from the list."), "jurisdiction"))
    problems += _programme_problems(programme)
    if department and not Duty.objects.filter(organisation=organisation, department=department).exists():
        sentence = _("This department has no duties yet: give it one first.")
        problems.append(Problem("department-unknown", sentence, "department"))
    if problems:
        raise Refused(problems)
    scope = {"jurisdiction": jurisdiction, "programme": programme, "department": department}
    if all(getattr(membership, name) == value for name, value in scope.items()):
        return membership
    with journal.writing(), transaction.atomic():
        close_membership(actor=actor, membership=membership, goes_on=True)
        return open_membership(
            actor=actor,
            organisation=organisation,
            person=membership.person,
            role=Role.OFFICER,
            jurisdiction=jurisdiction,
            programme=programme,
            department=department,
        )


def give_duty(*, actor: Actor, organisation: Organisation, department: str, programme: str = "") -> Duty:
    """Put a department of a government office in charge of a programme, or of all; twice is once.

    Raises `NotAllowed` or `Refused`.
    """
    _require_may_direct(actor, organisation)
    row = Duty(organisation=organisation, department=clean(department), programme=programme)
    problems = _programme_problems(programme)
    if not row.department:
        problems.insert(0, Problem("department-missing", _("Enter the name of the department."), "department"))
    if problems:
        raise Refused(problems)
    require_fits(row)
    refuse_marked(row)
    with journal.writing():
        Record.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
        held, is_new = Duty.objects.get_or_create(
            organisation=organisation, department=row.department, programme=programme
        )
        if is_new:
            _note("organisation.duty", held, actor)
    return held


def end_duty(*, actor: Actor, duty: Duty) -> None:
    """Take a programme from a department: its officers are no longer in charge of it. Raises `NotAllowed`."""
    _require_may_direct(actor, duty.organisation)
    with journal.writing():
        if Duty.objects.filter(pk=duty.pk).delete()[0]:
            _note("organisation.duty-ended", duty, actor)


def _note(kind: str, duty: Duty, actor: Actor) -> None:
    journal.note(
        kind,
        record=duty.organisation.record,
        actor=actor,
        data={"programme": duty.programme},
        texts={"note": duty.department},
    )


def _require_may_direct(actor: Actor, organisation: Organisation) -> None:
    if not directs.test(actor, organisation):
        raise NotAllowed(_("Only the office's administrators and the officers of the whole city divide its power."))


def _programme_problems(programme: str) -> list[Problem]:
    if programme and programme not in registry.programmes():
        return [Problem("programme-unknown", _("Choose the programme from the list."), "programme")]
    return []
