"""What is done to approvals: asked for, signed, returned, decided by a meeting, closed on paper, with signers added.

Whoever closes the last step takes the move in the same transaction, in the name of whoever asked for it, but where its
notice is not over. Locks are taken in one order: the record that the move is about, then the approval.
"""

from collections.abc import Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from kezhuan.areas.approvals.lifecycle import APPROVAL
from kezhuan.areas.approvals.permissions import (
    eligible_holders,
    looks_after,
    may_sign,
    signers_of,
)
from kezhuan.areas.approvals.waiting_actions import begin_waiting, end_waiting
from kezhuan.kernel import approvals, journal, notices, registry
from kezhuan.kernel.access import SYSTEM, Actor, actor_as, programme_of, region_of
from kezhuan.kernel.approvals import RUNNING, fingerprint, waiting_steps
from kezhuan.kernel.checks import run_checks
from kezhuan.kernel.deputies import represented_by, standing_in
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import Move, advance, open_record, require_words, touch
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import (
    Approval,
    ApprovalBar,
    ApprovalStep,
    Record,
    Route,
    RouteStep,
)
from kezhuan.kernel.models.approvals import Bar, Outcome, StepMode
from kezhuan.kernel.notices import LANGUAGE
from kezhuan.kernel.text import clean, now, today

MOST_STEPS = 30
"""Steps of one approval, added signers included."""


# -- asking ------------------------------------------------------------------------------------------------------------


def ask_approval(
    *, actor: Actor, row: Any, move: str, note: str = "", reason: str = "", considered: str = ""
) -> Approval:
    """Ask that a move of a row be approved: what is asked for is frozen, and the first steps begin to wait.

    The actor may take the move, and nothing but the route and its notice stands against it. `considered` tells whoever
    decides what else could be done, and why it is not asked for. Raises `NotAllowed`, `Refused`, or `Conflict` when the
    record has moved on or the same is on its way already.
    """
    kind = registry.kind_of(row.record)
    step = kind.lifecycle.moves.get(move)
    if step is None or actor.person is None or actor.organisation is None or not actor.scope.lets_write(kind.slug):
        raise NotAllowed(_("You may not take this step."))
    with journal.writing():
        record = _held(row.record)
        row = registry.row_of(record)
        row.record = record
        route = _require_due(actor, row, step)
        require_words(step, row, actor, note, reason)
        if problems := run_checks(row, step.checks):  # its notice may be held meanwhile, or afterwards
            raise Refused(problems)
        approval: Approval = open_record(
            APPROVAL,
            lambda opened: Approval(
                record=opened,
                about=record,
                move=move,
                note=clean(note),
                reason=reason,
                considered=clean(considered),
                about_version=record.version,
                content_hash=fingerprint(record, move, note, reason),
                route=route,
                region=region_of(row),
                programme=programme_of(row),
                office=actor.organisation,
                asked_by=actor.person,
                asked_for=actor.represented,
            ),
            actor=actor,
            title=_title(step, record),
        )
        _write_bars(approval, row, actor)
        ApprovalStep.objects.bulk_create(_copied(approval, one) for one in route.steps.select_related("post"))
        _require_signers(approval, list(approval.steps.select_related("post")))
        APPROVAL.refresh_audience(approval)
        data = {"other": str(approval.record.uid), "move": move}
        journal.note("approval.asked", record=record, actor=actor, data=data)
        begin_waiting(approval)
    return approval


def _held(record: Record) -> Record:
    """The record, locked until the transaction ends."""
    # Alone: joined to its audiences, PostgreSQL would find no row when whoever held it gave it new ones.
    Record.objects.select_for_update(no_key=True).get(pk=record.pk)
    return Record.objects.select_related("owner__record", "public_to", "title_to").get(pk=record.pk)


def _require_due(actor: Actor, row: Any, move: Move) -> Route:
    if row.record.stage not in move.source:
        raise Conflict(_("The record has moved on: this step is not open any more."))
    if not move.allowed.test(actor, row) or (move.done is not None and move.done.test(actor, row)):
        raise NotAllowed(_("You may not take this step."))
    route = approvals.routes_for(actor, row).get(move.name)
    if route is None:
        raise Refused(Problem("approval-no-route", _("This step needs no approval: take it on the record's page.")))
    if move.needs_meeting(row) and not approvals.leads_to_meeting(route):
        raise Refused(approvals.no_meeting_problem())
    if (one := approvals.running_approval(row.record, move.name)) is not None:
        raise Conflict(_("The approval %(code)s is on its way already.") % {"code": one.record.code})
    return route


