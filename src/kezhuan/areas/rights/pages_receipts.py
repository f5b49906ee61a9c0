"""Pages on which what is distributed is entered and changed, and that somebody was paid."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kezhuan.areas.achievements.queries import unit_achievements
from kezhuan.areas.rights.distribution_actions import check_facts, edit_receipt, enter_receipt, pay_share
from kezhuan.areas.rights.forms_income import (
    FORMS,
    Costs,
    PaidForm,
    ReceiptForm,
    Shares,
    facts_of,
    initial_of,
    start_from,
)
from kezhuan.areas.rights.measures import gets, in_shares, worded
from kezhuan.areas.rights.models import Distribution, Way
from kezhuan.areas.rights.pages_income import edit_url
from kezhuan.areas.rights.permissions import keeps_income, keeps_money
from kezhuan.areas.rights.queries import TOLD_OF_INCOME, payment_named
from kezhuan.kernel.access import get_visible
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Missing, NotAllowed, NotNow
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.text import today
from kezhuan.web import faces
from kezhuan.web.fields import colleagues_of
from kezhuan.web.middleware import Request
from kezhuan.web.record_forms import RecordForm, Rows, RowSet, entry_page, expected_version, form_page
from kezhuan.web.shell import trail

ANY = ["GET", "HEAD", "POST"]
NEW = {
    Way.RECEIPT: gettext_lazy("Enter a receipt"),
    Way.EQUITY: gettext_lazy("Enter the shares for a result"),
    Way.PROFIT: gettext_lazy("Enter a year's profit"),
}


@require_http_methods(ANY)
def distribution_new(request: Request) -> HttpResponse:
    """Enter a receipt."""
    actor, owner = request.actor, request.actor.organisation
    if owner is None or not keeps_income(actor):
        raise NotAllowed(_("Only members in charge of the unit's income enter this."))
    way = request.GET.get("way", "")
    maker = FORMS.get(way, ReceiptForm)
    code = request.GET.get("achievement", "")
    about = unit_achievements(actor).filter(code=code).first()
    fields: dict[str, Any] = {"achievement": code, "received_on": today(), "title": about.title if about else ""}
    paid = payment_named(actor, request.GET.get("payment", ""))
    if paid is not None and maker is ReceiptForm:
        fields = start_from(actor, paid)

    def save(form: ReceiptForm, typed: Rows) -> Distribution:
        return enter_receipt(actor=actor, owner=owner, facts=facts_of(form, typed))

    title, back = str(NEW[maker.way]), reverse("distributions")
    return form_page(request, _form(request, title, owner, save, (fields, {}), back, maker))


@require_http_methods(ANY)
def distribution_edit(request: Request, code: str) -> HttpResponse:
    """Change a draft."""
    row = get_visible(request.actor, Distribution, code, related=TOLD_OF_INCOME)
    must_allow(edit_url, request.actor, row)

    def save(form: ReceiptForm, typed: Rows) -> Distribution:
        expected = expected_version(request, row.record.version)
        return edit_receipt(actor=request.actor, row=row, facts=facts_of(form, typed), expected_version=expected)

    back = faces.url_of(row.record)
    title = _("Edit the receipt") if row.way == Way.RECEIPT else _("Edit what is distributed")
    return form_page(request, _form(request, title, row.unit, save, initial_of(row), back, FORMS[row.way], row))


def _form(
    request: Request,
    title: str,
    owner: Organisation,
    save: Callable[[Any, Rows], Distribution],
    start: tuple[dict[str, Any], dict[str, list[dict[str, Any]]]],
    back: str,
    maker: type[ReceiptForm],
    row: Distribution | None = None,
) -> RecordForm:
    fields, rows = start
    costs = RowSet(Costs, _("Costs of the deal"), _("Add a cost"), _("The cost of research is not deducted."))
    people = colleagues_of(request.actor, (one["person"] for one in rows.get("members", ())))
    return RecordForm(
        title=title,
        maker=lambda posted: maker(posted, initial=fields, actor=request.actor, row=row),
        groups=(
            (
                _("The receipt") if maker.way == Way.RECEIPT else _("What is distributed"),
                ("achievement", *maker.own, "title", "reference", "received_on", "received"),
            ),
            (_("Who shares"), ("agreed", "minutes", "decided_on", "summary")),
        ),
        rows={
            **({"costs": costs} if maker.way == Way.RECEIPT else {}),
            "members": RowSet(
                partial(Shares, form_kwargs={"people": people}),
                _("Who is rewarded"),
                _("Add somebody"),
                _("Owners under a grant are not entered: they follow from its agreement."),
            ),
        },
        initial_rows=rows,
        save=save,
        crumbs=trail((_("Home"), "/"), (capfirst(_("distributions of income")), reverse("distributions")), title),
        back=back,
        version=row.record.version if row is not None else None,
        row=row,
        check=lambda form, typed: check_facts(facts_of(form, typed), owner),
    )


@require_http_methods(ANY)
def distribution_pay(request: Request, code: str, number: int) -> HttpResponseBase:
    """Enter that somebody was paid."""
    row = get_visible(request.actor, Distribution, code, related=TOLD_OF_INCOME)
    must_allow(keeps_money, request.actor, row, stages={"settled"})
    member = row.members.filter(number=number).first()
    if member is None:
        raise Missing(str(number))
    if request.method != "POST" and (member.paid_on is not None or not gets(member)):
        raise NotNow(_("This share was paid before, or there is nothing to pay."), row.record)
    return entry_page(
        request,
        row,
        lambda posted, _files: PaidForm(posted, initial={"on": today()}),
        lambda form: pay_share(actor=request.actor, row=row, number=number, **form.cleaned_data),
        title=(_("Register the shares of %(name)s") if in_shares(row) else _("Pay %(name)s")) % {"name": member.name},
        intro=worded(member.fen or 0, member.shares),
    )
