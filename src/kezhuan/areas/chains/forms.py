"""What is typed about an offer, a booking, and its use."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.chains.actions import MOST_CAPACITY, BookingFacts, OfferFacts
from kezhuan.areas.chains.models import CapacityUnit, Offer, OfferSort, Period, Reach
from kezhuan.areas.chains.permissions import own_projects
from kezhuan.kernel.access import Actor
from kezhuan.kernel.text import today
from kezhuan.web.fields import EMPTY, DayField, long_text, offer
from kezhuan.web.names import name_of

MOST_CHOICES = 200
PLAIN = ("title", "summary", "project", "sort", "place", "unit", "period", "conditions", "reach")


def _projects(actor: Actor) -> list[tuple[str, str]]:
    rows = own_projects(actor)[:MOST_CHOICES]
    return [(one.record.code, f"{one.record.code} {name_of(one.record)}") for one in rows]


class OfferForm(forms.Form):
    """What is opened to a consortium."""

    title = forms.CharField(label=_("Title"), max_length=200)
    sort = forms.ChoiceField(label=_("Kind"), choices=OfferSort.choices)
    summary = forms.CharField(label=_("What it offers"), required=False, max_length=20_000, widget=long_text(4))
    project = forms.ChoiceField(label=_("Project whose consortium it is for"))
    place = forms.CharField(label=_("Where it is"), max_length=200)
    capacity = forms.IntegerField(
        label=_("Capacity of a period"), min_value=1, max_value=MOST_CAPACITY,
        help_text=_("Never more is confirmed than this, in any period."),
    )  # fmt: skip
    unit = forms.ChoiceField(label=_("Counted in"), choices=CapacityUnit.choices)
    period = forms.ChoiceField(
        label=_("Period"), choices=Period.choices, initial=Period.MONTH,
        help_text=_("Calendar days, weeks from Monday on, calendar months."),
    )  # fmt: skip
    starts_on = DayField(label=_("First day"))
    ends_on = DayField(label=_("Last day"))
    conditions = forms.CharField(
        label=_("Conditions of use"), required=False, max_length=10_000, widget=long_text(4),
        help_text=_("Fees, safety, secrecy, what is brought along."),
    )  # fmt: skip
    reach = forms.ChoiceField(label=_("Who may book"), choices=Reach.choices, widget=forms.RadioSelect)

    def __init__(self, *given: Any, actor: Actor, row: Offer | None = None, **options: Any) -> None:
        super().__init__(*given, **options)
        known = dict(_projects(actor))
        if row is not None:
            known.setdefault(row.project.record.code, f"{row.project.record.code} {name_of(row.project.record)}")
        offer(self, "project", known.items())


def facts_of(form: OfferForm) -> OfferFacts:
    """What was typed, as the actions take it."""
    typed = form.cleaned_data
    plain = {name: typed.get(name, "") for name in PLAIN}
    return OfferFacts(
        **plain, capacity=typed.get("capacity"), starts_on=typed.get("starts_on"), ends_on=typed.get("ends_on")
    )


def initial_of(row: Offer) -> dict[str, Any]:
    """An offer as its form shows it."""
    names = ("sort", "place", "unit", "period", "conditions", "reach", "capacity", "starts_on", "ends_on")
    told = {name: getattr(row, name) for name in names}
    return told | {"title": row.record.title, "summary": row.record.summary, "project": row.project.record.code}


class BookingForm(forms.Form):
    """A part of an offer that is asked for."""

    from_on = DayField(label=_("From"), initial=today)
    to_on = DayField(label=_("To"))
    amount = forms.IntegerField(
        label=_("How much of each period"), min_value=1, help_text=_("Taken in every period that these days touch.")
    )
    project = forms.ChoiceField(label=_("Project"), required=False)
    team = forms.CharField(label=_("Or the team that uses it"), max_length=200, required=False)
    purpose = forms.CharField(label=_("What for"), max_length=10_000, widget=long_text(3))

    def __init__(self, *given: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "project", [EMPTY, *_projects(actor)])

    @property
    def facts(self) -> BookingFacts:
        """As the actions take it."""
        return BookingFacts(**self.cleaned_data)


class BookingAnswerForm(forms.Form):
    """The answer of whoever offers."""

    confirms = forms.ChoiceField(
        label=_("Answer"),
        choices=[("yes", _("Confirm: the capacity is taken")), ("no", _("Refuse, with the reason"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why"), required=False, max_length=2000, widget=long_text(2), help_text=_("The organisation reads it.")
    )


class ReasonForm(forms.Form):
    """Why a booking is taken back."""

    reason = forms.CharField(label=_("Why"), max_length=2000, widget=long_text(2))


class UseForm(forms.Form):
    """One use."""

    on = DayField(label=_("Day"), initial=today)
    quantity = forms.DecimalField(label=_("How much was used"), max_digits=8, decimal_places=1)
    result = forms.CharField(label=_("What came of it"), max_length=10_000, widget=long_text(3))
