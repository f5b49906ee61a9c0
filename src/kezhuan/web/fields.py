"""Form fields that several areas share: money in 万元, shares in percent, lists of words, people of an organisation."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.engines.money import MOST_FEN, TooMuch, fen_from_yuan, yuan
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models import Person
from kezhuan.kernel.text import FEN_PER_WAN, clean, fen_from_wan, wan_from_fen
from kezhuan.kernel.vocabulary import REGIONS, TRL_SCALES, Field, Mode

EMPTY = ("", "—")
DECLARATION = gettext_lazy("I declare that this file holds no state secret (秘密, 机密, 绝密) and may be kept here.")


def offer(form: forms.Form, name: str, choices: Iterable[tuple[str, Any]]) -> None:
    """Let a field of a form be chosen from these: what can be chosen depends on who asks."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def too_much() -> str:
    """Above which amount nothing is kept."""
    return _("An amount is at most %(most)s 万元.") % {"most": f"{MOST_FEN // FEN_PER_WAN:,}"}


class WanField(forms.CharField):
    """An amount typed in 万元; its value is integer 分 or None."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """分 shown as 万元; what was typed is shown as typed."""
        return wan_from_fen(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Integer 分; an amount with more than six decimals, a negative one or no number is refused."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            fen = fen_from_wan(typed)
        except (ValueError, ArithmeticError):  # 1e999999 is a number, but none that can be multiplied
            raise ValidationError(
                _("Enter an amount in units of 10,000 yuan (万元), for example 200 or 35.5, with at most six decimals.")
            ) from None
        if fen > MOST_FEN:
            raise ValidationError(too_much())
        return fen


class YuanField(forms.CharField):
    """An amount typed in yuan; its value is integer 分 or None."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """分 shown as yuan; what was typed is shown as typed."""
        return yuan(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Integer 分; an amount with more than two decimals, a negative one or no number is refused."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            fen = fen_from_yuan(typed)
        except TooMuch:
            raise ValidationError(too_much()) from None
        except ValueError:
            fen = -1
        if fen < 0:
            raise ValidationError(
                _("Enter an amount in yuan, for example 60000 or 1234.50, with at most two decimals.")
            )
        return fen


class SharesField(forms.CharField):
    """Numbers that share something by their size, such as 60, 40; its value is a tuple of hundredths."""

    def clean(self, value: Any) -> tuple[int, ...]:
        """At most fifty numbers above zero with at most two decimals."""
        typed = super().clean(value) or ""
        for mark in ",，；;、/\n%％":
            typed = typed.replace(mark, " ")
        try:
            parts = tuple(Decimal(word) * 100 for word in typed.split())
        except ArithmeticError:
            parts = (Decimal(-1),)
        if len(parts) > 50 or any(not 0 < part <= 10**9 or part != part.to_integral_value() for part in parts):
            raise ValidationError(
                _("Enter at most 50 numbers above zero with at most two decimals, for example 60, 40.")
            )
        return tuple(map(int, parts))


class PercentField(forms.CharField):
    """A share typed in percent; its value is integer basis points or None."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """Basis points shown as percent; what was typed is shown as typed."""
        return f"{Decimal(value) / 100:.2f}".rstrip("0").rstrip(".") if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        """Basis points from 0 to 10,000; more than two decimals is refused."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            points = Decimal(typed.rstrip("% ")) * 100
        except ArithmeticError:  # no number, or one like 1e999999
            points = Decimal(-1)
        if not points.is_finite() or not 0 <= points <= 10_000 or points != points.to_integral_value():
            raise ValidationError(_("Enter a share from 0 to 100 percent with at most two decimals."))
        return int(points)


