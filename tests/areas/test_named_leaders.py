"""Who is named as leader of a project without being identified is looked for by name, and never taken for clear."""

import html
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import translation

from kezhuan.areas.achievements.models import AchievementOwner
from kezhuan.areas.calls.adding_actions import add_questions
from kezhuan.areas.calls.application_actions import edit_application, facts_of
from kezhuan.areas.calls.application_lifecycle import APPLICATION
from kezhuan.areas.calls.forms import initial_by
from kezhuan.areas.calls.forms_questions import typed_question
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import Application, Call
from kezhuan.areas.calls.partnering_actions import KeepPartners
from kezhuan.areas.calls.partners import units_called
from kezhuan.areas.calls.permissions import checks_form, proposes
from kezhuan.areas.calls.questions import Question
from kezhuan.areas.projects.reviewing import told_to_experts
from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.clearing import clear_panel
from kezhuan.areas.reviews.models import Panel
from kezhuan.areas.reviews.panel_actions import look_up_parties, prepare_panel
from kezhuan.areas.reviews.permissions import runs
from kezhuan.engines.conflicts import Verdict
from kezhuan.kernel.access import actor_for
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Identifier, Membership, Record
from kezhuan.kernel.registry import concerned_in
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.factories import calls, city, projects, reviews

pytestmark = pytest.mark.django_db


def judged(officer, *units, leader="王五"):
    """A panel about one application of each unit, led by somebody of this name; nothing was looked up."""
    call = reviews.closed_call(officer, *units)
    Application.objects.filter(item__call=call).update(leader=leader)
    return prepare_panel(actor=officer, about=call.record, facts=reviews.panel_facts())


def found(panel, *experts):
    """What is found, as kind and expert, and how each expert stands to the first item."""
    clearing = clear_panel(panel, list(experts))
    who = {str(one.person_id): one for one in experts}
    return {(one.kind, who[one.expert]) for _item, one in clearing.found}, [
        Verdict(one).name for one in clearing.cleared.verdicts[0]
    ]


def together(*names, owner):
    """An achievement that these completed, people being identified and words not."""
    made = city.achievement(owner, stage="listed")
    for order, one in enumerate(names, 7):
        said = {"name": one} if isinstance(one, str) else {"name": one.record.title, "person": one}
        made.completers.create(order=order, **said)
    return made


def test_a_named_leader_is_tied_by_name_dismissed_and_unknown_until_looked_up():
    officer, unit = city.officer(), city.organisation("甲大学", kind="university")
    leader = city.member(unit, name="王五").person
    namesake = city.member(city.organisation("丙公司"), name="王五").person
    friend, same, other = (reviews.expert(name, by=officer) for name in ("合作者", "旧识", "他人"))
    together(leader, friend.person, owner=unit)
    together(namesake, same.person, owner=unit)
    panel = judged(officer, unit)
    # Somebody of the unit has the name: a namesake elsewhere is not meant. Of nobody anything is known yet.
    assert found(panel, friend, same, other) == (
        {("co-completer", friend)},
        ["CONFLICT", "UNKNOWN", "UNKNOWN"],
    )
    named = Application.objects.get(item__call=panel.about.pk).record
    others = [one.pk for one in clear_panel(panel, []).unknown_parties if one.pk != named.pk]
    look_up_parties(actor=officer, panel=panel, parties=others, source="系统", on=today())
    assert found(panel, other)[1] == ["UNKNOWN"]  # of all but the leader it is known
    client, address = client_of(officer), f"/panels/{panel.record.code}/conflicts/"
    page = html.unescape(client.get(address).content.decode())
    assert f"王五 {named.code}" in page
    assert "has the same name as “王五”" in page
    body = client.get(f"/api/v1/panels/{panel.record.code}/conflicts").json()
    assert body["unknown"] == [{"code": named.code, "name": "王五", "name_en": ""}]
    # It is looked up like any party, and what is found of it counts.
    firm = city.organisation("丁公司")
    employed = reviews.expert("丁公司专家", by=officer, employer=firm)
    typed = {"source": "本人承诺", "on": today(), "party": str(named.pk), "kind": "shareholder"}
    assert client.post(address, typed | {"other": firm.record.code}).status_code == 302
    assert found(panel, friend, other, employed) == (
        {("co-completer", friend), ("shareholder", employed)},
        ["CONFLICT", "CLEAR", "CONFLICT"],
    )
    way = next(html.unescape(one) for one in page.split('"') if "dismiss/?" in one)
    assert client.post(way, {"reason": "同名同姓，并非本人"}).status_code == 302
    assert found(panel, friend)[1] == ["CLEAR"]
    # Of another application of theirs it is not dismissed: there somebody else may be meant.
    assert found(judged(officer, unit), friend) == ({("co-completer", friend)}, ["CONFLICT"])


