"""What the income calculator asks: a receipt, its costs, and how it is shared; nobody's name."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.rights.queries import places
from kezhuan.engines.income import Agreement, Deduction, Member, Owners, Receipt, Role
from kezhuan.kernel.text import today
from kezhuan.web.fields import DayField, PercentField, SharesField, YuanField, offer
from kezhuan.web.names import place_name

COSTS = {
    "tax": _("Taxes of this deal"),
    "maintenance": _("Maintenance of the rights"),
    "assessment": _("Valuation"),
    "appraisal": _("Appraisal"),
    "negotiation": _("Negotiation"),
    "broker": _("Brokerage"),
    "travel": _("Travel"),
}


class IncomeForm(forms.Form):
    """One receipt; the address carries what was typed, so that it can be sent on."""

    received = YuanField(label=_("Received, in yuan"))
    jurisdiction = forms.ChoiceField(label=_("Place of the unit"))
    on = DayField(label=_("Day of receipt"))
    carried = YuanField(
        label=_("Costs carried over, in yuan"),
        required=False,
        help_text=_("What earlier receipts did not cover."),
    )
    agreed = PercentField(
        label=_("Share for rewards that the unit set or agreed, in percent"),
        required=False,
        help_text=_("Left empty, the floor of the place is used."),
    )
    main = SharesField(
        label=_("Shares of the main contributors"),
        required=False,
        help_text=_("One number for each person, such as 60, 40. No names: the address of the answer can be sent on."),
    )
    other = SharesField(label=_("Shares of other contributors"), required=False)
    office = SharesField(label=_("Shares of the transfer office's staff"), required=False)
    owners = PercentField(
        label=_("Share of the result that its completers own, in percent"),
        required=False,
        help_text=_("Where it was granted to them (赋权)."),
    )
    owner = SharesField(label=_("Shares of the owners among themselves"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        offer(self, "jurisdiction", [(code, place_name(code)) for code in places()])
        self.initial.setdefault("jurisdiction", settings.CITY)
        self.initial.setdefault("on", today().isoformat())
        for kind, label in COSTS.items():
            self.fields[kind] = YuanField(label=label, required=False)

    def receipt(self) -> Receipt:
        """The receipt with its costs, in 分."""
        given = self.cleaned_data
        return Receipt(given["received"], given["on"], tuple(Deduction(one, given[one]) for one in COSTS if given[one]))

    def agreement(self) -> Agreement:
        """How it is shared; persons are numbered within their group."""
        given = self.cleaned_data
        members = tuple(
            Member(f"{role.value} {place}", role, weight)
            for role in Role
            for place, weight in enumerate(given[role.value], 1)
        )
        owners = None
        if given["owners"] is not None or given["owner"]:
            people = tuple((f"owner {place}", weight) for place, weight in enumerate(given["owner"] or (1,), 1))
            owners = Owners(given["owners"] or 0, people)
        return Agreement(given["agreed"], members, owners)
