"""Open-data extracts of the API: the kinds that everybody may see, as a visitor gets them, written every night
and on the first day at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from django.db import transaction
from ninja.responses import NinjaJSONEncoder

from kezhuan.exchange import open_data
from kezhuan.kernel import jobs, journal, search
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.models import Job, JobState
from kezhuan.kernel.readers import Changed
from kezhuan.kernel.text import batches

BATCH = 200
"""Records read together."""
_EVERY = 10_000_000
HIDDEN = "hidden"
"""Key of the runs that are asked for because a record was hidden."""


def objects(resource: Any) -> Iterator[Mapping[str, Any]]:
    """The records of a kind as the API's list gives them to a visitor, newest first."""
    search.live_index().catch_up(wait=True)  # nobody waits for the answer, and nothing may be missing from it
    question = search.Asked(kinds=(resource.slug,), order=search.NEWEST, size=_EVERY)
    for batch in batches(search.search(VISITOR, question).records, BATCH):
        for shown in resource.show_several(VISITOR, batch):
            told = resource.shown.model_validate(shown).model_dump(exclude_unset=True)
            yield json.loads(json.dumps(told, cls=NinjaJSONEncoder))  # as the API writes days and moments


def follow_readers(changed: Changed) -> None:
    """A record that is no longer everybody's is in no extract any more: they are written anew, and none until then."""
    if changed.hidden and open_data.edition() is not None:
        jobs.enqueue("open-data.write", key=HIDDEN)
        transaction.on_commit(open_data.withhold)


def are_owed() -> bool:
    """Whether there are none and nobody was asked for them: before the first run, and where the files are gone."""
    return open_data.edition() is None and not _asked_for((JobState.WAITING, JobState.RUNNING))


def _asked_for(states: Sequence[JobState]) -> bool:
    """Whether a run that was asked for because a record was hidden is in one of these states."""
    return Job.objects.filter(name="open-data.write", key=HIDDEN, state__in=states).exists()


def write(running: Running) -> None:
    """The nightly run: what it has written takes the place of the last only while the job is still this worker's; a
    takeover writes everything anew."""
    import_module("kezhuan.api.urls")  # a worker serves no pages: the kinds are mounted here
    written = open_data.write_edition(progress=running.progress)
    with journal.writing():
        running.confirm()
        # A record hidden meanwhile may stand in it still, and the run that was asked for then is to come.
        if not _asked_for((JobState.WAITING,)):
            open_data.publish(written)
            journal.note("export.open-data", data={"counts": {one.name: one.count for one in written.extracts}})
        running.finish()
    open_data.forget_older(written)
