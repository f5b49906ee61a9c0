"""Pages of the working calendar: a year's holidays and make-up workdays, and the city officers' way to load one."""

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kezhuan.kernel import workdays
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import CalendarYear
from kezhuan.kernel.text import today
from kezhuan.web import exports
from kezhuan.web.components import ButtonLink, Cell, Column, TableView, Tag
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import holiday_name
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import action_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day

WEEKDAYS = (
    gettext_lazy("Monday"),
    gettext_lazy("Tuesday"),
    gettext_lazy("Wednesday"),
    gettext_lazy("Thursday"),
    gettext_lazy("Friday"),
    gettext_lazy("Saturday"),
    gettext_lazy("Sunday"),
)


@takes_a_list
def calendar(request: Request) -> HttpResponse:
    """A loaded year, this one unless the address names another, with the notice that announced it."""
    years = {one.year: one for one in CalendarYear.objects.order_by("-year")}
    asked = request.GET.get("year", "")
    chosen = whole_number(asked, 0) if asked else today().year
    if asked and chosen not in years:
        raise Missing(asked)
    shown = years.get(chosen)
    days = shown.days.order_by("on") if shown is not None else ()
    rows = tuple(
        (
            day(one.on),
            WEEKDAYS[one.on.weekday()],
            Cell("", tag=Tag(_("worked"), "wait") if one.is_workday else Tag(_("off"), "ok")),
            holiday_name(one.name),
        )
        for one in days
    )
    next_year = today().year + 1
    table = TableView(tuple(Column(label) for label in (_("Day"), _("Weekday"), _("Kind"), _("Name"))), rows)
    if exports.asks_for_file(request):
        return exports.shown_file(request, table, name="calendar", title=f"{_('Working calendar')} {chosen}")
    return page(
        request,
        "calendar.html",
        title=_("Working calendar"),
        crumbs=trail((_("Home"), "/"), _("Working calendar")),
        year=chosen,
        shown=shown,
        years=tuple(years),
        unloaded=[one for one in (today().year, next_year) if one not in years],
        table=table,
        endings=tuple(exports.MEDIA) if rows else (),
        buttons=(ButtonLink(_("Load a year"), reverse("calendar-load"), primary=True),)
        if request.actor.is_city_officer
        else (),
    )


class CalendarForm(forms.Form):
    """A year's file."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV with the columns date, workday (yes or no), name and source; one year a file, holidays and make-up"
            " workdays only."
        ),
    )


@require_http_methods(["GET", "POST"])
def calendar_load(request: Request) -> HttpResponseBase:
    """Load the calendar of a year; a year loaded before is replaced and running terms are counted anew."""
    if not request.actor.is_city_officer:
        raise NotAllowed

    def act(form: CalendarForm) -> str:
        days = workdays.read_calendar(form.cleaned_data["file"].read())
        year = workdays.load_calendar(actor=request.actor, days=days)
        return f"{reverse('calendar')}?year={year.pk}"

    return action_page(
        request,
        CalendarForm,
        act,
        title=_("Load a year"),
        intro=_(
            "The State Council's office announces each year's holidays in the autumn before. Loading a year again"
            " replaces it."
        ),
        submit_label=_("Load"),
        done=_("The calendar was loaded."),
        back=reverse("calendar"),
        crumbs=trail((_("Home"), "/"), (_("Working calendar"), reverse("calendar")), _("Load a year")),
    )
