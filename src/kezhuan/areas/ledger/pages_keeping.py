"""Pages on which the ledger is kept: what is entered all at once, fees, equity, offers, stock-takes."""

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kezhuan.areas.ledger import actions
from kezhuan.areas.ledger.equity_actions import add_equity, exit_equity, name_company
from kezhuan.areas.ledger.forms import (
    CompanyForm,
    EquityForm,
    ExitForm,
    OfferForm,
    PaidForm,
    StockTakeForm,
    UpkeepForm,
)
from kezhuan.areas.ledger.models import ConversionStatus, LedgerEntry, StocktakeOutcome
from kezhuan.areas.ledger.pages import ANY, ledger_crumbs
from kezhuan.areas.ledger.queries import (
    TOLD,
    companies_of,
    missing_achievements,
    not_taken,
    own_entries,
)
from kezhuan.areas.notices.forms import upload_of
from kezhuan.areas.rights.permissions import keeps_income, keeps_money
from kezhuan.engines.money import yuan
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing, NotNow
from kezhuan.kernel.text import today
from kezhuan.web import faces
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import action_page, confirm_page, entry_page
from kezhuan.web.records import record_trail


def require_keeper(request: Request) -> None:
    """Raise `NotAllowed` for whoever does not keep the ledger of their unit."""
    if not keeps_income(request.actor):
        raise actions.not_allowed()


@require_http_methods(ANY)
def ledger_fill(request: Request) -> HttpResponseBase:
    """Enter every achievement of the unit that stands in no ledger yet."""
    require_keeper(request)
    number, title = missing_achievements(request.actor).count(), _("Enter what is missing")
    most = min(number, actions.MOST_AT_ONCE)
    sentence = ngettext(
        "%(most)s achievement is entered. Say of it afterwards where it comes from.",
        "%(most)s achievements are entered. Say of them afterwards where they come from.",
        most,
    ) % {"most": most}

    def act() -> None:
        actions.enter_missing(actor=request.actor)

    back = reverse("ledger-overview")
    return confirm_page(
        request, act, title=title, sentence=sentence, submit_label=title, back=back, crumbs=ledger_crumbs(title),
        done=_("Saved."), grave=False,
    )  # fmt: skip


@require_http_methods(ANY)
def ledger_stock_take(request: Request) -> HttpResponseBase:
    """Note what this year's stock-take found of entries that nobody has looked at yet."""
    require_keeper(request)
    rows = not_taken(own_entries(request.actor), today().year).order_by("pk")[: actions.MOST_AT_ONCE]
    entries = [
        (one.record.code, f"{one.record.code} {one.record.title} · {ConversionStatus(one.status).label}")
        for one in rows
    ]
    back, title = reverse("ledger-overview"), _("Stock-take of %(year)s") % {"year": today().year}

    def act(form: StockTakeForm) -> str:
        actions.take_stock(actor=request.actor, **form.cleaned_data)
        return back

    return action_page(
        request,
        lambda posted, _files: StockTakeForm(posted, initial={"outcome": StocktakeOutcome.AGREES}, entries=entries),
        act,
        title=title,
        intro=_("Tick what you have looked at; what you leave stays to be looked at. Each entry once a year.")
        if entries
        else _("Of every entry the stock was taken this year."),
        submit_label=_("Save"),
        back=back,
        crumbs=ledger_crumbs(title),
        done=_("Saved."),
    )


@require_http_methods(ANY)
def ledger_company(request: Request) -> HttpResponseBase:
    """Name the company that holds equity for the unit."""
    require_keeper(request)
    back, title = reverse("ledger-overview"), _("Asset company")
    unit = request.actor.organisation
    named = [f"{one.name} {one.code}" for one in companies_of(unit.pk if unit is not None else None)]

    def act(form: CompanyForm) -> str:
        name_company(actor=request.actor, **form.cleaned_data)
        return back

    return action_page(
        request,
        lambda posted, _files: CompanyForm(posted),
        act,
        title=title,
        intro=_("Named so far: %(names)s.") % {"names": "；".join(named)}
        if named
        else _("Equity is held by the unit itself or by this company (资产经营公司), and by nobody else."),
        submit_label=_("Save"),
        back=back,
        crumbs=ledger_crumbs(title),
        done=_("Saved."),
    )


