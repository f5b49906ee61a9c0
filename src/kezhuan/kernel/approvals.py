"""审批 before a move: by which route it goes, which steps wait, and whether the route of this very move is complete.

A route is data (`Route`, by kind, move and place, or inside a unit). Where one stands, `lifecycle.advance` takes the
move only on the strength of a completed approval of exactly this: the record as it was read, the move, its words.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from kezhuan.engines.rules import places_of
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor, predicate, programme_of, region_of
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import (
    Approval,
    ApprovalBar,
    ApprovalStep,
    Clock,
    Document,
    Entry,
    Membership,
    Organisation,
    Person,
    Post,
    PostHolder,
    Record,
    Route,
)
from kezhuan.kernel.models.approvals import Outcome, StepMode
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.present import is_named, is_there
from kezhuan.kernel.text import clean, today

KIND = "approval"
_UNSPENT = "SELECT 1 FROM kernel_approval WHERE about_id = %s AND move = %s AND spent_on IS NULL LIMIT 1"
_ROUTED = "SELECT 1 FROM kernel_route WHERE kind = %s AND ended_at IS NULL LIMIT 1"
RUNNING, COMPLETED = "running", "completed"
"""Stages of approvals that the moves of other records depend on."""


class _Placed(Protocol):
    position: int
    closed_at: Any


AnyStep = TypeVar("AnyStep", bound=_Placed)


def waiting_steps(steps: Sequence[AnyStep]) -> list[AnyStep]:
    """The steps that wait: those of the first position at which one is open, side by side; none when all are closed."""
    open_ones = [step for step in steps if step.closed_at is None]
    first = min((step.position for step in open_ones), default=0)
    return [step for step in open_ones if step.position == first]


# -- posts -------------------------------------------------------------------------------------------------------------


def holders_of(posts: Iterable[int]) -> QuerySet[PostHolder]:
    """Who holds these posts today, as long as they also act for the post's organisation; nobody who was closed."""
    day = today()
    acting = Membership.objects.filter(organisation=OuterRef("post__organisation"), person=OuterRef("person"))
    acting = acting.filter(Q(until=None) | Q(until__gte=day), since__lte=day)
    return (
        PostHolder.objects.filter(Exists(acting), post__in=posts, since__lte=day)
        .filter(Q(until=None) | Q(until__gte=day))
        .exclude(person__record__phase=Phase.DONE)
        .select_related("person__record", "post__organisation__record")
        .order_by("pk")
    )


def posts_of(person: Person, organisation: Organisation) -> QuerySet[Post]:
    """The posts that somebody who acts for an organisation holds in it today."""
    day = today()
    held = PostHolder.objects.filter(person=person, since__lte=day).filter(Q(until=None) | Q(until__gte=day))
    return Post.objects.filter(organisation=organisation, closed_on=None, pk__in=held.values("post"))


def take_posts(held: QuerySet[PostHolder], actor: Actor) -> None:
    """End that somebody holds posts, from this moment on, with an entry for each that was held; inside `writing()`."""
    open_ones = held.filter(Q(until=None) | Q(until__gte=today()))
    for one in open_ones.select_related("person__record", "post__organisation__record").order_by("pk"):
        if open_ones.filter(pk=one.pk).update(until=today() - timedelta(days=1)):
            journal.note(
                "organisation.post-taken",
                record=one.post.organisation.record,
                actor=actor,
                data={"post": one.post_id, "member": str(one.person.record.uid)},
                texts={"whom": f"{one.person.record.title} · {one.post.name}"},
            )


def signers_waited_for(clocks: Iterable[Clock]) -> dict[int, list[int]]:
    """By clock that waits for a post the people who hold it and are not barred by name; two queries."""
    waiting = [clock for clock in clocks if clock.post_id is not None]
    if not waiting:
        return {}
    bars = ApprovalBar.objects.filter(approval__in=[clock.record_id for clock in waiting])
    barred = set(bars.values_list("approval_id", "party_id"))
    held = [(one.post_id, one.person_id) for one in holders_of(clock.post_id for clock in waiting if clock.post_id)]
    return {
        clock.pk: [person for post, person in held if post == clock.post_id and (clock.record_id, person) not in barred]
        for clock in waiting
    }


# -- routes ------------------------------------------------------------------------------------------------------------


@predicate
def is_inside(actor: Actor, record: Record) -> bool:
    """Takes a step in their own unit's matter, which goes by the unit's route and not the place's."""
    return actor.organisation is not None and record.owner_id == actor.organisation.pk


is_inside.beside(lambda actor, rows: rows.where(owner=actor.organisation.pk) if actor.organisation else rows.none)


def routes_for(actor: Actor, row: Any) -> dict[str, Route]:
    """By move the routes in force for what the actor would do to a row: the unit's own, or the nearest place's; in one
    place that of the row's programme before the one of all."""
    if actor is SYSTEM or row.record.kind == KIND or not is_there(_ROUTED, row.record.kind):
        return {}
    programmes = [programme_of(row), ""]
    rows = Route.objects.filter(kind=row.record.kind, programme__in=programmes, ended_at=None)
    if is_inside(actor, row.record):
        places, found = [""], list(rows.filter(unit=actor.organisation))
    else:
        places = places_of(region_of(row) or settings.CITY)
        found = list(rows.filter(unit=None, jurisdiction__in=places))
    found.sort(key=lambda one: (places.index(one.jurisdiction), programmes.index(one.programme)), reverse=True)
    return {one.move: one for one in found}


