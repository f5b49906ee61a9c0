"""Pages about calls say why they are empty, and what was not answered in one line."""

import pytest

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
        assert "<table>" not in text
        assert 'name="export"' not in text
    text = desk.get(f"/calls/{call.record.code}/tables/list/").content.decode()
    assert "Nothing stands on the list yet." not in text
    assert "<table>" in text
    assert 'name="export"' in text


@pytest.mark.django_db
def test_what_stands_in_a_template_is_folded():
    text = client_of(city.officer()).get("/calls/new/").content.decode()
    assert text.count("<details><summary>What stands in it</summary>") == text.count("?template=") == 5
