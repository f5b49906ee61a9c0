"""Who decided what about a project, its race and its panel, and who was barred from it."""

from datetime import timedelta

import pytest
from django.utils import translation

from kezhuan.areas.projects.decided import decided_about
from kezhuan.areas.projects.evidence_actions import REPLACED, Said, name_user, record_test, report_first_use
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Project
from kezhuan.areas.projects.race_lifecycle import RACE
from kezhuan.kernel.history import entries_of, told_to
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_races import held_gate, read, teams_of
from tests.factories import city, projects
from tests.factories.projects import SAID, fresh, judged, reached
from tests.web.test_exports import taken

pytestmark = pytest.mark.django_db


def told(actor, row):
    """What was decided, with who was barred by their parts."""
    with translation.override("en"):
        return [
            (one.what, one.by.record.title, {part: unit.record.title for unit, part in one.barred})
            for one in decided_about(actor, fresh(row))
        ]


def test_every_gate_of_a_race_is_a_decision_about_each_team_from_which_the_people_of_all_teams_were_barred():
    officer = city.officer()
    first, second = rows = teams_of(officer, 2)
    race = projects.race(rows, by=officer, gates=(today() - timedelta(days=1), today()))
    tester = city.organisation("检测院", kind="institute")
    both, one = [row.record.code for row in rows], (first.record.code,)
    held_gate(officer, read(race), tester, both, decision="continue")
    held_gate(officer, read(race), tester, one)
    poster = first.poster.record.title
    for row, other, last in ((first, "赛队1", "goes on after gate 2 of the race"), (second, "赛队0", None)):
        barred = {"leader": row.leader.record.title, "poster": poster, "rival": other}
        found = told(officer, row)
        assert [what for what, _by, _barred in found] == [
            "let into a race", "goes on after gate 1 of the race", last or "left the race at gate 2",
        ]  # fmt: skip
        assert all((by, said) == (officer.name, barred) for _what, by, said in found)
        page = f"/projects/{row.record.code}/decisions/"
        lines = taken(client_of(officer), page, "csv")
        assert all(other in line["Who was barred"] for line in lines)
        # Whoever undertakes it reads who decided, and nothing of the other teams, in whatever role.
        for mate in (city.clerk(row.leader), city.member(row.leader, Role.READER)):
            read_there = client_of(mate).get(page).content.decode()
            assert (officer.name in read_there, other in read_there) == (True, False)
        # Programs are told the same.
        api = f"/api/v1{page.rstrip('/')}"
        given = client_of(officer).get(api, headers={"accept-language": "en"}).json()["items"]
        assert [one["what"] for one in given] == [line["Matter"] for line in lines]
        said = {each["part"]: each["unit"]["name"] for each in given[0]["barred"]}
        assert (said, given[0]["about"], given[0]["by"]) == (barred, row.record.code, officer.name)
        assert other not in client_of(city.clerk(row.leader)).get(api).content.decode()
    # Of the race itself who runs it reads what it decided of every team.
    page = f"/races/{race.record.code}/decisions/"
    lines = taken(client_of(officer), page, "csv")
    assert [(line["Team"], line["Matter"]) for line in lines] == [
        *((code, "let into a race") for code in both),
        *((code, "goes on after gate 1 of the race") for code in both),
        (both[0], "goes on after gate 2 of the race"), (both[1], "left the race at gate 2"),
    ]  # fmt: skip
    assert all(name in line["Who was barred"] for name in ("赛队0", "赛队1", poster) for line in lines)
    desk = client_of(officer)
    assert page in desk.get(f"/races/{race.record.code}/").content.decode()
    assert desk.get(page).status_code == 200
    api = f"/api/v1{page.rstrip('/')}"
    given = desk.get(api, headers={"accept-language": "en"}).json()["items"]
    assert [(one["about"], one["what"]) for one in given] == [(line["Team"], line["Matter"]) for line in lines]
    for other in (city.clerk(first.leader), city.clerk(first.poster)):
        assert {client_of(other).get(one).status_code for one in (page, api)} == {403}
        assert page not in client_of(other).get(f"/races/{race.record.code}/").content.decode()


