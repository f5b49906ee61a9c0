"""公示 told as stories: prepared from the record, standing in places with proof, completed, spent."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.notices import actions
from kezhuan.kernel import followers, notices, rulebook, search, workdays
from kezhuan.kernel.access import VISITOR, can_view
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Conflict, NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Clock, Notice, Record, RuleUse
from kezhuan.kernel.registry import clocks_shown, kinds, row_of
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.areas.notice_story import LAST_PROOF, MONDAY, PROOF, Story, refused_with
from tests.factories import city

pytestmark = pytest.mark.django_db


@pytest.fixture
def story(monkeypatch):
    return Story(monkeypatch)


# -- the whole way -----------------------------------------------------------------------------------------------------


def test_a_result_is_registered_after_its_notice_and_the_days_for_objections(story):
    refused_with(story.register, "notice-missing")
    notice = story.prepare()
    assert not can_view(VISITOR, notice.record)
    refused_with(story.register, "notice-missing")
    notice = story.take(notice, "start")
    # From Monday 2 March: five working days after the first end on Monday 9, three more on Thursday 12.
    assert (notice.ends_on, notice.objections_until) == (date(2026, 3, 9), date(2026, 3, 12))
    assert can_view(VISITOR, row_of(notice.record).record, "public")
    assert Clock.objects.get(record_id=notice.pk, ended_on=None).due_on == date(2026, 3, 12)
    refused_with(story.register, "notice-running")
    story.at(date(2026, 3, 9))
    refused_with(lambda: story.take(notice, "complete"), "notice-short", "notice-objections")
    story.at(date(2026, 3, 12))
    refused_with(lambda: story.take(notice, "complete"), "notice-objections")
    story.at(date(2026, 3, 13))
    notice = story.take(notice, "complete")
    assert notice.channels.get().ended_on == date(2026, 3, 9)
    assert not Clock.objects.filter(record_id=notice.pk, ended_on=None).exists()
    assert story.register().record.stage == "registered"
    assert Notice.objects.get(pk=notice.pk).spent_on == date(2026, 3, 13)
    stamped = RuleUse.objects.filter(record_id=story.row.pk).values_list("rule_value__code", flat=True)
    assert {"notice.achievement.register", "notice.achievement.register.objections"} <= set(stamped)


def test_each_notice_is_named_by_what_it_lays_open():
    named = {}
    with translation.override("zh-hans"):
        for kind in kinds():
            for move in (one for one in kind.lifecycle.moves.values() if one.notice is not None):
                named[kind.slug, move.name] = str(actions.heading_of(kind, move, Record(title="甲")))
    assert named == {
        ("achievement", "register"): "关于成果“甲”拟予登记的公示",
        ("call", "decide"): "关于项目征集“甲”拟入选名单的公示",
        ("project", "sign"): "关于项目“甲”拟予签订任务书的公示",
        ("grant", "conclude"): "关于赋权“甲”拟签订赋权协议的公示",
        ("distribution", "settle"): "关于收益分配“甲”拟定分配方案的公示",
        ("price", "fix"): "关于“甲”拟定价格的公示",
        ("exemption", "tell"): "关于尽职免责案件“甲”拟作认定结论的公示",
    }


def test_without_a_rule_value_no_notice_is_asked_for_and_none_can_be_held(monkeypatch):
    story = Story(monkeypatch, days=0, tail=0)
    refused_with(story.prepare, "notice-days")
    assert story.register().record.stage == "registered"


def test_a_notice_that_runs_blocks_the_move_even_when_no_rule_asks_for_it_any_more(story):
    story.running()
    rulebook.RuleValue.objects.filter(code="notice.achievement.register").update(effective_to=date(2026, 1, 31))
    refused_with(story.register, "notice-running")


def test_calendar_days_and_no_days_for_objections(monkeypatch):
    story = Story(monkeypatch, days=0, tail=0)
    story.rule("notice.achievement.register", 15, "calendar days")
    notice = story.running()
    assert (notice.ends_on, notice.objections_until) == (date(2026, 3, 17), date(2026, 3, 17))
    story.at(date(2026, 3, 18))
    assert story.take(notice, "complete").record.stage == "completed"


def test_a_notice_counts_once_a_second_registration_needs_another(story):
    notice = story.running()
    story.at(date(2026, 3, 13))
    story.take(notice, "complete")
    row = story.register()
    advance(ACHIEVEMENT, row, "withdraw", actor=story.owner, note="更正")
    row = advance(ACHIEVEMENT, row, "reopen", actor=story.owner)
    row = advance(ACHIEVEMENT, row, "submit", actor=story.owner)
    story.row = advance(ACHIEVEMENT, row, "list", actor=story.officer)
    refused_with(story.register, "notice-missing")


# -- content -----------------------------------------------------------------------------------------------------------


def test_changed_content_restarts_the_clock(story):
    first = story.running()

    def waits():
        followers.run_pending()
        with translation.override("zh-hans"):
            (line,) = inbox.lines(story.officer)
            return str(line.label), line.clock.due

    assert waits() == ("公示 · 公示中", first.objections_until)
    facts = {"expected_version": story.row.record.version, "facts": city.achievement_facts(summary="另一种说法。")}
    edit_achievement(actor=story.owner, achievement=story.row, **facts)
    # Whoever holds it is told on the next morning, not when its days are over.
    again = ("公示 · 内容已变更：请重新公示", MONDAY + timedelta(days=1))
    assert waits() == again
    story.at(date(2026, 3, 13))
    assert waits() == again
    refused_with(lambda: story.take(first, "complete"), "notice-changed")
    second = story.prepare()
    assert Notice.objects.get(pk=first.pk).record.stage == "stopped"
    second = story.take(second, "start")
    assert second.ends_on == date(2026, 3, 20)
    assert second.content_hash != first.content_hash
    refused_with(story.prepare, "notice-held")


def test_content_changed_after_completion_is_noticed_before_the_move(story):
    notice = story.running()
    story.at(date(2026, 3, 13))
    story.take(notice, "complete")
    story.row.completers.filter(order=1).update(name="丙")
    refused_with(story.register, "notice-changed")
    assert story.prepare().record.stage == "prepared"


def test_content_is_frozen_masked_and_hashed_the_same_in_every_language(story):
    from django.utils import translation

    row = story.row
    row.record.summary = "联系人电话13812345678，身份证440106199001011237。"
    row.record.save(update_fields=["summary"])
    with translation.override("en"):
        notice = story.prepare()
    assert notice.content["text"] == "联系人电话138****5678，身份证440*************37。"
    assert notice.content["facts"][1] == ["完成人", "甲、乙"]
    maker = ACHIEVEMENT.moves["register"].notice
    assert notice.content_hash == notices.content_hash(notice.content)
    with translation.override("en"):
        assert notices.tells_the_same(notice.content, notices.content_of(maker, row_of(row.record)))
    assert notice.record.title == notice.content["heading"] == f"关于成果“{row.record.title}”拟予登记的公示"
    assert notice.record.summary == notice.content["text"]


# -- places ------------------------------------------------------------------------------------------------------------


def test_each_place_has_its_own_days_and_proof_and_the_notice_ends_with_the_last(story):
    notice = story.prepare(channels=("site", "bureau"))
    bureau = notice.channels.get(kind="bureau")
    notice = story.take(notice, "start")
    assert (notice.ends_on, notice.objections_until) == (None, None)  # not begun everywhere
    page = client_of(story.officer).get(f"/notices/{notice.record.code}/").content.decode()
    assert page.count("known once it has begun in every place") == 2
    story.at(date(2026, 3, 4))

    def start(**more):
        given = {"on": date(2026, 3, 3), "address": "https://kjj.example.cn/1.html", "proof": PROOF} | more
        return actions.record_start(actor=story.officer, channel=bureau, **given)

    refused_with(lambda: start(proof=None, address=" "), "notice-proof", "notice-address")
    text = Upload("截图.txt", "已公示".encode(), True)
    refused_with(lambda: start(proof=text), "scan-type")
    refused_with(lambda: start(on=date(2026, 3, 5)), "notice-day")
    refused_with(lambda: start(on=date(2026, 3, 1)), "notice-day")
    start()
    with pytest.raises(Conflict):
        start()
    notice = Notice.objects.get(pk=notice.pk)
    assert (notice.ends_on, notice.objections_until) == (date(2026, 3, 10), date(2026, 3, 13))
    # On its last day the place is looked at for the proof; who holds the notice is told, and nobody else.
    term = Clock.objects.get(record=notice.pk, ended_on=None)
    with translation.override("zh-hans"):
        (line,) = inbox.lines(story.officer)
    assert (str(line.label), line.clock.due) == ("公示 · 渠道公示末日：请记录并截图", date(2026, 3, 10))
    assert [len(list(clocks_shown(one, notice.record))) for one in (story.officer, VISITOR)] == [1, 0]
    story.at(date(2026, 3, 16))
    refused_with(lambda: story.take(notice, "complete"), "notice-not-ended")

    def end(on, proof=LAST_PROOF):
        return actions.record_end(actor=story.officer, channel=bureau, on=on, proof=proof)

    refused_with(lambda: end(date(2026, 3, 9), text), "scan-type")
    end(date(2026, 3, 9))
    term.refresh_from_db()
    assert (term.name, term.due_on, term.moves) == ("running", date(2026, 3, 12), 2)
    refused_with(lambda: story.take(notice, "complete"), "notice-short")
    bureau.refresh_from_db()
    assert [bureau.start_proof.kind, bureau.end_proof.kind] == ["notice-proof"] * 2
    with pytest.raises(Conflict):
        end(date(2026, 3, 10))


def test_a_place_that_ended_later_moves_the_days_for_objections(story):
    notice = story.prepare(channels=("market",))
    refused_with(lambda: story.take(notice, "start"), "notice-not-begun")
    channel = notice.channels.get()
    actions.record_start(actor=story.officer, channel=channel, on=MONDAY, address="技术市场公告栏", proof=PROOF)
    notice = story.take(notice, "start")
    term = Clock.objects.get(record=notice.pk, ended_on=None)
    story.at(date(2026, 3, 20))
    actions.record_end(actor=story.officer, channel=channel, on=date(2026, 3, 20), proof=LAST_PROOF)
    notice = Notice.objects.get(pk=notice.pk)
    assert (notice.ends_on, notice.objections_until) == (date(2026, 3, 20), date(2026, 3, 25))
    # One term, so that the event in a calendar keeps its number and only moves.
    moved = Clock.objects.get(record=notice.pk)
    assert (moved.pk, moved.due_on, moved.moves) == (term.pk, date(2026, 3, 25), term.moves + 1)


def test_on_this_site_a_notice_begins_and_ends_by_itself(story):
    notice = story.prepare()
    refused_with(
        lambda: actions.record_start(
            actor=story.officer, channel=notice.channels.get(), on=MONDAY, address="x", proof=PROOF
        ),
        "notice-here",
    )


def test_a_calendar_loaded_later_counts_running_notices_anew(story):
    notice = story.running()
    story.at(date(2026, 3, 3))
    days = [
        workdays.AnnouncedDay(date(2026, 3, 6), False, "试", "试"),
        workdays.AnnouncedDay(date(2026, 1, 1), False, "", "试"),
    ]
    workdays.load_calendar(actor=story.officer, days=days)
    notice = Notice.objects.get(pk=notice.pk)
    assert (notice.ends_on, notice.objections_until) == (date(2026, 3, 10), date(2026, 3, 13))
    assert Clock.objects.get(record_id=notice.pk, ended_on=None).due_on == date(2026, 3, 13)


# -- who ---------------------------------------------------------------------------------------------------------------


def test_what_is_not_public_is_laid_open_inside_the_unit_alone(monkeypatch):
    story = Story(monkeypatch, secrecy="internal")
    refused_with(story.prepare, "notice-not-public")
    notice = story.running(audience="unit", channels=["site", "unit"][:1])
    colleague, rival = city.member(story.unit), city.member(city.organisation())
    notice = row_of(notice.record)
    seen = {name: can_view(actor, notice.record, "public") for name, actor in {
        "colleague": colleague, "officer": story.officer, "rival": rival, "visitor": VISITOR,
    }.items()}  # fmt: skip
    assert seen == {"colleague": True, "officer": True, "rival": False, "visitor": False}
    with pytest.raises(NotAllowed):
        story.object(notice, actor=rival)
    assert story.object(notice, actor=colleague).person == colleague.person


def test_a_unit_holds_the_notice_about_its_trade_secret_itself_and_officers_do_not_read_it(monkeypatch):
    story = Story(monkeypatch, secrecy="trade_secret")
    with pytest.raises(NotAllowed):
        story.prepare(audience="unit")
    notice = story.prepare(audience="unit", actor=story.owner)
    notice = story.take(notice, "start", actor=story.owner)
    assert not can_view(story.officer, row_of(notice.record).record)
    assert Clock.objects.get(record_id=notice.pk, ended_on=None).party == story.unit
    refused_with(story.register, "notice-running")
    story.at(date(2026, 3, 13))
    story.take(notice, "complete", actor=story.owner)
    assert story.register().record.stage == "registered"


def test_others_neither_hold_nor_decide(story):
    elsewhere, rival = city.officer("440113"), city.member(city.organisation())
    for actor in (elsewhere, rival, story.owner, VISITOR):
        with pytest.raises(NotAllowed):
            story.prepare(actor=actor)
    notice = story.running()
    objection = story.object(notice)
    for actor in (elsewhere, rival, story.owner):
        with pytest.raises(NotAllowed):
            story.take(notice, "stop", note="x", actor=actor)
        with pytest.raises(NotAllowed):
            story.take(objection, "dismiss", note="x", actor=actor)
        with pytest.raises(NotAllowed):
            actions.record_end(actor=actor, channel=notice.channels.get(), on=MONDAY)


def test_who_objects_is_known_to_the_officers_in_charge_alone(story):
    notice = story.running()
    sender = city.member(city.organisation())
    row = row_of(story.object(notice, actor=sender).record)
    inside = {actor.name: can_view(actor, row.record, "full") for actor in (story.officer, sender, story.owner)}
    assert list(inside.values()) == [True, False, False]
    assert can_view(sender, row.record, "public")
    assert not can_view(story.owner, row.record)
    assert not can_view(VISITOR, row.record)
    assert not can_view(city.officer("440113"), row.record)


def test_a_notice_is_told_to_no_more_than_what_it_is_about_and_the_index_follows():
    owner = city.organisation()
    own, officer = city.member(owner), city.officer()
    row = city.achievement(owner, stage="listed", by=own, title="某低温电解液")
    notice = city.notice(row, officer, stage="running").record
    asked = search.Asked(kinds=("notice",))
    assert can_view(VISITOR, Record.objects.get(pk=notice.pk), "public")
    assert search.search(VISITOR, asked).records == [notice.pk]
    facts = city.achievement_facts(title="某低温电解液", secrecy="trade_secret")
    edit_achievement(actor=own, achievement=row, facts=facts, expected_version=row_of(row.record).record.version)
    hidden = Record.objects.get(pk=notice.pk)
    assert not can_view(VISITOR, hidden)
    assert can_view(own, hidden)
    assert search.search(VISITOR, asked).records == []
