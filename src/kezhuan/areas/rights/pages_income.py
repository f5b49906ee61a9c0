"""Pages of what is distributed, and each person's own: my share, my money."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.rights.distribution_lifecycle import KIND
from kezhuan.areas.rights.forms import COSTS
from kezhuan.areas.rights.measures import amount, column, figure, gets, in_shares, worded
from kezhuan.areas.rights.models import Distribution, Way
from kezhuan.areas.rights.pages import cited
from kezhuan.areas.rights.pages_relief import papers_table
from kezhuan.areas.rights.papers import percent
from kezhuan.areas.rights.permissions import keeps_income, keeps_money
from kezhuan.areas.rights.queries import (
    TOLD_OF_INCOME,
    agreement_behind,
    distributions_visible_to,
    parts_for,
    shares_for,
)
from kezhuan.areas.rights.relief import papers_of
from kezhuan.engines.money import yuan
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import language
from kezhuan.web import faces
from kezhuan.web.addresses import sign_in_first
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of, source_words
from kezhuan.web.records import record_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Distribution]:
    return list(distributions_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Distribution, words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("distribution of income"),
        meta=(row.achievement.code, worded(row.received_fen, row.held_shares)),
        snippet_html=snippet(words, row.record.summary),
        dated=(_day_label(row), row.received_on),
    )


def register_face() -> None:
    """How distributions stand in lists."""
    faces.register(KIND, faces.Face(_rows, _line, edit=edit_url, new=_new_button))


def edit_url(actor: Actor, row: Distribution) -> str:
    """Where the actor changes a draft."""
    may = row.record.stage == "draft" and keeps_money.test(actor, row)
    return reverse("distribution-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    return ButtonLink(_("Enter a receipt"), reverse("distribution-new"), primary=True) if keeps_income(actor) else None


@takes_a_list
def distribution_list(request: Request) -> HttpResponse:
    """The receipts of the reader's unit, and those of which the reader gets something."""
    new = _new_button(request.actor)
    others = ((Way.EQUITY, _("Put into a company")), (Way.PROFIT, _("Profit of a year")))
    more = [ButtonLink(label, f"{reverse('distribution-new')}?way={way}") for way, label in others]
    return list_page(
        request,
        title=capfirst(_("distributions of income")),
        kinds=(KIND,),
        facets=("stage",),
        buttons=[new, *more] if new is not None else [],
        lead=_("Read by your unit's administrators and finance, and by everybody who shares in it once it is proposed."
               " The bureau reads what you file, and nobody's name."),
        empty=_("No receipt is yours to read.") if request.actor.is_signed_in
        else _("Sign in to see what your organisation keeps inside."),
    )  # fmt: skip


@require_safe
def distribution_page(request: Request, code: str) -> HttpResponse:
    """One receipt: what it comes to with each figure's source, who gets what, and the papers for the tax relief."""
    actor = request.actor
    row = get_visible(actor, Distribution, code, related=TOLD_OF_INCOME)
    tongue = 0 if language() == "zh" else 1
    return record_page(
        request,
        row,
        "rights/distribution.html",
        facts=_facts(actor, row),
        figures=_figures(row, tongue),
        notes=[one[tongue] for one in row.result.get("notes", ())],
        people=_people(actor, row),
        papers=papers_table(papers_of(actor, row)) if row.result and row.way == Way.RECEIPT else None,
    )


def _day_label(row: Distribution) -> str:
    labels = {
        Way.RECEIPT: _("Day of receipt"),
        Way.EQUITY: _("Day of registration of the shares"),
        Way.PROFIT: _("Day on which the profit was established"),
    }
    return labels[Way(row.way)]


def _of_way(row: Distribution) -> list[Fact]:
    """What is distributed, and its measure."""
    if row.way == Way.EQUITY:
        return [
            Fact(_("Number of the registration of the shares"), row.reference),
            Fact(_("Company"), row.company),
            Fact(_("Value of the result in the company, in yuan"), yuan(row.received_fen)),
            Fact(_("Value of the company after the investment, in yuan"), amount(row.post_money_fen, None)),
            Fact(_("Shares of the company in all"), amount(None, row.total_shares)),
        ]
    if row.way == Way.PROFIT:
        return [
            Fact(_("Number of the year's accounts"), row.reference),
            Fact(_("In operation since"), day(row.started_on)),
            Fact(_("Year of production"), str(row.year_no)),
            Fact(_("Years that the unit set or agreed"), str(row.years or "")),
            Fact(_("Operating profit of the year, in yuan"), yuan(row.received_fen)),
        ]
    return [
        Fact(_("Number of the receipt's voucher"), row.reference),
        Fact(_("Received, in yuan"), yuan(row.received_fen)),
    ]


def _facts(actor: Actor, row: Distribution) -> list[Fact]:
    costs = [Fact(COSTS[kind], f"{yuan(fen)} {voucher}".strip()) for kind, fen, voucher in row.costs if kind in COSTS]
    return [
        faces.linked_fact(actor, _("Achievement"), row.achievement),
        faces.linked_fact(actor, _("Technology contract"), row.contract),
        faces.linked_fact(actor, _("Agreement"), agreement_behind(row)),
        faces.linked_fact(actor, _("Grant of rights"), row.grant.record if row.grant is not None else None),
        Fact(_("What is distributed"), row.get_way_display()),
        Fact(_day_label(row), day(row.received_on)),
        *_of_way(row),
        *costs,
        Fact(_("Decided by"), f"{row.minutes} {day(row.decided_on)}".strip()),
        Fact(_("Share for rewards that the unit set or agreed, in percent"), percent(row.agreed_bp)),
        faces.linked_fact(actor, _("Goes on from"), row.after.record if row.after is not None else None),
        Fact(_("Costs carried over, in yuan"), yuan(-row.carried_fen) if row.carried_fen else ""),
        Fact(_("To be paid by"), day(row.due_on)),
    ]


