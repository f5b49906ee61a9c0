"""What stands on a need's page: all that is kept, and nothing of the need's own unit."""

import pytest
from django.utils.translation import override

from kezhuan.areas.matches import asking_on, pages_suggested, panels, under_line
from kezhuan.areas.matches.actions import match_needs, refresh_suggestions, refuse_suggestion
from kezhuan.areas.matches.choosing import REPEATS
from kezhuan.areas.matches.models import Suggestion
from kezhuan.areas.matches.nightly_actions import refresh_all
from kezhuan.areas.matches.precise import Room, plan_meetings
from kezhuan.areas.matches.precise_actions import introduce_pairs
from kezhuan.areas.matches.queries import suggestions_for_need, suggestions_for_supply
from kezhuan.areas.matches.supply import RESULTS
from kezhuan.areas.matches.supply import Room as Places
from kezhuan.areas.matches.under_line import just_below
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.queries import matching_item
from kezhuan.kernel import followers
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry
from kezhuan.kernel.search import live_index
from tests.api.actors import Api
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.pairs import Pair
from tests.factories.plans import queries_noted

pytestmark = pytest.mark.django_db


def test_what_is_of_ones_own_unit_is_suggested_nowhere(monkeypatch):
    pair = Pair(need={"min_trl": 9}, result={"trl": 3})
    own = city.achievement(pair.firm, stage="listed", by=pair.asking, title="碳化硅衬底抛光自有成果", trl=3)
    team = city.team(pair.firm, by=pair.asking, title="碳化硅衬底抛光自有团队")
    others = city.team(pair.unit, by=pair.answering, title="碳化硅衬底抛光别家团队")
    followers.run_pending()
    own_ones = {own.pk, team.pk}

    def kept():
        return set(Suggestion.objects.filter(need=pair.need).values_list("supply", flat=True))

    def met(kind):
        return {line.row.supply_id for line in plan_meetings(pair.officer, kind, [], Room(20, 200)).met}

    offered = {pair.supply.pk, others.pk}
    assert (kept(), refresh_suggestions([own.pk, team.pk])) == (offered, 0)  # of theirs nothing is even matched anew
    refresh_all()
    assert kept() == offered
    typed = {"text": "碳化硅衬底抛光"}
    for actor, wanted in ((pair.asking, False), (pair.answering, True)):
        page = client_of(actor).post("/match/", typed).content.decode()
        assert ["自有成果" in page, "自有团队" in page, "别家团队" in page] == [wanted, wanted, not wanted]
        told = [one["record"]["code"] for one in Api(actor).send("/match", typed)["items"]]
        assert [own.record.code in told, pair.supply.code in told] == [wanted, not wanted]

    row = Suggestion.objects.get(need=pair.need, supply=pair.supply.pk)
    for supply in own_ones:  # as they were kept before, or when two organisations became one
        Suggestion.objects.create(
            need=pair.need, supply_id=supply, score=0.9, parts=row.parts, model_version=row.model_version,
            made_at=row.made_at,
        )  # fmt: skip
    page = client_of(pair.officer).get(f"/needs/{pair.need.record.code}/").content.decode()
    assert ["自有" in page, pair.supply.code in page, others.record.code in page] == [False, True, True]
    assert met("achievement") | met("team") == offered
    for kind in ("achievement", "team"):
        assert not {one.supply_id for one in suggestions_for_need(VISITOR, pair.need, kind)} & own_ones
    assert not suggestions_for_supply(VISITOR, own.record).exists()

    # Nor are they introduced by hand: on a page, in the API, as pairs of a plan.
    address = f"/needs/{pair.need.record.code}/matches"
    for supply in (own.record.code, team.record.code):
        told = client_of(pair.officer).post(f"{address}/{supply}/introduce/")
        assert (told.status_code, "Both are of one organisation" in told.content.decode()) == (403, True)
    told = client_of(pair.asking).post(f"/api/v1{address}/{own.record.code}/introduce").json()
    assert "Both are of one organisation" in told["detail"]
    wanted = [(pair.need.record.code, one) for one in (own.record.code, pair.supply.code)]
    made, left = introduce_pairs(actor=pair.officer, pairs=wanted)
    assert ([one.supply_id for one in made], left) == ([pair.supply.pk], 1)
    made[0].delete()

    Suggestion.objects.all().delete()
    match = live_index().explain(matching_item(pair.need), pair.supply.pk)
    said = sum(part.value for part in match.parts if part.name in {"title", "words", "meaning"})
    monkeypatch.setattr(under_line, "WORTH", (said * match.score) ** 0.5)
    assert [int(one.supply) for one in just_below(VISITOR, pair.need, {RESULTS: 9})[RESULTS]] == [pair.supply.pk]


