"""Matching where room is short: the best total, what it costs against first wishes, all pairs introduced at once."""

import pytest

from kezhuan.areas.matches import precise, precise_shown
from kezhuan.areas.matches.models import Introduction, Suggestion
from kezhuan.areas.matches.precise import Room, plan_meetings
from kezhuan.areas.matches.precise_shown import why_without
from kezhuan.areas.reviews.actions import TieFacts
from kezhuan.areas.reviews.models import Expert
from kezhuan.kernel import followers
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.models import Record
from tests.areas.crawling import client_of
from tests.factories import city
from tests.factories.pairs import Pair
from tests.factories.reviews import expert

pytestmark = pytest.mark.django_db


def test_an_event_is_planned_from_a_list_of_needs_to_its_introductions(monkeypatch):
    pair = Pair()
    other = city.need(pair.firm, stage="published", by=pair.asking, title="大尺寸碳化硅衬底抛光二号线")
    plain = city.need(
        pair.firm, stage="published", by=pair.asking, title="水稻育种", problem="耐盐水稻的育种。", scenario="滩涂",
        indicators=(), keywords=("水稻",), field="agriculture",
    )  # fmt: skip
    second = city.achievement(city.organisation("别家"), stage="listed", title="碳化硅衬底研磨")
    own = city.achievement(pair.unit, stage="listed", by=pair.answering, title="碳化硅衬底清洗")
    free = expert("秦专家", by=pair.officer, topics=("碳化硅衬底", "抛光"))
    ties = (TieFacts("shareholder", pair.firm.record.code),)
    barred = [
        expert("楚专家", by=pair.officer, topics=("碳化硅衬底", "抛光"), employer=pair.firm),
        expert("燕专家", by=pair.officer, topics=("碳化硅衬底", "抛光"), ties=ties),
    ]
    followers.run_pending()
    scores = {
        (need, supply): score for need, supply, score in Suggestion.objects.values_list("need", "supply", "score")
    }

    results = {pair.supply.pk, second.pk, own.pk}

    def met(room, kind="achievement", codes=(), actor=pair.officer):
        plan = plan_meetings(actor, kind, codes, room)
        return {(line.row.need_id, line.row.supply_id) for line in plan.met}, plan

    everything, plan = met(Room(20, 200))
    assert everything == {one for one in scores if one[1] in results}
    assert (plan.given.loss, plan.lost, [need.pk for need in plan.without]) == (0.0, [], [plain.pk])
    one_each, plan = met(Room(1, 1))
    assert len({supply for _need, supply in one_each}) == len(one_each) == 2
    best = max(scores[pair.need.pk, first] + scores[other.pk, last] for first in results for last in results - {first})
    assert plan.given.total == pytest.approx(best)
    assert plan.is_proven
    (lost,) = plan.lost
    assert lost.wish == 1
    assert lost.lost.loss >= lost.lost.gain - 1e-9
    assert plan.given.loss == pytest.approx(plan.given.wished - best)
    by_owner, _plan = met(Room(2, 1, by_owner=True))
    assert len({supply for _need, supply in by_owner} & {pair.supply.pk, own.pk}) <= 1
    advised, called = met(Room(3, 3), "expert")
    assert advised == {(pair.need.pk, free.pk), (other.pk, free.pk)}
    left_out = {(need, one.pk) for need in (pair.need.pk, other.pk) for one in barred}
    assert {(row.need_id, row.supply_id) for row in called.tied} == left_out <= scores.keys()
    assert met(Room(3, 3), "expert", actor=city.officer("440117"))[0] == set()
    for codes, most in ((["N-2026-99999"], 200), ((), 2)):
        monkeypatch.setattr(precise, "MOST_NEEDS", most)
        with pytest.raises(Refused):
            met(Room(1, 1), codes=codes)
    monkeypatch.undo()

    client = client_of(pair.officer)
    for actor in (VISITOR, pair.asking):
        assert client_of(actor if actor.person else None).get("/match/precise/").status_code in {403, 404}
    address = (
        f"/match/precise/?needs={pair.need.record.code}+{other.record.code}&kind=achievement&per_need=1&per_supply=1"
    )
    shown = client.get(address).content.decode()
    assert "not granted" in shown
    assert "first wish not granted" in shown
    assert shown.count('name="pair"') == 2
    every_address = "/match/precise/?needs=&kind=achievement&per_need=1&per_supply=1"
    every = client.get(every_address).content.decode()
    told = every.split("Nothing is suggested to:")[-1]
    assert (plain.record.title in told, "none shares a word with it" in told) == (True, True)
    taken = client.post(every_address, {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert f"{plain.record.code},水稻育种,nothing suggested," in taken
    page = client.get("/match/precise/?needs=&kind=expert&per_need=3&per_supply=3").content.decode()
    assert page.count(barred[0].record.title) == page.count(barred[1].record.title) == 2
    file = client.post(address, {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert len(file.strip().splitlines()) == 4
    for unread in ("N-2026-99999", "abc", f"{other.record.code}+abc"):
        address_of_it = f"/match/precise/?needs={unread}&kind=achievement&per_need=1&per_supply=1"
        assert client.get(address_of_it).status_code == 422
    # Where nothing is chosen, the plan stays to choose from.
    answer = client.post(address, {"introduce": "1"})
    assert (answer.status_code, answer.content.decode().count('name="pair"')) == (422, 2)
    assert " checked" not in answer.content.decode().split('name="pair"', 1)[1].split("</table>")[0]
    pairs = [f"{line.row.need.record.code} {line.row.supply.code}" for line in plan.met]
    planned = {"needs": [pair.need.record.code, other.record.code], "per_need": 1, "per_supply": 1}
    told = client.get("/api/v1/match/precise", planned).json()
    assert [f"{one['need']['code']} {one['supply']['code']}" for one in told["met"]] == pairs
    assert (told["total"], told["proven"], len(told["lost"])) == (pytest.approx(best), True, 1)
    assert len(client.get("/api/v1/match/precise", {"kind": "expert"}).json()["tied"]) == 4
    taken = client.get("/api/v1/match/precise/file", {**planned, "ending": "csv"})
    assert taken.getvalue().decode("utf-8-sig") == file
    assert client.get("/api/v1/match/precise", {"per_need": 0}).status_code == 422
    answer = client.post(
        address, {"introduce": "1", "pair": [*pairs, f"{plain.record.code} A-2026-99999"]}, follow=True
    )
    assert Introduction.objects.count() == 2
    assert "2 introductions begun." in answer.content.decode()
    assert "1 pair was left" in answer.content.decode()
    assert client.post(address, {"introduce": "1"}).status_code == 422
    # What is not introduced at all, as an expert or a need, keeps none of the pairs behind it.
    need, new = pair.need.record.code, next(iter(results - {line.row.supply_id for line in plan.met}))
    codes = [one.split()[1] for one in pairs] + [free.record.code, need, Record.objects.get(pk=new).code]
    again = {"pairs": [{"need": need, "supply": one} for one in codes]}
    answer = client.post("/api/v1/match/precise/introductions", again, content_type="application/json").json()
    assert (len(answer["begun"]), answer["left"]) == (2, 3)

    # Of needs whose experts are all tied to the firm it is not said that nothing is suggested to them.
    Expert.objects.filter(pk=free.pk).update(employer=pair.firm)
    advised, called = met(Room(3, 3), "expert")
    assert (advised, len(called.tied), [need.pk for need in called.without]) == (set(), 6, [plain.pk])

    # Why nothing is left to suggest: decided on, or not near enough.
    def why():
        told = why_without(pair.officer, "achievement", [pair.need])
        return [(need.pk, words) for need, words in told]

    [(need, words)] = why()
    assert (need, words) == (
        pair.need.pk,
        "what was suggested is refused, introduced or given to a broker already, or passed over",
    )
    Suggestion.objects.all().delete()
    assert "being matched" in why()[0][1]
    monkeypatch.setattr(precise_shown, "WORTH", 9)
    assert "a suggestion 9.00 at least" in why()[0][1]
