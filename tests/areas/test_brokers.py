"""Brokers and their queues: planned, given, taken up, handed back, and counted by registered contracts."""

import pytest
from django.utils import translation

from kezhuan.areas.brokers.actions import BrokerFacts, Wanted, edit_broker, end_broker, enter_broker, give_pairs
from kezhuan.areas.brokers.figures import figures_of
from kezhuan.areas.brokers.letting_actions import let_brokers_read
from kezhuan.areas.brokers.lifecycle import PAIR
from kezhuan.areas.brokers.models import BrokeredPair
from kezhuan.areas.brokers.planning import plan_queues
from kezhuan.areas.brokers.queries import pairs_visible_to
from kezhuan.areas.contracts.models import Contract
from kezhuan.areas.matches.actions import introduce, refuse_suggestion
from kezhuan.areas.matches.lifecycle import INTRODUCTION
from kezhuan.areas.matches.models import Introduction, Suggestion
from kezhuan.areas.matches.precise import Room
from kezhuan.areas.matches.queries import contacts_of, introductions_visible_to, sides_of, unnamed_sides
from kezhuan.areas.needs.lifecycle import NEED
from kezhuan.areas.needs.models import Need
from kezhuan.areas.people.actions import end_membership
from kezhuan.kernel import followers
from kezhuan.kernel.access import actor_for, can_view
from kezhuan.kernel.errors import Conflict, NotAllowed, Refused
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Message, Record
from kezhuan.kernel.models.parties import Role
from kezhuan.kernel.outbox import words
from kezhuan.kernel.text import today
from kezhuan.web import inbox
from tests.areas.crawling import client_of
from tests.factories import brokers, city
from tests.factories.pairs import Pair
from tests.factories.reviews import expert

pytestmark = pytest.mark.django_db
ALL = Room(20, 200)


def pair_of(one):
    return one.line.row.need_id, one.line.row.supply_id


