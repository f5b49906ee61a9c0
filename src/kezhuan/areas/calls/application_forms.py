"""What a unit types in its application: the form that its call asks for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.conf import settings
from django.forms import formset_factory
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.answering import LONGEST_CELL, Asked, condition_in_words, padded
from kezhuan.areas.calls.application_actions import ApplicationFacts, check_facts
from kezhuan.areas.calls.choices import AnswerKind, ColumnKind
from kezhuan.areas.calls.eligibility import asks_figures
from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import wan_from_fen
from kezhuan.web.fields import EMPTY, DayField, WanField, long_text
from kezhuan.web.record_forms import Rows, RowSet

FIRST = ("title", "title_en", "summary", "leader", "asked", "months", "recommender")
WAY = format_lazy(
    _("PDF, .docx, .xlsx, .pptx, PNG, JPEG or text, at most {most} MB; without macros."), most=settings.FILE_MEGABYTES
)


class DayAnswer(DayField):
    """A day as an answer keeps it."""

    def prepare_value(self, value: Any) -> Any:
        """What is kept, or was typed, is shown as it is."""
        return value

    def clean(self, value: Any) -> str:
        """The day as 2027-06-30; empty where none was given."""
        day = super().clean(value)
        return day.isoformat() if day is not None else ""


class SeveralAnswer(forms.MultipleChoiceField):
    """A choice of several as an answer keeps it: one option in a line."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        """What is kept, as ticks."""
        return value.split("\n") if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        """The options that were ticked."""
        return "\n".join(super().clean(value))


class FileAnswer(forms.Select):
    """A file of the application, or one that is chosen now: `taken_files` keeps that and names it before the form is
    read, so that the answer is a choice in any case."""

    needs_multipart_form = True

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """What is there to choose from, hidden where there is nothing, and the way to a new file."""
        held = self._holds_files()
        chosen = super().render(name, value, {**(attrs or {}), **({} if held else {"hidden": True})}, renderer)
        label = format_html('<label for="id_{}">{}</label>', new_file(name), _("Or a new file")) if held else ""
        return format_html('{}{}<input type="file" name="{}" id="id_{}">', chosen, label, *[new_file(name)] * 2)

    def id_for_label(self, id_: str, index: str | None = None) -> str:
        """The id of what the question's own label leads to."""
        return id_ if self._holds_files() else new_file(id_)

    def _holds_files(self) -> bool:
        return len(list(self.choices)) > 1


def new_file(name: str) -> str:
    """Under which name a file is sent that answers a question."""
    return f"{name}_file"


def taken_files(request: Any, call: Any, places: Iterable[int]) -> dict[int, Upload]:
    """The files that were sent as answers to the questions at these places."""
    declared = bool(request.POST.get("declared_open"))
    sent = {place: request.FILES.get(new_file(f"answer_{place}")) for place in places if is_file(call, place)}
    return {place: Upload(one.name, one.read(), declared) for place, one in sent.items() if one is not None}


def is_file(call: Any, place: int) -> bool:
    """Whether the question at a place is answered by a file."""
    return bool(call.questions[place]["kind"] == AnswerKind.FILE)


def _asked(question: Asked, call: Any, files: Sequence[str], places: Sequence[int]) -> forms.Field:
    hint = condition_in_words(question, call.questions)
    kind, more = question["kind"], {"label": question["words"], "required": False, "help_text": hint}
    found: forms.Field
    if kind == AnswerKind.TEXT:
        rows = 6 if question["most"] > 1000 else 3
        limit = _("At most %(most)s characters.") % {"most": question["most"]}
        found = forms.CharField(widget=long_text(rows), **more | {"help_text": f"{limit} {hint}".strip()})
    elif kind == AnswerKind.DAY:
        found = DayAnswer(**more)
    elif kind == AnswerKind.ONE:
        found = forms.ChoiceField(choices=[EMPTY, *((one, one) for one in question["options"])], **more)
    elif kind == AnswerKind.SEVERAL:
        found = SeveralAnswer(choices=[(one, one) for one in question["options"]], **more)
    elif kind == AnswerKind.FILE:
        choices = [EMPTY, *((one, one.partition(" ")[2]) for one in files)]
        found = forms.ChoiceField(choices=choices, widget=FileAnswer, **more | {"help_text": f"{hint} {WAY}".strip()})
    else:
        found = forms.CharField(max_length=400, **more)
    if only := _only(question, places):
        found.widget.attrs["data-only-if"] = only
    return found


