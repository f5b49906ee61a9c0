"""What a change of a task book does between the members of a consortium: to their money, and to their people."""

import pytest

from kezhuan.areas.projects.change_actions import agree_to_change, ask_change, refuse_to_agree
from kezhuan.areas.projects.changing import Wanted
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.permissions import is_asked_to_agree
from kezhuan.areas.projects.queries import wording_of
from kezhuan.areas.projects.sharing import Moved
from kezhuan.areas.projects.staffing import Staffer, staff_of
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.history import entries_of, told_to
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import today
from kezhuan.web.templatetags.kezhuan import day
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.factories import city, projects
from tests.factories.projects import fresh

pytestmark = pytest.mark.django_db


def test_members_exchange_money_whatever_the_leader_has_and_the_page_asks_no_more_for_it(
    django_assert_max_num_queries,
):
    officer, giver, taker = city.bureau(), city.organisation("让出公司"), city.organisation("接手公司")
    row = projects.project(stage="signed", members=[(taker, 20_000_000), (giver, 75_000_000)], by=officer)
    head, (to, of) = city.clerk(row.leader), (one.record.code for one in (taker, giver))

    def asked(*shares):
        return ask_change(actor=head, project=fresh(row), wanted=Wanted("任务调整", shares=shares))

    assert codes(lambda: asked(Moved(to, 60_000_000), Moved(of, 1), Moved(to.lower(), 1))) == {"change-share"}
    change = asked(Moved(to, 60_000_000), Moved(of, 35_000_000))
    client, counted = client_of(head), []
    for items in (change.items, change.items * 3, change.items):
        row.changes.update(items=items)
        with django_assert_max_num_queries(60) as held:
            page = client.get(f"/projects/{row.record.code}/").content.decode()
        counted.append(len(held))
    assert counted[1] == counted[2]  # the first page keeps what later ones need no more
    assert all(f"Fiscal money of {unit.record.title} (万元)" in page for unit in (giver, taker))
    # Who would get less agrees before, as nobody else is asked to.
    assert "让出公司: has not agreed yet" in page
    assert codes(lambda: advance(PROJECT, fresh(row), "approve-change", actor=officer, note="同意")) == {
        "change-share-unagreed"
    }
    # Who would get less says no, and why: it is asked no more, everybody reads it, and nothing is approved.
    address = f"/projects/{row.record.code}/"
    body = {"words": " "}
    for actor in (city.clerk(taker), head, officer):
        with pytest.raises(NotAllowed):
            refuse_to_agree(actor=actor, project=fresh(row), words="不同意")
        assert client_of(actor).get(f"{address}disagree/").status_code == 403
    gives = city.clerk(giver)
    assert f"{address}disagree/" in client_of(gives).get(address).content.decode()
    assert "Whoever reads the task book reads why." in client_of(gives).get(f"{address}disagree/").content.decode()
    api = client_of(gives)
    assert api.post(f"/api/v1{address}disagreement", body, content_type="application/json").status_code == 422
    assert client_of(gives).post(f"{address}disagree/", {"words": "份额过低"})["location"] == address
    assert not is_asked_to_agree.test(gives, fresh(row))
    with pytest.raises(NotAllowed):
        agree_to_change(actor=gives, project=fresh(row))
    told = client.get(f"/api/v1/projects/{row.record.code}").json()["changes"][0]
    assert told["refusals"] == [["让出公司", today().isoformat(), "份额过低"]]
    assert told["waits_for"] == []
    page = client.get(address).content.decode()
    assert f"让出公司: does not agree {day(today())} · 份额过低" in page
    assert "让出公司: has not agreed yet" not in page
    assert codes(lambda: advance(PROJECT, fresh(row), "approve-change", actor=officer, note="同意")) == {
        "change-share-unagreed"
    }
    advance(PROJECT, fresh(row), "refuse-change", actor=officer, note="另行协商")
    asked(Moved(to, 60_000_000), Moved(of, 35_000_000))
    assert is_asked_to_agree.test(gives, fresh(row))
    advance(PROJECT, fresh(row), "refuse-change", actor=officer, note="另行协商")
    told = client.get(f"/api/v1/projects/{row.record.code}").json()["changes"][0]
    assert (told["approved"], told["waits_for"]) == (False, [])
    page = client.get(f"/projects/{row.record.code}/").content.decode()
    assert ("has not agreed yet" in page, "让出公司: had not answered when it was decided" in page) == (False, True)
    asked(Moved(to, 60_000_000), Moved(of, 35_000_000))
    for other in (city.clerk(taker), head, officer):
        with pytest.raises(NotAllowed):
            agree_to_change(actor=other, project=fresh(row))
    gives = city.clerk(giver)
    assert is_asked_to_agree.among(gives, Project.objects.all()).exists()
    agree_to_change(actor=gives, project=fresh(row))
    with pytest.raises(NotAllowed):
        agree_to_change(actor=gives, project=fresh(row))
    told = next(
        one for one in client.get(f"/api/v1/projects/{row.record.code}").json()["changes"] if one["approved"] is None
    )
    assert (told["waits_for"], told["members_agreed"]) == ([], [["让出公司", today().isoformat()]])
    said = [one.label for one in told_to(gives, row.record, entries_of(row.record, 1))]
    assert said == ["change of the task book asked for or answered"]
    assert [one.label for one in told_to(VISITOR, row.record, entries_of(row.record, 1))] == []
    assert f"让出公司: has agreed {day(today())}" in client.get(f"/projects/{row.record.code}/").content.decode()
    advance(PROJECT, fresh(row), "approve-change", actor=officer, note="同意")
    assert list(row.members.values_list("fiscal_fen", flat=True)) == [5_000_000, 60_000_000, 35_000_000]