def test_a_plan_gives_each_pair_to_one_broker_who_fits_and_says_why_others_found_none():
    pair = Pair()
    closed = city.need(
        pair.firm, stage="published", by=pair.asking, confidentiality="closed_door", title="碳化硅衬底抛光闭门需求"
    )
    second = city.achievement(city.organisation(region="440113"), stage="listed", title="碳化硅衬底研磨抛光")
    followers.run_pending()

    def planned(actor=pair.officer, room=ALL):
        plan = plan_queues(actor, "achievement", [], room)
        return (
            {pair_of(one): one for one in plan.gifts},
            {(row.need_id, row.supply_id): why for row, why in plan.nobody},
            plan,
        )

    pairs = {(need.pk, supply.pk) for need in (pair.need, closed) for supply in (pair.supply, second)}
    first, last = (pair.need.pk, pair.supply.pk), (pair.need.pk, second.pk)
    gifts, nobody, _plan = planned()
    assert (gifts, nobody) == ({}, dict.fromkeys(pairs, "fit"))

    # Fields and districts are asked of first, then what one may read, then ties; a member of a side is tied to it.
    brokers.broker(fields=("agriculture",))
    brokers.broker(regions=("440117",))
    assert set(planned()[1].values()) == {"fit"}
    agency = city.organisation("湾区技术转移中心", kind="agency")
    head = city.member(agency, Role.ADMINISTRATOR)
    own, insider = brokers.broker(pair.unit, by=pair.officer)
    gifts, nobody, plan = planned()
    assert set(gifts) == {last}
    assert (gifts[last].broker.pk, gifts[last].wish, plan.given.loss) == (insider.pk, 1, 0)
    assert nobody == {first: "tied"} | {one: "read" for one in pairs if one[0] == closed.pk}
    # What nobody may take keeps no place from the next suggestion, for which there is a broker.
    Suggestion.objects.filter(need=pair.need, supply=pair.supply).update(score=0.9)
    Suggestion.objects.filter(need=pair.need, supply=second.pk).update(score=0.8)
    gifts, nobody, plan = planned(room=Room(1, 200))
    assert (set(gifts), nobody[first], plan.plan.given.loss) == ({last}, "tied", 0)
    assert set(nobody) & {first, last} == {first}
    end_broker(actor=pair.officer, broker=insider)
    actor, row = brokers.broker(agency, by=head, regions=("440106",), capacity=1)
    gifts, nobody, plan = planned()
    ((best, gift),) = gifts.items()
    assert gift.fit.value == pytest.approx(0.5 + 0.3 / 2)
    assert [one["name"] for one in gift.fit.why] == ["field", "region", "past"]
    left = ({first, last} - {best}).pop()
    assert nobody[left] == "room"
    scores = [line.row.score for line in plan.plan.met if line.row.need_id == pair.need.pk]
    assert plan.given.loss == pytest.approx(min(scores) * gift.fit.value, abs=0.2)
    assert plan.given.loss > 0
    # A unit's administrator fills the queues of its own brokers alone, a firm's has none to fill.
    assert {one.broker.pk for one in planned(head)[2].gifts} == {row.pk}
    assert planned(city.member(city.organisation(), Role.ADMINISTRATOR))[2].brokers == ()

    need, supply = pair.need.record.code, {first: pair.supply.code, last: second.record.code}
    wanted = [Wanted(need, supply[one], row.pk) for one in (best, left)]
    for nobody_planning in (pair.asking, actor):
        with pytest.raises(NotAllowed):
            give_pairs(actor=nobody_planning, wanted=wanted)
    hidden = Wanted(closed.record.code, supply[first], row.pk)
    officer = client_of(pair.officer)
    told = officer.get("/api/v1/brokers/plan", {"per_need": 20, "per_supply": 200}).json()
    assert [(one["need"]["code"], one["supply"]["code"], one["broker"]) for one in told["gifts"]] == [
        (need, supply[best], row.pk)
    ]
    assert sorted(one["reason"] for one in told["nobody"]) == ["read", "read", "room"]
    address = "/brokers/plan/?needs=&kind=achievement&per_need=20&per_supply=200"
    shown = officer.get(address).content.decode()
    assert f'value="{need} {supply[best]} {row.pk}"' in shown
    assert "no room is left with whoever fits" in shown
    # Where nothing is chosen, the plan stays to choose from.
    answer = officer.post(address, {"give": "1"})
    assert (answer.status_code, answer.context["lines"][0]["chosen"]) == (422, False)
    assert "Choose at least one pair." in answer.content.decode()
    asked = [*wanted, hidden, Wanted("N-2020-99999", supply[first], row.pk)]
    body = {"pairs": [vars(one) for one in asked]}
    done = officer.post("/api/v1/brokers/plan/pairs", body, content_type="application/json").json()
    given = BrokeredPair.objects.get(record__code=done["given"][0]["code"])
    assert ((given.need_id, given.supply_id), given.record.stage, done["left"]) == (best, "given", 3)
    again = give_pairs(actor=head, wanted=wanted[:1])
    assert (again.given, again.left) == ([], 1)
    assert best not in planned()[0] | planned()[1]
    for bad in ([], wanted * 51):
        with pytest.raises(Refused):
            give_pairs(actor=pair.officer, wanted=bad)

    # The queue is its broker's, their administrators' and the officers' in charge; the two sides know nothing yet.
    readers = {"broker": actor, "head": head, "officer": pair.officer, "district": city.officer("440106")}
    others = [pair.asking, pair.answering, own, city.member(agency), city.officer("440117")]
    assert all(pairs_visible_to(one).filter(pk=given.pk).exists() for one in readers.values())
    assert not any(pairs_visible_to(one).filter(pk=given.pk).exists() for one in others)
    assert inbox.count(actor) == 1
    (letter,) = Message.objects.filter(letter="pair.waiting")  # one, though pairs were given and left
    assert letter.person == actor.person
    with translation.override("en"):
        told = words.outgoing(letter)
    assert "1 pair waits in your queue" in told.text
    assert pair.need.record.title not in told.text
    assert inbox.count(head) == 0
    page = client_of(actor).get("/brokers/queue/").content.decode()
    assert pair.need.record.title in page
    assert given.record.code in page
    assert given.record.code not in client_of(own).get("/brokers/queue/").content.decode()
    file = client_of(actor).post("/brokers/queue/", {"export": "csv"}).getvalue().decode("utf-8-sig")
    assert len(file.strip().splitlines()) == 2
    # What its firm lets a broker read can be given to them: the public part, to them in person, until it is taken back.
    address, held_back = f"/needs/{closed.record.code}/brokers/", Record.objects.select_related("public_to", "full_to")
    edit_broker(actor=head, broker=row, facts=BrokerFacts(("materials",), ("440106",), 9))
    firm = client_of(pair.asking)
    assert officer.post(address, {"brokers": [row.pk]}).status_code == 403
    assert firm.post(address, {"brokers": [row.pk + 999]}).status_code == 422
    assert firm.post(address, {"brokers": [row.pk]}).status_code == 302
    assert actor.person.record.title in firm.get(f"/needs/{closed.record.code}/").content.decode()
    let = held_back.get(pk=closed.pk)
    assert [can_view(one, let, "public") for one in (actor, head, own)] == [True, False, False]
    assert not can_view(actor, let, "full")
    assert (closed.pk, pair.supply.pk) in planned()[0]
    api = f"/api/v1/needs/{closed.record.code}/brokers"
    assert [one["number"] for one in firm.get(api).json()["items"] if one["may_read"]] == [row.pk]
    assert not any(
        one["may_read"] for one in firm.put(api, {"brokers": []}, content_type="application/json").json()["items"]
    )
    assert not can_view(actor, held_back.get(pk=closed.pk), "public")
    assert planned()[1][closed.pk, pair.supply.pk] == "read"
    let_brokers_read(actor=pair.asking, need=closed, brokers=[row.pk])
    # A need that its firm closes its doors around shows the broker nothing any more, and is not taken up.
    Need.objects.filter(pk=pair.need.pk).update(confidentiality="closed_door")
    NEED.refresh_audience(Need.objects.select_related("record").get(pk=pair.need.pk))
    page = client_of(actor).get("/brokers/queue/").content.decode()
    assert pair.need.record.title not in page
    assert pair.need.record.title not in client_of(actor).get(f"/pairs/{given.record.code}/").content.decode()
    with pytest.raises(Conflict, match="hand the pair back"):
        advance(PAIR, given, "take", actor=actor)
    assert firm.get(f"/needs/{pair.need.record.code}/brokers/").status_code == 200
    end_broker(actor=head, broker=row)
    assert not can_view(actor, held_back.get(pk=closed.pk), "public")


