"""Forms of brokers, and of a plan of their queues."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.brokers.actions import BrokerFacts
from kezhuan.areas.brokers.models import CAPACITY, MOST_CAPACITY, Broker
from kezhuan.kernel.models import Person
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import REGIONS, Field
from kezhuan.web.fields import PersonChoice, offer
from kezhuan.web.names import name_of


class BrokerChangeForm(forms.Form):
    """What is said of a broker."""

    fields_known = forms.MultipleChoiceField(
        label=_("Technical fields"), choices=Field.choices, widget=forms.CheckboxSelectMultiple
    )
    regions = forms.MultipleChoiceField(
        label=_("Districts that they work in"),
        choices=[(code, name) for code, name in REGIONS.items() if code != settings.CITY],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The whole city when none is chosen."),
    )
    capacity = forms.IntegerField(
        label=_("Pairs open at once, at most"),
        min_value=1,
        max_value=MOST_CAPACITY,
        initial=CAPACITY,
        help_text=_("Those that wait and those that are followed. What stands here at first is the program's own."),
    )

    @property
    def facts(self) -> BrokerFacts:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        return BrokerFacts(tuple(typed["fields_known"]), tuple(typed["regions"]), typed["capacity"])


class BrokerForm(BrokerChangeForm):
    """Who becomes a broker beside it."""

    field_order = ("person",)

    def __init__(self, *given: Any, people: Iterable[Person], **named: Any) -> None:
        super().__init__(*given, **named)
        said = _(
            "Firms with a need that not everybody reads see the name, unit and fields of every broker; both sides of an"
            " introduction see the name."
        )
        self.fields["person"] = PersonChoice(people, label=_("Person's name"), help_text=said)
        self.fields["person"].required = True
        self.order_fields(self.field_order)


class LettingForm(forms.Form):
    """Which brokers read a need."""

    brokers = forms.TypedMultipleChoiceField(
        label=_("Technology brokers who may read it"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They read its public part, each in person, and can be given pairs of it. Nobody else does."),
    )

    def __init__(self, *given: Any, brokers: Iterable[Broker], **named: Any) -> None:
        super().__init__(*given, **named)
        offer(self, "brokers", [(str(one.pk), broker_name(one)) for one in brokers])


def broker_name(row: Broker) -> str:
    """A broker with their unit and fields."""
    fields = listed(Field(one).label for one in row.fields)
    return f"{name_of(row.person.record)} · {name_of(row.organisation.record)} · {fields}"


def initial_of(row: Broker) -> dict[str, Any]:
    """A broker as the form shows them."""
    return {"fields_known": row.fields, "regions": row.regions, "capacity": row.capacity}
