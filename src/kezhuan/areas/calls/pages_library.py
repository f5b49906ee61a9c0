"""Pages of the project library (项目库): what waits and what has left, its order, budget documents."""

from django.db.models import Count, Sum
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kezhuan.areas.calls.forms_library import BudgetForm, OrderForm
from kezhuan.areas.calls.library import documents_of, entries_of, headers, lines, require_keeper, waiting_for
from kezhuan.areas.calls.library_actions import issue_budget, order_library, withdraw_budget
from kezhuan.areas.calls.models import BudgetDocument, LibraryEntry
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.text import today
from kezhuan.web import exports, faces
from kezhuan.web.components import ButtonLink, Cell, Column, Crumb, Fact, TableView
from kezhuan.web.lists import takes_a_list
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.record_forms import action_page, confirm_page
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day, wan

ANY = ["GET", "HEAD", "POST"]
SHOWN = 200
FUNDED_AT_ONCE = 100
"""Projects that a page offers to a budget document: the first ones of the order."""


def _crumbs(*more: str) -> tuple[Crumb, ...]:
    if not more:
        return tuple(trail((_("Home"), "/"), _("Project library (项目库)")))
    return tuple(trail((_("Home"), "/"), (_("Project library (项目库)"), reverse("library")), *more))


@takes_a_list
def library(request: Request) -> HttpResponse:
    """What waits in the library, or has left it, with the budget documents."""
    actor = request.actor
    require_keeper(actor)
    left, title = request.GET.get("state") == "left", _("Project library (项目库)")
    rows = entries_of(actor).filter(left_on__isnull=not left)
    if exports.asks_for_file(request):
        return exports.table_file(
            request, headers(), lines(list(rows[: exports.MOST_LINES + 1])), name="library", title=title
        )
    shown, sums = list(rows[:SHOWN]), rows.order_by().aggregate(count=Count("pk"), fen=Sum("amount_fen"))
    return page(
        request,
        "calls/library.html",
        title=title,
        crumbs=_crumbs(),
        states=[(_("in the library"), "?", not left), (_("have left"), "?state=left", left)],
        table=table_of(shown, left=left),
        empty=_("Nothing has left the library yet.")
        if left
        else _("Nothing waits. What a call with a library chooses waits here until a budget document lists it."),
        total=_("Projects: %(count)s; together %(fen)s") % {"count": sums["count"], "fen": wan(sums["fen"] or 0)},
        most=SHOWN if sums["count"] > SHOWN else 0,
        endings=tuple(exports.MEDIA) if shown else (),
        ways=[
            ButtonLink(_("Enter a budget document"), reverse("budget-new"), primary=True),
            ButtonLink(_("Change the order"), reverse("library-order")),
        ]
        if shown and not left
        else [],
        documents=_documents(list(documents_of(actor)[:SHOWN])),
    )


def table_of(rows: list[LibraryEntry], *, left: bool = False, document: bool = False) -> TableView:
    """Entries as a table shows them: what became of those that have left, and by which document unless that is the
    page's own."""
    became = [Column(_("Left on")), Column(_("Budget document"))] if left and not document else []
    funded = [Column(_("Funded with"), numeric=True)] if left or document else []
    return TableView(
        columns=(
            Column(_("No."), numeric=True),
            Column(_("Application")),
            Column(_("Applicant")),
            Column(_("Call")),
            Column(_("Amount"), numeric=True),
            Column(_("In the library since")),
            *became,
            *funded,
        ),
        rows=tuple(
            (
                str(one.place),
                Cell(
                    f"{one.application.record.code} {name_of(one.application.record)}",
                    faces.url_of(one.application.record),
                ),
                name_of(one.application.applicant.record),
                one.application.item.call.record.code,
                wan(one.amount_fen),
                day(one.since),
                *((_left(one), one.document.number if one.document is not None else "") if became else ()),
                *((wan(one.funded_fen),) if funded else ()),
            )
            for one in rows
        ),
    )


def _left(one: LibraryEntry) -> str:
    return day(one.left_on) if one.left_on else ""