def test_whoever_has_the_leaders_name_is_found_where_nobody_of_the_unit_has_it_and_names_in_bylines_count():
    officer, unit, firm = city.officer(), city.organisation("甲大学", kind="university"), city.organisation("丙公司")
    itself, friend, writer, far = (reviews.expert(name, by=officer) for name in ("王五", "合作者", "合著者", "外单位"))
    together(city.member(firm, name="王五").person, friend.person, owner=firm)
    paper = together("王五", writer.person, owner=firm)
    panel = judged(officer, unit, leader="赵六、王五")
    every = {("party", itself), ("co-completer", friend), ("co-completer", writer)}
    assert found(panel, itself, friend, writer) == (every, ["CONFLICT"] * 3)
    # A byline of the unit's own is theirs, and one of elsewhere no more.
    together("王五", far.person, owner=firm).owners.create(organisation=unit)
    assert AchievementOwner.objects.filter(organisation=unit).exists()
    assert paper.owners.filter(organisation=unit).exists() is False
    assert found(panel, writer, far)[0] == {("co-completer", far)}


def test_the_contact_who_leads_is_no_second_party_and_a_project_names_its_people():
    officer, unit = city.officer(), city.organisation("甲大学", kind="university")
    panel = judged(officer, unit)
    row = Application.objects.select_related("record__contact__record").get(item__call=panel.about.pk)
    assert len(clear_panel(panel, []).parties) == 4
    Application.objects.filter(pk=row.pk).update(leader=row.record.contact.record.title)
    assert [one.kind for one in clear_panel(panel, []).parties] == ["organisation", "organisation", "person"]
    project = projects.project(stage="running")
    project.staff = [["李参与", "测试", 5000]]
    project.save()
    told = told_to_experts([project.pk])[project.pk]
    assert told.named.names == {"李攻关", "李参与"}
    assert told.named.units == {project.leader_id}
    assert project.pk in told.parties
    # Whom a member names is looked for there as well: a namesake of the leader's is not taken for them.
    mate, idle = city.organisation("粤材公司"), city.organisation("旁观公司")
    shared = projects.project(stage="signed", members=[(mate, 30_000_000), (idle, 0)])
    shared.staff = [["李参与", "测试", 5000, mate.record.code]]
    shared.save()
    assert told_to_experts([shared.pk])[shared.pk].named.units == {shared.leader_id, mate.pk}
    assert "李参与" in told.names


