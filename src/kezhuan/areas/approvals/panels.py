"""What approvals add to the inbox, the steps that wait for the reader's signature, and to an organisation's page."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from kezhuan.areas.approvals.permissions import fills_posts, sees_routes, steps_waiting_for
from kezhuan.kernel import clocks, registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import ApprovalStep, Clock
from kezhuan.web import faces, inbox
from kezhuan.web.components import InboxLine
from kezhuan.web.names import name_of


def register() -> None:
    """The area's share of the inbox, and its block on the pages of organisations; called once from `apps.py`."""
    inbox.add_source(inbox.Source(_count, _keys, _lines, _clocks))
    registry.add_panel("organisation", organisation_panel)


def organisation_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """Where the posts of one's own organisation are filled, and the routes that go by them."""
    if actor.organisation is None or actor.organisation.pk != row.pk or not sees_routes(actor):
        return None
    posts = reverse("posts", args=[row.record.code]) if fills_posts.test(actor, row) else ""
    return registry.Panel("approvals/organisation_panel.html", {"posts_url": posts, "routes_url": reverse("routes")})


def _count(actor: Actor, most: int) -> int:
    return steps_waiting_for(actor)[:most].count() if actor.is_signed_in else 0


def _keys(actor: Actor, most: int) -> inbox.Keys:
    if not actor.is_signed_in:
        return []
    steps = list(steps_waiting_for(actor).order_by("opened_on", "pk")[:most])
    running = clocks_of(steps)
    found = [running.get((step.approval_id, step.post_id)) for step in steps]
    return [(clock.due_on if clock else None, step.pk) for clock, step in zip(found, steps, strict=True)]


def _lines(actor: Actor, ids: Sequence[int]) -> dict[int, InboxLine]:
    related = ("post", "approval__record", "approval__office__record")
    steps = list(steps_waiting_for(actor).select_related(*related).filter(pk__in=ids))
    running = clocks_of(steps)
    left = dict(zip(running, clocks.remaining_on(list(running.values())), strict=True))
    kind = registry.kind_of("approval")
    return {
        step.pk: InboxLine(
            label=f"{kind.label} · {step.post.name}",
            title=name_of(step.approval.record),
            url=faces.url_of(step.approval.record),
            code=step.approval.record.code,
            who=name_of(step.approval.office.record),
            clock=inbox.clock_line(kind.label, running[key], left[key])
            if (key := (step.approval_id, step.post_id)) in running
            else None,
        )
        for step in steps
    }


def _clocks(actor: Actor) -> list[Clock]:
    if not actor.is_signed_in:
        return []
    steps = list(steps_waiting_for(actor).order_by("opened_on", "pk")[: inbox.MOST])
    return list(clocks_of(steps).values())


def clocks_of(steps: list[ApprovalStep]) -> dict[tuple[int, int | None], Clock]:
    """The running clocks of steps, by approval and post; one query."""
    rows = Clock.objects.filter(record__in=[step.approval_id for step in steps], ended_on=None).exclude(post=None)
    named = rows.select_related("record__owner__record", "record__public_to", "record__title_to")
    posts = {(step.approval_id, step.post_id) for step in steps}
    return {key: clock for clock in named if (key := (clock.record_id, clock.post_id)) in posts}
