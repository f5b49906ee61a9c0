"""Pages of prices: the list, one price, drafting and changing it, and what happens to it afterwards."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.achievements.queries import unit_achievements
from kezhuan.areas.evaluations.papers import cited
from kezhuan.areas.evaluations.queries import report_on
from kezhuan.areas.notices.forms import upload_of
from kezhuan.areas.prices import actions
from kezhuan.areas.prices.actions import check_facts, draft_price, edit_price, not_allowed
from kezhuan.areas.prices.forms import (
    Bids,
    ConfirmationForm,
    ContractForm,
    DealForm,
    OpenForm,
    Payments,
    PriceForm,
    QuoteForm,
    deal_of,
    facts_of,
    initial_of,
    payments_of,
)
from kezhuan.areas.prices.lifecycle import KIND
from kezhuan.areas.prices.models import Price, PriceBasis, PriceWay
from kezhuan.areas.prices.permissions import is_agreed, settles_price
from kezhuan.areas.prices.queries import TOLD, channels_lacking, prices_visible_to
from kezhuan.areas.rights.permissions import keeps_income, keeps_money
from kezhuan.engines.money import yuan
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing, NotNow
from kezhuan.kernel.predicates import Predicate
from kezhuan.kernel.text import listed, today
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, entry_page, expected_version, form_page
from kezhuan.web.records import record_page, record_trail
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Price]:
    return list(prices_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Price, words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("price"),
        tags=(faces.stage_tag(row.record), Tag(row.get_way_display()), *_related(row)),
        meta=(row.achievement.code, _("%(yuan)s yuan") % {"yuan": yuan(row.final_fen or row.asked_fen)}),
        snippet_html=snippet(words, row.record.summary),
        dated=(_("Day of the deal"), row.deal_on),
    )


def _related(row: Price) -> tuple[Tag, ...]:
    return (Tag(_("related buyer"), "wait"),) if row.related else ()


def register_face() -> None:
    """How prices stand in lists."""
    faces.register(KIND, faces.Face(_rows, _line, edit=_edit_url, new=_new_button, elsewhere=_elsewhere))


_DEAL = ("deal_no", "final", "bids", "buyer", "relation", "related", "payments")
"""What is entered with the deal of a place, by the fields of its problems."""


def _elsewhere(actor: Actor, row: Price) -> dict[str, str]:
    """Where what keeps a price from its next step is entered, once it was decided."""
    code, stage, pages = [row.record.code], row.record.stage, dict[str, str]()
    if not settles_price.test(actor, row):
        return {}
    if stage == "decided" and row.way != PriceWay.AGREEMENT:
        pages = dict.fromkeys(_DEAL, "price-deal") | ({"file": "price-confirmation"} if row.deal_no else {})
    elif stage == "fixed":
        pages = {"contract": "price-contract"}
    return {field: reverse(page, args=code) for field, page in pages.items()}


def _edit_url(actor: Actor, row: Price) -> str:
    may = row.record.stage == "draft" and keeps_money.test(actor, row)
    return reverse("price-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    return ButtonLink(_("Find a price"), reverse("price-new"), primary=True) if keeps_income(actor) else None


@takes_a_list
def price_list(request: Request) -> HttpResponse:
    """The prices of the reader's unit."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("prices")),
        kinds=(KIND,),
        facets=("sort", "stage"),
        buttons=[new] if new is not None else [],
        lead=_("Read by your unit's administrators and finance. The bureau reads what you file, and nothing else."),
        empty=_("No price is yours to read.") if request.actor.is_signed_in
        else _("Sign in to see what your organisation keeps inside."),
        labels={"sort": lambda value: str(PriceWay(value).label)},
    )  # fmt: skip


@require_safe
def price_page(request: Request, code: str) -> HttpResponse:
    """One price: how it was found, who buys, quotes, bids and payments."""
    actor = request.actor
    row = get_visible(actor, Price, code, related=TOLD)
    waits = row.wants_exemption and row.record.stage == "decided"
    return record_page(
        request,
        row,
        "prices/price.html",
        tags=(Tag(row.get_way_display()), *_related(row)),
        buttons=_buttons(actor, row),
        facts=_facts(actor, row),
        lacking=listed(channels_lacking(row)) if waits else "",
        quotes=_quotes(actor, row) if row.basis == PriceBasis.ENQUIRY else None,
        bids=_bids(row),
        payments=_payments(row),
    )


