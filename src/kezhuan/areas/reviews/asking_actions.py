"""Questions between an expert and an applicant while a panel scores: neither learns who the other is from them, and
both stay with the panel."""

from django.utils.translation import gettext as _

from kezhuan.areas.reviews.asking import MOST_ASKED, answer_closed, answers_question, asks_about
from kezhuan.areas.reviews.lifecycle import PANEL, REVIEW
from kezhuan.areas.reviews.models import Inquiry, Panel, Review
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Record
from kezhuan.kernel.text import clean, now

LONGEST = 2000


def _require_words(words: str) -> str:
    said = clean(words)
    if has_classification_mark(said):
        raise Refused(secrets_problem("words"))
    if not said:
        raise Refused(Problem("question-empty", _("Write what you want to know, or what you answer."), "words"))
    if len(said) > LONGEST:
        message = _("At most %(most)s characters fit here, these are %(number)s: shorten it.")
        raise Refused(Problem("text-long", message % {"most": LONGEST, "number": len(said)}, "words"))
    return said


def ask_applicant(*, actor: Actor, review: Review, number: int, words: str) -> Inquiry:
    """Ask something about an item that one judges and has not handed in, while the panel scores. Raises `NotAllowed`
    or `Refused`."""
    said = _require_words(words)
    with journal.writing():
        row: Review = held(review)
        sheet = asks_about(actor, row, number)
        if sheet is None:
            raise NotAllowed(_("The expert who judges an item asks about it, while the panel scores."))
        if sheet.inquiries.count() >= MOST_ASKED:
            message = _("At most %(most)s questions about an item.") % {"most": MOST_ASKED}
            raise Refused(Problem("questions-many", message, "words"))
        # One after the other of all that are asked about the record: their numbers are what its applicant sees.
        Record.objects.select_for_update(no_key=True).get(pk=sheet.item.record_id)
        before = Inquiry.objects.filter(sheet__item__record=sheet.item.record_id).count()
        made = Inquiry.objects.create(sheet=sheet, number=before + 1, words=said, asked_at=now())
        touch(REVIEW, row, actor=actor, fields=["questions"], step="review.questioned")
    return made


def answer_expert(*, actor: Actor, record: Record, number: int, words: str) -> Inquiry:
    """Answer a question about what one's organisation handed in, while the panel scores; an answer stays as it was
    given. The panel's record notes who answered, which no expert reads. Raises `NotAllowed`, `Refused` or
    `Conflict`."""
    said = _require_words(words)
    with journal.writing():
        found = answers_question(actor, record, number)
        if found is None:
            raise NotAllowed(_("The organisation about whose matter it is answers, while the panel scores."))
        panel: Panel = held(found.sheet.item.panel)
        found.refresh_from_db(fields=["answered_at"])
        if found.answered_at is not None or answer_closed(panel):
            raise Conflict(_("This question is answered already, or the scores are closed."))
        found.answer, found.answered_at = said, now()
        found.save(update_fields=["answer", "answered_at"])
        touch(PANEL, panel, actor=actor, fields=["answers"], step="panel.answered")
    return found