def test_whatever_is_kept_stands_on_the_page_and_in_the_api(monkeypatch):
    pair = Pair()
    monkeypatch.setattr(panels, "SHOWN", 2)
    monkeypatch.setattr(panels, "BESIDES", 1)
    city.team(pair.unit, by=pair.answering)
    code = pair.need.record.code
    followers.run_pending()

    def asked():
        with override("en"), queries_noted() as noted:
            context = panels.need_panel(pair.officer, pair.need).context
        return len(noted), context

    few, _context = asked()
    for n in range(3):
        city.achievement(pair.unit, stage="listed", by=pair.answering, title=f"碳化硅衬底低缺陷抛光{n}号")
    for n in range(2):
        city.team(pair.unit, by=pair.answering, title=f"碳化硅衬底抛光团队{n}")
    followers.run_pending()
    many, context = asked()
    assert many <= few
    (teams,) = context["others"]
    assert [len(context["lines"]), len(context["further"]), len(teams.lines), len(teams.further)] == [2, 2, 1, 2]
    page = client_of(None).get(f"/needs/{code}/").content.decode()
    for kind, where in (("achievement", context["further"]), ("team", teams.further)):
        kept = list(suggestions_for_need(VISITOR, pair.need, kind))
        told = client_of(None).get(f"/api/v1/needs/{code}/matches?kind={kind}").json()["items"]
        assert [one["record"]["code"] for one in told] == [row.supply.code for row in kept]
        assert [line.title for line in where] == [row.supply.title for row in kept[-2:]]
        assert [(line.url in page, line.sentence in page) for line in where] == [(True, True)] * 2
    assert where[0].sentence.startswith("No. 2, score 0.")


def test_what_is_passed_over_takes_nobodys_place_however_much_it_is(monkeypatch):
    """By day and by night: a unit that holds all the best is set apart, or may be suggested once."""
    monkeypatch.setattr(Places, "looked_at", 2)
    pair = Pair()
    other = city.organisation(kind="university")
    by = city.member(other)
    best = [
        city.achievement(
            other, stage="listed", by=by, title=f"大尺寸碳化硅衬底抛光成果{n}", summary="大尺寸碳化硅衬底抛光"
        )
        for n in range(5)
    ]
    followers.run_pending()

    def suggested():
        return set(suggestions_for_need(pair.asking, pair.need).values_list("supply", flat=True))

    assert suggested() == {pair.supply.pk, *(one.pk for one in best)}
    city.rule(REPEATS, 1, "count")
    for refresh in (lambda: refresh_suggestions((), anew=True), refresh_all):
        refresh()
        assert len(suggested()) == 2
        assert pair.supply.pk in suggested()
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=best[0].record, reason="partner")
    for refresh in (followers.run_pending, refresh_all):
        refresh()
        assert suggested() == {pair.supply.pk}