def test_units_that_an_application_names_are_its_parties_and_nobody_is_clear_of_one_that_nobody_knows():
    officer, unit, partner = (
        city.officer(),
        city.organisation("甲大学", kind="university"),
        city.organisation("粤材公司"),
    )
    columns = [{"words": "单位", "kind": "unit"}, {"words": "任务", "kind": "line"}]
    asked = (
        Question("方式", "one", options=("联合", "独立")),
        Question("成员", "table", columns=columns, only_if={"question": 1, "answer": "联合"}),
    )
    call = calls.call(stage="published", by=officer, questions=asked)
    rows = [["粤材公司", "验证"], ["无名公司", "测试"]]
    row = calls.application(call, unit, stage="qualified", answers=("联合", rows))
    Application.objects.filter(pk=row.pk).update(leader="")
    alone = calls.application(call, stage="submitted", answers=("独立", rows))
    calls.end_time_of(call)
    call = city.taken(CALL, call, [("close", officer)])
    employed, other = reviews.expert("粤材专家", by=officer, employer=partner), reviews.expert("他人", by=officer)
    told = judging.told_of("call", [row.pk, alone.pk])
    assert {partner.pk, row.pk} < set(told[row.pk].parties)
    assert partner.pk not in told[alone.pk].parties  # whoever applies alone is asked for nobody
    assert {"粤材公司", "无名公司", "无名"} < set(told[row.pk].names)  # no expert of a blind panel reads them
    panel = prepare_panel(actor=officer, about=call.record, facts=reviews.panel_facts())
    assert found(panel, employed, other) == ({("employer", employed)}, ["CONFLICT", "UNKNOWN"])
    others = [one.pk for one in clear_panel(panel, []).unknown_parties if one.pk != row.pk]
    assert partner.pk in others
    look_up_parties(actor=officer, panel=panel, parties=others, source="系统", on=today())
    assert found(panel, other)[1] == ["UNKNOWN"]
    page = client_of(officer).get(f"/panels/{panel.record.code}/conflicts/").content.decode()
    assert f"无名公司 {row.record.code}" in page
    look_up_parties(actor=officer, panel=panel, parties=[row.pk], source="单位说明", on=today())
    assert found(panel, employed, other)[1] == ["CONFLICT", "CLEAR"]
    # A unit is meant by its code and its credit code as well, and by a name all that have it.
    Identifier.objects.create(record=partner.record, scheme="uscc", value="91440101MA5AAAA010")
    namesake, code = city.organisation("粤材公司"), partner.record.code
    meant = units_called({code.lower(), "91440101ma5aaaa010", "粤材公司", "乙"})
    assert {said: [one.pk for one in units] for said, units in meant.items()} == {
        code.lower(): [partner.pk], "91440101ma5aaaa010": [partner.pk], "粤材公司": [partner.pk, namesake.pk],
    }  # fmt: skip


def test_people_of_a_unit_that_an_application_names_neither_check_it_nor_choose_nor_run_its_panel():
    officer, partner = city.officer(), city.organisation("粤材公司")
    columns = [{"words": "单位", "kind": "unit"}, {"words": "任务", "kind": "line"}]
    asked = (Question("成员", "table", columns=columns),)
    call = calls.call(stage="published", by=officer, questions=asked)
    both = [city.organisation(name, kind="university") for name in ("甲大学", "乙大学")]
    first = calls.application(call, both[0], stage="submitted", answers=([["粤材公司", "验证"], ["无名公司", "测试"]],))
    second = calls.application(call, both[1], stage="submitted", answers=([["另一公司", "验证"]],))
    assert [list(one.partners.all()) for one in (first, second)] == [[partner], []]
    first.partners.clear()  # what is brought in at any stage is looked through as well
    KeepPartners().after_opening([first, second], officer)
    assert [list(one.partners.all()) for one in (first, second)] == [[partner], []]
    two_hats = city.officer()
    before = actor_for(two_hats.person, two_hats.organisation.pk)
    Membership.objects.create(person=two_hats.person, organisation=partner, role="member", since=today())
    after = actor_for(two_hats.person, two_hats.organisation.pk)

    def can(actor):
        rows = [Application.objects.select_related("record", "item__call").get(pk=one.pk) for one in (first, second)]
        made = Call.objects.select_related("record").get(pk=call.pk)
        found = [checks_form.test(actor, one) for one in rows]
        every = Application.objects.filter(pk__in=[first.pk, second.pk])
        assert [checks_form.among(actor, every.filter(pk=one.pk)).exists() for one in rows] == found
        chooses = proposes.test(actor, made)
        assert proposes.among(actor, Call.objects.filter(pk=call.pk)).exists() is chooses
        return [*found, chooses]

    assert (can(before), can(after)) == ([True, True, True], [False, True, False])
    with pytest.raises(NotAllowed):
        advance(APPLICATION, first, "accept", actor=after)
    Record.objects.filter(pk__in=[first.pk, second.pk]).update(stage="qualified")
    calls.end_time_of(call)
    call = city.taken(CALL, call, [("close", officer)])
    panel = prepare_panel(actor=officer, about=call.record, facts=reviews.panel_facts())
    assert [runs.test(one, panel) for one in (before, after)] == [True, False]
    assert [runs.among(one, Panel.objects.all()).exists() for one in (before, after)] == [True, False]
    assert partner.pk in concerned_in(call)
    lines = client_of(officer).get(f"/api/v1/calls/{call.record.code}/decisions").json()["items"]
    parts = {(each["unit"]["name"], each["part"]) for one in lines for each in one["barred"]}
    assert ("粤材公司", "partner") in parts
    # What was handed in anew names others; one that has ended bars nobody from choosing.
    Application.objects.filter(pk=second.pk).update(answers=[[["粤材公司", "验证"]]])
    Record.objects.filter(pk=second.pk).update(stage="returned")
    again = Application.objects.select_related("record", "item__call").get(pk=second.pk)
    advance(APPLICATION, again, "supplement", actor=city.clerk(both[1]))
    assert can(after) == [False, False, False]
    for one, unit in zip((first, second), both, strict=True):
        advance(APPLICATION, one, "withdraw", actor=city.clerk(unit), note="不再参加")
    assert can(after)[2] is True


