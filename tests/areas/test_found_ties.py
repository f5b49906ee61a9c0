"""A tie that was found in a register when a party was looked up counts, with its source, for every panel."""

import html

import pytest

from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city, reviews

pytestmark = pytest.mark.django_db


def test_a_shareholding_and_an_adviser_that_were_found_bar_experts():
    officer, unit, holder = city.officer(), city.organisation("甲公司"), city.organisation("投资公司")
    panel = reviews.panel(officer, reviews.closed_call(officer, unit))
    employed = reviews.expert("投资方专家", by=officer, employer=holder)
    adviser, other = reviews.expert("顾问", by=officer), reviews.expert("他人", by=officer)

    def barred():
        clearing = clear_panel(panel, [employed, adviser, other])
        return {one.kind for _number, one in clearing.found}, clearing.cleared.barred[0].tolist()

    assert barred() == (set(), [False, False, False])
    client, address = client_of(officer), f"/panels/{panel.record.code}/conflicts/"
    typed = {"source": "国家企业信用信息公示系统", "on": today(), "party": str(unit.pk), "kind": "shareholder"}
    assert client.post(address, typed | {"other": "O-1999-00001"}).status_code == 422
    assert client.post(address, typed | {"other": unit.record.code}).status_code == 422
    # Begun without its party it is not passed over, and of two organisations neither is family.
    for wrong in ({"party": "", "parties": [str(unit.pk)]}, {"kind": "family"}, {"kind": "employer"}):
        assert client.post(address, typed | {"other": holder.record.code} | wrong).status_code == 422
    assert client.post(address, typed | {"other": holder.record.code.lower()}).status_code == 302
    assert barred() == ({"shareholder"}, [True, False, False])
    assert "投资公司" in html.unescape(client.get(address).content.decode())
    body = {"parties": [unit.record.code], "source": "年报", "on": str(today())}
    tie = {"party": unit.record.code, "kind": "adviser", "other": adviser.record.code}
    looked = f"/api/v1/panels/{panel.record.code}/look-ups"
    refused = client.post(
        looked, body | {"found": [tie | {"party": holder.record.code}]}, content_type="application/json"
    )
    assert refused.json()["problems"][0]["code"] == "look-up-parties"
    assert client.post(looked, body | {"found": [tie]}, content_type="application/json").status_code == 200
    assert barred() == ({"shareholder", "adviser"}, [True, True, False])
    ended = tie | {"until": "2001-01-01"}  # found again with its end: what has ended counts for ever without a rule
    assert client.post(looked, body | {"found": [ended]}, content_type="application/json").status_code == 200
    city.rule("conflict.adviser.months", 36, "months")
    assert barred() == ({"shareholder"}, [True, False, False])
    # Of a person it is the person who works for the organisation, and so is whoever else works there.
    contact = next(one for one in clear_panel(panel, [other]).parties if one.kind == "person")
    works = {"party": contact.code, "kind": "employer", "other": holder.record.code}
    body = body | {"parties": [contact.code], "found": [works]}
    assert client.post(looked, body, content_type="application/json").status_code == 200
    assert barred() == ({"shareholder", "employer"}, [True, False, False])