def test_a_pair_is_taken_up_followed_and_counted_by_its_registered_contract():
    pair = Pair()
    actor, row = brokers.broker(capacity=1)
    other, spare = brokers.broker()
    given = brokers.given(pair.need, pair.supply, row, by=pair.officer)
    given = advance(PAIR, given, "return", actor=actor, reason="information", note="没有技术指标")
    assert not given.is_open
    with pytest.raises(ValueError, match="unpack"):  # nobody gets again what they handed back
        brokers.given(pair.need, pair.supply, row, by=pair.officer)
    given = brokers.given(pair.need, pair.supply, spare, by=pair.officer)
    given = advance(PAIR, given, "follow-up", actor=other, note="打过电话")
    with pytest.raises(NotAllowed):
        advance(PAIR, given, "take", actor=actor)
    given = advance(PAIR, given, "take", actor=other)
    met = introductions_visible_to(other).get(pk=given.introduction_id)
    assert (met.record.stage, met.broker_id, met.need_agreed_on, met.supply_agreed_on) == (
        "introduced", other.person.pk, None, None,
    )  # fmt: skip
    # The broker sees of the sides what everybody does, and whom to call once both have agreed.
    assert [one.record is not None for one in sides_of(other, met)] == [True, True]
    assert unnamed_sides(other, [met.pk])[met.pk] == {pair.firm.pk, pair.unit.pk}
    assert contacts_of(other, met) == []
    for side in (pair.asking, pair.answering):
        assert introductions_visible_to(side).filter(pk=met.pk).exists()
        met = advance(INTRODUCTION, met, "agree", actor=side)
    assert not can_view(other, Record.objects.select_related("full_to").get(pk=pair.need.pk), "full")
    assert len(contacts_of(other, met)) == 2
    assert contacts_of(actor, met) == []
    page = client_of(pair.asking).get(f"/introductions/{met.record.code}/").content.decode()
    assert other.person.record.title in page
    met = advance(INTRODUCTION, met, "meet", actor=other)
    with pytest.raises(NotAllowed):
        advance(INTRODUCTION, met, "intend", actor=actor)
    met = advance(INTRODUCTION, met, "contract", actor=pair.asking, note="已签")
    followers.run_pending()
    given.record.refresh_from_db()
    told = figures_of([row, spare])
    assert (given.record.stage, told[spare.pk].contract, told[spare.pk].conversion_bp) == ("done", 1, 0)
    assert (told[row.pk].returned, told[row.pk].taken, told[row.pk].conversion_bp) == (1, 0, None)
    # The sides' word is no conversion: a registered contract is.
    contract = city.contract(pair.firm, by=city.member(pair.firm, Role.ADMINISTRATOR))
    Contract.objects.filter(pk=contract.pk).update(introduction=met.pk)
    assert figures_of([spare])[spare.pk].registered == 0
    Record.objects.filter(pk=contract.pk).update(stage="registered", phase="active")
    assert figures_of([spare])[spare.pk].conversion_bp == 10_000
    page = client_of(pair.officer).get("/brokers/").content.decode()
    assert "100.0%" in page
    assert "contract registered" in client_of(other).get("/brokers/queue/").content.decode()
    # What came to a contract counts for the next pair of theirs.
    city.need(pair.firm, stage="published", by=pair.asking, title="大尺寸碳化硅衬底抛光二期")
    followers.run_pending()
    plan = plan_queues(pair.officer, "achievement", [], ALL)
    (gift,) = plan.gifts
    assert (gift.broker.pk, gift.fit.why[2]["count"]) == (spare.pk, 2)

    # Who leaves the unit is its broker no longer, and what waits for them can be planned again.
    waits = brokers.given(gift.line.row.need, gift.line.row.supply, spare, by=pair.officer)
    end_membership(actor=other, membership=other.person.memberships.get())
    followers.run_pending()
    waits = BrokeredPair.objects.get(pk=waits.pk)
    spare.refresh_from_db()
    assert (waits.record.stage, waits.is_open, spare.until) == ("returned", False, today())
    left = actor_for(other.person)
    assert not pairs_visible_to(left).filter(pk=given.pk).exists()
    assert not introductions_visible_to(left).filter(pk=met.pk).exists()
    assert contacts_of(left, Introduction.objects.select_related("record").get(pk=met.pk)) == []
    assert figures_of([spare])[spare.pk].conversion_bp == 10_000
    # What waits lapses when a side closes or somebody else introduces the two.
    waits = brokers.given(gift.line.row.need, gift.line.row.supply, row, by=pair.officer)
    introduce(actor=pair.answering, need=gift.line.row.need, supply=gift.line.row.supply)
    followers.run_pending()
    waits = BrokeredPair.objects.get(pk=waits.pk)
    assert (waits.record.stage, waits.is_open) == ("lapsed", False)


