"""A recommending unit (推荐单位) recommends applications to a call by a letter: the only writer of letters."""

from collections.abc import Collection
from datetime import date

from django.utils.translation import gettext as _

from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.permissions import recommends_to
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits
from kezhuan.kernel.contents import SCANS
from kezhuan.kernel.documents import Upload, keep_proof
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import clean, listed, today

LETTER = "recommendation"
"""The kind of document that a letter of recommendation is: nobody takes it back."""


def recommend(
    *,
    actor: Actor,
    call: Call,
    applications: Collection[str],
    letter_no: str,
    letter_on: date,
    letter: Upload | None = None,
) -> list[Application]:
    """Recommend the applications of these codes, which chose the unit that the actor acts for, by one letter (推荐函):
    from then on the officers in charge read them, with the `letter` as a file of each, which a call may let off. Raises
    `NotAllowed`, or `Refused`: of all or of none."""
    unit = actor.organisation
    if unit is None or not recommends_to.test(actor, call):
        raise NotAllowed(_("Applications are recommended by the units that the call names."))
    if has_classification_mark(letter_no):
        raise Refused(secrets_problem("letter_no"))
    number = clean(letter_no)
    with journal.writing():
        asked = Application.objects.filter(
            item__call=call.pk, recommender=unit.pk, record__stage="offered", record__code__in=list(applications)
        )
        rows = list(asked.select_related("record", "item__call__record").order_by("item__number", "pk"))
        problems = _problems(rows, applications, number, letter_on)
        if letter is None and not call.letter_optional:
            message = _("Give the scan of the letter (推荐函): this call does not let it off.")
            problems.append(Problem("letter-scan-missing", message, "file"))
        if problems:
            raise Refused(problems)
        moved = []
        for row in rows:
            row.letter_no, row.letter_on = number, letter_on
            require_fits(row)
            row.save(update_fields=["letter_no", "letter_on"])
            if letter is not None:
                keep_proof(actor=actor, record=row.record, upload=letter, kind=LETTER, types=SCANS)
            moved.append(advance(APPLICATION, row, "recommend", actor=actor))
    return moved


def _problems(rows: list[Application], codes: Collection[str], number: str, on: date) -> list[Problem]:
    found = []
    if not codes:
        found.append(Problem("recommend-nothing", _("Choose what the letter recommends."), "applications"))
    if strangers := sorted(set(codes) - {one.record.code for one in rows}):
        message = _("%(codes)s do not wait for your recommendation to this call any more.")
        words = listed(one[:30] for one in strangers[:10])
        found.append(Problem("recommend-unknown", message % {"codes": words}, "applications"))
    if not number:
        found.append(Problem("letter-missing", _("Give number and day of the letter."), "letter_no"))
    if on > today():
        found.append(Problem("day-later", _("This day lies in the future."), "letter_on"))
    return found
