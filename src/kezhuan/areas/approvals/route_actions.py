"""What is done to posts and routes: posts are opened, filled and closed, routes get a new version or end."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.approvals.permissions import fills_posts, may_change_routes
from kezhuan.kernel import approvals, journal, registry
from kezhuan.kernel.access import SYSTEM, Actor, memberships_of
from kezhuan.kernel.approvals import KIND
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Organisation, Person, Post, PostHolder, Record, Route, RouteStep
from kezhuan.kernel.models.approvals import StepMode
from kezhuan.kernel.rulebook import known_places
from kezhuan.kernel.text import clean, now, today

MOST_STEPS = 20


# -- posts -------------------------------------------------------------------------------------------------------------


def open_post(*, actor: Actor, organisation: Organisation, name: str) -> Post:
    """Open a post of an organisation, or open it again. Raises `NotAllowed`, or `Refused` for a bad name."""
    _require_fills(actor, organisation)
    refuse_marked_texts([name], "name")
    if not 2 <= len(clean(name)) <= 80:
        raise Refused(Problem("post-name", _("Name the post in 2 to 80 characters."), "name"))
    with journal.writing():
        _one_at_a_time(organisation)
        post, is_new = Post.objects.get_or_create(organisation=organisation, name=clean(name))
        if not is_new and post.closed_on is None:
            raise Refused(Problem("post-held", _("There is a post of this name already."), "name"))
        Post.objects.filter(pk=post.pk).update(closed_on=None)
        post.closed_on = None
        _note("post-opened", post, actor)
    return post


def close_post(*, actor: Actor, post: Post) -> None:
    """Close a post that no route in force names. Raises `NotAllowed`, or `Refused` while one does."""
    _require_fills(actor, post.organisation)
    with journal.writing():
        _one_at_a_time(post.organisation)
        if RouteStep.objects.filter(post=post, route__ended_at=None).exists():
            message = _("A route goes by this post: change the route first.")
            raise Refused(Problem("post-in-route", message, "post"))
        if Post.objects.filter(pk=post.pk, closed_on=None).update(closed_on=today()):
            _note("post-closed", post, actor)


def give_post(*, actor: Actor, post: Post, person: Person) -> PostHolder:
    """Give a post to somebody who acts for its organisation; giving it twice is giving it once.

    Raises `NotAllowed`, also to whoever would give it to themselves, or `Refused`.
    """
    _require_fills(actor, post.organisation)
    if actor.person is not None and actor.person.pk == person.pk:
        raise NotAllowed(_("Nobody gives a post to themselves: ask a colleague."))
    with journal.writing():
        _one_at_a_time(post.organisation)
        if not memberships_of(person).filter(organisation=post.organisation).exists():
            message = _("Only who acts for the organisation holds a post in it: admit them first.")
            raise Refused(Problem("post-stranger", message, "person"))
        holder, is_new = PostHolder.objects.get_or_create(
            post=post, person=person, until=None, defaults={"since": today()}
        )
        if is_new:
            _note("post-given", post, actor, person)
    return holder


def take_post(*, actor: Actor, holder: PostHolder) -> None:
    """End that somebody holds a post, from this moment on. Raises `NotAllowed`."""
    _require_fills(actor, holder.post.organisation)
    with journal.writing():
        approvals.take_posts(PostHolder.objects.filter(pk=holder.pk), actor)


def _require_fills(actor: Actor, organisation: Organisation) -> None:
    if actor is not SYSTEM and not fills_posts.test(actor, organisation):
        raise NotAllowed(_("Only the organisation's administrators, and the city's officers of their own, fill posts."))


def _one_at_a_time(organisation: Organisation) -> None:
    Record.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)


def _note(name: str, post: Post, actor: Actor, person: Person | None = None) -> None:
    whom = {"member": str(person.record.uid)} if person is not None else {}
    texts = {"whom": f"{person.record.title} · {post.name}" if person is not None else post.name}
    journal.note(
        f"organisation.{name}", record=post.organisation.record, actor=actor, data={"post": post.pk} | whom, texts=texts
    )


# -- routes ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepFacts:
    """One step as entered; steps of one position wait side by side."""

    position: int
    post: Post
    mode: str = StepMode.SIGN
    numbered: bool = False


def set_route(
    *,
    actor: Actor,
    kind: str,
    move: str,
    steps: Sequence[StepFacts],
    programme: str = "",
    jurisdiction: str = "",
    unit: Organisation | None = None,
    replaces: int | None = None,
) -> Route:
    """Set the route of a move in a place or inside a unit, for the records of a programme or of all; it takes the place
    of the version in force.

    What is on its way keeps its steps. `replaces` is the version that the editor had in front of them (0: none).
    Raises `NotAllowed`, `Refused`, or `Conflict` when somebody was faster.
    """
    jurisdiction = "" if unit is not None else jurisdiction or settings.CITY
    _require_changes(actor, jurisdiction, programme or kind, unit)
    if problems := _problems(kind, move, steps, jurisdiction, programme, unit):
        raise Refused(problems)
    with journal.writing():
        former = _versions(kind, move, programme, jurisdiction, unit)
        _require_seen(former.filter(ended_at=None).first(), replaces)
        newest = former.order_by("-version").first()
        former.filter(ended_at=None).update(ended_at=now())
        route = Route.objects.create(
            kind=kind,
            move=move,
            programme=programme,
            jurisdiction=jurisdiction,
            unit=unit,
            version=newest.version + 1 if newest is not None else 1,
            made_at=now(),
            made_by=actor.person,
        )
        places = {place: number for number, place in enumerate(sorted({one.position for one in steps}), 1)}
        RouteStep.objects.bulk_create(
            RouteStep(route=route, position=places[one.position], post=one.post, mode=one.mode, numbered=one.numbered)
            for one in sorted(steps, key=lambda one: one.position)
        )
        _note_route("set", route, actor)
    return route


def end_route(*, actor: Actor, route: Route) -> None:
    """End a route: the move then needs no approval in its place. Raises `NotAllowed`, or `Conflict`."""
    _require_changes(actor, route.jurisdiction, route.programme or route.kind, route.unit)
    with journal.writing():
        _versions(route.kind, route.move, route.programme, route.jurisdiction, route.unit)
        if not Route.objects.filter(pk=route.pk, ended_at=None).update(ended_at=now()):
            raise Conflict(_("Someone was faster: this route was changed or ended."))
        _note_route("ended", route, actor)


def _require_changes(actor: Actor, jurisdiction: str, programme: str, unit: Organisation | None) -> None:
    if actor is not SYSTEM and not may_change_routes(actor, jurisdiction, programme, unit):
        raise NotAllowed(_("Only the officers in charge of the place, and a unit's administrators, set routes."))


def _versions(kind: str, move: str, programme: str, jurisdiction: str, unit: Organisation | None) -> QuerySet[Route]:
    """All versions of one route, behind a lock: two do not change it at once."""
    journal.one_at_a_time(f"route:{kind}"[:20])
    return Route.objects.filter(kind=kind, move=move, programme=programme, jurisdiction=jurisdiction, unit=unit)


def _require_seen(present: Route | None, replaces: int | None) -> None:
    version = present.version if present is not None else 0
    if replaces is not None and replaces != version:
        raise Conflict(_("Someone changed this route while you were writing. Compare and save again."))


def _problems(
    kind: str, move: str, steps: Sequence[StepFacts], jurisdiction: str, programme: str, unit: Organisation | None
) -> list[Problem]:
    known = {one.slug: one for one in registry.kinds() if one.slug != KIND}
    if kind not in known or move not in known[kind].lifecycle.moves:
        return [Problem("route-move", _("Choose the step that goes by this route."), "move")]
    found = []
    if programme and programme not in known:
        found.append(Problem("route-programme", _("Choose the programme from the list."), "programme"))
    if unit is None and jurisdiction not in known_places():
        found.append(Problem("route-place", _("Choose the place that the route is for."), "jurisdiction"))
    if not 1 <= len(steps) <= MOST_STEPS:
        message = _("A route has 1 to %(most)s steps.") % {"most": MOST_STEPS}
        found.append(Problem("route-steps", message, "steps"))
    if any(one.post.closed_on is not None for one in steps):
        found.append(Problem("route-post-closed", _("A post of this route is closed: choose another."), "steps"))
    if unit is not None and any(one.post.organisation_id != unit.pk for one in steps):
        found.append(Problem("route-foreign-post", _("A unit's own route goes by its own posts."), "steps"))
    if len({(one.position, one.post.pk) for one in steps}) < len(steps):
        found.append(Problem("route-post-twice", _("One post signs once at a place of the route."), "steps"))
    if known[kind].lifecycle.moves[move].collective is True and all(one.mode != StepMode.COLLECTIVE for one in steps):
        message = _("A meeting decides on this step: let one step of the route be a collective decision.")
        found.append(Problem("route-no-meeting", message, "steps"))
    if any(one.mode not in StepMode.values for one in steps):
        found.append(Problem("choice-unknown", _("Choose from the list."), "steps"))
    return found


def _note_route(name: str, route: Route, actor: Actor) -> None:
    data = {
        "route": route.pk,
        "kind": route.kind,
        "move": route.move,
        "programme": route.programme,
        "jurisdiction": route.jurisdiction,
        "version": route.version,
    }
    unit = {"organisation": str(route.unit.record.uid)} if route.unit is not None else {}
    journal.note(f"route.{name}", actor=actor, data=data | unit)
