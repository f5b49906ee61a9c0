"""Pages of offers: the list, one offer with its room and bookings, writing and changing it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.chains.actions import cancels, check_offer, draft_offer, edit_offer
from kezhuan.areas.chains.forms import OfferForm, facts_of, initial_of
from kezhuan.areas.chains.models import Booking, BookingState, Offer, OfferSort, Reach
from kezhuan.areas.chains.permissions import KIND, may_book, may_offer
from kezhuan.areas.chains.queries import TOLD, bookings_seen, offers_visible_to, taken_in
from kezhuan.kernel.access import Actor, can_view, get_visible, represents_owner
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.text import listed, today
from kezhuan.kernel.vocabulary import REGIONS
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag, Text
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]
PERIODS_SHOWN = {"day": 14, "week": 56, "month": 180}
"""How many days ahead the room of an offer is told."""
TONES: dict[str, Any] = {"requested": "wait", "confirmed": "ok", "refused": "no", "cancelled": ""}


def capacity_words(row: Offer) -> str:
    """So much in each period, in words."""
    words = {"capacity": row.capacity, "unit": row.get_unit_display(), "period": row.get_period_display()}
    return _("%(capacity)s %(unit)s %(period)s") % words


def owner_name(row: Any) -> str:
    """Whose an offer or a task is, by name."""
    return name_of(row.record.owner.record) if row.record.owner is not None else ""


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Offer]:
    return list(offers_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Offer, words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("offer of a scenario or capacity"),
        tags=(faces.stage_tag(row.record), Tag(row.get_sort_display())),
        meta=(owner_name(row), row.place, capacity_words(row), row.get_reach_display()),
        snippet_html=snippet(words, row.record.summary),
        dated=(_("Can be used from"), row.starts_on),
    )


def register_face() -> None:
    """How offers stand in lists."""
    faces.register(KIND, faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: Offer) -> str:
    may = row.record.stage in {"draft", "open"} and represents_owner.test(actor, row)
    return reverse("offer-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    may = actor.is_signed_in and may_offer(actor)
    return ButtonLink(_("Offer a scenario or capacity"), reverse("offer-new"), primary=True) if may else None


@takes_a_list
def offer_list(request: Request) -> HttpResponse:
    """What is open to the reader."""
    new = _new_button(request.actor)
    log = [ButtonLink(_("Log of use"), reverse("offer-uses"))] if request.actor.is_signed_in else []
    return list_page(
        request,
        title=capfirst(_("offers of scenarios and capacity")),
        kinds=(KIND,),
        facets=("sort", "stage", "reach", "region"),
        buttons=[*([new] if new is not None else []), *log],
        lead=_("What members of consortia open to others, with capacity and days: it is booked here."),
        empty=_("Nothing is open to you here."),
        labels={
            "sort": lambda value: str(OfferSort(value).label),
            "reach": lambda value: str(Reach(value).label),
            "region": lambda value: str(REGIONS.get(value, value)),
        },
    )


@require_safe
def offer_page(request: Request, code: str) -> HttpResponse:
    """One offer: where, how much, what is left of it, and its bookings as far as the reader may see them."""
    actor = request.actor
    row = get_visible(actor, Offer, code, related=TOLD)
    seen = can_view(actor, row.record, "public")
    found = list(bookings_seen(actor, row))
    return record_page(
        request,
        row,
        "chains/offer.html",
        tags=(Tag(row.get_sort_display()),),
        buttons=_buttons(actor, row),
        facts=_facts(actor, row) if seen else (),
        seen=seen,
        room=_room(row) if row.record.stage == "open" and can_view(actor, row.record, "full") else None,
        bookings=_bookings(actor, row, found) if found else None,
        uses=_uses(row, found),
    )


def _buttons(actor: Actor, row: Offer) -> list[ButtonLink]:
    if not may_book(actor, row):
        return []
    return [ButtonLink(_("Book"), reverse("offer-book", args=[row.record.code]), primary=True)]


def _facts(actor: Actor, row: Offer) -> list[Fact]:
    full = can_view(actor, row.record, "full")
    facts = [
        Fact(_("Offered by"), owner_name(row), faces.url_of(row.record.owner.record) if row.record.owner else ""),
        Fact(_("Kind"), row.get_sort_display()),
        Fact(_("Where it is"), row.place),
        Fact(_("Capacity of a period"), capacity_words(row)),
        Fact(_("Can be used"), f"{day(row.starts_on)} – {day(row.ends_on)}"),
        Fact(_("Who may book"), row.get_reach_display()),
        *([faces.linked_fact(actor, _("Project"), row.project.record)] if full else []),
        Fact(_("Conditions of use"), row.conditions if full else ""),
    ]
    return [one for one in facts if one.value]


def _room(row: Offer) -> TableView | None:
    first = max(today(), row.starts_on)
    last = min(row.ends_on, first + timedelta(days=PERIODS_SHOWN[row.period]))
    if last < first:
        return None
    rows = tuple(
        (day(start), str(row.capacity - taken), str(taken)) for start, taken in taken_in(row, first, last).items()
    )
    columns = (
        Column(_("Period that begins on")), Column(_("Left"), numeric=True), Column(_("Confirmed"), numeric=True),
    )  # fmt: skip
    return TableView(columns, rows, _("What is left"))


def _ways(actor: Actor, row: Offer, one: Booking) -> Cell | Text:
    args = [row.record.code, one.number]
    owner = represents_owner.test(actor, row)
    if one.state == BookingState.REQUESTED and owner:
        return Cell(_("Answer"), reverse("booking-answer", args=args))
    if one.state == BookingState.CONFIRMED and owner and one.from_on <= today():
        return Cell(_("Note a use"), reverse("booking-use", args=args))
    if (
        one.state in {BookingState.REQUESTED, BookingState.CONFIRMED}
        and not one.uses.all()
        and cancels(actor, row, one)
    ):
        return Cell(_("Take back"), reverse("booking-cancel", args=args))
    return ""


def _bookings(actor: Actor, row: Offer, found: Sequence[Booking]) -> TableView:
    def for_whom(one: Booking) -> Cell | Text:
        if one.project is None:
            return one.team
        return Cell(listed(filter(None, [one.project.record.code, one.team])))

    rows = tuple(
        (
            str(one.number),
            Cell(name_of(one.organisation.record), faces.url_of(one.organisation.record)),
            for_whom(one),
            one.purpose,
            f"{day(one.from_on)} – {day(one.to_on)}",
            str(one.amount),
            Cell(one.reason, tag=Tag(one.get_state_display(), TONES[one.state])),
            _ways(actor, row, one),
        )
        for one in found
    )
    columns = (
        Column(_("No.")), Column(_("Organisation")), Column(_("Project or team")), Column(_("What for")),
        Column(_("Days booked")), Column(_("Of each period"), numeric=True), Column(_("Answer")),
        Column(_("Next step")),
    )  # fmt: skip
    return TableView(columns, rows, _("Bookings"))


def _uses(row: Offer, found: Sequence[Booking]) -> TableView | None:
    rows = tuple(
        (day(use.on), name_of(one.organisation.record), f"{use.quantity.normalize():f}", use.result)
        for one in found
        for use in one.uses.all()
    )
    columns = (
        Column(_("Day")), Column(_("Used by")), Column(row.get_unit_display(), numeric=True),
        Column(_("What came of it")),
    )  # fmt: skip
    return TableView(columns, rows, _("Log of use")) if rows else None


# -- writing -----------------------------------------------------------------------------------------------------------


@require_http_methods(ANY)
def offer_new(request: Request) -> HttpResponse:
    """Offer something to a consortium."""
    if not may_offer(request.actor):
        raise NotAllowed(_("Members of a consortium whose task book is signed open something to it."))
    start = {"project": request.GET.get("project", ""), "reach": Reach.MEMBERS, "starts_on": today()}

    def enter(form: OfferForm) -> Offer:
        return draft_offer(actor=request.actor, facts=facts_of(form))

    return _form(request, _("Offer a scenario or capacity"), enter, start, reverse("offers"))


@require_http_methods(ANY)
def offer_edit(request: Request, code: str) -> HttpResponse:
    """Change an offer."""
    row = get_visible(request.actor, Offer, code, related=TOLD)
    must_allow(_edit_url, request.actor, row)

    def enter(form: OfferForm) -> Offer:
        expected = expected_version(request, row.record.version)
        return edit_offer(actor=request.actor, offer=row, facts=facts_of(form), expected_version=expected)

    return _form(request, _("Change the offer"), enter, initial_of(row), faces.url_of(row.record), row)


def _form(
    request: Request,
    title: str,
    enter: Callable[[OfferForm], Offer],
    fields: dict[str, Any],
    back: str,
    row: Offer | None = None,
) -> HttpResponse:
    shown = RecordForm(
        title=title,
        maker=lambda posted: OfferForm(posted, initial=fields, actor=request.actor, row=row),
        groups=(
            (_("What is opened"), ("title", "sort", "summary", "place")),
            (_("How much"), ("capacity", "unit", "period", "starts_on", "ends_on")),
            (_("To whom"), ("project", "reach", "conditions")),
        ),
        rows={},
        initial_rows={},
        save=lambda form, _typed: enter(form),
        crumbs=trail((_("Home"), "/"), (capfirst(_("offers of scenarios and capacity")), reverse("offers")), title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        check=lambda form, _typed: check_offer(facts_of(form)),
    )
    return form_page(request, shown)
