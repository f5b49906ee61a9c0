"""What is done to calls: prepared, their list put together, their wording tested, a decision proposed, closed by the
clock. The only writers of calls beside the steps of their lifecycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils.translation import gettext as _

from kezhuan.areas.calls.checks import check_over, indicator_problems, wording_of
from kezhuan.areas.calls.facts import CallFacts, check_facts, own_columns
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import (
    Call,
    CallItem,
    Reading,
)
from kezhuan.areas.calls.permissions import makes_calls
from kezhuan.areas.calls.queries import indicators_of, listable_needs
from kezhuan.areas.calls.staging_actions import put_stages
from kezhuan.areas.calls.units import units_of
from kezhuan.areas.needs.models import Need
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor, is_officer
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.lifecycle import advance, held, open_record, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import clean, texts_in, today

MOST_ITEMS = 200


def prepare_call(*, actor: Actor, facts: CallFacts) -> Call:
    """Begin a call of the office that the actor acts for, as a draft; raises `NotAllowed` or `Refused`."""
    office = actor.organisation
    if office is None or not makes_calls(actor):
        raise NotAllowed(_("Calls are made by the officers in charge of them."))
    if problems := check_facts(facts):
        raise Refused(problems)
    with journal.writing():
        made: Call = open_record(
            CALL,
            lambda record: Call(record=record, office=office, region=office.region, **own_columns(facts)),
            actor=actor,
            title=facts.title,
            title_en=facts.title_en,
            summary=facts.about,
            contact=actor.person,
        )
        _put_units(made, facts)
        put_stages(made, facts.stages)
    return made


def edit_call(*, actor: Actor, call: Call, facts: CallFacts, expected_version: int) -> Call:
    """Change a call before it is published; raises `NotAllowed`, `Refused`, or `Conflict` when somebody else did."""
    require_draft(actor, call)
    if problems := check_facts(facts):
        raise Refused(problems)
    record = call.record
    with journal.writing():
        texts = {"title": clean(facts.title), "title_en": clean(facts.title_en), "summary": clean(facts.about)}
        changed = [*set_columns(record, texts), *set_columns(call, own_columns(facts))]
        require_fits(record, call)
        record.save(update_fields=list(texts))
        call.save()
        _put_units(call, facts)
        put_stages(call, facts.stages)
        touch(CALL, call, actor=actor, fields=changed, expected_version=expected_version)
    return call


def _put_units(row: Call, facts: CallFacts) -> None:
    row.recommenders.set(units_of(facts.recommenders))
    row.invited.set(units_of(facts.invited))


def require_draft(actor: Actor, call: Call) -> None:
    """Raises `NotAllowed` but for the officers in charge of a call that is prepared."""
    must_allow(
        is_officer,
        actor,
        call,
        _("A call is changed by the officers in charge, before it is published."),
        stages={"draft"},
    )


# -- the list ----------------------------------------------------------------------------------------------------------


def put_on_list(
    *, actor: Actor, call: Call, need: Need, fiscal_fen: int | None = None, months: int | None = None, winners: int = 1
) -> CallItem:
    """Put a need on the list of a call that is prepared, in the words it has now; raises `NotAllowed` or `Refused`."""
    with journal.writing():
        row: Call = held(call)
        require_draft(actor, row)
        item = challenge_of(row, next_number(row), need, fiscal_fen=fiscal_fen, months=months, winners=winners)
        if problems := [*_need_problems(actor, row, need), *indicator_problems(item.title, item.indicators)]:
            raise Refused(problems)
        require_terms(fiscal_fen, months, winners)
        item.save()
        touch(CALL, row, actor=actor, fields=["items"])
    return item


def challenge_of(
    call: Call, number: int, need: Need, *, fiscal_fen: int | None, months: int | None, winners: int = 1
) -> CallItem:
    """A need as an item of a list, in the words it has now; not saved."""
    return CallItem(
        call=call,
        number=number,
        need=need.record,
        poster=need.record.owner,
        title=need.record.title,
        problem=need.record.summary,
        field=need.field,
        indicators=indicators_of(need),
        fiscal_fen=fiscal_fen,
        months=months,
        winners=winners,
    )


def next_number(call: Call) -> int:
    """The number of the next item on a list."""
    return (call.items.aggregate(last=Max("number"))["last"] or 0) + 1


def full_problems(call: Call, field: str) -> list[Problem]:
    """What keeps a list that is full from growing."""
    if call.items.count() < MOST_ITEMS:
        return []
    return [Problem("call-list-full", _("A list has at most 200 items: make another call."), field)]


def listable_need(actor: Actor, code: str) -> Need:
    """The need of this code that can stand on a list; raises `Refused` where none can."""
    found = listable_needs(actor).filter(record__code=code.strip().upper()).first()
    if found is None:
        raise Refused(_closed(code))
    return found


def _closed(code: str) -> Problem:
    message = _("A list takes published needs that are open to everybody: “%(code)s” is not.")
    return Problem("call-need-closed", message % {"code": code}, "need")


def _need_problems(actor: Actor, call: Call, need: Need) -> list[Problem]:
    if need.record.owner is None or not listable_needs(actor).filter(pk=need.pk).exists():
        return [_closed(need.record.code)]
    if call.items.filter(need=need.record).exists():
        message = _("“%(code)s” stands on this list already.")
        return [Problem("call-need-twice", message % {"code": need.record.code}, "need")]
    return full_problems(call, "need")


def require_terms(fiscal_fen: int | None, months: int | None, winners: int) -> None:
    """Raises `Refused` for money, months or numbers of winners that no item has."""
    found = []
    if fiscal_fen is not None and fiscal_fen < 0:
        found.append(Problem("amount-negative", _("An amount is not below zero."), "fiscal"))
    if months is not None and not 1 <= months <= 600:
        found.append(Problem("item-months", _("Give a number of months from 1 to 600."), "months"))
    if not 1 <= winners <= 999:
        found.append(Problem("item-winners", _("At least one is chosen, at most 999."), "winners"))
    if found:
        raise Refused(found)


def take_off_list(*, actor: Actor, call: Call, number: int) -> None:
    """Take an item off the list of a call that is prepared; the others are numbered on. Raises `NotAllowed`, or
    `Conflict` when it is gone."""
    with journal.writing():
        row: Call = held(call)
        require_draft(actor, row)
        if not row.items.filter(number=number).delete()[0]:
            raise Conflict(_("This item is no longer on the list."))
        for item in row.items.filter(number__gt=number).order_by("number"):
            item.number -= 1
            item.save(update_fields=["number"])
        touch(CALL, row, actor=actor, fields=["items"])


# -- the wording test --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Heard:
    """An expert's answer to: do you understand what counts as solved?"""

    who: str
    on: date
    understood: bool
    unit: str = ""
    words: str = ""


