"""What is done to inspections: begun with their records and letter, and ended when their day is over."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from kezhuan.areas.inspections.checks import LETTER
from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.areas.inspections.models import Inspection, Matter
from kezhuan.areas.inspections.permissions import may_admit_for
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor, visible_to
from kezhuan.kernel.documents import Upload, check_upload, keep_document
from kezhuan.kernel.errors import NotAllowed, Problem, Refused
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.lifecycle import advance, open_record
from kezhuan.kernel.models import Organisation, Record, User
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, today

MOST_MATTERS = 200


def prepare_inspection(
    *,
    actor: Actor,
    unit: Organisation | None = None,
    email: str,
    body: str,
    letter_no: str,
    since: date,
    until: date,
    codes: Sequence[str],
    owner_told: bool = True,
    letter: Upload | None = None,
) -> Inspection:
    """Prepare the admission of an inspector, known by the mail address of their account, to records named by code.

    A unit admits to its own records, the bureau to those it sees. Raises `NotAllowed`, or `Refused` with the problems.
    """
    if not may_admit_for(actor, unit):
        raise NotAllowed(_("Inspectors are admitted by the city's officers, or by a unit's administrators to its own."))
    user = User.objects.filter(email=email.strip().lower(), is_active=True).select_related("person__record").first()
    records, problems = _records(actor, unit, codes)
    if user is None:
        problems.append(Problem("email-unknown", _("No account has this mail address."), "email"))
    elif actor.person is not None and user.person_id == actor.person.pk:
        problems.append(Problem("inspector-own", _("Nobody admits themselves."), "email"))
    if until < since or until < today():
        sentence = _("The last day is neither over nor before the first.")
        problems.append(Problem("inspection-days", sentence, "until"))
    for name, value in (("body", body), ("letter_no", letter_no)):
        if not clean(value):
            problems.append(Problem("text-missing", _("Enter this as the letter says it."), name))
    if problems or user is None:
        raise Refused(problems)
    if letter is not None:
        check_upload(letter)
    with journal.writing():
        row: Inspection = open_record(
            INSPECTION,
            lambda record: Inspection(
                record=record,
                inspector=user.person,
                body=clean(body),
                letter_no=clean(letter_no),
                since=since,
                until=until,
                owner_told=owner_told,
                unit=unit,
            ),
            actor=actor,
            title=f"调阅 {clean(letter_no)}",
            title_en=f"Inspection {clean(letter_no)}",
        )
        Matter.objects.bulk_create([Matter(inspection=row, record=one) for one in records])
        if letter is not None:
            keep_document(actor=actor, record=row.record, upload=letter, kind=LETTER)
    return row


def _records(actor: Actor, unit: Organisation | None, codes: Sequence[str]) -> tuple[list[Record], list[Problem]]:
    """The records of these codes as far as the actor may admit to them, and what is wrong with the rest."""
    wanted = list(dict.fromkeys(clean(code).upper() for code in codes if clean(code)))
    rows = visible_to(actor, Record.objects.filter(code__in=wanted).exclude(phase=Phase.VOID))
    found = {one.code: one for one in rows if unit is None or one.owner_id == unit.pk}
    strange = [code for code in wanted if code not in found]
    problems = []
    if not wanted or len(wanted) > MOST_MATTERS:
        sentence = _("Name between one and %(most)s records, each by its code.") % {"most": MOST_MATTERS}
        problems.append(Problem("matters-missing", sentence, "codes"))
    if strange:
        sentence = _("You cannot admit anybody to these: %(codes)s. Correct the codes, or leave them out.")
        problems.append(Problem("matters-unknown", sentence % {"codes": ", ".join(strange[:10])}, "codes"))
    return [found[code] for code in wanted if code in found], problems


def add_letter(*, actor: Actor, inspection: Inspection, letter: Upload) -> None:
    """Add the letter afterwards. Raises `NotAllowed` or `Refused`."""
    if not may_admit_for(actor, inspection.unit):
        raise NotAllowed
    keep_document(actor=actor, record=inspection.record, upload=letter, kind=LETTER)


def close_expired(running: Running) -> None:
    """Record the end of the inspections whose last day is over; what they gave ended with that day by itself."""
    over = Inspection.objects.filter(record__stage="admitted", until__lt=today()).select_related("record")
    for row in over.order_by("pk"):
        advance(INSPECTION, row, "expire", actor=SYSTEM)
    running.finish()
