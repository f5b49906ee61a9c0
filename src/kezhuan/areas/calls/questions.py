"""The questions of a call's form: what an officer says of each, and what is wrong with that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.answering import CHOICES
from kezhuan.areas.calls.choices import AnswerKind, ColumnKind
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, cleaned

MOST = 20_000
"""The greatest limit of an answer: of its characters, or as a number."""
MOST_QUESTIONS = 50
MOST_OPTIONS = 50
MOST_COLUMNS = 12
MOST_ROWS = 100
"""Of a table that an applicant fills in."""


@dataclass(frozen=True)
class Question:
    """What an application says: in how many characters at most, as a number up to `most`, in as many rows.

    A choice has `options`, a table `columns`, each with `words` and `kind`. With `only_if` it is asked of those alone
    whose answer to the earlier `question`, counted from one, is or includes `answer`.
    """

    words: str
    kind: str = AnswerKind.TEXT
    required: bool = True
    most: int = 2000
    options: Sequence[str] = ()
    columns: Sequence[Mapping[str, str]] = ()
    only_if: Mapping[str, Any] | None = None


def question_of(row: Mapping[str, Any]) -> Question:
    """A question as a call keeps it."""
    names = {one.name for one in fields(Question)}
    return Question(**{name: value for name, value in row.items() if name in names})


def rows_of_questions(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """Questions as a call keeps them: of options, columns and conditions those that there are."""
    found = []
    for one in questions:
        row: dict[str, Any] = {
            "words": clean(one.words), "kind": str(one.kind), "required": one.required, "most": one.most
        }  # fmt: skip
        if one.kind in CHOICES:
            row["options"] = cleaned(list(one.options))
        if one.kind == AnswerKind.TABLE:
            row["columns"] = [{"words": clean(col["words"]), "kind": str(col["kind"])} for col in one.columns]
            row["most"] = min(one.most, MOST_ROWS)
        if one.only_if is not None:
            row["only_if"] = {"question": one.only_if["question"], "answer": clean(one.only_if["answer"])}
        found.append(row)
    return found


def question_problems(questions: Sequence[Question], after: int = 0) -> Iterator[Problem]:
    """What is wrong with the questions of a form, of which the first `after` stand there already."""
    if len(questions) > MOST_QUESTIONS:
        message = _("A form has at most %(most)s questions.")
        yield Problem("questions-many", message % {"most": MOST_QUESTIONS}, "questions")
    for place, one in enumerate(questions[after:], after):
        if not clean(one.words):
            yield Problem("question-empty", _("Say what is asked, or remove the row."), "questions")
        elif one.kind not in AnswerKind.values or not 1 <= one.most <= MOST:
            message = _("“%(words)s”: say how it is answered, with a limit from 1 to 20,000.")
            yield Problem("question-limit", message % {"words": clean(one.words)}, "questions")
        elif wrong := _wrong_with(one) or _wrong_condition(one, questions[:place]):
            yield Problem("question-shape", f"“{clean(one.words)}”: {wrong}", "questions")


def _wrong_with(one: Question) -> str:
    options = [clean(option) for option in one.options]
    if one.kind in CHOICES and not (2 <= len(set(options)) == len(options) <= MOST_OPTIONS and all(options)):
        return _("give two to %(most)s options, each once.") % {"most": MOST_OPTIONS}
    if any("\n" in option or len(option) > 200 for option in options):
        return _("an option is one line of at most 200 characters.")
    if one.kind != AnswerKind.TABLE:
        return ""
    names = [clean(column["words"]) for column in one.columns]
    if not 1 <= len(set(names)) == len(names) <= MOST_COLUMNS or not all(names):
        return _("give one to %(most)s columns, each once.") % {"most": MOST_COLUMNS}
    if any(column["kind"] not in ColumnKind.values for column in one.columns) or max(map(len, names)) > 100:
        return _("a column is a line, a number, a day or an organisation, and its name has at most 100 characters.")
    return ""


def _wrong_condition(one: Question, before: Sequence[Question]) -> str:
    if one.only_if is None:
        return ""
    place, answer = one.only_if["question"], clean(one.only_if["answer"])
    if not 1 <= place <= len(before) or before[place - 1].kind not in CHOICES:
        return _("it can wait for an earlier question that is a choice: give its number.")
    if answer not in map(clean, before[place - 1].options):
        return _("question %(number)s has no option “%(answer)s”.") % {"number": place, "answer": answer}
    return ""
