"""What is done to calls: prepared, their list put together, their wording tested, a decision proposed, closed by the
clock. The only writers of calls beside the steps of their lifecycle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from kezhuan.areas.calls.awarding import term_problems
from kezhuan.areas.calls.checks import check_over, indicator_problems, wording_of
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import (
    AnswerKind,
    AwardRule,
    Call,
    CallItem,
    CallKind,
    Occasion,
    PosterPays,
    Reading,
)
from kezhuan.areas.calls.permissions import makes_calls
from kezhuan.areas.calls.queries import indicators_of, listable_needs
from kezhuan.areas.needs.models import Need
from kezhuan.kernel import journal
from kezhuan.kernel.access import SYSTEM, Actor, is_officer
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.lifecycle import advance, held, open_record, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, cleaned, listed, texts_in, today
from kezhuan.kernel.workdays import WORKING

MOST_GRACE = 7 * 24 * 60
"""Minutes: a grace of more than a week is a later deadline."""
MOST_ITEMS = 200


@dataclass(frozen=True)
class Condition:
    """Who may apply, and whether an applicant is to show that they do."""

    words: str
    evidence: bool = False


@dataclass(frozen=True)
class Question:
    """What an application says: in how many characters at most, or as a number up to `most`."""

    words: str
    kind: str = AnswerKind.TEXT
    required: bool = True
    most: int = 2000


@dataclass(frozen=True)
class CallFacts:
    """What an officer says of a call; moments carry their zone, money is in 分."""

    title: str
    about: str = ""
    title_en: str = ""
    call_kind: str = CallKind.CHALLENGE
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    grace_minutes: int = 0
    disclosure: str = "public"
    ip_terms: str = ""
    ip_note: str = ""
    conditions: tuple[Condition, ...] = ()
    questions: tuple[Question, ...] = ()
    readers_asked: int = 3
    budget_year: int | None = None
    budget_subject: str = ""
    budget_document: str = ""
    budget_fen: int | None = None
    paid_on: tuple[str, ...] = tuple(Occasion.values)
    poster_pays: str = PosterPays.WARN
    recommend_until: datetime | None = None
    recommenders: tuple[str, ...] = ()
    seals: bool = False
    most_per_unit: int | None = None
    begins_projects: bool = True
    keeps_library: bool = False
    awaits_budget: bool = False
    award_rule: str = AwardRule.ITEM
    award_most: int | None = None
    award_score: int | None = None
    notice_days: int | None = None
    notice_day_kind: str = WORKING
    notice_places: tuple[str, ...] = ()


COLUMNS = (
    "call_kind", "opens_at", "closes_at", "grace_minutes", "disclosure", "ip_terms", "ip_note", "readers_asked",
    "budget_year", "budget_subject", "budget_document", "budget_fen", "paid_on", "poster_pays", "seals",
    "recommend_until", "most_per_unit", "begins_projects",
    "keeps_library", "awaits_budget", "award_rule", "award_most", "award_score",
    "notice_days", "notice_day_kind", "notice_places",
)  # fmt: skip
MOST_RECOMMENDERS = 200


def check_facts(facts: CallFacts) -> list[Problem]:
    """What is wrong with a call even as a draft; what it lacks is told when it is published."""
    if any(map(has_classification_mark, texts_in(facts))):
        return [secrets_problem("title")]
    found, title = [], clean(facts.title)
    if not title:
        found.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(title) > 200:
        found.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    if facts.opens_at is not None and facts.closes_at is not None and facts.closes_at <= facts.opens_at:
        message = _("Applications close after they open: choose a later moment.")
        found.append(Problem("call-closes-early", message, "closes_at"))
    if not 0 <= facts.grace_minutes <= MOST_GRACE:
        message = _("The grace is from none to a week (10080 minutes).")
        found.append(Problem("call-grace", message, "grace_minutes"))
    if not 1 <= facts.readers_asked <= 99:
        message = _("Ask at least one expert, at most 99.")
        found.append(Problem("call-readers", message, "readers_asked"))
    if facts.most_per_unit is not None and not 1 <= facts.most_per_unit <= 99:
        message = _("A unit has at least one application, at most 99.")
        found.append(Problem("call-most-per-unit", message, "most_per_unit"))
    if facts.budget_fen is not None and facts.budget_fen <= 0:
        found.append(Problem("budget-not-positive", _("The budget is more than zero."), "budget"))
    if facts.budget_fen and not (facts.budget_year and clean(facts.budget_subject)):
        message = _("A budget line names its year and its subject (科目).")
        found.append(Problem("call-budget-line", message, "budget_subject"))
    if not facts.paid_on or not set(facts.paid_on) <= set(Occasion.values):
        found.append(Problem("call-paid-on", _("Say when projects are paid: choose at least one."), "paid_on"))
    return [*found, *term_problems(facts), *_row_problems(facts), *_recommender_problems(facts)]


def _recommenders(facts: CallFacts) -> list[Organisation]:
    """The recommending units, by the codes of their pages."""
    codes = {clean(one).upper() for one in facts.recommenders}
    rows = Organisation.objects.filter(record__code__in=codes).exclude(record__phase__in=(Phase.DRAFT, Phase.VOID))
    return list(rows.select_related("record").order_by("pk"))


def _recommender_problems(facts: CallFacts) -> list[Problem]:
    if len(facts.recommenders) > MOST_RECOMMENDERS:
        message = _("A call names at most %(most)s recommending units.")
        return [Problem("recommenders-many", message % {"most": MOST_RECOMMENDERS}, "recommenders")]
    found = {one.record.code for one in _recommenders(facts)}
    strangers = [clean(one)[:30] for one in facts.recommenders if clean(one).upper() not in found]
    if not strangers:
        return []
    message = _("No unit has the code “%(codes)s”: give the codes of the units' pages.")
    return [Problem("recommender-unknown", message % {"codes": listed(strangers[:10])}, "recommenders")]


def _row_problems(facts: CallFacts) -> list[Problem]:
    found = []
    if any(not clean(one.words) for one in facts.conditions):
        found.append(Problem("condition-empty", _("Say what the condition is, or remove the row."), "conditions"))
    for one in facts.questions:
        if not clean(one.words):
            found.append(Problem("question-empty", _("Say what is asked, or remove the row."), "questions"))
        elif one.kind not in AnswerKind.values or not 1 <= one.most <= 20_000:
            message = _("“%(words)s”: say how it is answered, with a limit from 1 to 20,000.")
            found.append(Problem("question-limit", message % {"words": clean(one.words)}, "questions"))
    return found


def _own_columns(facts: CallFacts) -> dict[str, Any]:
    rows = {
        "conditions": [{"words": clean(one.words), "evidence": one.evidence} for one in facts.conditions],
        "questions": [
            {"words": clean(one.words), "kind": str(one.kind), "required": one.required, "most": one.most}
            for one in facts.questions
        ],
    }
    return {**{name: cleaned(getattr(facts, name)) for name in COLUMNS}, **rows}


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
            lambda record: Call(record=record, office=office, region=office.region, **_own_columns(facts)),
            actor=actor,
            title=facts.title,
            title_en=facts.title_en,
            summary=facts.about,
            contact=actor.person,
        )
        made.recommenders.set(_recommenders(facts))
    return made


def edit_call(*, actor: Actor, call: Call, facts: CallFacts, expected_version: int) -> Call:
    """Change a call before it is published; raises `NotAllowed`, `Refused`, or `Conflict` when somebody else did."""
    require_draft(actor, call)
    if problems := check_facts(facts):
        raise Refused(problems)
    record = call.record
    with journal.writing():
        texts = {"title": clean(facts.title), "title_en": clean(facts.title_en), "summary": clean(facts.about)}
        changed = [*set_columns(record, texts), *set_columns(call, _own_columns(facts))]
        require_fits(record, call)
        record.save(update_fields=list(texts))
        call.save()
        call.recommenders.set(_recommenders(facts))
        touch(CALL, call, actor=actor, fields=changed, expected_version=expected_version)
    return call


def require_draft(actor: Actor, call: Call) -> None:
    """Raises `NotAllowed` but for the officers in charge of a call that is prepared."""
    if call.record.stage != "draft" or not is_officer.test(actor, call):
        raise NotAllowed(_("A call is changed by the officers in charge, before it is published."))


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
    found = listable_needs(actor).filter(record__code=code).first()
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
