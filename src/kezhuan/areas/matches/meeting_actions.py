"""Planning the meeting of an introduction: when, for how long, where; it stands in both sides' calendars."""

from datetime import datetime

from django.utils.translation import gettext as _

from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.permissions import plans
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import touch
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import clean, now

LONGEST_MINUTES = 24 * 60
PLANNED_IN = "agreed"


def plan_meeting(
    *,
    actor: Actor,
    introduction: Introduction,
    at: datetime,
    minutes: int,
    where: str,
    expected_version: int | None = None,
) -> Introduction:
    """Say when and where the two sides meet, once both agreed and until the meeting is recorded; a later plan replaces
    an earlier one. `at` carries its zone. Raises `NotAllowed`, `Refused`, or `Conflict` when the record has moved on
    or is of another version than the expected one.
    """
    if not plans.test(actor, introduction):
        raise NotAllowed(_("The two sides and the officers in charge plan their meeting."))
    problems = []
    if at <= now():
        problems.append(Problem("meeting-past", _("Give a time that is still to come."), "at"))
    if not 0 < minutes <= LONGEST_MINUTES:
        problems.append(Problem("meeting-length", _("A meeting takes from one minute to a day."), "minutes"))
    if not clean(where):
        problems.append(Problem("meeting-where", _("Say where: an address, a room, or a link."), "where"))
    if problems:
        raise Refused(problems)
    with journal.writing():
        Record.objects.select_for_update(of=("self",), no_key=True).get(pk=introduction.pk)
        row: Introduction = Introduction.objects.select_related("record").get(pk=introduction.pk)
        if row.record.stage != PLANNED_IN:
            raise Conflict(_("A meeting is planned between the agreement of both sides and the meeting itself."))
        row.meets_at, row.meets_minutes, row.meets_where = at, minutes, clean(where)[:200]
        row.save(update_fields=["meets_at", "meets_minutes", "meets_where"])
        touch(INTRODUCTION, row, actor=actor, fields=["meeting"], expected_version=expected_version)
    return row
