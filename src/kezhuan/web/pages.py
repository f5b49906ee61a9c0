"""The shell's own pages: home, search, inbox, acting for, and the style guide."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kezhuan.kernel import registry, search
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.deputies import standing_in
from kezhuan.web import exports, faces, inbox
from kezhuan.web.addresses import own_address, sign_in_first
from kezhuan.web.components import Figure
from kezhuan.web.examples import pages as examples
from kezhuan.web.lists import SIZE, list_page, pager_at, takes_a_list
from kezhuan.web.middleware import ACTING_FOR, STANDING_IN, Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.shell import page, trail

NEWEST_SHOWN = 5


@require_safe
def home(request: Request) -> HttpResponse:
    """The front page: search, three figures that open their lists, what is new."""
    results = {kind: _newest(request, kind) for kind in ("need", "achievement", "organisation")}
    figures = tuple(
        Figure(f"{found.total:,}", capfirst(str(kind.plural)), resolve_url(kind.list_page))
        for kind, found in ((registry.kind_of(slug), found) for slug, found in results.items())
    )
    return page(
        request,
        "home.html",
        figures=figures,
        newest_needs=faces.lines(request.actor, results["need"].records),
        newest_achievements=faces.lines(request.actor, results["achievement"].records),
        needs_url=resolve_url("needs"),
        achievements_url=resolve_url("achievements"),
        teams_url=resolve_url("teams"),
        match_url=resolve_url("match"),
        index_behind=max(found.status.behind for found in results.values()),
    )


def _newest(request: Request, kind: str) -> search.Results:
    return search.search(request.actor, search.Asked(kinds=(kind,), order=search.NEWEST, size=NEWEST_SHOWN))


@takes_a_list
def search_page(request: Request) -> HttpResponse:
    """Search over everything the reader may see, all kinds together."""
    kinds = tuple(kind.slug for kind in registry.kinds())
    return list_page(
        request, title=_("Search"), kinds=kinds, facets=("kind", "field", "region"), template="search.html"
    )


@takes_a_list
def inbox_page(request: Request) -> HttpResponse:
    """What waits for the signed-in person."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    if exports.asks_for_file(request):
        everything = inbox.lines(request.actor, 0, exports.AT_ONCE)
        return exports.inbox_file(request, everything, title=_("To do"))
    total = inbox.count(request.actor, inbox.ALL)
    at = max(1, min(whole_number(request.GET.get("page", ""), 1), -(-total // SIZE)))
    lines = inbox.lines(request.actor, (at - 1) * SIZE, at * SIZE)
    crumbs = trail((_("Home"), resolve_url("home")), _("To do"))
    return page(
        request,
        "inbox.html",
        title=_("To do"),
        crumbs=crumbs,
        lines=lines,
        pager=pager_at(request.GET, at, SIZE, total),
        endings=exports.MEDIA if lines else (),
        places=inbox.places(request.actor),
    )


@require_POST
def act_for(request: Request) -> HttpResponse:
    """Act for another of one's organisations, or in the place of somebody whose deputy one is (`deputy:<number>`); what
    is not one's own changes nothing."""
    word, _colon, number = request.POST.get("organisation", "").rpartition(":")
    chosen = whole_number(number, 0)
    if request.actor.is_signed_in and chosen:
        if word == "deputy":
            request.session[STANDING_IN] = chosen
            acting = standing_in(request.actor, chosen)
            if acting.represented is not None:
                name = name_of(acting.represented.record)
                messages.success(request, _("You stand in for %(name)s now.") % {"name": name})
        else:
            request.session[ACTING_FOR] = chosen
            request.session.pop(STANDING_IN, None)
            unit = actor_for(request.actor.person, chosen).organisation if request.actor.person else None
            if unit is not None:
                messages.success(
                    request, _("You act for %(organisation)s now.") % {"organisation": name_of(unit.record)}
                )
    return HttpResponseRedirect(own_address(request, request.POST.get("next", "")))


@require_safe
def styleguide(request: Request) -> HttpResponse:
    """Every component with an example."""
    crumbs = trail((_("Home"), resolve_url("home")), _("Style guide"))
    return page(request, "styleguide.html", crumbs=crumbs, **examples.components())


@require_safe
def styleguide_page(request: Request, name: str) -> HttpResponse:
    """One whole example page."""
    found = examples.PAGES.get(name)
    if found is None:
        raise Http404(name)
    template, make = found
    context = {
        "crumbs": trail((_("Home"), resolve_url("home")), (_("Style guide"), resolve_url("styleguide")), name),
        **make(),
    }
    return page(request, template, **context)