def _documents(rows: list[BudgetDocument]) -> TableView | None:
    if not rows:
        return None
    return TableView(
        columns=(
            Column(_("Budget document")),
            Column(_("Budget year")),
            Column(_("Budget subject (科目)")),
            Column(_("Day of the document")),
            Column(_("State")),
        ),
        rows=tuple(
            (
                Cell(one.number, reverse("budget", args=[one.pk])),
                str(one.year),
                one.subject,
                day(one.issued_on),
                _("withdrawn") if one.withdrawn_on else _("valid"),
            )
            for one in rows
        ),
    )


@require_http_methods(ANY)
def library_order(request: Request) -> HttpResponseBase:
    """Change the order in which projects wait."""
    require_keeper(request.actor)
    back, title = reverse("library"), _("Change the order")
    held = "\n".join(waiting_for(request.actor).values_list("application__record__code", flat=True))

    def act(form: OrderForm) -> str:
        order_library(actor=request.actor, codes=form.cleaned_data["codes"])
        return back

    return action_page(
        request,
        lambda posted, _files: OrderForm(posted, initial={"codes": held}),
        act,
        title=title,
        intro=_("Budget documents take projects out in this order, or say why not."),
        submit_label=_("Keep this order"),
        back=back,
        done=_("The order is kept."),
        crumbs=_crumbs(title),
    )


@require_http_methods(ANY)
def budget_new(request: Request) -> HttpResponseBase:
    """Enter a budget document."""
    require_keeper(request.actor)
    back, title = reverse("library"), _("Enter a budget document")
    rows = waiting_for(request.actor).filter(application__item__call__awaits_budget=True)
    waiting = list(rows[:FUNDED_AT_ONCE])

    def act(form: BudgetForm) -> str:
        made = issue_budget(actor=request.actor, facts=form.facts)
        return reverse("budget", args=[made.pk])

    return action_page(
        request,
        lambda posted, _files: BudgetForm(posted, waiting=waiting, initial={"year": today().year}),
        act,
        title=title,
        intro=_("What it names leaves the library, and its project can begin with this money."),
        submit_label=title,
        back=back,
        done=_("The budget document is entered."),
        crumbs=_crumbs(title),
        template="calls/budget_new.html",
    )


def _document(request: Request, number: int) -> BudgetDocument:
    require_keeper(request.actor)
    found = documents_of(request.actor).filter(pk=number).first()
    if found is None:
        raise Missing(str(number))
    return found


@takes_a_list
def budget(request: Request, number: int) -> HttpResponse:
    """One budget document with what it funds."""
    row = _document(request, number)
    entries = list(entries_of(request.actor).filter(document=row))
    title = f"{_('Budget document')} {row.number}"
    if exports.asks_for_file(request):
        return exports.table_file(request, headers(), lines(entries), name="budget", title=title)
    whole = entries and row.withdrawn_on is None and row.entries.count() == len(entries)
    ways = [ButtonLink(_("Withdraw it"), reverse("budget-withdraw", args=[row.pk]))] if whole else []
    facts = [
        Fact(_("Budget year"), str(row.year)),
        Fact(_("Budget subject (科目)"), row.subject),
        Fact(_("Day of the document"), day(row.issued_on)),
        Fact(_("Why it passes over what stands before"), row.note),
        Fact(_("Together"), wan(sum(one.funded_fen or 0 for one in entries)) if entries else ""),
        Fact(_("Withdrawn on"), day(row.withdrawn_on) if row.withdrawn_on else ""),
    ]
    return page(
        request,
        "calls/budget.html",
        title=title,
        endings=tuple(exports.MEDIA) if entries else (),
        crumbs=_crumbs(row.number),
        facts=[one for one in facts if one.value],
        table=table_of(entries, document=True),
        ways=ways,
    )


@require_http_methods(ANY)
def budget_withdraw(request: Request, number: int) -> HttpResponseBase:
    """Take back a budget document that was entered by mistake."""
    row = _document(request, number)
    title = _("Withdraw it")

    def act() -> None:
        withdraw_budget(actor=request.actor, document=row)

    return confirm_page(
        request,
        act,
        title=title,
        sentence=_("Withdraw the budget document %(number)s? What it named stands in the library again.")
        % {"number": row.number},
        submit_label=title,
        back=reverse("budget", args=[row.pk]),
        crumbs=_crumbs(row.number, title),
        done=_("The budget document is withdrawn."),
    )
