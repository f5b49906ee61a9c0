"""Pages of agreements: the list, one agreement with its versions, writing one, and what happens while it stands."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.agreements.actions import (
    EDITED,
    check_facts,
    draft_agreement,
    edit_agreement,
    note_invoice,
    note_payment,
    reach_milestone,
)
from kezhuan.areas.agreements.forms import (
    AgreementForm,
    InvoiceForm,
    Milestones,
    PaidForm,
    Payments,
    ReachedForm,
    facts_of,
    initial_of,
)
from kezhuan.areas.agreements.lifecycle import KIND, STANDING
from kezhuan.areas.agreements.models import Agreement, AgreementPayment, AgreementSort, AgreementVersion, Binding
from kezhuan.areas.agreements.pages_counting import counted_facts, counting_buttons
from kezhuan.areas.agreements.permissions import counts_money, keeps, keeps_papers
from kezhuan.areas.agreements.queries import TIES, TOLD, agreements_visible_to
from kezhuan.areas.agreements.terms import paid_fen, terms_of
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.text import today
from kezhuan.web import faces
from kezhuan.web.components import ButtonLink, Cell, Column, Fact, ResultLine, TableView, Tag
from kezhuan.web.lists import list_page, snippet, takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, entry_page, expected_version, form_page
from kezhuan.web.records import record_page
from kezhuan.web.shell import trail
from kezhuan.web.templatetags.kezhuan import day, wan

ANY = ["GET", "HEAD", "POST"]


def _rows(actor: Actor, ids: Sequence[int]) -> Sequence[Agreement]:
    return list(agreements_visible_to(actor).filter(pk__in=ids))


def _line(_actor: Actor, row: Agreement, words: str) -> ResultLine:
    owner = row.record.owner
    return faces.plain_line(
        row.record,
        kind_label=_("agreement"),
        tags=(faces.stage_tag(row.record), Tag(row.get_sort_display())),
        meta=tuple(filter(None, (name_of(owner.record) if owner is not None else "", row.party_name))),
        snippet_html=snippet(words, row.record.summary),
        on=row.record.opened_on,
    )


def register_face() -> None:
    """How agreements stand in lists."""
    faces.register(KIND, faces.Face(_rows, _line, edit=_edit_url, new=_new_button))


def _edit_url(actor: Actor, row: Agreement) -> str:
    may = row.record.stage in EDITED and keeps.test(actor, row)
    return reverse("agreement-edit", args=[row.record.code]) if may else ""


def _new_button(actor: Actor) -> ButtonLink | None:
    may = keeps_papers(actor) and not actor.is_officer
    return ButtonLink(_("Write an agreement"), reverse("agreement-new"), primary=True) if may else None


@takes_a_list
def agreement_list(request: Request) -> HttpResponse:
    """The agreements of the reader's organisation, on either side."""
    new = _new_button(request.actor)
    return list_page(
        request,
        title=capfirst(_("agreements")),
        kinds=(KIND,),
        facets=("sort", "stage"),
        buttons=[new] if new is not None else [],
        lead=_("Read by the administrators, the legal office and finance of the two sides, and nobody else."),
        empty=_("Your organisation has no agreement here.")
        if request.actor.is_signed_in
        else _("Sign in to see what your organisation has agreed on."),
        labels={"sort": lambda value: str(AgreementSort(value).label)},
    )


# -- one agreement -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Version:
    """A version as its page shows it."""

    title: str
    tag: Tag
    terms: Any
    wording: str
    table: TableView | None
    aims: TableView | None
    open: bool


@require_safe
def agreement_page(request: Request, code: str) -> HttpResponse:
    """One agreement: its versions, newest first, with what was planned and paid under each."""
    actor = request.actor
    row = get_visible(actor, Agreement, code, related=TOLD)
    full = can_view(actor, row.record, "full")
    shown = [
        one
        for one in row.versions.prefetch_related("payments", "milestones").order_by("-number")
        if full and (one.offered_on is not None or keeps.test(actor, row))
    ]
    force = next((one for one in shown if one.agreed_on is not None), None)
    return record_page(
        request,
        row,
        "agreements/agreement.html",
        tags=(Tag(row.get_sort_display()),),
        buttons=counting_buttons(actor, row),
        facts=[*_facts(actor, row, force), *counted_facts(actor, row)] if full else [],
        versions=[_version(actor, row, one, force) for one in shown],
    )


