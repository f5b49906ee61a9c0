"""Calculators of rewards in other ways than of money received: equity, profit, patents; for all."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from kezhuan.areas.rights.distributing import in_both
from kezhuan.areas.rights.forms_ways import AwardForm, EquityForm, ProfitForm
from kezhuan.areas.rights.measures import worded
from kezhuan.areas.rights.queries import ways_on
from kezhuan.engines.findings import Unfit
from kezhuan.engines.income import Reckoned, award, equity, profit
from kezhuan.engines.money import yuan
from kezhuan.engines.rules import RuleVersion
from kezhuan.kernel.errors import Text
from kezhuan.kernel.text import language
from kezhuan.web.middleware import Request
from kezhuan.web.names import place_name
from kezhuan.web.shell import page, trail
from kezhuan.web.templatetags.kezhuan import day


@dataclass(frozen=True)
class Way:
    """A calculator: its form, what reckons, and its heading."""

    maker: Callable[..., Any]
    reckon: Callable[..., Reckoned]
    heading: Text


WAYS = {
    "equity": Way(EquityForm, equity, gettext_lazy("Put into a company (作价投资)")),
    "profit": Way(ProfitForm, profit, gettext_lazy("Produced by oneself or with another (自行或合作实施)")),
    "award": Way(AwardForm, award, gettext_lazy("Award for a patent where nothing was agreed (专利奖金)")),
}


@require_safe
def ways(request: Request) -> HttpResponse:
    """The three forms, and at the one that the address carries what it comes to."""
    asked = request.GET.get("way", "")
    blocks, status = [], 200
    for name, one in WAYS.items():
        form = one.maker(request.GET if name == asked else None)
        answer = _reckoned(one, form) if name == asked and form.is_valid() else None
        status = 422 if name == asked and answer is None else status
        blocks.append({"name": name, "heading": one.heading, "form": form, "quiet": name != asked, "answer": answer})
    title = _("Rewards in other ways")
    crumbs = trail((_("Home"), "/"), (_("Income calculator"), reverse("income")), title)
    return page(request, "rights/ways.html", status=status, title=title, crumbs=crumbs, blocks=blocks)


def _reckoned(way: Way, form: Any) -> dict[str, Any] | None:
    given, tongue = form.cleaned_data, language()
    try:
        done = way.reckon(**form.facts(), rules=ways_on(given["on"], given["jurisdiction"], in_both))
    except Unfit as unfit:
        for one in unfit.findings:
            form.add_error(one.field, one.say(tongue))
        return None
    figures = [
        {
            "label": one.label.say(tongue),
            "amount": worded(None, one.value) if one.in_shares else yuan(one.value),
            "how": one.how.say(tongue),
            **_ruled(one.rule),
        }
        for one in done.amounts
    ]
    return {
        "figures": figures,
        "notes": [one.say(tongue) for one in done.notes],
        "due": day(done.due),
        **_ruled(done.term),
    }


def _ruled(rule: RuleVersion | None) -> dict[str, Any]:
    return {"rule": rule, "place": place_name(rule.jurisdiction) if rule else ""}
