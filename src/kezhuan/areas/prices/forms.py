"""What is typed about prices: the price itself, sealed quotes, the deal of a place, the contract."""

from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.queries import unit_achievements
from kezhuan.areas.notices.forms import DECLARATION
from kezhuan.areas.prices.actions import MOST_BIDS, MOST_PAYMENTS, Deal, Due, Offered, PriceFacts
from kezhuan.areas.prices.models import Price, PriceBasis, PriceMode, PriceWay
from kezhuan.kernel.access import Actor
from kezhuan.web.fields import EMPTY, DayField, YuanField, long_text, offer
from kezhuan.web.record_forms import Rows

MOST_CHOICES = 500
PLAIN = ("title", "summary", "way", "mode", "basis", "basis_text", "buyer", "buyer_code", "related", "relation",
         "wants_exemption")  # fmt: skip
"""Fields that are called as the facts are."""


class PriceForm(forms.Form):
    """A price."""

    achievement = forms.ChoiceField(label=_("Achievement"))
    title = forms.CharField(label=_("Title"), max_length=200)
    mode = forms.ChoiceField(label=_("What is done with it"), choices=PriceMode.choices)
    way = forms.ChoiceField(label=_("How the price is found"), choices=PriceWay.choices, widget=forms.RadioSelect)
    asked = YuanField(
        label=_("Price, in yuan"),
        help_text=_("The agreed price; of a listing or an auction that below which nothing is sold."),
    )
    basis = forms.ChoiceField(
        label=_("On what it rests"),
        choices=PriceBasis.choices,
        help_text=_("Sealed quotes of your own enquiry are taken and opened on the page of the price."),
    )
    basis_text = forms.CharField(
        label=_("Deals compared, calculation, or number of the report"),
        required=False,
        max_length=5000,
        widget=long_text(3),
    )
    buyer = forms.CharField(label=_("Buyer"), max_length=200, required=False)
    buyer_code = forms.CharField(label=_("Its unified social credit code"), max_length=30, required=False)
    related = forms.BooleanField(
        label=_("The buyer is tied to a completer or a leader of the unit"),
        required=False,
        help_text=_("It is shown with the price, on its notice too."),
    )
    relation = forms.CharField(label=_("How they are tied"), required=False, max_length=2000, widget=long_text(2))
    wants_exemption = forms.BooleanField(
        label=_("The leader relies on the exemption"),
        required=False,
        help_text=_("An agreed price is then laid open in the unit and in the technology market as well."),
    )
    summary = forms.CharField(label=_("What it says"), required=False, max_length=20_000, widget=long_text(3))

    def __init__(self, *given: Any, actor: Actor, row: Price | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        self.about = {one.code: one for one in unit_achievements(actor)[:MOST_CHOICES]}
        if row is not None:
            self.about.setdefault(row.achievement.code, row.achievement)
        offer(self, "achievement", [EMPTY, *((code, f"{code} {one.title}") for code, one in self.about.items())])


class PaymentForm(forms.Form):
    """A payment."""

    due_on = DayField(label=_("Payment due on"))
    amount = YuanField(label=_("Amount, in yuan"))
    trigger = forms.CharField(label=_("What makes it due"), max_length=200, required=False)


class BidForm(forms.Form):
    """A bid."""

    bidder = forms.CharField(label=_("Bidder"), max_length=200)
    amount = YuanField(label=_("Amount, in yuan"))
    on = DayField(label=_("On"))


Payments = formset_factory(PaymentForm, extra=0, max_num=MOST_PAYMENTS)
Bids = formset_factory(BidForm, extra=0, max_num=MOST_BIDS)


class QuoteForm(forms.Form):
    """A sealed quote."""

    source = forms.CharField(label=_("Who gives the quote"), max_length=200)
    seal = forms.CharField(
        label=_("SHA-256 of the file in which it stands"),
        max_length=80,
        help_text=_("Whoever quotes keeps the file until the opening: nobody, you neither, can read it before."),
    )


class OpenForm(forms.Form):
    """A quote that is opened."""

    amount = YuanField(label=_("Price that it gives, in yuan"))
    file = forms.FileField(label=_("The file that was sealed"))
    declared_open = forms.BooleanField(label=DECLARATION)


class DealForm(forms.Form):
    """The deal of a listing or an auction."""

    place = forms.CharField(label=_("Place that held it"), max_length=200)
    deal_no = forms.CharField(label=_("Number of the transaction"), max_length=80)
    deal_on = DayField(label=_("Day of the deal"))
    final = YuanField(label=_("Price of the deal, in yuan"))
    buyer = forms.CharField(label=_("Buyer"), max_length=200)
    buyer_code = forms.CharField(label=_("Its unified social credit code"), max_length=30, required=False)
    related = forms.BooleanField(label=_("The buyer is tied to a completer or a leader of the unit"), required=False)
    relation = forms.CharField(label=_("How they are tied"), required=False, max_length=2000, widget=long_text(2))


class ConfirmationForm(forms.Form):
    """The confirmation of a deal."""

    file = forms.FileField(label=_("Confirmation of the deal (成交确认书)"))
    declared_open = forms.BooleanField(label=DECLARATION)


class ContractForm(forms.Form):
    """The contract that was signed at the price."""

    contract = forms.CharField(label=_("Code of the technology contract"), max_length=30)


def _dues(rows: Any) -> tuple[Due, ...]:
    read = [one.cleaned_data for one in rows if one.is_valid()]
    return tuple(Due(one["due_on"], one["amount"], one["trigger"]) for one in read)


def facts_of(form: PriceForm, rows: Rows) -> PriceFacts:
    """What was typed, as the actions take it; what could not be read is left out."""
    typed = form.cleaned_data
    return PriceFacts(
        **{name: typed.get(name, "") for name in PLAIN},
        achievement=form.about.get(typed.get("achievement", "")),
        asked_fen=typed.get("asked"),
        payments=_dues(rows["payments"]),
    )


def deal_of(form: DealForm, rows: Rows) -> Deal:
    """What the place says, as the action takes it."""
    typed = form.cleaned_data
    bids = [one.cleaned_data for one in rows["bids"] if one.is_valid()]
    return Deal(
        place=typed.get("place", ""),
        deal_no=typed.get("deal_no", ""),
        deal_on=typed.get("deal_on"),
        final_fen=typed.get("final"),
        buyer=typed.get("buyer", ""),
        buyer_code=typed.get("buyer_code", ""),
        related=typed.get("related", False),
        relation=typed.get("relation", ""),
        bids=tuple(Offered(one["bidder"], one["amount"], one["on"]) for one in bids),
        payments=_dues(rows["payments"]),
    )


def initial_of(row: Price) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A price as its form shows it."""
    fields = {name: getattr(row, name) for name in PLAIN if name not in {"title", "summary"}}
    fields |= {"title": row.record.title, "summary": row.record.summary}
    fields |= {"achievement": row.achievement.code, "asked": row.asked_fen}
    return fields, {"payments": payments_of(row)}


def payments_of(row: Price) -> list[dict[str, Any]]:
    """The payments as a form shows them."""
    return [{"due_on": one.due_on, "amount": one.fen, "trigger": one.trigger} for one in row.payments.all()]
