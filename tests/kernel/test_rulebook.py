"""Versions of rule values: added and withdrawn by city officers, never overlapping, stamped on what they decide."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest

from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.engines.rules import places_of
from kezhuan.kernel import journal, rulebook
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, RuleUse, RuleValue
from kezhuan.kernel.models.rules import Unit
from kezhuan.kernel.text import now, today
from tests.factories import city
from tests.factories.databases import at_once

CODE = "clock.need.submitted"
CITY = "440100"


def add(actor, since, value=5, until=None, **more):
    given = {
        "code": CODE, "jurisdiction": CITY, "value": value, "unit": "working days", "effective_from": since,
        "effective_to": until, "source": "穗科规字〔2026〕1号",
    }  # fmt: skip
    return rulebook.add_rule_value(actor=actor, **(given | more))


def codes_of(refused):
    return [problem.code for problem in refused.value.problems]


@pytest.mark.django_db
def test_a_version_ends_the_one_before_and_leaves_it_readable():
    officer = city.officer()
    first = add(officer, date(2026, 1, 1), 4)
    second = add(officer, date(2026, 7, 1), 3)
    first.refresh_from_db()
    assert (first.effective_to, second.effective_to) == (date(2026, 6, 30), None)
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [rulebook.rule_value(CODE, on=day, jurisdiction=CITY).value for day in days] == [5, 4, 4, 3]
    entries = Entry.objects.filter(kind="rule.add").order_by("seq")
    assert [one.data["version"] for one in entries] == [first.pk, second.pk]
    assert entries[0].actor == officer.person


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("since", "until", "fits"),
    [
        (date(2026, 3, 1), date(2026, 3, 31), False),  # inside one that has an end
        (date(2026, 1, 1), None, False),
        (date(2025, 12, 1), date(2026, 1, 1), False),
        (date(2025, 12, 1), date(2025, 12, 31), True),
        (date(2026, 7, 1), date(2026, 12, 31), True),
        (date(2026, 7, 1), None, False),  # would reach into the one that begins in 2027
        (date(2027, 1, 1), None, False),  # begins on the same day
        (date(2027, 1, 2), None, True),  # ends the open one the day before
    ],
)
def test_versions_never_overlap(since, until, fits):
    officer = city.officer()
    add(officer, date(2026, 1, 1), until=date(2026, 6, 30))
    add(officer, date(2027, 1, 1))
    if fits:
        add(officer, since, until=until)
    else:
        with pytest.raises(Refused) as refused:
            add(officer, since, until=until)
        assert codes_of(refused) == ["rule-overlap"]
    held = list(RuleValue.objects.filter(code=CODE, jurisdiction=CITY).order_by("effective_from"))
    assert len(held) == 2 + fits
    for earlier, later in pairwise(held):
        assert earlier.effective_to is not None
        assert earlier.effective_to < later.effective_from


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"code": "clock.nothing"}, "rule-unknown"),
        ({"unit": "months"}, "rule-unit"),
        ({"value": -1}, "rule-range"),
        ({"value": 2501}, "rule-range"),
        ({"jurisdiction": "110000"}, "rule-place"),
        ({"source": "  "}, "rule-source"),
        ({"until": date(2025, 1, 1)}, "rule-days"),
        ({"source": "绝密★ 第1号"}, "state-secret"),
    ],
)
def test_a_version_that_cannot_be_is_refused_and_nothing_is_kept(wrong, code):
    with pytest.raises(Refused) as refused:
        add(city.officer(), date(2026, 1, 1), **wrong)
    assert codes_of(refused) == [code]
    assert not RuleValue.objects.filter(jurisdiction=CITY).exclude(entered_at=None).exists()


@pytest.mark.django_db
def test_only_city_officers_change_values():
    version = add(city.officer(), today() + timedelta(days=1))
    for actor in (city.officer("440106"), city.member(city.organisation()), rulebook.Actor()):
        with pytest.raises(NotAllowed):
            add(actor, date(2027, 1, 1))
        with pytest.raises(NotAllowed):
            rulebook.withdraw_rule_value(actor=actor, version=version)


@pytest.mark.django_db
def test_a_version_entered_by_mistake_is_withdrawn_and_the_one_it_ended_goes_on():
    officer = city.officer()
    first = add(officer, date(2026, 1, 1), 4)
    mistake = add(officer, date(2026, 7, 1), 300)
    rulebook.withdraw_rule_value(actor=officer, version=mistake)
    first.refresh_from_db()
    assert first.effective_to is None
    assert rulebook.rule_value(CODE, on=date(2026, 8, 1), jurisdiction=CITY) == first
    with pytest.raises(Conflict):
        rulebook.withdraw_rule_value(actor=officer, version=mistake)
    add(officer, date(2026, 7, 1), 3)  # the same day is free again
    assert rulebook.rule_value(CODE, on=date(2026, 8, 1), jurisdiction=CITY).value == 3
    assert RuleValue.objects.filter(code=CODE, jurisdiction=CITY).count() == 3


@pytest.mark.django_db
def test_a_version_that_decided_a_case_or_came_with_the_program_or_has_a_successor_stays():
    officer = city.officer()
    shipped = RuleValue.objects.get(code=CODE, jurisdiction="000000")
    used = add(officer, date(2026, 1, 1), 4)
    need = city.need(city.organisation(), stage="submitted")
    assert RuleUse.objects.get(record_id=need.pk).rule_value == used
    followed = add(officer, date(2026, 1, 1), code="clock.achievement.submitted")
    add(officer, date(2026, 2, 1), code="clock.achievement.submitted")
    for version, code in ((shipped, "rule-shipped"), (used, "rule-used"), (followed, "rule-followed")):
        with pytest.raises(Refused) as refused:
            rulebook.withdraw_rule_value(actor=officer, version=version)
        assert codes_of(refused) == [code]
    assert not RuleValue.objects.exclude(withdrawn_at=None).exists()


@pytest.mark.django_db
def test_a_case_keeps_the_version_it_used_and_a_district_its_own_value():
    officer, firm = city.officer(), city.organisation(region="440106")
    first = add(officer, date(2026, 1, 1), 4, jurisdiction="440106")
    add(officer, date(2026, 1, 1), 9)
    need = city.need(firm, stage="submitted", region="440106")
    elsewhere = city.need(city.organisation(region="440113"), stage="submitted")
    second = add(officer, today() + timedelta(days=1), 2, jurisdiction="440106")
    assert second.value == 2
    assert [use.rule_value for use in RuleUse.objects.filter(record_id=need.pk)] == [first]
    assert RuleUse.objects.get(record_id=elsewhere.pk).rule_value.value == 9
    # Sent back and in again on the same day: used once more, stamped once.
    again = advance(NEED, need, "return", actor=officer, note="请补充")
    advance(NEED, again, "submit", actor=city.member(firm))
    assert RuleUse.objects.filter(record_id=need.pk).count() == 1


@pytest.mark.django_db
def test_a_submitted_need_is_stamped_with_the_longest_term_it_was_checked_against():
    version = add(city.officer(), date(2026, 1, 1), 60, code="need.longest-months", unit=Unit.MONTHS)
    firm = city.organisation()
    need = city.taken(NEED, city.need(firm), [("submit", city.clerk(firm))])
    assert version in [use.rule_value for use in RuleUse.objects.filter(record_id=need.pk)]


@pytest.mark.django_db
def test_a_new_shipped_version_follows_the_old_one_but_never_a_citys_own():
    old = RuleValue.objects.get(code=CODE, jurisdiction="000000")
    new = RuleValue(code=CODE, jurisdiction="000000", value=3, unit="working days",
                    effective_from=date(2026, 1, 1), source="next release")  # fmt: skip
    assert rulebook._load(new)
    old.refresh_from_db()
    assert old.effective_to == date(2025, 12, 31)
    add(city.officer(), date(2026, 6, 1), 8, jurisdiction="000000")
    late = RuleValue(code=CODE, jurisdiction="000000", value=2, unit="working days",
                     effective_from=date(2026, 9, 1), source="a later release")  # fmt: skip
    assert not rulebook._load(late)
    assert rulebook.rule_value(CODE, on=date(2026, 10, 1)).value == 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("until", [None, date(2027, 12, 31)])
def test_versions_added_at_once_never_overlap(until):
    officers = [city.officer() for _ in range(6)]
    days = [date(2027, 1, 1) + timedelta(days=n // 2) for n in range(6)]
    results = at_once([lambda a=a, d=d: add(a, d, until=until) for a, d in zip(officers, days, strict=True)])
    held = list(RuleValue.objects.filter(code=CODE, jurisdiction=CITY).order_by("effective_from"))
    assert len(held) == sum(isinstance(one, RuleValue) for one in results) >= 1
    assert all(isinstance(one, RuleValue | Refused) for one in results), results
    for earlier, later in pairwise(held):
        assert earlier.effective_to < later.effective_from
    assert held[-1].effective_to == until
    assert journal.verify().broken_seq is None


@pytest.mark.django_db
def test_the_statement_made_beforehand_finds_what_the_models_find_of_whatever_versions_there_are():
    random, first = Random(28), date(2026, 1, 1)
    places = ["440106", "440100", "440000", "000000", "440300"]
    codes, seen = ["town.one", "town.two"], set()
    for _turn in range(4):
        RuleValue.objects.filter(code__in=codes).delete()
        for code in codes:
            for place in places:
                day = first
                for at in range(random.randrange(3)):
                    day += timedelta(days=random.randrange(1, 4))
                    ends = None if at == 1 and random.random() < 0.5 else day + timedelta(days=random.randrange(3))
                    RuleValue.objects.create(
                        code=code, jurisdiction=place, value=random.choice([5, "five", {"of": [1, None]}]),
                        unit="count", effective_from=day, effective_to=ends, source="试行",
                        withdrawn_at=random.choice((None, None, now())),
                    )  # fmt: skip
                    day = ends or day
        for ahead in range(1, 9, 2):
            on = first + timedelta(days=ahead)
            for code in codes:
                for place in places:
                    near = places_of(place)
                    held = rulebook.versions_in_force(on).filter(code=code, jurisdiction__in=near)
                    held = sorted(held, key=lambda row: row.effective_from, reverse=True)
                    best = min(held, key=lambda row, near=near: near.index(row.jurisdiction), default=None)
                    found = rulebook.rule_or_none(code, on=on, jurisdiction=place)
                    names = [one.attname for one in RuleValue._meta.concrete_fields]
                    told = found and [getattr(found, name) for name in names]
                    assert told == (best and [getattr(best, name) for name in names])
                    seen.add((best is None, best is not None and best.jurisdiction == place))
    assert len(seen) == 3  # the place itself, one around it, none
