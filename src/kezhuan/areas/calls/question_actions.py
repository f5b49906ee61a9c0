"""Questions about a call: asked by whoever may apply, answered for everybody at once. The only writers of them."""

from django.db.models import Max
from django.utils.translation import gettext as _

from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Asked, Call
from kezhuan.areas.calls.permissions import answers_questions, asks_questions
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Conflict, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import clean, now

LONGEST = 2000
MOST_WAITING = 20
"""Questions of one unit about one call that wait for an answer."""


def _require_words(words: str, field: str) -> str:
    said = clean(words)
    if has_classification_mark(said):
        raise Refused(secrets_problem(field))
    if not said:
        raise Refused(Problem("question-empty", _("Write what you want to know, or what you answer."), field))
    if len(said) > LONGEST:
        message = _("At most %(most)s characters fit here, these are %(number)s: shorten it.")
        raise Refused(Problem("text-long", message % {"most": LONGEST, "number": len(said)}, field))
    return said


def ask_about_call(*, actor: Actor, call: Call, words: str) -> Asked:
    """Ask something about a call while it takes applications. Raises `NotAllowed` or `Refused`."""
    said = _require_words(words, "words")
    with journal.writing():
        row: Call = held(call)
        must_allow(asks_questions, actor, row, _("Whoever may apply asks, while the call takes applications."))
        assert actor.organisation is not None  # they may apply for one
        if row.asked.filter(unit=actor.organisation, answered_at=None).count() >= MOST_WAITING:
            message = _("Many of your questions wait for an answer: ask again when some are answered.")
            raise Refused(Problem("questions-many", message, "words"))
        last = row.asked.aggregate(last=Max("number"))["last"] or 0
        made = Asked.objects.create(call=row, number=last + 1, unit=actor.organisation, asked_at=now(), words=said)
        touch(CALL, row, actor=actor, fields=["asked"])
    return made


def answer_about_call(*, actor: Actor, call: Call, number: int, words: str) -> Asked:
    """Answer a question: from then on whoever reads the list reads both, all at the same moment. An answer stays as it
    was given. Raises `NotAllowed`, `Refused`, or `Conflict` when it was answered before."""
    said = _require_words(words, "answer")
    with journal.writing():
        row: Call = held(call)
        must_allow(answers_questions, actor, row, _("The officers in charge answer, until the call is decided."))
        asked = row.asked.filter(number=number).first()
        if asked is None or asked.answered_at is not None:
            raise Conflict(_("Somebody has answered this question."))
        asked.answer, asked.answered_at = said, now()
        asked.save(update_fields=["answer", "answered_at"])
        touch(CALL, row, actor=actor, fields=["answers"])
    return asked
