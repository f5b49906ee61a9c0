"""Pages of approvals: the list, one with its route and what is to be done, asking for one, signing, returning."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.approvals.actions import ask_approval, return_approval, sign_step, taker_of
from kezhuan.areas.approvals.forms import AskForm, ReturnForm, SignForm
from kezhuan.areas.approvals.permissions import (
    eligible_holders,
    looks_after,
    may_sign,
    sees_routes,
    signs_now,
    steps_waiting_for,
)
from kezhuan.areas.approvals.queries import TOLD, approvals_visible_to, evidence_for, signers_to_come
from kezhuan.kernel import approvals, registry
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import Conflict, Missing, NotAllowed, NotNow, Refused
from kezhuan.kernel.history import asker_name
from kezhuan.kernel.models import Approval, ApprovalStep, Record
from kezhuan.kernel.models.approvals import StepMode
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Crumb, Fact, ResultLine
from kezhuan.web.lists import list_page, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.records import record_page
from kezhuan.web.routes import route_steps
from kezhuan.web.shell import trail


def register_face() -> None:
    """How approvals stand in lists."""
    faces.register("approval", faces.Face(_rows, _line))


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Approval]:
    return list(approvals_visible_to(actor).filter(pk__in=ids))


def _line(actor: Actor, row: Approval, words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("approval"),
        meta=(name_of(row.office.record), asker_name(row)),
        on=row.record.opened_on,
    )


@takes_a_list
def approval_list(request: Request) -> HttpResponse:
    """All approvals the reader may see."""
    return list_page(
        request,
        title=capfirst(_("approvals")),
        kinds=("approval",),
        facets=("stage", "region"),
        lead=_("Steps that go through people: who has signed, and whose turn it is."),
        buttons=_list_buttons(request.actor),
        empty=_("No step has been asked for yet that needs approval."),
    )


def _list_buttons(actor: Actor) -> list[ButtonLink]:
    found = [ButtonLink(_("Decisions that wait for you"), reverse("decisions"))] if actor.is_signed_in else []
    return [*found, ButtonLink(_("Routes of approval"), reverse("routes"))] if sees_routes(actor) else found


def get_approval(request: Request, code: str) -> Approval:
    """The approval of a code, for those who may see it; raises `Missing`."""
    return get_visible(request.actor, Approval, code, related=(*TOLD, "about__full_to"))


def crumbs_of(row: Approval, *last: str) -> tuple[Crumb, ...]:
    """The way to a page below an approval's."""
    code = row.record.code
    here = (
        (_("Home"), "/"),
        (capfirst(_("approvals")), reverse("approvals")),
        (code, reverse("approval", args=[code])),
    )
    return trail(*here, *last)


@require_safe
def approval_page(request: Request, code: str) -> HttpResponse:
    """An approval: what is asked for, how it stands, and what the reader may do."""
    row = get_approval(request, code)
    return record_page(
        request,
        row,
        "approvals/approval.html",
        meta=(name_of(row.office.record),),
        buttons=_buttons(request.actor, row),
        facts=_facts(request.actor, row),
        steps_of_route=route_steps(row),
        take_over_url=reverse("approval-take-over", args=[code]) if _may_take_over(request.actor, row) else "",
        stuck=_stuck(row),
        **_agreed(request.actor, row),
    )


def _agreed(actor: Actor, row: Approval) -> dict[str, Any]:
    """Whether everybody has agreed and the step is not taken yet, and what stands against it: that whoever asked may
    take it no more, and for whoever reads the record the rest."""
    if row.record.stage != approvals.RUNNING or row.steps.filter(closed_at=None).exists():
        return {}
    evidence = evidence_for(actor, row)
    missing = [*evidence.missing] if evidence is not None else []
    try:
        taker_of(row, registry.row_of(row.about))
    except Refused as refused:
        missing += [str(one.message) for one in refused.problems]
    return {"agreed": True, "missing": missing}


def _stuck(row: Approval) -> list[str]:
    """The posts that wait and that nobody fills who may sign."""
    if row.record.stage != approvals.RUNNING:
        return []
    waiting = row.steps.filter(closed_at=None, mode=StepMode.SIGN).exclude(opened_on=None).select_related("post")
    return [step.post.name for step in waiting if not eligible_holders(row, step.post)]


def _buttons(actor: Actor, row: Approval) -> list[ButtonLink]:
    code, found = row.record.code, [ButtonLink(_("Approval sheet"), reverse("approval-sheet", args=[row.record.code]))]
    if row.record.stage != approvals.RUNNING:
        return found
    keeps = bool(looks_after.test(actor, row))
    signs = set(steps_waiting_for(actor).filter(approval=row).values_list("pk", flat=True))
    waiting = row.steps.filter(closed_at=None).exclude(opened_on=None).select_related("post")
    steps = [link for step in waiting for link in _step_buttons(code, step, step.pk in signs, keeps)]
    if signs:
        steps.append(ButtonLink(_("Return to the applicant"), reverse("approval-return", args=[code])))
    if signs or keeps:
        steps.append(ButtonLink(_("Add a signer"), reverse("approval-add-signer", args=[code])))
    people = signers_to_come(row)
    if (keeps and people) or (actor.person is not None and actor.person in people):
        steps.append(ButtonLink(_("Note a recusal"), reverse("approval-recuse", args=[code])))
    return [*steps, *found]