def test_who_reads_nothing_of_a_need_is_told_nothing_of_it_by_its_pair_and_numbers_beyond_every_row_are_nobodys():
    pair = Pair(need={"confidentiality": "closed_door", "region": "440118"})
    agency = city.organisation("转移中心", kind="agency")
    head = city.member(agency, Role.ADMINISTRATOR)
    actor, row = brokers.broker(agency, by=head, regions=("440118",))
    let_brokers_read(actor=pair.asking, need=pair.need, brokers=[row.pk])
    followers.run_pending()
    code = brokers.given(pair.need, pair.supply, row, by=pair.officer).record.code
    told = [client_of(one).get(f"/pairs/{code}/").content.decode() for one in (head, actor)]
    assert ["Zengcheng" in one for one in told] == [False, True]
    told = [client_of(one).get(f"/api/v1/pairs/{code}").json() for one in (head, actor)]
    assert [[one.get(name) is not None for name in ("score", "fit", "because")] for one in told] == [
        [False] * 3, [True] * 3,
    ]  # fmt: skip
    file = b"".join(client_of(head).post("/pairs/", {"export": "csv"}).streaming_content).decode()
    assert code in file
    assert "Zengcheng" not in file
    # No row has such a number: it is left, not an error.
    far = "9" * 23
    sent = {"give": "1", "pair": [f"{pair.need.record.code} {pair.supply.code} {one}" for one in (far, "9" * 5000)]}
    assert client_of(pair.officer).post("/brokers/plan/", sent).status_code == 302
    body = {"pairs": [{"need": pair.need.record.code, "supply": pair.supply.code, "broker": int(far)}]}
    api = client_of(pair.officer)
    assert api.post("/api/v1/brokers/plan/pairs", body, content_type="application/json").json()["left"] == 1
    assert api.post(f"/api/v1/brokers/{far}/end", {}, content_type="application/json").status_code == 404


