"""Pages on which the ledger is kept: the overview, what is entered all at once, fees, equity, offers, stock-takes."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
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
from kezhuan.areas.ledger.pages import ANY, ledger_crumbs, status_tag
from kezhuan.areas.ledger.queries import (
    IDLE,
    TOLD,
    alert_rule,
    at_status,
    companies_of,
    counted,
    missing_achievements,
    not_taken,
    own_entries,
    upkeep_due,
)
from kezhuan.areas.notices.forms import upload_of
from kezhuan.areas.rights.permissions import keeps_income, keeps_money
from kezhuan.engines.days import months_after
from kezhuan.engines.money import yuan
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import today
from kezhuan.web import exports, faces
from kezhuan.web.components import ButtonLink, Cell, Column, TableView, Tag
from kezhuan.web.lists import SIZE, pager_at, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import action_page, confirm_page, entry_page
from kezhuan.web.records import record_trail
from kezhuan.web.shell import page
from kezhuan.web.templatetags.kezhuan import day

MOST_FEES = 50


def _require_keeper(request: Request) -> None:
    if not keeps_income(request.actor):
        raise actions.not_allowed()


@takes_a_list
def ledger_overview(request: Request) -> HttpResponse:
    """The ledger of the unit in figures: how much stands at each status, what is idle for how long, which fees come
    near, and of what no stock was taken this year. The entries of one status can be taken along."""
    _require_keeper(request)
    actor, entries = request.actor, own_entries(request.actor)
    chosen = request.GET.get("status", ConversionStatus.IDLE)
    chosen = chosen if chosen in ConversionStatus.values else str(ConversionStatus.IDLE)
    label, title = ConversionStatus(chosen).label, _("Overview of the ledger")
    rows = at_status(entries, chosen)
    if exports.asks_for_file(request):
        table = _table(request, list(rows), str(label))
        return exports.shown_file(request, table, name=f"ledger-{chosen}", title=f"{title} {label}")
    total = rows.count()
    at = max(1, min(whole_number(request.GET.get("page", ""), 1), -(-total // SIZE)))
    place = actor.organisation.region if actor.organisation is not None else ""
    rule = alert_rule(place)
    alert = int(rule.value) if rule is not None else 0
    kept = entries.filter(record__stage="kept")
    return page(
        request,
        "ledger/overview.html",
        title=title,
        crumbs=ledger_crumbs(title),
        buttons=_buttons(request),
        missing=missing_achievements(actor).count(),
        counts=_counts(counted(entries)),
        alert=alert,
        fees=_fees(entries, alert),
        year=today().year,
        left=not_taken(entries, today().year).count(),
        kept=kept.count(),
        table=_table(request, list(rows[(at - 1) * SIZE : at * SIZE]), str(label)),
        pager=pager_at(request.GET, at, SIZE, total),
        endings=tuple(exports.MEDIA) if total else (),
    )


def _buttons(request: Request) -> list[ButtonLink]:
    found = []
    if missing_achievements(request.actor).exists():
        found.append(ButtonLink(_("Enter what is missing"), reverse("ledger-fill"), primary=True))
    return [
        *found,
        ButtonLink(_("Take stock"), reverse("ledger-stock-take")),
        ButtonLink(_("Asset company"), reverse("ledger-company")),
    ]


def _counts(found: dict[str, int]) -> TableView:
    address = reverse("ledger-overview")
    rows = tuple(
        (Cell(str(ConversionStatus(status).label), f"{address}?status={status}"), f"{number:,}")
        for status, number in found.items()
    )
    return TableView((Column(_("Status of conversion")), Column(_("Entries"), numeric=True)), rows, _("By status"))


def _fees(entries: Any, alert: int) -> TableView | None:
    rows = tuple(
        (
            Cell(one.entry.record.code, faces.url_of(one.entry.record)),
            one.what,
            yuan(one.fen),
            Cell(day(one.due_on), tag=Tag(_("overdue"), "no") if one.due_on < today() else None),
        )
        for one in upkeep_due(entries, alert)[:MOST_FEES]
    )
    columns = (Column(_("Ledger number")), Column(_("Fee")), Column(_("Yuan"), numeric=True), Column(_("Fee due on")))
    return TableView(columns, rows) if rows else None


def _table(request: Request, rows: list[LedgerEntry], caption: str) -> TableView:
    """Entries of one status, the longest there first; what is idle beyond the rule value of the place is marked."""
    unit = request.actor.organisation
    rule = rule_or_none(IDLE, on=today(), jurisdiction=unit.region if unit is not None else "")

    def since(row: LedgerEntry) -> Cell:
        over = rule is not None and row.status == ConversionStatus.IDLE
        long = over and rule is not None and months_after(row.since, int(rule.value)) < today()
        return Cell(day(row.since), tag=Tag(_("idle for long"), "wait") if long else None)

    lines = tuple(
        (
            Cell(row.record.code, faces.url_of(row.record)),
            name_of(row.record),
            Cell("", tag=status_tag(row.status)),
            since(row),
            f"{(today() - row.since).days:,}",
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
        Column(_("Where it comes from")),
        Column(_("Value in the books, in yuan"), numeric=True),
    )
    return TableView(columns, lines, caption)


@require_http_methods(ANY)
def ledger_fill(request: Request) -> HttpResponseBase:
    """Enter every achievement of the unit that stands in no ledger yet."""
    _require_keeper(request)
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
    _require_keeper(request)
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
    _require_keeper(request)
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
