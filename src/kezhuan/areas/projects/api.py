"""Projects in the API."""

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest
from ninja import Router

from kezhuan.api.identity import writes
from kezhuan.api.records import AUDIENCES, asked_of, moved, party, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Moved
from kezhuan.api.site import api
from kezhuan.areas.calls.models import Application
from kezhuan.areas.projects import api_decided, api_execution, api_races, api_running
from kezhuan.areas.projects.actions import answer_invitation, open_project, record_of, sign_book, write_book
from kezhuan.areas.projects.change_actions import agree_to_change, ask_change, refuse_to_agree
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.queries import awaited, commitments_of, money_of, wording_of
from kezhuan.areas.projects.schemas import (
    AcceptanceBody,
    BookChange,
    ChangeBody,
    ChangedShown,
    DisagreementBody,
    ProjectBody,
    ProjectQuery,
    ProjectShown,
)
from kezhuan.areas.projects.staffing import staff_of
from kezhuan.areas.projects.terms import terms_of
from kezhuan.exchange.origins import ORIGINS, brought_from
from kezhuan.kernel.access import Actor, get_visible

router = Router(tags=["projects"])
TOLD = (
    "own_fen", "firm_fen", "signed_on", "accepted_on", "spent_fen", "diligent", "settlement", "returned_fen",
    "returned_on",
)  # fmt: skip
MILESTONE = (
    "number", "indicator", "due_on", "method", "reported_on", "report", "passed", "judged_on", "verdict",
)  # fmt: skip
EVIDENCE = ("kind", "on", "number", "meets", "words")
CHANGE = (
    "number", "reason", "asked_on", "agreed_on", "poster_asked", "poster_agreed_on", "approved", "verdict",
    "decided_on", "version", "members_agreed", "refusals",
)  # fmt: skip
PAYMENT = ("number", "part_of", "source", "occasion", "planned_fen", "state", "due_on", "paid_on", "voucher")


def project_fields(actor: Actor, row: Project, groups: frozenset[str]) -> dict[str, Any]:
    """What a project shows beside the fields of every record."""
    if "public" not in groups:
        return {}
    item = row.application.item
    shown: dict[str, Any] = {
        "call": reference(actor, item.call.record),
        "application": reference(actor, row.application.record),
        "item": item.number,
        "item_title": item.title,
        "leader": party(row.leader),
        "poster": party(row.poster),
        **{name: getattr(row, name) for name in ("fiscal_fen", "starts_on", "ends_on")},
    }
    if "full" in groups:
        shown |= {name: getattr(row, name) for name in TOLD} | _book(row) | {"brought_from": brought_from(row.record)}
    return shown


def _book(row: Project) -> dict[str, Any]:
    wording, own = wording_of(row), getattr(row, "self_evaluation", None)
    return {
        "poster_has_signed": row.poster_signed == wording,
        "book_version": row.book_version if row.signed_on else None,
        "commitments": commitments_of(row),
        "staff": [asdict(one) for one in staff_of(row)],
        "terms": asdict(terms_of(row)),
        "money": asdict(money_of(row)),
        "user": party(row.user) if row.user is not None else None,
        "evidence": [
            {"organisation": party(one.unit), **{name: getattr(one, name) for name in EVIDENCE}}
            for one in row.evidence.all()
        ],
        "self_evaluation": {name: getattr(own, name) for name in ("on", "reached", "words")} if own else None,
        "members": [
            {
                "organisation": party(one.organisation),
                **{name: getattr(one, name) for name in ("state", "task", "fiscal_fen", "own_fen", "since", "until")},
                "has_signed": one.signed == wording,
                "lands": one.lands,
                "entity": party(one.entity) if one.entity is not None else None,
                "landed_on": one.landed_on,
                "property_bp": one.property_bp,
                "benefit_bp": one.benefit_bp,
            }
            for one in row.members.all()
        ],
        "milestones": [
            {
                **{name: getattr(one, name) for name in MILESTONE},
                "organisation": party(one.member.organisation),
            }
            for one in row.milestones.all()
        ],
        "payments": [
            {
                **{name: getattr(one, name) for name in PAYMENT},
                "milestone": one.milestone.number if one.milestone is not None else None,
                "payee": party(one.payee.organisation if one.payee is not None else row.leader),
            }
            for one in row.payments.all()
        ],
        "changes": [
            {
                "leaving": party(one.leaving.organisation) if one.leaving is not None else None,
                "joining": party(one.joining) if one.joining is not None else None,
                "waits_for": [party(member.organisation) for member in awaited(one)],
                **{name: getattr(one, name) for name in CHANGE},
                "items": [{name: item[name] for name in ChangedShown.model_fields} for item in one.items],
            }
            for one in row.changes.all()
        ],
    }


