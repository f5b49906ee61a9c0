"""Races: the same targets for all, money that moves by rule and adds up to the fen, decisions that replay."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils.translation import gettext

from kezhuan.areas.calls.models import Call
from kezhuan.areas.projects.actions import Planned, sign_book, write_book
from kezhuan.areas.projects.lifecycle import PROJECT
from kezhuan.areas.projects.models import Change, Project, Race, RaceStep, RaceTest
from kezhuan.areas.projects.payment_actions import pay
from kezhuan.areas.projects.permissions import has_to_sign
from kezhuan.areas.projects.queries import money_of, raceable_items
from kezhuan.areas.projects.race_actions import GATE_HELD, GateFacts, hold_gate, reserve
from kezhuan.areas.projects.race_lifecycle import RACE
from kezhuan.areas.projects.race_step_actions import STEP, TERMS
from kezhuan.areas.projects.race_test_actions import ask_tester
from kezhuan.areas.projects.racing import codes_of, event_of, meets, problem_of, state_of, terms_of
from kezhuan.areas.projects.waiting import _matters_of_races
from kezhuan.config.documentation import problem_codes
from kezhuan.engines import races as engine
from kezhuan.kernel.access import VISITOR, can_view
from kezhuan.kernel.errors import NotAllowed
from kezhuan.kernel.history import entries_of, told_to
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.models import Entry, Message, Record
from kezhuan.kernel.outbox import words as letters
from kezhuan.kernel.text import today
from tests.areas.crawling import client_of
from tests.areas.test_projects import codes
from tests.factories import city, projects
from tests.factories.projects import fresh

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return city.officer()


def teams_of(officer, number, region="440100", fen=50_000_000):
    """So many projects for one challenge whose task books are being written, in a district."""
    chosen = projects.awarded(*(city.organisation(f"赛队{one}") for one in range(number)), by=officer, fen=fen)
    Call.objects.filter(pk=chosen[0].item.call_id).update(region=region)
    for one in chosen:
        one.item.call.region = region
    return [projects.project(one) for one in chosen]


def held_gate(officer, race, tester, passed, on=None, **facts):
    running = state_of(race).running
    said = GateFacts(
        on=on or today(), tester=tester.record.code, report_no="检〔2026〕9号", passed=tuple(passed),
        figures={code: ["0.09"] for code in running}, **facts,
    )  # fmt: skip
    return hold_gate(actor=officer, race=race, facts=said)


def read(race):
    return Race.objects.select_related("record", "item__call").get(pk=race.pk)


def from_journal(race):
    """The race as a replay of the journal's entries gives it."""
    terms = Entry.objects.get(record_id=race.pk, kind=TERMS).data
    teams = terms.pop("teams")
    steps = [one.data for one in Entry.objects.filter(record_id=race.pk, kind=STEP).order_by("seq")]
    assert [one["number"] for one in steps] == list(range(1, len(steps) + 1))
    events = [
        event_of(RaceStep(kind=one["kind"], on=date.fromisoformat(one["on"]), data=one)) for one in steps
    ]  # fmt: skip
    return engine.replay(terms_of(Race(**terms), teams), events)


