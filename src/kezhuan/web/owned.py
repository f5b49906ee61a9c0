"""An organisation's records as far as the reader may see them: the newest on its page, all on a page of their own.

For its members everything of theirs stands in one place, drafts and introductions included.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, get_visible, visible_to
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Link, Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.web import exports, faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ButtonLink, Facet, FacetOption, ResultLine, Text
from kezhuan.web.lists import SIZE, pager_at, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import changed_query, toggled_query, whole_number
from kezhuan.web.shell import page, trail

KINDS = ("need", "achievement")
"""What an organisation owns and shows, in this order."""
BETWEEN = ("introduction",)
"""Records without an owner that hang on what somebody owns: each is its two sides' business, nobody else's."""
NEWEST = 5


@dataclass(frozen=True)
class Share:
    """The records of one kind on a page: the newest, how many there are, and where all of them stand."""

    title: Text
    lines: tuple[ResultLine, ...]
    total: int
    url: str
    stages: tuple[FacetOption, ...] = ()
    new: ButtonLink | None = None


def owned_by(actor: Actor, organisation: Organisation, kind: str) -> QuerySet[Record]:
    """The organisation's records of a kind that the actor may know to be its; void and discarded ones are gone.

    Whose a record is belongs to its public part: of a title that stands alone nobody learns it here.
    """
    rows = Record.objects.filter(kind=kind).exclude(phase=Phase.VOID)
    if kind in BETWEEN:
        # To others one side would tell who the other is.
        own = actor.organisation is not None and actor.organisation.pk == organisation.pk
        sides = Link.objects.filter(target__owner=organisation, source__kind=kind)
        return visible_to(actor, rows.filter(pk__in=sides.values("source"))) if own else rows.none()
    return visible_to(actor, rows.filter(owner=organisation), "public")


def shares(actor: Actor, organisation: Organisation) -> tuple[Share, ...]:
    """What an organisation's page shows of its records, kind by kind; four queries each, however many there are."""
    code = organisation.record.code
    found = []
    for kind in KINDS:
        rows = owned_by(actor, organisation, kind)
        total = rows.count()
        if total:
            ids = list(rows.order_by("-pk").values_list("pk", flat=True)[:NEWEST])
            url = f"{reverse('organisation-records', args=[code])}?kind={kind}"
            found.append(Share(_plural(kind), faces.lines(actor, ids), total, url))
    return tuple(found)


def _plural(kind: str) -> str:
    return capfirst(str(registry.kind_of(kind).plural))


@takes_a_list
def mine(request: Request) -> HttpResponse:
    """Everything of the organisation that the reader acts for, kind by kind."""
    actor = request.actor
    if not actor.is_signed_in:
        return sign_in_first(request)
    title, home = _("Our records"), (_("Home"), "/")
    if actor.organisation is None:
        return page(request, "mine.html", title=title, crumbs=trail(home, title), shares=(), claim=True)
    kind = request.GET.get("kind", "")
    if kind in (*KINDS, *BETWEEN):
        crumbs = trail(home, (title, reverse("mine")), _plural(kind))
        return _list(request, actor.organisation, kind, title=f"{title} · {_plural(kind)}", crumbs=crumbs)
    return page(
        request,
        "mine.html",
        title=title,
        lead=name_of(actor.organisation.record),
        crumbs=trail(home, title),
        organisation_url=faces.url_of(actor.organisation.record),
        shares=[_share(actor, actor.organisation, one) for one in (*KINDS, *BETWEEN)],
    )


def _share(actor: Actor, organisation: Organisation, kind: str) -> Share:
    rows, url = owned_by(actor, organisation, kind), f"{reverse('mine')}?kind={kind}"
    stages = _stages(rows, kind)
    ids = list(rows.order_by("-changed_at", "-pk").values_list("pk", flat=True)[:NEWEST])
    options = tuple(FacetOption(label, count, f"{url}&stage={name}") for name, label, count in stages)
    total = sum(count for _name, _label, count in stages)
    return Share(_plural(kind), faces.lines(actor, ids), total, url, options, faces.new_button(actor, kind))


def _stages(rows: QuerySet[Record], kind: str) -> list[tuple[str, Text, int]]:
    """The stages in which records stand, in the order of a life, with their labels and how many."""
    counted = dict(rows.order_by().values_list("stage").annotate(count=Count("pk")))
    life = registry.kind_of(kind).lifecycle
    return [(stage.name, stage.label, counted[stage.name]) for stage in life.stages.values() if stage.name in counted]


@takes_a_list
def organisation_records(request: Request, code: str) -> HttpResponse:
    """All records of an organisation of one kind that the reader may see."""
    row = get_visible(request.actor, Organisation, code)
    kind = request.GET.get("kind", KINDS[0])
    if kind not in KINDS:
        raise Missing(kind)
    name = name_of(row.record)
    crumbs = trail(
        (_("Home"), "/"), (_plural("organisation"), reverse("organisations")), (name, faces.url_of(row.record)),
        _plural(kind),
    )  # fmt: skip
    return _list(request, row, kind, title=f"{name} · {_plural(kind)}", crumbs=crumbs)


def _list(
    request: Request, organisation: Organisation, kind: str, *, title: Text, crumbs: Sequence[Any]
) -> HttpResponse:
    rows = owned_by(request.actor, organisation, kind)
    stages = _stages(rows, kind)
    chosen = request.GET.getlist("stage")[:50]
    wanted = (rows.filter(stage__in=chosen) if chosen else rows).order_by("-changed_at", "-pk")
    if exports.asks_for_file(request):
        every = list(wanted.values_list("pk", flat=True))
        return exports.records_file(request, (kind,), every, name=kind, title=title, filters={"stage": chosen})
    total = sum(count for name, _label, count in stages if not chosen or name in chosen)
    at = max(1, min(whole_number(request.GET.get("page", ""), 1), -(-total // SIZE)))
    ids = list(wanted.values_list("pk", flat=True)[(at - 1) * SIZE : at * SIZE])
    new = faces.new_button(request.actor, kind) if organisation == request.actor.organisation else None
    facet = Facet("stage", faces.facet_label("stage"), tuple(_options(request, stages, chosen)))
    return page(
        request,
        "owned.html",
        title=title,
        crumbs=crumbs,
        buttons=[new] if new is not None else [],
        facets=(facet,) if facet.options else (),
        chosen=facet.chosen,
        clear_url=changed_query(request.GET, stage=None) if chosen else "",
        lines=faces.lines(request.actor, ids),
        pager=pager_at(request.GET, at, SIZE, total),
        endings=tuple(exports.MEDIA),
    )


def _options(request: Request, stages: Iterable[tuple[str, Text, int]], chosen: Sequence[str]) -> Iterable[FacetOption]:
    for name, label, count in stages:
        yield FacetOption(label, count, toggled_query(request.GET, "stage", name), name in chosen)
