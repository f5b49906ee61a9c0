"""Pages of background work: the queue for the city's officers, and one job for whoever asked for it."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.db.models import Max, Min, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kezhuan.kernel import followers, jobs, overseeing, workers
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Job, JobState
from kezhuan.kernel.text import day_from_text, now
from kezhuan.web import exports
from kezhuan.web.components import Cell, Column, Fact, Figure, JobLine, Progress, TableView, Tag, Text, Tone
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import ago, moment

SHOWN = 50
"""Lines of each list; a queue that is longer says how long it is."""
TONES: dict[str, Tone] = {
    JobState.WAITING: "neutral",
    JobState.RUNNING: "wait",
    JobState.DONE: "ok",
    JobState.FAILED: "no",
}


@takes_a_list
def overview(request: Request) -> HttpResponse:
    """Queue, failures, periodic jobs and last runs, all or those asked for on a day."""
    if not overseeing.oversees_jobs.test(request.actor, None):
        raise NotAllowed(_("Only the city's officers see all background jobs."))
    on = day_from_text(request.GET.get("on", ""))
    rows = exports.asked_for_on(overseeing.visible_jobs(request.actor).select_related("person__record"), on)
    if exports.asks_for_file(request):
        return _file(request, rows, on)
    waiting, failed = rows.filter(due_at__isnull=False), rows.filter(state=JobState.FAILED)
    figures = (
        Figure(f"{waiting.count():,}", _("waiting or running")),
        Figure(f"{failed.count():,}", _("failed"), "#failed"),
        *(Figure(f"{one.done:,} / {one.total:,}", one.label) for one in followers.sweeps()),
    )
    return page(
        request,
        "jobs.html",
        title=_("Background jobs"),
        crumbs=trail((_("Home"), reverse("home")), _("Background jobs")),
        figures=figures,
        queue=_queue(waiting.order_by("due_at", "pk")[:SHOWN]),
        failures=[_failure(job) for job in failed.order_by("-ended_at", "-pk")[:SHOWN]],
        periodic=_periodic(),
        ended=_ended(rows.filter(state=JobState.DONE).order_by("-ended_at", "-pk")[:SHOWN]),
        on=on.isoformat() if on else "",
        endings=tuple(exports.MEDIA),
    )


def _file(request: Request, rows: QuerySet[Job], on: date | None) -> HttpResponse:
    headers = (
        _("Job"), _("Number"), _("State"), _("Asked for"), _("Asked for by"), _("Started"), _("Ended"), _("Attempts"),
        _("Error"),
    )  # fmt: skip
    lines = [
        (
            str(_label(job.name)), job.pk, str(JobState(job.state).label), exports.local(job.made_at), str(_who(job)),
            exports.local(job.started_at), exports.local(job.ended_at), job.attempts, job.error,
        )
        for job in rows.order_by("-pk")[: exports.MOST_LINES + 1]
    ]  # fmt: skip
    filters = {"on": [on.isoformat()]} if on else {}
    return exports.table_file(request, headers, lines, name="jobs", title=_("Background jobs"), filters=filters)


@require_safe
def job_page(request: Request, number: int) -> HttpResponse:
    """How far one job is, renewed by itself where scripts run."""
    job = _visible(request, number)
    label = _label(job.name)
    overseen = overseeing.oversees_jobs.test(request.actor, job)
    way = (_("Background jobs"), reverse("jobs")) if overseen else None
    return page(
        request,
        "job.html",
        title=label,
        crumbs=trail((_("Home"), reverse("home")), *([way] if way else []), label),
        tag=_tag(job),
        progress=_progress(job),
        facts=_facts(job, overseen=overseen),
        live=job.state in {JobState.WAITING, JobState.RUNNING},
        result_url=_result_url(job),
        error=job.error,
        again_url=reverse("job-again", args=[job.pk]) if overseen and job.state == JobState.FAILED else "",
    )


@require_POST
def job_again(request: Request, number: int) -> HttpResponse:
    """Put a failed job back into the queue."""
    overseeing.try_again(actor=request.actor, job=_visible(request, number))
    return redirect("job", number=number)


def _visible(request: Request, number: int) -> Job:
    rows = overseeing.visible_jobs(request.actor).select_related("person__record", "acting_for__record")
    job = rows.filter(pk=number).first()
    if job is None:
        raise Missing(str(number))
    return job


def _label(name: str) -> str:
    """What the job is called; one that this version does not know keeps its name as it is."""
    label = str(jobs.label_of(name))
    return label if label == name else capfirst(label)


def _tag(job: Job) -> Tag:
    return Tag(JobState(job.state).label, TONES[job.state])


def _progress(job: Job) -> Progress | None:
    if job.state != JobState.RUNNING and not job.total:
        return None
    return Progress(job.done, job.total, job.note)


def _link(job: Job) -> Cell:
    return Cell(_label(job.name), reverse("job", args=[job.pk]))


def _who(job: Job) -> Text:
    return name_of(job.person.record) if job.person else _("the program")


def _queue(rows: Iterable[Job]) -> TableView:
    columns = (
        Column(_("Job")),
        Column(_("State")),
        Column(_("Due")),
        Column(_("Progress"), numeric=True),
        Column(_("Attempt"), numeric=True),
        Column(_("Asked for by")),
    )
    lines = []
    for job in rows:
        running = job.state == JobState.RUNNING
        done = (f"{job.done:,} / {job.total:,}" if job.total else f"{job.done:,}") if running else ""
        due = _("since %(time)s") % {"time": moment(job.started_at)} if running else moment(job.due_at)
        attempt = str(job.attempts if running else job.attempts + 1)
        lines.append((_link(job), Cell("", tag=_tag(job)), due, done, attempt, _who(job)))
    return TableView(columns, tuple(lines))


def _failure(job: Job) -> JobLine:
    return JobLine(
        label=_label(job.name),
        url=reverse("job", args=[job.pk]),
        error=job.error,
        who=_who(job),
        at=job.ended_at,
        again_url=reverse("job-again", args=[job.pk]),
    )


def _ended(rows: Iterable[Job]) -> TableView:
    columns = (Column(_("Job")), Column(_("Ended")), Column(_("Took"), numeric=True), Column(_("Asked for by")))
    lines = tuple((_link(job), ago(job.ended_at), _seconds(job.started_at, job.ended_at), _who(job)) for job in rows)
    return TableView(columns, lines)


def _seconds(start: datetime | None, end: datetime | None) -> str:
    if start is None or end is None:
        return ""
    return _("%(seconds)s s") % {"seconds": f"{(end - start).total_seconds():,.1f}"}


def _periodic() -> TableView:
    """The periodic jobs with their last start and the next one: two queries for all."""
    rows: QuerySet[Job] = Job.objects.filter(name__in=list(jobs.periodic()), key=jobs.PERIODIC)
    starts: dict[str, Any] = {
        row["name"]: row
        for row in rows.values("name").annotate(
            last=Max("started_at"), upcoming=Min("due_at", filter=Q(state=JobState.WAITING))
        )
    }
    columns = (Column(_("Job")), Column(_("How often")), Column(_("Last start")), Column(_("Next start")))
    lines, working = [], workers.alive() > 0
    for name, period in jobs.periodic().items():
        row: dict[str, Any] = starts.get(name, {})
        # Between two looks of a worker at its calendar a job that has just run does not wait for its next start yet.
        planned = jobs.next_start(period, row.get("last"), now()) if working else None
        upcoming = moment(row.get("upcoming") or planned) or _("once a worker runs")
        lines.append((_label(name), _period(period), moment(row.get("last")) or "–", upcoming))
    return TableView(columns, tuple(lines))


def _period(period: jobs.Period) -> str:
    if isinstance(period, time):
        return _("daily at %(time)s") % {"time": f"{period:%H:%M}"}
    seconds = int(period.total_seconds())
    if seconds % 3600 == 0:
        hours = seconds // 3600
        return ngettext("every hour", "every %(count)s hours", hours) % {"count": hours}
    minutes = max(1, seconds // 60)
    return ngettext("every minute", "every %(count)s minutes", minutes) % {"count": minutes}


def _facts(job: Job, *, overseen: bool) -> tuple[Fact, ...]:
    found = [Fact(_("Asked for"), moment(job.made_at)), Fact(_("Asked for by"), _who(job))]
    if job.state == JobState.WAITING:
        found.append(Fact(_("Due"), moment(job.due_at)))
    found += [Fact(_("Started"), moment(job.started_at)), Fact(_("Ended"), moment(job.ended_at))]
    if overseen:
        found += [Fact(_("Attempts"), str(job.attempts)), Fact(_("Worker"), job.worker)]
    return tuple(found)


def _result_url(job: Job) -> str:
    """The page that a job named for its result, by `running.result({"page": NAME, "at": [ARGUMENTS]})`."""
    if job.state != JobState.DONE or "page" not in job.result:
        return ""
    try:
        return reverse(job.result["page"], args=job.result.get("at", []))
    except NoReverseMatch:
        return ""  # an address of another version