def create_project(actor: Actor, body: ProjectBody) -> Project:
    """Open the project of an application that was chosen."""
    return open_project(actor=actor, application=get_visible(actor, Application, body.application))


def change_project(actor: Actor, row: Project, body: BookChange, version: int) -> Project:
    """Replace the task book."""
    return write_book(actor=actor, project=row, facts=body.facts, expected_version=version)


@router.post(
    "/{code}/answer",
    response=Moved,
    auth=writes("project"),
    operation_id="projects-answer",
    summary="Answer an invitation into the consortium",
)
def answer(request: HttpRequest, code: str, body: AcceptanceBody) -> dict[str, Any]:
    """For the unit that one acts for."""
    actor, row = asked_of(request, Project, code)
    answer_invitation(actor=actor, project=row, accepts=body.accepts)
    return moved(request, record_of(row))


@router.post(
    "/{code}/signature",
    response=Moved,
    auth=writes("project"),
    operation_id="projects-sign-book",
    summary="Sign the task book",
)
def signature(request: HttpRequest, code: str) -> dict[str, Any]:
    """As it stands, filed or changed since it was signed, for a member or the poster."""
    actor, row = asked_of(request, Project, code)
    sign_book(actor=actor, project=row)
    return moved(request, record_of(row))


@router.post(
    "/{code}/changes",
    response=Moved,
    auth=writes("project"),
    operation_id="projects-ask-change",
    summary="Ask for a change of the task book",
)
def changes(request: HttpRequest, code: str, body: ChangeBody) -> dict[str, Any]:
    """Once it is signed; an officer takes the move `approve-change` or `refuse-change`."""
    actor, row = asked_of(request, Project, code)
    ask_change(actor=actor, project=row, wanted=body.wanted)
    return moved(request, record_of(row))


@router.post(
    "/{code}/agreement",
    response=Moved,
    auth=writes("project"),
    operation_id="projects-agree",
    summary="Agree to a change",
)
def agreement(request: HttpRequest, code: str) -> dict[str, Any]:
    """For the unit that one acts for: to take the place of a member, or as the poster to other indicators."""
    actor, row = asked_of(request, Project, code)
    agree_to_change(actor=actor, project=row)
    return moved(request, record_of(row))


@router.post(
    "/{code}/disagreement",
    response=Moved,
    auth=writes("project"),
    operation_id="projects-disagree",
    summary="Say that one does not agree to a change",
)
def disagreement(request: HttpRequest, code: str, body: DisagreementBody) -> dict[str, Any]:
    """For the unit that one acts for, with why: the change cannot be approved then, and another one is asked for."""
    actor, row = asked_of(request, Project, code)
    refuse_to_agree(actor=actor, project=row, words=body.words)
    return moved(request, record_of(row))


api_running.mount(router)
api.add_router("/projects", router)
api.add_router("/races", api_races.router)
api.add_router("", api_execution.router)
api.add_router("", api_decided.router)
add_resource(api_races.RACES)
add_resource(
    Resource(
        slug="project",
        plural="projects",
        query=ProjectQuery,
        shown=ProjectShown,
        fields=project_fields,
        related=(
            "leader__record",
            "poster__record",
            "user__record",
            "self_evaluation",
            "application__record__owner__record",
            *(f"application__record__{name}" for name in AUDIENCES),
            "application__item__call__record__owner__record",
            *(f"application__item__call__record__{name}" for name in AUDIENCES),
        ),
        prefetch=(
            "members__organisation__record",
            "members__entity__record",
            "milestones__member__organisation__record",
            "payments__milestone",
            "payments__payee__organisation__record",
            "changes__leaving__organisation__record",
            "changes__joining__record",
            "changes__waits_for__organisation__record",
            "changes__refused_by",
            "evidence__unit__record",
            ORIGINS,
        ),
        taken=ProjectBody,
        create=create_project,
        changed=BookChange,
        edit=change_project,
    )
)
