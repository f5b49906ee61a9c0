"""Pages on which a third party is asked for what it finds at a gate, and enters it."""

from django import forms
from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kezhuan.areas.projects.forms_races import FiguresForm
from kezhuan.areas.projects.models import Race, RaceTest
from kezhuan.areas.projects.pages_races import running_race
from kezhuan.areas.projects.permissions import tests_gate
from kezhuan.areas.projects.queries import racing_of
from kezhuan.areas.projects.race_test_actions import ask_tester, enter_figures
from kezhuan.areas.projects.racing import next_gate, state_of
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotNow
from kezhuan.kernel.text import today
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import entry_page
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]
WHOLE = ("item__call__record",)


class TesterForm(forms.Form):
    """Who is asked."""

    tester = forms.CharField(label=gettext_lazy("Code of the third party"), max_length=30)


@require_http_methods(ANY)
def race_tester(request: Request, code: str) -> HttpResponseBase:
    """Ask a third party for what it finds at the next gate."""
    row = running_race(request, code)
    state = state_of(row)
    if next_gate(row, state) is None or not state.running:
        raise NotNow(_("No gate is left to be held."), row.record)
    return entry_page(
        request,
        row,
        lambda posted, _files: TesterForm(posted),
        lambda form: ask_tester(actor=request.actor, race=row, tester=form.cleaned_data["tester"]),
        title=_("Ask a third party for the figures"),
        submit_label=_("Ask it"),
        intro=_("It enters what it finds of each team; the teams read it once you hold the gate. Ask it again to send"
                " back what it entered."),
        done=_("The third party is asked."),
    )  # fmt: skip


@require_http_methods(ANY)
def race_figures(request: Request, code: str) -> HttpResponseBase:
    """Enter what was found of each team at the next gate."""
    row = get_visible(request.actor, Race, code, related=WHOLE)
    must_allow(
        tests_gate,
        request.actor,
        row,
        _("The third party that was asked enters what it found, until the gate is held."),
    )
    test, state = RaceTest.objects.get(race=row, held_on=None), state_of(row)
    teams = [one for one in racing_of(row) if one.record.code in set(state.running)]
    intro = [_("The same targets for all. Nobody but you and the officers reads it until they hold the gate.")]
    if (due := next_gate(row, state)) is not None and due > today():
        intro.insert(0, _("The next gate is held on %(day)s or later.") % {"day": day(due)})
    return entry_page(
        request,
        row,
        lambda posted, _files: FiguresForm(posted, item=row.item, teams=teams, test=test, initial={"on": today()}),
        lambda form: enter_figures(actor=request.actor, race=row, facts=form.facts),
        title=_("Enter what was found"),
        intro=" ".join(intro),
        done=_("It is entered; the officers hold the gate by it."),
        template="projects/gate.html",
    )
