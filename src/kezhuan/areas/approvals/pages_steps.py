"""Pages on which a step is closed on paper or by a meeting, a signer added, somebody recused, or it is taken over."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kezhuan.areas.approvals.actions import take_over
from kezhuan.areas.approvals.forms import AddSignerForm, DecisionForm, PaperForm, RecuseForm, upload_of
from kezhuan.areas.approvals.pages import crumbs_of, get_approval, waiting_step
from kezhuan.areas.approvals.permissions import hand_signers, looks_after, may_add_signer
from kezhuan.areas.approvals.queries import posts_to_add, signers_to_come
from kezhuan.areas.approvals.sheet import sheet_of
from kezhuan.areas.approvals.step_actions import (
    add_signer,
    close_on_paper,
    may_record,
    quorum_of,
    record_decision,
    recuse,
)
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.models import Approval
from kezhuan.kernel.text import today
from kezhuan.web.middleware import Request
from kezhuan.web.names import source_words
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page

Maker = Callable[..., Any]


def _action(
    request: Request,
    row: Approval,
    maker: Maker,
    act: Callable[[Any], None],
    *,
    title: str,
    submit_label: str,
    multipart: bool = False,
    intro: str = "",
) -> HttpResponseBase:
    """A form below an approval's page, to which it leads back."""
    back = reverse("approval", args=[row.record.code])

    def done(form: Any) -> str:
        act(form)
        return back

    return action_page(
        request,
        maker,
        done,
        title=title,
        intro=intro or row.record.title,
        multipart=multipart,
        submit_label=submit_label,
        back=back,
        crumbs=crumbs_of(row, title),
    )


@require_http_methods(["GET", "POST"])
def approval_paper(request: Request, code: str, number: int) -> HttpResponseBase:
    """Close a step by the signed sheet."""
    row = get_approval(request, code)
    step = waiting_step(row, number)
    if not looks_after.test(request.actor, row):
        raise NotAllowed(_("Only the office that asked closes a step by a signed sheet."))
    signers = hand_signers(row, step.post, row.record.opened_on, today())

    def act(form: PaperForm) -> None:
        given = form.cleaned_data
        signer, signed_for = given["signer"]
        close_on_paper(
            actor=request.actor,
            step=step,
            signer=signer,
            signed_for=signed_for,
            signed_on=given["signed_on"],
            sheet=upload_of(form),
            opinion=given["opinion"],
            document_no=given.get("document_no", ""),
        )

    return _action(
        request,
        row,
        lambda posted, files: PaperForm(
            posted, files, signers=signers, numbered=step.numbered, initial={"signed_on": today()}
        ),
        act,
        title=_("Signed on paper: %(post)s") % {"post": step.post.name},
        submit_label=_("Close the step"),
        multipart=True,
    )


@require_http_methods(["GET", "POST"])
def approval_decision(request: Request, code: str, number: int) -> HttpResponseBase:
    """Record what a meeting decided."""
    row = get_approval(request, code)
    step = waiting_step(row, number)
    if not may_record(request.actor, step):
        raise NotAllowed(_("Only the office that asked, and who holds the post, record what a meeting decided."))

    def act(form: DecisionForm) -> None:
        given = form.cleaned_data
        record_decision(
            actor=request.actor,
            step=step,
            meeting=given["meeting"],
            held_on=given["held_on"],
            attended=given["attended"],
            recused=given["recused"],
            entitled=given["entitled"],
            minutes_no=given["minutes_no"],
            minutes=upload_of(form),
            opinion=given["opinion"],
            document_no=given.get("document_no", ""),
        )

    return _action(
        request,
        row,
        lambda posted, files: DecisionForm(
            posted, files, numbered=step.numbered, quorum=_quorum_words(row), initial={"held_on": today()}
        ),
        act,
        title=_("Record the meeting: %(post)s") % {"post": step.post.name},
        submit_label=_("Record the decision"),
        multipart=True,
    )


def _quorum_words(row: Approval) -> str:
    """How many have to attend, or that nothing here says it."""
    rule = quorum_of(row)
    if rule is None:
        return _("No rule value says here how many have to attend; whoever reads the decision sees how many did.")
    return _("%(share)g %% of them have to attend: %(source)s") % {
        "share": rule.value / 100, "source": source_words(rule.source),
    }  # fmt: skip


@require_http_methods(["GET", "POST"])
def approval_add_signer(request: Request, code: str) -> HttpResponseBase:
    """Add a signer."""
    row = get_approval(request, code)
    if not may_add_signer.test(request.actor, row):
        raise NotAllowed(_("Only the office that asked, and whose turn it is, add a signer."))
    posts = list(posts_to_add(row))

    def act(form: AddSignerForm) -> None:
        given = form.cleaned_data
        add_signer(
            actor=request.actor,
            approval=row,
            post=given["post"],
            after=given["place"] == "after",
            reason=given["reason"],
        )

    return _action(
        request,
        row,
        lambda posted, files: AddSignerForm(posted, posts=posts),
        act,
        title=_("Add a signer"),
        submit_label=_("Add the signer"),
    )


@require_http_methods(["GET", "POST"])
def approval_recuse(request: Request, code: str) -> HttpResponseBase:
    """Note that somebody is recused."""
    row = get_approval(request, code)
    people = signers_to_come(row)
    if not looks_after.test(request.actor, row):
        people = [one for one in people if request.actor.person is not None and one.pk == request.actor.person.pk]
    if not people:
        raise NotAllowed(_("Only the office that asked notes that somebody else is recused."))

    def act(form: RecuseForm) -> None:
        recuse(actor=request.actor, approval=row, **form.cleaned_data)

    return _action(
        request,
        row,
        lambda posted, files: RecuseForm(posted, people=people),
        act,
        title=_("Note a recusal"),
        submit_label=_("Note the recusal"),
    )


@require_POST
def approval_take_over(request: Request, code: str) -> HttpResponse:
    """Go on in the place of whoever asked."""
    take_over(actor=request.actor, approval=get_approval(request, code))
    return redirect("approval", code)


@require_safe
def approval_sheet(request: Request, code: str) -> HttpResponse:
    """The sheet (呈批表), to be printed."""
    row = get_approval(request, code)
    note_views(request.actor, [row.pk], "page")
    return page(
        request,
        "approvals/sheet.html",
        title=_("Approval sheet"),
        sheet=sheet_of(row),
        on=today(),
        crumbs=crumbs_of(row, _("Approval sheet")),
    )
