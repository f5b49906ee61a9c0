"""Who adds questions to the form of an open call, and who may still answer what was added after they had handed in."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from kezhuan.areas.calls.permissions import is_over, writes_application
from kezhuan.kernel.access import Actor, is_officer, predicate
from kezhuan.kernel.predicates import Rows

ANSWERED_IN = frozenset({"offered", "submitted", "qualified"})
"""Stages in which a unit answers what was added since it handed in."""


@predicate
def adds_questions(actor: Actor, row: Any) -> bool:
    """Is an officer in charge of a call that takes applications."""
    open_still = row.record.stage == "published" and not is_over.test(actor, row)
    return open_still and bool(is_officer.test(actor, row))


@adds_questions.beside
def _added_to(actor: Actor, rows: Rows) -> Q:
    return rows.records.where(stage="published") & ~is_over.where(actor, rows) & is_officer.where(actor, rows)


def added_since(application: Any) -> list[int]:
    """The places of the questions that were added after an application was handed in."""
    at = application.submitted_at
    rows = enumerate(application.item.call.questions) if at is not None else ()
    return [place for place, one in rows if "added_at" in one and datetime.fromisoformat(one["added_at"]) > at]


def answers_added(actor: Actor, application: Any) -> bool:
    """Whether the actor may answer what was added since their unit handed in: until the deadline, and nothing else."""
    call = application.item.call
    if application.record.stage not in ANSWERED_IN or call.record.stage != "published" or is_over.test(actor, call):
        return False
    return bool(added_since(application)) and bool(writes_application.test(actor, application))
