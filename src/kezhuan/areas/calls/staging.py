"""Stages of a call between the end of applications and the decision: their days and terms, and what a shortlist
(入围名单) leaves to the final review."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import StageKind
from kezhuan.areas.calls.models import Application, Call
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import SHANGHAI, listed

ORDER = [str(one) for one in StageKind]
"""Stages follow each other like this."""


@dataclass(frozen=True)
class StageFacts:
    """A stage of a call, from day to day; a draft may not know them yet."""

    kind: str
    begins_on: date | None = None
    ends_on: date | None = None


def stage_problems(stages: Sequence[StageFacts]) -> list[Problem]:
    """What is wrong with stages even while their call is a draft."""
    kinds = [one.kind for one in stages]
    if not set(kinds) <= set(ORDER) or len(set(kinds)) < len(kinds):
        return [Problem("call-stages", _("Choose each stage once."), "stages")]
    found = []
    if StageKind.FINAL in kinds and StageKind.FIRST not in kinds:
        message = _("A final review follows a first one: add that, or leave the final one away.")
        found.append(Problem("call-stages", message, "stages"))
    in_order = sorted(stages, key=lambda one: ORDER.index(one.kind))
    days = [day for one in in_order for day in (one.begins_on, one.ends_on) if day is not None]
    if days != sorted(days):
        message = _("Each stage ends after it begins, and begins after the one before has ended.")
        found.append(Problem("call-stage-days", message, "stages"))
    return found


def facts_of_stages(call: Call, *, with_days: bool = True) -> tuple[StageFacts, ...]:
    """The stages of a call as they were said."""
    days = (lambda one: (one.begins_on, one.ends_on)) if with_days else (lambda _one: ())
    return tuple(StageFacts(one.kind, *days(one)) for one in call.stages.all())


def check_stages(call: Any) -> Iterator[Problem]:
    """Every stage has its days, none of them before applications have closed."""
    rows = list(call.stages.all())
    if any(one.begins_on is None or one.ends_on is None for one in rows):
        yield Problem("call-stage-days", _("Say of each stage from when to when it goes."), "stages")
    last = call.deadline.astimezone(SHANGHAI).date() if call.deadline is not None else None
    if last is not None and any(one.begins_on is not None and one.begins_on < last for one in rows):
        yield Problem("call-stage-days", _("Reviews begin once applications have closed."), "stages")


def has_final(call: Any) -> bool:
    """Whether a call has a final review, for which a shortlist is made."""
    return any(one.kind == StageKind.FINAL for one in call.stages.all())


def standing(call: Any, rows: Iterable[Application]) -> list[Application]:
    """Those of a call's applications that can be chosen: of one with a final review what stands on the shortlist."""
    listing = has_final(call)
    return [row for row in rows if not listing or row.record.stage == "shortlisted"]


def shortlist_problems(call: Call, proposed: Iterable[tuple[Application, Any]]) -> Iterator[Problem]:
    """What stands against proposals where a shortlist is made: whoever is chosen stands on it. Each is an application
    with what is proposed for it: `awarded`."""
    chosen = [row for row, given in proposed if given.awarded]
    kept = {row.pk for row in standing(call, chosen)}
    if codes := [row.record.code for row in chosen if row.pk not in kept]:
        message = _("%(codes)s: the call has a final review, and they are not on its shortlist.")
        yield Problem("award-unlisted", message % {"codes": listed(codes[:10])}, "proposal")
