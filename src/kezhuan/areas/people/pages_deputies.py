"""The page on which one names deputies (AB角), sees for whom one stands in, and ends it."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kezhuan.areas.people.deputy_actions import end_deputy, name_deputy
from kezhuan.areas.people.pages_members import programme_choices
from kezhuan.areas.people.queries import programme_name
from kezhuan.kernel.access import ACTING, Actor
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Deputy
from kezhuan.kernel.text import today
from kezhuan.web import exports
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.fields import DayField, PersonChoice, colleagues_of, offer
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.shell import trail


class DeputyForm(forms.Form):
    """Who stands in, in what, and from when until when."""

    programme = forms.ChoiceField(label=gettext_lazy("Programme"), required=False)
    since = DayField(label=gettext_lazy("From"))
    until = DayField(label=gettext_lazy("Last day"))
    field_order = ("person", "programme", "since", "until")

    def __init__(self, *arguments: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        own = actor.person.pk if actor.person is not None else 0
        colleagues = [one for one in colleagues_of(actor) if one.pk != own]
        self.fields["person"] = PersonChoice(colleagues, label=_("Colleague"))
        self.fields["person"].required = True
        offer(self, "programme", programme_choices())
        self.order_fields(self.field_order)


@takes_a_list
def deputies(request: Request) -> HttpResponseBase:
    """One's deputies and for whom one stands in; name one more."""
    actor = request.actor
    if actor.person is None:
        return sign_in_first(request)
    here, mine = reverse("deputies"), _lines(actor)
    if exports.asks_for_file(request, beside_form=True):
        headers = (_("Deputy"), _("In the place of"), _("Organisation"), _("Programme"), _("From"), _("Last day"))
        rows = [
            (one["deputy"], one["represented"], one["organisation"], one["programme"], one["row"].since,
             one["row"].until)
            for one in mine
        ]  # fmt: skip
        return exports.table_file(request, headers, rows, name="deputies", title=_("Deputies"))

    def act(form: DeputyForm) -> str:
        name_deputy(actor=actor, **form.cleaned_data)
        return here

    title = _("Deputies")
    start = {"since": today(), "until": today() + timedelta(days=6)}
    return action_page(
        request,
        lambda posted, _files: DeputyForm(posted, actor=actor, initial=start),
        act,
        title=title,
        submit_label=_("Name as deputy"),
        back=reverse("account"),
        crumbs=trail((_("Home"), "/"), (_("Your account"), reverse("account")), title),
        template="people/deputies.html",
        names=actor.represented is None and bool(actor.roles & ACTING),
        mine=mine,
        endings=tuple(exports.MEDIA) if mine else (),
    )


def _lines(actor: Actor) -> list[dict[str, Any]]:
    """What has not passed yet, of both sides."""
    mine = Q(represented=actor.person) | Q(person=actor.person)
    rows = Deputy.objects.filter(mine, ended_at=None, until__gte=today()).select_related(
        "represented__record", "person__record", "organisation__record"
    )
    return [
        {
            "row": one,
            "represented": name_of(one.represented.record),
            "deputy": name_of(one.person.record),
            "organisation": name_of(one.organisation.record),
            "programme": programme_name(one.programme),
        }
        for one in rows.order_by("since", "pk")
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def deputy_end(request: Request, number: int) -> HttpResponseBase:
    """End it, once it was asked whether it is meant."""
    mine = Q(represented=request.actor.person) | Q(person=request.actor.person)
    rows = Deputy.objects.filter(mine, pk=number).select_related("represented__record", "person__record")
    row = rows.select_related("organisation__record").first() if request.actor.is_signed_in else None
    if row is None:
        raise Missing
    title, here = _("End the deputyship"), reverse("deputies")
    words = {"deputy": name_of(row.person.record), "represented": name_of(row.represented.record)}

    def act() -> None:
        end_deputy(actor=request.actor, deputy=row)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("From this moment on %(deputy)s no longer acts in the place of %(represented)s.") % words,
        submit_label=title,
        back=here,
        crumbs=trail((_("Home"), "/"), (_("Your account"), reverse("account")), (_("Deputies"), here), title),
    )
