"""What a unit types in its application: the form that its call asks for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.application_actions import ApplicationFacts, check_facts
from kezhuan.areas.calls.choices import AnswerKind
from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.kernel.errors import Problem
from kezhuan.web.fields import EMPTY, WanField, long_text


def _asked(question: dict[str, Any]) -> forms.Field:
    more: dict[str, Any] = {"label": question["words"], "required": False}
    if question["kind"] == AnswerKind.TEXT:
        rows = 6 if question["most"] > 1000 else 3
        limit = _("At most %(most)s characters.") % {"most": question["most"]}
        return forms.CharField(widget=long_text(rows), help_text=limit, **more)
    return forms.CharField(max_length=400, **more)


class ApplicationForm(forms.Form):
    """An application for one item: what all say, and what this call asks."""

    title = forms.CharField(label=_("Name of the project"), max_length=200)
    title_en = forms.CharField(label=_("English title"), max_length=400, required=False)
    summary = forms.CharField(
        label=_("What you offer, in a few sentences"),
        widget=long_text(3),
        max_length=2000,
        required=False,
        help_text=_("Everybody reads this part if you are chosen; nobody but you and the officers reads the rest."),
    )
    leader = forms.CharField(label=_("Who leads the work"), max_length=80, required=False)
    asked = WanField(label=_("Fiscal money you ask for (万元)"), required=False)
    months = forms.IntegerField(label=_("Months you take"), min_value=1, max_value=600, required=False)

    def __init__(self, *given: Any, item: CallItem, **options: Any) -> None:
        super().__init__(*given, **options)
        self._item = item
        units = item.call.recommenders.select_related("record").order_by("pk")
        if choices := [(one.record.code, one.record.title) for one in units]:
            self.fields["recommender"] = forms.ChoiceField(
                label=_("Recommending unit"), choices=[EMPTY, *choices], required=False,
                help_text=_("It reads your application first, and sends it back or recommends it by a letter."),
            )  # fmt: skip
        for place, row in enumerate(item.indicators):
            self.fields[f"commitment_{place}"] = forms.CharField(
                label=indicator_in_words(row), max_length=200, required=False, help_text=row["test_method"]
            )
        for place, row in enumerate(item.call.conditions):
            if row["evidence"]:
                self.fields[f"evidence_{place}"] = forms.CharField(
                    label=row["words"], widget=long_text(2), max_length=2000, required=False,
                    help_text=_("Say how you meet it; add papers on the application's page."),
                )  # fmt: skip
        for place, row in enumerate(item.call.questions):
            self.fields[f"answer_{place}"] = _asked(row)
        if item.poster is not None:
            self.fields["related"] = forms.CharField(
                label=_("What makes your unit and whoever posed this related parties"), widget=long_text(2),
                max_length=2000, required=False,
                help_text=_("Shares in each other, the same owner or the same people; leave it empty where nothing"
                            " does. By this call's rule: %(rule)s.") % {"rule": item.call.get_related_rule_display()},
            )  # fmt: skip
        self.fields["promised"] = forms.BooleanField(
            label=_("We meet the conditions of this call, and what we say here is true."), required=False
        )

    def _named(self, name: str) -> tuple[str, ...]:
        return tuple(one for one in self.fields if one.startswith(f"{name}_"))

    @property
    def groups(self) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """The fields as they stand together."""
        found = (
            (
                _("The project"),
                ("title", "title_en", "summary", "leader", "asked", "months", *self._if_asked("recommender")),
            ),
            (_("What you commit to for each indicator"), self._named("commitment")),
            (_("Conditions"), self._named("evidence")),
            (_("What the call asks"), self._named("answer")),
            (_("Related parties"), self._if_asked("related")),
            (_("Promise"), ("promised",)),
        )
        return tuple((legend, names) for legend, names in found if names)

    def _if_asked(self, name: str) -> tuple[str, ...]:
        return (name,) if name in self.fields else ()

    def _list(self, name: str, count: int) -> tuple[str, ...]:
        return tuple(self.cleaned_data.get(f"{name}_{place}") or "" for place in range(count))

    @property
    def facts(self) -> ApplicationFacts:
        """What was typed, as the action takes it; what could not be read is left out."""
        typed, item = self.cleaned_data, self._item
        return ApplicationFacts(
            title=typed.get("title") or "",
            title_en=typed.get("title_en") or "",
            offer=typed.get("summary") or "",
            leader=typed.get("leader") or "",
            asked_fen=typed.get("asked"),
            months=typed.get("months"),
            commitments=self._list("commitment", len(item.indicators)),
            evidence=self._list("evidence", len(item.call.conditions)),
            answers=self._list("answer", len(item.call.questions)),
            related=typed.get("related") or "",
            promised=bool(typed.get("promised")),
            recommender=typed.get("recommender") or "",
        )

    def problems(self) -> list[Problem]:
        """What is wrong with what was typed."""
        return check_facts(self.facts, self._item)


def initial_of(row: Application) -> dict[str, Any]:
    """An application as its form shows it."""
    fields: dict[str, Any] = {
        "title": row.record.title,
        "title_en": row.record.title_en,
        "summary": row.record.summary,
        "leader": row.leader,
        "asked": row.asked_fen,
        "months": row.months,
        "related": row.related,
        "promised": row.promised,
        "recommender": row.recommender.record.code if row.recommender is not None else "",
    }
    for name, column in (("commitment", "commitments"), ("evidence", "evidence"), ("answer", "answers")):
        fields |= {f"{name}_{place}": value for place, value in enumerate(getattr(row, column))}
    return fields
