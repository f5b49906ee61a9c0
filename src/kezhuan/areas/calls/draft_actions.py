"""The term of a draft: an application that was begun waits for its unit until the call closes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from kezhuan.areas.calls.choices import CHECKING
from kezhuan.areas.calls.models import Application
from kezhuan.kernel.access import Actor
from kezhuan.kernel.clocks import term
from kezhuan.kernel.models import Clock
from kezhuan.kernel.text import SHANGHAI, today

DRAFT = "draft"


class LeaveDraft:
    """A step for `Lifecycle.then`, before the clocks of stages: the term of a draft ends. Nobody waited for an answer,
    so it counts as none."""

    def __call__(self, row: Application, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Application], _actor: Actor) -> None:
        """The same for many that moved together."""
        running = Clock.objects.filter(record__in=[row.pk for row in rows], name__in=(DRAFT, CHECKING), ended_on=None)
        running.update(ended_on=today())


class BeginDraft:
    """A step for `Lifecycle.then`, after the clocks of stages: a draft, and what its unit checks, is in the inbox and
    the calendar of the unit, who is reminded as of every term."""

    def __call__(self, row: Application, actor: Actor) -> None:
        self.after_moving([row], actor)

    def after_moving(self, rows: Sequence[Application], _actor: Actor) -> None:
        """The same for many that came to one stage together."""
        stage = rows[0].record.stage
        if stage not in {DRAFT, CHECKING}:
            return
        Clock.objects.bulk_create(
            term(row.record, stage, last_day(row.item.call.deadline), party=row.record.owner)
            for row in rows
            if row.item.call.deadline is not None
        )


def last_day(deadline: datetime) -> date:
    """The last day, in Shanghai, on which something can be submitted: what ends at midnight ends the day before."""
    return (deadline - timedelta(seconds=1)).astimezone(SHANGHAI).date()
