"""What is done to panels before and after their experts score: prepared, cleared of conflicts, met."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.checks import SHOWN
from kezhuan.areas.reviews.clearing import OF_EXPERTS
from kezhuan.areas.reviews.judging import Foreseen
from kezhuan.areas.reviews.lifecycle import PANEL
from kezhuan.areas.reviews.minutes_actions import Minutes, put_minutes
from kezhuan.areas.reviews.models import Choice, Expert, FoundTie, LookUp, Panel, PanelItem, Scheme, TieKind
from kezhuan.areas.reviews.permissions import may_judge, runs
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.checks import require_fits, set_columns
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused
from kezhuan.kernel.lifecycle import held, open_record, touch
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.models.parties import OrganisationKind
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean, listed, texts_in, today

WHOLE = 10_000
MOST_CRITERIA = 30


@dataclass(frozen=True)
class CriterionFacts:
    """A criterion: its weight in basis points, and what its marks from 0 to 100 mean."""

    name: str
    weight: int
    anchors: str = ""


@dataclass(frozen=True)
class PanelFacts:
    """What is said of a panel; the agency by the code of its record. What it leaves open of `scheme`, `choice`
    and `per_item` is as what is judged foresees, or as it was before."""

    title: str
    title_en: str = ""
    about: str = ""
    agency: str = ""
    scheme: str = ""
    choice: str = ""
    criteria: tuple[CriterionFacts, ...] = ()
    per_item: int | None = None
    max_load: int = 30
    min_load: int | None = None
    most_certain: int | None = None
    mixed: bool = True
    per_employer: int | None = None
    drop_from: int | None = None
    spread_flag: int = 30
    outlier_flag: int = 20
    answer_by: date | None = None
    due_on: date | None = None


COLUMNS = (
    "scheme", "choice", "per_item", "max_load", "min_load", "most_certain", "mixed", "per_employer", "drop_from",
    "spread_flag", "outlier_flag",
    "answer_by", "due_on",
)  # fmt: skip


def check_facts(facts: PanelFacts) -> list[Problem]:
    """What is wrong with a panel even while it is prepared."""
    if any(map(has_classification_mark, texts_in(facts))):
        return [secrets_problem("title")]
    found = []
    if not clean(facts.title):
        found.append(Problem("title-missing", _("Enter a title."), "title"))
    for name, value, least, most in (
        ("per_item", facts.per_item, 1, 99), ("max_load", facts.max_load, 1, 1000),
        ("per_employer", facts.per_employer, 1, 99), ("spread_flag", facts.spread_flag, 1, 100),
        ("min_load", facts.min_load, 1, 1000), ("most_certain", facts.most_certain, 1, 99),
        ("outlier_flag", facts.outlier_flag, 1, 100), ("drop_from", facts.drop_from, 3, 99),
    ):  # fmt: skip
        if value is not None and not least <= value <= most:
            message = _("Give a number from %(least)s to %(most)s.")
            found.append(Problem("panel-number", message % {"least": least, "most": most}, name))
    if facts.min_load is not None and facts.min_load > facts.max_load:
        message = _("Nobody gets at least more items than at most.")
        found.append(Problem("panel-loads", message, "min_load"))
    if facts.most_certain is not None and facts.mixed and facts.per_employer is not None:
        message = _("Panels are drawn with one rule of their mix: leave that of each item or of employers away.")
        found.append(Problem("panel-random-mix", message, "most_certain"))
    if facts.answer_by is not None and facts.due_on is not None and facts.due_on < facts.answer_by:
        message = _("Experts score after they have answered: choose a later day.")
        found.append(Problem("panel-due-early", message, "due_on"))
    return [*found, *criteria_problems(facts.criteria)]


def criteria_problems(criteria: Sequence[CriterionFacts]) -> list[Problem]:
    """What is wrong with criteria: without a name, or with weights that are no whole."""
    found = []
    if len(criteria) > MOST_CRITERIA:
        found.append(Problem("criteria-many", _("A panel scores by 30 criteria at most."), "criteria"))
    if any(not clean(one.name) for one in criteria):
        found.append(Problem("criterion-name", _("Name the criterion, or remove the row."), "criteria"))
    if criteria and (min(one.weight for one in criteria) < 0 or sum(one.weight for one in criteria) != WHOLE):
        message = _("The weights add up to 100 percent; these add up to %(sum)s.")
        sum_of = f"{sum(one.weight for one in criteria) / 100:g}"
        found.append(Problem("criteria-weights", message % {"sum": sum_of}, "criteria"))
    return found


def _own_columns(facts: PanelFacts) -> dict[str, Any]:
    return {**{name: getattr(facts, name) for name in COLUMNS}, "criteria": rows_of_criteria(facts.criteria)}


def rows_of_criteria(criteria: Sequence[CriterionFacts]) -> list[dict[str, Any]]:
    """Criteria as they are kept."""
    return [{"name": clean(one.name), "weight": one.weight, "anchors": clean(one.anchors)} for one in criteria]


def _require(facts: PanelFacts) -> Organisation | None:
    problems, agency = check_facts(facts), None
    if clean(facts.agency):
        rows = Organisation.objects.filter(record__code=clean(facts.agency).upper(), kind=OrganisationKind.AGENCY)
        agency = rows.select_related("record").first()
        if agency is None:
            message = _("No technology service agency has the code “%(code)s”.")
            problems.append(Problem("agency-unknown", message % {"code": clean(facts.agency)[:30]}, "agency"))
    if problems:
        raise Refused(problems)
    return agency


def foreseen_for(about: Record) -> Foreseen:
    """How panels about a record judge unless the officers say otherwise: as it says itself; where it says nothing,
    blind and by five reviews, of experts who are drawn for public money, and else assigned."""
    known = judging.judging_of(about.kind)
    said = known.foreseen(about)
    choice = said.choice or (Choice.DRAW if known.public_money(about) else Choice.ASSIGNMENT)
    return replace(said, scheme=said.scheme or Scheme.BLIND, choice=choice, per_item=said.per_item or 5)


def _filled(facts: PanelFacts, held: Any) -> PanelFacts:
    """The facts with what they leave open as a panel, or what is foreseen, says it."""
    open_ones = {name: getattr(facts, name) or getattr(held, name) for name in ("scheme", "choice", "per_item")}
    return replace(facts, **open_ones)


def prepare_panel(*, actor: Actor, about: Record, facts: PanelFacts, parts: Sequence[str] = ()) -> Panel:
    """Prepare a panel of the office that the actor acts for, about those items of a record that can be judged now: all,
    or those of some of its parts, by their keys. Without criteria of its own it has those that the record foresees.
    Their numbers say nothing of who applied first.
    Raises `NotAllowed` or `Refused`."""
    office = actor.organisation
    if office is None or not may_judge(actor, about.kind):
        raise NotAllowed(_("Panels are made by the officers in charge of what is judged."))
    foreseen = foreseen_for(about)
    facts = _filled(facts, foreseen)
    if not facts.criteria:
        facts = replace(facts, criteria=tuple(CriterionFacts(**one) for one in foreseen.criteria))
    agency, ready = _require(facts), _ready(about, parts)
    # By uid, whose last bits are chance: neither by name nor by the hour of the application.
    rows = sorted(ready, key=lambda one: str(one.uid)[::-1])
    if not rows:
        message = _(
            "There is nothing to be judged yet: applications are closed and their formality check passed first."
        )
        raise Refused(Problem("panel-empty", message, "items"))
    with journal.writing():
        made: Panel = open_record(
            PANEL,
            lambda record: Panel(
                record=record, about=about, office=office, agency=agency, region=office.region, **_own_columns(facts)
            ),
            actor=actor,
            title=facts.title,
            title_en=facts.title_en,
            summary=facts.about,
        )
        if not runs.test(actor, made):
            raise NotAllowed(_("You may not take this step."))
        PanelItem.objects.bulk_create(
            PanelItem(panel=made, number=number, record=one) for number, one in enumerate(rows, 1)
        )
        # Whose items are judged is known only now.
        if not runs.test(actor, made):
            raise NotAllowed(_("Nobody runs a panel about an item of a unit that they act for."))
    return made


def _ready(about: Record, parts: Sequence[str]) -> QuerySet[Record]:
    known = judging.judging_of(about.kind)
    if not parts:
        return known.items(about)
    found = {one.key: one.items for one in known.parts(about)}
    if strangers := [one for one in dict.fromkeys(parts) if one not in found]:
        message = _("Nothing can be judged of the parts %(keys)s.")
        words = listed(one[:30] for one in strangers[:SHOWN])
        raise Refused(Problem("panel-parts-unknown", message % {"keys": words}, "parts"))
    return known.items(about).filter(pk__in=[pk for one in parts for pk in found[one]])


def edit_panel(*, actor: Actor, panel: Panel, facts: PanelFacts, expected_version: int) -> Panel:
    """Change a panel before its experts score; raises `NotAllowed`, `Refused`, or `Conflict`."""
    require_runs(actor, panel)
    agency = _require(facts)
    with journal.writing():
        row: Panel = held(panel)
        facts = _filled(facts, row)
        if row.record.stage != "prepared":
            raise Conflict(_("A panel is changed before its experts score."))
        if row.reviews.exists() or hasattr(row, "draw"):
            kept = {name: getattr(row, name) for name in ("scheme", "choice", "per_item")}
            if any(getattr(facts, name) != value for name, value in kept.items()):
                message = _("Experts were chosen: how they are chosen, how many, and who knows of whom stays.")
                raise Refused(Problem("panel-chosen", message, "choice"))
        texts = {"title": clean(facts.title), "title_en": clean(facts.title_en), "summary": clean(facts.about)}
        columns = _own_columns(facts) | {"agency_id": agency.pk if agency is not None else None}
        changed = [*set_columns(row.record, texts), *set_columns(row, columns)]
        require_fits(row.record, row)
        row.record.save(update_fields=list(texts))
        row.save()
        if row.choice == Choice.DRAW:  # whoever is drawn judges every item: none gets more than the others
            row.items.exclude(asked=None).update(asked=None)
        touch(PANEL, row, actor=actor, fields=changed, expected_version=expected_version)
    return row


def require_runs(actor: Actor, panel: Panel) -> None:
    """Raises `NotAllowed` but for whoever runs the panel."""
    if not runs.test(actor, panel):
        raise NotAllowed(_("A panel is run by the officers in charge or its agency, who neither judge nor are judged."))


# -- conflicts ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FoundFacts:
    """A tie of a party (the id of its record) that was found: of a kind as experts declare them, with the organisation
    or expert of this code; the day on which it ended, None where no end is known."""

    party: int
    kind: str
    other: str
    until: date | None = None


def look_up_parties(
    *, actor: Actor, panel: Panel, parties: Sequence[int], source: str, on: date, found: Sequence[FoundFacts] = ()
) -> None:
    """Record that the ties of parties of a panel's items were looked up, in which register and when, with the ties that
    were found: until then nobody is clear of them. Raises `NotAllowed` or `Refused`."""
    require_runs(actor, panel)
    told = judging.told_of(panel.programme, list(panel.items.values_list("record", flat=True)))
    known = {party for matter in told.values() for party in matter.parties}
    problems = []
    if not clean(source):
        message = _("Name the register in which ties were looked up, such as 企业信用信息公示系统.")
        problems.append(Problem("look-up-source", message, "source"))
    if on > today():
        problems.append(Problem("day-later", _("This day lies in the future."), "on"))
    others, wrong = _others(found, set(parties))
    problems += wrong
    if not parties or set(parties) - known:
        problems.append(Problem("look-up-parties", _("Choose parties of the items of this panel."), "parties"))
    if problems or actor.person is None:
        raise Refused(problems)
    with journal.writing():
        made = {
            pk: LookUp.objects.create(party_id=pk, on=on, source=clean(source), by=actor.person)
            for pk in sorted(set(parties))
        }
        for one, other in zip(found, others, strict=True):
            tie = {"look_up": made[one.party], "until": one.until}
            FoundTie.objects.update_or_create(party_id=one.party, kind=one.kind, other_id=other, defaults=tie)
        touch(PANEL, held(panel), actor=actor, fields=["look-ups"])


def _others(found: Sequence[FoundFacts], parties: set[int]) -> tuple[list[int], list[Problem]]:
    """With whom the ties that were found are, by the ids of their records, and what is wrong with them."""
    codes = {clean(one.other).upper() for one in found}
    units = Record.objects.filter(code__in=codes, kind="organisation").exclude(phase=Phase.VOID)
    named = dict(units.values_list("code", "pk"))
    of_units = set(Record.objects.filter(pk__in=parties, kind="organisation").values_list("pk", flat=True))
    ids = named | dict(Expert.objects.filter(record__code__in=codes).values_list("record__code", "person"))
    others, problems = [], []
    for one in found:
        code = clean(one.other).upper()
        if one.kind not in TieKind.values:
            problems.append(Problem("tie-kind", _("Choose what the tie is."), "kind"))
        if one.party not in parties:
            problems.append(Problem("look-up-parties", _("Choose parties of the items of this panel."), "party"))
        if code not in ids or ids[code] == one.party:
            message = _("“%(code)s” is no other organisation and no expert.")
            problems.append(Problem("tie-other", message % {"code": code[:30]}, "other"))
        elif code in named and (one.kind in OF_EXPERTS or (one.kind == TieKind.EMPLOYER and one.party in of_units)):
            message = _("Such a tie is one of a person: give the code of the expert.")
            problems.append(Problem("tie-other", message, "other"))
        others.append(ids.get(code, 0))
    return others, problems


# -- the meeting -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Advice:
    """What the meeting says of an item: its turn, what it advises, and why; nothing of one that stays open but its
    turn."""

    place: int
    advised: bool | None
    opinion: str


def record_meeting(
    *,
    actor: Actor,
    panel: Panel,
    minutes_no: str,
    met_on: date,
    advice: Mapping[int, Advice],
    minutes: Minutes | None = None,
    expected_version: int | None = None,
) -> Panel:
    """Record the meeting of a panel whose scores are closed: by the number of an item its turn and the advice, and what
    the minutes say, where that is given. Raises `NotAllowed`, `Refused` or `Conflict`."""
    require_runs(actor, panel)
    if any(map(has_classification_mark, texts_in((minutes_no, minutes, list(advice.values()))))):
        raise Refused(secrets_problem("opinion"))
    problems = []
    if not clean(minutes_no):
        problems.append(
            Problem("minutes-missing", _("Give number and day of the minutes of the meeting."), "minutes_no")
        )
    if met_on > today():
        problems.append(Problem("day-later", _("This day lies in the future."), "met_on"))
    if problems := [*problems, *_advice_problems(advice)]:
        raise Refused(problems)
    with journal.writing():
        row: Panel = held(panel)
        if row.record.stage != "scored":
            raise Conflict(_("The meeting is recorded after the scores were closed, and before the panel concludes."))
        items = list(row.items.filter(number__in=list(advice)))
        if strangers := sorted(set(advice) - {one.number for one in items}):
            message = _("The panel has no items %(numbers)s.") % {"numbers": listed(strangers[:SHOWN])}
            raise Refused(Problem("panel-items-unknown", message, "advice"))
        if twice := _turn_problem(row, {number: said.place for number, said in advice.items()}):
            raise Refused(twice)
        for item in items:
            said = advice[item.number]
            item.place = said.place
            if said.advised is not None:
                item.advised, item.opinion = said.advised, clean(said.opinion)
        PanelItem.objects.bulk_update(items, ["place", "advised", "opinion"])
        row.minutes_no, row.met_on = clean(minutes_no), met_on
        put_minutes(row, minutes)
        require_fits(row)
        row.save(update_fields=["minutes_no", "met_on", "minutes", "attended", "also_there"])
        touch(PANEL, row, actor=actor, fields=["meeting"], expected_version=expected_version)
    return row


def _advice_problems(advice: Mapping[int, Advice]) -> Iterator[Problem]:
    """An item is advised on with a reason, or stays open."""
    for number, said in sorted(advice.items()):
        if said.advised is not None and not clean(said.opinion):
            message = _("Say why the panel advises this of item %(number)s.") % {"number": number}
            yield Problem("advice-reason", message, f"opinion_{number}")
        if said.advised is None and clean(said.opinion):
            message = _("Say what the panel advises of item %(number)s.") % {"number": number}
            yield Problem("advice-missing", message, f"advised_{number}")


def _turn_problem(row: Panel, given: Mapping[int, int]) -> Problem | None:
    """The first turn that two items would have; those of which nothing is said now keep theirs."""
    turns: dict[int, list[int]] = {}
    for number, kept in row.items.values_list("number", "place").order_by("number"):
        if (turn := given.get(number, kept)) is not None:
            turns.setdefault(turn, []).append(number)
    for turn, numbers in sorted(turns.items()):
        if len(numbers) > 1 and not given.keys().isdisjoint(numbers):
            message = _("Items %(numbers)s have the same turn %(turn)s: give each its own.")
            words = {"numbers": listed(numbers[:SHOWN]), "turn": turn}
            last = next(one for one in reversed(numbers) if one in given)
            return Problem("turn-twice", message % words, f"place_{last}")
    return None