def test_units_named_in_what_was_answered_later_or_before_a_form_grew_are_kept_and_so_are_those_of_before():
    officer, both = city.officer(), [city.organisation(name) for name in ("粤材公司", "粤芯公司")]
    members = Question("成员", "table", columns=[{"words": "单位", "kind": "unit"}])
    call = calls.call(stage="published", by=officer, questions=(members,))
    draft = calls.application(call, stage="draft", answers=([["粤材公司"]],))
    handed = calls.application(call, stage="qualified", answers=([["粤材公司"]],))
    add_questions(
        actor=officer, call=Call.objects.get(pk=call.pk), questions=[replace(members, words="其他成员", required=False)]
    )

    def again(row):
        return Application.objects.select_related("record", "item__call__record").get(pk=row.pk)

    # A draft that says nothing of what was added is handed in as it stands.
    advance(APPLICATION, again(draft), "submit", actor=city.clerk(draft.applicant))
    assert list(draft.partners.all()) == both[:1]
    # What was handed in before answers what was added, and takes no step for that.
    row = again(handed)
    facts = replace(facts_of(row), answers=([["粤材公司"]], [["粤芯公司"]]))
    edit = {"actor": city.clerk(row.applicant), "application": row, "expected_version": row.record.version}
    edit_application(**edit, facts=facts)
    assert list(handed.partners.order_by("pk")) == both
    # Those that an older version took in are looked through once, by name, code and credit code; sealed ones are not.
    Application.partners.through.objects.all().delete()
    Identifier.objects.create(record=both[1].record, scheme="uscc", value="91440101MA5AAAA010")
    Application.objects.filter(pk=draft.pk).update(
        answers=[[[both[0].record.code.lower()], ["91440101ma5aaaa010"], ["无名公司"]]]
    )
    Application.objects.filter(pk=handed.pk).update(sealed=True)
    upgrade = import_module("kezhuan.areas.calls.migrations.0032_partners_before")
    upgrade.keep_named(apps, SimpleNamespace(connection=connection))
    assert [list(one.partners.order_by("pk")) for one in (draft, handed)] == [both, []]


def test_templates_ask_for_the_units_that_take_part_in_a_column_of_their_own():
    for kind in ("challenge", "chain"):
        with translation.override("zh-hans"):
            lines = [one["lines"] for one in initial_by(kind)[1]["questions"] if one["kind"] == "table"]
        assert len(lines) == 1, kind
        assert "单位（单位）" in lines[0], kind
        asked = typed_question({"words": "成员", "kind": "table", "required": False, "most": 9, "lines": lines[0],
                                "only_question": None, "only_answer": ""})  # fmt: skip
        assert asked.columns[0]["kind"] == "unit", kind


def test_many_named_leaders_are_looked_for_in_as_many_queries(django_assert_max_num_queries):
    officer, asked = city.officer(), []
    expert = reviews.expert("合作者", by=officer)
    for count in (1, 4):
        units = [city.organisation(kind="university") for _ in range(count)]
        for unit in units:
            together(city.member(unit, name="王五").person, "王五", expert.person, owner=unit)
        panel = judged(officer, *units)
        with django_assert_max_num_queries(40) as told:
            assert clear_panel(panel, [expert]).cleared.barred.all()
        asked.append(len(told.captured_queries))
    assert asked[0] == asked[1]


def test_calls_without_leaders_ask_nothing_by_name():
    officer, unit = city.officer(), city.organisation("甲大学", kind="university")
    panel = judged(officer, unit, leader="")
    clearing = clear_panel(panel, [])
    assert clearing.called == {}
    assert "application" not in {one.kind for one in clearing.parties}
