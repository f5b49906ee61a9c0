"""The page on which queues of brokers are planned and filled."""

from collections.abc import Collection, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kezhuan.areas.brokers.actions import MOST_PAIRS, Wanted, give_pairs
from kezhuan.areas.brokers.permissions import plans_queues
from kezhuan.areas.brokers.planning import QueuePlan, plan_queues
from kezhuan.areas.brokers.wording import NOBODY, fit_line
from kezhuan.areas.matches.pages_precise import FEW, PreciseForm, full_table, names_of, without_table
from kezhuan.areas.matches.precise_shown import note_plan
from kezhuan.areas.matches.supply import RESULTS, introduced_kinds
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.web import exports
from kezhuan.web.components import Cell, Column, Figure, ProblemLine, TableView
from kezhuan.web.forms import problems_of
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.shell import page, trail


class QueueForm(PreciseForm):
    """The same of what can be introduced."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        choices: Any = self.fields["kind"]
        choices.choices = [(kind.slug, kind.plural) for kind in introduced_kinds()]

    def plan_queues(self, actor: Actor) -> QueuePlan:
        """The plan that a valid form asks for. Raises `Refused`."""
        return plan_queues(actor, self.cleaned_data["kind"], list(self.cleaned_data["needs"]), self.room)


@takes_a_list
def plan_page(request: Request) -> HttpResponse:
    """The form; once it is sent, who gets which pairs, and what found nobody; the file; the pairs given."""
    actor, title = request.actor, _("Plan queues of brokers")
    if not plans_queues.test(actor, None):
        raise NotAllowed(_("Only officers and the administrators of a unit plan the queues of brokers."))
    problems: tuple[ProblemLine, ...] = ()
    chosen = request.POST.getlist("pair") if "give" in request.POST else None
    if chosen is not None:
        try:
            return _give(request, chosen)
        except Refused as refused:  # the plan stands as it was, with what was chosen of it
            problems = tuple(ProblemLine(one.message) for one in refused.problems)
    as_file = chosen is None and exports.asks_for_file(request)
    asked = "per_need" in request.GET
    form = QueueForm(request.GET if asked else None)
    problems += problems_of(form) if asked else ()
    plan = None
    if as_file and not asked:
        form = QueueForm({"kind": RESULTS, "per_need": 3, "per_supply": 2})
    if form.is_bound and form.is_valid():
        try:
            plan = form.plan_queues(actor)
        except Refused as refused:
            if as_file:
                raise
            problems += tuple(ProblemLine(one.message, f"id_{one.field}") for one in refused.problems)
    if plan is not None:
        note_plan(actor, plan.plan, "list")
        if as_file:
            return exports.table_file(request, _headers(), _lines(plan), name="queues", title=title)
    return page(
        request,
        "brokers/plan.html",
        status=422 if problems else 200,
        title=title,
        crumbs=trail((_("Home"), "/"), (capfirst(_("technology brokers")), reverse("brokers")), title),
        form=form,
        problems=problems,
        plan=plan,
        figures=_figures(plan) if plan else (),
        lines=_shown(plan, chosen) if plan else [],
        nobody=_nobody(plan) if plan and plan.nobody else None,
        without=without_table(actor, form.cleaned_data["kind"], plan.plan) if plan and plan.plan.without else None,
        few=FEW,
        full=full_table(plan.plan) if plan and plan.plan.full else None,
        endings=tuple(exports.MEDIA) if plan and (plan.gifts or plan.nobody) else (),
        most=MOST_PAIRS,
    )


def _figures(plan: QueuePlan) -> tuple[Figure, ...]:
    given, pairs = plan.given, len(plan.gifts)
    share = given.loss / given.wished if given.wished else 0.0
    return (
        Figure(f"{pairs:,}", ngettext("pair for a broker", "pairs for brokers", pairs)),
        Figure(f"{given.total:.2f}", _("total of scores times fits")),
        Figure(f"{given.wished:.2f}", _("with the best broker for every pair")),
        Figure(f"{given.loss:.2f} ({share:.1%})", _("lost to want of room")),
        Figure(
            f"{plan.plan.loss:.2f}", _("lost before, against the first of those suggestions that a broker may take")
        ),
    )


def _shown(plan: QueuePlan, chosen: Collection[str] | None) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [
        {
            **names_of(one.line.row),
            "broker": name_of(one.broker.person.record),
            "unit": name_of(one.broker.organisation.record),
            "wish": one.wish,
            "score": f"{one.line.row.score:.2f}",
            "fit": f"{one.fit.value:.2f}",
            "why": fit_line(one.fit.why),
            "value": f"{one.line.row.need.record.code} {one.line.row.supply.code} {one.broker.pk}",
        }
        for one in plan.gifts
    ]
    for place, line in enumerate(lines):
        line["chosen"] = place < MOST_PAIRS if chosen is None else line["value"] in chosen
    return lines


def _nobody(plan: QueuePlan) -> TableView:
    """The pairs that found no broker, each with why."""
    rows = []
    for row, why in plan.nobody:
        names = names_of(row)
        sides = (Cell(names["need"], names["need_url"]), Cell(names["supply"], names["supply_url"]))
        rows.append((*sides, NOBODY[why]))
    return TableView((Column(_("Need")), Column(_("Matched with")), Column(_("Why"))), tuple(rows))


def _headers() -> tuple[str, ...]:
    return (
        _("Need"), _("Name of the need"), _("Matched with"), _("Name of the record"), _("Score"), _("Broker"),
        _("Organisation"), _("Wish"), _("Fit"), _("Why"),
    )  # fmt: skip


def _lines(plan: QueuePlan) -> list[Sequence[Any]]:
    """A plan as the rows of a file: what is given, then what found nobody."""

    def sides(row: Any) -> tuple[Any, ...]:
        need, supply = row.need.record, row.supply
        return need.code, str(name_of(need)), supply.code, str(name_of(supply)), round(row.score, 4)

    given = [
        (*sides(one.line.row), str(name_of(one.broker.person.record)), str(name_of(one.broker.organisation.record)),
         one.wish, round(one.fit.value, 4), fit_line(one.fit.why))
        for one in plan.gifts
    ]  # fmt: skip
    return [*given, *((*sides(row), "", "", "", "", str(NOBODY[why])) for row, why in plan.nobody)]


def _give(request: Request, chosen: Sequence[str]) -> HttpResponse:
    wanted = []
    for one in chosen:
        need, supply, broker = (*one.split(), "", "", "")[:3]
        wanted.append(Wanted(need, supply, whole_number(broker, 0)))
    done = give_pairs(actor=request.actor, wanted=wanted)
    made = ngettext("%(count)d pair was given to a broker.", "%(count)d pairs were given to brokers.", len(done.given))
    messages.success(request, made % {"count": len(done.given)})
    if done.left:
        more = ngettext(
            "%(count)d pair was left: decided on or given meanwhile, or its broker has no room.",
            "%(count)d pairs were left: decided on or given meanwhile, or their brokers have no room.",
            done.left,
        )
        messages.warning(request, more % {"count": done.left})
    return redirect(reverse("brokers"))