def test_asking_on_ends_and_says_so_and_reads_what_it_rests_on_once(monkeypatch, caplog):
    pair = Pair(result={"title": "碳化硅衬底检测", "summary": "碳化硅衬底"})
    other = city.organisation(kind="university")
    by, words = city.member(other), "大尺寸碳化硅衬底低缺陷抛光"
    for n in range(5):
        city.achievement(other, stage="listed", by=by, title=f"{words}成果{n}", summary=words)
    followers.run_pending()
    best = suggestions_for_need(pair.asking, pair.need).first()
    assert best.supply.owner_id == other.pk
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=best.supply, reason="partner")

    def refreshed():
        caplog.clear()
        with queries_noted() as noted:
            match_needs(live_index(), [pair.need.pk])
        told = [one.message for one in caplog.records if one.name == asking_on.__name__]
        decided = [sql for sql, _params in noted if sql.startswith("SELECT") and 'FROM "matches_refusal"' in sql]
        return set(suggestions_for_need(pair.asking, pair.need).values_list("supply", flat=True)), told, len(decided)

    _found, _told, once = refreshed()  # nothing is cut at forty
    monkeypatch.setattr(Places, "looked_at", 2)
    assert refreshed() == ({pair.supply.pk}, [], once)
    monkeypatch.setattr(asking_on, "MOST_ASKED", 4)
    assert refreshed() == (set(), ["1 needs have fewer matches than places after 4 were looked at"], once)


def test_the_line_and_the_places_told_are_those_of_the_list_that_is_shown(monkeypatch):
    monkeypatch.setattr(Places, "size", 3)
    pair = Pair()
    city.achievement(pair.firm, stage="listed", by=pair.asking, title="大尺寸碳化硅衬底抛光自有成果")
    other = city.organisation(kind="university")
    by, beside = city.member(other), "水稻育种隧道衬砌检测裂缝识别"
    results = [
        city.achievement(
            other, stage="listed", by=by, title=f"碳化硅衬底抛光成果{n}", summary="大尺寸碳化硅衬底抛光" + beside[:n],
            secrecy="internal" if n % 6 == 1 else "public",
        )
        for n in range(len(beside))
    ]  # fmt: skip
    followers.run_pending()
    refuse_suggestion(actor=pair.asking, need=pair.need, supply=results[0].record, reason="not_relevant")
    followers.run_pending()
    inside = {one.pk for one in results if one.secrecy == "internal"}
    for actor, seen in ((VISITOR, 3), (city.officer(), 6)):
        rows = list(suggestions_for_need(actor, pair.need))
        assert len(rows) == seen
        missed = just_below(actor, pair.need, {RESULTS: 20})[RESULTS]
        assert not {int(one.supply) for one in missed} & {results[0].pk, *(row.supply_id for row in rows)}
        lifted = [one for one in missed if one.changes]
        assert lifted
        for one in missed:
            held = [row.score for row in rows if (row.supply_id in inside) == (int(one.supply) in inside)]
            assert one.line == held[-1]
        for one in lifted:
            assert one.new_rank == 1 + sum(row.score >= one.new_score for row in rows) <= len(rows)