def test_vectors_2_and_3_hold_in_450000_by_its_rules_and_440100_enters_its_own(officer):
    rows = teams_of(officer, 2, region="450000")
    Project.objects.filter(pk__in=[row.pk for row in rows]).update(region="450000")
    own = {"least_teams": None, "first_share_bp": None, "gates": (today() + timedelta(days=370),)}

    def opened(taken=rows, **facts):
        return projects.race(taken, by=officer, **{**own, **facts})

    # 31 of 100 together are refused, 30 are not; one team is no race.
    assert codes(lambda: opened(first_fen=15_500_000)) == {"race-first-payments"}
    assert codes(lambda: opened(rows[:1])) == {"race-team-count"}
    assert codes(lambda: opened(first_share_bp=4000)) == {"race-rule-set"}
    assert codes(lambda: opened(gates=(today() + timedelta(days=300),))) == {"race-gate-early"}
    race = opened(first_fen=15_000_000)
    assert (race.first_share_bp, race.least_teams, race.most_teams) == (3000, 2, 5)
    assert codes(opened) == {"race-project"}
    here = teams_of(officer, 2)
    bare = dict.fromkeys(("least_teams", "most_teams", "first_share_bp"))
    assert codes(lambda: projects.race(here, by=officer, **bare)) == {"race-rule-missing"}
    Record.objects.filter(pk=rows[1].pk).update(stage="filed")
    assert codes(lambda: advance(RACE, race, "void", actor=officer, note="误建")) == {"race-begun"}
    Record.objects.filter(pk=rows[1].pk).update(stage="drafted")
    before = fresh(rows[0]).record.version
    assert advance(RACE, race, "void", actor=officer, note="误建").record.stage == "void"
    assert (fresh(rows[0]).fiscal_fen, fresh(rows[0]).record.version) == (50_000_000, before + 1)


def test_a_race_goes_from_three_teams_to_one_and_no_fen_is_lost(officer):
    rows = teams_of(officer, 3)
    race = projects.race(rows, by=officer, gates=(today() - timedelta(days=1), today()))
    book = {"payments": (Planned("fiscal", "signing", 15_000_000), Planned("firm", "acceptance", 11))}
    for row in rows:
        _signed(row, officer, book)
    first, second, third = (row.record.code for row in rows)
    ledger = {}

    def adds_up():
        state = state_of(read(race))
        assert state.paid_fen + state.reserved_fen + state.freed_fen == 150_000_000
        assert state.paid == {code: ledger.get(code, 0) for code in (first, second, third)}
        for row in rows:
            money = money_of(fresh(row))
            assert (money.paid, money.reserved) == (state.paid[row.record.code], state.reserved[row.record.code])
        return state

    def paid(row, number):
        done = pay(actor=officer, project=fresh(row), number=number, voucher=f"记-{number}", on=today())
        ledger[row.record.code] = ledger.get(row.record.code, 0) + done.planned_fen
        return adds_up()

    paid(rows[0], 1)
    paid(rows[1], 1)
    tester = city.organisation("检测院", kind="institute")
    assert codes(lambda: held_gate(officer, read(race), rows[0].leader, (first,))) == {"evidence-side"}
    assert codes(lambda: held_gate(officer, read(race), tester, (first, second))) == {"gate-decision"}
    with pytest.raises(NotAllowed):
        held_gate(city.clerk(rows[0].leader), read(race), tester, (first,))
    # It ended before the gate that it does not pass: the gate is held all the same.
    advance(PROJECT, fresh(rows[2]), "terminate", actor=officer, note="放弃", reason="goal")
    held_gate(officer, read(race), tester, (first, second), decision="continue")
    state = adds_up()
    # What the third had reserved goes to those who go on, by the rule of the race.
    assert (state.running, state.kept_fen) == ((first, second), 105_000_000 + 15_000_000)
    assert fresh(rows[2]).record.stage == "terminated"
    page = client_of(officer).get(f"/races/{race.record.code}/").content.decode()
    assert all(code in page for code in (first, second, third))
    assert "0.09" in page
    assert page.count("<svg") == 6  # of each team the targets reached, and the money
    tomorrow = today() + timedelta(days=1)
    assert codes(lambda: held_gate(officer, read(race), tester, (first,), on=tomorrow)) == {"day-later"}
    Change.objects.create(
        project=rows[1], number=1, leaving=rows[1].members.get(), reason="换人", asked_on=today()
    )  # fmt: skip
    held_gate(officer, read(race), tester, (first,))
    assert Entry.objects.filter(kind="project.leave-race").count() == 1
    assert not rows[1].changes.filter(approved=None).exists()
    assert adds_up().decisions == (engine.Decision.CONTINUE, engine.Decision.SOLE_WINNER)
    reserved = {"actor": officer, "race": read(race), "team": first}
    assert codes(lambda: reserve(fen=120_000_001, occasion="acceptance", **reserved)) == {"not-enough-kept"}
    assert codes(lambda: reserve(fen=1, occasion="signing", **{**reserved, "team": second})) == {"race-project"}
    reserve(fen=100_000_000, occasion="signing", **reserved)
    # Nobody has signed the version with this payment yet: the leader signs it as everybody else does.
    winner, head = fresh(rows[0]), city.clerk(rows[0].leader)
    assert (winner.book_version, has_to_sign.test(head, winner)) == (2, True)
    sign_book(actor=head, project=winner)
    assert not has_to_sign.test(head, fresh(rows[0]))
    assert adds_up().kept_fen == 20_000_000
    assert codes(lambda: advance(RACE, read(race), "wind-up", actor=officer)) == {"race-unpaid"}
    paid(rows[0], 3)
    over = advance(RACE, read(race), "wind-up", actor=officer)
    told = [one.label for one in told_to(officer, over.record, entries_of(over.record, 30)) if one.entry.kind == STEP]
    paid_one, gate = "a team of the race was paid", "gate of the race held"
    assert told == [
        "what is left of the race's money settled", paid_one, "money of the race put by for a team", gate, gate,
        paid_one, paid_one,
    ]  # fmt: skip
    assert adds_up().freed_fen == 20_000_000
    # The same steps give the same decisions.
    events = [event_of(step) for step in over.steps.all()]
    again = engine.replay(terms_of(read(race), codes_of(over)), events)
    assert (again.decisions, again.paid, again.freed_fen) == (state_of(over).decisions, ledger | {third: 0}, 20_000_000)
    # And so does the journal alone, without a row of the tables of races.
    assert from_journal(race) == again
    record = Record.objects.select_related("public_to", "full_to").get(pk=race.pk)
    assert can_view(VISITOR, record, "public")
    assert not can_view(VISITOR, record, "full")


