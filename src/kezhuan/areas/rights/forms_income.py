"""What is typed about a receipt: what came in, its costs, and who shares."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.achievements.queries import unit_achievements
from kezhuan.areas.agreements.models import AgreementPayment
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.rights.distribution_actions import MOST_COSTS, MOST_MEMBERS, Cost, ReceiptFacts, Share
from kezhuan.areas.rights.forms import COSTS
from kezhuan.areas.rights.models import Distribution, Sharer, Way
from kezhuan.areas.rights.queries import contracts_of, payment_name, payments_of
from kezhuan.engines.money import yuan
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Person
from kezhuan.web.fields import EMPTY, DayField, PercentField, PersonChoice, YuanField, long_text, offer
from kezhuan.web.record_forms import Rows

MOST_CHOICES = 500


class ReceiptForm(forms.Form):
    """A receipt."""

    achievement = forms.ChoiceField(label=_("Achievement"))
    contract = forms.ChoiceField(label=_("Technology contract"), required=False)
    payment = forms.ChoiceField(
        label=_("Came in under an agreement as"),
        required=False,
        help_text=_("Day and amount are those that the agreement holds."),
    )
    title = forms.CharField(label=_("Title"), max_length=200)
    reference = forms.CharField(
        label=_("Number of the receipt's voucher"),
        max_length=80,
        help_text=_("A voucher is entered once: money is distributed once."),
    )
    received_on = DayField(label=_("Day of receipt"))
    received = YuanField(label=_("Received, in yuan"))
    agreed = PercentField(
        label=_("Share for rewards that the unit set or agreed, in percent"),
        required=False,
        help_text=_("Left empty, the floor of the place is used."),
    )
    minutes = forms.CharField(
        label=_("Number of the minutes of the decision"),
        max_length=80,
        required=False,
        help_text=_("Where a head of the unit is rewarded, the collective decision."),
    )
    decided_on = DayField(label=_("Decided on"), required=False)
    summary = forms.CharField(label=_("What it says"), required=False, max_length=20_000, widget=long_text(3))
    way = Way.RECEIPT
    own: tuple[str, ...] = ("payment", "contract")

    def __init__(self, *given: Any, actor: Actor, row: Distribution | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        self.about = {one.code: one for one in unit_achievements(actor)[:MOST_CHOICES]}
        self.contracts = {one.code: one for one in contracts_of(actor)[:MOST_CHOICES]}
        self.payments = {payment_name(one): one for one in payments_of(actor).filter(distribution=None)[:MOST_CHOICES]}
        if row is not None:
            if row.payment is not None:
                self.payments.setdefault(payment_name(row.payment), row.payment)
            self.about.setdefault(row.achievement.code, row.achievement)
            if row.contract is not None:
                self.contracts.setdefault(row.contract.code, row.contract)
        offer(self, "achievement", [EMPTY, *((code, f"{code} {one.title}") for code, one in self.about.items())])
        offer(self, "contract", [EMPTY, *((code, f"{code} {one.title}") for code, one in self.contracts.items())])
        if "payment" not in self.own:
            del self.fields["payment"]
        else:
            offer(self, "payment", [EMPTY, *((name, _paid_words(name, one)) for name, one in self.payments.items())])


class InvestmentForm(ReceiptForm):
    """A result that was put into a company: the shares for it are divided."""

    company = forms.CharField(label=_("Company"), max_length=200)
    reference = forms.CharField(
        label=_("Number of the registration of the shares"),
        max_length=80,
        help_text=_("A registration is entered once: shares are divided once."),
    )
    received_on = DayField(label=_("Day of registration of the shares"))
    received = YuanField(label=_("Value of the result in the company, in yuan"))
    post_money_fen = YuanField(label=_("Value of the company after the investment, in yuan"))
    total_shares = forms.IntegerField(label=_("Shares of the company in all"), min_value=1)
    way = Way.EQUITY
    own = ("contract", "company", "post_money_fen", "total_shares")


class ProductionForm(ReceiptForm):
    """A year's operating profit of one's own or a joint production."""

    reference = forms.CharField(
        label=_("Number of the year's accounts"),
        max_length=80,
        help_text=_("The profit of what is made by the result is accounted for apart."),
    )
    received_on = DayField(label=_("Day on which the profit was established"))
    received = YuanField(label=_("Operating profit of the year, in yuan"))
    started_on = DayField(label=_("In operation since"))
    year_no = forms.IntegerField(label=_("Year of production"), min_value=1, help_text=_("The first year is 1."))
    years = forms.IntegerField(
        label=_("Years that the unit set or agreed"), required=False, min_value=1, help_text=_("Left empty, the least.")
    )
    way = Way.PROFIT
    own = ("contract", "started_on", "year_no", "years")


FORMS: dict[str, type[ReceiptForm]] = {one.way: one for one in (ReceiptForm, InvestmentForm, ProductionForm)}


def _paid_words(name: str, one: AgreementPayment) -> str:
    """What came in, as it stands in the list to choose from."""
    return " · ".join((name, one.version.agreement.record.title, one.what, f"{one.paid_on}", yuan(one.paid_fen or 0)))


class CostForm(forms.Form):
    """A direct cost of the deal."""

    kind = forms.ChoiceField(label=_("Cost"), choices=list(COSTS.items()))
    amount = YuanField(label=_("Amount, in yuan"))
    voucher = forms.CharField(label=_("Voucher"), max_length=80, required=False)


class ShareForm(forms.Form):
    """Somebody who is rewarded."""

    name = forms.CharField(label=_("Person's name"), max_length=80)
    role = forms.ChoiceField(
        label=_("Takes part as"), choices=[one for one in Sharer.choices if one[0] != Sharer.OWNER]
    )
    weight = forms.IntegerField(
        label=_("Weight"), min_value=1, max_value=1_000_000, help_text=_("Counts against the others of the same sort.")
    )
    head = forms.BooleanField(label=_("Heads the unit (正职)"), required=False)

    def __init__(self, *arguments: Any, people: Sequence[Person] = (), **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["person"] = PersonChoice(
            people, label=_("Is this colleague"), help_text=_("Leave empty for somebody who has no account here.")
        )


Costs = formset_factory(CostForm, extra=0, max_num=MOST_COSTS)
Shares = formset_factory(ShareForm, extra=0, max_num=MOST_MEMBERS)


class PaidForm(forms.Form):
    """A share that was paid."""

    on = DayField(label=_("Paid on"))
    voucher = forms.CharField(label=_("Number of the voucher"), max_length=80)


NUMBERS = ("post_money_fen", "total_shares", "started_on", "year_no", "years")
"""What is typed of one way alone and kept as it is."""


def facts_of(form: ReceiptForm, rows: Rows) -> ReceiptFacts:
    """What was typed, as the actions take it; what could not be read is left out."""
    typed = form.cleaned_data
    read = {name: [row.cleaned_data for row in rows[name] if row.is_valid()] for name in rows}
    return ReceiptFacts(
        title=typed.get("title", ""),
        achievement=form.about.get(typed.get("achievement", "")),
        contract=form.contracts.get(typed.get("contract", "")),
        payment=form.payments.get(typed.get("payment", "")),
        reference=typed.get("reference", ""),
        received_on=typed.get("received_on"),
        received_fen=typed.get("received"),
        agreed_bp=typed.get("agreed"),
        summary=typed.get("summary", ""),
        costs=tuple(Cost(one["kind"], one["amount"], one["voucher"]) for one in read.get("costs", ())),
        members=tuple(
            Share(one["name"], one["role"], one["weight"], one["person"], one["head"]) for one in read["members"]
        ),
        way=form.way,
        company=typed.get("company", ""),
        **{name: typed.get(name) for name in NUMBERS},
        minutes=typed.get("minutes", ""),
        decided_on=typed.get("decided_on"),
    )


def start_from(actor: Actor, payment: AgreementPayment) -> dict[str, Any]:
    """What the form begins with where money came in under an agreement: nothing is typed twice."""
    agreement = payment.version.agreement
    registered = Contract.objects.filter(agreement=agreement.record, record__in=contracts_of(actor))
    contract = registered.select_related("record").order_by("-pk").first()
    return {
        "achievement": agreement.achievement.code if agreement.achievement is not None else "",
        "contract": contract.record.code if contract is not None else "",
        "payment": payment_name(payment),
        "title": f"{agreement.record.title} {payment.what}"[:200],
        "reference": payment.voucher,
        "received_on": payment.paid_on,
        "received": payment.paid_fen,
    }


def initial_of(row: Distribution) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """A receipt as its form shows it."""
    fields = {
        "achievement": row.achievement.code,
        "contract": row.contract.code if row.contract is not None else "",
        "payment": payment_name(row.payment) if row.payment is not None else "",
        "title": row.record.title,
        "summary": row.record.summary,
        "reference": row.reference,
        "received_on": row.received_on,
        "received": row.received_fen,
        "agreed": row.agreed_bp,
        "company": row.company,
        "minutes": row.minutes,
        "decided_on": row.decided_on,
    } | {name: getattr(row, name) for name in NUMBERS}
    return fields, {
        "costs": [{"kind": kind, "amount": fen, "voucher": voucher} for kind, fen, voucher in row.costs],
        "members": [
            {"name": one.name, "role": one.role, "weight": one.weight, "person": one.person_id, "head": one.head}
            for one in row.members.exclude(role=Sharer.OWNER)
        ],
    }
