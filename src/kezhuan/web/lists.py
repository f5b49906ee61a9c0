"""Lists of records: words, facets, order and page stand in the address; counts come from the index."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.engines.matching import near_words, words_in
from kezhuan.exchange.kinds import importables
from kezhuan.exchange.permissions import may_import
from kezhuan.kernel import search
from kezhuan.kernel.access import Actor
from kezhuan.kernel.documents import words_found_in
from kezhuan.web import exports, faces
from kezhuan.web.components import ButtonLink, Facet, FacetOption, Pager, ResultLine, SortChoice, Text
from kezhuan.web.middleware import Request
from kezhuan.web.query import changed_query, toggled_query, whole_number
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import highlight

SIZE = 25
LAST_PAGE = 400
"""Beyond so many pages nobody reads on; the list says how to narrow down."""
LONGEST_WORDS = 500


def takes_a_list(view: Callable[..., HttpResponseBase]) -> Callable[..., Any]:
    """A page that shows a list, and sends it as a file to whoever posts for it; it may hold a form beside."""
    taken = require_http_methods(["GET", "HEAD", "POST"])(view)
    taken.__dict__["takes_a_list"] = True  # tests ask each of them for its file
    return taken


def asked(request: Request, kinds: Sequence[str], facets: Sequence[str]) -> search.Asked:
    """What the address of a request asks for."""
    return asked_by(request.GET, kinds, facets)


def asked_by(query: QueryDict, kinds: Sequence[str], facets: Sequence[str]) -> search.Asked:
    """What an address asks for; nonsense in it counts as nothing asked."""
    at = min(whole_number(query.get("page", ""), 1), LAST_PAGE)
    words = query.get("q", "").strip()[:LONGEST_WORDS]
    order = query.get("order", "")
    return search.Asked(
        words=words,
        kinds=tuple(kinds),
        chosen={name: query.getlist(name)[:50] for name in facets if query.getlist(name)},
        facets=tuple(facets),
        order=order if order in {search.NEWEST, search.BEST} else search.BEST,
        page=max(at, 1) - 1,
        size=SIZE,
    )


def list_page(
    request: Request,
    *,
    title: Text,
    kinds: Sequence[str],
    facets: Sequence[str],
    template: str = "list.html",
    buttons: Sequence[ButtonLink] = (),
    lead: Text = "",
    empty: Text = "",
    labels: Mapping[str, Callable[[str], str]] | None = None,
    **more: Any,
) -> HttpResponse:
    """A result list of these kinds, narrowed by these facets; `labels` word the values of an area's own facets, `more`
    is what its own template shows beside the list."""
    question = asked(request, kinds, facets)
    if exports.asks_for_file(request):
        return exports.list_file(request, question, name=kinds[0] if len(kinds) == 1 else "search", title=title)
    results = search.search(request.actor, question)
    if results.total and not results.records and question.page:  # an address of a page that is no more: the last one
        question = replace(question, page=min((results.total - 1) // question.size, LAST_PAGE - 1))
        results = search.search(request.actor, question)
    drawn = tuple(_facet(request, name, results, kinds, (labels or {}).get(name)) for name in facets)
    return page(
        request,
        template,
        title=title,
        lead=lead,
        crumbs=trail((_("Home"), "/"), title),
        q=question.words,
        kept=[(name, value) for name, values in question.chosen.items() for value in values],
        facets=tuple(facet for facet in drawn if facet.options),
        chosen=[option for facet in drawn for option in facet.chosen],
        clear_url="?" if question.chosen or question.words else "",
        sorts=_sorts(request, question),
        lines=_lines(request.actor, results.records, question.words),
        pager=_pager(request, question, results),
        endings=tuple(exports.MEDIA),
        fill_url=_fill_url(request, kinds),
        buttons=[*buttons, *_import_buttons(request, kinds)],
        empty=empty,
        partial=question.words and not results.complete and results.total,
        index_behind=results.status.behind,
        saves=request.actor.is_signed_in and bool(question.words or question.chosen),
        **more,
    )


def _import_buttons(request: Request, kinds: Sequence[str]) -> list[ButtonLink]:
    """The way to bring a list in by a file, and the workbook to fill in, for whoever may."""
    kind = importables().get(kinds[0]) if len(kinds) == 1 else None
    if kind is None or not may_import(request.actor, kind):
        return []
    return [
        ButtonLink(_("Import"), f"{reverse('import-new')}?kind={kinds[0]}"),
        ButtonLink(_("Template"), reverse("import-template", args=kinds)),
    ]


def _fill_url(request: Request, kinds: Sequence[str]) -> str:
    """Where the list fills a Word template, narrowed as it is."""
    if len(kinds) != 1 or not request.actor.is_signed_in:
        return ""
    return f"{reverse('fill-list', args=[kinds[0]])}?{request.GET.urlencode()}"


def _facet(
    request: Request,
    name: str,
    results: search.Results,
    kinds: Sequence[str],
    label: Callable[[str], str] | None,
) -> Facet:
    chosen = request.GET.getlist(name)[:50]
    counts = {row.value: row.count for row in results.facets[name]}
    # A chosen value stays in sight, with its zero, so that it can be taken back.
    values = [*counts, *(value for value in dict.fromkeys(chosen) if value not in counts)]
    if name == "trl":
        values.sort(key=lambda value: (len(value), value))
    return Facet(
        name,
        faces.facet_label(name),
        tuple(
            FacetOption(
                label(value) if label else faces.value_label(name, value, kinds),
                counts.get(value, 0),
                toggled_query(request.GET, name, value),
                value in chosen,
            )
            for value in values
        ),
    )


def _sorts(request: Request, question: search.Asked) -> tuple[SortChoice, ...]:
    if not question.words:
        return ()
    return (
        SortChoice(_("best match"), changed_query(request.GET, order=None), question.order == search.BEST),
        SortChoice(_("newest"), changed_query(request.GET, order=search.NEWEST), question.order == search.NEWEST),
    )


def _lines(actor: Actor, ids: Sequence[int], words: str) -> tuple[ResultLine, ...]:
    """The records as lines; where the words stand in none of a line's own, the file that holds them is named."""
    drawn = faces.lines(actor, ids, words)
    silent = [line.code for line in drawn if "<mark" not in (line.snippet_html or "")] if words else []
    if not silent:
        return drawn
    found: dict[str, SafeString] = {}
    for code, name, text in words_found_in(actor, silent):
        if code not in found and (words_in(words, name) or words_in(words, text)):
            found[code] = format_html("{}: {}", snippet(words, name), snippet(words, text))
    return tuple(replace(line, snippet_html=found.get(line.code, line.snippet_html)) for line in drawn)