def _only(question: Asked, places: Sequence[int]) -> str:
    """What the page's script hides a question by, where what it waits for stands on the page: of the questions at
    these places. Without scripts its hint tells of whom it is asked."""
    only = question.get("only_if")
    return f"answer_{only['question'] - 1}={only['answer']}" if only and only["question"] - 1 in places else ""


def _cell(column: Asked) -> forms.Field:
    more = {"label": column["words"], "required": False}
    if column["kind"] == ColumnKind.DAY:
        return DayAnswer(**more)
    if column["kind"] == ColumnKind.NUMBER:
        return forms.CharField(max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **more)
    if column["kind"] == ColumnKind.UNIT:
        more["help_text"] = _("Its name in full, or the code of its page: experts with ties to it are kept away.")
    return forms.CharField(max_length=LONGEST_CELL, **more)


def tables_of(call: Any, places: Sequence[int] | None = None) -> dict[str, RowSet]:
    """The questions of a call, or those at these places, that are answered by rows of a table, as a form has them."""
    shown = range(len(call.questions)) if places is None else places
    return {
        f"answer_{place}": RowSet(
            formset_factory(_row_form(one), extra=0, max_num=one["most"]),
            one["words"],
            _("Add a row"),
            condition_in_words(one, call.questions),
            _only(one, shown),
        )
        for place, one in enumerate(call.questions)
        if one["kind"] == AnswerKind.TABLE and place in shown
    }


def _row_form(question: Asked) -> type[forms.Form]:
    cells = {f"cell_{place}": _cell(column) for place, column in enumerate(question["columns"])}
    return type("RowForm", (forms.Form,), cells)