def record_readings(
    *, actor: Actor, call: Call, heard: Sequence[Heard], minutes_no: str = "", minutes_on: date | None = None
) -> Call:
    """Record what experts answered about the list as it stands, or the minutes of a demonstration (论证会), in place of
    what was recorded before. Raises `NotAllowed` or `Refused`."""
    with journal.writing():
        row: Call = held(call)
        require_draft(actor, row)
        if problems := _reading_problems(row, heard, minutes_no, minutes_on):
            raise Refused(problems)
        wording = wording_of(row)
        readings = [
            Reading(
                call=row, order=order, who=clean(one.who), unit=clean(one.unit), on=one.on,
                understood=one.understood, words=clean(one.words), wording=wording,
            )
            for order, one in enumerate(heard, 1)
        ]  # fmt: skip
        require_fits(*readings)
        row.readings.all().delete()
        Reading.objects.bulk_create(readings)
        row.minutes_no, row.minutes_on = clean(minutes_no), minutes_on
        row.minutes_wording = wording if row.minutes_no else ""
        require_fits(row)
        row.save(update_fields=["minutes_no", "minutes_on", "minutes_wording"])
        touch(CALL, row, actor=actor, fields=["readings"])
    return row


def _reading_problems(row: Call, heard: Sequence[Heard], minutes_no: str, minutes_on: date | None) -> list[Problem]:
    if any(map(has_classification_mark, texts_in((list(heard), minutes_no)))):
        return [secrets_problem("minutes_no")]
    found = []
    stands = bool(row.minutes_no) or row.readings.exists()
    if not stands and not heard and not clean(minutes_no) and minutes_on is None:
        message = _("Nothing is entered: give who was asked and what they answered, or the minutes of a demonstration.")
        found.append(Problem("readings-empty", message, "readings"))
    if not row.items.filter(need__isnull=False).exists():
        found.append(Problem("call-list-empty", _("Put at least one need on the list first."), "readings"))
    if any(not clean(one.who) for one in heard):
        found.append(Problem("reader-missing", _("Say who was asked, or remove the row."), "readings"))
    names = [clean(one.who) + "\n" + clean(one.unit) for one in heard]
    if len(set(names)) < len(names):
        found.append(Problem("reader-twice", _("Each expert is asked once."), "readings"))
    if any(one.on > today() for one in heard):
        found.append(Problem("day-later", _("This day lies in the future."), "readings"))
    if bool(clean(minutes_no)) != (minutes_on is not None):
        message = _("Minutes have a number and a day: give both, or none.")
        found.append(Problem("minutes-incomplete", message, "minutes_no" if minutes_on else "minutes_on"))
    if minutes_on is not None and minutes_on > today():
        found.append(Problem("day-later", _("This day lies in the future."), "minutes_on"))
    return found


# -- by the clock ------------------------------------------------------------------------------------------------------


def close_in_time(running: Running, *, code: str) -> None:
    """The job that closes a call when its time is over; one that was withdrawn or closed meanwhile stays as it is."""
    row = Call.objects.select_related("record").filter(record__code=code, record__stage="published").first()
    if row is not None and not list(check_over(row)):
        advance(CALL, row, "close", actor=SYSTEM)
