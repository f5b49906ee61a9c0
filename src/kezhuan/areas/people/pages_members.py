"""Pages of an organisation's members: who they are, whom one invites, their roles, leaving."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from kezhuan.areas.people.actions import end_membership, require_may_end
from kezhuan.areas.people.member_actions import ROLES, end_invitation, invite_member, invite_several, set_role
from kezhuan.areas.people.permissions import administers, directs, gives_roles, may_admit
from kezhuan.areas.people.queries import open_invitations, programme_name, scope_in_words
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Membership, Organisation, Record
from kezhuan.kernel.models.parties import MADE_BY_THE_PROGRAM, Role
from kezhuan.web import exports, faces
from kezhuan.web.components import Column, ProblemLine, TableView
from kezhuan.web.fields import long_text
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day


def programme_choices() -> list[tuple[str, str]]:
    """The programmes that one chooses from, all of them first."""
    return [("", _("every programme")), *((slug, programme_name(slug)) for slug in registry.programmes())]


def _members(row: Organisation) -> QuerySet[Membership]:
    return Membership.objects.filter(organisation=row, until=None).select_related("person__record").order_by("pk")


def _scope(membership: Membership) -> str:
    return scope_in_words(membership) if membership.role == Role.OFFICER else ""


def members_shown(actor: Actor, row: Organisation) -> dict[str, Any]:
    """The members of an organisation for who sees all of it, and what the reader may change there."""
    admits = bool(gives_roles.test(actor, row))
    own = actor.person.pk if actor.person is not None else 0
    return {
        "admits": admits,
        "ends": bool(may_admit.test(actor, row)),
        "administers": bool(administers.test(actor, row)),
        "directs": bool(directs.test(actor, row)),
        "roles": [(role.value, role.label) for role in ROLES],
        "members": [
            {
                "pk": one.pk,
                "name": name_of(one.person.record),
                "role": one.role,
                "label": one.get_role_display(),
                "own": one.person_id == own,
                "fixed": one.role in MADE_BY_THE_PROGRAM,
                "scope": _scope(one),
            }
            for one in _members(row)
        ],
        "invitations": list(open_invitations().filter(organisation=row).order_by("pk")) if admits else [],
    }


@takes_a_list
def member_list(request: Request, code: str) -> HttpResponse:
    """The members of an organisation with their roles, for who sees all of it."""
    row = get_visible(request.actor, Organisation, code)
    if not can_view(request.actor, row.record, "full"):
        raise NotAllowed(_("Only the organisation's own people and the officers in charge see its members."))
    headers = (_("Person's name"), _("Platform code"), _("Role"), _("In charge of"), _("Member since"))
    lines = [
        (name_of(one.person.record), one.person.record.code, one.get_role_display(), _scope(one), one.since)
        for one in _members(row)
    ]  # fmt: skip
    name, title = name_of(row.record), _("Members")
    if exports.asks_for_file(request):
        return exports.table_file(request, headers, lines, name="members", title=f"{name} · {title}")
    return page(
        request,
        "people/members.html",
        title=title,
        lead=name,
        table=TableView(tuple(Column(one) for one in headers), tuple((*words, day(since)) for *words, since in lines)),
        endings=tuple(exports.MEDIA) if lines else (),
        crumbs=trail((_("Home"), "/"), (name, faces.url_of(row.record)), title),
    )


class InviteForm(forms.Form):
    """Somebody who is to act for the organisation."""

    email = forms.EmailField(
        label=gettext_lazy("Mail address"),
        help_text=gettext_lazy("A link is sent to it, good for fourteen days. Who has no account yet opens one by it."),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=[(role.value, role.label) for role in ROLES],
        initial=Role.MEMBER,
        help_text=gettext_lazy(
            "Administrators invite others and correct the organisation's entries; members write; finance and legal read"
            " everything and add documents; read-only members read. Inner figures of money are for administrators and"
            " finance, inner papers for administrators and legal."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def member_new(request: Request, code: str) -> HttpResponseBase:
    """Invite somebody to act for the organisation."""
    row = get_visible(request.actor, Organisation, code)
    if not gives_roles.test(request.actor, row):
        raise NotAllowed
    back = faces.url_of(row.record)

    def act(form: InviteForm) -> str:
        invitation = invite_member(actor=request.actor, organisation=row, **form.cleaned_data)
        messages.success(request, _("The invitation was sent to %(email)s.") % {"email": invitation.email})
        return back

    title = _("Invite a member")
    return action_page(
        request,
        lambda posted, _files: InviteForm(posted),
        act,
        title=title,
        intro=name_of(row.record),
        submit_label=_("Send the invitation"),
        back=back,
        crumbs=trail((_("Home"), "/"), (name_of(row.record), back), title),
    )


class InviteSeveralForm(forms.Form):
    """Several people who are to act for the organisation, as a column of a spreadsheet is pasted."""

    lines = forms.CharField(
        label=gettext_lazy("Mail addresses"),
        widget=long_text(10),
        max_length=20_000,
        help_text=gettext_lazy(
            "One person on a line, as columns are pasted from a spreadsheet: a name if you like, the mail address, the"
            " role where it is another than below. Each is sent a link of their own and says yes or no; nobody becomes"
            " a member by a list."
        ),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Role"), choices=[(role.value, role.label) for role in ROLES], initial=Role.MEMBER
    )


@require_http_methods(["GET", "HEAD", "POST"])
def members_new(request: Request, code: str) -> HttpResponseBase:
    """Invite several people to act for the organisation; lines that cannot be stay in the form, with why."""
    row = get_visible(request.actor, Organisation, code)
    if not gives_roles.test(request.actor, row):
        raise NotAllowed
    back, title, name = faces.url_of(row.record), _("Invite several members"), name_of(row.record)
    crumbs = trail((_("Home"), "/"), (name, back), title)

    def act(form: InviteSeveralForm) -> HttpResponseBase | str:
        text, role = form.cleaned_data["lines"], form.cleaned_data["role"]
        lines = invite_several(actor=request.actor, organisation=row, text=text, role=role)
        left = [one for one in lines if one.wrong]
        if len(lines) > len(left):
            messages.success(request, _("Invitations sent: %(count)s.") % {"count": len(lines) - len(left)})
        if not left:
            return back
        problems = tuple(
            ProblemLine(_("Line %(number)s: %(why)s") % {"number": number, "why": one.wrong}, "id_lines")
            for number, one in enumerate(left, 1)
        )
        return page(
            request,
            "form.html",
            status=422,
            title=title,
            intro=name,
            form=InviteSeveralForm({"lines": "\n".join(one.text for one in left), "role": role}),
            problems=problems,
            submit_label=_("Send the invitations"),
            cancel_url=back,
            crumbs=crumbs,
        )

    return action_page(
        request,
        lambda posted, _files: InviteSeveralForm(posted),
        act,
        title=title,
        intro=name,
        submit_label=_("Send the invitations"),
        back=back,
        crumbs=crumbs,
    )


def held_membership(request: Request, code: str, number: int) -> tuple[Organisation, Membership]:
    """A membership in force, with its organisation; raises `Missing`."""
    row = get_visible(request.actor, Organisation, code)
    rows = Membership.objects.filter(pk=number, organisation=row, until=None)
    held = rows.select_related("person__record", "organisation__record").first()
    if held is None:
        raise Missing
    return row, held


@require_http_methods(["GET", "HEAD", "POST"])
def member_end(request: Request, code: str, number: int) -> HttpResponse:
    """End a membership, somebody's or one's own, once it was asked whether it is meant."""
    row, held = held_membership(request, code, number)
    if request.method == "POST":
        end_membership(actor=request.actor, membership=held)
        messages.success(request, _("The membership of %(name)s ended.") % {"name": name_of(held.person.record)})
        record = Record.objects.select_related("title_to").get(pk=row.pk)
        return redirect(faces.url_of(record) if can_view(request.actor, record) else "home")
    require_may_end(request.actor, held)
    name, back = name_of(held.person.record), faces.url_of(row.record)
    return page(
        request,
        "confirm.html",
        title=_("End the membership of %(name)s") % {"name": name},
        sentence=_("From this moment on %(name)s no longer acts for %(organisation)s.")
        % {"name": name, "organisation": name_of(row.record)},
        submit_label=_("End the membership"),
        danger=True,
        cancel_url=back,
        crumbs=trail((_("Home"), "/"), (name_of(row.record), back), _("End the membership")),
    )


@require_POST
def member_role(request: Request, code: str, number: int) -> HttpResponse:
    """Give a member another role."""
    row, held = held_membership(request, code, number)
    set_role(actor=request.actor, membership=held, role=request.POST.get("role", ""))
    messages.success(request, _("The role of %(name)s was changed.") % {"name": name_of(held.person.record)})
    return redirect(faces.url_of(row.record))


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_withdraw(request: Request, code: str, number: int) -> HttpResponseBase:
    """Withdraw an invitation, once it was asked whether it is meant."""
    row = get_visible(request.actor, Organisation, code)
    invitation = open_invitations().filter(pk=number, organisation=row).select_related("organisation__record").first()
    if invitation is None:
        raise Missing
    if not may_admit.test(request.actor, row):
        raise NotAllowed(_("Only the organisation's administrators admit members."))
    back, title = faces.url_of(row.record), _("Withdraw the invitation")

    def act() -> None:
        end_invitation(actor=request.actor, invitation=invitation)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("The link that was sent to %(email)s opens nothing any more.") % {"email": invitation.email},
        submit_label=title,
        back=back,
        crumbs=trail((_("Home"), "/"), (name_of(row.record), back), title),
        done=_("The invitation was withdrawn."),
    )
