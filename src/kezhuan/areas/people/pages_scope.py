"""Pages on which a government office divides its power: an officer's scope, and the duties of its departments."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kezhuan.areas.people.pages_members import held_membership, programme_choices
from kezhuan.areas.people.permissions import directs
from kezhuan.areas.people.queries import programme_name
from kezhuan.areas.people.scope_actions import end_duty, give_duty, set_scope
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Duty, Organisation
from kezhuan.kernel.vocabulary import REGIONS
from kezhuan.web import exports, faces
from kezhuan.web.fields import offer
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail


class ScopeForm(forms.Form):
    """How far an officer's power reaches."""

    programme = forms.ChoiceField(label=gettext_lazy("Programme"), required=False)
    jurisdiction = forms.ChoiceField(label=gettext_lazy("District"), required=False)
    department = forms.ChoiceField(
        label=gettext_lazy("Department of the office"),
        required=False,
        help_text=gettext_lazy("Its officers are in charge of the programmes that are among its duties, and no other."),
    )

    def __init__(self, *arguments: Any, departments: list[str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        choices: dict[str, list[tuple[str, Any]]] = {
            "programme": programme_choices(),
            "jurisdiction": [("", _("the whole city")), *REGIONS.items()],
            "department": [("", _("none")), *((name, name) for name in departments)],
        }
        for name, offered in choices.items():
            offer(self, name, offered)


@require_http_methods(["GET", "HEAD", "POST"])
def member_scope(request: Request, code: str, number: int) -> HttpResponseBase:
    """Put an officer in charge of a programme, a district, or what their department is in charge of."""
    row, held = held_membership(request, code, number)
    if not directs.test(request.actor, row):
        raise NotAllowed
    back = faces.url_of(row.record)
    departments = list(Duty.objects.filter(organisation=row).values_list("department", flat=True).distinct())
    names = ("programme", "jurisdiction", "department")
    start = {name: getattr(held, name) for name in names}

    def act(form: ScopeForm) -> str:
        set_scope(actor=request.actor, membership=held, **form.cleaned_data)
        messages.success(request, _("What %(name)s is in charge of was set.") % {"name": name_of(held.person.record)})
        return back

    title = _("What %(name)s is in charge of") % {"name": name_of(held.person.record)}
    return action_page(
        request,
        lambda posted, _files: ScopeForm(posted, initial=start, departments=sorted(departments)),
        act,
        title=title,
        submit_label=_("Save"),
        back=back,
        crumbs=trail((_("Home"), "/"), (name_of(row.record), back), title),
    )


class DutyForm(forms.Form):
    """A programme for a department."""

    department = forms.CharField(label=gettext_lazy("Department of the office"), max_length=80)
    programme = forms.ChoiceField(label=gettext_lazy("Programme"), required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        offer(self, "programme", programme_choices())


def _office(request: Request, code: str) -> Organisation:
    row = get_visible(request.actor, Organisation, code)
    if not directs.test(request.actor, row):
        raise NotAllowed
    return row


@takes_a_list
def duties(request: Request, code: str) -> HttpResponseBase:
    """The departments of an office with the programmes they are in charge of; give one more."""
    row = _office(request, code)
    back, here = faces.url_of(row.record), reverse("duties", args=[code])

    def act(form: DutyForm) -> str:
        give_duty(actor=request.actor, organisation=row, **form.cleaned_data)
        return here

    held = Duty.objects.filter(organisation=row).order_by("department", "programme")
    title = _("Departments and their duties")
    if exports.asks_for_file(request, beside_form=True):
        rows = [(one.department, programme_name(one.programme)) for one in held]
        headers = (_("Department of the office"), _("Programme"))
        return exports.table_file(request, headers, rows, name="duties", title=title)
    return action_page(
        request,
        lambda posted, _files: DutyForm(posted),
        act,
        title=title,
        intro=name_of(row.record),
        submit_label=_("Put in charge"),
        back=back,
        crumbs=trail((_("Home"), "/"), (name_of(row.record), back), title),
        template="people/duties.html",
        code=code,
        endings=tuple(exports.MEDIA) if held else (),
        duties=[{"pk": one.pk, "department": one.department, "label": programme_name(one.programme)} for one in held],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def duty_end(request: Request, code: str, number: int) -> HttpResponse:
    """Take a programme from a department, once it was asked whether it is meant."""
    row = _office(request, code)
    held = Duty.objects.filter(pk=number, organisation=row).select_related("organisation__record").first()
    if held is None:
        raise Missing
    here = reverse("duties", args=[code])
    if request.method == "POST":
        end_duty(actor=request.actor, duty=held)
        return redirect(here)
    title = _("Take the programme from the department")
    words = {"department": held.department, "programme": programme_name(held.programme)}
    return page(
        request,
        "confirm.html",
        title=title,
        sentence=_("From this moment on the officers of %(department)s are no longer in charge of: %(programme)s.")
        % words,
        submit_label=title,
        danger=True,
        cancel_url=here,
        crumbs=trail((_("Home"), "/"), (name_of(row.record), faces.url_of(row.record)), title),
    )
