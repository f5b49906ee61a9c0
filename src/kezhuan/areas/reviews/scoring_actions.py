"""What an expert does with the items that they judge: scores them with words, or gives one back."""

import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from kezhuan.areas.reviews.lifecycle import REVIEW
from kezhuan.areas.reviews.models import Review, Sheet
from kezhuan.areas.reviews.permissions import is_own_item, is_themselves
from kezhuan.areas.reviews.results import HIGH, LOW
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance, held, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import clean, now

MOST_WORDS = 2000
_MARK = frozenset("+-.0123456789")
"""What marks are written with: no exponent, and no line between digits."""


def scores_now(actor: Actor, review: Review) -> bool:
    """Whether the actor is the expert of a review who scores now."""
    scoring = review.record.stage == "accepted" and review.panel.record.stage == "scoring"
    return scoring and bool(is_themselves.test(actor, review))


def score_item(
    *, actor: Actor, review: Review, number: int, marks: Sequence[str], words: Sequence[str], submit: bool
) -> Sheet:
    """Keep the marks and words for an item, by criterion in its order; with `submit` for good, and with the last item
    the review is handed in. Raises `NotAllowed`, `Refused`, or `Conflict` for what was submitted already."""
    if any(map(has_classification_mark, words)):
        raise Refused(secrets_problem("words_0"))
    with journal.writing():
        row, sheet = _open_sheet(actor, review, number)
        criteria = row.panel.criteria
        marks = [unicodedata.normalize("NFKC", clean(one)) for one in marks]
        words = [clean(one) for one in words]
        problems = _mark_problems(marks, criteria, submit)
        problems += _word_problems(words, criteria, submit)
        if problems:
            raise Refused(problems)
        sheet.marks, sheet.words = [_plain(one) for one in marks], words
        sheet.submitted_at = now() if submit else None
        sheet.save(update_fields=["marks", "words", "submitted_at"])
        fields, step = (["scores"], "review.scored") if submit else (["draft"], "")
        touch(REVIEW, row, actor=actor, fields=fields, step=step)
        _hand_in(row)
    return sheet


def _open_sheet(actor: Actor, review: Review, number: int) -> tuple[Review, Sheet]:
    row: Review = held(review)
    must_allow(scores_now, actor, row, _("Items are scored by the expert who accepted, while the panel scores."))
    sheet = row.sheets.select_related("item__record").filter(item__number=number, recused="").first()
    if sheet is None:
        raise NotAllowed(_("This item is not yours to judge."))
    if is_own_item(actor, sheet.item.record):
        raise NotAllowed(_("Nobody judges an item of a unit that they act for: give it back."))
    if sheet.submitted_at is not None:
        raise Conflict(_("Your scores for this item are in; they stay as they are."))
    return row, sheet


def _mark_problems(marks: Sequence[str], criteria: Sequence[dict[str, str]], submit: bool) -> list[Problem]:
    found = []
    if len(marks) != len(criteria):
        return [Problem("marks-count", _("Give one mark for each criterion."), "mark_0")]
    for place, (mark, criterion) in enumerate(zip(marks, criteria, strict=True)):
        if (mark or submit) and not _is_mark(mark):
            message = _("“%(name)s”: enter a mark from 0 to 100 with at most two decimals.")
            found.append(Problem("mark-range", message % {"name": criterion["name"]}, f"mark_{place}"))
    return found


def _is_mark(mark: str) -> bool:
    if not set(mark) <= _MARK:
        return False
    try:
        value = Decimal(mark)
    except InvalidOperation:
        return False
    return value.is_finite() and LOW <= value <= HIGH and value == round(value, 2)


def _plain(mark: str) -> str:
    """A mark as it is written everywhere, whatever its digits were typed as; what is open stays open."""
    return f"{abs(Decimal(mark).normalize()):f}" if mark else ""


def _word_problems(words: Sequence[str], criteria: Sequence[dict[str, str]], submit: bool) -> list[Problem]:
    if len(words) != len(criteria):
        return [Problem("words-count", _("Give words for each criterion."), "words_0")]
    found = []
    for place, (said, criterion) in enumerate(zip(words, criteria, strict=True)):
        if submit and not said:
            message = _("“%(name)s”: say why in a few words; the applicant reads them after the decision.")
            found.append(Problem("mark-words", message % {"name": criterion["name"]}, f"words_{place}"))
        elif len(said) > MOST_WORDS:
            message = _("At most %(most)s characters fit here, these are %(number)s: shorten it.")
            found.append(Problem("text-long", message % {"most": MOST_WORDS, "number": len(said)}, f"words_{place}"))
    return found


def give_back(*, actor: Actor, review: Review, number: int, reason: str) -> Sheet:
    """Give an item back (回避) with the reason, before it was scored. Raises `NotAllowed`, `Refused` or `Conflict`."""
    if not clean(reason):
        raise Refused(Problem("recusal-reason", _("Say in a few words why you do not judge it."), "reason"))
    if has_classification_mark(reason):
        raise Refused(secrets_problem("reason"))
    with journal.writing():
        row: Review = held(review)
        must_allow(scores_now, actor, row, _("Items are scored by the expert who accepted, while the panel scores."))
        sheet = row.sheets.filter(item__number=number, recused="", submitted_at=None).first()
        if sheet is None:
            raise Conflict(_("This item is scored, or was given back, already."))
        sheet.recused = clean(reason)
        sheet.save(update_fields=["recused"])
        touch(REVIEW, row, actor=actor, fields=["recused"], step="review.recused")
        _hand_in(row)
    return sheet


def _hand_in(row: Review) -> None:
    """With the last item the review is handed in."""
    if not row.sheets.filter(submitted_at=None, recused="").exists():
        advance(REVIEW, row, "hand-in", actor=SYSTEM)
