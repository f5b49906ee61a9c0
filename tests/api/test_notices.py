"""Notices through the API: prepared, started, recorded in other places, objected to."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kezhuan.kernel.models import Notice
from kezhuan.kernel.text import today
from tests.api.actors import ROOT, make_achievement
from tests.factories.city import notice_rule

PROOF = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def noticed(city):
    notice_rule()
    return make_achievement(city.university, city.officer).record


def asked(about, **given):
    body = {"record": about.code, "move": "register", "audience": "public", "channels": ["site", "press"]}
    return {**body, "reception": "科技局成果处 020-83120000", **given}


def test_a_notice_is_prepared_and_started_by_the_officer_in_charge(city, noticed):
    made = city.officer_api.send("/notices", asked(noticed), 201)
    shown = city.officer_api.read(f"/notices/{made['code']}")
    assert (made["stage"], shown["about"]["code"]) == ("prepared", noticed.code)
    assert [one["kind"] for one in shown["channels"]] == ["site", "press"]
    begun = city.officer_api.send(f"/notices/{made['code']}/moves/start", {}, 200)
    assert begun["stage"] == "running"
    assert city.visitor_api.read(f"/notices/{made['code']}")["content"]["hash"] == shown["content"]["hash"]


def test_what_is_asked_wrongly_is_refused_field_by_field_and_others_prepare_none(city, noticed):
    refused = city.officer_api.refused
    assert refused("/notices", 422, asked(noticed, record="A-1999-00001")) == {"record": "code-unknown"}
    assert refused("/notices", 422, asked(noticed, channels=[])) == {"channels": "notice-channels"}
    assert refused("/notices", 422, asked(noticed, reception=" ")) == {"reception": "notice-reception"}
    assert refused("/notices", 422, asked(noticed, audience="world")) == {"audience": "value-unknown"}
    assert city.owner_api.post(f"{ROOT}/notices", asked(noticed), content_type="application/json").status_code == 403
    assert city.officer_api.send("/notices", asked(noticed, move="list"), 403)["status"] == 403
    assert not Notice.objects.exists()


def test_a_day_in_another_place_needs_its_proof_and_its_address(city, noticed):
    code = city.officer_api.send("/notices", asked(noticed), 201)["code"]

    def record(end, api=city.officer_api, kind="press", **given):
        sent = {"on": today().isoformat(), "declared_open": "true", "file": SimpleUploadedFile("截图.png", PROOF)}
        return api.post(f"{ROOT}/notices/{code}/channels/{kind}/{end}", sent | given)

    assert record("start").json()["problems"][0]["code"] == "notice-address"
    late = (today() + timedelta(days=9)).isoformat()
    assert record("start", address="公告栏", on=late).json()["problems"][0]["code"] == "notice-day"
    assert record("end").status_code == 409
    assert record("start", address="公告栏").status_code == 200
    (press,) = [one for one in city.officer_api.read(f"/notices/{code}")["channels"] if one["kind"] == "press"]
    assert (press["address"], press["started_on"]) == ("公告栏", today().isoformat())
    assert record("start", address="公告栏").status_code == 409
    assert record("start", kind="market", address="交易中心").status_code == 404
    assert record("end", api=city.owner_api).status_code in {403, 404}