def test_a_race_that_nobody_goes_on_with_is_closed_and_none_while_a_book_is_written(officer):
    rows = teams_of(officer, 2)
    race = projects.race(rows, by=officer)
    assert codes(lambda: advance(RACE, race, "wind-up", actor=officer)) == {"race-unpaid"}
    Race.objects.filter(pk=race.pk).update(gates=[today().isoformat()])
    held_gate(officer, read(race), city.organisation("检测院", kind="institute"), ())
    assert advance(RACE, read(race), "wind-up", actor=officer).record.stage == "over"
    assert state_of(read(race)).freed_fen == 100_000_000


@pytest.mark.parametrize(
    ("operator", "value", "figure", "reached"),
    [
        ("≤", "0.1", "0.09 nm", True), ("≤", "0.1", "0.1", True), ("<", "0.1", "0.1nm", False),
        ("≥", "95", "94.9", False), (">", "95", "95.1", True), ("=", "8", "8", True), ("range", "3-5", "4.5", True),
        ("range", "3～5", "5.1", False), ("≤", "0.1", "90 pm", None), ("≤", "0.1", "约0.1", None),
        ("=", "合格", "1", None), ("≤", "-40", "-41", True), ("range", "-5~3", "-4", True),
    ],
)  # fmt: skip
def test_a_figure_reaches_its_target_or_cannot_be_compared(operator, value, figure, reached):
    assert meets({"operator": operator, "value": value, "unit": "nm"}, figure) is reached


def test_every_refusal_of_the_engine_has_its_sentence():
    refusals = {code: problem_of(engine.Refused(code, "…")) for code in problem_codes(Path(engine.__file__).parent)}
    assert {str(one.message) for one in refusals.values()}.isdisjoint(refusals)
    assert len(refusals) == 15


