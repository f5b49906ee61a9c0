"""Pages of panels: the list, one panel with its items, experts, draw and results, making and changing one."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.checks import live_sheets
from kezhuan.areas.reviews.choosing_actions import LIVE, PASSED, drawing_of, unasked_in
from kezhuan.areas.reviews.fee_actions import PAID_AT
from kezhuan.areas.reviews.models import Choice, Draw, Expert, ExpertSort, Panel, PanelItem, Review, Sheet
from kezhuan.areas.reviews.pages_asking import table_of_exchanged
from kezhuan.areas.reviews.permissions import GONE, runs
from kezhuan.areas.reviews.queries import PANEL_TOLD, on_panel, still_counted
from kezhuan.engines import drawing
from kezhuan.kernel.access import Actor, can_view, get_visible, visible_among
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.text import bracketed, listed
from kezhuan.web import exports, faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ButtonLink, Cell, Chart, ChartBar, Column, Crumb, Fact, ResultLine, TableView, Tag
from kezhuan.web.lists import list_page, pager_at, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]
ITEMS = 25
"""Items on a page of a panel."""
EXPERTS = 25
"""Experts on a page of a panel."""


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Panel]:
    return visible_among(actor, Panel.objects.select_related(*PANEL_TOLD).filter(pk__in=ids))


def _line(_actor: Actor, row: Panel, _words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("review panel"),
        tags=(faces.stage_tag(row.record), Tag(row.get_scheme_display())),
        meta=(row.about.code, *((_("until %(moment)s") % {"moment": day(row.due_on)},) if row.due_on else ())),
        on=row.record.opened_on,
    )


def register_face() -> None:
    """How panels stand in lists."""
    faces.register("panel", faces.Face(_rows, _line, edit=panel_edit_url))


def panel_edit_url(actor: Actor, row: Panel) -> str:
    """Where whoever runs a panel changes it, before its experts score."""
    may = row.record.stage == "prepared" and runs.test(actor, row)
    return reverse("panel-edit", args=[row.record.code]) if may else ""


def panel_crumbs(*more: Any) -> tuple[Crumb, ...]:
    """The way to a page of a panel."""
    return tuple(trail((_("Home"), "/"), (capfirst(_("review panels")), reverse("panels")), *more))


@takes_a_list
def panel_list(request: Request) -> HttpResponseBase:
    """The panels that the reader runs; they are begun on the page of what is judged."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    return list_page(
        request,
        title=capfirst(_("review panels")),
        kinds=("panel",),
        facets=("stage",),
        lead=_("A panel is begun on the page of what it judges for: a closed call, a project or a case of evaluation."),
        empty=_("You run no panel."),
    )


@takes_a_list
def panel_page(request: Request, code: str) -> HttpResponse:
    """One panel: what it judges by which criteria, who judges, how they were chosen, and what came of it."""
    actor = request.actor
    row = get_visible(actor, Panel, code, related=("about__title_to", *PANEL_TOLD[1:3]))
    inside = can_view(actor, row.record, "inner")
    if exports.asks_for_file(request):
        return _file(request, row)
    at = max(1, whole_number(request.GET.get("page", ""), 1))
    total = row.items.count()
    ranked = row.record.stage in {"scored", "concluded"}
    order = ("place", "number") if ranked else ("number",)
    ids = row.items.order_by(*order).values_list("pk", flat=True)[(at - 1) * ITEMS : at * ITEMS]
    rows = row.items.filter(pk__in=list(ids)).select_related("record__owner__record", "record__title_to")
    shown = list(live_sheets(rows).order_by(*order))
    draw, may_run = Draw.objects.filter(panel=row).first(), bool(runs.test(actor, row))
    return record_page(
        request,
        row,
        "reviews/panel.html",
        tags=(Tag(row.get_scheme_display()),),
        buttons=_buttons(row, draw) if may_run else (),
        facts=_facts(actor, row) if inside else (),
        criteria=row.criteria,
        endings=tuple(exports.MEDIA) if inside else (),
        items=_items(actor, row, shown, ranked=ranked) if inside else None,
        chart=_scores(actor, shown) if inside and ranked and shown else None,
        pager=pager_at(request.GET, at, ITEMS, total),
        **(_experts(request, row) if inside else {}),
        draw=draw,
        draw_log=_log(draw) if draw is not None and draw.drawn_at is not None else None,
        opinions=[one for one in shown if one.opinion] if ranked else [],
        exchanged=table_of_exchanged(row) if inside else None,
        numbers=[one.number for one in shown],
        hides=row.is_blind and row.record.stage in LIVE and may_run,
    )


