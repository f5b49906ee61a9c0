"""Pages of posts and routes: who holds which post, and by which route each step goes."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kezhuan.areas.approvals.forms import PostForm, RouteForm, RouteSteps
from kezhuan.areas.approvals.permissions import changes_route, fills_posts, may_change_routes, sees_routes
from kezhuan.areas.approvals.queries import (
    colleagues_who_sign,
    holders_by_post,
    move_choices,
    posts_for_routes,
    routes_seen_by,
    versions_of,
)
from kezhuan.areas.approvals.route_actions import (
    StepFacts,
    close_post,
    end_route,
    give_post,
    open_post,
    set_route,
    take_post,
)
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Organisation, Post, PostHolder, Route
from kezhuan.kernel.models.approvals import StepMode
from kezhuan.kernel.rulebook import known_places
from kezhuan.web import exports
from kezhuan.web.components import ButtonLink
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of, place_name
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, action_page, confirm_page, form_page
from kezhuan.web.shell import page, trail

# -- routes ------------------------------------------------------------------------------------------------------------


def _every() -> tuple[str, str]:
    return _("Routes of approval"), reverse("routes")


def _shown(route: Route) -> dict[str, Any]:
    """A route in words."""
    kind = registry.kind_of(route.kind)
    return {
        "route": route,
        "url": reverse("route", args=[route.pk]),
        "kind": capfirst(str(kind.label)),
        "move": kind.lifecycle.moves[route.move].label,
        "place": name_of(route.unit.record) if route.unit is not None else place_name(route.jurisdiction),
        "programme": registry.kind_of(route.programme).plural if route.programme else "",
        "steps": list(route.steps.all()),
    }


@takes_a_list
def route_list(request: Request) -> HttpResponse:
    """The routes in force, as far as they concern the reader."""
    actor = request.actor
    if not sees_routes(actor):
        raise NotAllowed
    routes = [_shown(route) for route in routes_seen_by(actor).filter(ended_at=None)]
    if exports.asks_for_file(request):
        return _file(request, routes)
    return page(
        request,
        "approvals/routes.html",
        title=_("Routes of approval"),
        routes=routes,
        endings=tuple(exports.MEDIA) if routes else (),
        buttons=_buttons(actor),
        crumbs=trail((_("Home"), "/"), _("Routes of approval")),
    )


def _file(request: Request, routes: Sequence[dict[str, Any]]) -> HttpResponse:
    """The routes with a line for each step."""
    headers = (_("Kind"), _("Move"), _("Where"), _("Programme"), _("Place in the route"), _("Post"), _("Office"),
               _("Closed by"), _("Gives the document number"))  # fmt: skip
    lines = [
        (
            str(shown["kind"]), str(shown["move"]), str(shown["place"]), str(shown["programme"]), step.position,
            step.post.name, str(name_of(step.post.organisation.record)), str(StepMode(step.mode).label),
            str(_("yes") if step.numbered else _("no")),
        )
        for shown in routes
        for step in shown["steps"]
    ]  # fmt: skip
    return exports.table_file(request, headers, lines, name="routes", title=_("Routes of approval"))


def _buttons(actor: Actor) -> list[ButtonLink]:
    found = []
    if _places(actor):
        found.append(ButtonLink(_("Set a route"), reverse("route-new"), primary=True))
    if actor.organisation is not None and fills_posts.test(actor, actor.organisation):
        found.append(ButtonLink(_("Posts"), reverse("posts", args=[actor.organisation.record.code])))
    return found


def _places(actor: Actor) -> list[tuple[str, str]]:
    """The places, and the unit itself, that the actor sets routes for."""
    regions = {charge.region for charge in actor.charges}
    found = [(place, place_name(place)) for place in known_places() if _reaches(regions, place)]
    unit = actor.organisation
    if unit is not None and may_change_routes(actor, "", "", unit):
        found.append(("unit", _("inside: %(unit)s") % {"unit": name_of(unit.record)}))
    return found


def _reaches(regions: set[str], place: str) -> bool:
    """Whether officers of these districts (an empty one: of the whole city) set routes of a place."""
    return "" in regions or (place in regions and place != settings.CITY)


@require_safe
def route_page(request: Request, number: int) -> HttpResponse:
    """A route with its former versions."""
    row = _route(request, number)
    may = changes_route(request.actor, row)
    return page(
        request,
        "approvals/route.html",
        title=_shown(row)["move"],
        shown=_shown(row),
        versions=[_shown(one) for one in versions_of(row)],
        edit_url=reverse("route-edit", args=[row.pk]) if may and row.ended_at is None else "",
        end_url=reverse("route-end", args=[row.pk]) if may and row.ended_at is None else "",
        crumbs=trail((_("Home"), "/"), _every(), _shown(row)["move"]),
    )


def _route(request: Request, number: int) -> Route:
    row = routes_seen_by(request.actor).filter(pk=number).first() if sees_routes(request.actor) else None
    if row is None:
        raise Missing(str(number))
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def route_new(request: Request) -> HttpResponse:
    """Set the route of a step that goes by none so far."""
    places = [place for place, _words in _places(request.actor)]
    if not places:
        raise NotAllowed
    start = {"place": settings.CITY if settings.CITY in places else places[0], "move": request.GET.get("move", "")}
    return form_page(request, _form(request.actor, _("Set a route"), start, [{"position": 1}], 0, reverse("routes")))


@require_http_methods(["GET", "HEAD", "POST"])
def route_edit(request: Request, number: int) -> HttpResponse:
    """Set a new version of a route."""
    row = _route(request, number)
    if row.ended_at is not None or not changes_route(request.actor, row):
        raise NotAllowed
    start = {
        "move": f"{row.kind}.{row.move}",
        "place": "unit" if row.unit is not None else row.jurisdiction,
        "programme": row.programme,
    }
    steps = [
        {"position": one.position, "post": one.post_id, "mode": one.mode, "numbered": one.numbered}
        for one in row.steps.all()
    ]
    back = reverse("route", args=[row.pk])
    seen = whole_number(request.POST.get("version", ""), row.version)
    return form_page(request, _form(request.actor, _("Change the route"), start, steps, seen, back, row))


def _form(
    actor: Actor,
    title: str,
    start: dict[str, Any],
    steps: list[dict[str, Any]],
    seen: int,
    back: str,
    row: Route | None = None,
) -> RecordForm:
    posts = posts_for_routes(actor)
    options: dict[str, Any] = {
        "moves": move_choices(),
        "places": _places(actor),
        "programmes": [(one.slug, one.plural) for one in registry.kinds() if one.is_programme],
        "fixed": row is not None,
    }

    def save(form: RouteForm, rows: Rows) -> str:
        kind, move = form.cleaned_data["move"].split(".", 1)
        inside = form.cleaned_data["place"] == "unit"
        made = set_route(
            actor=actor,
            kind=kind,
            move=move,
            programme=form.cleaned_data["programme"],
            jurisdiction="" if inside else form.cleaned_data["place"],
            unit=actor.organisation if inside else None,
            steps=_facts(rows),
            replaces=seen,
        )
        return reverse("route", args=[made.pk])

    return RecordForm(
        title=title,
        maker=lambda posted: RouteForm(posted, initial=start, **options),
        groups=((_("Which step"), ("move", "place", "programme")),),
        rows={
            "steps": RowSet(
                partial(RouteSteps, form_kwargs={"posts": posts}),
                _("Steps of the route"),
                _("Add a step"),
                _("Lower positions sign first; steps of one position wait side by side (会签)."),
            )
        },
        initial_rows={"steps": steps},
        save=save,
        crumbs=trail((_("Home"), "/"), _every(), title),
        back=back,
        version=seen,
        first=_("Save"),
        intro=_("A change adds a version. What is on its way keeps the steps it began with."),
    )


def _facts(rows: Rows) -> list[StepFacts]:
    return [
        StepFacts(typed["position"], typed["post"], typed["mode"], typed["numbered"])
        for typed in (one.cleaned_data for one in rows["steps"].forms)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def route_end(request: Request, number: int) -> HttpResponseBase:
    """End a route, once it was asked whether it is meant."""
    route = _route(request, number)
    if not changes_route(request.actor, route):
        raise NotAllowed
    here, title = reverse("route", args=[number]), _("End the route")

    def act() -> HttpResponseBase:
        end_route(actor=request.actor, route=route)
        return redirect("routes")

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_(
            "From this moment on the step is taken without an approval, unless a wider route holds. Approvals on their"
            " way go on; nobody brings the route back, a new one is made."
        ),
        submit_label=title,
        back=here,
        crumbs=trail((_("Home"), "/"), _every(), title),
    )


# -- posts -------------------------------------------------------------------------------------------------------------


def _organisation(request: Request, code: str) -> Organisation:
    organisation = get_visible(request.actor, Organisation, code)
    if not fills_posts.test(request.actor, organisation):
        raise NotAllowed
    return organisation


@takes_a_list
def post_list(request: Request, code: str) -> HttpResponseBase:
    """The posts of an organisation with who holds them; opening one."""
    organisation = _organisation(request, code)
    own = request.actor.person.pk if request.actor.person is not None else 0

    def act(form: PostForm) -> str:
        open_post(actor=request.actor, organisation=organisation, name=form.cleaned_data["name"])
        return reverse("posts", args=[code])

    posts = holders_by_post(organisation)
    if exports.asks_for_file(request, beside_form=True):
        return _posts_file(request, posts)
    back = reverse("organisation", args=[code])
    return action_page(
        request,
        lambda posted, files: PostForm(posted),
        act,
        title=_("Posts"),
        intro=name_of(organisation.record),
        template="approvals/posts.html",
        posts=posts,
        endings=tuple(exports.MEDIA) if posts else (),
        people=[one for one in colleagues_who_sign(organisation) if one.pk != own],
        submit_label=_("Open the post"),
        back=back,
        crumbs=trail((_("Home"), "/"), (name_of(organisation.record), back), _("Posts")),
    )


def _posts_file(request: Request, posts: Sequence[tuple[Post, Sequence[PostHolder]]]) -> HttpResponse:
    """The posts with a line for each who holds one, and one for a post that nobody holds."""
    headers = (_("Post"), _("Who holds it"), _("Platform code"), _("Held since"))
    rows: list[tuple[Any, ...]] = []
    for post, holders in posts:
        rows += [(post.name, name_of(one.person.record), one.person.record.code, one.since) for one in holders] or [
            (post.name, "", "", None)
        ]
    return exports.table_file(request, headers, rows, name="posts", title=_("Posts"))


def _post(request: Request, number: int) -> Post:
    post = Post.objects.filter(pk=number).select_related("organisation__record").first()
    if post is None or not fills_posts.test(request.actor, post.organisation):
        raise Missing(str(number))
    return post


@require_POST
def post_give(request: Request, number: int) -> HttpResponse:
    """Give a post to a colleague."""
    post = _post(request, number)
    chosen = whole_number(request.POST.get("person", ""), 0)
    person = next((one for one in colleagues_who_sign(post.organisation) if one.pk == chosen), None)
    if person is None:
        raise Missing(str(chosen))
    give_post(actor=request.actor, post=post, person=person)
    return redirect("posts", post.organisation.record.code)


@require_POST
def post_take(request: Request, number: int, holder: int) -> HttpResponse:
    """End that somebody holds a post."""
    post = _post(request, number)
    held = PostHolder.objects.filter(pk=holder, post=post).select_related("person__record", "post").first()
    if held is None:
        raise Missing(str(holder))
    held.post = post
    take_post(actor=request.actor, holder=held)
    return redirect("posts", post.organisation.record.code)


@require_http_methods(["GET", "HEAD", "POST"])
def post_close(request: Request, number: int) -> HttpResponseBase:
    """Close a post, once it was asked whether it is meant."""
    post = _post(request, number)
    record = post.organisation.record
    here, title = reverse("posts", args=[record.code]), _("Close the post")

    def act() -> None:
        close_post(actor=request.actor, post=post)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("No route can name “%(post)s” from this moment on; opening a post of this name opens it again.")
        % {"post": post.name},
        submit_label=title,
        back=here,
        crumbs=trail((_("Home"), "/"), (name_of(record), reverse("organisation", args=[record.code])), title),
    )
