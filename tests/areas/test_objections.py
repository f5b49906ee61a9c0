"""异议 told as stories: named, with evidence, in time, decided on; while one is open the step is refused."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from kezhuan.areas.notices import actions, letters
from kezhuan.areas.notices.lifecycle import DECIDED, OBJECTION
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.models import Document, Message, Notice, Objection
from tests.areas.notice_story import Story, refused_with
from tests.factories import city

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(monkeypatch):
    return Story(monkeypatch)


# -- objections --------------------------------------------------------------------------------------------------------


def test_an_open_objection_blocks_completion_and_move_until_it_is_dismissed(story):
    notice = story.running()
    objection = story.object(notice)
    refused_with(story.register, "objection-open")
    story.at(date(2026, 3, 13))
    refused_with(lambda: story.take(notice, "complete"), "objection-open")
    refused_with(lambda: story.take(objection, "dismiss"), "note-missing")
    story.take(objection, "dismiss", note="经核实与事实相符")
    story.take(notice, "complete")
    assert story.register().record.stage == "registered"


@pytest.mark.parametrize(
    ("move", "reason", "goes_on"),
    [("uphold", "", False), ("dismiss", "", True), ("not-admit", "anonymous", True), ("withdraw", "", True)],
)
def test_only_an_upheld_objection_stands_against_completion(story, move, reason, goes_on):
    notice = story.running()
    objection = story.take(story.object(notice), move, note="理由", reason=reason)
    assert OBJECTION.open_to(story.officer, objection) == []
    story.at(date(2026, 3, 13))
    if goes_on:
        assert story.take(notice, "complete").record.stage == "completed"
    else:
        refused_with(lambda: story.take(notice, "complete"), "objection-upheld")
        assert story.take(notice, "stop", note="异议成立").record.stage == "stopped"


def test_whoever_objected_signed_in_is_written_to_when_it_is_decided(story):
    notice, objector = story.running(), city.member(city.organisation())
    own, unnamed = story.object(notice, actor=objector), story.object(notice, contact="zhao@example.cn")
    assert not Message.objects.filter(letter=DECIDED).exists()
    for objection in (own, unnamed):
        story.take(objection, "dismiss", note="经核实与事实相符")
    message = Message.objects.get(letter=DECIDED)
    assert (message.person, message.content) == (objector.person, {"objection": own.pk})
    with translation.override("zh-hans"):
        letter = letters.decided(objector, message.content)
        assert (own.record.code in letter.text, "不成立" in letter.text, letter.path) == (
            True, True, f"/objections/{own.record.code}/"
        )  # fmt: skip
        assert "经核实" not in letter.text
        assert letters.decided(city.member(city.organisation()), message.content) is None


def test_objections_are_taken_from_everybody_until_the_last_day_and_named(story):
    notice = story.prepare()
    with pytest.raises(NotAllowed):
        story.object(notice)  # nobody but officers sees it yet
    with pytest.raises(Conflict):
        story.object(notice, actor=story.officer)
    notice = story.take(notice, "start")
    refused_with(lambda: story.object(notice, name=" 赵 "), "objection-name")
    refused_with(lambda: story.object(notice, contact="无"), "objection-contact")
    refused_with(lambda: story.object(notice, contact="12-3"), "objection-contact")
    refused_with(lambda: story.object(notice, text="\u200b "), "objection-text")
    refused_with(lambda: story.object(notice, text="绝密★ 三十年"), "state-secret")
    story.at(notice.objections_until)
    story.object(notice)
    refused_with(lambda: story.object(notice), "objection-twice")
    story.object(notice, contact="zhao@example.cn")
    story.at(notice.objections_until + timedelta(days=1))
    with pytest.raises(Conflict):
        story.object(notice, contact="020-83120001")
    assert Objection.objects.count() == 2


def test_evidence_comes_with_the_objection_and_a_bad_file_keeps_nothing(story):
    notice = story.running()
    refused_with(lambda: story.object(notice, evidence=[Upload("a.exe", b"MZ\x00", True)]), "file-type")
    refused_with(lambda: story.object(notice, evidence=[Upload("a.txt", b"x", False)]), "declaration-missing")
    large = Upload("a.txt", b"x" * (actions.LARGEST_FROM_VISITORS + 1), True)
    refused_with(lambda: story.object(notice, evidence=[large]), "file-too-large")
    assert not Objection.objects.exists()
    objection = story.object(notice, evidence=[Upload("证据.txt", "原始记录".encode(), True)])
    assert Document.objects.get(record=objection.record).kind == "evidence"
    assert story.object(notice, actor=story.owner, contact="a@b.cn", evidence=[large]).pk


def test_an_objection_on_paper_is_entered_by_an_officer_also_after_completion(story):
    notice = story.running()
    story.at(date(2026, 3, 13))
    notice = story.take(notice, "complete")
    late = {"actor": story.officer, "received_on": date(2026, 3, 13)}
    refused_with(lambda: story.object(notice, **late), "objection-late")
    objection = story.object(notice, actor=story.officer, received_on=date(2026, 3, 12))
    assert (objection.entered_by, objection.person) == (story.officer.person, None)
    refused_with(story.register, "objection-open")
    with pytest.raises(NotAllowed):
        story.object(notice, actor=story.owner, received_on=date(2026, 3, 12))
    story.take(objection, "dismiss", note="不成立")
    story.register()
    with pytest.raises(Conflict):
        story.object(notice, actor=story.officer, received_on=date(2026, 3, 11), contact="a@b.cn")


def test_an_objection_upheld_after_completion_stands_against_the_move_until_a_corrected_notice_is_held(story):
    notice = story.running()
    story.at(date(2026, 3, 13))
    story.take(notice, "complete")
    objection = story.object(notice, actor=story.officer, received_on=date(2026, 3, 12))
    story.take(objection, "uphold", note="完成人排序有误")
    refused_with(story.register, "objection-upheld")
    story.row.record.title = "更正后的名称"
    story.row.record.save(update_fields=["title"])
    story.running()
    story.at(date(2026, 3, 30))
    story.take(Notice.objects.order_by("-pk").first(), "complete")
    assert story.register().record.stage == "registered"


def test_too_many_open_objections_are_sent_to_the_office(story, monkeypatch):
    monkeypatch.setattr(actions, "MOST_OPEN", 2)
    notice = story.running()
    for number in range(2):
        story.object(notice, contact=f"a{number}@example.cn")
    refused_with(lambda: story.object(notice, contact="b@example.cn"), "objection-many")
