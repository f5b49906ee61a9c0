"""All needs matched anew: as by day, from where it was cut off, and never behind what changed meanwhile."""

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from kezhuan.areas.achievements.actions import edit_achievement
from kezhuan.areas.achievements.lifecycle import ACHIEVEMENT
from kezhuan.areas.matches import actions, asking_on, nightly_actions
from kezhuan.areas.matches.actions import introduce, refresh_suggestions, refuse_suggestion
from kezhuan.areas.matches.models import FOLLOWER, Suggestion
from kezhuan.areas.matches.nightly_actions import MATCH_ALL, Refreshed, match_all, refresh_all
from kezhuan.areas.matches.panels import need_panel
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.reviews.models import Expert
from kezhuan.config import start
from kezhuan.config.commands import match
from kezhuan.engines.matching import runs
from kezhuan.engines.matching.runs import alone_in
from kezhuan.kernel import followers, jobs, journal
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Follower, Record
from tests.factories import city
from tests.factories.databases import rows_for_all
from tests.factories.pairs import Pair
from tests.factories.reviews import expert

pytestmark = pytest.mark.django_db


def store() -> Path:
    return Path(settings.DATA) / "matching"


def left() -> list[str]:
    return [one.name for one in store().iterdir() if one.name != ".lock"]


def rows() -> list[tuple]:
    return list(Suggestion.objects.order_by("need", "supply").values_list("need", "supply", "score", "parts"))


@pytest.fixture(scope="module")
def _made_city(django_db_setup: None, django_db_blocker: Any) -> Iterator[Pair]:
    """Three needs, three results of which one is for the units of the city only; made once for all tests here."""
    with rows_for_all(django_db_blocker):
        made = Pair()
        for n in (1, 2):
            city.need(made.firm, stage="published", by=made.asking, title=f"大尺寸碳化硅衬底抛光{n}号线")
        city.achievement(made.unit, stage="listed", by=made.answering, title="碳化硅衬底研磨")
        city.achievement(made.unit, stage="listed", by=made.answering, title="碳化硅衬底清洗", secrecy="internal")
        followers.run_pending()
        yield made


