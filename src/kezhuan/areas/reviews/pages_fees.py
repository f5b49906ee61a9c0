"""What experts are paid: the fee sheet of a panel (专家费发放表), and where an expert's own fees go."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kezhuan.areas.reviews.fee_actions import FEE, PAID_AT, set_account, set_fees
from kezhuan.areas.reviews.forms_panel import AccountForm, FeesForm
from kezhuan.areas.reviews.models import Expert, Panel, Review, Sheet
from kezhuan.areas.reviews.pages_experts import expert_crumbs
from kezhuan.areas.reviews.pages_panels import ANY, panel_crumbs
from kezhuan.areas.reviews.papers import fee_sheet
from kezhuan.areas.reviews.permissions import is_themselves, runs
from kezhuan.areas.reviews.queries import EXPERT_TOLD, PANEL_TOLD
from kezhuan.kernel.access import Actor, can_view, get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.contents import WORD
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import today
from kezhuan.web import exports, faces
from kezhuan.web.components import Crumb
from kezhuan.web.lists import pager_at
from kezhuan.web.middleware import Request
from kezhuan.web.names import name_of
from kezhuan.web.query import whole_number
from kezhuan.web.record_forms import action_page

PART = 50
"""Experts on a page of the fee sheet."""


@require_http_methods(ANY)
def panel_fees(request: Request, code: str) -> HttpResponseBase:
    """Write what the experts of a panel are paid, and take the fee sheet along."""
    actor = request.actor
    row = get_visible(actor, Panel, code, related=("about", *PANEL_TOLD[1:3]))
    must_allow(runs, actor, row, _("Whoever runs a panel writes fees, once its scores are closed."), stages=PAID_AT)
    if exports.asks_for_file(request, beside_form=True):
        return _file(request, row)
    rule = rule_or_none(FEE, on=today(), jurisdiction=row.region)
    total, at = row.reviews.count(), max(1, whole_number(request.GET.get("page", ""), 1))
    pager = pager_at(request.GET, at, PART, total)
    seats = _seats(row)[(at - 1) * PART : at * PART]
    judged = _judged(seats)
    back, title = faces.url_of(row.record), _("Expert fees")

    def act(form: FeesForm) -> str:
        set_fees(actor=actor, panel=row, fees=form.fees)
        return f"{request.path}{pager.next_url}" if pager.next_url else request.path

    def maker(posted: Any, _files: Any) -> FeesForm:
        return FeesForm(posted, seats=seats, judged=judged, rate_fen=int(rule.value) if rule is not None else None)

    return action_page(
        request,
        maker,
        act,
        title=title,
        intro=_("For what each has handed in. The file has who is paid how much, to be signed."),
        submit_label=_("Keep and go on") if pager.next_url else _("Keep the fees"),
        back=back,
        done=_("The fees are kept."),
        crumbs=panel_crumbs((code, back), title),
        template="reviews/fees.html",
        pager=pager,
        endings=tuple(exports.MEDIA),
        sheet_url=reverse("panel-fee-sheet", args=[code]),
    )


def _seats(row: Panel) -> Any:
    told = ("record", "expert__person__record", "expert__employer__record", "expert__record__inner_to")
    return row.reviews.select_related(*told).order_by("number")


def _judged(seats: Sequence[Review]) -> dict[int, int]:
    """By review how many items were judged in it."""
    done = Q(submitted_at__isnull=False, recused="")
    rows = Sheet.objects.filter(done, review__in=[one.pk for one in seats]).order_by().values_list("review")
    return dict(rows.annotate(number=Count("pk")))


def _file(request: Request, row: Panel) -> HttpResponseBase:
    """专家费发放表, in yuan as the finance office takes it. Where to it is paid stands there for whoever may read it of
    an expert's own record."""
    paid = _paid(row)
    headers = [
        _("No."), _("Expert"), _("Employer"), _("Items judged"), _("Fee (yuan)"), _("Bank"), _("Account"),
        _("Signature"),
    ]  # fmt: skip
    lines = [
        [
            str(number), name_of(one.expert.person.record),
            name_of(one.expert.employer.record) if one.expert.employer is not None else "",
            str(judged), f"{one.fee_fen / 100:.2f}" if one.fee_fen is not None else "",
            *_account(request.actor, one.expert), "",
        ]
        for number, (one, judged) in enumerate(paid, 1)
    ]  # fmt: skip
    name = f"{row.record.code}-专家费发放表"
    return exports.table_file(request, headers, lines, name=name, title=_("Expert fees"))


def _paid(row: Panel) -> list[tuple[Review, int]]:
    """The reviews of a panel for which somebody is paid, or that judged something, each with how many items."""
    seats: list[Review] = list(_seats(row))
    judged = _judged(seats)
    return [(one, judged.get(one.pk, 0)) for one in seats if one.fee_fen is not None or judged.get(one.pk)]


@require_safe
def panel_fee_sheet(request: Request, code: str) -> HttpResponse:
    """专家费发放表 as a Word file, to be signed."""
    actor = request.actor
    row = get_visible(actor, Panel, code, related=("about", "office__record", *PANEL_TOLD[1:3]))
    must_allow(runs, actor, row, _("Whoever runs a panel writes fees, once its scores are closed."), stages=PAID_AT)
    content = fee_sheet(row, [(one, judged, _account(actor, one.expert)) for one, judged in _paid(row)])
    return exports.file_answer(f"{code}-专家费发放表.docx", content, WORD)


def _account(actor: Actor, expert: Expert) -> tuple[str, str]:
    return (expert.bank, expert.account) if can_view(actor, expert.record, "inner") else ("", "")


@require_http_methods(ANY)
def expert_account(request: Request, code: str) -> HttpResponseBase:
    """Write where one's own fees go."""
    row = get_visible(request.actor, Expert, code, related=EXPERT_TOLD[:2])
    if not is_themselves.test(request.actor, row):
        raise NotAllowed(_("Only the expert writes where their fees go."))
    back = faces.url_of(row.record)
    crumbs = expert_crumbs((code, back), _("Where my fees go"))
    return account_page(request, request.actor, row, back=back, crumbs=crumbs)


def account_page(
    request: Request, actor: Actor, row: Expert, *, back: str, crumbs: Sequence[Crumb]
) -> HttpResponseBase:
    """The page on which an expert writes where their own fees go."""
    title = _("Where my fees go")

    def act(form: AccountForm) -> str:
        set_account(actor=actor, expert=row, **form.cleaned_data)
        return back

    return action_page(
        request,
        lambda posted, _files: AccountForm(posted, initial={"bank": row.bank, "account": row.account}),
        act,
        title=title,
        intro=_("Beside you the officers in charge of the pool alone read it, on the fee sheets of your panels."),
        submit_label=_("Save"),
        back=back,
        crumbs=crumbs,
        done=_("Saved."),
    )
