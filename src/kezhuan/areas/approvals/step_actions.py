"""Steps that are closed otherwise than by hand: by a signed sheet, by a meeting; signers added, and people recused."""

from collections.abc import Sequence
from datetime import date

from django.db.models import F, Q
from django.utils.translation import gettext as _

from kezhuan.areas.approvals.actions import MOST_STEPS, close_step, held_approval, held_step, take_number
from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.areas.approvals.permissions import (
    eligible_holders,
    hand_signers,
    looks_after,
    may_add_signer,
    may_sign,
    parties_of,
)
from kezhuan.areas.approvals.waiting_actions import begin_waiting
from kezhuan.exchange.models import Printed
from kezhuan.exchange.papers.signing import code_on, require_present
from kezhuan.kernel import journal, registry
from kezhuan.kernel.access import Actor, predicate
from kezhuan.kernel.approvals import holders_of, waiting_steps
from kezhuan.kernel.contents import SCANS
from kezhuan.kernel.documents import Upload, check_upload, keep_proof
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Approval, ApprovalBar, ApprovalStep, Person, Post, RuleValue
from kezhuan.kernel.models.approvals import Bar, Outcome, StepMode
from kezhuan.kernel.predicates import Rows
from kezhuan.kernel.rulebook import rule_or_none, stamp
from kezhuan.kernel.text import clean, today

MOST_NAMES = 200
QUORUM = "meeting.quorum"
"""Rule value: the least share of those who belong to a meeting that attend when it decides."""

# -- on paper ----------------------------------------------------------------------------------------------------------


def close_on_paper(
    *,
    actor: Actor,
    step: ApprovalStep,
    signer: Person,
    signed_on: date,
    sheet: Upload | None,
    signed_for: Person | None = None,
    opinion: str = "",
    document_no: str = "",
) -> Approval:
    """Close a step by the signed sheet that the office's own system holds: who signed it, on which day, and its scan.

    The office that asked does this, for somebody who could have signed here; `signed_for` is whom a deputy stood in for
    on that day. A version code on the sheet is read back, and is of this approval, or of the record that it is about.
    One sheet may close several steps. Raises `Conflict` when somebody was faster, `NotAllowed`, or `Refused`.
    """
    refuse_marked_texts([opinion, document_no], "opinion")
    if not looks_after.test(actor, step.approval):
        raise NotAllowed(_("Only the office that asked closes a step by a signed sheet."))
    code = ""
    if sheet is not None:
        check_upload(sheet, SCANS)
        code = code_on(sheet.content)
    with journal.writing():
        approval, step = held_step(actor, step)
        if step.mode != StepMode.SIGN:
            raise Refused(Problem("step-collective", _("A meeting decides on this step: record it."), "opinion"))
        problems = [*_day_problems(signed_on, approval.record.opened_on, "signed_on")]
        if (signer, signed_for) not in hand_signers(approval, step.post, signed_on, signed_on):
            message = _(
                "Choose who signed: somebody who holds the post, or was their deputy on that day, and may sign in this"
                " matter."
            )
            problems.append(Problem("sheet-signer", message, "signer"))
        if sheet is None:
            problems.append(Problem("sheet-missing", _("Add the scan of the signed sheet."), "file"))
        if sheet is None or problems:
            raise Refused(problems)
        _require_its_paper(actor, approval, code)
        take_number(approval, step, document_no)
        step.signer, step.signed_for = signer, signed_for
        step.signed_on, step.entered_by = signed_on, actor.person
        step.document = keep_proof(actor=actor, record=approval.record, upload=sheet, kind="signed-sheet", types=SCANS)
        more = {"signer": str(signer.record.uid), "document": step.document.pk}
        more |= {"signed_for": str(signed_for.record.uid)} if signed_for is not None else {}
        more |= {"code": code} if code else {}
        close_step(approval, step, Outcome.SHEET, actor=actor, entry="sheet", opinion=opinion, **more)
    return approval


def _require_its_paper(actor: Actor, approval: Approval, code: str) -> None:
    """A sheet that bears a code is a print of this approval, in any version: opinions are added while it goes round,
    what is asked for stays; or the present paper of the record. One without comes from the office's own system."""
    if code and not Printed.objects.filter(code=code, record=approval.pk).exists():
        require_present(registry.row_of(approval.about), actor, code)


def _day_problems(day: date, earliest: date | None, field: str) -> list[Problem]:
    if day > today():
        return [Problem("day-later", _("This day lies in the future."), field)]
    if earliest is not None and day < earliest:
        message = _("It was asked for on %(day)s: nobody has signed before.") % {"day": earliest.isoformat()}
        return [Problem("day-earlier", message, field)]
    return []


# -- by a meeting ------------------------------------------------------------------------------------------------------