def _step_buttons(code: str, step: ApprovalStep, signs: bool, keeps: bool) -> list[ButtonLink]:
    words = {"post": step.post.name}
    if step.mode == StepMode.COLLECTIVE:
        url = reverse("approval-decision", args=[code, step.pk])
        return [ButtonLink(_("Record the meeting: %(post)s") % words, url, primary=True)] if signs or keeps else []
    found = []
    if signs:
        url = reverse("approval-sign", args=[code, step.pk])
        found.append(ButtonLink(_("Sign as %(post)s") % words, url, primary=True))
    if keeps:
        url = reverse("approval-paper", args=[code, step.pk])
        found.append(ButtonLink(_("Signed on paper: %(post)s") % words, url))
    return found


def _may_take_over(actor: Actor, row: Approval) -> bool:
    """Whether the page offers to go on in the place of whoever asked; the action asks once more."""
    own = actor.person is not None and actor.person.pk == row.asked_by_id
    if own or row.record.stage != approvals.RUNNING or not looks_after.test(actor, row):
        return False
    move = registry.kind_of(row.about).lifecycle.moves[row.move]
    return bool(move.allowed.test(actor, registry.row_of(row.about)))


def _facts(actor: Actor, row: Approval) -> list[Fact]:
    about = row.about
    move = registry.kind_of(about).lifecycle.moves[row.move]
    seen = can_view(actor, about)
    reasons = dict(move.reasons)
    found = [
        Fact(_("Record in question"), name_of(about) if seen else "", faces.url_of(about) if seen else ""),
        Fact(_("Step"), move.label),
        Fact(_("Asked by"), f"{asker_name(row)} · {name_of(row.office.record)}"),
    ]
    if row.reason:
        found.append(Fact(_("Reason"), reasons.get(row.reason, row.reason)))
    if row.note:
        found.append(Fact(_("Note"), row.note))
    if row.considered:
        found.append(Fact(_("What else was considered"), row.considered))
    if row.document_no:
        found.append(Fact(_("Document number"), row.document_no))
    return [*found, Fact(_("Hash of what is approved (SHA-256)"), row.content_hash)]


@require_http_methods(["GET", "POST"])
def approval_new(request: Request, code: str, move: str) -> HttpResponseBase:
    """Ask for approval of a step of a record."""
    row = registry.row_of(get_visible(request.actor, Record, code))
    step = registry.kind_of(row.record).lifecycle.moves.get(move)
    route = approvals.routes_for(request.actor, row).get(move)
    if step is None or route is None:
        raise Missing(move)
    if not step.allowed.test(request.actor, row):
        raise NotAllowed
    running = approvals.running_approval(row.record, move)
    if running is not None:
        told = _("The approval %(code)s is on its way already.") % {"code": running.record.code}
        raise NotNow(told, running.record)

    def act(form: AskForm) -> str:
        made = ask_approval(actor=request.actor, row=row, move=move, **form.cleaned_data)
        return reverse("approval", args=[made.record.code])

    back = faces.url_of(row.record)
    title = _("Ask for approval: %(move)s") % {"move": step.label}
    return action_page(
        request,
        lambda posted, files: AskForm(posted, move=step, row=row, actor=request.actor),
        act,
        title=title,
        intro=name_of(row.record),
        template="approvals/approval_new.html",
        route=route.steps.select_related("post__organisation__record"),
        submit_label=_("Ask for approval"),
        back=back,
        edit_url=faces.edit_url(request.actor, row),
        crumbs=trail((_("Home"), "/"), (row.record.code, back), title),
    )


def waiting_step(row: Approval, number: int) -> ApprovalStep:
    """A step of an approval that was not closed yet; raises `Missing`, or `Conflict` when somebody was faster."""
    step = ApprovalStep.objects.filter(approval=row, pk=number).select_related("post", "signer__record").first()
    if step is None:
        raise Missing(str(number))
    if step.closed_at is not None:
        raise Conflict(_("This step is closed already. Nothing was changed by you."))
    step.approval = row
    return step


@require_http_methods(["GET", "POST"])
def approval_sign(request: Request, code: str, number: int) -> HttpResponseBase:
    """Sign a step."""
    row = get_approval(request, code)
    step = waiting_step(row, number)
    if not may_sign(request.actor, step):
        raise NotAllowed(_("You do not sign this step."))

    def act(form: SignForm) -> str:
        done = sign_step(actor=request.actor, step=step, **form.cleaned_data)
        return reverse("approval", args=[done.record.code])

    return action_page(
        request,
        lambda posted, files: SignForm(posted, numbered=step.numbered),
        act,
        title=_("Sign as %(post)s") % {"post": step.post.name},
        intro=row.record.title,
        template="approvals/sign.html",
        facts=_facts(request.actor, row),
        evidence=evidence_for(request.actor, row),
        steps_of_route=route_steps(row),
        submit_label=_("Agree and sign"),
        done=_("You have agreed and signed."),
        back=reverse("approval", args=[code]),
        crumbs=crumbs_of(row, _("Sign")),
    )


@require_http_methods(["GET", "POST"])
def approval_return(request: Request, code: str) -> HttpResponseBase:
    """Return an approval with an opinion, which the applicant may be given to read."""
    row = get_approval(request, code)
    if not signs_now.test(request.actor, row):
        raise NotAllowed(_("You do not sign a step of this approval now."))

    def act(form: ReturnForm) -> str:
        return_approval(actor=request.actor, approval=row, **form.cleaned_data)
        return reverse("approval", args=[code])

    return action_page(
        request,
        lambda posted, files: ReturnForm(posted, initial={"to_applicant": True}),
        act,
        title=_("Return with opinion"),
        intro=row.record.title,
        submit_label=_("Return"),
        back=reverse("approval", args=[code]),
        crumbs=crumbs_of(row, _("Return")),
    )