def _figures(row: Distribution, tongue: int) -> TableView | None:
    figures = row.result.get("figures", ())
    rows = tuple(
        (
            one["label"][tongue],
            figure(one),
            one["how"][tongue],
            source_words(one["rule"][3]) if one["rule"] else cited(one["clause"]),
        )
        for one in figures
    )
    columns = (Column(_("Figure")), Column(column(row), numeric=True), Column(_("How")), Column(_("Source")))
    return TableView(columns, rows, _("What it comes to")) if rows else None


def _people(actor: Actor, row: Distribution) -> TableView:
    pays = row.record.stage == "settled" and keeps_money.test(actor, row)
    done, enter = (
        (_("registered"), _("Enter the registration")) if in_shares(row) else (_("paid"), _("Enter the payment"))
    )

    def state(one: Any) -> Cell:
        if one.paid_on is not None:
            return Cell(one.voucher, tag=Tag(f"{done} {day(one.paid_on)}", "ok"))
        url = reverse("distribution-pay", args=[row.record.code, one.number]) if pays and gets(one) else ""
        return Cell(enter if url else "–", url)

    rows = tuple(
        (one.name, _role(one), str(one.weight), amount(one.fen, one.shares), state(one)) for one in row.members.all()
    )
    columns = (
        Column(_("Who")),
        Column(_("Takes part as")),
        Column(_("Weight"), numeric=True),
        Column(column(row), numeric=True),
        Column(_("Payout")),
    )
    return TableView(columns, rows, _("Everybody's share"))


def _role(one: Any) -> str:
    return f"{one.get_role_display()} {_('(head of the unit)')}" if one.head else one.get_role_display()


# -- my share, my money ------------------------------------------------------------------------------------------------


@require_safe
def my_share(request: Request) -> HttpResponseBase:
    """What the reader has a part in, and what they got and will get."""
    actor = request.actor
    if not actor.is_signed_in:
        return sign_in_first(request)
    shares = list(shares_for(actor))
    paid = sum(one.fen or 0 for one in shares if one.paid_on is not None)
    equity = [one for one in shares if one.shares]
    mine = sum(one.shares or 0 for one in equity if one.paid_on is not None)
    coming = sum(one.shares or 0 for one in equity) - mine
    title = _("My share, my money")
    return page(
        request,
        "rights/mine.html",
        title=title,
        crumbs=trail((_("Home"), "/"), title),
        facts=[
            Fact(_("Paid, in yuan"), yuan(paid)),
            Fact(_("To come, in yuan"), yuan(sum(one.fen or 0 for one in shares) - paid)),
            Fact(_("Shares of companies registered as mine"), f"{mine:,}" if equity else ""),
            Fact(_("Shares of companies to come"), f"{coming:,}" if equity else ""),
        ],
        parts=_my_parts(actor),
        shares=_my_shares(actor, shares),
    )


def _achievement(actor: Actor, record: Record) -> str:
    return name_of(record) if can_view(actor, record) else record.code


def _my_parts(actor: Actor) -> TableView:
    rows = tuple(
        (
            Cell(one.grant.record.code, faces.url_of(one.grant.record)),
            _achievement(actor, one.grant.achievement),
            one.grant.get_kind_display(),
            percent(one.grant.share_bp),
            percent(one.part_bp),
            Cell("", tag=faces.stage_tag(one.grant.record)),
        )
        for one in parts_for(actor)
    )
    names = (
        _("Grant of rights"),
        _("Achievement"),
        _("Kind of grant"),
        _("Share of ownership"),
        _("Part of the team's"),
    )
    return TableView((*(Column(one) for one in names), Column(_("State"))), rows, _("My share"))


def _my_state(one: Any) -> Cell:
    if one.paid_on:
        return Cell("", tag=Tag(f"{_('paid')} {day(one.paid_on)}", "ok"))
    if one.distribution.record.stage in {"settled", "closed"} and not gets(one):
        return Cell("", tag=Tag(_("nothing to pay"), "neutral"))
    return Cell("", tag=faces.stage_tag(one.distribution.record))


def _my_shares(actor: Actor, shares: Sequence[Any]) -> TableView:
    rows = tuple(
        (
            Cell(one.distribution.record.code, faces.url_of(one.distribution.record)),
            yuan(one.fen or 0) if one.shares is None else worded(None, one.shares),
            _my_state(one),
            _achievement(actor, one.distribution.achievement)
            + (f" · {company}" if (company := one.distribution.company) else ""),
            day(one.distribution.received_on),
            one.get_role_display(),
            day(one.distribution.due_on),
        )
        for one in shares
    )
    columns = (
        Column(_("Receipt")),
        Column(_("Yuan"), numeric=True),
        Column(_("State")),
        Column(_("Achievement")),
        Column(_("Day of receipt")),
        Column(_("Takes part as")),
        Column(_("To be paid by")),
    )
    return TableView(columns, rows, _("My money"))
