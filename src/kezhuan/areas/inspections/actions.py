"""What is done to inspections: begun with their records and letter, corrected, and ended when their day is over."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _

from kezhuan.areas.inspections.checks import LETTER
from kezhuan.areas.inspections.lifecycle import INSPECTION
from kezhuan.areas.inspections.models import Inspection, Matter
from kezhuan.areas.inspections.permissions import admits, may_admit_for
from kezhuan.areas.inspections.queries import matters_shown
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor, visible_to
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.documents import Upload, check_upload, keep_document
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.lifecycle import advance, held, open_record, touch
from kezhuan.kernel.models import Organisation, Record, User
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, listed, today

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
    problems += _problems(body, letter_no, since, until)
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
            title=_title(letter_no),
            title_en=_title_en(letter_no),
        )
        Matter.objects.bulk_create([Matter(inspection=row, record=one) for one in records])
        if letter is not None:
            keep_document(actor=actor, record=row.record, upload=letter, kind=LETTER)
    return row


def edit_inspection(
    *,
    actor: Actor,
    inspection: Inspection,
    body: str,
    letter_no: str,
    since: date,
    until: date,
    codes: Sequence[str],
    owner_told: bool,
    expected_version: int | None = None,
) -> Inspection:
    """Correct what was prepared, days and records included, until the inspector is admitted; from then on it is ended
    and prepared anew, so that what was given stays as it was told. Who inspects stays: for another it is prepared anew.

    Raises `NotAllowed`, `Refused`, or `Conflict` when it has moved on or somebody changed it meanwhile.
    """
    with journal.writing():
        row: Inspection = held(inspection)
        if not admits.test(actor, row):
            raise NotAllowed(
                _("Inspectors are admitted by the city's officers, or by a unit's administrators to its own.")
            )
        if row.record.phase != Phase.DRAFT:
            raise Conflict(_("The inspector was admitted or the inspection has ended: end it, and prepare another."))
        records, problems = _records(actor, row.unit, codes)
        if problems := [*problems, *_problems(body, letter_no, since, until)]:
            raise Refused(problems)
        titles = {"title": _title(letter_no), "title_en": _title_en(letter_no)}
        values = {
            "body": clean(body),
            "letter_no": clean(letter_no),
            "since": since,
            "until": until,
            "owner_told": owner_told,
        }
        changed = [*set_columns(row.record, titles), *set_columns(row, values)]
        # A record that the actor does not see stays: they could not have named it.
        named, seen = {one.pk for one in records}, matters_shown(actor, row)
        left_out, held_already = seen.exclude(pk__in=named), set(row.matters.values_list("record", flat=True))
        row.matters.filter(record__in=left_out).delete()
        Matter.objects.bulk_create(
            [Matter(inspection=row, record=one) for one in records if one.pk not in held_already]
        )
        changed += ["codes"] if set(row.matters.values_list("record", flat=True)) != held_already else []
        require_fits(row.record, row)
        row.record.save(update_fields=list(titles))
        row.save(update_fields=list(values))
        touch(INSPECTION, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def _title(letter_no: str) -> str:
    return f"调阅 {clean(letter_no)}"


def _title_en(letter_no: str) -> str:
    return f"Inspection {clean(letter_no)}"


def _problems(body: str, letter_no: str, since: date, until: date) -> list[Problem]:
    """What is wrong with the days and with what the letter says."""
    problems = []
    if until < since or until < today():
        sentence = _("The last day is neither over nor before the first.")
        problems.append(Problem("inspection-days", sentence, "until"))
    for name, value in (("body", body), ("letter_no", letter_no)):
        if not clean(value):
            problems.append(Problem("text-missing", _("Enter this as the letter says it."), name))
    return problems


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
        problems.append(Problem("matters-unknown", sentence % {"codes": listed(strange[:10])}, "codes"))
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