def record_decision(
    *,
    actor: Actor,
    step: ApprovalStep,
    meeting: str,
    held_on: date,
    attended: Sequence[str],
    minutes_no: str,
    minutes: Upload | None,
    recused: Sequence[str] = (),
    entitled: int | None = None,
    opinion: str = "",
    document_no: str = "",
) -> Approval:
    """Close a step by what a meeting decided: which, when, who attended, who was recused, its minutes and their number.
    `entitled` is how many belong to the meeting; it is needed where a rule value asks for a quorum.

    The office that asked records it, or whoever holds the step's post. Whoever was recused signs no later step. Raises
    `Conflict` when somebody was faster, `NotAllowed`, or `Refused`.
    """
    there, away = _names(attended), _names(recused)
    refuse_marked_texts([opinion, document_no, meeting, minutes_no, *there, *away], "opinion")
    with journal.writing():
        approval, step = held_step(actor, step)
        if step.mode != StepMode.COLLECTIVE:
            message = _("Somebody signs this step, no meeting decides on it.")
            raise Refused(Problem("step-signed", message, "meeting"))
        if not may_record(actor, step):
            raise NotAllowed(_("Only the office that asked, and who holds the post, record what a meeting decided."))
        problems = [
            *_day_problems(held_on, None, "held_on"),
            *_meeting_problems(meeting, minutes_no, minutes),
            *_attendance_problems(approval, there, away),
            *_quorum_problems(approval, len(there), entitled),
        ]
        if minutes is None or problems:
            raise Refused(problems)
        take_number(approval, step, document_no)
        step.meeting, step.minutes_no = clean(meeting), clean(minutes_no)
        step.signed_on, step.attended, step.recused, step.entitled = held_on, there, away, entitled
        step.entered_by = actor.person
        step.document = keep_proof(actor=actor, record=approval.record, upload=minutes, kind="minutes", types=SCANS)
        _bar_recused(approval, away)
        more = {"document": step.document.pk}
        close_step(approval, step, Outcome.DECIDED, actor=actor, entry="decide", opinion=opinion, **more)
    return approval


@predicate
def may_record(actor: Actor, step: ApprovalStep) -> bool:
    """Records what a meeting decided: the office that asked, or who holds the post; not those whose
    own matter it is, nor the recused."""
    if actor.person is None:
        return False
    bars = ApprovalBar.objects.filter(approval=step.approval, party__in=parties_of(actor.person))
    if bars.exclude(why=Bar.ASKED).exists():
        return False
    return looks_after(actor, step.approval) or may_sign(actor, step)


@may_record.beside
def _recorded_by(actor: Actor, rows: Rows) -> Q:
    if actor.person is None:
        return rows.none
    bars = ApprovalBar.objects.filter(party__in=parties_of(actor.person)).exclude(why=Bar.ASKED)
    asked = looks_after.where(actor, rows.at("approval", Approval))
    return (asked | may_sign.where(actor, rows)) & ~rows.where(approval__in=bars.values("approval"))


def _names(typed: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(clean(name) for name in typed if clean(name)))


def _meeting_problems(meeting: str, minutes_no: str, minutes: Upload | None) -> list[Problem]:
    found = []
    if not 2 <= len(clean(meeting)) <= 200:
        found.append(Problem("meeting-name", _("Name the meeting in 2 to 200 characters."), "meeting"))
    if not 1 <= len(clean(minutes_no)) <= 80:
        found.append(
            Problem("minutes-number", _("Give the number of the minutes, at most 80 characters."), "minutes_no")
        )
    if minutes is None:
        found.append(Problem("minutes-missing", _("Add the scan of the minutes."), "file"))
    return found


def _attendance_problems(approval: Approval, there: list[str], away: list[str]) -> list[Problem]:
    found = []
    if not there or len(there) + len(away) > MOST_NAMES or any(len(name) > 60 for name in there + away):
        message = _("Name who attended: at most %(most)s names of at most 60 characters.") % {"most": MOST_NAMES}
        found.append(Problem("attendance-names", message, "attended"))
    if both := sorted(set(there) & set(away)):
        message = _("Who is recused does not attend the item: %(names)s.") % {"names": "、".join(both)}
        found.append(Problem("recused-attends", message, "attended"))
    own = set(approval.bars.exclude(why=Bar.ASKED).filter(party__kind="person").values_list("party__title", flat=True))
    if concerned := sorted(own & set(there)):
        message = _("It is their own matter, or they are recused: %(names)s. Name them among the recused.")
        found.append(Problem("concerned-attends", message % {"names": "、".join(concerned)}, "attended"))
    return found


def quorum_of(approval: Approval) -> RuleValue | None:
    """The share of a meeting's members that has to attend at the place of a case; None where nothing says one."""
    return rule_or_none(QUORUM, on=today(), jurisdiction=approval.region)


