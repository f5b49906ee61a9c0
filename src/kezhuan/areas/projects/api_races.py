"""Races in the API."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import AUDIENCES, asked_of, moved, party, reference
from kezhuan.api.resources import Resource
from kezhuan.api.schemas import Moved
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.queries import item_of, reads_list
from kezhuan.areas.projects.actions import record_of
from kezhuan.areas.projects.models import Race
from kezhuan.areas.projects.permissions import tests_gate
from kezhuan.areas.projects.race_actions import hold_gate, open_race, reserve
from kezhuan.areas.projects.race_test_actions import ask_tester, enter_figures
from kezhuan.areas.projects.racing import state_of
from kezhuan.areas.projects.schemas_races import (
    FiguresBody,
    GateBody,
    RaceBody,
    RaceQuery,
    RaceShown,
    ReserveBody,
    TesterBody,
)
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.errors import Missing

router = Router(tags=["races"])


def race_fields(actor: Actor, row: Race, groups: frozenset[str]) -> dict[str, Any]:
    """What a race shows beside the fields of every record."""
    if "public" not in groups:
        return {}
    state, item, inside = state_of(row), row.item, "full" in groups
    shown: dict[str, Any] = {
        "call": reference(actor, item.call.record),
        "item": item.number,
        "item_title": item.title,
        "gates": row.gates,
        "gates_held": state.gates_held,
        "decisions": [one.value for one in state.decisions],
        "teams": [
            {
                "project": (code := one.project.record.code),
                "leader": party(one.project.leader),
                "runs": code in state.running,
                "paid_fen": state.paid[code] if inside else None,
                "reserved_fen": state.reserved[code] if inside else None,
            }
            for one in row.teams.all()
        ],
    }
    if inside:
        shown |= {
            "planned_fen": row.planned_fen,
            "first_fen": row.first_fen,
            "kept_fen": state.kept_fen,
            "freed_fen": state.freed_fen,
            "steps": [
                {name: getattr(one, name) for name in ("number", "kind", "on", "data", "report_no", "words")}
                for one in row.steps.all()
            ],
        }
    test = next((one for one in row.tests.all() if one.held_on is None), None)
    if test is not None and ("inner" in groups or tests_gate.test(actor, row)):
        names = ("entered_at", "on", "report_no", "words", "figures", "passed")
        shown["test"] = {"tester": party(test.tester), **{name: getattr(test, name) for name in names}}
    return shown


def create_race(actor: Actor, body: RaceBody) -> Race:
    """Let projects for one item of a call race."""
    call = get_visible(actor, Call, body.call)
    item = item_of(call, body.item) if reads_list(actor, call) else None
    if item is None:
        raise Missing(body.call)
    item.call = call
    return open_race(actor=actor, item=item, facts=body.facts)


@router.post(
    "/{code}/gates", response=Moved, auth=writes("race"), operation_id="races-gate", summary="Hold the next gate"
)
def gate(request: HttpRequest, code: str, body: GateBody) -> dict[str, Any]:
    """What a third party found of all teams against the same targets, and what follows."""
    actor, row = asked_of(request, Race, code)
    hold_gate(actor=actor, race=row, facts=body.facts)
    return moved(request, record_of(row))


@router.put(
    "/{code}/tester", response=Moved, auth=writes("race"), operation_id="races-tester",
    summary="Ask a third party for what it finds at the next gate",
)  # fmt: skip
def tester(request: HttpRequest, code: str, body: TesterBody) -> dict[str, Any]:
    """Asked anew, it gets back what it had entered."""
    actor, row = asked_of(request, Race, code)
    ask_tester(actor=actor, race=row, tester=body.tester)
    return moved(request, record_of(row))


@router.put(
    "/{code}/figures", response=Moved, auth=writes("race"), operation_id="races-figures",
    summary="Enter what was found at the next gate",
)  # fmt: skip
def figures(request: HttpRequest, code: str, body: FiguresBody) -> dict[str, Any]:
    """By the third party that was asked; the teams read it once the officers hold the gate by it."""
    actor = actor_of(request)
    row = get_visible(actor, Race, code)
    enter_figures(actor=actor, race=row, facts=body.facts)
    return moved(request, record_of(row))


@router.post(
    "/{code}/reserves",
    response=Moved,
    auth=writes("race"),
    operation_id="races-reserve",
    summary="Reserve money for a team that goes on",
)
def reserves(request: HttpRequest, code: str, body: ReserveBody) -> dict[str, Any]:
    """Of what is kept for those who go on: a payment more of its project."""
    actor, row = asked_of(request, Race, code)
    reserve(actor=actor, race=row, team=body.team, fen=body.fen, occasion=body.occasion.value)
    return moved(request, record_of(row))


RACES = Resource(
    slug="race",
    plural="races",
    query=RaceQuery,
    shown=RaceShown,
    fields=race_fields,
    related=(
        "item__call__record__owner__record",
        *(f"item__call__record__{name}" for name in AUDIENCES),
    ),
    prefetch=("teams__project__record", "teams__project__leader__record", "steps", "tests__tester__record"),
    taken=RaceBody,
    create=create_race,
)
