"""Pages about calls say why they are empty, and what was not answered in one line."""

import pytest

from kezhuan.areas.calls.checks import check_complete
from kezhuan.areas.calls.eligibility import criteria_of
from kezhuan.areas.calls.forms import CallForm
from tests.areas.crawling import client_of
from tests.factories import calls, city


@pytest.mark.django_db
def test_what_was_not_answered_is_one_line():
    officer = city.officer()
    call = calls.call(stage="published", by=officer)
    row = calls.application(call, stage="submitted", answers=("等离子体抛光", ""))
    text = client_of(officer).get(f"/applications/{row.record.code}/").content.decode()
    assert "等离子体抛光" in text
    assert "<h2>技术路线</h2>" in text
    assert "<h2>成熟度</h2>" not in text
    assert "Not answered: 成熟度." in text
    whole = calls.application(call, stage="submitted")
    assert "Not answered" not in client_of(officer).get(f"/applications/{whole.record.code}/").content.decode()


@pytest.mark.django_db
def test_what_is_empty_says_why_and_offers_no_file():
    officer = city.officer()
    desk, call = client_of(officer), calls.call(stage="published", by=officer)
    assert "until a budget document lists it" in desk.get("/library/").content.decode()
    left = desk.get("/library/?state=left").content.decode()
    assert "Nothing has left the library yet." in left
    assert "until a budget document lists it" not in left
    for address, said in (("tables/ranking", "No panel has concluded yet"), ("criteria", "No application was handed")):
        text = desk.get(f"/calls/{call.record.code}/{address}/").content.decode()
        assert said in text
        assert "<table" not in text
        assert 'name="export"' not in text
    text = desk.get(f"/calls/{call.record.code}/tables/list/").content.decode()
    assert "Nothing stands on the list yet." not in text
    assert "<table" in text
    assert 'name="export"' in text


@pytest.mark.django_db
def test_what_stands_in_a_template_is_folded():
    text = client_of(city.officer()).get("/calls/new/").content.decode()
    assert text.count("<details><summary>What stands in it</summary>") == text.count("?template=") == 5


@pytest.mark.django_db
def test_an_indicator_that_nobody_answered_is_not_told_as_met():
    officer = city.officer()
    call = calls.call(stage="published", by=officer)
    row = calls.application(call, stage="draft", commitments=("",))
    own = client_of(city.clerk(row.applicant))
    assert "none worse than asked" not in own.get(f"/applications/{row.record.code}/").content.decode()
    row = calls.application(call)
    row.item.indicators.append({**row.item.indicators[0], "name": "翘曲度"})
    (told,) = [one for one in criteria_of(row) if one.worked_out]
    assert (told.outcome, told.note) == ("unmet", "not answered: 翘曲度")
    row.commitments = ["0.08", "0.08", "9"]
    assert [one.outcome for one in criteria_of(row) if one.worked_out] == ["met"]
    row.commitments = ["0.08", "0.2"]
    assert [one.outcome for one in criteria_of(row) if one.worked_out] == ["noted"]


@pytest.mark.django_db
def test_what_a_draft_may_leave_empty_and_what_is_handed_in_may_not_is_marked():
    call = calls.call(stage="published", by=city.officer())
    own = city.clerk(city.organisation(kind="university"))
    text = client_of(own).get(f"/calls/{call.record.code}/items/1/apply/").content.decode()

    def mark(label):
        return text.partition(f"{label} <span")[2].partition("</span>")[0].partition(">")[2]

    later = "(before it is handed in)"
    asked = ("Who leads the work", "具备研究基础", "技术路线", "表面粗糙度 ≤ 0.1 nm")
    assert [mark(one) for one in asked] == [later] * 4
    assert [mark(one) for one in ("English title", "成熟度")] == ["(optional)"] * 2
    call.recommenders.add(city.organisation())
    call.items.update(fiscal_fen=150_000_000, months=24)
    text = client_of(own).get(f"/calls/{call.record.code}/items/1/apply/").content.decode()
    assert mark("Recommending unit") == later
    assert ("At most 150 万元." in text, "At most 24 months." in text) == (True, True)


@pytest.mark.django_db
def test_units_that_recommend_are_not_named_where_that_step_is_left_away():
    named = {"recommenders": "O-2026-00001"}
    assert "asks_recommending" in CallForm(named).errors
    for typed in ({}, {**named, "asks_recommending": "on"}, {"asks_recommending": "on"}):
        assert "asks_recommending" not in CallForm(typed).errors


@pytest.mark.django_db
@pytest.mark.parametrize(("months", "told"), [(None, "Say how long you take: at most 24"), (25, "The work takes at")])
def test_who_takes_too_long_is_told_so_and_not_asked_again(months, told):
    row = calls.application(calls.call(stage="published", by=city.officer()), stage="draft", months=months)
    row.item.months = 24
    (said,) = [one for one in check_complete(row) if one.field == "months"]
    assert said.message.startswith(told)


@pytest.mark.django_db
def test_what_keeps_a_call_from_being_published_leads_to_where_it_is_entered():
    officer = city.officer()
    call = calls.call(by=officer)
    call.items.all().delete()
    desk, place = client_of(officer), f"/calls/{call.record.code}/"
    refused = desk.post(f"/records/{call.record.code}/moves/publish/")
    led = [f"{place}items/new/", f"{place}readings/"]
    assert [one.url for one in refused.context["problems"]] == led
    lines = desk.get(f"{place}edit/?before=publish").context["problems"]
    assert [(one.field_id, one.url) for one in lines] == [("", one) for one in led]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("said", "operator", "told"),
    [
        ("0.08", "≤", ("met", "")),
        ("尽力而为", "≤", ("noted", "no figures that compare, to be read: Ra")),
        ("0.08 nm（3 μm）", "≤", ("noted", "no figures that compare, to be read: Ra")),
        ("0.08", "=", ("noted", "no figures that compare, to be read: Ra")),
        ("0.1", "=", ("met", "")),
    ],
)
def test_an_answer_without_a_figure_is_not_told_as_met(said, operator, told):
    row = calls.application(calls.call(stage="published", by=city.officer()))
    row.item.indicators = [{**row.item.indicators[0], "name": "Ra", "operator": operator}]
    row.commitments = [said]
    (line,) = [one for one in criteria_of(row) if one.worked_out]
    assert (line.outcome, line.note) == told


@pytest.mark.django_db
def test_conditions_that_nobody_judged_lead_to_where_they_are_judged():
    officer = city.officer()
    row = calls.application(calls.call(stage="published", by=officer))
    refused = client_of(officer).post(f"/records/{row.record.code}/moves/accept/")
    assert [one.url for one in refused.context["problems"]] == [f"/applications/{row.record.code}/criteria/"]