def test_a_member_agrees_to_bring_more_of_its_own_and_not_to_get_more_or_bring_less():
    officer, one = city.bureau(), city.organisation("参与公司")
    row = projects.project(stage="signed", members=[(one, 20_000_000)], by=officer)
    head, code = city.clerk(row.leader), one.record.code
    for own, asks in ((5, True), (0, False)):
        row.members.filter(organisation=one).update(own_fen=2)
        row.members.filter(organisation=row.leader).update(own_fen=5)
        change = ask_change(actor=head, project=fresh(row), wanted=Wanted("自筹", shares=(Moved(code, None, own),)))
        assert change.waits_for.exists() is asks
        change.waits_for.clear()
        change.delete()
    more = ask_change(actor=head, project=fresh(row), wanted=Wanted("多给", shares=(Moved(code, 30_000_000),)))
    assert not more.waits_for.exists()


def test_the_people_of_a_member_leave_with_it_and_the_next_change_is_asked_for_as_the_form_stands():
    officer, mate, other = city.bureau(), city.organisation("退出公司"), city.organisation("留任公司")
    ours = Staffer("梁工", "总体设计", 3000)
    theirs = [Staffer(f"{unit.record.title}工程师", "测试", 2000, unit.record.code) for unit in (mate, other)]
    people = {"members": [(mate, 10_000_000), (other, 10_000_000)], "staff": (ours, *theirs)}
    row = projects.project(stage="signed", by=officer, **people)
    head = city.clerk(row.leader)
    ask_change(actor=head, project=fresh(row), wanted=Wanted("业务调整", leaving=mate.record.code))
    advance(PROJECT, fresh(row), "approve-change", actor=officer, note="同意")
    assert staff_of(fresh(row)) == (ours, theirs[1])
    assert fresh(row).wording == wording_of(fresh(row))
    page = client_of(head).get(f"/projects/{row.record.code}/changes/new/").content.decode()
    assert f"留任公司工程师，测试，20%，{other.record.code}" in page
    assert "退出公司工程师" not in page
