"""The ledger of a unit in figures, narrowed by status and by what is to be looked after."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from django.db.models import F, Q, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.areas.ledger.models import ConversionStatus, LedgerEntry, Upkeep
from kezhuan.areas.ledger.pages import ledger_crumbs, status_tag
from kezhuan.areas.ledger.pages_keeping import require_keeper
from kezhuan.areas.ledger.queries import (
    alert_rule,
    at_status,
    counted,
    idle_for_long,
    idle_since,
    missing_achievements,
    not_taken,
    own_entries,
    upkeep_due,
    with_fee_due,
)
from kezhuan.engines.money import yuan
from kezhuan.kernel.text import today
from kezhuan.web import exports, faces
from kezhuan.web.components import ButtonLink, Cell, Column, Facet, FacetOption, TableView, Tag
from kezhuan.web.lists import SIZE, pager_at, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import changed_query, toggled_query, whole_number
from kezhuan.web.shell import page
from kezhuan.web.templatetags.kezhuan import day

MOST_FEES, FEW_FEES = 50, 5
"""As many fees stand on the page, the most pressing; of more than a few the table is folded."""
Rows = QuerySet[LedgerEntry]


@takes_a_list
def ledger_overview(request: Request) -> HttpResponse:
    """How much stands at each status, which fees come near, of what no stock was taken this year, and the entries, of
    some statuses or to be looked after, the longest at theirs first; as they are narrowed they can be taken along."""
    require_keeper(request)
    actor, entries = request.actor, own_entries(request.actor)
    place = actor.organisation.region if actor.organisation is not None else ""
    rule = alert_rule(place)
    alert = int(rule.value) if rule is not None else 0
    found, cares = counted(entries), _cares(entries, place, alert)
    statuses = [one for one in request.GET.getlist("status") if one in ConversionStatus.values]
    wanted = [one for one in request.GET.getlist("care") if one in cares]
    rows = _narrowed(entries, statuses, [cares[one][1] for one in wanted])
    title = _("Overview of the ledger")
    if exports.asks_for_file(request):
        filters = {"status": statuses, "care": wanted}
        return exports.shown_file(request, _whole(list(rows), place), name="ledger", title=title, filters=filters)
    total = rows.count()
    at = max(1, min(whole_number(request.GET.get("page", ""), 1), -(-total // SIZE)))
    left_over = {name: (label, few.count()) for name, (label, few) in cares.items()}
    facets = (
        _facet(request, "status", _("Status of conversion"), _statuses(found)),
        _facet(request, "care", _("To be looked after"), left_over),
    )
    due = upkeep_due(entries, alert)
    fees = due.count()
    missing, kept = missing_achievements(actor).count(), entries.filter(record__stage="kept")
    return page(
        request,
        "ledger/overview.html",
        title=title,
        crumbs=ledger_crumbs(title),
        buttons=_buttons(missing),
        missing=missing,
        counts=[
            (label, f"{reverse('ledger-overview')}?status={name}", n) for name, (label, n) in _statuses(found).items()
        ],
        alert=alert,
        fees=fees,
        due=_fees(due[:MOST_FEES]) if fees else None,
        few=fees <= FEW_FEES,
        most=MOST_FEES if fees > MOST_FEES else 0,
        year=today().year,
        left=left_over["stock"][1],
        kept=kept.count(),
        facets=facets,
        chosen=[option for facet in facets for option in facet.chosen],
        clear_url=changed_query(request.GET, status=None, care=None) if statuses or wanted else "",
        table=_table(list(rows[(at - 1) * SIZE : at * SIZE]), place),
        pager=pager_at(request.GET, at, SIZE, total),
        endings=tuple(exports.MEDIA) if total else (),
    )


def _narrowed(entries: Rows, statuses: Collection[str], cares: Sequence[Rows]) -> Rows:
    rows, asked = at_status(entries, statuses), Q(pk__in=())
    for one in cares:
        asked |= Q(pk__in=one.values("pk"))
    return (rows.filter(asked) if cares else rows).order_by(F("since"), "pk")


def _cares(entries: Rows, place: str, alert: int) -> dict[str, tuple[str, Rows]]:
    """What an office looks after: fees near or late, what is idle for long, what no stock was taken of."""
    stock = _("no stock taken in %(year)s") % {"year": today().year}
    return {
        "fee": (_("fee due or late"), with_fee_due(entries, alert)),
        "idle": (_("idle for long"), idle_for_long(entries, place)),
        "stock": (stock, not_taken(entries, today().year)),
    }


def _statuses(found: Mapping[str, int]) -> dict[str, tuple[str, int]]:
    return {name: (str(ConversionStatus(name).label), number) for name, number in found.items()}


def _facet(request: Request, name: str, label: str, options: Mapping[str, tuple[str, int]]) -> Facet:
    chosen = request.GET.getlist(name)
    told = (
        FacetOption(words, number, toggled_query(request.GET, name, value), value in chosen)
        for value, (words, number) in options.items()
    )
    return Facet(name, label, tuple(told))


def _buttons(missing: int) -> list[ButtonLink]:
    fill = ButtonLink(_("Enter what is missing"), reverse("ledger-fill"), primary=True)
    return [
        *([fill] if missing else []),
        ButtonLink(_("Take stock"), reverse("ledger-stock-take")),
        ButtonLink(_("Asset company"), reverse("ledger-company")),
    ]


def _fees(due: Iterable[Upkeep]) -> TableView:
    rows = tuple(
        (
            Cell(one.entry.record.code, faces.url_of(one.entry.record)),
            one.what,
            yuan(one.fen),
            Cell(day(one.due_on), tag=Tag(_("overdue"), "no") if one.due_on < today() else None),
        )
        for one in due
    )
    columns = (Column(_("Ledger number")), Column(_("Fee")), Column(_("Yuan"), numeric=True), Column(_("Fee due on")))
    return TableView(columns, rows)


def _long(place: str) -> Callable[[LedgerEntry], bool]:
    """Whether an entry is idle beyond the rule value of the place."""
    last = idle_since(place)
    return lambda row: last is not None and row.status == ConversionStatus.IDLE and row.since <= last


def _table(rows: Sequence[LedgerEntry], place: str) -> TableView:
    """Entries in three columns, which a narrow screen shows beside each other; all there is of each its file tells."""
    long = _long(place)
    lines = tuple(
        (
            Cell(f"{row.record.code} {name_of(row.record)}", faces.url_of(row.record)),
            Cell(
                _("since %(day)s, %(days)s days") % {"day": day(row.since), "days": f"{(today() - row.since).days:,}"}
                + (f" · {_('idle for long')}" if long(row) else ""),
                tag=status_tag(row.status),
            ),
            " · ".join(filter(None, (
                row.get_origin_display(),
                _("%(yuan)s yuan") % {"yuan": yuan(row.recognised_fen)} if row.recognised_fen is not None else "",
            ))),
        )
        for row in rows
    )  # fmt: skip
    columns = (Column(_("Achievement")), Column(_("Status of conversion")), Column(_("Source, value in the books")))
    return TableView(columns, lines, _("Entries of the ledger"))


def _whole(rows: Sequence[LedgerEntry], place: str) -> TableView:
    """The same entries with a column for everything; what is idle beyond the rule value of the place is marked."""
    long = _long(place)
    lines = tuple(
        (
            row.record.code,
            name_of(row.record),
            str(ConversionStatus(row.status).label),
            day(row.since),
            f"{(today() - row.since).days:,}",
            _("yes") if long(row) else "",
            row.get_origin_display(),
            yuan(row.recognised_fen) if row.recognised_fen is not None else "",
        )
        for row in rows
    )
    columns = (
        Column(_("Ledger number")),
        Column(_("Achievement")),
        Column(_("Status of conversion")),
        Column(_("At this status since")),
        Column(_("Days"), numeric=True),
        Column(_("idle for long")),
        Column(_("Where it comes from")),
        Column(_("Value in the books, in yuan"), numeric=True),
    )
    return TableView(columns, lines)