def test_what_a_side_has_refused_is_not_taken_up_and_a_contract_counts_for_who_took_its_pair_up_last():
    pair = Pair()
    office = city.member(pair.officer.organisation, "officer")
    (actor, row), (other, spare), (_member, inside) = (
        brokers.broker(), brokers.broker(), brokers.broker(pair.officer.organisation, by=pair.officer, person=office),
    )  # fmt: skip
    # An expert is asked onto a panel, and is nobody's to bring together, though an officer reads of them.
    judge = expert("秦专家", by=pair.officer, topics=("碳化硅衬底", "抛光", "低缺陷"))
    followers.run_pending()
    assert Suggestion.objects.filter(need=pair.need.pk, supply=judge.pk).exists()
    asked = [Wanted(pair.need.record.code, judge.record.code, inside.pk)]
    assert give_pairs(actor=pair.officer, wanted=asked).left == 1
    # What lapsed is taken up by another broker: its contract is theirs alone.
    first = advance(PAIR, brokers.given(pair.need, pair.supply, row, by=pair.officer), "take", actor=actor)
    need = advance(NEED, pair.need, "withdraw", actor=pair.asking, note="理由")
    for name, by in (("reopen", pair.asking), ("submit", pair.asking), ("publish", pair.officer)):
        followers.run_pending()
        need = advance(NEED, need, name, actor=by)
    followers.run_pending()
    met = Introduction.objects.get(pk=first.introduction_id)
    with pytest.raises(NotAllowed):  # it is nobody's until a plan gives it
        advance(INTRODUCTION, met, "renew", actor=actor)
    again = advance(PAIR, brokers.given(need, pair.supply, spare, by=pair.officer), "take", actor=other)
    assert again.introduction_id == first.introduction_id
    contract = city.contract(pair.firm, by=city.member(pair.firm, Role.ADMINISTRATOR))
    Contract.objects.filter(pk=contract.pk).update(introduction=first.introduction_id)
    Record.objects.filter(pk=contract.pk).update(stage="registered", phase="active")
    told = figures_of([row, spare])
    assert [(told[one.pk].taken, told[one.pk].registered) for one in (row, spare)] == [(1, 0), (1, 1)]
    # A firm that does not want to work with a unit is asked for nothing more of it, whatever waited in a queue.
    more = [city.need(pair.firm, stage="published", by=pair.asking, title=f"碳化硅衬底抛光{one}线") for one in "甲乙"]
    second = city.achievement(pair.unit, stage="listed", title="碳化硅衬底研磨抛光")
    followers.run_pending()
    waits = brokers.given(more[0], pair.supply, row, by=pair.officer)
    refuse_suggestion(actor=pair.asking, need=more[1], supply=second.record, reason="partner")
    with translation.override("en"), pytest.raises(Conflict, match="no longer suggested"):
        advance(PAIR, waits, "take", actor=actor)


