"""Pages of reviews: an expert's desk, one review with its items, scoring one, giving one back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.reviews.asking import asked_by
from kezhuan.areas.reviews.desk import files_read_by, items_read_by, others_of, reads_items, titles_read_by
from kezhuan.areas.reviews.forms_panel import GiveBackForm, ScoreForm
from kezhuan.areas.reviews.guests import guest_of, is_open
from kezhuan.areas.reviews.judging import Matter
from kezhuan.areas.reviews.models import Guest, Review, Sheet
from kezhuan.areas.reviews.permissions import GONE, runs
from kezhuan.areas.reviews.queries import REVIEW_TOLD
from kezhuan.areas.reviews.results import total_of
from kezhuan.areas.reviews.scoring_actions import give_back, score_item, scores_now
from kezhuan.kernel.access import Actor, can_view, get_visible, visible_among
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.kernel.models import Document
from kezhuan.kernel.text import language, listed
from kezhuan.web import faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ButtonLink, Cell, Column, Crumb, Fact, ResultLine, TableView, Tag
from kezhuan.web.lists import list_page, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page
from kezhuan.web.record_pages import file_answer
from kezhuan.web.records import document_line, record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]
CLOSED = frozenset({"scored", "concluded"})
"""Stages of a panel in which whoever runs it reads what each expert gave: never before the scores are closed."""


@dataclass(frozen=True)
class Way:
    """Where the pages of a review stand: for whoever signs in, or behind a guest's address."""

    review: str
    item: Callable[[int], str]
    give_back: Callable[[int], str]
    ask: Callable[[int], str]
    file: Callable[[int, int], str]
    crumbs: Callable[..., tuple[Crumb, ...]]


WHOLE = ("panel__record", "panel__about", "expert__person__record")


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Review]:
    return visible_among(actor, Review.objects.select_related(*REVIEW_TOLD).filter(pk__in=ids))


def _line(actor: Actor, row: Review, _words: str) -> ResultLine:
    inside = can_view(actor, row.record, "inner")
    meta = [name_of(row.expert.person.record)] if inside else []
    meta += [_("until %(moment)s") % {"moment": day(row.panel.due_on)}] if row.panel.due_on else []
    return faces.plain_line(row.record, kind_label=_("review"), meta=tuple(meta), on=row.record.opened_on)


def register_face() -> None:
    """How reviews stand in lists."""
    faces.register("review", faces.Face(_rows, _line))


def way_of(row: Review) -> Way:
    """Where the pages of a review stand for whoever signs in."""
    code, back = row.record.code, faces.url_of(row.record)
    return Way(
        back,
        lambda number: reverse("review-item", args=[code, number]),
        lambda number: reverse("review-give-back", args=[code, number]),
        lambda number: reverse("review-ask", args=[code, number]),
        lambda number, file: reverse("review-file", args=[code, number, file]),
        lambda *more: review_crumbs((code, back), *more),
    )


def review_crumbs(*more: Any) -> tuple[Crumb, ...]:
    """The way to a page of a review."""
    return tuple(trail((_("Home"), "/"), (capfirst(_("reviews")), reverse("reviews")), *more))


@takes_a_list
def review_list(request: Request) -> HttpResponseBase:
    """The reviews that the reader was asked for, and those of the panels that they run."""
    if not request.actor.is_signed_in:
        return sign_in_first(request)
    return list_page(
        request,
        title=capfirst(_("reviews")),
        kinds=("review",),
        facets=("stage",),
        empty=_("Nobody has asked you to judge anything."),
    )


