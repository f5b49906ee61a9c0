"""What is typed about a task of a chain, and about its selection."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.models import Application
from kezhuan.areas.chains.models import SelectionMode, Task
from kezhuan.areas.chains.queries import listed_item
from kezhuan.areas.chains.task_actions import MOST_MONTHS, Selection, TaskFacts
from kezhuan.web.fields import EMPTY, DayField, WanField, long_text

PLAIN = (
    "title", "summary", "chain", "link", "missing", "state_of_art", "holds", "evidence", "indicators", "mode", "why",
)  # fmt: skip


class TaskForm(forms.Form):
    """A gap of a chain, and the task that closes it."""

    chain = forms.CharField(label=_("Chain"), max_length=60)
    link = forms.CharField(label=_("Link of the chain"), max_length=120)
    missing = forms.CharField(label=_("What is missing in it"), max_length=20_000, widget=long_text(3))
    state_of_art = forms.CharField(label=_("State of the art"), required=False, max_length=20_000, widget=long_text(3))
    holds = forms.CharField(
        label=_("Who masters it"), required=False, max_length=5000, widget=long_text(2),
        help_text=_("Stays inside, as do the state of the art and the evidence."),
    )  # fmt: skip
    evidence = forms.CharField(
        label=_("Evidence of the gap"), required=False, max_length=20_000, widget=long_text(3),
        help_text=_("Import figures, failed orders, studies; add papers on the page of the task."),
    )  # fmt: skip
    title = forms.CharField(label=_("Task"), max_length=200)
    summary = forms.CharField(label=_("Goal"), required=False, max_length=20_000, widget=long_text(3))
    indicators = forms.CharField(label=_("Indicators"), required=False, max_length=20_000, widget=long_text(3))
    months = forms.IntegerField(label=_("Months"), required=False, min_value=1, max_value=MOST_MONTHS)
    fiscal_fen = WanField(label=_("Fiscal money (万元)"), required=False)
    own_fen = WanField(label=_("Own money (万元)"), required=False)
    mode = forms.ChoiceField(label=_("Mode of selection"), choices=[EMPTY, *SelectionMode.choices], required=False)
    why = forms.CharField(label=_("Why this mode"), required=False, max_length=10_000, widget=long_text(2))

    @property
    def facts(self) -> TaskFacts:
        """As the actions take it."""
        typed = self.cleaned_data
        texts = {name: typed.get(name, "") for name in PLAIN}
        return TaskFacts(
            **texts,
            months=typed.get("months"),
            fiscal_fen=typed.get("fiscal_fen"),
            own_fen=typed.get("own_fen"),
        )


def initial_of(row: Task) -> dict[str, Any]:
    """A task as its form shows it."""
    names = (*(name for name in PLAIN if name not in {"title", "summary"}), "months", "fiscal_fen", "own_fen")
    return {name: getattr(row, name) for name in names} | {"title": row.record.title, "summary": row.record.summary}


class DirectedForm(forms.Form):
    """What a directed commission rests on."""

    undertaker = forms.CharField(
        label=_("Code of the organisation that is commissioned"), max_length=30, required=False
    )
    capability = forms.CharField(
        label=_("Evidence that it alone is able to"), required=False, max_length=20_000, widget=long_text(4)
    )
    related = forms.CharField(
        label=_("How it is related to the leader"), required=False, max_length=5000, widget=long_text(2),
        help_text=_("Where there is no relation, say so."),
    )  # fmt: skip
    decided_on = DayField(label=_("Day of the collective decision"), required=False)
    minutes_no = forms.CharField(label=_("Number of its minutes"), max_length=80, required=False)
    deciders = forms.CharField(label=_("Who decided"), required=False, max_length=5000, widget=long_text(2))
    project = forms.CharField(label=_("Code of the project that came of it"), max_length=30, required=False)


class CalledForm(forms.Form):
    """The call to whose list the task was put."""

    call = forms.CharField(label=_("Code of the call"), max_length=30, required=False)
    item = forms.IntegerField(
        label=_("Number of the item on its list"), min_value=1, required=False,
        help_text=_("Empty where there is one item. Candidates, scores, minutes and decision are read there."),
    )  # fmt: skip
    project = forms.CharField(label=_("Code of the project that came of it"), max_length=30, required=False)


class CommissionForm(forms.Form):
    """With how much fiscal money a directed commission becomes a project, and why."""

    direction = forms.ChoiceField(label=_("Direction by which it is paid"))
    fen = WanField(label=_("Fiscal money awarded (万元)"))
    words = forms.CharField(label=_("Why"), max_length=5000, widget=long_text(3))

    def __init__(self, posted: Any, *, row: Task, directions: Sequence[Application]) -> None:
        super().__init__(posted, initial={"fen": row.fiscal_fen})
        told = [(one.record.code, f"{one.record.code} {one.item.number} {one.item.title}") for one in directions]
        cast(forms.ChoiceField, self.fields["direction"]).choices = told


def selection_form(row: Task, posted: Any) -> forms.Form:
    """The form of the task's mode, with what is there."""
    project = row.project.record.code if row.project is not None else ""
    if row.mode == SelectionMode.DIRECTED:
        told = {name: getattr(row, name) for name in ("capability", "related", "decided_on", "minutes_no", "deciders")}
        undertaker = row.undertaker.record.code if row.undertaker is not None else ""
        return DirectedForm(posted, initial=told | {"undertaker": undertaker, "project": project})
    item = row.item or listed_item(row)
    called = {"call": item.call.record.code, "item": item.number} if item is not None else {}
    return CalledForm(posted, initial=called | {"project": project})


def selection_of(form: forms.Form) -> Selection:
    """What was typed, as the action takes it."""
    return Selection(**form.cleaned_data)
