"""Pages of bookings: asked for, answered, taken back, their use noted; and the log of use of all offers."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.chains.actions import answer_booking, book, cancel_booking, cancels, log_use
from kezhuan.areas.chains.forms import BookingAnswerForm, BookingForm, ReasonForm, UseForm
from kezhuan.areas.chains.models import Booking, Offer
from kezhuan.areas.chains.pages import ANY, capacity_words
from kezhuan.areas.chains.permissions import may_book
from kezhuan.areas.chains.queries import TOLD, bookings_seen, uses_seen
from kezhuan.areas.chains.sheets import of_uses
from kezhuan.kernel.access import get_visible, represents_owner
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing, NotAllowed
from kezhuan.web import exports, faces
from kezhuan.web.components import Cell, Column, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import entry_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day

SHOWN = 200


def _told(row: Offer) -> str:
    return f"{row.record.code} {name_of(row.record)} · {capacity_words(row)}"


def _answered(request: Request, code: str, number: int) -> tuple[Offer, Booking]:
    """The booking, for whoever offers."""
    row, one = _found(request, code, number)
    if not represents_owner.test(request.actor, row):
        raise NotAllowed(_("Only the organisation that offers it answers."))
    return row, one


def _found(request: Request, code: str, number: int) -> tuple[Offer, Booking]:
    row = get_visible(request.actor, Offer, code, related=TOLD)
    one = bookings_seen(request.actor, row).filter(number=number).first()
    if one is None:
        raise Missing(str(number))
    return row, one


def _asked(one: Booking) -> str:
    days = f"{day(one.from_on)} – {day(one.to_on)}"
    return f"{name_of(one.organisation.record)} · {days} · {one.amount} · {one.purpose}"


@require_http_methods(ANY)
def offer_book(request: Request, code: str) -> HttpResponseBase:
    """Ask for a part of an offer."""
    row = get_visible(request.actor, Offer, code, related=TOLD)
    otherwise = _("An open offer is booked by another organisation to which it is open.")
    must_allow(may_book, request.actor, row, otherwise)
    return entry_page(
        request,
        row,
        lambda posted, _files: BookingForm(posted, actor=request.actor),
        lambda form: book(actor=request.actor, offer=row, facts=form.facts),
        title=_("Book"),
        intro=_told(row),
        submit_label=_("Ask for it"),
        done=_("Asked for. The organisation that offers it answers."),
    )


@require_http_methods(ANY)
def booking_answer(request: Request, code: str, number: int) -> HttpResponseBase:
    """Confirm or refuse a booking."""
    row, one = _answered(request, code, number)

    def act(form: Any) -> object:
        typed = form.cleaned_data
        confirms = typed["confirms"] == "yes"
        return answer_booking(actor=request.actor, offer=row, number=number, confirms=confirms, reason=typed["reason"])

    return entry_page(
        request,
        row,
        lambda posted, _files: BookingAnswerForm(posted),
        act,
        title=_("Answer the booking"),
        intro=_asked(one),
        submit_label=_("Answer"),
    )


@require_http_methods(ANY)
def booking_cancel(request: Request, code: str, number: int) -> HttpResponseBase:
    """Take a booking back."""
    row, one = _found(request, code, number)
    if not cancels(request.actor, row, one):
        raise NotAllowed(_("A booking is taken back by the organisation that booked, or the one that offers."))
    return entry_page(
        request,
        row,
        lambda posted, _files: ReasonForm(posted),
        lambda form: cancel_booking(actor=request.actor, offer=row, number=number, **form.cleaned_data),
        title=_("Take the booking back"),
        intro=_asked(one),
        submit_label=_("Take back"),
    )


@require_http_methods(ANY)
def booking_use(request: Request, code: str, number: int) -> HttpResponseBase:
    """Note one use of a confirmed booking."""
    row, one = _answered(request, code, number)
    return entry_page(
        request,
        row,
        lambda posted, _files: UseForm(posted),
        lambda form: log_use(actor=request.actor, offer=row, number=number, **form.cleaned_data),
        title=_("Note a use"),
        intro=f"{_asked(one)} · {row.get_unit_display()}",
    )


@takes_a_list
def offer_uses(request: Request) -> HttpResponse:
    """The log of use of all offers that the reader may see: who used what, for how long, with what result."""
    if not request.actor.is_signed_in:
        raise NotAllowed
    wants_file = exports.asks_for_file(request)
    found = list(uses_seen(request.actor)[: exports.MOST_LINES + 1 if wants_file else SHOWN])
    title = _("Log of use of scenarios, proof of concept and pilot capacity")
    if wants_file:
        return exports.table_file(request, *of_uses(found), name="offer-uses", title=title)
    rows = tuple(
        (
            day(one.on),
            Cell(f"{offer.record.code} {name_of(offer.record)}", faces.url_of(offer.record)),
            offer.get_sort_display(),
            name_of(booking.organisation.record),
            booking.project.record.code if booking.project is not None else booking.team,
            f"{one.quantity.normalize():f} {offer.get_unit_display()}",
            one.result,
        )
        for one, booking, offer in ((one, one.booking, one.booking.offer) for one in found)
    )
    heads = (
        _("Day"), _("Offer"), _("Kind"), _("Used by"), _("Project or team"), _("How much was used"),
        _("What came of it"),
    )  # fmt: skip
    offers = (capfirst(_("offers of scenarios and capacity")), reverse("offers"))
    return page(
        request,
        "chains/uses.html",
        title=title,
        crumbs=trail((_("Home"), "/"), offers, title),
        table=TableView(tuple(map(Column, heads)), rows),
        most=SHOWN if len(rows) >= SHOWN else 0,
        endings=tuple(exports.MEDIA) if rows else (),
    )
