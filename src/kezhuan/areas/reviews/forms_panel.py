"""Forms by which a panel is run: conflicts, the draw, hidden words, the meeting; and the expert's own."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.reviews.minutes_actions import Minutes
from kezhuan.areas.reviews.models import ExpertSort, Panel, PanelItem, Review, Sheet, TieKind
from kezhuan.areas.reviews.panel_actions import Advice, FoundFacts
from kezhuan.areas.reviews.queries import on_panel
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import today
from kezhuan.web.components import FormSection
from kezhuan.web.fields import EMPTY, DayField, WordsField, YuanField, long_text, offer


class LookUpForm(forms.Form):
    """In which register the ties of parties were looked up."""

    parties = forms.MultipleChoiceField(label=_("Parties"), widget=forms.CheckboxSelectMultiple, required=False)
    source = forms.CharField(
        label=_("Where it was looked up"),
        max_length=200,
        help_text=_("Such as 国家企业信用信息公示系统; of people their own statement."),
    )
    on = DayField(label=_("Looked up on"), initial=today)
    party = forms.ChoiceField(
        label=_("A tie was found of"), required=False,
        help_text=_("Left empty, none was. Of several each is recorded by itself."),
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("What ties them"), choices=[EMPTY, *TieKind.choices], required=False)
    other = forms.CharField(label=_("With whom: code of the organisation or expert"), max_length=30, required=False)
    until = DayField(label=_("Until"), required=False, help_text=_("Left empty, no end is known, and it counts."))

    def __init__(
        self, *given: Any, parties: Sequence[tuple[int, str]], unknown: Sequence[Record], **options: Any
    ) -> None:
        super().__init__(*given, **options)
        choices = [(str(pk), label) for pk, label in parties]
        offer(self, "parties", choices)
        offer(self, "party", [EMPTY, *choices])
        self.fields["parties"].initial = [str(one.pk) for one in unknown]

    @property
    def chosen(self) -> list[int]:
        """The parties that were looked up, with that of which a tie was found."""
        typed = self.cleaned_data
        return [int(one) for one in dict.fromkeys(filter(None, (*typed["parties"], typed["party"])))]

    @property
    def found(self) -> tuple[FoundFacts, ...]:
        """The tie that was found; begun without the party it is one of that is none's."""
        typed = self.cleaned_data
        if not any(typed[name] for name in ("party", "kind", "other", "until")):
            return ()
        return (FoundFacts(int(typed["party"] or 0), typed["kind"], typed["other"], typed["until"]),)


class DismissForm(forms.Form):
    """Why a conflict that was found is none."""

    reason = forms.CharField(
        label=_("Why this is no conflict"), widget=long_text(2), max_length=1000,
        help_text=_("It stays dismissed for every panel, with your name and the reason."),
    )  # fmt: skip


class TakeBackForm(forms.Form):
    """Why a conflict that was dismissed is one after all."""

    reason = forms.CharField(
        label=_("Why it is a conflict after all"), widget=long_text(2), max_length=1000,
        help_text=_("It counts again for every panel; the dismissal and both reasons stay in sight."),
    )  # fmt: skip


class HiddenForm(forms.Form):
    """Further words that experts of a blind panel do not read."""

    words = WordsField(
        label=_("Words to hide"), required=False, help_text=_("Short names, brands, projects, set apart by commas.")
    )


class CommitForm(forms.Form):
    """How many experts of each sort are drawn, beside how many are `ready` to be."""

    def __init__(self, *given: Any, ready: Mapping[str, int], **options: Any) -> None:
        super().__init__(*given, **options)
        for sort in ExpertSort:
            self.fields[sort.value] = forms.IntegerField(
                label=capfirst(sort.label), min_value=0, max_value=99, initial=0,
                help_text=_("%(number)s can be drawn.") % {"number": ready.get(sort.value, 0)},
            )  # fmt: skip


class HoldForm(forms.Form):
    """The word that a witness said after the commitment was shown."""

    word = forms.CharField(label=_("Word of the witness"), max_length=80)
    witness = forms.CharField(label=_("Name of the witness"), max_length=80)