# -- about one entry ---------------------------------------------------------------------------------------------------


def _found(request: Request, code: str) -> LedgerEntry:
    row = get_visible(request.actor, LedgerEntry, code, related=TOLD)
    must_allow(keeps_money, request.actor, row, stages={"kept"})
    return row


@require_http_methods(ANY)
def ledger_fee(request: Request, code: str) -> HttpResponseBase:
    """Enter a fee."""
    row = _found(request, code)
    return entry_page(
        request,
        row,
        lambda posted, _files: UpkeepForm(posted),
        lambda form: actions.add_upkeep(
            actor=request.actor,
            row=row,
            what=form.cleaned_data["what"],
            fen=form.cleaned_data["amount"],
            due_on=form.cleaned_data["due_on"],
        ),
        title=_("Enter a fee"),
    )


@require_http_methods(ANY)
def ledger_pay(request: Request, code: str, number: int) -> HttpResponseBase:
    """Enter that a fee was paid."""
    row = _found(request, code)
    fee = row.upkeep.filter(number=number).first()
    if fee is None:
        raise Missing(str(number))
    if request.method != "POST" and fee.paid_on is not None:
        raise NotNow(_("This fee was paid before."), row.record)
    return entry_page(
        request,
        row,
        lambda posted, _files: PaidForm(posted, initial={"on": today()}),
        lambda form: actions.pay_upkeep(actor=request.actor, row=row, number=number, **form.cleaned_data),
        title=_("Enter the payment of %(fee)s") % {"fee": fee.what},
        intro=_("%(yuan)s yuan") % {"yuan": yuan(fee.fen)},
    )


@require_http_methods(ANY)
def ledger_drop(request: Request, code: str, number: int) -> HttpResponseBase:
    """Take out a fee that nobody has to pay."""
    row = _found(request, code)
    fee = row.upkeep.filter(number=number).first()
    if fee is None:
        raise Missing(str(number))
    back, title = faces.url_of(row.record), _("Take out a fee")

    def act() -> None:
        actions.drop_upkeep(actor=request.actor, row=row, number=number)

    return confirm_page(
        request, act, title=title, sentence=fee.what, submit_label=title, back=back,
        crumbs=record_trail(row.record, title), done=_("Saved."),
    )  # fmt: skip


@require_http_methods(ANY)
def ledger_equity(request: Request, code: str) -> HttpResponseBase:
    """Enter equity that was got for the achievement."""
    row = _found(request, code)
    return entry_page(
        request,
        row,
        lambda posted, _files: EquityForm(posted, row=row),
        lambda form: add_equity(actor=request.actor, row=row, facts=form.facts),
        title=_("Enter equity"),
    )


@require_http_methods(ANY)
def ledger_exit(request: Request, code: str, number: int) -> HttpResponseBase:
    """Enter that a share was given up."""
    row = _found(request, code)
    equity = row.equity.filter(number=number).first()
    if equity is None:
        raise Missing(str(number))
    return entry_page(
        request,
        row,
        lambda posted, files: ExitForm(posted, files, initial={"on": today()}),
        lambda form: exit_equity(
            actor=request.actor,
            row=row,
            number=number,
            on=form.cleaned_data["on"],
            proceeds_fen=form.cleaned_data["proceeds"],
            decision=form.cleaned_data["decision"],
            proof=upload_of(form),
        ),
        title=_("Give up the share of %(company)s") % {"company": equity.company},
        intro=_("It cost %(yuan)s yuan.") % {"yuan": yuan(equity.cost_fen)},
        multipart=True,
    )


@require_http_methods(ANY)
def ledger_offer(request: Request, code: str) -> HttpResponseBase:
    """Enter that the achievement was offered to its completers before it is given up."""
    row = _found(request, code)
    start = {"on": row.offered_on or today(), "answer": row.offered}
    return entry_page(
        request,
        row,
        lambda posted, _files: OfferForm(posted, initial=start),
        lambda form: actions.note_offer(actor=request.actor, row=row, **form.cleaned_data),
        title=_("Enter the offer to the completers"),
        intro=_("Before an achievement is given up its completers may take it over; then a meeting decides."),
    )
