"""The relief of enterprise income tax on transfer of technology (技术转让所得): a calculator for all, and beside a
registered contract whose kind may count."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.contracts.models import REGISTERED
from kezhuan.areas.contracts.wording import say
from kezhuan.areas.rights.forms_ways import TransferForm
from kezhuan.areas.rights.queries import rules_on
from kezhuan.engines import contracts as engine
from kezhuan.engines.money import yuan
from kezhuan.engines.rules import EVERYWHERE
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.text import today
from kezhuan.web.forms import problems_of
from kezhuan.web.middleware import Request
from kezhuan.web.names import place_name
from kezhuan.web.shell import page, trail


@require_safe
def tax_relief(request: Request) -> HttpResponse:
    """The form, and above it what the address comes to."""
    asked = "income" in request.GET
    form = TransferForm(request.GET if asked else None)
    figures = _reckoned(form) if asked and form.is_valid() else None
    title = _("Tax relief on transfer of technology")
    return page(
        request,
        "rights/relief.html",
        status=200 if figures or not asked else 422,
        title=title,
        crumbs=trail((_("Home"), "/"), (_("Income calculator"), reverse("income")), title),
        form=form,
        problems=problems_of(form),
        quiet=not asked,
        figures=figures,
        whole=yuan(form.cleaned_data["income"]) if figures else "",
    )


def _reckoned(form: TransferForm) -> list[dict[str, Any]] | None:
    given = form.cleaned_data
    found = engine.income_tax_relief(given["income"], rules_on(given["on"], given["jurisdiction"]))
    if found is None:
        form.add_error(engine.RELIEF_UNKNOWN.field, say(engine.RELIEF_UNKNOWN.words))
        return None
    return figures_of(found)


def figures_of(found: engine.Relief) -> list[dict[str, Any]]:
    """What is exempt and what is taxed, each with its rule."""
    labels = (_("Exempt from enterprise income tax"), _("Taxable at the ordinary rate"))
    amounts = (found.exempt, found.taxable)
    return [
        {"label": label, "amount": yuan(fen), "rule": rule, "place": place_name(rule.jurisdiction)}
        for label, fen, rule in zip(labels, amounts, found.rules, strict=True)
    ]


def relief_panel(actor: Actor, row: Any) -> registry.Panel | None:
    """Beside a registered transfer or licence: whether its income counts, as far as that is known here, what its
    technology amount alone would come to at most, and the way to the calculator."""
    counts = engine.counts_for_relief(row.kind, row.subkind)
    if not actor.is_signed_in or counts is False or row.record.stage not in REGISTERED:
        return None
    on = row.registered_on or today()
    look_up = rules_on(on, row.seller_region or EVERYWHERE)
    amount = row.registered_technology_fen
    found = engine.income_tax_relief(amount or 0, look_up)
    shown = {
        "counts": counts,
        "term": _term(row, look_up(engine.LEAST_LICENCE)) if row.kind == "licence" else None,
        "unknown": say(engine.RELIEF_UNKNOWN.words) if found is None else "",
        "amount": amount,
        "figures": figures_of(found) if found is not None and amount is not None else [],
        "url": f"{reverse('income-tax')}?{urlencode({'on': on.isoformat()})}",
    }
    return registry.Panel("rights/relief_panel.html", shown)


def _term(row: Any, least: Any) -> dict[str, Any]:
    """How the term of a licence stands to the least one of those that are not exclusive."""
    return {"enough": engine.long_enough(row.valid_from, row.valid_to, least), "rule": least}