def _pager(request: Request, question: search.Asked, results: search.Results) -> Pager:
    first = question.page * question.size + 1
    last = first + len(results.records) - 1
    more = last < results.total and question.page + 1 < LAST_PAGE
    return Pager(
        previous_url=changed_query(request.GET, page=question.page) if question.page else "",
        next_url=changed_query(request.GET, page=question.page + 2) if more and results.records else "",
        first=first if results.records else 0,
        last=last if results.records else 0,
        total=results.total,
    )


def pager_at(query: QueryDict, at: int, size: int, total: int, name: str = "page") -> Pager:
    """The pager of page `at` (from 1) of a list of so many rows; where a page has several lists, by the list's name."""
    first, last = (at - 1) * size + 1, min(at * size, total)
    return Pager(
        previous_url=changed_query(query, **{name: at - 1}) if at > 1 else "",
        next_url=changed_query(query, **{name: at + 1}) if last < total else "",
        first=first if total else 0,
        last=last,
        total=total,
    )


def stretches(words: str, text: str, around: int = 16) -> SafeString:
    """The stretches of a text in which words stand, with all of them marked; nothing where none does."""
    pieces, reached = [], 0
    for near in near_words(words, text, around):
        pieces.append("" if near.start == reached else "…")
        pieces.append(highlight(near.text, list(near.marks)))
        reached = near.end
    if pieces and reached < len(" ".join(text.split())):
        pieces.append("…")
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def snippet(words: str, text: str, width: int = 140) -> SafeString:
    """A stretch of the text around the first word asked for, with all of them marked; the beginning without words."""
    flat = " ".join(text.split())
    spans = words_in(words, flat) if words else []
    start = max(0, spans[0][0] - width // 3) if spans and spans[0][0] > width * 2 // 3 else 0
    end = min(len(flat), start + width)
    inside = [(a - start, b - start) for a, b in spans if a >= start and b <= end]
    body = highlight(flat[start:end], inside)
    return format_html("{}{}{}", "…" if start else "", body, "…" if end < len(flat) else "")