class WordsField(forms.CharField):
    """Words separated by commas, semicolons or 、; its value is a tuple without repetitions."""

    marks = ",，；、\n|"

    def __init__(self, *, most: int = 20, **options: Any) -> None:
        super().__init__(**options)
        self._most = most

    def prepare_value(self, value: Any) -> Any:
        """Words shown with separators."""
        return "; ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> tuple[str, ...]:
        """The words in the order typed."""
        typed = super().clean(value) or ""
        for mark in self.marks:
            typed = typed.replace(mark, ";")
        words = tuple(dict.fromkeys(clean(word) for word in typed.split(";") if clean(word)))
        if len(words) > self._most or any(len(word) > 60 for word in words):
            message = _("Enter at most %(most)s keywords of at most 60 characters each.")
            raise ValidationError(message % {"most": self._most})
        return words


class CodesField(WordsField):
    """Codes of records, in capitals as they stand: like words, and set apart by blanks too, as they are copied from a
    row of a sheet."""

    marks = f"{WordsField.marks} \t\r\u3000"

    def clean(self, value: Any) -> tuple[str, ...]:
        """The codes in the order typed, however they were typed."""
        return tuple(dict.fromkeys(code.upper() for code in super().clean(value)))


class DayField(forms.DateField):
    """A day, chosen or typed as 2027-06-30."""

    default_error_messages = {"invalid": gettext_lazy("Enter a day that exists, such as 2027-06-30.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(input_formats=["%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"], **options)


def long_text(rows: int = 4) -> forms.Textarea:
    """A text area of so many rows."""
    return forms.Textarea(attrs={"rows": rows})


def field_choice(**options: Any) -> forms.ChoiceField:
    """A choice of the eleven technical fields."""
    return forms.ChoiceField(label=gettext_lazy("Technical field"), choices=[EMPTY, *Field.choices], **options)


def level_field(label: Any) -> forms.IntegerField:
    """A maturity level; how high it may be depends on its scale, which the checks know."""
    return forms.IntegerField(
        label=label, required=False, widget=forms.NumberInput(attrs={"min": 1, "max": max(TRL_SCALES.values())})
    )


def mode_choice(label: Any) -> forms.MultipleChoiceField:
    """A choice of one or several cooperation modes."""
    return forms.MultipleChoiceField(
        label=label, choices=Mode.choices, required=False, widget=forms.CheckboxSelectMultiple
    )


def region_choice() -> forms.ChoiceField:
    """A choice of the city's districts."""
    return forms.ChoiceField(label=gettext_lazy("District"), choices=[EMPTY, *REGIONS.items()], required=False)


def scale_choice() -> forms.ChoiceField:
    """A choice of the scale on which a maturity level is given."""
    return forms.ChoiceField(
        label=gettext_lazy("Scale of maturity"),
        choices=[
            ("trl9", gettext_lazy("TRL, nine levels")),
            ("grl13", gettext_lazy("thirteen levels (GB/T 22900)")),
            ("new_materials9", gettext_lazy("new materials, nine levels (GB/T 37264)")),
        ],
    )


def colleagues_of(actor: Actor, held: Iterable[int | None] = ()) -> list[Person]:
    """The people who act for the actor's organisation, and those whom a record names already (`held`, by id)."""
    if actor.organisation is None:
        return []
    # Whoever is named already may stay, also after leaving.
    inside = Q(memberships__organisation=actor.organisation, memberships__until=None) | Q(
        pk__in=list(filter(None, held))
    )
    return list(Person.objects.filter(inside).select_related("record").distinct().order_by("pk"))


class PersonChoice(forms.TypedChoiceField):
    """One of some people, or nobody; its value is the person or None."""

    def __init__(self, people: Iterable[Person], **options: Any) -> None:
        self.people = {str(one.pk): one for one in people}
        choices = [(pk, f"{one.record.title} {one.post}".strip()) for pk, one in self.people.items()]
        super().__init__(choices=[EMPTY, *choices], coerce=self._person, empty_value=None, required=False, **options)

    def _person(self, typed: Any) -> Person:
        try:
            return self.people[str(typed)]
        except KeyError:
            raise ValueError(typed) from None  # what Django asks of `coerce`
