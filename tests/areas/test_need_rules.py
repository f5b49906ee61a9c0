"""What a need must hold to be submitted, what its inside reads of it, and what an edit leaves alone."""

import dataclasses
from datetime import date

import pytest

from kezhuan.areas.needs.actions import edit_need, register_need
from kezhuan.areas.needs.checks import check_term, check_title_length
from kezhuan.areas.needs.forms import NeedForm, facts_of, initial_of
from kezhuan.areas.needs.models import Need, NeedSource
from kezhuan.engines.days import months_after
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models import RuleValue
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city

pytestmark = pytest.mark.django_db


def test_title_of_a_submitted_need_has_at_most_sixty_characters():
    for length, codes in ((60, []), (61, ["title-long"])):
        row = city.need(city.organisation(), stage="draft", title="题" * length)
        assert [problem.code for problem in check_title_length(row)] == codes


@pytest.mark.parametrize("stage", ["published", "closed"])
def test_an_officer_enters_behind_publishing_only_the_need_of_a_registered_firm(stage):
    claimed, bureau = city.organisation(stage="unverified"), city.officer()
    with pytest.raises(Refused) as refused:
        register_need(actor=bureau, owner=claimed, facts=city.need_facts(), stage=stage)
    assert [problem.code for problem in refused.value.problems] == ["poster-unverified"]
    for owner, at in ((claimed, "submitted"), (city.organisation(stage="listed"), stage), (None, stage)):
        assert register_need(actor=bureau, owner=owner, facts=city.need_facts(), stage=at).record.stage == at


def test_term_is_limited_only_where_a_rule_says_so():
    row = city.need(city.organisation(), stage="draft", deadline=months_after(today(), 25), region="440106")
    assert list(check_term(row)) == []
    RuleValue.objects.create(
        code="need.longest-months", jurisdiction="440100", value=24, unit="months", effective_from=today(), source="a"
    )
    assert [problem.code for problem in check_term(row)] == ["deadline-late"]
    row.deadline = months_after(today(), 24)
    assert list(check_term(row)) == []


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 1), 1, date(2028, 1, 1)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 11, 30), 13, date(2027, 12, 30)),
        (date(9999, 12, 1), 1, date.max),
        (date(1, 1, 31), -1, date.min),
    ],
)
def test_months_after_a_day_are_calendar_months(day, months, later):
    assert months_after(day, months) == later


def test_edit_of_an_imported_need_keeps_its_scale_and_where_it_came_from():
    unit = city.organisation()
    actor = city.member(unit)
    facts = dataclasses.replace(
        city.need_facts(), trl_scale="grl13", min_trl=11, source=NeedSource.IMPORTED, benefit_fen=5_000_000
    )
    row = register_need(actor=actor, owner=unit, facts=facts)
    fields, _rows = initial_of(row)
    posted = {name: "; ".join(value) if name == "keywords" else value for name, value in fields.items() if value}
    form = NeedForm(posted | {"budget": "3", "benefit": "6.5"}, initial=fields, actor=actor)
    assert form.is_valid(), form.errors
    edit_need(actor=actor, need=row, facts=facts_of(form, {"indicators": []}), expected_version=1)
    kept = Need.objects.get()
    assert (kept.trl_scale, kept.min_trl, kept.source, kept.benefit_fen) == ("grl13", 11, "imported", 6_500_000)
    other = NeedForm(posted | {"source": "self"}, initial=fields, actor=actor)
    assert "source" in other.errors


def test_ratio_and_contact_are_read_by_those_inside_alone():
    unit = city.organisation()
    actor = city.member(unit)
    person = city.member(unit).person
    row = city.need(
        unit, stage="published", rd_ratio_bp=437, self_solvable=False, benefit_fen=88_000_000, contact=person,
        extra={"contact": {"phone": "qzxvphone"}},
    )  # fmt: skip
    inside = client_of(actor).get(f"/needs/{row.record.code}/").content.decode()
    outside = client_of(None).get(f"/needs/{row.record.code}/").content.decode()
    assert all(words in inside for words in ("4.37 %", person.record.title, "qzxvphone"))
    assert not any(words in outside for words in ("4.37", person.record.title, "qzxvphone"))
