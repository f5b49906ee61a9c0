"""Answers to what a call asks beside its indicators: which questions are asked of whom, what an answer may be, and what
it says in words.

An answer is a text: of a choice of several one option in a line, of a day 2027-06-30, of a file its number and its
name, as `file_answer` writes them. That of a table is a list of rows, each with a text for each of its columns.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls.choices import AnswerKind, ColumnKind
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import clean, day_from_text, listed

Asked = Mapping[str, Any]
"""A question as a call keeps it (see `facts.Question`)."""
LONGEST_CELL = 200
CHOICES = frozenset({AnswerKind.ONE, AnswerKind.SEVERAL})
"""Kinds of questions whose answer another question may wait for."""
_FILE = re.compile(r"(\d{1,12})(?: (.*))?", re.DOTALL)


def padded(answers: Sequence[Any], questions: Sequence[Asked]) -> list[Any]:
    """An answer for each question: what is not said is empty."""
    return [*answers, *[""] * (len(questions) - len(answers))]


def asked_among(questions: Sequence[Asked], answers: Sequence[Any]) -> list[bool]:
    """Which questions are asked of whoever answers so: one with a condition where the question that it names is asked
    and has that answer."""
    found: list[bool] = []
    for question in questions:
        only = question.get("only_if")
        place = only["question"] - 1 if only else -1
        found.append(not only or (found[place] and only["answer"] in _chosen(answers, place)))
    return found


def _chosen(answers: Sequence[Any], place: int) -> list[str]:
    said = answers[place] if place < len(answers) else ""
    return said.split("\n") if isinstance(said, str) else []


def counted(questions: Sequence[Asked], answers: Sequence[Any]) -> list[Any]:
    """An answer for each question, as it counts: what is not asked of whoever answers so says nothing."""
    asked, said = asked_among(questions, answers), padded(answers, questions)
    return [said[place] if asked[place] else "" for place in range(len(questions))]


def told(questions: Sequence[Asked], answers: Sequence[Any]) -> list[tuple[str, str]]:
    """The questions that are asked of whoever answers so, each with its answer in words."""
    asked, said = asked_among(questions, answers), counted(questions, answers)
    return [(one["words"], in_words(one, said[place])) for place, one in enumerate(questions) if asked[place]]


def in_words(question: Asked, answer: Any) -> str:
    """An answer as a text: a row of a table is a line, a file its name."""
    if isinstance(answer, list):
        return "\n".join(" · ".join(f"{name}：{cell}" for name, cell in _cells(question, row)) for row in answer)
    if question["kind"] == AnswerKind.FILE:
        found = _FILE.fullmatch(answer)
        return (found[2] or "") if found else ""
    return str(answer)


def _cells(question: Asked, row: Sequence[str]) -> list[tuple[str, str]]:
    names = [one["words"] for one in question.get("columns", ())]
    return [(name, cell) for name, cell in zip(names, row, strict=False) if cell]


def plain(answers: Sequence[Any]) -> Iterator[str]:
    """What answers say, for search."""
    for one in answers:
        yield "\n".join(" ".join(row) for row in one) if isinstance(one, list) else one


def condition_in_words(question: Asked, questions: Sequence[Asked]) -> str:
    """Of whom a question is asked; empty where of everybody."""
    only = question.get("only_if")
    if not only:
        return ""
    words = {"question": questions[only["question"] - 1]["words"], "answer": only["answer"]}
    return _("Only where “%(question)s” is “%(answer)s”.") % words


# -- files -------------------------------------------------------------------------------------------------------------


def file_answer(number: int, name: str) -> str:
    """The answer that names a file of the application."""
    return f"{number} {name}"


def file_of(answer: Any) -> int | None:
    """The number of the file that an answer names."""
    found = _FILE.fullmatch(answer) if isinstance(answer, str) else None
    return int(found[1]) if found else None


# -- what an answer may be ---------------------------------------------------------------------------------------------


def answer_problems(questions: Sequence[Asked], answers: Sequence[Any]) -> Iterator[Problem]:
    """What is wrong with answers even of a draft; what is not said is told when it is submitted."""
    for place, (question, answer) in enumerate(zip(questions, answers, strict=False)):
        field, kind = f"answer_{place}", question["kind"]
        if isinstance(answer, str) and not clean(answer):
            continue
        if (kind == AnswerKind.TABLE) != (not isinstance(answer, str)):
            message = _("“%(words)s”: a table is answered in rows, anything else with a text.")
            yield Problem("answer-shape", message % question, field)
        elif isinstance(answer, str):
            yield from _text_problems(question, clean(answer), field)
        else:
            yield from _table_problems(question, answer, field)


def _text_problems(question: Asked, said: str, field: str) -> Iterator[Problem]:
    kind, most = question["kind"], question["most"]
    if kind == AnswerKind.NUMBER:
        if not _is_number(said, most):
            message = _("“%(words)s”: enter a number from 0 to %(most)s.")
            yield Problem("answer-number", message % question, field)
    elif kind == AnswerKind.DAY:
        if not _is_day(said):
            message = _("“%(words)s”: enter a day as 2027-06-30.")
            yield Problem("answer-day", message % question, field)
    elif kind in CHOICES:
        chosen = said.split("\n")
        if (kind == AnswerKind.ONE and len(chosen) > 1) or not set(chosen) <= set(question["options"]):
            message = _("“%(words)s”: choose of %(options)s.")
            words = {"words": question["words"], "options": listed(question["options"])}
            yield Problem("answer-choice", message % words, field)
    elif kind == AnswerKind.FILE:
        if file_of(said) is None:
            message = _("“%(words)s”: name a file of the application by its number.")
            yield Problem("answer-file", message % question, field)
    elif len(said) > most:
        message = _("“%(words)s”: at most %(most)s characters, these are %(number)s: shorten it.")
        yield Problem("text-long", message % {**question, "number": len(said)}, field)


def _is_number(said: str, most: int) -> bool:
    try:
        return 0 <= float(said) <= most
    except ValueError:
        return False


def _is_day(said: str) -> bool:
    found = day_from_text(said)
    return found is not None and said == found.isoformat()


def _table_problems(question: Asked, rows: Sequence[Sequence[str]], field: str) -> Iterator[Problem]:
    columns = question["columns"]
    if len(rows) > question["most"]:
        message = _("“%(words)s”: at most %(most)s rows, these are %(number)s.")
        yield Problem("answer-rows", message % {**question, "number": len(rows)}, field)
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            message = _("“%(words)s”, row %(row)s: it has %(columns)s columns.")
            words = {"words": question["words"], "row": number, "columns": len(columns)}
            yield Problem("answer-columns", message % words, field)
            continue
        for column, cell in zip(columns, map(clean, row), strict=True):
            if wrong := _wrong_in(column, cell):
                words = {"words": question["words"], "row": number, "column": column["words"], "wrong": wrong}
                message = _("“%(words)s”, row %(row)s, “%(column)s”: %(wrong)s") % words
                yield Problem("answer-cell", message, field)


def _wrong_in(column: Asked, cell: str) -> str:
    if len(cell) > LONGEST_CELL:
        return _("at most %(most)s characters.") % {"most": LONGEST_CELL}
    if cell and column["kind"] == ColumnKind.NUMBER and not _is_number(cell, 10**15):
        return _("enter a number.")
    if cell and column["kind"] == ColumnKind.DAY and not _is_day(cell):
        return _("enter a day as 2027-06-30.")
    return ""