def test_one_query_finds_the_challenges_of_a_call_on_which_several_can_race(officer, django_assert_num_queries):
    rows = teams_of(officer, 2)
    call = rows[0].application.item.call
    with django_assert_num_queries(1):
        assert [one.number for one in raceable_items(call)] == [1]
    Project.objects.filter(pk=rows[0].pk).update(alive=False)
    assert raceable_items(call) == []


def _signed(row, officer, book):
    head = city.clerk(row.leader)
    row = write_book(actor=head, project=fresh(row), facts=projects.book(fresh(row), **book))
    row = advance(PROJECT, row, "file", actor=head)
    sign_book(actor=city.clerk(row.poster), project=row)
    row = advance(PROJECT, fresh(row), "sign", actor=officer)
    return advance(PROJECT, row, "begin", actor=head)


def test_a_third_party_enters_what_it_found_and_the_teams_read_it_once_the_gate_is_held_by_it(officer):
    rows = teams_of(officer, 2)
    race = projects.race(rows, by=officer, gates=(today(),))
    tester = city.organisation("检测院", kind="institute")
    lab, desk, place = client_of(city.member(tester)), client_of(officer), f"/races/{race.record.code}/"
    assert codes(lambda: ask_tester(actor=officer, race=read(race), tester=rows[0].leader.record.code)) == {
        "evidence-side"
    }
    for actor in (city.member(tester), city.clerk(rows[0].leader)):
        with pytest.raises(NotAllowed):
            ask_tester(actor=actor, race=read(race), tester=tester.record.code)
    assert lab.get(f"{place}figures/").status_code == 403  # nobody has asked
    assert desk.post(f"{place}tester/", {"tester": tester.record.code}).status_code == 302
    assert race.pk in _matters_of_races(city.member(tester))
    assert codes(lambda: held_gate(officer, read(race), tester, (rows[0].record.code,))) == {"gate-untested"}
    assert client_of(city.clerk(rows[0].leader)).get(f"{place}figures/").status_code == 403
    typed = {"on": str(today()), "report_no": "检〔2026〕9号", "words": "复测两次"}
    refused = lab.post(f"{place}figures/", typed)
    assert refused.status_code == 422  # a figure of each team
    assert [one.message.endswith(f": enter the figure of {row.record.code} {row.leader.record.title}.") for one, row in
            zip(refused.context["problems"], rows, strict=True)] == [True, True]  # fmt: skip
    typed |= {f"figure_{row.pk}_0": f"0.0{8 + number}" for number, row in enumerate(rows)}
    assert lab.post(f"{place}figures/", {**typed, f"passed_{rows[0].pk}": "on"}).status_code == 302
    assert race.pk not in _matters_of_races(city.member(tester))
    assert str(_matters_of_races(officer)[race.pk]) == str(gettext("figures of a gate to be confirmed"))
    shown = {name: client_of(actor).get(f"/api/v1{place[:-1]}").json() for name, actor in
             (("lab", city.member(tester)), ("team", city.clerk(rows[0].leader)), ("desk", officer))}  # fmt: skip
    assert [shown[name].get("test") is None for name in ("lab", "team", "desk")] == [False, True, False]
    assert "→ 0.09" not in client_of(city.clerk(rows[1].leader)).get(place).content.decode()
    assert codes(lambda: held_gate(officer, read(race), tester, (rows[0].record.code,))) == {"gate-figures"}
    # The officer holds the gate by it: what was entered stands in the form, and nothing that is sent changes it.
    assert desk.post(f"{place}gate/", {f"figure_{rows[0].pk}_0": "0.01", "report_no": "别的"}).status_code == 302
    (step,) = RaceStep.objects.filter(race=race, kind="gate")
    assert (step.data["figures"][rows[1].record.code], step.report_no, step.tester) == (
        ["0.09"], "检〔2026〕9号", tester,
    )  # fmt: skip
    assert "→ 0.09" in client_of(city.clerk(rows[0].leader)).get(place).content.decode()
    assert lab.get(f"{place}figures/").status_code == 403
    # Teams stand side by side under their names; whoever is not told of figures reads who races.
    leaders, links = [one.leader.record.title for one in rows], [f"/projects/{one.record.code}/" for one in rows]
    for actor, first, lines in ((officer, "Target", 3), (city.clerk(city.organisation()), "", 2)):
        table = client_of(actor).get(place).context["teams"]
        assert ([str(one.label) for one in table.columns], table.crossed) == ([first, *leaders], True)
        assert ([one.url for one in table.rows[0][1:]], len(table.rows)) == (links, lines)


