"""What is typed about races: which projects run, what a third party found at a gate, what is reserved."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.choices import Occasion
from kezhuan.areas.calls.models import CallItem
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.projects.models import Eliminated, GateDecision, Project, RaceTest
from kezhuan.areas.projects.race_actions import GateFacts, RaceFacts
from kezhuan.kernel.text import day_from_text
from kezhuan.web.components import FormSection
from kezhuan.web.fields import EMPTY, DayField, PercentField, WanField, long_text, offer
from kezhuan.web.names import name_of


class DaysField(forms.CharField):
    """Days separated by blanks or commas; its value is a tuple of them in order."""

    def clean(self, value: Any) -> tuple[date, ...]:
        """The days; what is none is refused."""
        typed = super().clean(value) or ""
        for mark in ",，；;、\n":
            typed = typed.replace(mark, " ")
        days = [day_from_text(word) for word in typed.split()]
        if None in days or not days:
            raise ValidationError(_("Enter days such as 2027-06-30, separated by commas."))
        return tuple(sorted(day for day in days if day is not None))


class RaceForm(forms.Form):
    """A race that is opened."""

    title = forms.CharField(label=_("Name of the race"), max_length=200)
    projects = forms.MultipleChoiceField(label=_("Teams"), widget=forms.CheckboxSelectMultiple)
    first = WanField(
        label=_("First payment of each team (万元)"), help_text=_("Equal for all; the rest is kept for who goes on.")
    )
    gates = DaysField(label=_("Days of the gates"), help_text=_("Such as 2027-06-30, separated by commas."))
    eliminated = forms.ChoiceField(
        label=_("Money of a team that leaves goes"), choices=Eliminated.choices, widget=forms.RadioSelect
    )
    least_teams = forms.IntegerField(label=_("Teams at least"), min_value=2, max_value=20, required=False)
    most_teams = forms.IntegerField(label=_("Teams at most"), min_value=2, max_value=20, required=False)
    first_share_bp = PercentField(label=_("First payments together at most (percent)"), required=False)

    def __init__(self, *given: Any, projects: Sequence[Project], **options: Any) -> None:
        super().__init__(*given, **options)
        choices = [(one.record.code, f"{one.record.code} {name_of(one.leader.record)}") for one in projects]
        offer(self, "projects", choices)

    @property
    def facts(self) -> RaceFacts:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        return RaceFacts(
            projects=tuple(typed["projects"]),
            first_fen=typed["first"] or 0,
            gates=typed["gates"],
            eliminated=typed["eliminated"],
            title=typed["title"],
            least_teams=typed["least_teams"],
            most_teams=typed["most_teams"],
            first_share_bp=typed["first_share_bp"],
        )


class GateForm(forms.Form):
    """What a third party found at a gate."""

    on = DayField(label=_("Gate held on"))
    tester = forms.CharField(label=_("Code of the third party"), max_length=30)
    report_no = forms.CharField(label=_("Number of its report"), max_length=80)
    words = forms.CharField(label=_("What was found"), widget=long_text(3), max_length=10_000, required=False)
    decision = forms.ChoiceField(label=_("Where several pass"), choices=[EMPTY, *GateDecision.choices], required=False)
    keep = forms.IntegerField(
        label=_("How many of the ranking go on"), min_value=1, max_value=20, required=False,
        help_text=_("For a cut."),
    )  # fmt: skip
    stays = forms.ChoiceField(label=_("Merged: who goes on"), required=False)
    joins = forms.ChoiceField(label=_("Merged: who joins it"), required=False)

    def __init__(
        self, *given: Any, item: CallItem, teams: Sequence[Project], test: RaceTest | None = None, **options: Any
    ) -> None:
        super().__init__(*given, **options)
        self._item, self._teams = item, list(teams)
        names = [(one.record.code, f"{one.record.code} {name_of(one.leader.record)}") for one in self._teams]
        offer(self, "stays", [EMPTY, *names])
        offer(self, "joins", [EMPTY, *names])
        for one, (_code, team) in zip(self._teams, names, strict=True):
            missing = {"required": _("enter the figure of %(team)s.") % {"team": team}}
            self.fields[f"passed_{one.pk}"] = forms.BooleanField(label=_("Has passed"), required=False)
            self.fields[f"rank_{one.pk}"] = forms.IntegerField(
                label=_("Rank"), min_value=1, max_value=20, required=False, help_text=_("For a cut.")
            )
            for place, row in enumerate(item.indicators):
                self.fields[f"figure_{one.pk}_{place}"] = forms.CharField(
                    label=indicator_in_words(row), max_length=80, help_text=row["test_method"], error_messages=missing
                )
        if test is not None:
            self._show(test)

    def _show(self, test: RaceTest) -> None:
        """What the third party entered stands there, and is held by as it is."""
        shown = self._entered(test)
        for name in (*shown, *(one for one in self.fields if one.startswith(("figure_", "passed_")))):
            self.fields[name].initial, self.fields[name].disabled = shown.get(name), True
        self.initial = {}

    def _entered(self, test: RaceTest) -> dict[str, Any]:
        shown: dict[str, Any] = {name: getattr(test, name) for name in ("on", "report_no", "words")}
        shown["tester"] = test.tester.record.code
        for one in self._teams:
            shown[f"passed_{one.pk}"] = one.record.code in test.passed
            figures = test.figures.get(one.record.code, ())
            shown |= {f"figure_{one.pk}_{place}": figure for place, figure in enumerate(figures)}
        return shown

    def clean(self) -> dict[str, Any]:
        """Each team has a rank of its own: between equals nobody would have decided."""
        typed = super().clean() or {}
        taken: set[int] = set()
        for one in self._teams:
            rank = typed.get(f"rank_{one.pk}")
            if rank in taken:
                self.add_error(f"rank_{one.pk}", _("Another team has this rank: give each its own."))
            taken |= {rank} if rank else set()
        return typed

    @property
    def sections(self) -> tuple[FormSection, ...]:
        """The fields as they stand together: the gate, then each team against the same targets."""
        shared = ("on", "tester", "report_no", "words", "decision", "keep", "stays", "joins")
        found = [FormSection(_("The gate"), tuple(self[name] for name in shared if name in self.fields))]
        for one in self._teams:
            names = [f"figure_{one.pk}_{place}" for place in range(len(self._item.indicators))]
            names += [name for name in (f"passed_{one.pk}", f"rank_{one.pk}") if name in self.fields]
            legend = f"{one.record.code} {name_of(one.leader.record)}"
            found.append(FormSection(legend, tuple(self[name] for name in names)))
        return tuple(found)

    @property
    def facts(self) -> GateFacts:
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        passed = [one for one in self._teams if typed[f"passed_{one.pk}"]]
        ranked = sorted((one for one in passed if typed.get(f"rank_{one.pk}")), key=lambda one: typed[f"rank_{one.pk}"])
        places = range(len(self._item.indicators))
        return GateFacts(
            on=typed["on"],
            tester=typed.get("tester", ""),
            report_no=typed["report_no"],
            words=typed["words"],
            figures={one.record.code: [typed[f"figure_{one.pk}_{place}"] for place in places] for one in self._teams},
            passed=tuple(one.record.code for one in passed),
            decision=typed.get("decision", ""),
            ranking=tuple(one.record.code for one in ranked),
            keep=typed.get("keep") or 0,
            merged=(typed["stays"], typed["joins"]) if typed.get("stays") or typed.get("joins") else None,
        )


class FiguresForm(GateForm):
    """What a third party enters itself: what it found, and nothing of what follows."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        for name in ("tester", "decision", "keep", "stays", "joins", *(f"rank_{one.pk}" for one in self._teams)):
            del self.fields[name]

    def _show(self, test: RaceTest) -> None:
        if test.on is not None:  # what it has entered already
            self.initial = self._entered(test)


class ReserveForm(forms.Form):
    """Money that is reserved for a team."""

    team = forms.ChoiceField(label=_("Team"))
    amount = WanField(label=_("Amount (万元)"))
    occasion = forms.ChoiceField(
        label=_("Paid when"),
        choices=[(Occasion.SIGNING.value, _("now")), (Occasion.ACCEPTANCE.value, Occasion.ACCEPTANCE.label)],
        widget=forms.RadioSelect,
    )

    def __init__(self, *given: Any, teams: Sequence[Project], **options: Any) -> None:
        super().__init__(*given, **options)
        offer(self, "team", [(one.record.code, f"{one.record.code} {name_of(one.leader.record)}") for one in teams])