def _facts(actor: Actor, row: Price) -> list[Fact]:
    held = [
        Fact(_("Place that held it"), row.place),
        Fact(_("Number of the transaction"), row.deal_no),
        Fact(_("Day of the deal"), day(row.deal_on)),
        Fact(_("Sold for, in yuan"), yuan(row.final_fen) if row.final_fen is not None else ""),
    ]
    return [
        faces.linked_fact(actor, _("Achievement"), row.achievement),
        Fact(_("What is done with it"), row.get_mode_display()),
        Fact(_("Price, in yuan"), yuan(row.asked_fen)),
        Fact(_("On what it rests"), row.get_basis_display()),
        Fact(_("Deals compared, calculation, or number of the report"), row.basis_text),
        Fact(_("Buyer"), f"{row.buyer} {row.buyer_code}".strip()),
        Fact(_("How they are tied"), row.relation),
        Fact(_("The leader relies on the exemption"), _("yes") if row.wants_exemption else ""),
        *(held if row.way != PriceWay.AGREEMENT else []),
        faces.linked_fact(actor, _("Technology contract"), row.contract),
    ]


def _buttons(actor: Actor, row: Price) -> list[ButtonLink]:
    if not settles_price.test(actor, row):
        return []
    code, stage = [row.record.code], row.record.stage
    if stage == "draft" and row.basis == PriceBasis.ENQUIRY and not row.quotes.exclude(opened_on=None).exists():
        return [ButtonLink(_("Take a sealed quote"), reverse("price-quote", args=code))]
    if stage == "decided" and row.way != PriceWay.AGREEMENT:
        found = [ButtonLink(_("Enter the deal"), reverse("price-deal", args=code))]
        if row.deal_no:
            found.append(ButtonLink(_("Add the confirmation"), reverse("price-confirmation", args=code)))
        return found
    return [ButtonLink(_("Enter the contract"), reverse("price-contract", args=code))] if stage == "fixed" else []


def _quotes(actor: Actor, row: Price) -> TableView:
    may = row.record.stage == "draft" and settles_price.test(actor, row)

    def state(one: Any) -> Cell:
        if one.opened_on is not None:
            return Cell(yuan(one.fen), tag=Tag(f"{_('opened')} {day(one.opened_on)}", "ok"))
        url = reverse("price-open", args=[row.record.code, one.number]) if may else ""
        return Cell(_("Open the quote") if may else "", url, tag=Tag(_("sealed, not opened yet"), "wait"))

    rows = tuple((one.source, state(one), day(one.received_on), one.seal[:16] + "…") for one in row.quotes.all())
    columns = (Column(_("Who gives the quote")), Column(_("Price, in yuan")), Column(_("Taken on")), Column("SHA-256"))
    return TableView(columns, rows, _("Sealed quotes"))


def _bids(row: Price) -> TableView | None:
    rows = tuple((one.bidder, yuan(one.fen), day(one.on)) for one in row.bids.all())
    columns = (Column(_("Bidder")), Column(_("Yuan"), numeric=True), Column(_("On")))
    return TableView(columns, rows, _("Bids as the place delivered them")) if rows else None


def _payments(row: Price) -> TableView:
    rows = tuple((day(one.due_on), yuan(one.fen), one.trigger) for one in row.payments.all())
    columns = (Column(_("Payment due on")), Column(_("Yuan"), numeric=True), Column(_("What makes it due")))
    return TableView(columns, rows, _("Payments of the price"))


# -- drafting ----------------------------------------------------------------------------------------------------------


