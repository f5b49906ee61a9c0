"""Reports of an office on its calls and projects: the year's figures, directions, what chain leaders use of their
limits, the plan by quarters, and milestones. Nothing of it is stored: every figure counts rows that stand elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.calls.choices import CallKind
from kezhuan.areas.calls.funnel import funnels_of
from kezhuan.areas.calls.limiting import (
    most_received_code,
    most_undertaken_code,
    projects_of,
    rules_of,
    uncounted_in_words,
    uncounted_of,
)
from kezhuan.areas.calls.models import Application, Call, CallItem
from kezhuan.areas.calls.permissions import unclaimed_items
from kezhuan.areas.projects.execution import projects_in_charge
from kezhuan.areas.projects.models import Milestone, Payment, PaymentState, Project, Source
from kezhuan.areas.projects.permissions import CUT_SHORT
from kezhuan.kernel.access import Actor, is_officer
from kezhuan.kernel.errors import Text
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import SHANGHAI, listed, today, wan_from_fen

Row = tuple[str, ...]
SOON = 30
"""A milestone is yellow so many days before its day."""


@dataclass(frozen=True)
class Report:
    """A table of an office: its name, its columns, those of figures, and its rows of a budget year or of all."""

    title: Text
    columns: tuple[Text, ...]
    figures: frozenset[int]
    rows: Callable[[Actor, int | None], list[Row]]
    opens: Mapping[int, str] = field(default_factory=dict)
    """By the place of a column the kind of record that its cells, which are codes, open."""


def calls_in_charge(actor: Actor, year: int | None = None) -> list[Call]:
    """The calls that were published and of which the actor is in charge, of a year or of all, the newest first."""
    rows = is_officer.among(actor, Call.objects.exclude(record__stage__in=("draft", "void", "discarded")))
    found = rows.select_related("record", "office").order_by("-pk")
    return [one for one in found if year is None or one.year == year]


def years_of_calls(actor: Actor) -> list[int]:
    """The years of these calls, the latest first."""
    return sorted({one.year for one in calls_in_charge(actor) if one.year is not None}, reverse=True)


def _wan(fen: int | None) -> str:
    return wan_from_fen(fen or 0)


def _share(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.1f} %" if whole else "–"


def _by_call(rows: QuerySet[Any], path: str, **sums: Any) -> dict[int, dict[str, int]]:
    told = rows.order_by().values(path).annotate(**sums)
    return {one[path]: {name: one[name] or 0 for name in sums} for one in told}


def _yearly(actor: Actor, year: int | None) -> list[Row]:
    """The funnel of each call from the needs that came in to what was accepted and paid (§1.6, §9.3 of the domain
    notes): an item is claimed by what was neither withdrawn nor refused, as where a call is posted again."""
    calls = calls_in_charge(actor, year)
    ids = [one.pk for one in calls]
    items = _by_call(CallItem.objects.filter(call__in=ids), "call", listed=Count("pk"))
    collected = _by_call(Call.objects.filter(pk__in=ids), "pk", collected=Count("collected"))
    left = _by_call(unclaimed_items().filter(call__in=ids), "call", unclaimed=Count("pk"))
    applied = funnels_of(ids, ("handed", "units", "chosen"))
    projects = _by_call(
        Project.objects.filter(application__item__call__in=ids, alive=True), "application__item__call",
        signed=Count("pk", filter=Q(signed_on__isnull=False)),
        accepted=Count("pk", filter=Q(accepted_on__isnull=False)),
        ended=Count("pk", filter=Q(record__stage__in=CUT_SHORT)),
        fiscal=Sum("fiscal_fen"), own=Sum("own_fen"), firm=Sum("firm_fen"), back=Sum("returned_fen"),
    )  # fmt: skip
    paid = _by_call(
        Payment.objects.filter(project__application__item__call__in=ids, project__alive=True, state=PaymentState.PAID),
        "project__application__item__call",
        funded=Count("project", distinct=True, filter=Q(source=Source.FISCAL)),
        fiscal=Sum("planned_fen", filter=Q(source=Source.FISCAL)),
        firm=Sum("planned_fen", filter=Q(source=Source.FIRM)),
    )
    return [_funnel(one, collected, items, left, applied, projects, paid) for one in calls]


def _funnel(call: Call, *tables: Mapping[int, Mapping[str, int]]) -> Row:
    collected, items, left, applied, projects, paid = (one.get(call.pk, {}) for one in tables)
    there, all_of = items.get("listed", 0), applied.get("handed", 0)
    claimed = there - left.get("unclaimed", 0)
    closed = call.record.stage in {"closed", "decided"}
    given, theirs = paid.get("fiscal", 0) - projects.get("back", 0), paid.get("firm", 0)
    fiscal, others = projects.get("fiscal", 0), projects.get("own", 0) + projects.get("firm", 0)
    return (
        call.record.code, call.record.title, str(call.year or ""), str(collected.get("collected", 0)), str(there),
        _share(there, collected.get("collected", 0)), str(all_of), str(applied.get("units", 0)), str(claimed),
        _share(claimed, there), _share(there - claimed, there) if closed else "–",
        f"{all_of / there:.2f}" if there else "–", str(applied.get("chosen", 0)), str(projects.get("signed", 0)),
        str(projects.get("accepted", 0)), str(projects.get("ended", 0)), _wan(fiscal), _wan(others),
        f"{others / fiscal:.2f}" if fiscal else "–", str(paid.get("funded", 0)), _wan(given), _wan(theirs),
        f"{theirs / given:.2f}" if given > 0 else "–",
    )  # fmt: skip


def _chain_calls(actor: Actor, year: int | None) -> list[Call]:
    return [one for one in calls_in_charge(actor, year) if one.call_kind == CallKind.CHAIN]


def _directions(actor: Actor, year: int | None) -> list[Row]:
    """Every direction of the chain leaders' calls, with who leads it and the project (§2.6: direction list)."""
    calls = {one.pk: one for one in _chain_calls(actor, year)}
    chosen: dict[int, list[Application]] = {}
    awarded = Application.objects.filter(record__stage="awarded", commissioned_by=None)
    rows = awarded.filter(item__call__in=calls).select_related("applicant__record")
    for one in rows.prefetch_related("projects__record").order_by("pk"):
        chosen.setdefault(one.item_id, []).append(one)
    return [
        (
            str(calls[item.call_id].year or ""), calls[item.call_id].record.code, str(item.number), item.title,
            listed(one.applicant.record.title for one in chosen.get(item.pk, ())),
            listed(row.record.code for one in chosen.get(item.pk, ()) for row in one.projects.all() if row.alive),
            _wan(sum(one.award_fen or 0 for one in chosen.get(item.pk, ()))),
        )
        for item in CallItem.objects.filter(call__in=calls).order_by("-call", "number")
    ]  # fmt: skip


