"""What the calculators of rewards in other ways ask: shares of a company, profit of a production, patents granted."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.rights.queries import places
from kezhuan.engines.money import fen_from_yuan
from kezhuan.kernel.text import today
from kezhuan.web.fields import DayField, PercentField, YuanField, offer
from kezhuan.web.names import place_name


class _WayForm(forms.Form):
    """The place and the day by whose rules it is reckoned; the address carries what was typed."""

    jurisdiction = forms.ChoiceField(label=_("Place of the unit"))
    on = DayField(label=_("Day"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        known = dict.fromkeys([*places(), "110000"])
        offer(self, "jurisdiction", [(code, place_name(code)) for code in known])
        self.initial.setdefault("jurisdiction", settings.CITY)
        self.initial.setdefault("on", today().isoformat())

    def facts(self) -> dict[str, Any]:
        """What is reckoned with beside place and day, as the engine takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name not in _WayForm.base_fields}


class EquityForm(_WayForm):
    """A result that was put into a company."""

    contribution = YuanField(label=_("Value of the result in the company, in yuan"))
    post_money = YuanField(label=_("Value of the company after the investment, in yuan"))
    shares = forms.IntegerField(label=_("Shares of the company in all"), min_value=1)
    agreed = PercentField(label=_("Share for rewards that the unit set or agreed, in percent"), required=False)
    heads = forms.BooleanField(label=_("A head of the unit (正职) is among the rewarded"), required=False)


class ProfitForm(_WayForm):
    """A production of one's own, or with another."""

    started_on = DayField(label=_("In operation since"))
    profits = forms.CharField(
        label=_("Operating profit of each year, in yuan"),
        max_length=500,
        help_text=_("The first year first, separated by semicolons; a loss with a minus sign."),
    )
    years = forms.IntegerField(
        label=_("Years that the unit set or agreed"), required=False, min_value=1, help_text=_("Left empty, the least.")
    )
    agreed = PercentField(label=_("Share for rewards that the unit set or agreed, in percent"), required=False)

    def clean_profits(self) -> tuple[int, ...]:
        """Each year's in 分."""
        typed = self.cleaned_data["profits"].replace("；", ";").replace("−", "-")
        try:
            return tuple(fen_from_yuan(one) for one in typed.split(";") if one.strip())
        except ValueError:
            raise ValidationError(_("Write amounts in yuan with at most two decimals, between semicolons.")) from None


class TransferForm(_WayForm):
    """A taxpayer's income from transfer of technology in one year (技术转让所得)."""

    income = YuanField(
        label=_("Income from transfer of technology in the year, in yuan"),
        help_text=_("Of all transfers and licences that count, less their costs: not the amounts of the contracts."),
    )
    on = DayField(label=_("Day"), help_text=_("A day of the tax year; the rules of that day are used."))


class AwardForm(_WayForm):
    """Patents that were granted, where nothing was agreed; by the rules of the day of grant."""

    on = DayField(label=_("Day of the notice of grant"))
    inventions = forms.IntegerField(label=_("Inventions granted"), min_value=0, initial=1)
    others = forms.IntegerField(label=_("Utility models and designs granted"), min_value=0, initial=0)

    def facts(self) -> dict[str, Any]:
        """See the base."""
        return super().facts() | {"granted_on": self.cleaned_data["on"]}
