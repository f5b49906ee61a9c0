"""Files that answer questions of a form, given where the other answers are."""

from collections.abc import Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from kezhuan.areas.calls.answering import file_answer, padded
from kezhuan.areas.calls.application_actions import (
    LONGEST_TITLE,
    ApplicationFacts,
    begin_application,
    edit_application,
    edits,
    facts_of,
)
from kezhuan.areas.calls.choices import AnswerKind
from kezhuan.areas.calls.models import Application, CallItem
from kezhuan.areas.calls.sealing import revealed
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.documents import Upload, keep_once, unsealed
from kezhuan.kernel.errors import Missing, Problem, Refused


def keep_answer_files(
    *, actor: Actor, application: Application, uploads: Mapping[int, Upload]
) -> tuple[dict[int, str], list[Problem]]:
    """Keep each file that is fit with an application, whatever becomes of the others and of the rest of the form: the
    answers that name them, by the places of their questions, and what is wrong with the others."""
    _require_edits(actor, application)
    answers, problems = {}, []
    for place, upload in uploads.items():
        try:
            kept = keep_once(actor=actor, record=application.record, upload=upload)
        except Refused as refused:
            problems += [replace(one, field=_field(one, place)) for one in refused.problems]
        else:
            answers[place] = file_answer(kept.pk, unsealed(kept).name)
    return answers, list(dict.fromkeys(problems))


def _require_edits(actor: Actor, application: Application) -> None:
    must_allow(
        edits,
        actor,
        application,
        _("An application is changed by its unit, as a draft or when a supplement is asked for."),
    )


def begin_by_files(
    *, actor: Actor, item: CallItem, uploads: Mapping[int, Upload]
) -> tuple[Application, dict[int, str], list[Problem]]:
    """Begin an application that says nothing but what its item is called, so that files have where to be kept; and the
    same as `keep_answer_files`. Where none of them is fit, none is begun: raises `Refused`."""
    with journal.writing():
        made = begin_application(actor=actor, item=item, facts=ApplicationFacts(title=item.title[:LONGEST_TITLE]))
        answers, problems = keep_answer_files(actor=actor, application=made, uploads=uploads)
        if not answers:
            raise Refused(problems)
    return made, answers, problems


def _field(problem: Problem, place: int) -> str:
    return problem.field if problem.field == "declared_open" else f"answer_{place}"


def answer_by_file(
    *, actor: Actor, application: Application, number: int, upload: Upload, expected_version: int
) -> Application:
    """Answer the question of this number by a file, which is kept with the application; both or none. Raises
    `Missing`, `NotAllowed`, `Refused` or `Conflict`."""
    _require_edits(actor, application)
    questions, place = application.item.call.questions, number - 1
    if not 0 <= place < len(questions):
        raise Missing(str(number))
    if questions[place]["kind"] != AnswerKind.FILE:
        message = _("“%(words)s” is not answered by a file.")
        raise Refused(Problem("answer-shape", message % questions[place], f"answer_{place}"))
    with journal.writing():
        answers, problems = keep_answer_files(actor=actor, application=application, uploads={place: upload})
        if problems:
            raise Refused(problems)
        facts = facts_of(revealed(application))
        said = padded(facts.answers, questions)
        said[place] = answers[place]
        return edit_application(
            actor=actor,
            application=application,
            facts=replace(facts, answers=tuple(said)),
            expected_version=expected_version,
        )
