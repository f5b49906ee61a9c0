"""Dated rule values: every number that a policy or a service promise sets is looked up by code, place and day."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from kezhuan.engines.rules import EVERYWHERE, places_of
from kezhuan.kernel import journal
from kezhuan.kernel.access import Actor
from kezhuan.kernel.errors import Conflict, NotAllowed, Problem, Refused, Text
from kezhuan.kernel.marks import refuse_marked
from kezhuan.kernel.models import Record, RuleUse, RuleValue
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.present import among
from kezhuan.kernel.rules import shipped
from kezhuan.kernel.text import clean, now, today
from kezhuan.kernel.vocabulary import REGIONS
from kezhuan.kernel.workdays import CALENDAR, WORKING

_LOCK = "rule-versions"
DAYS = (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS)
_MOST = {
    Unit.WORKING_DAYS: 2_500,
    Unit.CALENDAR_DAYS: 3_650,
    Unit.MONTHS: 1_200,
    Unit.FEN: 10**15,
    Unit.BASIS_POINTS: 1_000_000,
    Unit.COUNT: 10**9,
}
"""The largest value of each unit: ten years, a hundred years, ten trillion yuan, a hundredfold, a billion."""


class NoRuleValue(Exception):
    """No version of the rule value is in force; the message names code, place and day."""


@dataclass(frozen=True)
class Rule:
    """A number that the program looks up: its code, what it decides in words, what it may be counted in, and the least
    that it can be."""

    code: str
    label: Text
    units: tuple[Unit, ...]
    least: int = 0


_rules: dict[str, Rule] = {}


def declare(rule: Rule) -> None:
    """Make a rule known, so that it can be given a value; called where the number is looked up."""
    _rules[rule.code] = rule


def known_rules() -> dict[str, Rule]:
    """Every rule that the program looks up, by code."""
    return dict(sorted(_rules.items()))


def known_places() -> tuple[str, ...]:
    """The places that a value may be set for in this city."""
    return tuple(dict.fromkeys([EVERYWHERE, settings.CITY[:2] + "0000", settings.CITY, *REGIONS]))


def versions_in_force(on: date) -> QuerySet[RuleValue]:
    """All versions in force on a day."""
    ended = Q(effective_to=None) | Q(effective_to__gte=on)
    return RuleValue.objects.filter(ended, effective_from__lte=on, withdrawn_at=None)


_IN_FORCE = """SELECT * FROM kernel_rulevalue
WHERE (effective_to IS NULL OR effective_to >= %s) AND effective_from <= %s AND withdrawn_at IS NULL
AND code = %s AND jurisdiction IN (…)"""
"""The versions of `versions_in_force` of one rule in some places; every step of a record asks (see `present`)."""


def rule_value(code: str, *, on: date, jurisdiction: str = "") -> RuleValue:
    """The version in force on a day: the district's, else its city's, its province's, or the one for everywhere.

    Without a jurisdiction the city's. Raises `NoRuleValue`.
    """
    place = jurisdiction or settings.CITY
    places = places_of(place)
    rows = RuleValue.objects.raw(among(_IN_FORCE, places), [on, on, code, *places])
    best = _nearest(rows, places)
    if best is None:
        raise NoRuleValue(f"{code}: no value for {place} on {on.isoformat()}")
    return best


def _nearest(rows: Iterable[RuleValue], places: Sequence[str]) -> RuleValue | None:
    return min(rows, key=lambda row: (places.index(row.jurisdiction), -row.effective_from.toordinal()), default=None)


def rule_on_days(code: str, days: Iterable[date], *, jurisdiction: str = "") -> dict[date, RuleValue]:
    """The version in force on each of several days, for those that have one; one query."""
    places = places_of(jurisdiction or settings.CITY)
    rows = list(RuleValue.objects.filter(code=code, jurisdiction__in=places, withdrawn_at=None))
    found = {}
    for day in days:
        held = (one for one in rows if one.effective_from <= day <= (one.effective_to or day))
        if (best := _nearest(held, places)) is not None:
            found[day] = best
    return found


def rule_or_none(code: str, *, on: date, jurisdiction: str = "") -> RuleValue | None:
    """The same; None where no version is in force."""
    try:
        return rule_value(code, on=on, jurisdiction=jurisdiction)
    except NoRuleValue:
        return None


def codes_shipped(codes: Iterable[str]) -> frozenset[str]:
    """Those of the codes for which a value came with the program; one query."""
    return frozenset(RuleValue.objects.filter(code__in=list(codes), entered_at=None).values_list("code", flat=True))


def day_kind_of(value: RuleValue) -> str:
    """The kind of day that a value is counted in."""
    return WORKING if value.unit == Unit.WORKING_DAYS else CALENDAR


def stamp(used: Iterable[tuple[Record, RuleValue]]) -> None:
    """Note on each record which version of a value was used for it; noting it twice is noting it once."""
    RuleUse.objects.bulk_create(
        [RuleUse(record=record, rule_value=value, on=today()) for record, value in used], ignore_conflicts=True
    )


# -- changing ----------------------------------------------------------------------------------------------------------


def may_change_rules(actor: Actor) -> bool:
    """Whether the actor adds and withdraws versions: officers in charge of the whole city."""
    return actor.is_city_officer


def add_rule_value(
    *,
    actor: Actor,
    code: str,
    jurisdiction: str,
    value: int,
    unit: str,
    effective_from: date,
    source: str,
    effective_to: date | None = None,
) -> RuleValue:
    """Add a version of a value; the one in force so far ends the day before. Nothing is ever edited.

    Raises `NotAllowed`; `Refused` for a version that would overlap another; `Conflict` when somebody was faster.
    """
    if not may_change_rules(actor):
        raise NotAllowed(_("Only the city's officers change a rule value."))
    version = RuleValue(
        code=code,
        jurisdiction=jurisdiction,
        value=value,
        unit=unit,
        effective_from=effective_from,
        effective_to=effective_to,
        source=clean(source),
        entered_at=now(),
    )
    problems = _problems(version)
    if problems:
        raise Refused(problems)
    refuse_marked(version)
    with journal.writing():
        journal.one_at_a_time(_LOCK)  # what two add at once must not overlap
        others = RuleValue.objects.filter(code=code, jurisdiction=jurisdiction, withdrawn_at=None)
        ended = others.filter(effective_to=None, effective_from__lt=effective_from).first()
        reached = Q(effective_to=None) | Q(effective_to__gte=effective_from)
        begun = Q() if effective_to is None else Q(effective_from__lte=effective_to)
        for other in others.filter(reached, begun).order_by("effective_from"):
            if other != ended:
                raise Refused(_overlap(other))
        if ended is not None:
            ended.effective_to = effective_from - timedelta(days=1)
            ended.save(update_fields=["effective_to"])
            version.closes = ended
        version.save(force_insert=True)
        _note("add", version, actor)
    return version


def _problems(version: RuleValue) -> list[Problem]:
    found = []
    rule = _rules.get(version.code)
    if rule is None:
        found.append(Problem("rule-unknown", _("Choose a rule from the list."), "code"))
    elif version.unit not in rule.units:
        found.append(Problem("rule-unit", _("Choose what the value is counted in."), "unit"))
    elif not rule.least <= version.value <= _MOST[Unit(version.unit)]:
        words = {"least": rule.least, "most": f"{_MOST[Unit(version.unit)]:,}"}
        message = _("The value is a whole number from %(least)s to %(most)s in this unit.")
        found.append(Problem("rule-range", message % words, "value"))
    if version.jurisdiction not in known_places():
        found.append(Problem("rule-place", _("Choose the place that the value is for."), "jurisdiction"))
    if not version.source:
        found.append(Problem("rule-source", _("Name the source: document, number and date."), "source"))
    if version.effective_to is not None and version.effective_to < version.effective_from:
        found.append(Problem("rule-days", _("The last day lies before the first."), "effective_to"))
    return found


def _overlap(other: RuleValue) -> Problem:
    until = other.effective_to.isoformat() if other.effective_to else _("further notice")
    message = _(
        "Another version is in force from %(first)s until %(last)s: choose other days, or withdraw that one if no case"
        " has used it."
    )
    return Problem(
        "rule-overlap", message % {"first": other.effective_from.isoformat(), "last": until}, "effective_from"
    )


def withdraw_rule_value(*, actor: Actor, version: RuleValue) -> RuleValue:
    """Take back a version that was entered by mistake; the one it ended is in force again.

    Raises `NotAllowed`, `Refused` once a case has used it, or `Conflict` when it was withdrawn before.
    """
    if not may_change_rules(actor):
        raise NotAllowed(_("Only the city's officers change a rule value."))
    with journal.writing():
        journal.one_at_a_time(_LOCK)  # what two add at once must not overlap
        held = RuleValue.objects.select_related("closes").get(pk=version.pk)
        if held.withdrawn_at is not None:
            raise Conflict(_("This version was withdrawn before."))
        if held.entered_at is None:
            message = _("A value that came with the program is changed by adding a version.")
            raise Refused(Problem("rule-shipped", message, "code"))
        if RuleUse.objects.filter(rule_value=held).exists():
            message = _("A case has used this version, so it stays. Add a version that begins later.")
            raise Refused(Problem("rule-used", message, "code"))
        later = RuleValue.objects.filter(code=held.code, jurisdiction=held.jurisdiction, withdrawn_at=None)
        if later.filter(effective_from__gt=held.effective_from).exists():
            message = _("A later version follows this one: withdraw that one first.")
            raise Refused(Problem("rule-followed", message, "code"))
        held.withdrawn_at = now()
        ended, held.closes = held.closes, None
        held.save(update_fields=["withdrawn_at", "closes"])
        if ended is not None:
            ended.effective_to = None
            ended.save(update_fields=["effective_to"])
        _note("withdraw", held, actor)
    return held


def _note(name: str, version: RuleValue, actor: Actor) -> None:
    journal.note(
        f"rule.{name}",
        actor=actor,
        data={
            "rule": version.code,
            "jurisdiction": version.jurisdiction,
            "version": version.pk,
            "from": version.effective_from.isoformat(),
        },
    )


# -- what ships with the program ---------------------------------------------------------------------------------------


def load_shipped() -> int:
    """Load the shipped rule values; what is present and what a city has set stays. Returns how many are new."""
    return sum(_load(RuleValue(**asdict(version))) for version in shipped())


def _load(version: RuleValue) -> bool:
    """Add a shipped version unless it is there or the city has set its own from some day on."""
    others = RuleValue.objects.filter(code=version.code, jurisdiction=version.jurisdiction, withdrawn_at=None)
    reached = Q(effective_to=None) | Q(effective_to__gte=version.effective_from)
    overlapping = list(others.filter(reached))
    earlier = [one for one in overlapping if one.entered_at is None and one.effective_from < version.effective_from]
    if overlapping != earlier:
        return False
    for one in earlier:
        one.effective_to = version.effective_from - timedelta(days=1)
        one.save(update_fields=["effective_to"])
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError:  # another process that starts at the same moment has it in
        return False
    return True
