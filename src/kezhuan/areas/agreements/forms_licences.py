"""What is typed about a standard licence."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.models import SUPPLY_STAGES
from kezhuan.areas.agreements.licence_actions import LicenceFacts
from kezhuan.areas.agreements.models import Licence, Trigger
from kezhuan.areas.agreements.queries import ties_of
from kezhuan.kernel.access import Actor
from kezhuan.web.fields import EMPTY, PercentField, WanField, long_text, offer

MOST_CHOICES = 500


class LicenceForm(forms.Form):
    """An ordinary licence at one price for one term."""

    achievement = forms.ChoiceField(label=_("Achievement"))
    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("What comes with it"),
        required=False,
        max_length=20_000,
        widget=long_text(4),
        help_text=_("Drawings, samples, training; what is asked of the taker."),
    )
    use_field = forms.CharField(label=_("Field of use"), max_length=200, required=False)
    territory = forms.CharField(label=_("Territory"), max_length=200, required=False)
    months = forms.IntegerField(label=_("Term in months"), min_value=1, max_value=240)
    fee = WanField(label=_("Price for the whole term (万元)"), required=False)
    royalty = PercentField(label=_("Share of sales (%)"), required=False)
    trigger = forms.ChoiceField(label=_("Money is owed"), choices=Trigger.choices, initial=Trigger.SIGNED)
    trial_months = forms.IntegerField(label=_("Months of trial"), min_value=0, max_value=60)
    due_days = forms.IntegerField(label=_("Days to pay"), min_value=0, max_value=365)

    def __init__(self, *given: Any, actor: Actor, held: Licence | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        own = ties_of(actor, "achievement").filter(stage__in=SUPPLY_STAGES)[:MOST_CHOICES]
        self._rows = {one.code: one for one in own}
        if held is not None:
            self._rows.setdefault(held.achievement.code, held.achievement)
        offer(self, "achievement", [EMPTY, *((code, f"{code} {one.title}") for code, one in self._rows.items())])

    @property
    def facts(self) -> LicenceFacts:
        """What was typed, as the actions take it; what could not be read is left out."""
        typed = self.cleaned_data
        texts = {name: typed.get(name, "") for name in ("title", "summary", "use_field", "territory", "trigger")}
        return LicenceFacts(
            **texts,
            achievement=self._rows.get(typed.get("achievement", "")),
            months=typed.get("months") or 0,
            fee_fen=typed.get("fee") or 0,
            royalty_bp=typed.get("royalty") or 0,
            trial_months=typed.get("trial_months") or 0,
            due_days=typed.get("due_days") or 0,
        )


def initial_of(row: Licence) -> dict[str, Any]:
    """A licence as its form shows it."""
    names = ("months", "use_field", "territory", "trial_months", "trigger", "due_days")
    return {name: getattr(row, name) for name in names} | {
        "achievement": row.achievement.code,
        "title": row.record.title,
        "summary": row.record.summary,
        "fee": row.fee_fen,
        "royalty": row.royalty_bp,
    }