def _title(move: Move, record: Record) -> str:
    """What an approval is called; in Chinese, like the sheet."""
    with translation.override(LANGUAGE):
        return _("%(move)s: %(title)s") % {"move": move.label, "title": record.title[:250]}


def _write_bars(approval: Approval, row: Any, actor: Actor) -> None:
    """Whose own matter it is, and who asks, signs nothing; inside a unit its colleagues decide on its own matters."""
    concerned = registry.concerned_in(row)
    if approval.route.unit_id is not None:
        concerned -= {approval.route.unit_id}
    bars = dict.fromkeys(concerned, Bar.OWN) | {one.pk: Bar.ASKED for one in signers_of(actor)}
    ApprovalBar.objects.bulk_create(
        ApprovalBar(approval=approval, party_id=party, why=why) for party, why in sorted(bars.items())
    )


def _copied(approval: Approval, step: RouteStep) -> ApprovalStep:
    return ApprovalStep(
        approval=approval, position=step.position, post=step.post, mode=step.mode, numbered=step.numbered
    )


def _require_signers(approval: Approval, steps: Sequence[ApprovalStep]) -> None:
    """Every step can be signed by somebody: otherwise it would wait for ever."""
    alone = [step.post.name for step in steps if not eligible_holders(approval, step.post)]
    if alone:
        message = _(
            "Nobody who may sign in this matter holds the post: %(posts)s. Whoever asks for it, and whose own matter it"
            " is or who took part in what is examined, does not count. Fill the post first, or let the route lead to"
            " another."
        )
        raise Refused(Problem("approval-no-signer", message % {"posts": "、".join(dict.fromkeys(alone))}, "posts"))


# -- closing a step ----------------------------------------------------------------------------------------------------


def sign_step(*, actor: Actor, step: ApprovalStep, opinion: str = "", document_no: str = "") -> Approval:
    """Agree in the name of the step's post, with an opinion; whoever closes the last step takes the move with it.

    Raises `Conflict` when somebody was faster, `NotAllowed`, or `Refused`: also with whatever stands against the move.
    """
    refuse_marked_texts([opinion, document_no], "opinion")
    with journal.writing():
        approval, step = held_step(actor, step)
        if step.mode != StepMode.SIGN:
            raise Refused(Problem("step-collective", _("A meeting decides on this step: record it."), "opinion"))
        if not may_sign(actor, step):
            raise NotAllowed(_("You do not sign this step."))
        take_number(approval, step, document_no)
        step.signer, step.signed_for = actor.person, actor.represented
        close_step(approval, step, Outcome.AGREED, actor=actor, entry="sign", opinion=opinion)
    return approval


def held_approval(approval: Approval) -> Approval:
    """A running approval, locked with the record that it is about; raises `Conflict` when it is over."""
    about, record = _held(approval.about), _held(approval.record)
    held = Approval.objects.select_related("office", "route", "asked_by__record").get(pk=record.pk)
    held.record, held.about = record, about
    if record.stage != RUNNING:
        raise Conflict(_("This approval is over."))
    return held


def held_step(actor: Actor, step: ApprovalStep) -> tuple[Approval, ApprovalStep]:
    """The approval and its step, both locked; raises unless the step waits and the record is as it was asked for."""
    if not actor.scope.lets_write(step.approval.about.kind):
        raise NotAllowed(_("This token does not reach so far. Make one with a wider scope."))
    about = _held(step.approval.about)
    record = _held(step.approval.record)
    held = ApprovalStep.objects.select_related("approval__office", "approval__route", "post").get(pk=step.pk)
    approval = held.approval
    approval.record, approval.about = record, about
    if record.stage != RUNNING or held.closed_at is not None or held.opened_on is None:
        raise Conflict(_("Someone was faster: this step is closed, or its turn has not come. Nothing was changed."))
    if fingerprint(about, approval.move, approval.note, approval.reason) != approval.content_hash:
        raise Refused(approvals.changed_problem(approval))
    return approval, held


def take_number(approval: Approval, step: ApprovalStep, document_no: str) -> None:
    """Write the number that the step gives; raises `Refused` when it is missing, or given where none is asked for."""
    number = clean(document_no)
    if step.numbered and not number:
        message = _("Give the number of the document that comes of it.")
        raise Refused(Problem("document-number-missing", message, "document_no"))
    if number and not step.numbered:
        message = _("This step gives no document number; leave it out.")
        raise Refused(Problem("document-number-unasked", message, "document_no"))
    if len(number) > 80:
        raise Refused(Problem("text-long", _("A document number has at most 80 characters."), "document_no"))
    if number:
        approval.document_no = number
        approval.save(update_fields=["document_no"])