def test_a_gate_is_offered_from_its_day_on_by_what_was_entered_and_none_once_all_were_held(officer):
    rows, lab = teams_of(officer, 3), city.organisation("检测院", kind="institute")
    later = today() + timedelta(days=9)
    race = projects.race(rows, by=officer, gates=(today(), later))
    place, desk, both = f"/races/{race.record.code}/", client_of(officer), [one.record.code for one in rows]
    en = {"headers": {"accept-language": "en"}}

    def offered():
        return f'href="{place}gate/"' in desk.get(place).content.decode()

    assert offered()
    desk.post(f"{place}tester/", {"tester": lab.record.code})
    assert not offered()  # whoever was asked has not entered it
    assert "has not entered what it found" in desk.get(f"{place}gate/", **en).content.decode()
    typed = {"on": str(today()), "report_no": "检〔2026〕9号"}
    typed |= {f"{name}_{row.pk}{end}": said for row in rows for name, end, said in
              (("figure", "_0", "0.09"), ("passed", "", "on"))}  # fmt: skip
    client_of(city.member(lab)).post(f"{place}figures/", typed)
    assert offered()
    assert "is shown as it stands" in desk.get(f"{place}gate/", **en).content.decode()
    # Equals among the ranked are told apart by people, and the page says who goes on.
    ranks = {f"rank_{row.pk}": place_of for row, place_of in zip(rows, ("2", "1", "2"), strict=True)}
    answer = desk.post(f"{place}gate/", {"decision": "cut", "keep": "2", **ranks}, **en)
    assert answer.status_code == 422
    assert answer.content.decode().count("Another team has this rank") == 2
    ranks[f"rank_{rows[2].pk}"] = "3"
    assert desk.post(f"{place}gate/", {"decision": "cut", "keep": "2", **ranks}).status_code == 302
    ranking = " &gt; ".join((both[1], both[0], both[2]))
    assert f"ranking {ranking}, the first 2 go on" in desk.get(place, **en).content.decode()
    # Each team is told what came of it, and nobody else.
    told = {one.acting_for_id: letters.outgoing(one) for one in Message.objects.filter(letter=GATE_HELD)}
    assert all(one.link.endswith(place) for one in told.values())
    said = {row.record.code: told[row.leader_id].text for row in rows}
    assert len(told) == 3
    assert ["goes on" in said[code] for code in both] == [True, True, False]
    assert "has left it" in said[both[2]]
    # Nothing is found before the next gate's day.
    assert not offered()
    assert "or later" in desk.get(f"{place}gate/", **en).content.decode()
    assert codes(lambda: held_gate(officer, read(race), lab, both[:2], decision="continue")) == {"gate-day"}
    ask_tester(actor=officer, race=read(race), tester=lab.record.code)
    assert "or later" in client_of(city.member(lab)).get(f"{place}figures/", **en).content.decode()
    Race.objects.filter(pk=race.pk).update(gates=[str(today() - timedelta(days=1)), str(today())])
    RaceTest.objects.filter(held_on=None).delete()
    held_gate(officer, read(race), lab, both[:2], decision="merge", merged=(both[0], both[1]))
    assert f"{both[1]} joins {both[0]}" in desk.get(place, **en).content.decode()
    assert not offered()
    for page in ("gate", "tester"):
        gone = desk.get(f"{place}{page}/", **en)
        assert (gone.status_code, "No gate is left" in gone.content.decode()) == (403, True)
