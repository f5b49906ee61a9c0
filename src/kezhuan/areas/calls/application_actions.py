"""What is done to applications: begun and written by their unit. The only writers of them beside the
steps of their lifecycle."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kezhuan.areas.calls.adding import added_since, answers_added
from kezhuan.areas.calls.answering import answer_problems, padded
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.attached import with_files
from kezhuan.areas.calls.checks import check_in_time, own_challenge, own_challenge_problem, strange_recommender
from kezhuan.areas.calls.inviting import not_invited
from kezhuan.areas.calls.limiting import hold_units
from kezhuan.areas.calls.models import HANDED_IN, Application, CallItem
from kezhuan.areas.calls.partnering_actions import keep_partners
from kezhuan.areas.calls.permissions import is_addressed, is_by_invitation, may_apply, writes_application
from kezhuan.areas.calls.sealing import revealed, with_words
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.allowing import must_allow
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, hold_records, open_record, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.sealing import seal_words, words_of
from kezhuan.kernel.text import clean, cleaned, listed, texts_in

WRITTEN_IN = frozenset({"draft", "returned", "sent-back"})
"""Stages in which a unit writes its application."""
LONGEST_TITLE = 200
COLUMNS = (
    "leader", "asked_fen", "months", "commitments", "evidence", "answers", "related", "revenue_fen", "rnd_fen",
    "promised",
)  # fmt: skip


@dataclass(frozen=True)
class ApplicationFacts:
    """What a unit says in its application: answers in the order of the item's indicators, the call's conditions and its
    questions; money in 分."""

    title: str
    offer: str = ""
    title_en: str = ""
    leader: str = ""
    asked_fen: int | None = None
    months: int | None = None
    commitments: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    answers: tuple[Any, ...] = ()
    """Texts, and of a table lists of rows (see `areas.calls.answering`)."""
    related: str = ""
    """What makes the unit related to whoever posed the challenge; empty where nothing does."""
    revenue_fen: int | None = None
    rnd_fen: int | None = None
    """Revenue of the year before, and R&D in it, where a condition asks for them."""
    promised: bool = False
    recommender: str = ""
    """Code of the recommending unit, of those that the call names."""


def check_facts(facts: ApplicationFacts, item: CallItem) -> list[Problem]:
    """What is wrong with an application even as a draft; what it lacks is told when it is submitted."""
    if any(map(has_classification_mark, texts_in(facts))):
        return [secrets_problem("title")]
    found, title = [], clean(facts.title)
    if not title:
        found.append(Problem("title-missing", _("Enter a title."), "title"))
    elif len(title) > LONGEST_TITLE:
        found.append(Problem("title-long", _("The title has at most 200 characters."), "title"))
    if facts.asked_fen is not None and facts.asked_fen < 0:
        found.append(Problem("amount-negative", _("An amount is not below zero."), "asked"))
    if (facts.revenue_fen is not None and facts.revenue_fen <= 0) or (facts.rnd_fen or 0) < 0:
        message = _("Revenue is more than zero, and R&D not below it.")
        found.append(Problem("rnd-figures", message, "revenue"))
    if facts.months is not None and not 1 <= facts.months <= 600:
        found.append(Problem("item-months", _("Give a number of months from 1 to 600."), "months"))
    if said := clean(facts.recommender):
        strange = strange_recommender(item.call, _recommender(facts, item), said)
        found += [strange] if strange is not None else []
    asked = (("commitments", item.indicators), ("evidence", item.call.conditions), ("answers", item.call.questions))
    for name, rows in asked:
        if len(getattr(facts, name)) > len(rows):
            message = _("There are more answers than are asked for: %(most)s at most.")
            found.append(Problem("answers-many", message % {"most": len(rows)}, name))
    return [*found, *answer_problems(item.call.questions, facts.answers)]


def _with_files(application: Application, facts: ApplicationFacts) -> tuple[ApplicationFacts, list[Problem]]:
    """The same with the names of the files that answers name; told of each that is no file of the application."""
    answers, missing = with_files(application, facts.answers)
    message = _("“%(words)s”: attach the file to the application first.")
    asked = application.item.call.questions
    problems = [Problem("answer-file", message % asked[place], f"answer_{place}") for place in missing]
    return replace(facts, answers=answers), problems


def _recommender(facts: ApplicationFacts, item: CallItem) -> Organisation | None:
    code = clean(facts.recommender).upper()
    found: Organisation | None = item.call.recommenders.filter(record__code=code).first() if code else None
    return found


def _own_columns(facts: ApplicationFacts) -> dict[str, Any]:
    return {name: cleaned(getattr(facts, name)) for name in COLUMNS}


def begin_application(*, actor: Actor, item: CallItem, facts: ApplicationFacts) -> Application:
    """Begin the application of the unit that the actor acts for, for one item of a call that takes applications.

    Raises `NotAllowed`, or `Refused`: for its own challenge, for a second one, and when the time is over.
    """
    owner = actor.organisation
    if owner is None or not may_apply(actor):
        raise NotAllowed(_("Sign in and choose the organisation you apply for; officers decide and do not apply."))
    if not is_addressed.test(actor, item.call):
        raise NotAllowed(not_invited())
    if own_challenge(item, owner.pk):
        raise Refused(own_challenge_problem())
    blank = Application(item=item, applicant=owner)
    facts, unattached = _with_files(blank, facts)
    if problems := [*check_in_time(blank), *check_facts(facts, item), *unattached]:
        raise Refused(problems)
    seals = item.call.seals
    columns = {"recommender": _recommender(facts, item), **({} if seals else _own_columns(facts))}
    with journal.writing():
        standing = Application.objects.filter(HANDED_IN, item=item, applicant=owner)
        other = standing.select_related("record").first()
        if other is not None:
            raise Refused(_second(other))
        _require_room(item, owner)
        _require_invited(actor, item)
        try:
            with transaction.atomic():
                made: Application = open_record(
                    APPLICATION,
                    lambda record: Application(record=record, item=item, applicant=owner, sealed=seals, **columns),
                    actor=actor,
                    title=item.title if seals else facts.title,
                    title_en="" if seals else facts.title_en,
                    summary="" if seals else facts.offer,
                    owner=owner,
                    contact=actor.person,
                )
                if seals:
                    seal_words(made.record, _sealable(made, facts), item.call.opening_half)
        except IntegrityError:
            raise Refused(_second(None)) from None
    return made


def _second(held: Application | None) -> Problem:
    code = held.record.code if held is not None else ""
    message = _("Your unit has an application for this item already %(code)s: go on with that one.")
    return Problem("application-twice", message % {"code": f"({code})" if code else ""}, "item")


def _require_room(item: CallItem, owner: Organisation) -> None:
    """Raises `Refused` where a unit has as many applications to a call as this allows; the unit is held meanwhile."""
    most = item.call.most_per_unit
    if most is None:
        return
    hold_units([owner.pk])
    living = Application.objects.filter(item__call=item.call, applicant=owner, alive=True).order_by("pk")
    if len(codes := list(living.values_list("record__code", flat=True))) >= most:
        message = _("A unit has at most %(most)s applications to this call; yours has %(codes)s.")
        raise Refused(Problem("application-most", message % {"most": most, "codes": listed(codes)}, "item"))


def _require_invited(actor: Actor, item: CallItem) -> None:
    """Raises `NotAllowed` where the invitation was taken back meanwhile; the list of those invited is held."""
    if is_by_invitation.test(actor, item.call):
        hold_records(Record.objects.filter(pk=item.call_id))
        if not is_addressed.test(actor, item.call):
            raise NotAllowed(not_invited())


def edit_application(
    *, actor: Actor, application: Application, facts: ApplicationFacts, expected_version: int
) -> Application:
    """Change an application that is a draft, or to which a supplement was asked for. Raises `NotAllowed`, `Refused`, or
    `Conflict` when a colleague changed it meanwhile."""
    record = application.record
    _require_writes(actor, application, facts)
    facts, unattached = _with_files(application, facts)
    if problems := [*check_facts(facts, application.item), *unattached]:
        raise Refused(problems)
    with journal.writing():
        if application.sealed:
            return _edit_sealed(actor, application, facts, expected_version)
        texts = _texts(facts)
        columns = _own_columns(facts)
        if application.letter_on is None:  # whoever has recommended it stays
            columns["recommender"] = _recommender(facts, application.item)
        changed = [*set_columns(record, texts), *set_columns(application, columns)]
        require_fits(record, application)
        record.save(update_fields=list(texts))
        application.save(update_fields=list(columns))
        touch(APPLICATION, application, actor=actor, fields=changed, expected_version=expected_version)
        if record.stage not in WRITTEN_IN:  # what was added to the form is answered, and no move follows
            keep_partners([application])
    return application


def edits(actor: Actor, application: Application) -> bool:
    """Whether the actor changes an application, or answers what its form asks since it was handed in."""
    if application.record.stage in WRITTEN_IN:
        return bool(writes_application.test(actor, application))
    return answers_added(actor, application)


def _require_writes(actor: Actor, application: Application, facts: ApplicationFacts) -> None:
    """Raises `NotAllowed`, or `Refused` where more is changed than was asked since an application was handed in."""
    must_allow(
        edits,
        actor,
        application,
        _("An application is changed by its unit, as a draft or when a supplement is asked for."),
    )
    if application.record.stage in WRITTEN_IN:
        return
    places, row = added_since(application), revealed(application)
    stands, says = _without(facts_of(row), row, places), _without(facts, row, places)
    if stands != says:
        message = _("It was handed in: answer the questions that were added since, and leave the rest as it stands.")
        raise Refused(Problem("application-stands", message, "answers"))


def _without(facts: ApplicationFacts, row: Application, places: Sequence[int]) -> list[Any]:
    """What facts say beside the answers at these places, in comparable form."""
    answers = padded(cleaned(facts.answers), row.item.call.questions)
    others = [said for place, said in enumerate(answers) if place not in places]
    columns = {**_own_columns(facts), "answers": others}
    return [_texts(facts), columns, clean(facts.recommender).upper()]


def facts_of(row: Application) -> ApplicationFacts:
    """What an application says, as its unit reads it."""
    record, recommender = row.record, row.recommender
    return ApplicationFacts(
        title=record.title,
        title_en=record.title_en,
        offer=record.summary,
        leader=row.leader,
        asked_fen=row.asked_fen,
        months=row.months,
        commitments=tuple(row.commitments),
        evidence=tuple(row.evidence),
        answers=tuple(row.answers),
        related=row.related,
        revenue_fen=row.revenue_fen,
        rnd_fen=row.rnd_fen,
        promised=row.promised,
        recommender=recommender.record.code if recommender is not None else "",
    )


def _edit_sealed(actor: Actor, application: Application, facts: ApplicationFacts, expected_version: int) -> Application:
    """The same for what is sealed: nothing of it is written that is not encrypted."""
    row: Application = held(application)
    if not row.sealed:
        raise Conflict(_("The application was opened meanwhile. Look at it again."))
    before, words = words_of(row.record), _sealable(row, facts)
    seal_words(row.record, words, row.item.call.opening_half)
    changed = [name for name, value in words.items() if before.get(name) != value]
    if row.letter_on is None:  # who recommends it is known, so that they read it
        changed += set_columns(row, {"recommender": _recommender(facts, row.item)})
        row.save(update_fields=["recommender"])
    touch(APPLICATION, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def _texts(facts: ApplicationFacts) -> dict[str, str]:
    return {"title": clean(facts.title), "title_en": clean(facts.title_en), "summary": clean(facts.offer)}


def _sealable(row: Application, facts: ApplicationFacts) -> dict[str, Any]:
    """What an application says, as it is kept encrypted; raises `Refused` for what its table could not hold once it is
    opened."""
    words: dict[str, Any] = {**_texts(facts), **_own_columns(facts)}
    plain = with_words(row, words)
    require_fits(plain.record, plain)
    return words


def keep_of_award(*, actor: Actor, application: Application, kept_fen: int) -> None:
    """Count what stays with its unit by a signed task book instead of what was awarded; called by whoever signs one,
    who is asked there."""
    with journal.writing():
        changed = set_columns(application, {"kept_fen": kept_fen})
        application.save(update_fields=["kept_fen"])
        touch(APPLICATION, application, actor=actor, fields=changed)