def close_step(
    approval: Approval, step: ApprovalStep, outcome: Outcome, *, actor: Actor, entry: str, opinion: str, **more: Any
) -> None:
    """Close a step as its fields say, note it with the opinion, and go on: to the next steps, or to the move."""
    step.closed_at, step.outcome = now(), outcome
    step.signed_on = step.signed_on or today()
    step.save()
    end_waiting(step)
    journal.note(
        f"{APPROVAL.kind}.{entry}",
        record=approval.record,
        actor=actor,
        data={"step": step.pk, **more},
        texts={"note": clean(opinion)} if clean(opinion) else None,
    )
    if waiting_steps(list(approval.steps.all())):
        begin_waiting(approval)
    else:
        go_on(approval)


def _asker(approval: Approval) -> Actor | None:
    """Whoever asked, as they may act now; a deputy in the place of whom they stood in for. None when they no longer
    may."""
    actor = actor_as(approval.asked_by, approval.office_id)
    if actor is None or approval.asked_for_id is None:
        return actor
    held = (one.pk for one in represented_by(approval.asked_by) if one.represented_id == approval.asked_for_id)
    number = next(held, None)
    return standing_in(actor, number) if number is not None else None


def taker_of(approval: Approval, row: Any) -> Actor:
    """Whoever asked, as they may take the move of the row now; raises `Refused` where they may no more."""
    asker, move = _asker(approval), registry.kind_of(approval.about).lifecycle.moves[approval.move]
    if asker is None or not move.allowed.test(asker, row):
        message = _("%(name)s, who asked for it, may not take this step any more: a colleague takes it over first.")
        raise Refused(Problem("approval-asker-gone", message % {"name": approval.asked_by.record.title}, "asked_by"))
    return asker


def go_on(approval: Approval) -> None:
    """The route is complete: the move happens now, in the name of whoever asked for it; where its notice is not over,
    once that is complete (see `following_actions`). Raises `Refused` where more stands against it."""
    kind = registry.kind_of(approval.about)
    row, move = registry.row_of(approval.about), kind.lifecycle.moves[approval.move]
    if move.notice is not None and any(notices.check_notice(row, move.name, move.notice)):
        return
    asker = taker_of(approval, row)
    approval.record = advance(APPROVAL, approval, "complete", actor=SYSTEM).record
    advance(
        kind.lifecycle,
        row,
        approval.move,
        actor=asker,
        note=approval.note,
        reason=approval.reason,
        expected_version=approval.about_version,
    )


# -- back, and away ----------------------------------------------------------------------------------------------------


def return_approval(*, actor: Actor, approval: Approval, opinion: str, to_applicant: bool = False) -> Approval:
    """Return it with an opinion to the office that asked; addressed `to_applicant`, also the record's readers read it.

    Raises `Conflict`, `NotAllowed` or `Refused`.
    """
    with journal.writing():
        about = _held(approval.about)
        approval = advance(APPROVAL, approval, "return", actor=actor, note=opinion)
        approval.about = about
        if to_applicant:
            journal.note("approval.returned", record=about, actor=actor, texts={"note": clean(opinion)})
    return approval


def take_over(*, actor: Actor, approval: Approval) -> Approval:
    """Go on in the place of a colleague of the same office who asked; whoever takes over signs nothing.

    Raises `NotAllowed`, or `Conflict` when it is over.
    """
    with journal.writing():
        approval = held_approval(approval)
        about = approval.about
        move = registry.kind_of(about).lifecycle.moves[approval.move]
        if not looks_after.test(actor, approval) or not move.allowed.test(actor, registry.row_of(about)):
            raise NotAllowed(_("Only a colleague who may take the step themselves takes an approval over."))
        assert actor.person is not None
        if approval.asked_by_id == actor.person.pk:
            raise Conflict(_("You asked for it yourself."))
        approval.asked_by, approval.asked_for = actor.person, actor.represented
        approval.save(update_fields=["asked_by", "asked_for"])
        # Whoever asked before stays barred: it was their request.
        for one in signers_of(actor):
            ApprovalBar.objects.get_or_create(approval=approval, party_id=one.pk, defaults={"why": Bar.ASKED})
        _require_signers(approval, list(approval.steps.filter(closed_at=None).select_related("post")))
        touch(APPROVAL, approval, actor=actor, fields=["asked_by"])
    return approval
