"""An office brings what came of needs and results that met before: its stages and days, and nobody's consent."""

import json
from datetime import date, timedelta

import pytest

from kezhuan.areas.matches.actions import introduce
from kezhuan.areas.matches.models import Introduction
from kezhuan.areas.matches.queries import contacts_of, suggestions_for_need
from kezhuan.areas.matches.tables import ROWS
from kezhuan.areas.needs.tables import ROWS as NEEDS
from kezhuan.exchange.models import State
from kezhuan.exchange.permissions import may_import
from kezhuan.exchange.undo import take_back
from kezhuan.kernel import followers, journal
from kezhuan.kernel.access import SYSTEM, VISITOR, can_view
from kezhuan.kernel.errors import Conflict, Refused
from kezhuan.kernel.models import Entry, Link, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.imports import take_in
from tests.factories.uploads import checked, committed, counts, uploaded

pytestmark = pytest.mark.django_db
HEAD = "编号,需求编号,成果编号,阶段,对接日期,见面日期,经办备注\n"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA = tmp_path


@pytest.fixture
def town():
    firm, unit = city.organisation("穗芯公司"), city.organisation("南粤大学", kind="university")
    needs = [city.need(firm, stage="published", title=f"抛光需求{n}") for n in range(4)]
    result = city.achievement(unit, stage="listed", title="抛光成果")
    return firm, unit, needs, result


@pytest.fixture
def numbered(tmp_path):
    """A need that another list brought, under that list's number."""
    path = tmp_path / "needs.jsonl"
    row = {"编号": "XQ-7", "需求名称": "抛光良率", "需求内容": "缺陷多。"}
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    return take_in(NEEDS, path)


def written(needs, result, *stages):
    days = ("2025-03-01", "2025-03-18")
    lines = [f"D{n},{need.record.code},{result.record.code},{stage},{days[0]},{days[1]},科长电话{n}"
             for n, (need, stage) in enumerate(zip(needs, stages, strict=False))]  # fmt: skip
    return HEAD + "\n".join(lines) + "\n"


def brought(actor, text, **chosen):
    client = client_of(actor)
    kept = checked(client, uploaded(client, text, name="对接台账.csv", kind="introduction"), **chosen)
    return committed(client, kept)


def again(tmp_path, text):
    """The same file or another of its name, taken in by the command: what became of its rows."""
    path = tmp_path / "对接台账.csv"
    path.write_text(text, encoding="utf-8")
    done = take_in(ROWS, path).counts
    return done.read, done.created, done.updated, done.unchanged, done.rejected


def test_officers_bring_introductions_at_the_stage_each_row_says_and_the_same_file_twice_changes_nothing(
    town, tmp_path
):
    _firm, _unit, needs, result = town
    officer = city.officer()
    text = written(needs, result, "已见面", "达成意向", "签约", "未成")
    kept = brought(officer, text)
    assert (kept.state, counts(kept)) == (State.DONE, (4, 4, 0, 0, 0))
    rows = list(Introduction.objects.select_related("record").order_by("need"))
    assert [row.record.stage for row in rows] == ["met", "intent", "contract", "dropped"]
    assert {(row.introduced_on, row.met_on) for row in rows} == {(date(2025, 3, 1), date(2025, 3, 18))}
    assert rows[0].extra == {"经办备注": "科长电话0"}
    assert Link.objects.filter(source=rows[0].record).values_list("target", flat=True).count() == 2
    assert again(tmp_path, text) == (4, 0, 0, 4, 0)
    # Another id, the same two: the same introduction; other days are written, another stage is taken by its steps.
    other = written(needs[:1], result, "已见面").replace("D0", "X9").replace("2025-03-18", "2025-03-20")
    assert again(tmp_path, other) == (1, 0, 1, 0, 0)
    assert Introduction.objects.get(pk=rows[0].pk).met_on == date(2025, 3, 20)
    assert again(tmp_path, written(needs[:1], result, "签约")) == (1, 0, 0, 0, 1)
    assert again(tmp_path, written([needs[1]], result, "已见面")) == (1, 0, 0, 0, 1)  # D0 with another need
    assert journal.verify().broken_seq is None


