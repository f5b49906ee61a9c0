"""What officers type about the questions of a call's form."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms import formset_factory
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kezhuan.areas.calls.choices import AnswerKind, ColumnKind
from kezhuan.areas.calls.questions import MOST, MOST_QUESTIONS, MOST_ROWS, Question
from kezhuan.kernel.text import clean
from kezhuan.web.fields import long_text

LIMITS = {AnswerKind.NUMBER: MOST, AnswerKind.TABLE: MOST_ROWS}
"""Where none is typed, and it is not the limit of a text."""
_KINDS = {
    "数字": ColumnKind.NUMBER, "number": ColumnKind.NUMBER, "日期": ColumnKind.DAY, "day": ColumnKind.DAY,
    "单位": ColumnKind.UNIT, "organisation": ColumnKind.UNIT,
}  # fmt: skip
_COLUMN = re.compile(rf"(.+?)\s*[（(]\s*({'|'.join(_KINDS)})\s*[)）]", re.IGNORECASE)


class QuestionForm(forms.Form):
    """What an application says."""

    words = forms.CharField(label=_("Question"), max_length=400, widget=long_text(2))
    kind = forms.ChoiceField(label=_("Answered by"), choices=AnswerKind.choices)
    required = forms.BooleanField(label=_("Must be answered"), required=False)
    most = forms.IntegerField(
        label=_("Limit"), min_value=1, max_value=MOST, required=False,
        help_text=_("Of characters, of the number, or of the rows of a table. Empty: 2000, 20000 or 100."),
    )  # fmt: skip
    lines = forms.CharField(
        label=_("Options, or columns of a table"), max_length=10_000, required=False, widget=long_text(2),
        help_text=_("One in a line. A column that takes numbers, days or organisations says so behind its name:"
                    " Patents (number), Founded (day), Partner (organisation)."),
    )  # fmt: skip
    only_question = forms.IntegerField(
        label=_("Only where the question of this number"), min_value=1, max_value=MOST_QUESTIONS, required=False
    )
    only_answer = forms.CharField(label=_("has this answer"), max_length=200, required=False)


Questions = formset_factory(QuestionForm, extra=0, max_num=MOST_QUESTIONS)


def typed_question(typed: Mapping[str, Any]) -> Question:
    """A question as it was typed."""
    kind, lines = typed["kind"], [line for line in map(clean, typed["lines"].splitlines()) if line]
    is_table = kind == AnswerKind.TABLE
    number, answer = typed["only_question"], clean(typed["only_answer"])
    return Question(
        words=typed["words"],
        kind=kind,
        required=typed["required"],
        most=typed["most"] or LIMITS.get(kind, Question.most),
        options=() if is_table else tuple(lines),
        columns=tuple(map(_column, lines)) if is_table else (),
        only_if={"question": number or 0, "answer": answer} if number or answer else None,
    )


def _column(line: str) -> dict[str, str]:
    found = _COLUMN.fullmatch(line)
    kind = _KINDS[found[2].lower()] if found else ColumnKind.LINE
    return {"words": found[1] if found else line, "kind": str(kind)}


def shown_questions(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Questions as their form shows them."""
    return [
        {
            **{name: one[name] for name in ("words", "kind", "required", "most")},
            "lines": "\n".join([*one.get("options", ()), *map(_column_line, one.get("columns", ()))]),
            "only_question": (one.get("only_if") or {}).get("question"),
            "only_answer": (one.get("only_if") or {}).get("answer", ""),
        }
        for one in rows
    ]


def _column_line(column: Mapping[str, str]) -> str:
    kinds = {
        str(ColumnKind.NUMBER): _now("%(name)s (number)"),
        str(ColumnKind.DAY): _now("%(name)s (day)"),
        str(ColumnKind.UNIT): _now("%(name)s (organisation)"),
    }
    return str(kinds.get(column["kind"], "%(name)s") % {"name": column["words"]})
