"""Pages of the separate ledger: the list, one entry, and how an achievement is entered and described."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.ledger.actions import check_facts, edit_entry, enter_achievement, not_allowed
from kezhuan.areas.ledger.forms import EntryForm
from kezhuan.areas.ledger.lifecycle import KIND
from kezhuan.areas.ledger.models import AchievementOrigin, ConversionStatus, LedgerEntry, WorkStage
from kezhuan.areas.ledger.queries import TOLD, agreements_for, contracts_for, entries_visible_to
from kezhuan.areas.rights.permissions import keeps_income, keeps_money
from kezhuan.areas.rights.queries import grants_visible_to
from kezhuan.engines.money import percent, yuan
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day

ANY = ["GET", "HEAD", "POST"]
GOOD = frozenset({ConversionStatus.LICENSED, ConversionStatus.TRANSFERRED, ConversionStatus.INVESTED})


def status_tag(status: str) -> Tag:
    """A status of conversion as a list shows it."""
    return Tag(
        str(ConversionStatus(status).label),
        "ok" if status in GOOD else "wait" if status == ConversionStatus.IDLE else "neutral",
    )


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[LedgerEntry]:
    return list(entries_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: LedgerEntry, words: str) -> ResultLine:
    return faces.plain_line(
        row.record,
        kind_label=_("ledger entry"),
        tags=(faces.stage_tag(row.record), status_tag(row.status)),
        meta=tuple(filter(None, (row.achievement.code, row.get_origin_display()))),
        snippet_html=snippet(words, row.record.summary),
        dated=(_("At this status since"), row.since),
    )


def register_face() -> None:
    """How entries stand in lists."""
    faces.register(KIND, faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: LedgerEntry) -> str:
    may = row.record.stage == "kept" and keeps_money.test(actor, row)
    return reverse("ledger-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    if not keeps_income(actor):
        return None
    return ButtonLink(_("Enter an achievement"), reverse("ledger-new"), primary=True)


@takes_a_list
def ledger_list(request: Request) -> HttpResponse:
    """The ledger of the reader's unit."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("ledger entries")),
        kinds=(KIND,),
        facets=("sort", "stage"),
        buttons=[new, ButtonLink(_("Overview"), reverse("ledger-overview"))] if new is not None else [],
        lead=_("Each achievement once; its status follows from its contracts. Read by your unit's administrators and"
               " finance. The bureau reads what you file, and nothing else."),
        empty=_("No entry of a ledger is yours to read.") if request.actor.is_signed_in
        else _("Sign in to see what your organisation keeps inside."),
        labels={"sort": lambda value: str(AchievementOrigin(value).label) if value else ""},
    )  # fmt: skip


@require_safe
def ledger_entry(request: Request, code: str) -> HttpResponse:
    """One entry: its status and what it follows from, equity, fees, stock-takes."""
    actor = request.actor
    row = get_visible(actor, LedgerEntry, code, related=TOLD)
    return record_page(
        request,
        row,
        "ledger/entry.html",
        tags=(status_tag(row.status),),
        buttons=_buttons(actor, row),
        facts=_facts(actor, row),
        early_value=bool(row.recognised_fen) and row.work_stage == WorkStage.RESEARCH,
        grounds=_grounds(actor, row),
        equity=_equity(actor, row),
        upkeep=_upkeep(actor, row),
        taken=_taken(row),
    )


def _facts(actor: Actor, row: LedgerEntry) -> list[Fact]:
    rights = row.achievement.achievement.rights
    authorised = _("granted") if rights.filter(status="granted").exists() else _("not yet granted")
    return [
        faces.linked_fact(actor, _("Achievement"), row.achievement),
        Fact(_("Status of conversion"), str(ConversionStatus(row.status).label)),
        Fact(_("At this status since"), day(row.since)),
        Fact(_("Days idle"), f"{(today() - row.since).days:,}" if row.status == ConversionStatus.IDLE else ""),
        Fact(_("Title document (已授权/未授权)"), authorised),
        Fact(_("Where it comes from"), row.get_origin_display()),
        Fact(_("Stage of the work"), row.get_work_stage_display()),
        Fact(_("Value in the books, in yuan"), yuan(row.recognised_fen) if row.recognised_fen is not None else ""),
        Fact(_("Offered on"), day(row.offered_on)),
        Fact(_("What the completers answered"), row.offered),
    ]


def _buttons(actor: Actor, row: LedgerEntry) -> list[ButtonLink]:
    if row.record.stage != "kept" or not keeps_money.test(actor, row):
        return []
    code = [row.record.code]
    found = [
        ButtonLink(_("Enter a fee"), reverse("ledger-fee", args=code)),
        ButtonLink(_("Enter equity"), reverse("ledger-equity", args=code)),
    ]
    if row.status == ConversionStatus.IDLE:
        found.append(ButtonLink(_("Enter the offer to the completers"), reverse("ledger-offer", args=code)))
    return found


def _grounds(actor: Actor, row: LedgerEntry) -> TableView:
    """The contracts, agreements and grants from which the status follows; for who does not read them by name alone."""
    records = [*contracts_for(row)[:50], *agreements_for(row)[:50]]
    granted = grants_visible_to(actor).filter(achievement=row.achievement_id).exclude(record__phase="void")
    records += [one.record for one in granted.select_related("record__title_to").order_by("-pk")[:50]]
    rows = tuple(
        (
            Cell(one.code, faces.url_of(one) if can_view(actor, one) else ""),
            name_of(one) if can_view(actor, one) else one.title,
            Cell("", tag=faces.stage_tag(one)),
        )
        for one in records
    )
    columns = (Column(_("Platform code")), Column(_("Title")), Column(_("State")))
    return TableView(columns, rows, _("What the status follows from"))