def _file(request: Request, row: Panel) -> HttpResponse:
    """All items with what came of them as a file, for whoever runs the panel."""
    actor, ranked = request.actor, row.record.stage in {"scored", "concluded"}
    if not can_view(actor, row.record, "inner"):
        raise NotAllowed
    rows = live_sheets(row.items.select_related("record__owner__record", "record__title_to"))
    items = list(rows.order_by("place", "number") if ranked else rows.order_by("number"))
    headers = [str(one.label) for one in _items(actor, row, (), ranked=ranked).columns]
    headers += [_("The panel advises"), _("Why")] if ranked else []
    lines = [
        [*map(str, _item(actor, row, one, ranked=ranked)), *((_advice(one), one.opinion) if ranked else ())]
        for one in items
    ]
    return exports.table_file(request, headers, lines, name=row.record.code, title=name_of(row.record))


def _advice(one: PanelItem) -> str:
    if one.advised is None:
        return ""
    return str(_("to choose it") if one.advised else _("not to choose it"))


def _facts(actor: Actor, row: Panel) -> list[Fact]:
    about = row.about
    seen = can_view(actor, about)
    facts = [
        Fact(
            _("Judges for"),
            f"{about.code} {name_of(about)}" if seen else about.code,
            faces.url_of(about) if seen else "",
        ),
        Fact(_("Run by"), name_of(row.office.record)),
        Fact(_("Contracted agency"), name_of(row.agency.record) if row.agency is not None else ""),
        Fact(_("Who knows of whom"), row.get_scheme_display()),
        Fact(_("How experts are chosen"), row.get_choice_display()),
        Fact(_("Criteria"), "" if _keeps_criteria(row) else _("not those that %(code)s says") % {"code": about.code}),
        Fact(_("Reviews for each item"), str(row.per_item)),
        *(_rules_of_assignment(row) if row.choice == Choice.ASSIGNMENT else ()),
        Fact(_("Seed of the assignment"), row.seed),
        Fact(_("Experts answer until"), day(row.answer_by)),
        Fact(_("Experts score until"), day(row.due_on)),
        Fact(
            _("Highest and lowest score left out"),
            _("from %(number)s reviews on") % {"number": row.drop_from} if row.drop_from else _("no"),
        ),
        Fact(_("Experts who attended"), _attended(row)),
        Fact(_("Who else was there"), row.also_there),
        Fact(_("What the minutes say"), row.minutes),
        Fact(_("Minutes of the meeting"), f"{row.minutes_no} · {day(row.met_on)}" if row.minutes_no else ""),
    ]
    return [one for one in facts if one.value]


def _rules_of_assignment(row: Panel) -> list[Fact]:
    """The loads and the mix within which experts are assigned."""
    return [
        Fact(_("Items for each expert at most"), str(row.max_load)),
        Fact(_("Items for each expert at least"), str(row.min_load or "")),
        Fact(_("Each item has an enterprise or finance expert"), _("yes") if row.mixed else _("no")),
        Fact(_("Experts of one employer on an item at most"), str(row.per_employer or "")),
        Fact(_("No pair is made with a probability above (%)"), str(row.most_certain or "")),
    ]


def _attended(row: Panel) -> str:
    """Who attended the meeting, each by number and name; a query only where somebody did."""
    if not row.attended:
        return ""
    names = {one.number: name_of(one.expert.person.record) for one in on_panel(row)}
    return listed(f"{number} {names.get(number, '')}".strip() for number in row.attended)


def _keeps_criteria(row: Panel) -> bool:
    """Whether a panel scores by the criteria, with their weights, that what it judges foresees, where that does."""
    said = judging.judging_of(row.programme).foreseen(row.about).criteria
    told = [[(one["name"], one["weight"]) for one in criteria] for criteria in (said, row.criteria)]
    return not said or told[0] == told[1]


