"""Who sees which jobs, and who has a failed one tried again."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor, about_actor, predicate
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.models import Job, JobState


@about_actor
def oversees_jobs(actor: Actor, _row: Any) -> bool:
    """Is an officer of the whole city."""
    return actor.is_city_officer


@predicate
def _asked_for(actor: Actor, job: Job) -> bool:
    return actor.person is not None and job.person_id == actor.person.pk


_asked_for.beside(lambda actor, rows: rows.where(person=actor.person.pk) if actor.person else rows.none)
may_see = oversees_jobs | _asked_for
"""Oversees the jobs, or asked for this one."""


def visible_jobs(actor: Actor) -> QuerySet[Job]:
    """The jobs that the actor may see; agrees with `may_see`."""
    return may_see.among(actor, Job.objects.all())


def try_again(*, actor: Actor, job: Job) -> Job:
    """Put a job that failed back into the queue. Raises `NotAllowed`, or `Conflict` when it is not failed any more."""
    if not oversees_jobs.test(actor, job):
        raise NotAllowed(_("Only the city's officers try a job again."))
    failed = Job.objects.filter(pk=job.pk, state=JobState.FAILED)
    with journal.writing():
        try:
            with transaction.atomic():
                waiting = {"state": JobState.WAITING, "due_at": Now(), "attempts": 0, "ended_at": None}
                changed = failed.update(**waiting, error="")
        except IntegrityError:
            raise Conflict(_("Another job of the same kind waits already and does the same.")) from None
        if not changed:
            raise Conflict(_("Someone was faster: this job waits again already. Nothing was changed by you."))
        journal.note("job.try-again", actor=actor, data={"job": job.pk, "name": job.name})
    return Job.objects.get(pk=job.pk)
