"""What is asked of projects: rows as an actor may see them, and documents for search."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from kezhuan.areas.calls.models import Call, CallItem
from kezhuan.areas.projects.models import (
    RESERVED,
    Change,
    Member,
    MemberState,
    Payment,
    PaymentState,
    Project,
    Race,
    Source,
)
from kezhuan.areas.projects.permissions import LIVING
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor, is_officer, visible_to

PROJECT_TOLD = (
    "record__owner__record", "record__title_to", "record__public_to", "application__item__call__record",
    "application__record", "leader__record", "poster__record",
)  # fmt: skip


def projects_visible_to(actor: Actor) -> QuerySet[Project]:
    """Projects that the actor may see, with what a list shows."""
    return visible_to(actor, Project.objects.select_related(*PROJECT_TOLD))


def members_of(row: Project) -> QuerySet[Member]:
    """The units of a project's consortium, and those asked into it."""
    return row.members.filter(state__in=LIVING).select_related("organisation__record")


def open_change(row: Project) -> Change | None:
    """The change that waits for an answer."""
    found: Change | None = row.changes.filter(approved=None).select_related("leaving", "joining__record").first()
    return found


def awaited(change: Change) -> list[Member]:
    """The members for whose agreement a change waits; one that was answered waits for nobody, none for who refused."""
    refused = change.refused_by.all()
    return [one for one in change.waits_for.all() if one.organisation not in refused] if change.approved is None else []


def commitments_of(row: Project) -> list[str]:
    """The answers to the indicators of the challenge: the application's, or what a change has made of them."""
    found: list[str] = row.commitments or row.application.commitments
    return found


def waits_to_land(row: Any) -> list[Member]:
    """The members of a project that promised an entity here which is not recorded yet."""
    rows = row.members.filter(state=MemberState.ACCEPTED, lands=True, entity=None)
    return list(rows.select_related("organisation__record"))


def wording_of(row: Any) -> str:
    """The hash of a project's task book as it stands: its days, money, members with their shares, milestones,
    payments, answers to indicators that were changed, and the leader's people. It reads what was fetched with the
    row."""
    members = {one.pk: one for one in row.members.all()}
    milestones = {one.pk: one for one in row.milestones.all()}
    days = [day.isoformat() if day else "" for day in (row.starts_on, row.ends_on)]
    told = [
        [*days, row.fiscal_fen, row.own_fen, row.firm_fen],
        [
            [one.organisation_id, one.task, one.fiscal_fen, one.own_fen, *(["lands"] if one.lands else [])]
            for one in members.values()
            if one.state in LIVING
        ],
        [
            [one.number, one.indicator, one.due_on.isoformat(), one.method, members[one.member_id].organisation_id]
            for one in milestones.values()
        ],
        _planned(row, members, milestones),
        *([row.commitments] if row.commitments else []),
        *([{"staff": row.staff}] if row.staff else []),
        *_terms(row, members.values()),
    ]
    canonical = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _terms(row: Any, members: Iterable[Any]) -> list[dict[str, Any]]:
    """What is agreed on property, benefit and exit; a book without has the hash that it had before there were terms."""
    said = [row.property_by, row.property_text, row.benefit_by, row.benefit_text, row.exit_text]
    shares = [[one.organisation_id, one.property_bp, one.benefit_bp] for one in members if one.state in LIVING]
    return [{"terms": said, "shares": shares}] if any(said) else []


def _planned(row: Any, members: Mapping[int, Any], milestones: Mapping[int, Any]) -> list[list[Any]]:
    """The payments of a task book; in how many parts one was paid is no matter of its wording."""
    found: dict[tuple[int, ...], list[Any]] = {}
    for one in row.payments.all():
        milestone = milestones[one.milestone_id].number if one.milestone_id is not None else None
        payee = [members[one.payee_id].organisation_id] if one.payee_id is not None else []
        line = found.setdefault((one.part_of, *payee), [one.part_of, one.source, one.occasion, milestone, 0, *payee])
        line[4] += one.planned_fen
    return list(found.values())


RIVAL = "rival"
"""The part of whoever is of a side of another team of a project's race."""


def rivals_of(row: Project) -> list[tuple[int, str]]:
    """Whose matter the other projects of its race are: of what is decided in the race they are barred as well."""
    team = getattr(row, "race_team", None)
    others = team.race.teams.exclude(project=row.pk).select_related("project") if team is not None else ()
    theirs = {unit for one in others for unit, _part in sides_of(one.project)}
    return sorted((unit, RIVAL) for unit in theirs - {unit for unit, _part in sides_of(row)})


def sides_of(row: Project) -> list[tuple[int, str]]:
    """Whose own matter a project is, each unit's id with its part in it; who is to become a member is one in this."""
    members = [(one.organisation_id, "member") for one in members_of(row) if one.organisation_id != row.leader_id]
    members += [(one.entity_id, "member") for one in members_of(row) if one.entity_id is not None]
    user = [(row.user_id, "user")] if row.user_id is not None else []
    joining = row.changes.filter(approved=None, joining__isnull=False).values_list("joining", flat=True)
    members += [(unit, "member") for unit in joining]
    poster = [(row.poster_id, "poster")] if row.poster_id is not None else []
    return [(row.leader_id, "leader"), *poster, *user, *members]


