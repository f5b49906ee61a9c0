"""The page where a list of needs is matched with what is short: for an event, a broker's list, a call to experts."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.permissions import decides, plans_meetings
from kezhuan.areas.matches.precise import Line, Plan, Room, plan_meetings
from kezhuan.areas.matches.precise_actions import MOST_PAIRS, introduce_pairs
from kezhuan.areas.matches.precise_shown import FILE, columns_of, note_plan, outcome_of, why_without, with_reasons
from kezhuan.areas.matches.room import capacity_of
from kezhuan.areas.matches.supply import RESULTS, is_introduced, profiles
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.text import clean
from kezhuan.web import exports, faces
from kezhuan.web.components import Cell, Column, Figure, ProblemLine, TableView, Tag
from kezhuan.web.forms import problems_of
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.shell import page, trail

_CODES = re.compile(r"[A-Z]-\d{4}-\d+")
FEW = 10
"""So many needs or pairs that are left out stand open on the page; more are folded."""
_STRAY = re.compile(r"[^\s,，;；、|]")


class PreciseForm(forms.Form):
    """Which needs, with what, and how much room there is."""

    needs = forms.CharField(
        label=gettext_lazy("Needs that take part"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Their numbers, as N-2026-00012; all open needs when left empty."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Matched with"))
    per_need = forms.IntegerField(label=gettext_lazy("At most for each need"), min_value=1, max_value=20, initial=3)
    per_supply = forms.IntegerField(
        label=gettext_lazy("Needs for each of them at most"),
        min_value=1,
        max_value=200,
        initial=2,
        help_text=gettext_lazy(
            "Teams and experts meet no more than they can take by their own word, less what they have."
        ),
    )
    by_owner = forms.BooleanField(
        label=gettext_lazy("Count this for each organisation, not for each record"), required=False
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        choices: Any = self.fields["kind"]
        choices.choices = [(kind, registry.kind_of(kind).plural) for kind in profiles()]
        choices.initial = RESULTS

    def clean_needs(self) -> tuple[str, ...]:
        """The numbers that were typed; other words between them would go unheard, and nothing but them ask for all."""
        typed = self.cleaned_data["needs"].upper()
        if _STRAY.search(_CODES.sub("", typed)):
            raise forms.ValidationError(gettext_lazy("Enter numbers of needs, such as N-2026-00012."))
        return tuple(dict.fromkeys(_CODES.findall(typed)))

    @property
    def room(self) -> Room:
        """How much room a valid form says there is."""
        said = self.cleaned_data
        return Room(said["per_need"], said["per_supply"], said["by_owner"])

    def plan(self, actor: Actor) -> Plan:
        """The plan that a valid form asks for. Raises `Refused`."""
        return plan_meetings(actor, self.cleaned_data["kind"], list(self.cleaned_data["needs"]), self.room)


@takes_a_list
def precise_page(request: Request) -> HttpResponse:
    """The form; once it is sent, who meets whom and what that costs; the file; all pairs introduced."""
    actor = request.actor
    if not plans_meetings.test(actor, None):
        raise NotAllowed(_("Only officers match a list of needs where room is short."))
    title = _("Matching where room is short")
    problems: tuple[ProblemLine, ...] = ()
    chosen = request.POST.getlist("pair") if "introduce" in request.POST else None
    if chosen is not None:
        try:
            return _introduce(request, chosen)
        except Refused as refused:  # the plan stands as it was, with what was chosen of it
            problems = tuple(ProblemLine(one.message) for one in refused.problems)
    as_file = chosen is None and exports.asks_for_file(request)
    asked = "per_need" in request.GET
    form = PreciseForm(request.GET if asked else None)
    problems += problems_of(form) if asked else ()
    plan = None
    if as_file and not asked:
        form = PreciseForm({"kind": RESULTS, "per_need": 3, "per_supply": 2})
    if form.is_bound and form.is_valid():
        try:
            plan = form.plan(actor)
        except Refused as refused:
            if as_file:
                raise
            problems += tuple(ProblemLine(one.message, f"id_{one.field}") for one in refused.problems)
    if plan is not None:
        note_plan(actor, plan, "list")
        if as_file:
            columns = columns_of(actor, form.cleaned_data["kind"], plan)
            return exports.table_file(request, columns.headers, list(columns.rows), name=FILE, title=title)
    lines = [_shown(actor, line, why) for line, why in with_reasons(plan)] if plan else []
    for place, one in enumerate(one for one in lines if one["pair"]):
        one["chosen"] = place < MOST_PAIRS if chosen is None else one["pair"] in chosen
    introduces = any(one["pair"] for one in lines)
    return page(
        request,
        "matches/precise.html",
        status=422 if problems else 200,
        title=title,
        crumbs=trail((_("Home"), "/"), (_("Match a need"), reverse("match")), title),
        form=form,
        problems=problems,
        plan=plan,
        figures=_figures(plan) if plan else (),
        lines=lines,
        introduces=introduces,
        heading=_("Introduce") if introduces else _("Outcome"),
        most=MOST_PAIRS,
        without=without_table(actor, form.cleaned_data["kind"], plan) if plan and plan.without else None,
        tied=_tied(plan) if plan and plan.tied else None,
        full=full_table(plan) if plan and plan.full else None,
        few=FEW,
        endings=tuple(exports.MEDIA) if plan and plan.needs else (),
    )


def _figures(plan: Plan) -> tuple[Figure, ...]:
    given = plan.given
    share = plan.loss / plan.wished if plan.wished else 0.0
    proven = _("total score, proven to be the best") if plan.is_proven else _("total score")
    return (
        Figure(f"{len(plan.met):,}", ngettext("pair", "pairs", len(plan.met))),
        Figure(f"{given.total:.2f}", proven),
        Figure(f"{plan.wished:.2f}", _("with everybody's first wishes")),
        Figure(f"{plan.loss:.2f} ({share:.1%})", _("lost to want of room")),
        Figure(f"{len(plan.lost):,}", ngettext("first wish not granted", "first wishes not granted", len(plan.lost))),
    )


def _shown(actor: Actor, line: Line, why: str) -> dict[str, Any]:
    row = line.row
    chosen = line.lost is None and is_introduced(row.supply) and decides(actor, row.need, row.supply)
    return {
        **names_of(row),
        "owner": name_of(row.supply.owner.record) if row.supply.owner else "",
        "wish": line.wish,
        "room": line.room,
        "score": f"{row.score:.2f}",
        "tag": Tag(outcome_of(line), "ok" if line.lost is None else "wait"),
        "why": why,
        "pair": f"{row.need.record.code} {row.supply.code}" if chosen else "",
    }


def without_table(actor: Actor, kind: str, plan: Plan) -> TableView:
    """The needs to which nothing is suggested, each with why."""
    columns = (Column(_("Need")), Column(_("Posed by")), Column(_("Why")))
    rows = (
        (
            Cell(name_of(need.record), url=faces.url_of(need.record)),
            name_of(need.record.owner.record) if need.record.owner else "",
            why,
        )
        for need, why in why_without(actor, kind, plan.without)
    )
    return TableView(columns, tuple(rows))


def _tied(plan: Plan) -> TableView:
    """Whom each need does not meet, being tied."""
    sides = ((row.need.record, row.supply) for row in plan.tied)
    rows = tuple(tuple(Cell(name_of(one), url=faces.url_of(one)) for one in pair) for pair in sides)
    return TableView((Column(_("Need")), Column(_("Matched with"))), rows)


def names_of(row: Suggestion) -> dict[str, Any]:
    """Both sides of a pair, with their pages."""
    return {
        "need": name_of(row.need.record),
        "need_url": faces.url_of(row.need.record),
        "supply": name_of(row.supply),
        "supply_url": faces.url_of(row.supply),
    }


def full_table(plan: Plan) -> TableView:
    """The records whose room is taken, each once, with how many needs they take at most."""
    records = {row.supply_id: row.supply for row in plan.full}.values()
    rows = tuple((Cell(name_of(one), url=faces.url_of(one)), f"{capacity_of(one)}") for one in records)
    return TableView((Column(_("Matched with")), Column(_("Needs they take at most"))), rows)


def _introduce(request: Request, chosen: Sequence[str]) -> HttpResponse:
    pairs = [(need, supply) for need, _sep, supply in (clean(one).partition(" ") for one in chosen)]
    made, left = introduce_pairs(actor=request.actor, pairs=pairs)
    said = ngettext("%(count)d introduction begun.", "%(count)d introductions begun.", len(made))
    messages.success(request, said % {"count": len(made)})
    if left:
        more = ngettext(
            "%(count)d pair was left: no longer open, without room left, or introduced already.",
            "%(count)d pairs were left: no longer open, without room left, or introduced already.",
            left,
        )
        messages.warning(request, more % {"count": left})
    return redirect(reverse("introductions"))