def _leaders(actor: Actor, year: int | None) -> list[Row]:
    """What each chain leader undertakes and receives in a year, beside the limits in force (§2.6: fiscal use)."""
    found: dict[tuple[int, str, int], Row] = {}
    for call in _chain_calls(actor, year):
        led = Application.objects.filter(item__call=call, record__stage="awarded", commissioned_by=None)
        units = led.values_list("applicant", flat=True)
        names = dict(Organisation.objects.filter(pk__in=units).values_list("pk", "record__title"))
        rules = rules_of(call)
        most = rules.get(most_undertaken_code(call.call_kind))
        fen = rules.get(most_received_code(call.call_kind))
        uncounted = uncounted_of(call, names)
        for unit, rows in projects_of(call, names).items():
            received = sum(one.fiscal_fen - one.passed_on_fen for one in rows)
            found.setdefault(
                (call.year or 0, names[unit], unit),
                (
                    str(call.year or ""), names[unit], str(len(rows)), str(most.value) if most is not None else "–",
                    _wan(received), _wan(int(fen.value)) if fen is not None else "–",
                    listed(one.code for one in rows), uncounted_in_words(uncounted.get(unit, ())) or "–",
                ),
            )  # fmt: skip
    return [found[key] for key in sorted(found, reverse=True)]


def quarter_of(day: date | datetime | None) -> str:
    """The quarter of a day, such as 2026 Q1; nothing without a day."""
    if day is None:
        return ""
    on = day.astimezone(SHANGHAI).date() if isinstance(day, datetime) else day
    return f"{on.year} Q{(on.month - 1) // 3 + 1}"


def _quarters(actor: Actor, year: int | None) -> list[Row]:
    """The plan by quarters as in the city's work table: when a call was planned and its guide issued, and of its
    projects in which quarters milestones are checked and results accepted (§2.6)."""
    calls = calls_in_charge(actor, year)
    ids = [one.pk for one in calls]
    checks: dict[int, dict[str, list[int]]] = {}
    rows = Milestone.objects.filter(project__application__item__call__in=ids, project__signed_on__isnull=False)
    for call, due, passed in rows.values_list("project__application__item__call", "due_on", "passed"):
        count = checks.setdefault(call, {}).setdefault(quarter_of(due), [0, 0])
        count[0] += 1
        count[1] += bool(passed)
    ends: dict[int, dict[str, int]] = {}
    done = Project.objects.filter(application__item__call__in=ids, accepted_on__isnull=False)
    for call, on in done.values_list("application__item__call", "accepted_on"):
        held = ends.setdefault(call, {})
        held[quarter_of(on)] = held.get(quarter_of(on), 0) + 1
    return [
        (
            one.record.code, one.record.title, quarter_of(one.record.opened_on), quarter_of(one.opens_at),
            listed(f"{name} {passed}/{due}" for name, (due, passed) in sorted(checks.get(one.pk, {}).items())),
            listed(f"{name} {number}" for name, number in sorted(ends.get(one.pk, {}).items())),
        )
        for one in calls
    ]  # fmt: skip