# -- before a move -----------------------------------------------------------------------------------------------------


def fingerprint(record: Record, move: str, note: str, reason: str) -> str:
    """The SHA-256 of what is approved: the record at this version with its files, the move and its words."""
    held = Document.objects.filter(record=record, withdrawn_at=None)
    files = held.order_by("stored", "group").values_list("stored", "group")
    content = {
        "uid": str(record.uid),
        "version": record.version,
        "title": record.title,
        "title_en": record.title_en,
        "summary": record.summary,
        "files": [list(one) for one in files],
        "move": move,
        "note": clean(note),
        "reason": reason,
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def completed_approval(record: Record, move: str) -> Approval | None:
    """The approval whose route is complete and whose move is not yet taken; there is one within a transaction only."""
    if not is_there(_UNSPENT, record.pk, move):
        return None
    rows = Approval.objects.filter(about=record, move=move, spent_on=None, record__stage=COMPLETED)
    return rows.select_related("record").first()


def running_approval(record: Record, move: str) -> Approval | None:
    """The approval of a move that is on its way."""
    return Approval.objects.filter(about=record, move=move, record__stage=RUNNING).select_related("record").first()


def ended_by_change(record: Record) -> bool:
    """Whether an approval of the record is on its way, which a change of the record ends."""
    if not is_named(Approval, "about", record.pk):
        return False
    return Approval.objects.filter(about=record, record__stage=RUNNING).exists()


def check_route(
    actor: Actor, row: Any, move: str, note: str, reason: str, *, collective: bool = False
) -> Iterable[Problem]:
    """What stands against a move that goes by a route: the route is not complete, or what it approved is another; or a
    meeting is to decide (`collective`) and no route leads to one."""
    route = routes_for(actor, row).get(move)
    if collective and not leads_to_meeting(route):
        yield no_meeting_problem()
        return
    if route is None:
        return
    approval = completed_approval(row.record, move)
    if approval is None:
        if (one := running_approval(row.record, move)) is not None:
            message = _(
                "The approval %(code)s is on its way: the step is taken by itself once its route, and its notice where"
                " one is held, are complete."
            )
            yield Problem("approval-running", message % {"code": one.record.code}, "approval")
        else:
            yield Problem("approval-needed", _("This step needs approval: ask for it first."), "approval")
    elif collective and not approval.steps.filter(mode=StepMode.COLLECTIVE).exists():  # asked for by an earlier route
        yield no_meeting_problem()
    elif approval.content_hash != fingerprint(row.record, move, note, reason):
        yield changed_problem(approval)


def leads_to_meeting(route: Route | None) -> bool:
    """Whether one step of a route is a collective decision."""
    return route is not None and route.steps.filter(mode=StepMode.COLLECTIVE).exists()


def no_meeting_problem() -> Problem:
    """The sentence where a meeting is to decide and no route leads to one."""
    message = _("A meeting decides on this: set a route with a collective decision for this step first.")
    return Problem("approval-no-meeting", message, "approval")


def changed_problem(approval: Approval) -> Problem:
    """The record is not what the signers have read."""
    message = _("The record has changed since the approval %(code)s was asked for: ask for it again.")
    return Problem("approval-changed", message % {"code": approval.record.code}, "approval")


def spend(record: Record, move: str) -> Approval | None:
    """Note that the move is taken on the strength of its approval, which is good for this one time; returns it."""
    approval = completed_approval(record, move)
    if approval is not None:
        Approval.objects.filter(pk=approval.pk).update(spent_on=today())
    return approval


# -- what was said -----------------------------------------------------------------------------------------------------

SAID = {f"{KIND}.{name}" for name in ("sign", "sheet", "decide", "return")}
"""Entries of an approval that close a step; they hold the opinion."""


@dataclass(frozen=True)
class StepTold:
    """A step with the opinion that closed it."""

    step: ApprovalStep
    opinion: str = ""


def steps_told(approval: Approval) -> list[StepTold]:
    """All steps of an approval that the reader may see, in order, with their opinions; two queries."""
    steps = ApprovalStep.objects.filter(approval=approval).select_related(
        "post__organisation__record", "signer__record", "signed_for__record", "entered_by__record", "document"
    )
    said, returned = _opinions(approval)
    return [StepTold(step, returned if step.outcome == Outcome.RETURNED else said.get(step.pk, "")) for step in steps]


def _opinions(approval: Approval) -> tuple[Mapping[int, str], str]:
    """By step what was said when it was closed, and the opinion with which the approval was returned."""
    said, returned = {}, ""
    for entry in Entry.objects.filter(record=approval.pk, kind__in=SAID).select_related("text"):
        text = getattr(entry, "text", None)
        opinion = text.content.get("note", "") if text is not None else ""
        if "step" in entry.data:
            said[entry.data["step"]] = opinion
        else:
            returned = opinion
    for data, texts in journal.noted_now(approval.record, SAID):  # of the step that is closed just now
        if "step" in data:
            said[data["step"]] = texts.get("note", "")
    return said, returned
