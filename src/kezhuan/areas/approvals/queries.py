"""What is asked of approvals, posts and routes: rows as an actor may see them, and documents for search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.text import capfirst

from kezhuan.areas.approvals.permissions import SIGNERS
from kezhuan.exchange.models import Signature
from kezhuan.kernel import registry, search
from kezhuan.kernel.access import Actor, can_view, groups_seen, visible_to
from kezhuan.kernel.approvals import KIND, holders_of
from kezhuan.kernel.documents import documents_of
from kezhuan.kernel.errors import Text
from kezhuan.kernel.lifecycle import OVER, problems_of
from kezhuan.kernel.models import (
    Approval,
    ApprovalBar,
    Notice,
    Objection,
    Organisation,
    Person,
    Post,
    PostHolder,
    Route,
    RouteStep,
)
from kezhuan.kernel.models.parties import OrganisationKind
from kezhuan.kernel.text import today

TOLD = ("about__title_to", "about__public_to", "office__record", "asked_by__record", "asked_for__record", "route")


def approvals_visible_to(actor: Actor) -> QuerySet[Approval]:
    """Approvals that the actor may see, with what a list shows."""
    return visible_to(actor, Approval.objects.select_related("record", *TOLD))


def approval_documents(ids: Sequence[int]) -> Iterator[search.SearchDocument]:
    """Approvals as search reads them: by name alone; opinions are searched by nobody."""
    for row in Approval.objects.filter(pk__in=ids).select_related("record"):
        yield from search.by_group(row.record, public_text="", facets={"region": row.region})


# -- what is decided on ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Evidence:
    """What a move that is asked for rests on: what still stands against it, whoever takes it, and what of the record's
    the reader may open. Complete is what nothing stands against."""

    missing: tuple[str, ...]
    files: int
    signatures: int
    notices: tuple[tuple[str, Text], ...]
    objections: int
    undecided: int


def evidence_for(actor: Actor, approval: Approval) -> Evidence | None:
    """The evidence of an approval, for whoever reads its record in full; a fixed number of queries beside those of the
    move's own checks."""
    about = approval.about
    if not can_view(actor, about, "full"):
        return None
    kind = registry.kind_of(about)
    problems = problems_of(registry.row_of(about), kind.lifecycle.moves[approval.move])
    held = visible_to(actor, Notice.objects.filter(about=about, move=approval.move).select_related("record"))
    stages = registry.kind_of("notice").lifecycle.stages
    objections = visible_to(actor, Objection.objects.filter(notice__about=about, notice__move=approval.move))
    said = list(objections.values_list("record__phase", flat=True))
    return Evidence(
        missing=tuple(str(one.message) for one in problems),
        files=documents_of(about, groups_seen(actor, about)).count(),
        signatures=Signature.objects.filter(record=about).count(),
        notices=tuple((one.record.code, stages[one.record.stage].label) for one in held.order_by("pk")),
        objections=len(said),
        undecided=sum(phase not in OVER for phase in said),
    )


# -- who signs ---------------------------------------------------------------------------------------------------------


def signers_to_come(approval: Approval) -> list[Person]:
    """Whoever holds a post that is still to sign and is not barred by name."""
    barred = ApprovalBar.objects.filter(approval=approval).values("party")
    posts = approval.steps.filter(closed_at=None).values_list("post", flat=True)
    found = {held.person.pk: held.person for held in holders_of(posts).exclude(person__in=barred)}
    return list(found.values())


def posts_to_add(approval: Approval) -> QuerySet[Post]:
    """Posts that may be added to an approval: inside a unit its own, else those of offices and of whoever asked."""
    rows = Post.objects.filter(closed_on=None).select_related("organisation__record")
    if approval.route.unit_id is not None:
        rows = rows.filter(organisation=approval.route.unit_id)
    else:
        office = Q(organisation__kind=OrganisationKind.GOVERNMENT) | Q(organisation=approval.office_id)
        rows = rows.filter(office)
    return rows.order_by("organisation__record__title", "name")


def colleagues_who_sign(organisation: Organisation) -> list[Person]:
    """The people who act for an organisation in a role in which one signs."""
    day = today()
    members = Person.objects.filter(
        Q(memberships__until=None) | Q(memberships__until__gte=day),
        memberships__organisation=organisation,
        memberships__role__in=SIGNERS,
        memberships__since__lte=day,
    )
    return list(members.select_related("record").distinct().order_by("pk"))


def holders_by_post(organisation: Organisation) -> list[tuple[Post, list[PostHolder]]]:
    """The open posts of an organisation with who holds them today; two queries."""
    posts = list(Post.objects.filter(organisation=organisation, closed_on=None).order_by("pk"))
    held: dict[int, list[PostHolder]] = {post.pk: [] for post in posts}
    for one in holders_of(list(held)):
        held[one.post_id].append(one)
    return [(post, held[post.pk]) for post in posts]


# -- routes ------------------------------------------------------------------------------------------------------------


def routes_seen_by(actor: Actor) -> QuerySet[Route]:
    """The routes that concern an actor: an officer's those of all places, everybody's those inside their unit."""
    own = Q(unit=actor.organisation) if actor.organisation is not None else Q(pk=None)
    steps = Prefetch("steps", RouteStep.objects.select_related("post__organisation__record"))
    rows = Route.objects.filter(own | Q(unit=None) if actor.is_officer else own)
    return rows.select_related("unit__record", "made_by__record").prefetch_related(steps).order_by("kind", "move", "pk")


def versions_of(route: Route) -> QuerySet[Route]:
    """All versions of a route, the newest first."""
    rows = Route.objects.filter(
        kind=route.kind,
        move=route.move,
        programme=route.programme,
        jurisdiction=route.jurisdiction,
        unit=route.unit,
    )
    named = rows.select_related("unit__record", "made_by__record").prefetch_related("steps__post__organisation__record")
    return named.order_by("-version")


def posts_for_routes(actor: Actor) -> list[Post]:
    """Posts that a route may name: those of the actor's organisation, for officers those of all offices."""
    own = Q(organisation=actor.organisation)
    rows = Post.objects.filter(own | Q(organisation__kind=OrganisationKind.GOVERNMENT) if actor.is_officer else own)
    named = rows.filter(closed_on=None).select_related("organisation__record")
    return list(named.order_by("organisation__record__title", "name"))


def move_choices() -> list[tuple[str, Any]]:
    """Every move that a route may be set for, as (kind.move, words), in a group for each kind."""
    return [
        (
            capfirst(str(kind.label)),
            [
                (f"{kind.slug}.{move.name}", f"{capfirst(str(kind.label))} · {move.label}")
                for move in kind.lifecycle.moves.values()
            ],
        )
        for kind in registry.kinds()
        if kind.slug != KIND
    ]