def _facts(actor: Actor, row: Agreement, force: AgreementVersion | None) -> list[Fact]:
    ties = {"achievement": _("Achievement"), "need": _("Need"), "introduction": _("Introduction")}
    owner = row.record.owner
    told = [
        faces.linked_fact(actor, _("Standard licence"), row.licence),
        Fact(_("Provided by"), name_of(owner.record) if owner is not None else ""),
        Fact(_("Other side"), " ".join(filter(None, (row.party_name, row.party_code)))),
        Fact(_("Third parties"), "；".join(row.others.splitlines())),
        *(faces.linked_fact(actor, label, getattr(row, name)) for name, label in ties.items()),
        Fact(_("In force"), f"{force.number} · {Binding(force.binding).label}" if force is not None else ""),
        Fact(_("Signed on"), day(force.agreed_on) if force is not None else ""),
        Fact(_("Amount"), wan(force.amount_fen) if force is not None and force.amount_fen is not None else ""),
        Fact(_("Money is owed since"), day(row.triggered_on) if row.triggered_on is not None else ""),
        Fact(_("Paid"), wan(paid_fen(row)) if force is not None else ""),
    ]
    return [one for one in told if one.value]


def _version(actor: Actor, row: Agreement, one: AgreementVersion, force: AgreementVersion | None) -> _Version:
    if one.agreed_on is None:
        tag = Tag(_("offered") if one.offered_on is not None else _("being written"), "wait")
    elif one == force:
        tag = Tag(_("in force since %(day)s") % {"day": day(one.agreed_on)}, "ok")
    else:
        tag = Tag(_("replaced"), "neutral")
    return _Version(
        title=_("Version %(number)s · %(binding)s") % {"number": one.number, "binding": Binding(one.binding).label},
        tag=tag,
        terms=one.terms or terms_of(row, one),
        wording=one.wording,
        table=_payments(actor, row, one, is_force=one == force),
        aims=_milestones(actor, row, one, is_force=one == force),
        open=one.agreed_on is None,
    )


def _payments(actor: Actor, row: Agreement, version: AgreementVersion, *, is_force: bool) -> TableView | None:
    payments = list(version.payments.all())
    if not payments:
        return None
    may = is_force and row.record.stage in STANDING and counts_money.test(actor, row)

    def actual(one: Any) -> Cell:
        if one.paid_on is not None:
            return Cell(f"{wan(one.paid_fen)} {one.voucher}".strip(), tag=Tag(f"{_('paid')} {day(one.paid_on)}", "ok"))
        if one.freed_on is not None:
            return Cell("", tag=Tag(_("no longer owed"), "neutral"))
        late = is_force and one.due_on is not None and one.due_on < today()
        url = reverse("agreement-paid", args=[row.record.code, one.number]) if may else ""
        return Cell(_("Enter what came in") if may else "", url, tag=Tag(_("overdue"), "no") if late else None)

    def invoice(one: Any) -> Cell | str:
        if one.invoice:
            return f"{one.invoice} {day(one.invoiced_on)}"
        open_ = may and one.paid_on is None and one.freed_on is None and one.due_on is not None
        return (
            Cell(_("Enter the invoice"), reverse("agreement-invoice", args=[row.record.code, one.number]))
            if open_
            else ""
        )

    rows = tuple(
        (
            str(one.number),
            one.what,
            day(one.due_on) if one.due_on is not None else _("when money is owed"),
            _planned(one),
            invoice(one),
            actual(one),
        )
        for one in payments
    )
    columns = (
        Column(_("No."), numeric=True), Column(_("What for")), Column(_("Due on")), Column(_("Planned"), numeric=True),
        Column(_("Invoice")), Column(_("Came in")),
    )  # fmt: skip
    return TableView(columns, rows, _("Payment plan"))


def _planned(one: AgreementPayment) -> str:
    return wan(one.planned_fen) if one.planned_fen is not None else _("by sales")


def _milestones(actor: Actor, row: Agreement, version: AgreementVersion, *, is_force: bool) -> TableView | None:
    aims = list(version.milestones.all())
    if not aims:
        return None
    may = is_force and row.record.stage in STANDING and keeps.test(actor, row)

    def state(one: Any) -> Cell:
        if one.reached_on is not None:
            return Cell(one.evidence, tag=Tag(f"{_('reached')} {day(one.reached_on)}", "ok"))
        late = is_force and one.due_on < today()
        url = reverse("agreement-milestone", args=[row.record.code, one.number]) if may else ""
        return Cell(_("Enter that it was reached") if may else "", url, tag=Tag(_("overdue"), "no") if late else None)

    rows = tuple((str(one.number), one.text, day(one.due_on), state(one)) for one in aims)
    columns = (
        Column(_("No."), numeric=True),
        Column(_("What is to be reached")),
        Column(_("To be reached by")),
        Column(_("State")),
    )
    return TableView(columns, rows, _("Milestones"))


# -- writing -----------------------------------------------------------------------------------------------------------