def _buttons(row: Panel, draw: Draw | None) -> list[ButtonLink]:
    code = row.record.code
    found: list[ButtonLink] = []
    if row.record.stage in LIVE:
        if row.choice == Choice.ASSIGNMENT:
            found.append(ButtonLink(_("Assign experts"), reverse("panel-assign", args=[code])))
            found.append(ButtonLink(_("Reviews of each item"), reverse("panel-reviews", args=[code])))
            found.append(ButtonLink(_("Ask a guest reviewer"), reverse("panel-guest", args=[code])))
        else:
            label = (
                _("Commit to a draw") if draw is None
                else _("Hold the draw") if draw.drawn_at is None else _("Draw replacements")
            )  # fmt: skip
            if draw is None or draw.drawn_at is None or row.reviews.filter(record__stage__in=GONE).exists():
                found.append(ButtonLink(label, reverse("panel-draw", args=[code])))
        found.append(ButtonLink(_("Conflicts of interest"), reverse("panel-conflicts", args=[code])))
    if row.record.stage == "scored":
        found.append(ButtonLink(_("Record the panel's meeting"), reverse("panel-meeting", args=[code])))
    if row.record.stage in PAID_AT:
        found.append(ButtonLink(_("Expert fees"), reverse("panel-fees", args=[code])))
    if draw is not None and draw.drawn_at is not None:
        found.append(ButtonLink(_("Record of the draw (.docx)"), reverse("panel-draw-record", args=[code])))
    return found


def _items(actor: Actor, row: Panel, shown: Sequence[PanelItem], *, ranked: bool) -> TableView:
    columns = [Column(_("No."), numeric=True), Column(_("What is judged")), Column(_("Reviews in"), numeric=True)]
    lines = [_item(actor, row, one, ranked=ranked) for one in shown]
    if not ranked and (judging_it := _judging(row, shown)):
        columns.append(Column(_("Experts")))
        lines = [(*line, listed(judging_it.get(one.pk, ()))) for line, one in zip(lines, shown, strict=True)]
    if not ranked and (ready := _ready(shown)):
        columns.append(Column(_("Ready to stand in")))
        beside = [listed(ready.get(code, code) for code in one.alternates) for one in shown]
        lines = [(*line, names) for line, names in zip(lines, beside, strict=True)]
    if ranked:
        labels = (_("Score"), _("Rank"), _("Spread"), _("Corrected"), _("Rank, corrected"))
        columns += [*(Column(label, numeric=True) for label in labels), Column(_("By expert"))]
        columns.append(Column(_("To be looked at")))
    return TableView(tuple(columns), tuple(lines))


def _judging(row: Panel, shown: Sequence[PanelItem]) -> dict[int, list[int]]:
    """By item the numbers of the experts who judge it, where not everybody judges all; one query."""
    found: dict[int, list[int]] = {}
    if row.choice == Choice.ASSIGNMENT and shown:
        rows = still_counted(Sheet.objects.filter(item__in=[one.pk for one in shown])).order_by("review__number")
        for item, number in rows.values_list("item", "review__number"):
            found.setdefault(item, []).append(number)
    return found


def _scores(actor: Actor, shown: Sequence[PanelItem]) -> Chart:
    """The scores of the items on the page as bars, in the order of the table."""
    bars = [
        ChartBar(f"{one.number} {one.record.code}", float(one.result["score"]), one.result["score"],
                 faces.url_of(one.record) if can_view(actor, one.record) else "")
        for one in shown
    ]  # fmt: skip
    return Chart(_("Scores"), _("What is judged"), _("Score"), tuple(bars), whole=100)


def _ready(shown: Sequence[PanelItem]) -> dict[str, str]:
    """By code who could stand in for experts of these items; one query where somebody could."""
    codes = {code for one in shown for code in one.alternates}
    rows = Expert.objects.filter(record__code__in=codes).select_related("record", "person__record") if codes else ()
    return {one.record.code: name_of(one.person.record) for one in rows}


def _item(actor: Actor, row: Panel, one: PanelItem, *, ranked: bool) -> tuple[Any, ...]:
    record = one.record
    seen = can_view(actor, record)
    owner = name_of(record.owner.record) if record.owner is not None and seen else ""
    cells: list[Any] = [
        str(one.number),
        Cell(
            f"{record.code} {name_of(record)} · {owner}" if seen else record.code, faces.url_of(record) if seen else ""
        ),
        f"{one.scored} / {max(one.live, one.needed)}",  # type: ignore[attr-defined]  # `live_sheets` counts them
    ]
    if ranked:
        result = one.result
        cells += [
            result["score"],
            str(result["rank"]),
            result["spread"],
            result["corrected"],
            str(result["corrected_rank"]),
        ]
        cells.append(listed(f"{number}\u00a0·\u00a0{total}" for number, total in result["totals"].items()))
        flags = [_("far apart")] if result["is_spread"] else []
        flags += [_("expert %(number)s far off") % {"number": number} for number in result["outliers"]]
        if dropped := listed(map(str, sorted(result["dropped"]))):
            flags.append(_("left out: experts %(numbers)s") % {"numbers": dropped})
        cells.append(listed(flags))
    return tuple(cells)