def test_a_race_that_is_closed_or_void_and_a_book_sent_back_are_decisions():
    officer = city.officer()
    rows = teams_of(officer, 2)
    race = projects.race(rows, by=officer, gates=(today(),))
    held_gate(officer, read(race), city.organisation("检测院", kind="institute"), ())
    advance(RACE, read(race), "wind-up", actor=officer)
    assert [what for what, _by, _barred in told(officer, rows[0])][1:] == ["left the race at gate 1", "race closed"]
    others = teams_of(officer, 2)
    wrong = projects.race(others, by=officer)
    advance(RACE, read(wrong), "void", actor=officer, note="误建")
    (_let, (what, _by, barred)) = told(officer, others[0])
    assert (what, barred["rival"]) == ("race declared void", others[1].leader.record.title)
    row = projects.project(stage="filed")
    advance(PROJECT, fresh(row), "return", actor=city.clerk(row.leader), note="自行补充")
    assert told(officer, row) == []  # its own unit takes it back: no decision about it
    advance(PROJECT, fresh(row), "file", actor=city.clerk(row.leader))
    advance(PROJECT, fresh(row), "return", actor=officer, note="再细一些")
    advance(PROJECT, fresh(row), "void", actor=officer, note="误建")
    assert [what for what, _by, _barred in told(officer, row)] == ["Send back to be changed", "Declare void"]


def test_a_report_that_is_given_again_leaves_the_earlier_one_in_the_history():
    officer = city.officer()
    row = projects.project(stage="running", by=officer)
    user, mate = city.clerk(row.poster), city.clerk(row.leader)
    for words, meets in (("良率未达标", False), ("复测后达标", True)):
        report_first_use(actor=user, project=fresh(row), said=Said(today(), meets, words, "首用1号"))
    tester = city.organisation("检测院", kind="institute")
    record_test(actor=officer, project=fresh(row), tester=tester.record.code, said=SAID)
    assert sorted(row.evidence.values_list("kind", "words")) == [("first_user", "复测后达标"), ("test", SAID.words)]
    with translation.override("en"):
        told = told_to(mate, row.record, entries_of(row.record, 50))
    (kept,) = [one for one in told if one.entry.kind == REPLACED]
    assert kept.label == "earlier report replaced: the task book was not met"
    assert kept.note.startswith(f"{row.poster.record.title} · 首用1号 · {today()} · ")
    assert kept.note.endswith("良率未达标")
    # So does that of a unit that is no longer the first user.
    Project.objects.filter(pk=row.pk).update(poster=row.leader)
    name_user(actor=officer, project=fresh(row), user=tester.record.code)
    assert not row.evidence.filter(kind="first_user").exists()
    assert Entry.objects.filter(record=row.pk, kind=REPLACED).count() == 2


def test_the_panel_of_an_acceptance_and_a_test_that_is_recorded_are_decisions_about_the_project():
    officer, member = city.officer(), city.organisation("参与公司")
    row = projects.project(stage="running", by=officer, members=[(member, 30_000_000)])
    reached(row, officer)
    advance(PROJECT, fresh(row), "ask-acceptance", actor=city.clerk(row.leader))
    report_first_use(actor=city.clerk(row.poster), project=fresh(row), said=SAID)
    tester = city.organisation("检测院", kind="institute")
    record_test(actor=officer, project=fresh(row), tester=tester.record.code, said=SAID)
    panel = judged(row, officer)
    advance(PROJECT, fresh(row), "accept", actor=officer)
    barred = {"leader": row.leader.record.title, "poster": row.poster.record.title, "member": "参与公司"}
    found = told(officer, row)
    assert all((by, said) == (officer.name, barred) for _what, by, said in found)
    whats = [what for what, _by, _barred in found]
    assert whats[-1] == "Accept the result"
    assert "test report recorded" in whats
    code = panel.record.code
    assert [one for one in whats if code in one][:3] == [f"review panel made {code}", f"ties looked up {code}",
                                                         f"experts assigned {code}"]  # fmt: skip
    assert f"meeting recorded, with what the panel advises {code}" in whats
    assert whats.index(f"meeting recorded, with what the panel advises {code}") < len(whats) - 1
    # A panel is not read by whoever undertakes what it judges.
    own = [what for what, _by, _barred in told(city.clerk(row.leader), row)]
    assert own == [one for one in whats if code not in one]
