"""Changes once a task book is signed: asked for by the leader, agreed to by whom they concern; an officer approves or
refuses them by a move of the project."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from kezhuan.areas.projects.book_actions import INVITED, tell_unit
from kezhuan.areas.projects.changing import Wanted, item_problems, items_of, touches_indicators
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Change, Member, Project
from kezhuan.areas.projects.permissions import LIVING, SIGNED, asks_change, is_asked_to_agree
from kezhuan.areas.projects.queries import open_change
from kezhuan.areas.projects.sharing import burdened, wanted_problems
from kezhuan.areas.projects.staffing import as_rows, leaders_of_chains, missing_staff, staff_problems
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, today


def ask_change(*, actor: Actor, project: Project, wanted: Wanted) -> Change:
    """Ask for a change of a signed task book; what is wanted as it stands already is left out. Raises `NotAllowed`,
    `Refused`, or `Conflict`."""
    must_allow(asks_change, actor, project, _("The leader asks for changes, once the task book is signed."))
    with journal.writing():
        row: Project = held(project)
        if row.record.stage not in SIGNED:
            raise Conflict(_("A task book changes while it stands."))
        if row.changes.filter(approved=None).exists():
            raise Conflict(_("A change is asked for already: it is decided first."))
        refuse_marked_texts(wanted, "reason")
        code = clean(wanted.leaving).upper()
        member = row.members.filter(organisation__record__code=code, state__in=LIVING).first() if code else None
        unit, items = _joining(clean(wanted.joining).upper()), items_of(row, wanted)
        if wanted.staff is not None and (wrong := [*_staff_problems(row, wanted)]):
            raise Refused(wrong)
        if problems := [
            *wanted_problems(row, wanted.shares),
            *_problems(row, member, unit, wanted, bool(items)),
            *item_problems(row, items),
        ]:
            raise Refused(problems)
        made = Change(
            project=row, number=row.changes.count() + 1, items=items, leaving=member, joining=unit,
            reason=clean(wanted.reason), asked_on=today(),
        )  # fmt: skip
        made.poster_asked = touches_indicators(made) and row.poster_id not in {None, row.leader_id}
        made.save()
        made.waits_for.set(one for one in burdened(row, items) if one != member)
        for other in _asked(row, made):
            tell_unit(other, INVITED, key=f"{INVITED}:change:{made.pk}", content={"project": row.pk})
        touch(PROJECT, row, actor=actor, fields=["changes"])
    return made


def _staff_problems(row: Project, wanted: Wanted) -> Iterator[Problem]:
    staff = wanted.staff or ()
    living = row.members.filter(state__in=LIVING).values_list("organisation__record__code", flat=True)
    yield from staff_problems(staff, set(living))
    yield from missing_staff(row, as_rows(staff, row.leader.record.code))


def _asked(row: Project, change: Change) -> list[Organisation]:
    """The units that are to agree."""
    poster = row.poster if change.poster_asked else None
    lowered = [one.organisation for one in change.waits_for.select_related("organisation__record")]
    return list(dict.fromkeys(one for one in (change.joining, poster, *lowered) if one is not None))


def _joining(code: str) -> Organisation | None:
    rows = Organisation.objects.filter(record__code=code, record__stage="verified")
    return rows.select_related("record").first() if code else None


def _problems(
    row: Project, member: Member | None, unit: Organisation | None, wanted: Wanted, changes: bool
) -> list[Problem]:
    found = []
    if (clean(wanted.leaving) and member is None) or (member is not None and member.organisation_id == row.leader_id):
        message = _("A member beside the leader leaves: choose one.")
        found.append(Problem("change-member", message, "leaving"))
    if member is not None and member.organisation_id in leaders_of_chains(row):
        message = _("%(unit)s leads the chain whose task this project does: it takes part until the end.")
        names = {"unit": member.organisation.record.title}
        found.append(Problem("change-chain-leader", message % names, "leaving"))
    if clean(wanted.joining) and unit is None:
        message = _("No verified organisation has the code %(codes)s.")
        found.append(Problem("member-unknown", message % {"codes": clean(wanted.joining)[:30]}, "joining"))
    if clean(wanted.joining) and not clean(wanted.leaving) and not clean(wanted.task):
        message = _("Say whose place it takes, or which task of its own it takes up.")
        found.append(Problem("change-member", message, "leaving"))
    if clean(wanted.task) and (clean(wanted.leaving) or not clean(wanted.joining)):
        message = _("A task of its own is taken up by a unit that joins where nobody leaves.")
        found.append(Problem("change-member", message, "task"))
    if unit is not None and row.members.filter(organisation=unit, state__in=LIVING).exists():
        found.append(Problem("change-joined", _("This unit is a member already."), "joining"))
    if not changes and not clean(wanted.leaving) and not clean(wanted.joining):
        found.append(
            Problem("change-empty", _("Nothing would be changed by this: say what shall be another."), "reason")
        )
    if not clean(wanted.reason):
        found.append(Problem("note-missing", _("Say in a few words why."), "reason"))
    return found


def require_asked(actor: Actor, project: Project) -> None:
    """Raises `NotAllowed` but for a unit that is asked to agree to a change and has not answered."""
    if not is_asked_to_agree.test(actor, project):
        raise NotAllowed(_("Your unit is not asked to agree to anything here, or has answered already."))


def agree_to_change(*, actor: Actor, project: Project) -> Change:
    """Agree to a change for the unit that the actor acts for: to take the place of a member, as the poster to other
    indicators, or as a member to less money. Raises `NotAllowed` or `Conflict`."""
    require_asked(actor, project)
    with journal.writing():
        row: Project = held(project)
        change, unit = _asked_still(actor, row)
        joins = change.joining == unit and change.agreed_on is None
        poses = row.poster == unit and change.poster_asked and change.poster_agreed_on is None
        gives = list(change.waits_for.filter(organisation=unit))
        change.agreed_on = today() if joins else change.agreed_on
        change.poster_agreed_on = today() if poses else change.poster_agreed_on
        if gives:
            change.waits_for.remove(*gives)
            change.members_agreed = [*change.members_agreed, [unit.record.title, today().isoformat()]]
        change.save(update_fields=["agreed_on", "poster_agreed_on", "members_agreed"])
        touch(PROJECT, row, actor=actor, fields=["changes"])
    return change


def _asked_still(actor: Actor, row: Project) -> tuple[Change, Organisation]:
    """The change to which the actor's unit is asked to agree, and the unit; `row` is held."""
    change, unit = open_change(row), actor.organisation
    if change is None or unit is None or not is_asked_to_agree.test(actor, row):
        raise Conflict(_("Your unit is not asked to agree to anything here any more."))
    return change, unit


def refuse_to_agree(*, actor: Actor, project: Project, words: str) -> Change:
    """Answer for the unit that the actor acts for that it does not agree to a change, and why; another change is asked
    for then. Raises `NotAllowed`, `Refused` or `Conflict`."""
    require_asked(actor, project)
    refuse_marked_texts([words], "words")
    said = clean(words)
    if not said:
        raise Refused(Problem("note-missing", _("Say in a few words why."), "words"))
    with journal.writing():
        row: Project = held(project)
        change, unit = _asked_still(actor, row)
        change.refused_by.add(unit)
        change.refusals = [*change.refusals, [unit.record.title, today().isoformat(), said]]
        change.save(update_fields=["refusals"])
        touch(PROJECT, row, actor=actor, fields=["changes"])
    return change
