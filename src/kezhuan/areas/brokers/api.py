"""Brokers in the API: made, changed and ended, their queues planned and filled; pairs in queues, by their moves."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from kezhuan.api.identity import actor_of, reads, writes
from kezhuan.api.records import AUDIENCES, party, reference, referred
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import Listed
from kezhuan.api.site import api
from kezhuan.areas.brokers.actions import (
    Wanted,
    edit_broker,
    end_broker,
    enter_broker,
    give_pairs,
    kept_broker,
)
from kezhuan.areas.brokers.figures import Figures, figures_of
from kezhuan.areas.brokers.letting_actions import let_brokers_read
from kezhuan.areas.brokers.models import Broker, BrokeredPair
from kezhuan.areas.brokers.permissions import keeps, lets_read, plans_queues
from kezhuan.areas.brokers.planning import plan_queues
from kezhuan.areas.brokers.queries import brokers_in_force, may_read, reads_both
from kezhuan.areas.brokers.schemas import (
    BrokerBody,
    BrokerChange,
    BrokeredPairShown,
    BrokerShown,
    GivenShown,
    LetBody,
    LetShown,
    QueuePlanShown,
    WantedList,
)
from kezhuan.areas.brokers.wording import NOBODY, fit_line
from kezhuan.areas.matches.precise import MOST_NEEDS, Room
from kezhuan.areas.matches.precise_shown import note_plan
from kezhuan.areas.matches.supply import RESULTS, introduced_kinds
from kezhuan.areas.needs.models import Need
from kezhuan.kernel.access import Actor, get_visible, visible_to
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.models import Organisation, Person

router, needs = Router(tags=["brokers"]), Router(tags=["brokers"])

_SIDES = tuple(f"{side}__{name}" for side in ("need__record", "supply") for name in ("owner__record", *AUDIENCES))


def pair_fields(actor: Actor, row: BrokeredPair, groups: frozenset[str]) -> dict[str, Any]:
    """What a pair shows beside the fields of every record."""
    if "full" not in groups:
        return {}
    introduced = row.introduction.record if row.introduction is not None else None
    return {
        "broker": row.broker.person.record.title,
        "need": reference(actor, row.need.record),
        "supply": reference(actor, row.supply),
        "introduction": reference(actor, introduced) if introduced is not None else None,
        **({"score": row.score, "fit": row.fit, "because": fit_line(row.why)} if reads_both(actor, row) else {}),
        "registered": row.registered,
    }


add_resource(
    Resource(
        slug="pair",
        plural="pairs",
        shown=BrokeredPairShown,
        fields=pair_fields,
        related=(
            "broker__person__record",
            "broker__organisation__record",
            *_SIDES,
            *(f"introduction__record__{name}" for name in AUDIENCES),
        ),
    )
)


# -- brokers -----------------------------------------------------------------------------------------------------------


def _shown(brokers: Sequence[Broker]) -> list[dict[str, Any]]:
    """Brokers with their figures; one query."""
    found = figures_of(brokers)
    told = []
    for one in brokers:
        figures = found.get(one.pk, Figures())
        facts = {name: getattr(one, name) for name in ("fields", "regions", "capacity", "since", "until")}
        named = {"number": one.pk, "person": party(one.person), "organisation": party(one.organisation)}
        told.append(named | facts | asdict(figures) | {"conversion_bp": figures.conversion_bp})
    return told


@router.get(
    "", response=Listed[BrokerShown], auth=reads("pair"), operation_id="brokers-list",
    summary="Brokers and their queues",
)  # fmt: skip
def brokers(request: HttpRequest) -> dict[str, Any]:
    """The brokers whose queues one fills, and oneself where one is a broker."""
    actor = actor_of(request)
    if not actor.is_signed_in:
        raise NotAllowed
    units = keeps.among(actor, Organisation.objects.all())
    rows = Broker.objects.filter(organisation__in=units.values("pk")) | Broker.objects.filter(person=actor.person)
    return {"items": _shown(list(rows.select_related("person__record", "organisation__record").order_by("pk")))}


@router.post(
    "", response={201: BrokerShown}, auth=writes("pair"), operation_id="brokers-create",
    summary="Make a member a broker",
)  # fmt: skip
def create(request: HttpRequest, body: BrokerBody) -> Status:
    """Of an organisation that one administers, or whose district one is in charge of."""
    actor = actor_of(request)
    units = visible_to(actor, Organisation.objects.select_related("record__owner"))
    unit = units.filter(record__code=body.organisation).first()
    if unit is None:
        message = _("No organisation has the code “%(code)s”.")
        raise Refused(Problem("organisation-unknown", message % {"code": body.organisation}, "organisation"))
    person = Person.objects.filter(record__code=body.person).select_related("record").first()
    row = enter_broker(actor=actor, organisation=unit, person=person, facts=body.facts)
    return Status(201, _shown([row])[0])


# -- plans -------------------------------------------------------------------------------------------------------------


class QueuesAsked(BaseModel):
    """What a plan of queues is asked for: numbers of needs (all open ones without), the kind that they are matched
    with, and how much room there is before pairs go to brokers."""

    needs: Annotated[list[str], Field(max_length=MOST_NEEDS)] = []
    kind: str = RESULTS
    per_need: Annotated[int, Field(ge=1, le=20)] = 3
    per_supply: Annotated[int, Field(ge=1, le=200)] = 2
    by_owner: bool = False


def _planning(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not plans_queues.test(actor, None):
        raise NotAllowed(_("Only officers and the administrators of a unit plan the queues of brokers."))
    return actor


@router.get(
    "/plan", response=QueuePlanShown, auth=reads("pair"), operation_id="brokers-plan",
    summary="Plan queues of brokers",
)  # fmt: skip
def plan(request: HttpRequest, asked: Query[QueuesAsked]) -> dict[str, Any]:
    """Who gets which pairs, at the best total of scores times fits. Nothing is kept."""
    actor = _planning(request)
    if asked.kind not in {kind.slug for kind in introduced_kinds()}:
        raise Refused(Problem("kind-unknown", _("Nothing of this kind answers needs."), "kind"))
    room = Room(asked.per_need, asked.per_supply, asked.by_owner)
    found = plan_queues(actor, asked.kind, tuple(dict.fromkeys(asked.needs)), room)
    note_plan(actor, found.plan, "api")
    rows = [*(one.line.row for one in found.gifts), *(row for row, _why in found.nobody)]
    named = [one for row in rows for one in (row.need_id, row.supply_id)] + [one.pk for one in found.plan.without]
    records = referred(actor, named, "public")

    def sides(row: Any) -> dict[str, Any]:
        return {"need": records[row.need_id], "supply": records[row.supply_id]}

    return {
        "gifts": [
            sides(one.line.row)
            | {"score": one.line.row.score, "broker": one.broker.pk, "wish": one.wish, "fit": one.fit.value}
            | {"because": fit_line(one.fit.why)}
            for one in found.gifts
        ],
        "nobody": [sides(row) | {"reason": why, "because": str(NOBODY[why])} for row, why in found.nobody],
        "without": [records[one.pk] for one in found.plan.without],
        "total": found.given.total,
        "wished": found.given.wished,
        "loss": found.given.loss,
    }


@router.post(
    "/plan/pairs", response=GivenShown, auth=writes("pair"), operation_id="brokers-give",
    summary="Give pairs of a plan to brokers",
)  # fmt: skip
def give(request: HttpRequest, body: WantedList) -> dict[str, Any]:
    """At most 100 at once. `left` counts those that were decided on or given meanwhile, and those whose broker may not
    have them or has no room."""
    actor = _planning(request)
    done = give_pairs(actor=actor, wanted=[Wanted(one.need, one.supply, one.broker) for one in body.pairs])
    records = referred(actor, [one.pk for one in done.given])
    return {"given": [records[one.pk] for one in done.given], "left": done.left}


# -- one broker: behind addresses that are words -----------------------------------------------------------------------


@router.put(
    "/{number}", response=BrokerShown, auth=writes("pair"), operation_id="brokers-change", summary="Change a broker"
)  # fmt: skip
def change(request: HttpRequest, number: int, body: BrokerChange) -> dict[str, Any]:
    """What is said of a broker, as a whole."""
    actor = actor_of(request)
    row = edit_broker(actor=actor, broker=kept_broker(actor, number), facts=body.facts)
    return _shown([row])[0]


@router.post(
    "/{number}/end", response=BrokerShown, auth=writes("pair"), operation_id="brokers-end",
    summary="End somebody's work as a broker",
)  # fmt: skip
def end(request: HttpRequest, number: int) -> dict[str, Any]:
    """What waits for them can be planned again; what they took up goes on."""
    actor = actor_of(request)
    row = kept_broker(actor, number)
    end_broker(actor=actor, broker=row)
    row.refresh_from_db(fields=["until"])
    return _shown([row])[0]


# -- needs that not everybody reads ------------------------------------------------------------------------------------


def _let(actor: Actor, code: str) -> Need:
    row = get_visible(actor, Need, code)
    if not lets_read.test(actor, row):
        raise NotAllowed(_("Whoever acts for the firm says which brokers read a need that not everybody reads."))
    return row


def _readers(row: Need) -> dict[str, Any]:
    people = may_read(row)
    told = [
        {"number": one.pk, "person": party(one.person), "organisation": party(one.organisation), "fields": one.fields}
        | {"may_read": one.person_id in people}
        for one in brokers_in_force()
    ]
    return {"items": told}


@needs.get(
    "/needs/{code}/brokers", response=Listed[LetShown], auth=reads("need"), operation_id="needs-brokers",
    summary="Brokers, and who of them may read a need",
)  # fmt: skip
def readers(request: HttpRequest, code: str) -> dict[str, Any]:
    """For the firm of a need that not everybody reads."""
    return _readers(_let(actor_of(request), code))


@needs.put(
    "/needs/{code}/brokers", response=Listed[LetShown], auth=writes("need"), operation_id="needs-let-brokers",
    summary="Let brokers read a need",
)  # fmt: skip
def let(request: HttpRequest, code: str, body: LetBody) -> dict[str, Any]:
    """They read its public part, each in person, and can be given pairs of it."""
    actor = actor_of(request)
    return _readers(let_brokers_read(actor=actor, need=_let(actor, code), brokers=body.brokers))


api.add_router("/brokers", router)
api.add_router("", needs)
