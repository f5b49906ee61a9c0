"""The files of an application that answer questions of its call."""

from typing import Any

from kezhuan.areas.calls.answering import file_answer, file_of
from kezhuan.areas.calls.choices import AnswerKind
from kezhuan.kernel.documents import unsealed
from kezhuan.kernel.models import Document


def files_of(application: Any) -> dict[int, str]:
    """The files of an application by number, with the answers that name them, as its unit reads them."""
    if application is None or application.pk is None:
        return {}
    rows = Document.objects.filter(record=application.pk, withdrawn_at=None).order_by("pk")
    return {one.pk: file_answer(one.pk, unsealed(one).name) for one in rows}


def asks_files(call: Any) -> bool:
    """Whether a question of a call is answered by a file."""
    return any(one["kind"] == AnswerKind.FILE for one in call.questions)


def with_files(application: Any, answers: tuple[Any, ...]) -> tuple[tuple[Any, ...], list[int]]:
    """Answers with the names of the files that they name, and the places of those whose file is not there."""
    questions = application.item.call.questions
    of_files = [place for place, one in enumerate(questions[: len(answers)]) if one["kind"] == AnswerKind.FILE]
    places = [place for place in of_files if answers[place]]
    files, said, missing = files_of(application) if places else {}, list(answers), []
    for place in places:
        number = file_of(said[place])
        if number in files:
            said[place] = files[number]
        else:
            missing.append(place)
    return tuple(said), missing