@dataclass(frozen=True)
class Money:
    """Where the fiscal money of a project is, in 分: `planned` is the other three together."""

    planned: int
    paid: int
    reserved: int
    freed: int


def money_of(row: Project) -> Money:
    """Where the fiscal money of a project is by its payments, and by what came back."""
    sums = {str(one): 0 for one in PaymentState}
    for payment in row.payments.all():
        if payment.source == Source.FISCAL:
            sums[payment.state] += payment.planned_fen
    reserved = sum(sums[one] for one in RESERVED)
    paid, freed = sums[PaymentState.PAID] - row.returned_fen, sums[PaymentState.FREED] + row.returned_fen
    return Money(paid + reserved + freed, paid, reserved, freed)


def next_number(row: Project) -> int:
    """The number of the next payment of a project."""
    return int(row.payments.aggregate(last=Max("number"))["last"] or 0) + 1


def rooms_of(calls: Sequence[Call]) -> dict[int, int]:
    """By the id of each call what is left to be paid of its budget line (分); two queries."""
    ids = [one.pk for one in calls]
    fiscal = Payment.objects.filter(project__application__item__call__in=ids, source=Source.FISCAL)
    sums = fiscal.filter(state=PaymentState.PAID).order_by().values_list("project__application__item__call")
    paid = dict(sums.annotate(sum=Sum("planned_fen")))
    back = Project.objects.filter(application__item__call__in=ids).values_list("application__item__call")
    returned = dict(back.annotate(sum=Sum("returned_fen")))
    return {one.pk: (one.budget_fen or 0) - paid.get(one.pk, 0) + returned.get(one.pk, 0) for one in calls}


def room_of(call: Call) -> int:
    """What is left to be paid of a call's budget line (分)."""
    return rooms_of([call])[call.pk]


def payments_visible_to(actor: Actor) -> QuerySet[Payment]:
    """The fiscal payments of signed projects of which the actor is in charge, the first due on top."""
    projects = is_officer.among(actor, Project.objects.exclude(record__stage__in=("drafted", "filed", "void")))
    rows = Payment.objects.filter(project__in=projects.values("pk"), source=Source.FISCAL).exclude(
        state=PaymentState.FREED
    )
    return rows.select_related(
        "milestone",
        "payee__organisation__record",
        "project__record",
        "project__leader__record",
        "project__application__item__call__record",
    ).order_by(F("due_on").asc(nulls_last=True), "pk")


def project_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Projects as search reads them: the summary for whoever reads the public part, the task book in full."""
    rows = Project.objects.filter(pk__in=ids).select_related("record", "application__item__call")
    for row in rows.prefetch_related("milestones", "members"):
        book = [one.indicator for one in row.milestones.all()] + [one.task for one in row.members.all()]
        yield from search.by_group(
            row.record,
            public_text=f"{row.record.summary}\n{row.application.item.title}",
            full_text="\n".join(filter(None, book)),
            facets={"call_kind": row.application.item.call.call_kind, "region": row.region},
        )


def kept_back(_actor: Actor, row: Project) -> str:
    """In a word that a project's task book is confidential."""
    return "project"


RACE_TOLD = ("record__title_to", "item__call__record", "item__poster__record")


def races_visible_to(actor: Actor) -> QuerySet[Race]:
    """Races that the actor may see, with what a list shows."""
    return visible_to(actor, Race.objects.select_related(*RACE_TOLD))


def racing_of(row: Race) -> list[Project]:
    """The projects that began a race, in their order."""
    teams = row.teams.select_related("project__record__title_to", "project__leader__record", "project__application")
    return [one.project for one in teams]


STARTABLE = Q(
    alive=True, record__stage="drafted", race_team=None, poster__isnull=False, application__commissioned_by=None
)
"""Of projects: those that can race for one challenge."""


def startable(item: CallItem) -> list[Project]:
    """The projects for a challenge that can race: their task books are being written, and they run alone."""
    rows = Project.objects.filter(STARTABLE, application__item=item)
    return list(rows.select_related("record", "leader__record").order_by("pk"))


def raceable_items(call: Call) -> list[CallItem]:
    """The challenges of a call for which several projects can race."""
    rows = Project.objects.filter(STARTABLE, application__item__call=call).order_by().values("application__item")
    several = rows.annotate(teams=Count("pk")).filter(teams__gt=1)
    return list(call.items.filter(pk__in=several.values("application__item")))


def race_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Races as search reads them: by their challenge."""
    for row in Race.objects.filter(pk__in=ids).select_related("record", "item"):
        facets = {"region": row.region}
        yield from search.by_group(row.record, public_text=f"{row.item.title}\n{row.item.problem}", facets=facets)