class MeetingForm(forms.Form):
    """The meeting: minutes, and of each of these items its turn, the advice and why; others stay open."""

    minutes_no = forms.CharField(label=_("Number of the minutes"), max_length=80)
    met_on = DayField(label=_("Day of the meeting"))
    attended = forms.MultipleChoiceField(
        label=_("Experts who attended"), widget=forms.CheckboxSelectMultiple, required=False
    )
    also_there = forms.CharField(
        label=_("Who else was there"), widget=long_text(2), max_length=2000, required=False,
        help_text=_("Chair, secretary, the department's people, each with their unit."),
    )  # fmt: skip
    minutes = forms.CharField(label=_("What the minutes say"), widget=long_text(8), max_length=20_000, required=False)

    def __init__(
        self, *given: Any, panel: Panel, items: Sequence[PanelItem], legends: Mapping[int, str], **options: Any
    ) -> None:
        super().__init__(*given, **options)
        self._items, self._legends = list(items), legends
        self.fields["minutes_no"].initial, self.fields["met_on"].initial = panel.minutes_no, panel.met_on
        experts = [(str(one.number), f"{one.number} {one.expert.person.record.title}") for one in on_panel(panel)]
        offer(self, "attended", experts)
        self.fields["attended"].initial = list(map(str, panel.attended))
        self.fields["also_there"].initial, self.fields["minutes"].initial = panel.also_there, panel.minutes
        for one in self._items:
            number = one.number
            self.fields[f"place_{number}"] = forms.IntegerField(
                label=_("Turn"), min_value=1, max_value=9999, initial=one.place
            )
            self.fields[f"advised_{number}"] = forms.ChoiceField(
                label=_("The panel advises"),
                choices=[("yes", _("to choose it")), ("no", _("not to choose it"))],
                widget=forms.RadioSelect,
                required=False,
                initial=None if one.advised is None else ("yes" if one.advised else "no"),
            )
            self.fields[f"opinion_{number}"] = forms.CharField(
                label=_("Why"), widget=long_text(2), max_length=2000, required=False, initial=one.opinion
            )

    @property
    def said(self) -> Minutes:
        """What was typed of the meeting itself, as the action takes it."""
        typed = self.cleaned_data
        return Minutes(typed["minutes"], tuple(map(int, typed["attended"])), typed["also_there"])

    @property
    def sections(self) -> tuple[FormSection, ...]:
        """The items in their order, each with its fields."""
        return tuple(
            FormSection(
                self._legends[one.number],
                tuple(self[f"{name}_{one.number}"] for name in ("place", "advised", "opinion")),
            )
            for one in self._items
        )

    @property
    def advice(self) -> dict[int, Advice]:
        """What was typed, by number: of an item that stays open its turn alone."""
        typed = self.cleaned_data
        said = {"yes": True, "no": False}
        return {
            one.number: Advice(
                typed[f"place_{one.number}"],
                said.get(typed[f"advised_{one.number}"]),
                typed[f"opinion_{one.number}"],
            )
            for one in self._items
        }


class ReviewsForm(forms.Form):
    """How many reviews these items of a panel get."""

    def __init__(
        self, *given: Any, panel: Panel, items: Sequence[PanelItem], legends: Mapping[int, str], **options: Any
    ) -> None:
        super().__init__(*given, **options)
        self._items = list(items)
        for one in self._items:
            self.fields[f"asked_{one.number}"] = forms.IntegerField(
                label=legends[one.number], min_value=1, max_value=99, required=False, initial=one.asked,
                help_text=_("Empty: %(number)s, as all.") % {"number": panel.per_item},
            )  # fmt: skip

    @property
    def asked(self) -> dict[int, int | None]:
        """What was typed, by number."""
        return {one.number: self.cleaned_data[f"asked_{one.number}"] for one in self._items}


class FeesForm(forms.Form):
    """What experts are paid, each with how many items they judged; begun with so much for an item where a rate is in
    force (分)."""

    def __init__(
        self, *given: Any, seats: Sequence[Review], judged: Mapping[int, int], rate_fen: int | None, **options: Any
    ) -> None:
        super().__init__(*given, **options)
        self._seats = list(seats)
        for one in self._seats:
            count = judged.get(one.pk, 0)
            begun = rate_fen * count if rate_fen is not None and count else None
            words = {"number": one.number, "name": one.expert.person.record.title, "count": count}
            self.fields[f"fee_{one.number}"] = YuanField(
                label=_("%(number)s %(name)s, %(count)s items judged, in yuan") % words,
                required=False,
                initial=one.fee_fen if one.fee_fen is not None else begun,
            )

    @property
    def fees(self) -> dict[int, int | None]:
        """What was typed, by number, in 分."""
        return {one.number: self.cleaned_data[f"fee_{one.number}"] for one in self._seats}


class AccountForm(forms.Form):
    """Where an expert's fees go."""

    bank = forms.CharField(label=_("Bank and branch"), max_length=120, required=False)
    account = forms.CharField(label=_("Account"), max_length=40, required=False)


class ScoreForm(forms.Form):
    """Marks and words for one item, criterion by criterion."""

    def __init__(self, *given: Any, criteria: Sequence[dict[str, Any]], sheet: Sheet, **options: Any) -> None:
        super().__init__(*given, **options)
        self._criteria = list(criteria)
        self._legends = [f"{one['name']} · {one['weight'] / 100:g} %" for one in self._criteria]
        for place, one in enumerate(self._criteria):
            self.fields[f"mark_{place}"] = forms.CharField(
                label=_("Mark from 0 to 100"), max_length=8, required=False,
                initial=sheet.marks[place] if place < len(sheet.marks) else "",
                widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}), help_text=one["anchors"],
            )  # fmt: skip
            self.fields[f"words_{place}"] = forms.CharField(
                label=_("Reasons for the mark"), max_length=2000, required=False, widget=long_text(2),
                initial=sheet.words[place] if place < len(sheet.words) else "",
            )  # fmt: skip

    @property
    def needed_later(self) -> frozenset[str]:
        """The fields that may be empty until the marks are handed in."""
        return frozenset(self.fields)

    @property
    def sections(self) -> tuple[FormSection, ...]:
        """The criteria, each with mark and words."""
        return tuple(
            FormSection(legend, (self[f"mark_{place}"], self[f"words_{place}"]))
            for place, legend in enumerate(self._legends)
        )

    def typed(self, name: str) -> list[str]:
        """What was typed, in the order of the criteria."""
        return [self.cleaned_data.get(f"{name}_{place}") or "" for place in range(len(self._criteria))]


class QuestionForm(forms.Form):
    """A question of an expert, or its answer."""

    words = forms.CharField(label=_("Question"), widget=long_text(4), max_length=2000)

    def __init__(self, *given: Any, label: Any = "", **options: Any) -> None:
        super().__init__(*given, **options)
        if label:
            self.fields["words"].label = label


class GiveBackForm(forms.Form):
    """Why an item is not judged."""

    reason = forms.CharField(label=_("Why you do not judge it"), widget=long_text(2), max_length=500)