@require_http_methods(ANY)
def price_new(request: Request) -> HttpResponseBase:
    """Begin to find a price."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not keeps_income(actor):
        raise not_allowed()
    code = request.GET.get("achievement", "")
    about = unit_achievements(actor).filter(code=code).first()
    start = {"achievement": code, "title": about.title if about is not None else ""}
    if about is not None and (report := report_on(actor, about)) is not None:
        start["basis_text"] = cited(report)

    def enter(form: PriceForm, typed: Rows) -> Price:
        return draft_price(actor=actor, owner=owner, facts=facts_of(form, typed))

    return _form(request, _("Find a price"), enter, (start, {}), reverse("prices"))


@require_http_methods(ANY)
def price_edit(request: Request, code: str) -> HttpResponseBase:
    """Change a draft."""
    row = get_visible(request.actor, Price, code, related=TOLD)
    must_allow(_edit_url, request.actor, row)

    def enter(form: PriceForm, typed: Rows) -> Price:
        expected = expected_version(request, row.record.version)
        return edit_price(actor=request.actor, row=row, facts=facts_of(form, typed), expected_version=expected)

    return _form(request, _("Edit the price"), enter, initial_of(row), faces.url_of(row.record), row)


def _payment_rows() -> RowSet:
    return RowSet(Payments, _("Payments of the price"), _("Add a payment"), _("They sum to the price."))


def _form(
    request: Request,
    title: str,
    enter: Callable[[PriceForm, Rows], Price],
    start: tuple[dict[str, Any], dict[str, list[dict[str, Any]]]],
    back: str,
    row: Price | None = None,
) -> HttpResponse:
    fields, rows = start
    owner = request.actor.organisation
    shown = RecordForm(
        title=title,
        maker=lambda posted: PriceForm(posted, initial=fields, actor=request.actor, row=row),
        groups=(
            (_("What is priced"), ("achievement", "title", "mode", "summary")),
            (_("The price"), ("way", "asked", "basis", "basis_text")),
            (_("Buyer"), ("buyer", "buyer_code", "related", "relation", "wants_exemption")),
        ),
        rows={"payments": _payment_rows()},
        initial_rows=rows,
        save=enter,
        crumbs=trail((_("Home"), "/"), (capfirst(_("prices")), reverse("prices")), title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        check=lambda form, typed: check_facts(facts_of(form, typed), owner),
    )
    return form_page(request, shown)


# -- afterwards --------------------------------------------------------------------------------------------------------


def _found(request: Request, code: str, stage: str, may: Predicate = settles_price) -> Price:
    row = get_visible(request.actor, Price, code, related=TOLD)
    must_allow(may, request.actor, row, stages={stage})
    return row


@require_http_methods(ANY)
def price_quote(request: Request, code: str) -> HttpResponseBase:
    """Take a sealed quote."""
    row = _found(request, code, "draft")
    if request.method != "POST" and row.quotes.exclude(opened_on=None).exists():
        raise NotNow(_("The quotes were opened: no other is taken."), row.record)
    return entry_page(
        request,
        row,
        lambda posted, _files: QuoteForm(posted),
        lambda form: actions.take_quote(actor=request.actor, row=row, **form.cleaned_data),
        title=_("Take a sealed quote"),
        intro=_(
            "Ask for the SHA-256 of the file in which the quote stands, and for the file itself when all are opened."
        ),
    )


@require_http_methods(ANY)
def price_open(request: Request, code: str, number: int) -> HttpResponseBase:
    """Open a quote."""
    row = _found(request, code, "draft")
    quote = row.quotes.filter(number=number).first()
    if quote is None:
        raise Missing(str(number))
    if request.method != "POST" and quote.opened_on is not None:
        raise NotNow(_("This quote was opened before."), row.record)
    return entry_page(
        request,
        row,
        OpenForm,
        lambda form: actions.open_quote(
            actor=request.actor, row=row, number=number, fen=form.cleaned_data["amount"], file=upload_of(form)
        ),
        title=_("Open the quote of %(source)s") % {"source": quote.source},
        intro=_("Once one is opened no other is taken."),
        multipart=True,
    )


@require_http_methods(ANY)
def price_deal(request: Request, code: str) -> HttpResponseBase:
    """Enter what the place that held the listing or auction says."""
    row = _found(request, code, "decided", settles_price & ~is_agreed)
    title, back = _("Enter the deal"), faces.url_of(row.record)
    start = {name: getattr(row, name) for name in ("place", "deal_no", "buyer", "buyer_code", "related", "relation")}
    start |= {"deal_on": row.deal_on or today(), "final": row.final_fen}
    bids = [{"bidder": one.bidder, "amount": one.fen, "on": one.on} for one in row.bids.all()]

    def enter(form: DealForm, typed: Rows) -> Price:
        return actions.enter_deal(actor=request.actor, row=row, deal=deal_of(form, typed))

    shown = RecordForm(
        title=title,
        maker=lambda posted: DealForm(posted, initial=start),
        groups=(
            (_("The deal"), ("place", "deal_no", "deal_on", "final")),
            (_("Buyer"), ("buyer", "buyer_code", "related", "relation")),
        ),
        rows={
            "bids": RowSet(Bids, _("Bids as the place delivered them"), _("Add a bid")),
            "payments": _payment_rows(),
        },
        initial_rows={"bids": bids, "payments": payments_of(row)},
        save=enter,
        crumbs=record_trail(row.record, title),
        back=back,
        first=_("Save"),
    )
    return form_page(request, shown)


@require_http_methods(ANY)
def price_confirmation(request: Request, code: str) -> HttpResponseBase:
    """Add the confirmation of a deal."""
    row = _found(request, code, "decided")
    return entry_page(
        request,
        row,
        ConfirmationForm,
        lambda form: actions.keep_confirmation(actor=request.actor, row=row, file=upload_of(form)),
        title=_("Add the confirmation"),
        multipart=True,
    )


@require_http_methods(ANY)
def price_contract(request: Request, code: str) -> HttpResponseBase:
    """Enter the contract that was signed at the price."""
    row = _found(request, code, "fixed")
    return entry_page(
        request,
        row,
        lambda posted, _files: ContractForm(posted),
        lambda form: actions.note_contract(actor=request.actor, row=row, code=form.cleaned_data["contract"]),
        title=_("Enter the contract"),
    )