def test_pairs_that_wait_take_of_the_room_that_a_team_has():
    pair = Pair()
    for number in range(3):
        city.need(pair.firm, stage="published", by=pair.asking, title=f"大尺寸碳化硅衬底抛光{number}号线")
    team = city.team(city.organisation(kind="university"), title="碳化硅衬底抛光甲团队", capacity=1)
    followers.run_pending()
    actor, row = brokers.broker()
    (gift,) = plan_queues(pair.officer, "team", [], Room(3, 4)).gifts
    waiting = brokers.given(gift.line.row.need, gift.line.row.supply, row, by=pair.officer)
    plan = plan_queues(pair.officer, "team", [], Room(3, 4))
    assert (len(plan.gifts), bool(plan.plan.full)) == (0, True)
    # What an earlier plan gives now finds no room either; what waits is taken up all the same.
    other = next(one for one in Need.objects.select_related("record") if one.pk != gift.line.row.need_id)
    record = Record.objects.get(pk=team.pk)
    assert give_pairs(actor=pair.officer, wanted=[Wanted(other.record.code, record.code, row.pk)]).left == 1
    assert advance(PAIR, waiting, "take", actor=actor).record.stage == "taken"


def test_brokers_are_members_made_by_their_administrators_or_officers():
    agency = city.organisation(kind="agency")
    head, member, outsider = (
        city.member(agency, Role.ADMINISTRATOR),
        city.member(agency),
        city.member(city.organisation()),
    )
    facts = BrokerFacts(("materials",))
    for actor in (member, outsider, city.officer("440117")):
        with pytest.raises(NotAllowed):
            enter_broker(actor=actor, organisation=agency, person=member.person, facts=facts)
    for person, wrong in (
        (outsider.person, facts), (None, facts), (member.person, BrokerFacts()), (member.person, BrokerFacts(("x",))),
        (member.person, BrokerFacts(("materials",), ("000000",))), (member.person, BrokerFacts(("materials",), (), 0)),
        (member.person, BrokerFacts(("materials",), ("440100",))),
    ):  # fmt: skip
        with pytest.raises(Refused):
            enter_broker(actor=head, organisation=agency, person=person, facts=wrong)
    client, address = client_of(head), f"/organisations/{agency.record.code}/brokers/new/"
    posted = {"person": member.person.pk, "fields_known": ["materials"], "regions": ["440106"], "capacity": 3}
    assert client.post(address, posted).status_code == 302
    (row,) = agency.brokers.all()
    assert (row.person_id, row.fields, row.regions, row.capacity, row.since) == (
        member.person.pk, ["materials"], ["440106"], 3, today(),
    )  # fmt: skip
    with pytest.raises(Refused):
        enter_broker(actor=head, organisation=agency, person=member.person, facts=facts)
    assert member.person.record.title in client.get(f"/organisations/{agency.record.code}/").content.decode()
    entry = Entry.objects.get(kind="organisation.broker")
    assert (entry.data["member"], entry.text.content["whom"]) == (
        str(member.person.record.uid), member.person.record.title,
    )  # fmt: skip
    assert edit_broker(actor=head, broker=row, facts=BrokerFacts(("energy",), (), 5)).fields == ["energy"]
    assert f"/brokers/{row.pk}/end/" in client.get(f"/brokers/{row.pk}/edit/").content.decode()
    assert client.post(address, posted | {"person": ""}).status_code == 422
    assert client.post(f"/brokers/{row.pk}/end/").status_code == 302
    with pytest.raises(Conflict):
        edit_broker(actor=head, broker=row, facts=facts)
    assert client.get(f"/brokers/{row.pk}/edit/").status_code == 404
    body = {"organisation": agency.record.code, "person": member.person.record.code, "fields": ["energy"]}
    made = client.post("/api/v1/brokers", body, content_type="application/json")
    number = made.json()["number"]
    assert (made.status_code, made.json()["capacity"], made.json()["conversion_bp"]) == (201, 10, None)
    changed = client.put(f"/api/v1/brokers/{number}", {"fields": ["urban", "urban"]}, content_type="application/json")
    assert changed.json()["fields"] == ["urban"]
    assert [one["number"] for one in client_of(member).get("/api/v1/brokers").json()["items"]] == [row.pk, number]
    assert client.post(f"/api/v1/brokers/{number}/end").json()["until"] == str(today())
    assert client_of(outsider).get("/api/v1/brokers").json() == {"items": []}
    assert actor_for(member.person).tokens == member.tokens
