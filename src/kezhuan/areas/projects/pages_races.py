"""Pages of races: the list, and one race with all teams against the same targets."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.queries import item_of, reads_list
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.forms_races import GateForm, RaceForm, ReserveForm
from kezhuan.areas.projects.models import Eliminated, GateDecision, Project, Race
from kezhuan.areas.projects.permissions import decides_race, opens_races, reads_decisions, tests_gate
from kezhuan.areas.projects.queries import commitments_of, races_visible_to, racing_of, startable
from kezhuan.areas.projects.race_actions import hold_gate, open_race, reserve
from kezhuan.areas.projects.racing import STEPS, WORDS, last_figures, meets, next_gate, rules_at, state_of
from kezhuan.engines import races as engine
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing, NotAllowed, NotNow
from kezhuan.kernel.text import listed, today
from kezhuan.web import faces
from kezhuan.web.components import (
    ButtonLink,
    Cell,
    Chart,
    ChartBar,
    Column,
    Crumb,
    Fact,
    ResultLine,
    TableView,
    Tag,
    Text,
)
from kezhuan.web.lists import list_page, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of, rule_name, value_in_words
from kezhuan.web.record_forms import action_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day, wan

ANY = ["GET", "HEAD", "POST"]
WHOLE = ("item__call__record__title_to", "item__call__record__public_to", "item__poster__record")


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Race]:
    return list(races_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Race, _words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("race"),
        tags=(faces.stage_tag(row.record),),
        meta=(f"{row.item.call.record.code} · {row.item.number} {row.item.title}",),
        on=row.record.opened_on,
    )


def register_face() -> None:
    """How races stand in lists."""
    faces.register("race", faces.Face(_rows, _line))


@takes_a_list
def race_list(request: Request) -> HttpResponse:
    """The races on challenges whose lists the reader reads."""
    return list_page(
        request,
        title=capfirst(_("races")),
        kinds=("race",),
        facets=("stage", "region"),
        lead=_("Several teams, one challenge, the same targets (赛马制)."),
    )


@require_safe
def race_page(request: Request, code: str) -> HttpResponse:
    """One race: its teams against the same targets, its gates, and where each fen of its money is."""
    actor = request.actor
    row = get_visible(actor, Race, code, related=WHOLE)
    inside = can_view(actor, row.record, "full")
    state, teams = state_of(row), racing_of(row)
    steps = list(row.steps.select_related("tester__record"))
    may = row.record.stage == "running" and decides_race.test(actor, row)
    buttons = []
    due, waits = next_gate(row, state), row.tests.filter(held_on=None, entered_at=None).exists()
    if may and state.running and due is not None and due <= today() and not waits:
        buttons.append(ButtonLink(_("Hold the gate"), reverse("race-gate", args=[code]), primary=True))
    if may and state.running and due is not None:
        buttons.append(ButtonLink(_("Ask a third party for the figures"), reverse("race-tester", args=[code])))
    if tests_gate.test(actor, row):
        buttons.append(ButtonLink(_("Enter what was found"), reverse("race-figures", args=[code]), primary=True))
    if may and state.kept_fen and state.gates_held:
        buttons.append(ButtonLink(_("Reserve for who goes on"), reverse("race-reserve", args=[code])))
    if reads_decisions.test(actor, row):
        buttons.append(ButtonLink(_("Who decided, and who was barred"), reverse("race-decisions", args=[code])))
    return record_page(
        request,
        row,
        "projects/race.html",
        meta=[name_of(row.item.poster.record)] if row.item.poster is not None else [],
        buttons=buttons,
        facts=_facts(actor, row, state, inside=inside),
        inside=inside,
        teams=_teams(row, state, teams, steps, inside=inside),
        charts=_charts(row, state, teams, steps) if inside else (),
        money=_money(state, teams) if inside else None,
        steps_taken=_steps(state, teams, steps) if inside else None,
    )


def _facts(actor: Actor, row: Race, state: engine.Race, *, inside: bool) -> list[Fact]:
    item, call = row.item, row.item.call.record
    facts = [
        Fact(_("Call"), f"{call.code} {name_of(call)}", faces.url_of(call) if can_view(actor, call) else ""),
        Fact(_("Item"), f"{item.number} {item.title}"),
        Fact(_("Days of the gates"), listed(day(date.fromisoformat(one)) for one in row.gates)),
        Fact(_("Gates held"), f"{state.gates_held} / {len(row.gates)}"),
    ]
    if item.poster is not None:
        poster = item.poster.record
        facts.insert(2, Fact(_("Challenge posed by"), name_of(poster), faces.url_of(poster)))
    if (test := row.tests.filter(held_on=None).select_related("tester__record").first()) is not None and inside:
        told = _("entered, to be confirmed") if test.entered_at else _("not entered yet")
        facts.append(Fact(_("Tests the next gate"), f"{name_of(test.tester.record)} · {told}"))
    if inside:
        least = {"least": row.least_teams, "most": row.most_teams}
        facts += [
            Fact(_("Teams"), _("%(least)s to %(most)s") % least),
            Fact(_("First payment of each team"), wan(row.first_fen)),
            Fact(_("First payments together at most"), f"{row.first_share_bp / 100:g} %"),
            Fact(_("Money of a team that leaves goes"), Eliminated(row.eliminated).label),
        ]
    return facts


def _teams(row: Race, state: engine.Race, teams: Sequence[Project], steps: Sequence[Any], *, inside: bool) -> TableView:
    """All teams against the same targets: what each has committed to, and what the last gate found. Whoever is not told
    of figures reads who races."""
    gates = [one for one in steps if one.kind == "gate"]
    lines = []
    for place, target in enumerate(row.item.indicators if inside else ()):
        cells: list[Any] = [indicator_in_words(target)]
        for team in teams:
            said = commitments_of(team)
            committed = said[place] if place < len(said) else "–"
            found = [one.data["figures"][team.record.code][place] for one in gates
                     if team.record.code in one.data["figures"]]  # fmt: skip
            cells.append(" → ".join([committed, *found]))
        lines.append(tuple(cells))
    tags = [
        Tag(_("still races"), "ok") if one.record.code in state.running else Tag(_("has left"), "no") for one in teams
    ]
    lines.append((_("State"), *(Cell("", tag=tag) for tag in tags)))
    lines.insert(0, (capfirst(_("project")), *(Cell(one.record.code, faces.url_of(one.record)) for one in teams)))
    return TableView(
        columns=(Column(_("Target") if inside else ""), *(Column(name_of(one.leader.record)) for one in teams)),
        rows=tuple(lines),
        caption=_("All teams against the same targets: promised → found last") if inside else _("Teams"),
        crossed=True,
    )


def _charts(row: Race, state: engine.Race, teams: Sequence[Project], steps: Sequence[Any]) -> list[Chart]:
    """How many targets each team has reached by the last gate that measured it, and what of the money it was paid."""
    figures, targets = last_figures(steps), row.item.indicators
    reached, paid = [], []
    for team in teams:
        code, url = team.record.code, faces.url_of(team.record)
        label = f"{code} {name_of(team.leader.record)}"
        fen = state.paid[code]
        paid.append(ChartBar(label, fen, wan(fen) or "0", url))
        if code in figures:
            found = [meets(one, said) for one, said in zip(targets, figures[code], strict=False)]
            shown = f"{found.count(True)} / {len(targets)}"
            if None in found:
                shown = _("%(share)s, %(number)s not comparable") % {"share": shown, "number": found.count(None)}
            reached.append(ChartBar(label, found.count(True), shown, url))
    charts = [Chart(_("Money paid to each team"), _("Team"), _("Paid out"), tuple(paid))]
    if reached:
        heads = (_("Targets reached at the last gate"), _("Team"), _("Targets reached"))
        charts.insert(0, Chart(*heads, tuple(reached), whole=len(targets)))
    return charts


def _money(state: engine.Race, teams: Sequence[Project]) -> TableView:
    lines: list[tuple[Cell | Text, ...]] = [
        (
            Cell(f"{one.record.code} {name_of(one.leader.record)}", faces.url_of(one.record)),
            wan(state.paid[one.record.code]) or "0",
            wan(state.reserved[one.record.code]) or "0",
        )
        for one in teams
    ]
    lines.append((_("Kept for those who go on"), "", wan(state.kept_fen) or "0"))
    lines.append((_("Freed"), "", wan(state.freed_fen) or "0"))
    lines.append((_("Planned"), "", wan(state.terms.planned_fen) or "0"))
    return TableView(
        columns=(Column(_("Team")), Column(_("Paid out"), numeric=True), Column(_("Reserved"), numeric=True)),
        rows=tuple(lines),
        caption=_("Where the fiscal money is"),
    )


def _steps(state: engine.Race, teams: Sequence[Project], steps: Sequence[Any]) -> TableView:
    decisions = iter(state.decisions)
    lines = []
    for one in steps:
        if one.kind == "gate":
            told = f"{WORDS[next(decisions)]} · {_('passed')} {listed(one.data['passed']) or '–'}"
            follows = _follows(one.data)
            told = " · ".join(filter(None, (told, follows, name_of(one.tester.record), one.report_no, one.words)))
        elif one.kind == "wind-up":
            told = ""
        else:
            told = f"{one.data['team']} {wan(one.data['fen'])}"
        lines.append((str(one.number), day(one.on), str(STEPS[one.kind]), told))
    columns = (Column(_("No."), numeric=True), Column(_("Time")), Column(_("Matter")), Column(_("Details")))
    return TableView(columns, tuple(lines), _("What has happened"))


def _follows(data: Mapping[str, Any]) -> str:
    """What was decided among several that passed a gate: how they rank and down to which they go on, or who joins
    whom."""
    if data["decision"] == GateDecision.CUT and data["ranking"]:
        words = {"ranking": " > ".join(data["ranking"]), "keep": data["keep"]}
        return _("ranking %(ranking)s, the first %(keep)s go on") % words
    if data["decision"] == GateDecision.MERGE and data["merged"]:
        stays, joins = data["merged"]
        return _("%(joins)s joins %(stays)s") % {"joins": joins, "stays": stays}
    return ""


# -- what officers do --------------------------------------------------------------------------------------------------


def race_crumbs(title: str, row: Race | None = None) -> tuple[Crumb, ...]:
    """The way to a page about a race, or about races."""
    steps = [(_("Home"), "/"), (capfirst(_("races")), reverse("races"))]
    return tuple(trail(*steps, *([(row.record.code, faces.url_of(row.record))] if row is not None else []), title))


@require_http_methods(ANY)
def race_new(request: Request, code: str, number: int) -> HttpResponseBase:
    """Let projects for one challenge race."""
    call = get_visible(request.actor, Call, code)
    item = item_of(call, number) if reads_list(request.actor, call) else None
    if item is None:
        raise Missing(code)
    if not opens_races(request.actor, call.region):
        raise NotAllowed(_("Races are opened by the officers in charge of projects, of no side of one."))
    item.call = call
    rows, title = startable(item), _("Open a race")
    rules = [f"{rule_name(one.code)} {value_in_words(one)}" for one in rules_at(call.region).values()]
    told = (
        _("In force here: %(rules)s. Leave these empty.") % {"rules": listed(rules)}
        if rules
        else _("No rule is in force here: enter the call's own numbers.")
    )

    def act(form: RaceForm) -> HttpResponseBase:
        return redirect(faces.url_of(open_race(actor=request.actor, item=item, facts=form.facts).record))

    start = {"title": item.title, "projects": [one.record.code for one in rows], "eliminated": Eliminated.ON}
    return action_page(
        request,
        lambda posted, _files: RaceForm(posted, projects=rows, initial=start),
        act,
        title=title,
        intro=f"{call.record.code} · {item.number} {item.title} · {told}",
        submit_label=title,
        back=faces.url_of(call.record),
        crumbs=race_crumbs(title),
    )


def running_race(request: Request, code: str) -> Race:
    """A race that goes on, for the officers who run it; raises `NotAllowed` for anybody else, and once it is over."""
    row = get_visible(request.actor, Race, code, related=WHOLE)
    must_allow(
        decides_race,
        request.actor,
        row,
        _("Races are run by the officers in charge of projects, of no side of one."),
        stages={"running"},
    )
    return row


@require_http_methods(ANY)
def race_gate(request: Request, code: str) -> HttpResponseBase:
    """Keep what a third party found at a gate, and what follows."""
    row = running_race(request, code)
    state = state_of(row)
    teams = [one for one in racing_of(row) if one.record.code in set(state.running)]
    title, back = _("Hold the gate"), faces.url_of(row.record)
    asked = row.tests.filter(held_on=None).select_related("tester__record").first()
    test = asked if asked is not None and asked.entered_at is not None else None
    intro = [_("With one that passes it has won, with none all stop; of several say what follows.")]
    if (due := next_gate(row, state)) is None or not teams:
        raise NotNow(_("No gate is left to be held."), row.record)
    if due > today():
        intro.insert(0, _("The next gate is held on %(day)s or later.") % {"day": day(due)})
    if test is not None:
        intro.append(_("What the third party entered is shown as it stands; ask it again to have it changed."))
    elif asked is not None:
        intro.insert(0, _("The third party that was asked has not entered what it found."))

    def act(form: GateForm) -> str:
        hold_gate(actor=request.actor, race=row, facts=form.facts)
        return back

    return action_page(
        request,
        lambda posted, _files: GateForm(posted, item=row.item, teams=teams, test=test, initial={"on": today()}),
        act,
        title=title,
        intro=" ".join(intro),
        submit_label=title,
        back=back,
        crumbs=race_crumbs(title, row),
        template="projects/gate.html",
        done=_("The gate is held."),
    )


@require_http_methods(ANY)
def race_reserve(request: Request, code: str) -> HttpResponseBase:
    """Reserve money for a team that goes on."""
    row = running_race(request, code)
    state = state_of(row)
    teams = [one for one in racing_of(row) if one.record.code in state.running]
    title, back = _("Reserve for who goes on"), faces.url_of(row.record)

    def act(form: ReserveForm) -> str:
        typed = form.cleaned_data
        reserve(actor=request.actor, race=row, team=typed["team"], fen=typed["amount"] or 0, occasion=typed["occasion"])
        return back

    return action_page(
        request,
        lambda posted, _files: ReserveForm(posted, teams=teams),
        act,
        title=title,
        intro=_("%(fen)s are kept for those who go on.") % {"fen": wan(state.kept_fen)},
        submit_label=title,
        back=back,
        crumbs=race_crumbs(title, row),
        done=_("It is noted."),
    )