def _quorum_problems(approval: Approval, there: int, entitled: int | None) -> list[Problem]:
    """Enough attend, of those who belong to the meeting, where a rule value of the place asks for a quorum."""
    if entitled is not None and not there <= entitled <= MOST_NAMES:
        message = _("Say how many belong to the meeting: no fewer than attended, at most %(most)s.")
        return [Problem("quorum-entitled", message % {"most": MOST_NAMES}, "entitled")]
    rule = quorum_of(approval)
    if rule is None:
        return []
    stamp([(approval.record, rule)])
    if entitled is None:
        message = _("A quorum is asked for here: say how many belong to the meeting.")
        return [Problem("quorum-entitled", message, "entitled", rule.source)]
    if there * 10_000 < rule.value * entitled:
        message = _("%(there)s of %(all)s attended: too few for a decision, it takes %(share)g %%.")
        words = {"there": there, "all": entitled, "share": rule.value / 100}
        return [Problem("quorum-short", message % words, "attended", rule.source)]
    return []


def _bar_recused(approval: Approval, names: Sequence[str]) -> None:
    """Whoever is recused and holds a post that is still to sign signs nothing."""
    posts = approval.steps.filter(closed_at=None).values_list("post", flat=True)
    for held in holders_of(posts):
        if held.person.record.title in names:
            _bar(approval, held.person)


def _bar(approval: Approval, person: Person) -> bool:
    _row, is_new = ApprovalBar.objects.get_or_create(
        approval=approval, party_id=person.pk, defaults={"why": Bar.RECUSED}
    )
    return is_new


# -- who signs ---------------------------------------------------------------------------------------------------------


def recuse(*, actor: Actor, approval: Approval, person: Person, reason: str) -> Approval:
    """Note that somebody who holds a post of the route is recused: they sign nothing from now on.

    Everybody recuses themselves; the office that asked notes it of others. Raises `NotAllowed`, `Refused`, or
    `Conflict` when it is over or noted already.
    """
    refuse_marked_texts([reason], "reason")
    with journal.writing():
        approval = held_approval(approval)
        own = actor.person is not None and actor.person.pk == person.pk
        if not own and not looks_after.test(actor, approval):
            raise NotAllowed(_("Only the office that asked notes that somebody else is recused."))
        posts = approval.steps.filter(closed_at=None).values_list("post", flat=True)
        if not holders_of(posts).filter(person=person).exists():
            message = _("Choose somebody who holds a post that is still to sign.")
            raise Refused(Problem("recused-unknown", message, "person"))
        if not clean(reason):
            raise Refused(Problem("reason-missing", _("Say in a few words why."), "reason"))
        if _bar(approval, person):
            _changed(approval)
            journal.note(
                "approval.recuse",
                record=approval.record,
                actor=actor,
                data={"person": str(person.record.uid)},
                texts={"note": clean(reason), "whom": person.record.title},
            )
    return approval


def add_signer(*, actor: Actor, approval: Approval, post: Post, after: bool, reason: str = "") -> Approval:
    """Add a signer (加签): beside the steps that wait, or directly `after` them; where none waits, the last ones.

    Whoever looks after the approval, and whoever signs now, adds one. Raises `NotAllowed`, `Refused`, or `Conflict`.
    """
    refuse_marked_texts([reason], "reason")
    with journal.writing():
        approval = held_approval(approval)
        if not may_add_signer.test(actor, approval):
            raise NotAllowed(_("Only the office that asked, and whose turn it is, add a signer."))
        steps = list(approval.steps.all())
        here = (waiting_steps(steps) or steps[-1:])[0].position
        position = here + 1 if after else here
        if problems := _added_problems(approval, steps, post, position, after):
            raise Refused(problems)
        if after:
            approval.steps.filter(position__gt=here).update(position=F("position") + 1)
        step = ApprovalStep.objects.create(approval=approval, position=position, post=post, added_by=actor.person)
        APPROVAL.refresh_audience(approval)
        _changed(approval)
        journal.note(
            "approval.add-signer",
            record=approval.record,
            actor=actor,
            data={"step": step.pk, "post": post.pk},
            texts={"note": clean(reason), "whom": post.name} if clean(reason) else {"whom": post.name},
        )
        begin_waiting(approval)
    return approval


def _added_problems(
    approval: Approval, steps: Sequence[ApprovalStep], post: Post, position: int, after: bool
) -> list[Problem]:
    found = []
    if post.closed_on is not None:
        found.append(Problem("route-post-closed", _("A post of this route is closed: choose another."), "post"))
    if approval.route.unit_id is not None and post.organisation_id != approval.route.unit_id:
        found.append(Problem("route-foreign-post", _("A unit's own route goes by its own posts."), "post"))
    waits = {one.post_id for one in steps if one.closed_at is None and one.position == position}
    if not after and post.pk in waits:
        found.append(Problem("route-post-twice", _("One post signs once at a place of the route."), "post"))
    if len(steps) >= MOST_STEPS:
        message = _("An approval has at most %(most)s steps.") % {"most": MOST_STEPS}
        found.append(Problem("route-steps", message, "post"))
    if not eligible_holders(approval, post):
        message = _("Nobody who may sign in this matter holds the post: %(posts)s. Fill it first.")
        found.append(Problem("approval-no-signer", message % {"posts": post.name}, "post"))
    return found


def _changed(approval: Approval) -> None:
    """The approval is another than its reader saw: a new version."""
    record = approval.record
    type(record).objects.filter(pk=record.pk).update(version=F("version") + 1)
