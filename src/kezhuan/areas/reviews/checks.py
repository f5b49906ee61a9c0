"""What must hold before an expert joins the pool, and before a panel scores, closes its scores and concludes."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.models import Choice, Guest, Sheet
from kezhuan.areas.reviews.permissions import GONE
from kezhuan.areas.reviews.queries import still_counted
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.text import listed, today

SHOWN = 10


def check_declared(expert: Any) -> Iterator[Problem]:
    """Whoever joins the pool has declared their ties: what is not known is never taken for no conflict."""
    if expert.declared_on is None:
        message = _("Declare your ties to organisations first, or that you have none.")
        yield Problem("ties-undeclared", message, "ties")


def check_guest_declared(review: Any) -> Iterator[Problem]:
    """A guest has declared their ties before they accept; whoever is of the pool has."""
    if Guest.objects.filter(review=review.pk).exists():
        yield from check_declared(review.expert)


def check_days(panel: Any) -> Iterator[Problem]:
    """It is said until when experts answer and score, and neither day is over."""
    if panel.answer_by is None or panel.due_on is None:
        message = _("Say until when experts answer, and until when they score.")
        yield Problem("panel-days", message, "answer_by" if panel.answer_by is None else "due_on")
    elif panel.due_on < today():
        yield Problem("panel-over", _("The day until which experts score is over: choose a later one."), "due_on")


def check_criteria(panel: Any) -> Iterator[Problem]:
    """There is something to score by."""
    if not panel.criteria:
        yield Problem("criteria-missing", _("Say by which criteria items are scored."), "criteria")


def live_sheets(items: Any) -> Any:
    """Items with the number of reviews that count, or are to come, as `live`, of those that are in as `scored`, and of
    those that were given back as `back`."""
    kept, scored = Q(sheets__recused=""), Q(sheets__submitted_at__isnull=False)
    coming = ~Q(sheets__review__record__stage__in=GONE)
    return items.annotate(
        live=Count("sheets", filter=kept & (scored | coming)),
        scored=Count("sheets", filter=kept & scored),
        back=Count("sheets", filter=~kept),
    )


def check_manned(panel: Any) -> Iterator[Problem]:
    """Every item has as many experts as it needs, and each of them has accepted."""
    short = [one.number for one in live_sheets(panel.items.all()) if one.live < one.needed]
    if short or not panel.items.exists():
        message = _("Items without enough experts: %(numbers)s. Choose experts first.")
        yield Problem("panel-unmanned", message % {"numbers": listed(short[:SHOWN]) or "–"}, "experts")
    waiting = panel.reviews.filter(record__stage="invited").count()
    if waiting:
        message = _("%(number)s experts have not answered yet.")
        yield Problem("panel-unanswered", message % {"number": waiting}, "experts")


def check_free(panel: Any) -> Iterator[Problem]:
    """Nobody has a tie to an item that they are to judge: what is known may have changed since they were chosen."""
    rows = still_counted(Sheet.objects.filter(item__panel=panel.pk))
    told = ("item", "review__expert__record", "review__expert__person__record")
    sheets = list(rows.select_related(*told).order_by("review__number"))
    clearing = clear_panel(panel, list({one.review.expert_id: one.review.expert for one in sheets}.values()))
    found = clearing.cleared.findings
    tied = [one for one in sheets if found.get((str(one.item.number), str(one.review.expert.person_id)))]
    if numbers := list(dict.fromkeys(str(one.review.number) for one in tied)):
        message = _("Experts %(numbers)s have a tie to an item that they are to judge: release them, or dismiss it.")
        yield Problem("panel-tied", message % {"numbers": listed(numbers[:SHOWN])}, "experts")


def check_scored(panel: Any) -> Iterator[Problem]:
    """Every item has all its reviews; after the due day at least one, so that none is without any. Whoever was drawn
    judges every item, so one that they gave back is judged by the others."""
    over = panel.due_on is not None and panel.due_on < today()
    drawn = panel.choice == Choice.DRAW
    wanting = []
    for one in live_sheets(panel.items.all()):
        needed = max(1, one.needed - one.back) if drawn else one.needed
        if one.scored < (1 if over else needed):
            wanting.append(one.number)
    if wanting:
        message = _("Reviews are missing for the items %(numbers)s: wait for them, or replace their experts.")
        yield Problem("panel-unscored", message % {"numbers": listed(wanting[:SHOWN])}, "scores")


def check_met(panel: Any) -> Iterator[Problem]:
    """The meeting has its minutes, and says of every item what it advises, and why."""
    if not panel.minutes_no or panel.met_on is None:
        yield Problem("minutes-missing", _("Give number and day of the minutes of the meeting."), "minutes_no")
    open_ones = panel.items.filter(Q(advised=None) | Q(opinion="")).values_list("number", flat=True)
    if numbers := list(open_ones[:SHOWN]):
        message = _("Say what the panel advises, and why, of the items %(numbers)s: whoever is not chosen is told why.")
        yield Problem("opinion-missing", message % {"numbers": listed(numbers)}, "opinion")


def check_complete(review: Any) -> Iterator[Problem]:
    """Every sheet was submitted or given back."""
    if review.sheets.filter(submitted_at=None, recused="").exists():
        yield Problem("sheets-open", _("There are items that were not scored yet."), "sheets")
