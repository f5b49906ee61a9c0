"""Pages of calls: as many queries for three rows as for one; and who presses apply goes on to sign in."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kezhuan.areas.calls import pages, pages_received
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Opened
from kezhuan.areas.calls.opening_actions import make_opening_code
from kezhuan.areas.calls.place_actions import Place
from kezhuan.kernel import followers
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Record
from kezhuan.kernel.sealing import words_of
from kezhuan.kernel.text import now
from tests.areas.crawling import client_of
from tests.factories import calls, city

pytestmark = pytest.mark.django_db


def counted(client: Any, place: str) -> int:
    client.get(place)  # what is looked up once for a process is not counted
    with CaptureQueriesContext(connection) as asked:
        assert client.get(place).status_code == 200
    return len(asked)


def test_hall_call_and_applications_cost_the_same_for_one_and_for_three():
    boss, unit = city.officer(), city.organisation(kind="university")
    desk, writer = client_of(boss), client_of(city.member(unit))
    needs = [city.need(city.organisation(), stage="published", title=f"需求{number}") for number in range(4)]
    small = calls.call(stage="published", by=boss, needs=needs[:1])
    calls.application(small, unit, by=city.clerk(unit))
    followers.run_pending()
    one = [counted(who, place) for who in (desk, writer) for place in ("/calls/", "/applications/")]
    single = [counted(who, f"/calls/{small.record.code}/") for who in (desk, writer)]
    for _ in range(2):
        other = calls.call(stage="published", by=boss, needs=needs[:1])
        calls.application(other, unit, by=city.clerk(unit))
    large = calls.call(stage="published", by=boss, needs=needs[1:])
    for _ in range(3):
        calls.application(large)
    calls.application(large, unit, by=city.clerk(unit))
    followers.run_pending()
    assert [counted(who, place) for who in (desk, writer) for place in ("/calls/", "/applications/")] == one
    assert [counted(who, f"/calls/{large.record.code}/") for who in (desk, writer)] == single


def test_a_call_shows_its_applications_page_by_page_and_by_stage(monkeypatch):
    monkeypatch.setattr(pages_received, "APPLICATIONS", 3)
    boss, unit = city.officer(), city.organisation(kind="university")
    call = calls.call(stage="published", by=boss)
    codes = [calls.application(call).record.code for _ in range(2)]
    codes += [calls.application(call, stage=stage).record.code for stage in ("qualified", "refused")]
    own = calls.application(call, unit, by=city.clerk(unit)).record.code

    def shown(query, reader=boss):
        page = client_of(reader).get(f"/calls/{call.record.code}/{query}").content.decode()
        return [code for code in (*codes, own) if f"{code} " in page.partition('id="applications"')[2]], page

    assert shown("")[0] == codes[:3]
    assert shown("?page=2")[0] == shown("?page=99")[0] == [codes[3], own]
    assert shown("?stage=submitted")[0] == [*codes[:2], own]
    assert shown("?stage=refused")[0] == [codes[3]]
    assert shown("?stage=nosuch&page=nosuch")[0] == codes[:3]
    # A unit finds its own beside the item, wherever it stands, and no other's.
    mine, page = shown("", city.clerk(unit))
    assert mine == [own]
    assert f'href="/applications/{own}/">' in page.partition('id="applications"')[0]


def test_a_visitor_who_presses_apply_signs_in_first():
    call = calls.call(stage="published")
    address = f"/calls/{call.record.code}/items/1/apply/"
    visitor = Client()
    assert address in visitor.get(f"/calls/{call.record.code}/").content.decode()
    assert visitor.get(address).headers["Location"] == f"/sign-in/?{urlencode({'next': address})}"


def test_colleagues_who_write_one_application_are_told_of_each_other():
    call = calls.call(stage="published")
    unit = city.organisation(kind="university")
    leader, finance = city.member(unit, name="示例·攻关"), city.member(unit, name="示例·财务")
    row = calls.application(call, unit, stage="draft", by=leader)
    address = f"/applications/{row.record.code}/edit/"

    def told(actor):
        return client_of(actor).get(address).content.decode()

    assert "示例·财务 (" not in told(leader)
    assert "示例·攻关 (" in told(finance)
    assert "示例·财务 (" in told(leader)
    # What was left open an hour ago warns of nobody, and neither does what was saved.
    Opened.objects.filter(person=finance.person).update(at=now() - timedelta(hours=1))
    assert "示例·财务 (" not in told(leader)
    version = Record.objects.get(pk=row.pk).version
    typed = {"title": "低缺陷抛光攻关", "version": version}
    assert client_of(leader).post(address, typed).status_code == 302
    assert "示例·攻关 (" not in told(finance)
    # Of two who began with the same version the later one is told, and loses no word.
    late = client_of(finance).post(address, {**typed, "summary": "财务写下的话"})
    assert (late.status_code, "财务写下的话" in late.content.decode()) == (409, True)


def test_what_is_written_saves_itself_at_its_version_and_a_sealed_draft_is_encrypted_from_its_first_word(settings):
    settings.SEALING_KEY = "eine-lange-nicht-im-datenordner-liegende-zeile"
    officer, unit = city.bureau(), city.organisation(kind="university")
    call = calls.call(by=officer, seals=True)
    make_opening_code(actor=officer, call=call)
    advance(CALL, call, "publish", actor=officer)
    leader, finance = city.member(unit, name="示例·攻关"), city.member(unit, name="示例·财务")
    mine, theirs = client_of(leader), client_of(finance)
    apply, typed = f"/calls/{call.record.code}/items/1/apply/", {"title": "低缺陷攻关", "autosave": "yes"}
    assert mine.post(apply, {"title": "", "autosave": "yes"}).status_code == 422
    assert Application.objects.count() == 0
    begun = mine.post(apply, typed)
    row = Application.objects.select_related("record").get()
    assert (begun.status_code, begun.json()["action"]) == (200, f"/applications/{row.record.code}/edit/")
    assert begun.json()["told"].startswith("Saved at ")
    edit, version = begun.json()["action"], begun.json()["version"]
    page = theirs.get(edit).content.decode()
    assert ("data-autosave" in page, "web/autosave.js" in page) == (True, True)
    assert "示例·攻关 (" in page  # who began it writes on
    kept = mine.post(edit, {**typed, "leader": "李攻关", "version": version})
    assert "示例·财务 (" in kept.json()["told"]  # who has it open too is said beside
    row = Application.objects.select_related("record").get()
    assert (kept.json()["version"], row.leader, row.sealed) == (row.record.version, "", True)
    assert words_of(row.record)["leader"] == "李攻关"
    assert "低缺陷攻关" not in row.record.title
    # Whoever began earlier overwrites nothing by itself, and their page, sent by its button, no longer saves itself.
    late = theirs.post(edit, {**typed, "leader": "王财务", "version": version})
    assert (late.status_code, "Someone changed this record" in late.json()["told"]) == (409, True)
    shown = theirs.post(edit, {"title": "低缺陷攻关", "leader": "王财务", "version": version})
    assert (shown.status_code, "data-autosave" in shown.content.decode()) == (409, False)
    assert words_of(row.record)["leader"] == "李攻关"
    # An hour of saving is one line of the history; the journal keeps each.
    assert mine.post(edit, {**typed, "leader": "李攻关二", "version": row.record.version}).status_code == 200
    assert mine.get(f"/applications/{row.record.code}/").content.decode().count("edited") == 1


def test_a_long_list_is_read_page_by_page_and_a_refused_move_keeps_what_was_written(monkeypatch):
    monkeypatch.setattr(pages, "ITEMS", 2)
    officer, unit = city.bureau(), city.organisation(kind="university")
    call = calls.call(stage="published", by=officer, places=[Place(f"方向{name}") for name in "甲乙丙"])
    own = calls.application(call, unit, stage="submitted", commitments=())
    writer, desk = client_of(city.clerk(unit)), client_of(officer)

    def shown(query):
        page = writer.get(f"/calls/{call.record.code}/{query}").content.decode()
        return [name for name in "甲乙丙" if f"方向{name}</h3>" in page]

    assert (shown(""), shown("?list=2")) == (["甲", "乙"], ["丙"])
    assert (shown("?list=9"), shown("?list=x")) == (["丙"], ["甲", "乙"])
    # The words of a move that was refused stand in its form; where somebody was faster they are shown.
    address, words = f"/records/{own.record.code}/moves/refuse/", "盖章页缺失，请补交。"
    late = desk.post(address, {"expected_stage": "submitted", "note": words, "reason": "nosuch"})
    assert (late.status_code, f">{words}</textarea>" in late.content.decode()) == (422, True)
    assert f'action="{address}"' in late.content.decode()
    empty = desk.post(address, {"expected_stage": "submitted", "note": "", "reason": "documents"}).content.decode()
    assert 'value="documents" selected' in empty
    faster = desk.post(address, {"expected_stage": "returned", "note": words, "reason": "documents"})
    assert (faster.status_code, f"readonly>{words}</textarea>" in faster.content.decode()) == (409, True)