@require_safe
def review_page(request: Request, code: str) -> HttpResponse:
    """One review: for its expert the items to score; for whoever runs the panel why each was chosen and what is in, and
    once the scores are closed the marks and words."""
    actor = request.actor
    row = get_visible(actor, Review, code, related=(*WHOLE, "record__inner_to"))
    inside, reads = can_view(actor, row.record, "inner"), reads_items(actor, row)
    panel = row.panel
    facts = [
        Fact(_("Panel"), f"{panel.record.code} {name_of(panel.record)}", faces.url_of(panel.record) if inside else ""),
        Fact(_("Expert"), name_of(row.expert.person.record) if inside else ""),
        Fact(_("Items"), str(row.sheets.filter(recused="").count() or "")),
        Fact(_("Who knows of whom"), panel.get_scheme_display()),
        Fact(_("Answer until"), day(panel.answer_by)),
        Fact(_("Score until"), day(panel.due_on)),
    ]
    guest = guest_of(row) if inside else None
    asked = _asked(guest) if guest is not None and row.record.stage == "invited" else ""
    if guest is not None:
        facts.append(Fact(_("Guest's address"), _until(guest)))
    return record_page(
        request,
        row,
        "reviews/review.html",
        tags=(Tag(panel.get_scheme_display()),),
        facts=[one for one in facts if one.value],
        buttons=_guest_buttons(row, guest) if guest is not None and runs.test(actor, row) else (),
        about=panel.record.summary,
        criteria=panel.criteria,
        items=table_of_items(row, titles_read_by(actor, row), way_of(row)) if reads else None,
        pairs=_pairs(row) if inside and not reads and not asked else None,
        given=_given(row) if not reads and panel.record.stage in CLOSED and runs.test(actor, row) else (),
        asked=asked,
    )


def _asked(guest: Guest) -> str:
    """What a guest who has not answered yet is asked for: what they judge is settled when they accept."""
    numbers = listed(guest.items) or _("all")
    return _("Asked for: %(numbers)s. They get those of which they are clear of conflicts once they accept.") % {
        "numbers": numbers
    }


def _until(guest: Guest) -> str:
    """Whether a guest's address opens anything; where it leads stands in their letter alone."""
    if guest.withdrawn_on is not None:
        return _("taken back on %(day)s") % {"day": day(guest.withdrawn_on)}
    return (_("opens until %(day)s") if is_open(guest) else _("has ended on %(day)s")) % {"day": day(guest.until)}


def _guest_buttons(row: Review, guest: Guest) -> Sequence[ButtonLink]:
    if row.record.stage in GONE:
        return ()
    code = [row.record.code]
    renew = ButtonLink(_("Send a new address"), reverse("review-address", args=code))
    end = ButtonLink(_("Take the address back"), reverse("review-address-end", args=code))
    return (renew, end) if is_open(guest) else (renew,)


def _state(sheet: Sheet, *, gone: bool = False) -> Cell:
    if gone and sheet.submitted_at is None:
        return Cell("", tag=Tag(_("not judged"), "no"))
    if sheet.recused:
        return Cell("", tag=Tag(_("given back"), "no"))
    if sheet.submitted_at is not None:
        return Cell("", tag=Tag(_("in"), "ok"))
    return Cell("", tag=Tag(_("begun"), "wait") if sheet.marks else Tag(_("open"), "wait"))


def table_of_items(row: Review, items: Sequence[tuple[Sheet, str]], way: Way) -> TableView:
    """The items of a review for its expert, each with the way to it and what they gave."""
    return TableView(
        (
            Column(_("No."), numeric=True),
            Column(_("What is judged")),
            Column(_("State")),
            Column(_("Your total"), numeric=True),
        ),
        tuple(
            (
                str(sheet.item.number),
                Cell(title, way.item(sheet.item.number)),
                _state(sheet),
                str(total_of(row.panel, sheet)) if sheet.submitted_at is not None else "–",
            )
            for sheet, title in items
        ),
    )


def _pairs(row: Review) -> TableView:
    """For whoever runs the panel: why each pair was made, and what is in; never the scores before they are closed."""
    gone = row.record.stage in GONE
    return TableView(
        (Column(_("No."), numeric=True), Column(_("What is judged")), Column(_("State")), Column(_("Why this expert"))),
        tuple(
            (
                str(sheet.item.number),
                f"{sheet.item.record.code} {name_of(sheet.item.record)}",
                _state(sheet, gone=gone),
                sheet.recused or sheet.why.get(language(), "") or _("drawn by lot"),
            )
            for sheet in row.sheets.select_related("item__record")
        ),
    )


def _given(row: Review) -> list[tuple[str, Decimal, list[tuple[str, str, str]]]]:
    """What an expert gave: of each item that counts its total, and by criterion the mark and the reason."""
    names = [one["name"] for one in row.panel.criteria]
    rows = row.sheets.filter(submitted_at__isnull=False, recused="").select_related("item__record", "review")
    return [
        (
            f"{one.item.number} · {one.item.record.code} {name_of(one.item.record)}",
            total_of(row.panel, one),
            list(zip(names, one.marks, one.words, strict=True)),
        )
        for one in rows
    ]


