"""Pages of what one watches: saving a search from any list, following a record, rhythm and end, and one's calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from kezhuan.kernel import feeds, outbox, registry, watches
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.marks import refuse_marked_texts
from kezhuan.kernel.models import Record, Stop, Watch
from kezhuan.kernel.models.watches import Rhythm
from kezhuan.kernel.watches import topic_of
from kezhuan.web import exports, faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.lists import asked_by, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import confirm_page
from kezhuan.web.shell import page, trail


@dataclass(frozen=True)
class WatchLine:
    """One watch as it is listed; `title` is empty for a record that may not be seen any more."""

    row: Watch
    title: str
    url: str
    stopped: bool


def title_of_search(query: Mapping[str, Any]) -> str:
    """A saved search in words: which list, the words asked for, and the values chosen."""
    kinds = [registry.kind_of(slug) for slug in query["kinds"]]
    name = capfirst(str(kinds[0].plural)) if len(kinds) == 1 else _("Everything")
    parts = [f"“{query['words']}”"] if query["words"] else []
    slugs = [kind.slug for kind in kinds]
    for facet, values in query["chosen"].items():
        parts += [f"{faces.facet_label(facet)} {faces.value_label(facet, value, slugs)}" for value in values]
    return " · ".join([name, *parts])


def _lines(actor: Actor, rows: Sequence[Watch], stopped: set[str]) -> list[WatchLine]:
    """The watches in words, none for a record that may not be seen any more; asks as often for two as for ten."""
    records = [row.record for row in rows if row.record is not None and can_view(actor, row.record)]
    titles = faces.titles(actor, records)
    lines = []
    for row in rows:
        title, url = "", ""
        if row.record is None:
            title, url = title_of_search(row.query), row.path
        elif titles.get(row.record.pk):
            title, url = f"{row.record.code} {titles[row.record.pk]}", faces.url_of(row.record)
        lines.append(WatchLine(row, title, url, topic_of(row) in stopped or watches.TOPIC in stopped))
    return lines


@never_cache
@takes_a_list
def watch_list(request: Request) -> HttpResponse:
    """What one watches, and the address of one's calendar."""
    person = request.actor.person
    if person is None:
        return sign_in_first(request)
    stopped = set(Stop.objects.filter(person=person).values_list("topic", flat=True))
    rows = watches.watches_of(request.actor).select_related("record__title_to")
    title, lines = _("Searches and records you follow"), _lines(request.actor, list(rows), stopped)
    if exports.asks_for_file(request):
        headers = (_("Search or record"), _("How often"), _("Stopped"), _("Followed since"))
        cells = [
            (one.title or _("A record that you may not see any more"), str(Rhythm(one.row.rhythm).label),
             _("yes") if one.stopped else _("no"), exports.local(one.row.made_at))
            for one in lines
        ]  # fmt: skip
        return exports.table_file(request, headers, cells, name="watches", title=title)
    return page(
        request,
        "watches.html",
        title=title,
        crumbs=trail((_("Home"), "/"), (_("Your account"), reverse("account")), title),
        lines=lines,
        endings=tuple(exports.MEDIA) if lines else (),
        rhythms=Rhythm.choices,
        all_stopped=watches.TOPIC in stopped,
        feed_url=feeds.address(person),
    )


@require_POST
def watch_search(request: Request) -> HttpResponse:
    """Save the search that an address asks for."""
    whole = request.POST.get("address", "")
    refuse_marked_texts(unquote_plus(whole))  # before it is cut: what stands before a mark is a secret too
    path, _mark, query = whole[:900].partition("?")
    kinds = _kinds_of(path)
    if kinds is None:
        raise Missing(path)
    asked = asked_by(QueryDict(query), kinds, faces.FACETS)
    kept = QueryDict(mutable=True)
    if asked.words:
        kept["q"] = asked.words
    for name, values in asked.chosen.items():
        kept.setlist(name, list(values))
    address = f"{path}?{kept.urlencode()}" if kept else path
    watches.save_search(actor=request.actor, path=address, asked=asked)
    return redirect("watches")


def _kinds_of(path: str) -> tuple[str, ...] | None:
    """The kinds of record that stand in the list at a path of this site; None for any other path."""
    try:
        name = resolve(path).url_name
    except Resolver404:
        return None
    if name == "search":
        return tuple(kind.slug for kind in registry.kinds())
    return next(((kind.slug,) for kind in registry.kinds() if kind.list_page and kind.list_page == name), None)


@require_POST
def watch_record(request: Request, code: str) -> HttpResponse:
    """Follow a record, or follow it no more."""
    record = get_visible(request.actor, Record, code)
    held = watches.watch_on(request.actor, record)
    if "stop" not in request.POST:
        watches.follow_record(actor=request.actor, record=record)
    elif held is not None:
        watches.end_watch(actor=request.actor, number=held.pk)
    return redirect(faces.url_of(record))


@require_POST
def watch_change(request: Request, number: int) -> HttpResponse:
    """Tell of it in another rhythm, or begin again."""
    if "rhythm" in request.POST:
        watches.change_rhythm(actor=request.actor, number=number, rhythm=request.POST["rhythm"])
    row = watches.get_watch(request.actor, number)
    outbox.set_stopped(row.person, topic_of(row), False)
    return redirect("watches")


@require_http_methods(["GET", "HEAD", "POST"])
def watch_end(request: Request, number: int) -> HttpResponseBase:
    """Watch it no more, after asking once."""
    line = _lines(request.actor, [watches.get_watch(request.actor, number)], set())[0]
    title, here = _("Follow it no more"), _("Searches and records you follow")
    name = line.title or _("A record that you may not see any more")
    return confirm_page(
        request,
        lambda: watches.end_watch(actor=request.actor, number=number),
        title=title,
        sentence=_("You are told no more news of: %(name)s.") % {"name": name},
        submit_label=title,
        back=reverse("watches"),
        crumbs=trail((_("Home"), "/"), (_("Your account"), reverse("account")), (here, reverse("watches")), title),
    )


def label_of_topic(topic: str) -> str:
    """What one watch's topic is called on the page that stops it, which anybody with the link may open: no titles."""
    number = topic.removeprefix("watch:")
    row = Watch.objects.filter(pk=int(number)).first() if number.isdigit() else None
    if row is None:
        return ""
    return _("news of a record you follow") if row.record_id else _("news of a search you saved")
