"""The income calculator: what a receipt comes to for the unit and its people, each figure with its source; for all."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kezhuan.areas.rights.distributing import in_both
from kezhuan.areas.rights.forms import COSTS, IncomeForm
from kezhuan.areas.rights.queries import floors_on
from kezhuan.engines.findings import Unfit
from kezhuan.engines.income import Distribution, Line, distribute
from kezhuan.engines.income.terms import CLAUSES_IN_ENGLISH
from kezhuan.engines.money import yuan
from kezhuan.kernel.text import language
from kezhuan.web.components import Column, Fact, FormSection, TableView
from kezhuan.web.forms import problems_of
from kezhuan.web.middleware import Request
from kezhuan.web.names import place_name
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day

FIELDS = {"deductions": "tax", "members": "main"}
"""At which field of the form the engine's findings stand, where it has another name."""


@require_safe
def income(request: Request) -> HttpResponse:
    """The form, and below it the distribution of what the address carries."""
    asked = "received" in request.GET
    form = IncomeForm(request.GET if asked else None)
    done = _distributed(form) if asked and form.is_valid() else None
    title = _("Income calculator")
    return page(
        request,
        "rights/income.html",
        status=200 if done or not asked else 422,
        title=title,
        crumbs=trail((_("Home"), "/"), title),
        sections=_sections(form),
        problems=problems_of(form),
        quiet=not asked,
        answer=_answer(done, form.cleaned_data["jurisdiction"]) if done else None,
    )


def _distributed(form: IncomeForm) -> Distribution | None:
    given = form.cleaned_data
    floors = floors_on(given["on"], given["jurisdiction"], in_both)
    try:
        return distribute(form.receipt(), form.agreement(), floors, carried=-(given["carried"] or 0))
    except Unfit as unfit:
        for one in unfit.findings:
            form.add_error(FIELDS.get(one.field, one.field), one.say(language()))
        return None


def _sections(form: IncomeForm) -> tuple[FormSection, ...]:
    def fields(*names: str) -> tuple[Any, ...]:
        return tuple(form[name] for name in names)

    research = _("The cost of research is not deducted.")
    return (
        FormSection(_("The receipt"), fields("received", "jurisdiction", "on")),
        FormSection(_("Costs of the deal, in yuan"), fields(*COSTS, "carried"), research),
        FormSection(_("Who shares"), fields("agreed", "main", "other", "office")),
        FormSection(_("Granted to the completers"), fields("owners", "owner")),
    )


def _answer(done: Distribution, place: str) -> dict[str, Any]:
    tongue = language()
    costs = [Fact(COSTS[one.kind], yuan(one.fen)) for one in done.receipt.deductions]
    return {
        "facts": (
            Fact(_("Received, in yuan"), yuan(done.receipt.fen)),
            Fact(_("Day of receipt"), day(done.receipt.on)),
            Fact(_("Place"), place_name(place)),
            *costs,
            *([Fact(_("To be paid by"), day(done.due))] if done.due else []),
        ),
        "figures": [
            {
                "label": one.label.say(tongue),
                "amount": yuan(one.fen),
                "how": one.how.say(tongue),
                "rule": one.rule,
                "place": place_name(one.rule.jurisdiction) if one.rule else "",
                "clause": cited(one.clause),
            }
            for one in done.figures
        ],
        "lines": _lines(done.lines),
        "notes": [one.say(tongue) for one in done.notes],
    }


def _lines(lines: tuple[Line, ...]) -> TableView | None:
    """What each person gets; without persons there is nothing to tell apart."""
    if all(not line.name for line in lines):
        return None
    groups = {
        "owner": _("Owner"),
        "main": _("Main contributor"),
        "other": _("Other contributor"),
        "office": _("Transfer office"),
        "unit": _("Unit"),
    }
    rows = tuple((f"{groups[line.role]} {line.name.rpartition(' ')[2]}".strip(), yuan(line.fen)) for line in lines)
    return TableView((Column(_("Who")), Column(_("Yuan"), numeric=True)), rows, _("Everybody's share"))


def cited(clause: str) -> str:
    """What is cited beside the rule values, in the reader's language."""
    return clause if language() == "zh" else CLAUSES_IN_ENGLISH.get(clause, clause)
