"""What is done to a project on pages of their own: opened, its task book written and signed, its members changed."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.models import Application
from kezhuan.areas.calls.permissions import is_funded
from kezhuan.areas.projects.actions import answer_invitation, open_project, sign_book, write_book
from kezhuan.areas.projects.change_actions import agree_to_change, ask_change, refuse_to_agree, require_asked
from kezhuan.areas.projects.forms import (
    GROUPS,
    Aims,
    AnswerForm,
    BookForm,
    ChangeForm,
    DisagreeForm,
    Payments,
    Shares,
    check_typed,
    facts_of,
    initial_of,
)
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.pages import WHOLE, crumbs_of, edit_url
from kezhuan.areas.projects.permissions import asks_change, is_awarded, is_invited, opens, signs_book
from kezhuan.areas.projects.queries import members_of
from kezhuan.kernel.access import get_visible, is_officer, represents_owner
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.web import faces
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, action_page, confirm_page, expected_version, form_page
from kezhuan.web.templatetags.kezhuan import wan

ANY = ["GET", "HEAD", "POST"]


def _project(request: Request, code: str) -> Project:
    return get_visible(request.actor, Project, code, related=WHOLE)


@require_http_methods(ANY)
def project_new(request: Request, code: str) -> HttpResponseBase:
    """Open the project of an application that was chosen."""
    application = get_visible(
        request.actor, Application, code, related=("item__call__record", "item__poster", "applicant")
    )
    if not opens.test(request.actor, application):
        waits = is_awarded & ~is_funded & (represents_owner | is_officer)
        if waits.test(request.actor, application):
            raise NotAllowed(_("It waits in the project library: its project begins once a budget document names it."))
        raise NotAllowed(_("The project of a chosen application is opened by its unit or the officers in charge."))
    title = _("Open the project")

    def act() -> HttpResponseBase:
        made = open_project(actor=request.actor, application=application)
        return redirect(faces.url_of(made.record))

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("“%(title)s” becomes a project. Its leader writes the task book next.")
        % {"title": name_of(application.record)},
        submit_label=title,
        back=faces.url_of(application.record),
        crumbs=crumbs_of(application, title),
        grave=False,
    )


@require_http_methods(ANY)
def project_edit(request: Request, code: str) -> HttpResponse:
    """Write the task book."""
    row = _project(request, code)
    must_allow(edit_url, request.actor, row, _("The task book is written by the leader, before it is filed."))
    fields, rows = initial_of(row)
    version = row.record.version

    def save(form: BookForm, typed: Rows) -> Project:
        expected = expected_version(request, version)
        return write_book(actor=request.actor, project=row, facts=facts_of(form, typed), expected_version=expected)

    title, back = _("Task book"), faces.url_of(row.record)
    money = _("%(money)s of fiscal money were awarded.") % {"money": wan(row.fiscal_fen)}
    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: BookForm(posted, initial=fields),
            groups=GROUPS,
            rows={
                "shares": RowSet(
                    Shares,
                    _("Consortium (创新联合体)"),
                    _("Add a member"),
                    _("Whoever is new here is asked by letter to take part. Shares add up to the project's money."),
                ),
                "milestones": RowSet(Aims, _("Milestones"), _("Add a milestone")),
                "payments": RowSet(
                    Payments,
                    _("Staged payments"),
                    _("Add a payment"),
                    _("Fiscal money and the poster's stand in rows of their own, each adding up to its sum."),
                ),
            },
            initial_rows=rows,
            save=save,
            crumbs=crumbs_of(row, title),
            back=back,
            version=version,
            row=row,
            check=check_typed,
            intro=f"{row.record.code} {name_of(row.record)} · {money}",
        ),
    )


@require_http_methods(ANY)
def project_answer(request: Request, code: str) -> HttpResponseBase:
    """Answer an invitation into the consortium."""
    row = _project(request, code)
    otherwise = _("Your unit is not asked into this project, or has answered already.")
    must_allow(is_invited, request.actor, row, otherwise)
    title = _("Answer the invitation")

    def act(form: AnswerForm) -> str:
        accepts = form.cleaned_data["accepts"] == "yes"
        answer_invitation(actor=request.actor, project=row, accepts=accepts)
        return faces.url_of(row.record) if accepts else reverse("projects")

    return action_page(
        request,
        lambda posted, _files: AnswerForm(posted),
        act,
        title=title,
        intro=f"{row.record.code} {name_of(row.record)} · {name_of(row.leader.record)}",
        submit_label=_("Answer"),
        back=faces.url_of(row.record),
        done=_("The leader sees your answer."),
        crumbs=crumbs_of(row, title),
    )


@require_http_methods(ANY)
def project_sign_book(request: Request, code: str) -> HttpResponseBase:
    """Sign the task book for a member or the poster."""
    row = _project(request, code)
    must_allow(
        signs_book, request.actor, row, _("A task book is signed by its members and by the poster, once it is filed.")
    )
    title = _("Sign the task book")

    def act() -> None:
        sign_book(actor=request.actor, project=row)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("Your unit signs the task book as it stands. Changed afterwards, it is signed again."),
        submit_label=title,
        back=faces.url_of(row.record),
        crumbs=crumbs_of(row, title),
        done=_("Your unit has signed."),
        grave=False,
    )


@require_http_methods(ANY)
def project_change_new(request: Request, code: str) -> HttpResponseBase:
    """Ask for a change of the task book."""
    row = _project(request, code)
    must_allow(asks_change, request.actor, row, _("The leader asks for changes, once the task book is signed."))
    members = [one for one in members_of(row) if one.organisation_id != row.leader_id]
    title = _("Ask for a change")

    def act(form: ChangeForm) -> str:
        try:
            ask_change(actor=request.actor, project=row, wanted=form.wanted)
        except Refused as refused:
            raise Refused(form.placed(refused.problems)) from refused
        return faces.url_of(row.record)

    return action_page(
        request,
        lambda posted, _files: ChangeForm(posted, project=row, members=members),
        act,
        title=title,
        intro=_("Write over what shall be another, and leave the rest. To other indicators the poster agrees first;"
                " with asking you sign the version that comes of it."),
        submit_label=_("Ask for it"),
        back=faces.url_of(row.record),
        done=_("The officers in charge see what you ask for."),
        crumbs=crumbs_of(row, title),
        template="projects/gate.html",
    )  # fmt: skip


def _asked(request: Request, code: str) -> Project:
    row = _project(request, code)
    require_asked(request.actor, row)
    return row


@require_http_methods(ANY)
def project_agree(request: Request, code: str) -> HttpResponseBase:
    """Agree to a change: to take the place of a member, or as the poster to other indicators."""
    row = _asked(request, code)
    title = _("Agree to the change")

    def act() -> None:
        agree_to_change(actor=request.actor, project=row)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("Your unit agrees to the change as the project's page tells it. It is carried out once an officer"
                   " has approved it."),
        submit_label=title,
        back=faces.url_of(row.record),
        crumbs=crumbs_of(row, title),
        done=_("The officers in charge see that your unit agrees."),
        grave=False,
    )  # fmt: skip


@require_http_methods(ANY)
def project_disagree(request: Request, code: str) -> HttpResponseBase:
    """Say that one's unit does not agree to a change, and why."""
    row = _asked(request, code)
    title = _("Do not agree to the change")

    def act(form: DisagreeForm) -> str:
        refuse_to_agree(actor=request.actor, project=row, words=form.cleaned_data["words"])
        return faces.url_of(row.record)

    return action_page(
        request,
        lambda posted, _files: DisagreeForm(posted),
        act,
        title=title,
        intro=_("Whoever reads the task book reads why. The change cannot be approved then: once the officers in charge"
                " have refused it, the leader can ask for another one."),
        submit_label=title,
        back=faces.url_of(row.record),
        crumbs=crumbs_of(row, title),
        done=_("The officers in charge see that your unit does not agree."),
    )  # fmt: skip