def checks_by_quarter(actor: Actor, year: int | None) -> dict[str, tuple[int, int]]:
    """By quarter how many milestones of projects with a signed task book are due in it, and how many of them passed."""
    calls = [one.pk for one in calls_in_charge(actor, year)]
    rows = Milestone.objects.filter(project__application__item__call__in=calls, project__signed_on__isnull=False)
    found: dict[str, tuple[int, int]] = {}
    for due, passed in rows.order_by("due_on").values_list("due_on", "passed"):
        name = quarter_of(due)
        before = found.get(name, (0, 0))
        found[name] = (before[0] + 1, before[1] + bool(passed))
    return found


def _milestones(actor: Actor, year: int | None) -> list[Row]:
    """Every milestone of projects with a signed task book, as a traffic light (§1.6)."""
    projects = projects_in_charge(actor)
    if year is not None:
        projects = projects.filter(application__item__call__in=[one.pk for one in calls_in_charge(actor, year)])
    rows = Milestone.objects.filter(project__in=projects.values("pk")).select_related(
        "project__record", "project__leader__record"
    )
    return [
        (
            light_of(one), one.project.record.code, one.project.record.title, one.project.leader.record.title,
            str(one.number), one.indicator, one.due_on.isoformat(),
            one.reported_on.isoformat() if one.reported_on is not None else "",
        )
        for one in rows.order_by("project", "number")
    ]  # fmt: skip


def light_of(one: Milestone) -> str:
    """Green once it has passed; red where it failed or its day is over without a report; yellow where a report waits or
    its day is near; else nothing to tell."""
    if one.passed:
        return _("green: passed")
    if one.passed is False or (one.reported_on is None and one.due_on < today()):
        return _("red: overdue or to be put right")
    if one.reported_on is not None or (one.due_on - today()).days <= SOON:
        return _("yellow: reported, or due soon")
    return _("not due yet")


REPORTS: Mapping[str, Report] = {
    "yearly": Report(
        gettext_lazy("Figures of the year by call"),
        (
            gettext_lazy("Call code"), gettext_lazy("Call"), gettext_lazy("Year"), gettext_lazy("Needs that came in"),
            gettext_lazy("On the list"), gettext_lazy("Rate published"), gettext_lazy("Applications handed in"),
            gettext_lazy("Units"), gettext_lazy("Items applied for"), gettext_lazy("Claim rate"),
            gettext_lazy("Rate of items nobody claimed"), gettext_lazy("Applications for an item"),
            gettext_lazy("Chosen"), gettext_lazy("Task books signed"), gettext_lazy("Accepted"),
            gettext_lazy("Ended before"), gettext_lazy("Fiscal money (万元)"),
            gettext_lazy("Money of firms (万元)"), gettext_lazy("Leverage"),
            gettext_lazy("Projects with fiscal money paid"), gettext_lazy("Fiscal money paid (万元)"),
            gettext_lazy("Paid by posters (万元)"), gettext_lazy("Leverage of what was paid"),
        ),
        frozenset(range(3, 23)),
        _yearly,
        {0: "call"},
    ),
    "directions": Report(
        gettext_lazy("Directions of chain leaders"),
        (
            gettext_lazy("Year"), gettext_lazy("Call code"), gettext_lazy("No."), gettext_lazy("Direction"),
            gettext_lazy("Leader"), gettext_lazy("Projects"), gettext_lazy("Fiscal money (万元)"),
        ),
        frozenset({2, 6}),
        _directions,
        {1: "call"},
    ),
    "leaders": Report(
        gettext_lazy("What chain leaders use of their limits"),
        (
            gettext_lazy("Year"), gettext_lazy("Leader"), gettext_lazy("Undertakes"), gettext_lazy("At most"),
            gettext_lazy("Receives (万元)"), gettext_lazy("At most (万元)"), gettext_lazy("By these applications"),
            gettext_lazy("For its tasks by calls of other kinds: not counted, the other reading would"),
        ),
        frozenset({2, 3, 4, 5}),
        _leaders,
    ),
    "quarters": Report(
        gettext_lazy("Plan by quarters"),
        (
            gettext_lazy("Call code"), gettext_lazy("Call"), gettext_lazy("Planned in"),
            gettext_lazy("Guide issued in"), gettext_lazy("Checks: passed of those due"), gettext_lazy("Accepted in"),
        ),
        frozenset(),
        _quarters,
        {0: "call"},
    ),
    "milestones": Report(
        gettext_lazy("Milestones by light"),
        (
            gettext_lazy("Light"), gettext_lazy("Project code"), gettext_lazy("Project"), gettext_lazy("Leader"),
            gettext_lazy("No."), gettext_lazy("What is reached"), gettext_lazy("To be reached by"),
            gettext_lazy("Reported on"),
        ),
        frozenset({4}),
        _milestones,
        {1: "project"},
    ),
}  # fmt: skip
"""By the name in their address."""


def rows_of(actor: Actor, name: str, year: int | None, most: int | None = None) -> Sequence[Row]:
    """The rows of a report; raises `KeyError` for a name that is none."""
    return REPORTS[name].rows(actor, year)[:most]