def test_nobodys_consent_comes_from_a_list(town):
    firm, unit, needs, _result = town
    hidden = city.achievement(unit, stage="listed", secrecy="internal", title="不公开的成果")
    officer = city.officer()
    brought(officer, written(needs[:1], hidden, "签约"))
    row = Introduction.objects.select_related("record", "need__record", "supply").get()
    own, other, stranger = city.member(unit), city.member(firm), city.member(city.organisation())
    assert (row.need_agreed_on, row.supply_agreed_on, row.need_agreed_by, row.supply_agreed_by) == (None,) * 4
    assert contacts_of(own, row) == contacts_of(other, row) == []
    assert not can_view(other, Record.objects.get(pk=hidden.pk), "title")
    assert not any(can_view(actor, row.record) for actor in (stranger, VISITOR))
    for actor, sees_remark in ((officer, True), (own, False)):
        html = client_of(actor).get(f"/introductions/{row.record.code}/").content.decode()
        assert ("科长电话0" in html) == sees_remark
        assert "was not asked here" in html


def test_rows_that_cannot_be_are_handed_back_with_their_reason(town):
    firm, _unit, needs, result = town
    officer = city.officer()
    followers.run_pending()
    own = city.achievement(firm, stage="listed")
    begun = introduce(actor=city.member(firm), need=needs[0], supply=result.record)
    code, late = result.record.code, (today() + timedelta(days=1)).isoformat()
    rows = [
        f"1,{needs[0].record.code},{code},已见面,,,",  # begun here
        f"2,N-1999-00001,{code},已见面,,,",
        f"3,{needs[1].record.code},{code},想想,,,",
        f"4,{needs[1].record.code},{code},已见面,{late},{late},",
        f"5,{needs[1].record.code},{code},已见面,2025-03-02,2025-03-01,",
        f"6,{needs[1].record.code},{code},,,,",
        f"8,{needs[2].record.code},{own.record.code},met,,,",
        f"7,{needs[2].record.code.lower()},{code},met,,,",
    ]
    kept = brought(officer, HEAD + "\n".join(rows) + "\n")
    assert counts(kept) == (8, 1, 0, 0, 7)
    reasons = " ".join(one.reason for one in kept.rejects.all())
    for word in (begun.record.code, "N-1999-00001", "to come", "before they were introduced", "of one organisation"):
        assert word in reasons, word
    assert reasons.count("to come") == 1  # of both days


def test_sides_may_be_named_by_the_numbers_of_the_list_that_brought_them(town, numbered, tmp_path):
    _firm, _unit, _needs, result = town
    text = HEAD + f"1,XQ-7,{result.record.code},意向,,,\n"
    assert again(tmp_path, text) == (1, 1, 0, 0, 0)
    assert Introduction.objects.get().need.record.title == "抛光良率"


def test_only_officers_in_charge_of_a_side_bring_them(town):
    firm, unit, needs, result = town
    for actor in (city.member(firm, Role.ADMINISTRATOR), city.member(unit), VISITOR):
        assert not may_import(actor, ROWS)
    elsewhere = city.officer("440117")
    assert counts(brought(elsewhere, written(needs[:1], result, "签约"))) == (1, 0, 0, 0, 1)
    assert not Introduction.objects.exists()


def test_taken_back_the_two_are_free_again_and_so_are_the_sides(town, numbered, tmp_path):
    firm, _unit, needs, result = town
    officer = city.officer()
    text = HEAD + f"1,XQ-7,{result.record.code},意向,,,\n2,{needs[0].record.code},{result.record.code},签约,,,\n"
    followers.run_pending()
    assert needs[0].suggestions.exists()
    kept = brought(officer, text)
    assert not suggestions_for_need(officer, needs[0]).filter(supply=result.pk).exists()
    with pytest.raises(Conflict):
        introduce(actor=city.member(firm), need=needs[0], supply=result.record)
    with pytest.raises(Refused, match="built on"):
        take_back(numbered.kept.pk, actor=SYSTEM)
    take_back(kept.pk, actor=SYSTEM)
    assert set(Record.objects.filter(kind="introduction").values_list("stage", flat=True)) == {"void"}
    assert Entry.objects.filter(kind="introduction.void").count() == 1
    assert suggestions_for_need(officer, needs[0]).filter(supply=result.pk).exists()
    assert again(tmp_path, text) == (2, 2, 0, 0, 0)
    anew = Introduction.objects.filter(void_of=0)
    take_back(anew.first().record.imports.get().of_id, actor=SYSTEM)
    assert introduce(actor=city.member(firm), need=needs[0], supply=result.record).record.stage == "introduced"
    take_back(numbered.kept.pk, actor=SYSTEM)
    assert journal.verify().broken_seq is None
