"""Changes of members once a task book is signed: asked for by the leader, agreed to by who comes, approved by an
officer; what was before stays to be read."""

from django.utils.translation import gettext as _

from kezhuan.areas.projects.actions import INVITED, tell_unit
from kezhuan.areas.projects.checks import require_words
from kezhuan.areas.projects.lifecycle import PROJECT, keep_limits, note_decision
from kezhuan.areas.projects.models import Change, Member, MemberState, Project
from kezhuan.areas.projects.permissions import LIVING, SIGNED, asks_change, decides, is_asked_to_join
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import clean, today


def ask_change(*, actor: Actor, project: Project, leaving: str, joining: str = "", reason: str) -> Change:
    """Ask for a change: the member with the code `leaving` leaves, and the unit `joining` takes its place, or with none
    the leader does. Raises `NotAllowed`, `Refused`, or `Conflict`."""
    if not asks_change.test(actor, project):
        raise NotAllowed(_("The leader asks for changes of members, once the task book is signed."))
    with journal.writing():
        row: Project = held(project)
        if row.record.stage not in SIGNED:
            raise Conflict(_("Members change while the task book stands."))
        if row.changes.filter(approved=None).exists():
            raise Conflict(_("A change of members is asked for already: it is decided first."))
        member = row.members.filter(organisation__record__code=clean(leaving).upper(), state__in=LIVING).first()
        unit = _joining(clean(joining).upper())
        refuse_marked_texts([reason], "reason")
        if problems := _problems(row, member, joining, unit, reason):
            raise Refused(problems)
        assert member is not None
        made = Change.objects.create(
            project=row, number=row.changes.count() + 1, leaving=member, joining=unit, reason=clean(reason),
            asked_on=today(),
        )  # fmt: skip
        if unit is not None:
            tell_unit(unit, INVITED, key=f"{INVITED}:change:{made.pk}", project=row)
        touch(PROJECT, row, actor=actor, fields=["changes"])
    return made


def _joining(code: str) -> Organisation | None:
    rows = Organisation.objects.filter(record__code=code, record__stage="verified")
    return rows.select_related("record").first() if code else None


def _problems(
    row: Project, member: Member | None, joining: str, unit: Organisation | None, reason: str
) -> list[Problem]:
    found = []
    if member is None or member.organisation_id == row.leader_id:
        message = _("A member beside the leader leaves: choose one.")
        found.append(Problem("change-member", message, "leaving"))
    if clean(joining) and unit is None:
        message = _("No verified organisation has the code %(codes)s.")
        found.append(Problem("member-unknown", message % {"codes": clean(joining)[:30]}, "joining"))
    if unit is not None and row.members.filter(organisation=unit, state__in=LIVING).exists():
        found.append(Problem("change-joined", _("This unit is a member already."), "joining"))
    if not clean(reason):
        found.append(Problem("note-missing", _("Say in a few words why."), "reason"))
    return found


def agree_to_join(*, actor: Actor, project: Project) -> Change:
    """Agree to take the place of a member, for the unit that the actor acts for; raises `NotAllowed` or `Conflict`."""
    if not is_asked_to_join.test(actor, project):
        raise NotAllowed(_("Your unit is not asked into this project, or has answered already."))
    with journal.writing():
        row: Project = held(project)
        change = row.changes.filter(approved=None, joining=actor.organisation, agreed_on=None).first()
        if change is None:
            raise Conflict(_("Your unit is not asked into this project any more."))
        change.agreed_on = today()
        change.save(update_fields=["agreed_on"])
        touch(PROJECT, row, actor=actor, fields=["changes"])
    return change


def decide_change(*, actor: Actor, project: Project, number: int, approves: bool, reason: str) -> Project:
    """Approve a change of members or refuse it, with a reason; raises `NotAllowed`, `Refused` or `Conflict`."""
    if not decides.test(actor, project):
        raise NotAllowed(_("Changes are approved by the officers in charge, of no unit that takes part."))
    with journal.writing():
        row: Project = held(project)
        change = row.changes.filter(number=number, approved=None).select_related("leaving").first()
        if change is None:
            raise Conflict(_("This change is decided already."))
        require_words(reason, "reason")
        if approves and change.joining_id is not None and change.agreed_on is None:
            message = _("The unit that is to join has not agreed yet.")
            raise Refused(Problem("change-unagreed", message, "approves"))
        change.approved, change.verdict, change.decided_on = approves, clean(reason), today()
        change.save(update_fields=["approved", "verdict", "decided_on"])
        if approves:
            _carry_out(row, change)
            keep_limits(row, actor)
        note_decision(row, actor, "change", number)
        touch(PROJECT, row, actor=actor, fields=["members"] if approves else ["changes"])
    return row


def _carry_out(row: Project, change: Change) -> None:
    """Task, shares and milestones of who leaves are from now on those of who comes, or of the leader."""
    gone = change.leaving
    gone.state, gone.until = MemberState.LEFT, today()
    gone.save(update_fields=["state", "until"])
    if change.joining is not None:
        heir = Member.objects.create(
            project=row, number=row.members.count() + 1, organisation=change.joining, state=MemberState.ACCEPTED,
            task=gone.task, fiscal_fen=gone.fiscal_fen, own_fen=gone.own_fen, since=today(),
        )  # fmt: skip
    else:
        heir = row.members.get(organisation=row.leader, state=MemberState.ACCEPTED)
        heir.fiscal_fen += gone.fiscal_fen
        heir.own_fen += gone.own_fen
        heir.save(update_fields=["fiscal_fen", "own_fen"])
    gone.milestones.update(member=heir)