def test_all_that_is_suggested_stands_page_by_page_with_reasons_and_what_can_be_done(monkeypatch):
    pair = Pair()
    other, rival = city.organisation(kind="university"), city.member(city.organisation())
    by, need = city.member(other), pair.need.record.code
    for module in (panels, pages_suggested):
        monkeypatch.setattr(module, "SHOWN", 2)
    monkeypatch.setattr(panels, "BESIDES", 1)

    def results(*numbers):
        for n in numbers:
            city.achievement(other, stage="listed", by=by, title=f"碳化硅衬底低缺陷抛光{n}号")
        followers.run_pending()

    def asked(address, actor=pair.asking):
        client = client_of(actor)
        client.get(address)  # what is read once for all stands ready then
        with queries_noted() as noted:
            answer = client.get(address)
        return len(noted), answer.status_code, answer.content.decode()

    results(1, 2)
    own = f"/match/suggested/{need}/?page=2"
    assert f'href="{own}"' in asked(f"/needs/{need}/")[2]
    few, status, page = asked(own)
    assert (status, page.count('class="hit"')) == (200, 1)
    results(3)
    many, _status, page = asked(own)
    assert (many, page.count('class="hit"')) == (few, 2)
    rows = list(suggestions_for_need(VISITOR, pair.need))
    for row in rows:
        assert [row.supply.code in page, f"/matches/{row.supply.code}/refuse/" in page] == 2 * [row in rows[2:]]
        assert (f"/matches/{row.supply.code}/introduce/" in page) == (row in rows[2:])
    assert [f"No. {n}<" in page for n in range(1, 6)] == [False, False, True, True, False]
    assert page.count('<ul class="legend"><li') == 2
    for actor in (None, rival):  # they read it, and decide on nothing
        page = asked(own, actor)[2]
        assert (page.count('class="hit"'), "/refuse/" in page) == (2, False)
    page = asked(f"/match/suggested/{need}/?page=99")[2]
    assert [row.supply.code in page for row in rows] == [False, False, True, True]

    team = city.team(pair.unit, by=pair.answering)
    city.team(pair.unit, by=pair.answering, title="碳化硅衬底抛光团队")
    followers.run_pending()
    assert f'href="/match/suggested/{need}/?kind=team"' in asked(f"/needs/{need}/")[2]
    page = asked(f"/match/suggested/{need}/?kind=team")[2]
    assert (page.count('class="hit"'), team.record.code in page, rows[0].supply.code in page) == (2, True, False)
    assert asked(f"/match/suggested/{need}/?kind=nothing")[2].count('class="hit"') == 2


def test_the_needs_that_something_may_meet_stand_page_by_page(monkeypatch):
    pair = Pair()
    for module in (panels, pages_suggested):
        monkeypatch.setattr(module, "SHOWN", 2)
    code = pair.supply.code
    page, own = f"/achievements/{code}/", f"/match/suggested/{code}/?page=2"

    def needs(*numbers):
        for n in numbers:
            city.need(pair.firm, stage="published", by=pair.asking, title=f"大尺寸碳化硅衬底抛光{n}")
        followers.run_pending()

    client = client_of(pair.answering)

    def asked(address):
        client.get(address)
        with queries_noted() as noted:
            content = client.get(address).content.decode()
        return len(noted), content

    needs(1)
    assert own not in asked(page)[1]
    needs(2)
    assert (own in asked(page)[1], asked(page)[1].count('class="hit"')) == (True, 2)
    few, _content = asked(own)
    needs(3)
    many, content = asked(own)
    assert (few, content.count('class="hit"')) == (many, 2)
    rows = list(suggestions_for_supply(pair.answering, pair.supply))
    for row in rows:
        there = [f"/needs/{row.need.record.code}/matches/{code}/{move}/" in content for move in ("introduce", "refuse")]
        assert there == 2 * [row in rows[2:]]
    assert ["No. 2<" in content, "No. 3<" in content] == [False, True]


def test_what_is_suggested_is_told_to_nobody_who_may_not_read_it_nor_of_what_is_open_no_more():
    pair = Pair(result={"secrecy": "internal"})
    rival, need, code = city.member(city.organisation()), pair.need.record.code, pair.supply.code

    def shown(actor, record):
        answer = client_of(actor).get(f"/match/suggested/{record}/")
        return answer.status_code, answer.content.decode().count('class="hit"')

    assert [shown(actor, need) for actor in (pair.officer, pair.answering, rival, None)] == [
        (200, 1), (200, 1), (200, 0), (200, 0),
    ]  # fmt: skip
    assert [shown(actor, code)[0] for actor in (pair.officer, pair.answering, rival, None)] == [200, 200, 404, 404]
    told = Entry.objects.filter(kind="records.shown", actor=pair.officer.person).values_list("data", flat=True)
    assert [data["shown"] for data in told] == [[str(pair.supply.uid)]]
    assert [shown(pair.officer, one)[0] for one in (pair.firm.record.code, "N-1900-000001")] == [404, 404]
    advance(NEED, pair.need, "withdraw", actor=pair.asking, note="已解决")
    assert shown(pair.officer, need)[0] == 404
