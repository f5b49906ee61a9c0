"""A form that grows while its call is open: drafts are asked what was added, what was handed in may answer it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from kezhuan.areas.calls.adding import adds_questions
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.questions import Question, question_of, question_problems, rows_of_questions
from kezhuan.areas.calls.telling_actions import tell_writers
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import now, texts_in

GROWN = "call.form-grown"
"""Letter: a form asks more than when the receiver's unit handed in its application."""
TOPIC = "calls"


def add_questions(*, actor: Actor, call: Call, questions: Sequence[Question]) -> Call:
    """Add questions to the end of the form of a call that takes applications; whoever has handed in is told, and may
    answer them until the deadline. Raises `NotAllowed` or `Refused`."""
    if any(map(has_classification_mark, texts_in(list(questions)))):
        raise Refused(secrets_problem("questions"))
    with journal.writing():
        row: Call = held(call)
        must_allow(
            adds_questions, actor, row, _("The officers in charge add to a form while the call takes applications.")
        )
        if not questions:
            raise Refused(Problem("question-empty", _("Say what is asked, or remove the row."), "questions"))
        before = [question_of(one) for one in row.questions]
        if problems := list(question_problems([*before, *questions], after=len(before))):
            raise Refused(problems)
        moment = now().isoformat()
        row.questions = [*row.questions, *({**one, "added_at": moment} for one in rows_of_questions(questions))]
        row.save(update_fields=["questions"])
        touch(CALL, row, actor=actor, fields=["questions"])
        _tell(row)
    return row


def _tell(call: Call) -> None:
    """Write to whoever writes for a unit that has handed in."""
    rows = Application.objects.filter(item__call=call, alive=True, submitted_at__isnull=False)
    told = {one.applicant: {"application": one.pk} for one in rows.order_by("pk").select_related("applicant")}
    tell_writers(told, GROWN, key=f"{GROWN}:{call.pk}:{len(call.questions)}", topic=TOPIC)
