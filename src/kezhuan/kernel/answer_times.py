"""Answer times: how long organisations of a kind, and the bureau, took over the last year for what waited for them.

Counted by a periodic job and kept, because a page that everybody opens must not read every term there ever was. What
the other side took back before it was answered does not count; what waits past its due day counts as not in time.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, F
from django.utils.translation import gettext_lazy as _

from kezhuan.kernel import jobs
from kezhuan.kernel.models import AnswerTime, Clock
from kezhuan.kernel.models.parties import OrganisationKind
from kezhuan.kernel.text import now, today
from kezhuan.kernel.workdays import WORKING, special_days, working_days_between

COUNT = "clocks.count"
SPAN = timedelta(days=365)
LEAST = 5
"""Fewer answers than this are not shown: they would tell of one organisation."""

Group = tuple[str, str, str, str]
"""Kind of organisation, kind of record, stage, kind of day."""


def register() -> None:
    """Register the periodic job; called once when Django has loaded the models."""
    jobs.register(COUNT, count, label=_("count answer times"))
    jobs.every(COUNT, timedelta(hours=6))


def shown() -> list[AnswerTime]:
    """What the public page shows: groups with enough answers, the bureau last; one query."""
    rows = AnswerTime.objects.filter(answered__gte=LEAST).order_by("record_kind", "stage", "organisation_kind")
    return sorted(rows, key=lambda row: row.organisation_kind == OrganisationKind.GOVERNMENT)


def count(running: jobs.Running) -> None:
    """Count anew and put the result in the place of the former one."""
    since = today() - SPAN
    answers = _answers(since)
    overdue = _overdue()
    moment = now()
    rows = []
    for group in sorted(set(answers) | set(overdue)):
        days, in_time = answers.get(group, (Counter(), 0))
        rows.append(
            AnswerTime(
                organisation_kind=group[0],
                record_kind=group[1],
                stage=group[2],
                day_kind=group[3],
                answered=days.total(),
                in_time=in_time,
                overdue=overdue.get(group, 0),
                median_days=within(days, 50),
                most_days=within(days, 95),
                counted_at=moment,
            )
        )
    with transaction.atomic():
        running.confirm()
        AnswerTime.objects.all().delete()
        AnswerTime.objects.bulk_create(rows)
        running.finish()


def within(days: Mapping[int, int], percent: int) -> int | None:
    """The least number of days within which so many percent were answered; None when nothing was."""
    total, reached = sum(days.values()), 0
    for number in sorted(days):
        reached += days[number]
        if reached * 100 >= total * percent:
            return number
    return None


def _answers(since: date) -> dict[Group, tuple[Counter[int], int]]:
    """For each group how many were answered after how many days, and how many in time."""
    rows = (
        Clock.objects.filter(answered=True, ended_on__gt=since, post=None, person=None)
        .values_list("party__kind", "record__kind", "name", "day_kind", "started_on", "ended_on", "due_on")
        .annotate(count=Count("pk"))
        .order_by()
    )
    found: dict[Group, Counter[int]] = defaultdict(Counter)
    in_time: Counter[Group] = Counter()
    special: Mapping[date, bool] | None = None
    lengths: dict[tuple[date, date, str], int] = {}
    for party, kind, stage, day_kind, started, ended, due, number in rows.iterator(chunk_size=2000):
        group = (party or OrganisationKind.GOVERNMENT, kind, stage, day_kind)
        span = (started, ended, day_kind)
        if span not in lengths:
            if day_kind == WORKING:
                special = special if special is not None else special_days(since - SPAN * 10, today())
                lengths[span] = working_days_between(started, ended, special)
            else:
                lengths[span] = (ended - started).days
        found[group][lengths[span]] += number
        in_time[group] += number if ended <= due else 0
    return {group: (days, in_time[group]) for group, days in found.items()}


def _overdue() -> dict[Group, int]:
    """For each group how many wait past their due day."""
    rows = (
        Clock.objects.filter(ended_on=None, due_on__lt=today(), post=None, person=None)
        .annotate(organisation=F("party__kind"))
        .values_list("organisation", "record__kind", "name", "day_kind")
        .annotate(count=Count("pk"))
        .order_by()
    )
    found: Counter[Group] = Counter()
    for party, kind, stage, day_kind, number in rows:
        found[party or OrganisationKind.GOVERNMENT, kind, stage, day_kind] += number
    return dict(found)