def _sheet(actor: Actor, row: Review, number: int) -> tuple[Sheet, Matter]:
    """An item that the actor judges; raises `Missing` for anybody else, and for one of their own."""
    if reads_items(actor, row):
        for sheet, matter in items_read_by(actor, row, number):
            if not sheet.recused:
                return sheet, matter
    raise Missing(row.record.code)


@require_http_methods(ANY)
def review_item(request: Request, code: str, number: int) -> HttpResponseBase:
    """Read an item and score it; once it is in, what the others gave."""
    row = get_visible(request.actor, Review, code, related=WHOLE)
    return item_page(request, request.actor, row, number, way_of(row))


def item_page(request: Request, actor: Actor, row: Review, number: int, way: Way) -> HttpResponseBase:
    """The page of an item for the expert of a review; raises `Missing` or `NotAllowed`."""
    sheet, matter = _sheet(actor, row, number)
    back, title = way.review, _("Item %(number)s") % {"number": number}
    open_now = scores_now(actor, row) and sheet.submitted_at is None
    if request.method == "POST" and not open_now and sheet.submitted_at is None:
        raise NotAllowed(_("Items are scored by the expert who accepted, while the panel scores."))

    def act(form: ScoreForm) -> str:
        submit = "submit" in request.POST
        score_item(
            actor=actor, review=row, number=number, marks=form.typed("mark"), words=form.typed("words"), submit=submit
        )
        return back if submit else way.item(number)

    return action_page(
        request,
        lambda posted, _files: ScoreForm(posted, criteria=row.panel.criteria, sheet=sheet),
        act,
        title=title,
        submit_label=_("Keep for now"),
        back=back,
        crumbs=way.crumbs(title),
        done=_("Your scores are handed in.")
        if "submit" in request.POST
        else _("Your scores are kept; they are not in yet."),
        template="reviews/item.html",
        matter=matter,
        documents=[document_line(one, way.file(number, one.pk)) for one in _files(row, sheet)],
        blind=row.panel.is_blind,
        open_now=open_now,
        give_back_url=way.give_back(number) if open_now else "",
        ask_url=way.ask(number) if open_now else "",
        asked=asked_by([sheet]).get(sheet.pk, []),
        own=list(zip(row.panel.criteria, sheet.marks, sheet.words, strict=False)) if not open_now else [],
        total=total_of(row.panel, sheet) if sheet.submitted_at is not None else None,
        others=others_of(row, [sheet]).get(sheet.item_id, []),
    )


def _files(row: Review, sheet: Sheet) -> list[Document]:
    return files_read_by(row, [sheet]).get(sheet.item_id, [])


@require_safe
def review_file(request: Request, code: str, number: int, file: int) -> HttpResponse:
    """Open a file of an item that one judges."""
    row = get_visible(request.actor, Review, code, related=WHOLE)
    return item_file(request.actor, row, number, file)


def item_file(actor: Actor, row: Review, number: int, file: int) -> HttpResponse:
    """A file of an item for the expert of a review; raises `Missing` for anybody else and in a blind panel."""
    sheet, _matter = _sheet(actor, row, number)
    for one in _files(row, sheet):
        if one.pk == file:
            return file_answer(actor, one)
    raise Missing(row.record.code)


@require_http_methods(ANY)
def review_give_back(request: Request, code: str, number: int) -> HttpResponseBase:
    """Give an item back that one does not judge."""
    row = get_visible(request.actor, Review, code, related=WHOLE)
    return give_back_page(request, request.actor, row, number, way_of(row))


def give_back_page(request: Request, actor: Actor, row: Review, number: int, way: Way) -> HttpResponseBase:
    """The page on which the expert of a review gives an item back; raises `Missing` or `NotAllowed`."""
    sheet, matter = _sheet(actor, row, number)
    if not scores_now(actor, row) or sheet.submitted_at is not None:
        raise NotAllowed(_("This item is scored, or was given back, already."))
    back, title = way.review, _("Give the item back")

    def act(form: GiveBackForm) -> str:
        give_back(actor=actor, review=row, number=number, reason=form.cleaned_data["reason"])
        return back

    return action_page(
        request,
        lambda posted, _files: GiveBackForm(posted),
        act,
        title=title,
        intro=f"{number} · {matter.title}",
        submit_label=title,
        back=back,
        crumbs=way.crumbs(title),
        done=_("The item is given back."),
    )