def _experts(request: Request, row: Panel) -> dict[str, Any]:
    """A page of the experts, with how many of their items they have scored."""
    total = row.reviews.count()
    if not total:
        return {}
    at = max(1, whole_number(request.GET.get("experts", ""), 1))
    ids = row.reviews.order_by("number").values_list("pk", flat=True)[(at - 1) * EXPERTS : at * EXPERTS]
    pager = pager_at(request.GET, at, EXPERTS, total, "experts")
    return {"experts": _table_of_experts(row, list(ids)), "experts_pager": pager}


def _table_of_experts(row: Panel, ids: Sequence[int]) -> TableView:
    kept = Q(recused="")
    # Counted apart from the experts: together the database would sort every sheet by all that is told of its expert.
    sheets = Sheet.objects.filter(review__in=ids).order_by().values_list("review")
    numbers = sheets.annotate(
        scored=Count("pk", filter=kept & Q(submitted_at__isnull=False)),
        kept=Count("pk", filter=kept),
        back=Count("pk", filter=~kept),
    )
    counts = {pk: tuple(three) for pk, *three in numbers}
    rows = row.reviews.filter(pk__in=ids).select_related("record", "expert__person__record", "expert__employer__record")
    reviews: Sequence[Review] = list(rows.order_by("number"))
    return TableView(
        (
            Column(_("No."), numeric=True),
            *(Column(label) for label in (_("Expert"), _("Asked as"), _("Employer"), _("Stage"))),
            Column(_("Scored"), numeric=True),
        ),
        tuple(
            (
                str(one.number),
                Cell(name_of(one.expert.person.record), faces.url_of(one.record)),
                one.expert.get_sort_display(),
                name_of(one.expert.employer.record) if one.expert.employer is not None else "–",
                Cell("", tag=faces.stage_tag(one.record)),
                _scored(*counts.get(one.pk, (0, 0, 0))),
            )
            for one in reviews
        ),
    )  # fmt: skip


def _scored(scored: int, kept: int, back: int) -> str:
    said = f"{scored} / {kept}"
    return bracketed(said, _("%(number)s given back") % {"number": back}) if back else said


def log_lines(draw: Draw) -> list[tuple[str, str, str, str, str]]:
    """The log of a draw: stratum, position, expert, ticket, and what became of it, in words."""
    held = drawing_of(draw)
    codes = {line.uid for line in held.log} | {line.stands_in_for for line in held.log if line.stands_in_for}
    experts = Expert.objects.filter(record__code__in=codes).select_related("person__record", "record")
    names = {one.record.code: one.person.record.title for one in experts}
    unasked = set(unasked_in(draw, held))
    words = {
        drawing.Why.DRAWN: _("drawn"),
        drawing.Why.DECLINED: _("drawn, does not come"),
        drawing.Why.CAP: _("passed over: the yearly cap is reached"),
    }
    lines = []
    for line in held.log:
        said = str(words[drawing.Why.CAP if line.reason == PASSED else line.why])
        if line.why == drawing.Why.DRAWN and line.uid in unasked:
            said = _("next, to be asked when replacements are drawn")
        if line.stands_in_for:
            said += " · " + _("in the place of %(name)s") % {"name": names.get(line.stands_in_for, line.stands_in_for)}
        name = f"{names.get(line.uid, '')} {line.uid}".strip()
        lines.append((str(ExpertSort(line.stratum).label), str(line.position), name, line.ticket, said))
    return lines


def _log(draw: Draw) -> TableView:
    columns = (
        Column(_("Asked as")),
        Column(_("No."), numeric=True),
        Column(_("Expert")),
        Column(_("Ticket")),
        Column(_("What became of it")),
    )
    lines = log_lines(draw)
    return TableView(columns, tuple((*one[:3], one[3][:12], one[4]) for one in lines))