def _equity(actor: Actor, row: LedgerEntry) -> TableView | None:
    may = row.record.stage == "kept" and keeps_money.test(actor, row)
    unit = row.record.owner

    def state(one: Any) -> Cell:
        if one.exited_on is not None:
            words = f"{yuan(one.proceeds_fen)} {one.decision}".strip()
            return Cell(words, tag=Tag(f"{_('given up')} {day(one.exited_on)}"))
        url = reverse("ledger-exit", args=[row.record.code, one.number]) if may else ""
        return Cell(_("Enter that it was given up") if may else "–", url)

    rows = tuple(
        (
            f"{one.company} {one.company_code}",
            percent(one.share_bp),
            one.holder.name if one.holder is not None else name_of(unit.record) if unit is not None else "",
            yuan(one.cost_fen),
            day(one.held_on),
            state(one),
        )
        for one in row.equity.select_related("holder")
    )
    columns = (
        Column(_("Company")),
        Column(_("Share held"), numeric=True),
        Column(_("Held by")),
        Column(_("Cost, in yuan"), numeric=True),
        Column(_("Share registered on")),
        Column(_("State")),
    )
    return TableView(columns, rows, _("Equity")) if rows else None


def _upkeep(actor: Actor, row: LedgerEntry) -> TableView:
    may = row.record.stage == "kept" and keeps_money.test(actor, row)

    def state(one: Any) -> Cell:
        if one.paid_on is not None:
            return Cell(one.voucher, tag=Tag(f"{_('paid')} {day(one.paid_on)}", "ok"))
        url = reverse("ledger-pay", args=[row.record.code, one.number]) if may else ""
        late = Tag(_("overdue"), "no") if one.due_on < today() else None
        return Cell(_("Enter that it was paid") if may else "–", url, tag=late)

    def drop(one: Any) -> Cell:
        open_one = may and one.paid_on is None
        url = reverse("ledger-drop", args=[row.record.code, one.number]) if open_one else ""
        return Cell(_("Take out") if open_one else "", url)

    fees = row.upkeep.all()
    rows = tuple((one.what, yuan(one.fen), day(one.due_on), state(one), drop(one)) for one in fees)
    columns = (
        Column(_("Fee")),
        Column(_("Yuan"), numeric=True),
        Column(_("Fee due on")),
        Column(_("Payment of the fee")),
        Column(""),
    )
    return TableView(columns, rows, _("Fees of upkeep (年费)"))


def _taken(row: LedgerEntry) -> TableView | None:
    taken = row.stock_takes.select_related("person__record")
    rows = tuple(
        (
            str(one.year),
            one.get_outcome_display(),
            one.note,
            name_of(one.person.record) if one.person is not None else "",
            day(one.on),
        )
        for one in taken
    )
    columns = (Column(_("Year")), Column(_("What it found")), Column(_("Note")), Column(_("By")), Column(_("On")))
    return TableView(columns, rows, _("Stock-takes")) if rows else None


# -- entering ----------------------------------------------------------------------------------------------------------


@require_http_methods(ANY)
def ledger_new(request: Request) -> HttpResponseBase:
    """Enter an achievement."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not keeps_income(actor):
        raise not_allowed()

    def save(form: EntryForm) -> LedgerEntry:
        return enter_achievement(actor=actor, owner=owner, facts=form.facts)

    start = {"achievement": request.GET.get("achievement", "")}
    return _form(request, _("Enter an achievement in the ledger"), save, start, reverse("ledger"))


@require_http_methods(ANY)
def ledger_edit(request: Request, code: str) -> HttpResponseBase:
    """Say where an achievement comes from, and what it is worth in the books."""
    row = get_visible(request.actor, LedgerEntry, code, related=TOLD)
    must_allow(_edit_url, request.actor, row)
    start = {
        "achievement": row.achievement.code,
        "origin": row.origin,
        "work_stage": row.work_stage,
        "recognised": row.recognised_fen,
        "summary": row.record.summary,
    }

    def save(form: EntryForm) -> LedgerEntry:
        expected = expected_version(request, row.record.version)
        return edit_entry(actor=request.actor, row=row, facts=form.facts, expected_version=expected)

    return _form(request, _("Edit the entry"), save, start, faces.url_of(row.record), row)


def _form(
    request: Request,
    title: str,
    enter: Callable[[EntryForm], LedgerEntry],
    start: dict[str, Any],
    back: str,
    row: LedgerEntry | None = None,
) -> HttpResponse:
    owner = request.actor.organisation
    about: Record | None = row.achievement if row is not None else None

    shown = RecordForm(
        title=title,
        maker=lambda posted: EntryForm(posted, initial=start, actor=request.actor, about=about),
        groups=((_("The achievement"), ("achievement", "origin", "work_stage", "recognised", "summary")),),
        rows={},
        initial_rows={},
        save=lambda form, _rows: enter(form),
        crumbs=ledger_crumbs(title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        first=_("Save"),
        check=lambda form, _rows: check_facts(form.facts, owner),
    )
    return form_page(request, shown)


def ledger_crumbs(*more: Any) -> Any:
    """The way to a page of the ledger."""
    return trail((_("Home"), "/"), (capfirst(_("ledger entries")), reverse("ledger")), *more)
