"""Pages on which officers put together the list of a call: needs, directions and fields."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.actions import listable_need, put_on_list, take_off_list
from kezhuan.areas.calls.collecting_actions import collect_needs, fitting, list_collected
from kezhuan.areas.calls.forms_list import CollectedForm, ItemForm, ListingForm, PlaceForm
from kezhuan.areas.calls.models import Call
from kezhuan.areas.calls.place_actions import change_place, put_place
from kezhuan.areas.calls.queries import item_of
from kezhuan.kernel.access import get_visible, is_officer
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.text import clean
from kezhuan.web import faces
from kezhuan.web.components import Crumb
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import action_page, confirm_page, entry_page, expected_version
from kezhuan.web.shell import trail

ANY = ["GET", "HEAD", "POST"]


def call_crumbs(row: Call, title: str) -> tuple[Crumb, ...]:
    """The way to a page of a call."""
    calls = (capfirst(_("calls")), reverse("calls"))
    return tuple(trail((_("Home"), "/"), calls, (row.record.code, faces.url_of(row.record)), title))


def prepared(request: Request, code: str) -> Call:
    """A call that the reader prepares; raises `NotAllowed` for anybody else, and after it was published."""
    row = get_visible(request.actor, Call, code)
    must_allow(
        is_officer,
        request.actor,
        row,
        _("A call is changed by the officers in charge, before it is published."),
        stages={"draft"},
    )
    return row


@require_http_methods(ANY)
def item_new(request: Request, code: str) -> HttpResponseBase:
    """Put a need on the list."""
    row = prepared(request, code)
    back, title = faces.url_of(row.record), _("Put a need on the list")

    def act(form: ItemForm) -> str:
        typed = form.cleaned_data
        need = listable_need(request.actor, clean(typed["need"]))
        put_on_list(
            actor=request.actor, call=row, need=need, fiscal_fen=typed["fiscal"], months=typed["months"],
            winners=typed["winners"],
        )  # fmt: skip
        return back

    return action_page(
        request,
        lambda posted, _files: ItemForm(posted, initial={"need": request.GET.get("need", "")[:30], "winners": 1}),
        act,
        title=title,
        intro=_("It stands there in the words it has now: title, problem and indicators."),
        submit_label=_("Put it on the list"),
        back=back,
        done=_("The need stands on the list."),
        crumbs=call_crumbs(row, title),
    )


@require_http_methods(ANY)
def call_collected(request: Request, code: str) -> HttpResponseBase:
    """Say which needs came in for a call."""
    row = prepared(request, code)
    back, title = faces.url_of(row.record), _("Needs that came in")
    held = tuple(row.collected.order_by("pk").values_list("code", flat=True))

    def act(form: CollectedForm) -> str:
        collect_needs(actor=request.actor, call=row, codes=form.cleaned_data["codes"] or ())
        return reverse("call-list-collected", args=[code])

    return action_page(
        request,
        lambda posted, _files: CollectedForm(posted, initial={"codes": held}),
        act,
        title=title,
        intro=_("All of them are counted; next, those that fit are put on the list at once."),
        submit_label=_("Keep and go on"),
        back=back,
        done=_("The needs that came in are kept."),
        crumbs=call_crumbs(row, title),
    )


@require_http_methods(ANY)
def call_list_collected(request: Request, code: str) -> HttpResponseBase:
    """Put all collected needs that fit on the list."""
    row = prepared(request, code)
    back, title = faces.url_of(row.record), _("Put those that fit on the list")
    numbers = {"all": row.collected.count(), "fit": len(fitting(request.actor, row)), "there": row.items.count()}

    def act(form: ListingForm) -> str:
        typed = form.cleaned_data
        list_collected(actor=request.actor, call=row, fiscal_fen=typed["fiscal"], months=typed["months"])
        return back

    return action_page(
        request,
        lambda posted, _files: ListingForm(posted),
        act,
        title=title,
        intro=_("%(all)s came in, %(there)s stand on the list; of the others %(fit)s are published, open to everybody,"
                " and have value, unit and test method for each indicator.") % numbers,
        submit_label=title,
        back=back,
        done=_("They stand on the list."),
        crumbs=call_crumbs(row, title),
    )  # fmt: skip


@require_http_methods(ANY)
def place_new(request: Request, code: str) -> HttpResponseBase:
    """Put a direction or field on the list."""
    row = prepared(request, code)

    def act(form: PlaceForm) -> None:
        put_place(actor=request.actor, call=row, place=form.place)

    return _place_page(request, row, act, title=_("Put a direction or field on the list"), start={"winners": 1})


@require_http_methods(ANY)
def place_edit(request: Request, code: str, number: int) -> HttpResponseBase:
    """Change a direction or field of the list."""
    row = prepared(request, code)
    item = item_of(row, number)
    if item is None or item.need_id is not None:
        raise Missing(code)
    version = row.record.version

    def act(form: PlaceForm) -> None:
        expected = expected_version(request, version)
        change_place(actor=request.actor, call=row, number=number, place=form.place, expected_version=expected)

    start = {name: getattr(item, name) for name in ("title", "problem", "field", "months", "winners")}
    start["fiscal"] = item.fiscal_fen
    title = _("Change the direction or field")
    return _place_page(request, row, act, title=title, start=start, carried=[("version", str(version))])


def _place_page(
    request: Request,
    row: Call,
    act: Callable[[PlaceForm], None],
    *,
    title: str,
    start: dict[str, Any],
    carried: Sequence[tuple[str, str]] = (),
) -> HttpResponseBase:
    return entry_page(
        request,
        row,
        lambda posted, _files: PlaceForm(posted, initial=start),
        act,
        title=title,
        intro=_("No firm poses it: whoever applies answers what the call asks, and no indicators."),
        submit_label=_("Keep it on the list"),
        done=_("It stands on the list."),
        carried=carried,
    )


@require_http_methods(ANY)
def item_remove(request: Request, code: str, number: int) -> HttpResponseBase:
    """Take an item off the list."""
    row = prepared(request, code)
    item = item_of(row, number)
    if item is None:
        raise Missing(code)
    title = _("Take it off the list")
    sentence = _("Take “%(title)s” off the list? The need itself stays as it is.")
    if item.need_id is None:
        sentence = _("Take “%(title)s” off the list?")

    def act() -> None:
        take_off_list(actor=request.actor, call=row, number=number)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=sentence % {"title": item.title},
        submit_label=title,
        back=faces.url_of(row.record),
        crumbs=call_crumbs(row, title),
        done=_("The item is off the list."),
    )