def initial_tables(call: Any, start: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
    """The rows of an application as its form shows them."""
    return {
        name: [{f"cell_{place}": cell for place, cell in enumerate(row)} for row in start.get(name) or ()]
        for name in tables_of(call)
    }


@dataclass(frozen=True)
class Stands:
    """What was handed in and stays, but for the answers to the questions at these places, which were added since."""

    facts: ApplicationFacts
    places: tuple[int, ...]


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

    def __init__(
        self, *given: Any, item: CallItem, files: Sequence[str] = (), stands: Stands | None = None, **options: Any
    ) -> None:
        super().__init__(*given, **options)
        self._item, self._stands = item, stands
        if item.fiscal_fen is not None:
            self.fields["asked"].help_text = _("At most %(most)s 万元.") % {"most": wan_from_fen(item.fiscal_fen)}
        if item.months is not None:
            self.fields["months"].help_text = _("At most %(most)s months.") % {"most": item.months}
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
        if asks_figures(item.call):
            self.fields["revenue"] = WanField(label=_("Revenue of the year before (万元)"), required=False)
            self.fields["rnd"] = WanField(label=_("R&D spending of the year before (万元)"), required=False)
        shown = range(len(item.call.questions)) if stands is None else stands.places
        for place, row in enumerate(item.call.questions):
            if row["kind"] != AnswerKind.TABLE:
                self.fields[f"answer_{place}"] = _asked(row, item.call, files, shown)
        if files_at := [place for place in shown if is_file(item.call, place)]:
            # Where every file is asked for by one condition, what is said of files stands and falls with it.
            only = {_only(item.call.questions[place], shown) for place in files_at}
            self.fields["declared_open"] = forms.BooleanField(
                label=_("I declare that the files I choose hold no state secret (秘密, 机密, 绝密) and may be kept."),
                required=False,
                widget=forms.CheckboxInput(
                    attrs={"data-only-if": one} if len(only) == 1 and (one := min(only)) else {}
                ),
            )
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

        if stands is not None:
            asked = {"declared_open", *(f"answer_{place}" for place in stands.places)}
            for name in set(self.fields) - asked:
                del self.fields[name]

    @property
    def needed_later(self) -> frozenset[str]:
        """The fields that a draft may leave empty and what is handed in may not."""
        if self._stands is not None:
            return frozenset()
        asked = {f"answer_{at}" for at, one in enumerate(self._item.call.questions) if one["required"]}
        found = {
            "summary",
            "leader",
            "recommender",
            *self._named("commitment"),
            *self._named("evidence"),
            "revenue",
            "rnd",
            *asked,
        }
        return frozenset(found | ({"months"} if self._item.months is not None else set()))

    def _named(self, name: str) -> tuple[str, ...]:
        return tuple(one for one in self.fields if one.startswith(f"{name}_"))

    @property
    def groups(self) -> tuple[tuple[Any, tuple[str, ...]], ...]:
        """The fields as they stand together."""
        found = (
            (
                _("The project"),
                tuple(name for name in FIRST if name in self.fields),
            ),
            (_("What you commit to for each indicator"), self._named("commitment")),
            (_("Conditions"), (*self._named("evidence"), *self._if_asked("revenue"), *self._if_asked("rnd"))),
            (_("What the call asks"), (*self._named("answer"), *self._if_asked("declared_open"))),
            (_("Related parties"), self._if_asked("related")),
            (_("Promise"), self._if_asked("promised")),
        )
        return tuple((legend, names) for legend, names in found if names)

    def _if_asked(self, name: str) -> tuple[str, ...]:
        return (name,) if name in self.fields else ()

    def _list(self, name: str, count: int) -> tuple[str, ...]:
        return tuple(self.cleaned_data.get(f"{name}_{place}") or "" for place in range(count))

    def facts(self, rows: Rows) -> ApplicationFacts:
        """What was typed, as the action takes it; what could not be read is left out."""
        typed, item = self.cleaned_data, self._item
        if self._stands is not None:
            before, added = padded(self._stands.facts.answers, item.call.questions), self._answers(rows)
            said = (added[place] if place in self._stands.places else one for place, one in enumerate(before))
            return replace(self._stands.facts, answers=tuple(said))
        return ApplicationFacts(
            title=typed.get("title") or "",
            title_en=typed.get("title_en") or "",
            offer=typed.get("summary") or "",
            leader=typed.get("leader") or "",
            asked_fen=typed.get("asked"),
            months=typed.get("months"),
            commitments=self._list("commitment", len(item.indicators)),
            evidence=self._list("evidence", len(item.call.conditions)),
            answers=self._answers(rows),
            related=typed.get("related") or "",
            revenue_fen=typed.get("revenue"),
            rnd_fen=typed.get("rnd"),
            promised=bool(typed.get("promised")),
            recommender=typed.get("recommender") or "",
        )

    def _answers(self, rows: Rows) -> tuple[Any, ...]:
        found: list[Any] = list(self._list("answer", len(self._item.call.questions)))
        for name, table in rows.items():
            place = int(name.rpartition("_")[2])
            columns = range(len(self._item.call.questions[place]["columns"]))
            typed = [row.cleaned_data for row in table.forms if row.is_valid()]
            found[place] = [[row.get(f"cell_{column}") or "" for column in columns] for row in typed]
        return tuple(found)

    def problems(self, rows: Rows) -> list[Problem]:
        """What is wrong with what was typed."""
        return check_facts(self.facts(rows), self._item)


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
        "revenue": row.revenue_fen,
        "rnd": row.rnd_fen,
        "promised": row.promised,
        "recommender": row.recommender.record.code if row.recommender is not None else "",
    }
    for name, column in (("commitment", "commitments"), ("evidence", "evidence"), ("answer", "answers")):
        fields |= {f"{name}_{place}": value for place, value in enumerate(getattr(row, column))}
    return fields
