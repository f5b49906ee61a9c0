"""Tasks of a chain in the API: written, changed, and the record of their selection."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from kezhuan.api.identity import writes
from kezhuan.api.records import AUDIENCES, asked_of, label, moved_now, party, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.areas.chains.commissioning_actions import CommissionFacts, commission
from kezhuan.areas.chains.models import SelectionMode, Task
from kezhuan.areas.chains.schemas_tasks import CommissionBody, SelectionBody, TaskBody, TaskChange, TaskQuery, TaskShown
from kezhuan.areas.chains.selecting import parts_for
from kezhuan.areas.chains.task_actions import Selection, TaskFacts, draft_task, edit_task, keep_selection, pose_need
from kezhuan.areas.chains.task_lifecycle import TASK_KIND
from kezhuan.kernel.access import Actor

router = Router(tags=["tasks"])
PUBLIC = ("chain", "link", "missing", "indicators", "months", "fiscal_fen", "own_fen", "why", "region")
FULL = ("state_of_art", "holds", "evidence", "capability", "related", "decided_on", "minutes_no", "deciders")
RELATED = (
    "undertaker__record",
    "project__application__record",
    *(
        f"{path}__{name}"
        for path in ("item__call__record", "project__record")
        for name in ("owner__record", *AUDIENCES)
    ),
)


def task_fields(actor: Actor, row: Task, groups: frozenset[str]) -> dict[str, Any]:
    """What a task shows beside the fields of every record."""
    if "public" not in groups:
        return {}
    call = reference(actor, row.item.call.record) if row.item is not None else None
    told = {name: getattr(row, name) for name in PUBLIC} | {
        "mode": row.mode or None,
        "mode_label": label(SelectionMode, row.mode) if row.mode else "",
        "call": call,
        "item": row.item.number if row.item is not None and call is not None else None,
    }
    if "full" not in groups:
        return told
    return (
        told
        | {name: getattr(row, name) for name in FULL}
        | {
            "undertaker": party(row.undertaker),
            "project": reference(actor, row.project.record) if row.project is not None else None,
            "selection": [{"name": str(one.name), "there": one.there} for one in parts_for(actor, row)],
        }
    )


def _facts(body: TaskBody) -> TaskFacts:
    plain = body.model_dump(exclude={"version", "mode"})
    return TaskFacts(**plain, mode=body.mode.value if body.mode is not None else "")


def _create(actor: Actor, body: TaskBody) -> Task:
    """Write a task for the organisation that one acts for."""
    return draft_task(actor=actor, facts=_facts(body))


def _change(actor: Actor, row: Task, body: TaskChange, version: int) -> Task:
    """Replace what was entered, until the task starts."""
    return edit_task(actor=actor, task=row, facts=_facts(body), expected_version=version)


@router.put(
    "/{code}/selection",
    response=Moved,
    auth=writes(TASK_KIND),
    operation_id="tasks-selection",
    summary="Enter the record of a selection",
)
def selection(request: HttpRequest, code: str, body: SelectionBody) -> dict[str, Any]:
    """What the task's mode needs; the move `start` is refused until nothing of it is missing."""
    actor, row = asked_of(request, Task, code)
    facts = Selection(**body.model_dump(exclude={"version"}))
    keep_selection(actor=actor, task=row, facts=facts, expected_version=body.version)
    return moved_now(request, row)


@router.post(
    "/{code}/commission",
    response={201: Moved},
    auth=writes(TASK_KIND),
    operation_id="tasks-commission",
    summary="Award a directed commission and open its project",
)
def award(request: HttpRequest, code: str, body: CommissionBody) -> Status[Any]:
    """For the officers in charge, once the record of the commission is complete: it is paid by a direction for which
    the leader of the chain was chosen (`direction` is the code of that application, where there are several)."""
    actor, row = asked_of(request, Task, code)
    facts = CommissionFacts(**body.model_dump(exclude={"version"}))
    made = commission(actor=actor, task=row, facts=facts, expected_version=body.version)
    return Status(201, moved_now(request, made))


@router.post(
    "/{code}/need",
    response={201: Moved},
    auth=writes(TASK_KIND),
    operation_id="tasks-need",
    summary="Begin a need in the words of a task",
)
def begin_need(request: HttpRequest, code: str) -> Status[Any]:
    """Where the task's mode chooses from a call: a draft, to be published and put on a call's list."""
    actor, row = asked_of(request, Task, code)
    made = pose_need(actor=actor, task=row)
    return Status(201, moved_now(request, made))


add_resource(
    Resource(
        slug=TASK_KIND,
        plural="tasks",
        query=TaskQuery,
        shown=TaskShown,
        fields=task_fields,
        related=RELATED,
        taken=TaskBody,
        create=_create,
        changed=TaskChange,
        edit=_change,
    )
)