@require_http_methods(ANY)
def agreement_new(request: Request) -> HttpResponse:
    """Begin an agreement for the organisation one acts for."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not keeps_papers(actor):
        raise NotAllowed(_("Agreements are kept by the administrators and the legal office of a unit."))

    def save(form: AgreementForm, typed: Rows) -> Agreement:
        return draft_agreement(actor=actor, owner=owner, facts=facts_of(form, typed))

    start = {name: request.GET.get(name, "") for name in TIES} | {"binding": "contract"}
    return _form(request, _("Write an agreement"), save, start, {}, back=reverse("agreements"))


@require_http_methods(ANY)
def agreement_edit(request: Request, code: str) -> HttpResponse:
    """Write on the version that is not signed yet."""
    row = get_visible(request.actor, Agreement, code, related=TOLD)
    must_allow(_edit_url, request.actor, row)
    fields, rows = initial_of(row)

    def save(form: AgreementForm, typed: Rows) -> Agreement:
        expected = expected_version(request, row.record.version)
        return edit_agreement(
            actor=request.actor, agreement=row, facts=facts_of(form, typed), expected_version=expected
        )

    return _form(request, _("Edit the agreement"), save, fields, rows, back=faces.url_of(row.record), row=row)


def _form(
    request: Request,
    title: str,
    save: Callable[[Any, Rows], Agreement],
    fields: dict[str, Any],
    rows: dict[str, list[dict[str, Any]]],
    *,
    back: str,
    row: Agreement | None = None,
) -> HttpResponse:
    owner = row.record.owner if row is not None else request.actor.organisation
    return form_page(
        request,
        RecordForm(
            title=title,
            maker=lambda posted: AgreementForm(posted, initial=fields, actor=request.actor, held=row),
            groups=(
                (_("What is agreed on"), ("title", "sort", "binding", "scope", "summary")),
                (_("With whom"), ("party_name", "party_code", "others")),
                (_("What it comes from"), TIES),
                (_("Term and money"), ("starts_on", "ends_on", "amount")),
                (_("Use first, pay later (先用后付)"), ("trigger", "trial_months", "due_days")),
                (_("What is agreed"), ("words",)),
            ),
            rows={
                "payments": RowSet(
                    Payments,
                    _("Payment plan"),
                    _("Add a payment"),
                    _("A payment without a day is due so many days after money is owed."),
                ),
                "milestones": RowSet(Milestones, _("Milestones"), _("Add a milestone")),
            },
            initial_rows=rows,
            save=save,
            crumbs=trail((_("Home"), "/"), (capfirst(_("agreements")), reverse("agreements")), title),
            back=back,
            version=row.record.version if row is not None else None,
            row=row,
            check=lambda form, typed: check_facts(facts_of(form, typed), owner),
        ),
    )


# -- while it stands ---------------------------------------------------------------------------------------------------


def _entered(
    request: Request,
    code: str,
    may: Any,
    maker: Callable[..., forms.Form],
    act: Callable[[Agreement, Any], object],
    title: str,
    payment: int | None = None,
) -> HttpResponseBase:
    row = get_visible(request.actor, Agreement, code, related=TOLD)
    if not may.test(request.actor, row):
        raise NotAllowed
    force = row.in_force
    paid = force.payments.filter(number=payment).first() if force is not None and payment is not None else None
    return entry_page(
        request,
        row,
        lambda posted, _files: maker(posted, initial={"on": today()}),
        lambda form: act(row, form),
        title=title,
        intro=" · ".join((paid.what, _planned(paid))) if paid is not None else "",
    )


@require_http_methods(ANY)
def agreement_invoice(request: Request, code: str, number: int) -> HttpResponseBase:
    """Enter the invoice of a payment."""

    def act(row: Agreement, form: Any) -> Agreement:
        return note_invoice(actor=request.actor, agreement=row, number=number, **form.cleaned_data)

    return _entered(request, code, counts_money, InvoiceForm, act, _("Enter the invoice"), number)


@require_http_methods(ANY)
def agreement_paid(request: Request, code: str, number: int) -> HttpResponseBase:
    """Enter what came in for a payment."""

    def act(row: Agreement, form: Any) -> Agreement:
        return note_payment(actor=request.actor, agreement=row, number=number, **form.cleaned_data)

    return _entered(request, code, counts_money, PaidForm, act, _("Enter what came in"), number)


@require_http_methods(ANY)
def agreement_milestone(request: Request, code: str, number: int) -> HttpResponseBase:
    """Enter that a milestone was reached."""

    def act(row: Agreement, form: Any) -> Agreement:
        return reach_milestone(actor=request.actor, agreement=row, number=number, **form.cleaned_data)

    return _entered(request, code, keeps, ReachedForm, act, _("Enter that it was reached"))