@pytest.fixture
def pair(_made_city: Pair, db: None, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """The city, and a shard for each need."""
    monkeypatch.setattr(runs, "SHARD", 1)
    return deepcopy(_made_city)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is up to date; PostgreSQL would not have its tables looked after inside a test's transaction."""
    monkeypatch.setattr(start, "bring_up_to_date", lambda: True)


def again() -> Refreshed:
    done = refresh_all()
    assert done is not None
    return done


def test_all_needs_get_what_they_get_by_day(pair, monkeypatch):
    """By day too all are matched anew after an upgrade, from where it was cut off; what changes waits for none."""
    first, *_others, last = Need.objects.order_by("pk").values_list("pk", flat=True)
    refresh_suggestions([], anew=True)
    by_day = rows()
    Suggestion.objects.all().delete()
    Follower.objects.filter(name=FOLLOWER).update(hash="")
    monkeypatch.setattr(actions, "STEP", 1)
    assert followers.run_step()
    assert {need for need, *_ in rows()} == {first}
    assert [(one.name, one.done, one.total) for one in followers.sweeps()] == [(FOLLOWER, 1, 3)]
    panel = need_panel(VISITOR, Need.objects.get(pk=last))
    assert panel.context["waiting"]
    with journal.writing():
        journal.note("need.edit", record=Record.objects.get(pk=last))
    assert followers.run_step()
    assert {need for need, *_ in rows()} == {row.pk for row in Need.objects.all()}
    followers.run_pending()
    assert (rows(), followers.sweeps()) == (by_day, [])
    assert {supply for _, supply, *_ in by_day} >= {pair.supply.pk}
    Suggestion.objects.all().delete()
    done = again()
    assert rows() == by_day
    assert (done.needs, done.pairs, done.carried.made) == (3, len(by_day), 3)
    assert left() == []
    assert again().result_hash == done.result_hash


def test_a_run_that_was_cut_off_goes_on(pair):
    expected = again().result_hash
    before = rows()

    def stop(done: int) -> None:
        if done == 2:
            raise jobs.Stopped

    with pytest.raises(jobs.Stopped):
        refresh_all(progress=stop)
    assert rows() == before
    [cut] = left()
    done = again()
    assert (done.carried.found, done.carried.made, done.result_hash) == (2, 1, expected)
    assert cut not in left()


def test_a_run_that_was_cut_off_long_ago_is_begun_anew(pair, monkeypatch):
    with pytest.raises(ZeroDivisionError):
        refresh_all(progress=lambda done: 1 // (2 - done))
    monkeypatch.setattr(nightly_actions, "FRESH", timedelta(0))
    done = again()
    assert (done.carried.found, left()) == (0, [])


def test_what_changes_meanwhile_is_matched_once_more(pair, monkeypatch):
    def then_change(*given, **more):
        done = carry_out(*given, **more)
        edit_achievement(
            actor=pair.answering,
            achievement=pair.result,
            facts=city.achievement_facts(title="水稻育种", summary="水稻的育种。", keywords=("水稻",)),
            expected_version=pair.result.record.version,
        )
        followers.run_pending()
        return done

    carry_out = nightly_actions.carry_out
    monkeypatch.setattr(nightly_actions, "carry_out", then_change)
    again()
    assert not Suggestion.objects.filter(supply=pair.supply).exists()
    assert Suggestion.objects.exists()


def test_what_is_closed_meanwhile_is_not_suggested(pair, monkeypatch):
    def then_close(*given, **more):
        done = carry_out(*given, **more)
        advance(ACHIEVEMENT, pair.result, "withdraw", actor=pair.answering, note="理由")
        advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由")
        return done

    carry_out = nightly_actions.carry_out
    monkeypatch.setattr(nightly_actions, "carry_out", then_close)
    again()
    assert not Suggestion.objects.filter(supply=pair.supply).exists()
    assert not Suggestion.objects.filter(need=pair.need).exists()
    assert Suggestion.objects.exists()


def test_one_at_a_time_and_the_job_comes_back(pair):
    job = jobs.enqueue(MATCH_ALL)
    with alone_in(store()):
        with pytest.raises(Conflict):
            refresh_all()
        with pytest.raises(jobs.Again):
            match_all(jobs.Running(job))
    Suggestion.objects.all().delete()
    match_all(jobs.Running(job))
    assert pair.suggested(VISITOR) != []
    assert MATCH_ALL in jobs.periodic()


def test_without_any_open_need_there_is_nothing_to_do(pair):
    for need in Need.objects.all():
        advance(NEED, need, "withdraw", actor=pair.asking, note="理由")
    assert refresh_all() is None


def test_the_command_matches_the_city(pair, command, capsys):
    refresh_suggestions([], anew=True)
    before = rows()
    Suggestion.objects.all().delete()
    assert match.run(["--all", "--workers", "1"]) == 0
    said = capsys.readouterr()
    assert rows() == before
    assert said.out == f"结果 {again().result_hash}\n"
    assert "3 条需求" in said.err
    with alone_in(store()):
        assert match.run(["--all", "--workers", "1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_the_city_is_matched_as_a_whole_where_room_is_short(pair, command, tmp_path, capsys):
    city.need(pair.firm, stage="published", by=pair.asking, title="碳化硅衬底秘密", confidentiality="title_only")
    refuse_suggestion(actor=pair.officer, need=pair.need, supply=pair.supply, reason="trl")
    city.achievement(pair.firm, stage="listed", by=pair.asking, title="碳化硅衬底抛光自有")  # nobody gets their own
    out = tmp_path / "given.jsonl"
    words = ["--all", "--per-need", "1", "--per-supply", "1", "--out", str(out), "--workers", "1", "--lang", "en"]
    assert match.run(words) == 0
    said = capsys.readouterr().err
    assert ["3 pairs passed over" in said, "proven to be the best" in said] == [True, True]
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    got = {one["need"]: one["supply"] for one in rows if one["outcome"] == "got"}
    public = Record.objects.filter(title__in=(pair.supply.title, "碳化硅衬底研磨"))
    assert sorted(got.values()) == sorted(public.values_list("code", flat=True))
    assert got.get(pair.need.record.code) != pair.supply.code
    assert "秘密" not in out.read_text("utf-8")
    assert "清洗" not in out.read_text("utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["given.jsonl"]

    # Any kind of supply: each team as it says itself, experts who are tied to nobody, however many may read them.
    teams = [
        city.team(pair.unit, by=pair.answering, title=f"碳化硅衬底抛光{most}团队", capacity=most) for most in (1, 2)
    ]
    free, busy = (expert(name, by=pair.officer, topics=("碳化硅衬底", "抛光")) for name in ("秦专家", "许专家"))
    expert("楚专家", by=pair.officer, topics=("碳化硅衬底", "抛光"), employer=pair.firm)
    Expert.objects.filter(pk=free.pk).update(capacity=1)
    Expert.objects.filter(pk=busy.pk).update(capacity=0)
    followers.run_pending()
    words[2], words[4] = "2", "9"
    for kind, most in (("team", {teams[0].record.code: 1, teams[1].record.code: 2}), ("expert", {free.record.code: 1})):
        assert match.run([*words, "--kind", kind]) == 0
        said = capsys.readouterr().err
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        assert Counter(one["supply"] for one in rows if one["outcome"] == "got") == most
    assert ["3 pairs passed over" in said, "3 candidates left out" in said] == [True, True]
    assert match.run([*words, "--kind", "person"]) == 2
    assert "expert, team" in capsys.readouterr().err
    [noted] = Entry.objects.filter(kind="export.precise")  # whom only some may read
    assert (noted.data["count"], noted.data["filter"]) == (len(rows), {"kind": ["expert"]})


def test_the_city_is_matched_with_what_comes_after_all_that_is_left_out(pair, command, tmp_path, capsys, monkeypatch):
    """The best that a need is given as candidates are all of a unit set apart, or named as not to meet, or full."""
    other = city.organisation(kind="university")
    by, words = city.member(other), "大尺寸碳化硅衬底低缺陷抛光"
    # The first, which is full soon, is the best of all: of equal ones any could be among the candidates.
    full = city.team(other, by=by, title=words, summary=words, capacity=1)
    best = [full, *(city.team(other, by=by, title=f"{words}团队{n}", summary=words) for n in range(1, 6))]
    last = city.team(pair.unit, by=pair.answering, title="碳化硅衬底团队", summary="碳化硅衬底。")
    need = pair.need.record.code
    elsewhere = Need.objects.exclude(pk=pair.need.pk).select_related("record").first()
    introduce(actor=pair.officer, need=elsewhere, supply=best[0].record)  # who takes one at once
    followers.run_pending()
    out, barred = tmp_path / "given.jsonl", tmp_path / "barred.csv"
    asked = ["--all", "--kind", "team", "--per-need", "1", "--per-supply", "9", "--candidates", "2", "--out", str(out)]
    asked += ["--workers", "1", "--lang", "en"]

    def given(*more):
        assert match.run([*asked, *more]) == 0
        rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
        return {one["supply"] for one in rows if one["need"] == need and one["outcome"] == "got"}

    assert given() <= {one.record.code for one in best[1:]}
    assert "left out, for they take no more needs" in capsys.readouterr().err
    rows = [f"{need},{one.record.code}" for one in best[:5]]
    barred.write_text("\n".join(["需求编号,成果编号", *rows]), "utf-8")
    assert given("--conflicts", str(barred)) == {best[5].record.code}
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=best[0].record, reason="partner")
    assert given() == {last.record.code}
    assert "fewer candidates" not in capsys.readouterr().err
    monkeypatch.setattr(asking_on, "MOST_ASKED", 4)
    assert given() == set()
    assert "with fewer candidates than asked for, after 4 were looked at" in capsys.readouterr().err
