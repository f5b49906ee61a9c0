"""Test vectors 2 and 3 of the domain notes §9.4 (jurisdiction 450000); a race from three teams to one, to the fen."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kezhuan.engines.races import (
    Decision,
    Eliminated,
    Gate,
    Pay,
    Race,
    RaceRules,
    Refused,
    Reserve,
    TakeBack,
    Terms,
    WindUp,
    equal_shares,
    open_race,
    replay,
    step,
)

# As 桂科计字〔2022〕125号 has them for 450000: the numbers come from rule values, here from the test.
GUANGXI = RaceRules(least_teams=2, most_teams=5, first_share_bp=3_000)
GATE = date(2028, 3, 1)


def terms(teams=("甲", "乙", "丙"), first=10_000_000, planned=100_000_000, **more) -> Terms:
    given = {"gates": (GATE, date(2029, 3, 1)), "rules": GUANGXI, "eliminated": Eliminated.TO_THOSE_WHO_GO_ON}
    return Terms(planned, tuple(teams), first, **(given | more))


def adds_up(race: Race) -> bool:
    return race.paid_fen + race.reserved_fen + race.freed_fen == race.terms.planned_fen


def test_vector_2_first_payments_of_31_per_cent_are_refused_and_30_are_not():
    assert open_race(terms(("甲", "乙"), 15_000_000)).reserved_fen == 100_000_000
    with pytest.raises(Refused) as caught:
        open_race(terms(("甲", "乙"), 15_500_000))
    assert caught.value.code == "race-first-payments"
    with pytest.raises(Refused):
        open_race(terms(("甲", "乙"), 15_000_001))


def test_vector_3_a_race_of_one_team_is_none():
    with pytest.raises(Refused) as caught:
        open_race(terms(("甲",)))
    assert caught.value.code == "race-team-count"
    with pytest.raises(Refused):
        open_race(terms(tuple("甲乙丙丁戊己"), 1))


def test_a_race_from_three_teams_to_one_adds_up_at_each_step_and_replays_to_the_same():
    events = [
        Pay("甲", 10_000_000), Pay("乙", 10_000_000), Pay("丙", 6_000_000),
        Gate(GATE, frozenset("甲乙"), Decision.CONTINUE),
        TakeBack("丙", 1_234_567),
        Reserve("甲", 20_000_001), Reserve("乙", 20_000_000), Pay("甲", 20_000_001), Pay("乙", 5_000_000),
        Gate(date(2029, 3, 2), frozenset("甲")),
        Reserve("甲", 48_999_999), Pay("甲", 48_000_000),
        WindUp(),
    ]  # fmt: skip
    race, seen = open_race(terms()), []
    assert adds_up(race)
    for event in events:
        race = step(race, event)
        assert adds_up(race)
        seen.append((race.paid_fen, race.reserved_fen, race.freed_fen))
    assert race.running == ("甲",)
    assert race.decisions == (Decision.CONTINUE, Decision.SOLE_WINNER)
    assert race.paid == {"甲": 78_000_001, "乙": 15_000_000, "丙": 4_765_433}
    assert (race.reserved_fen, race.freed_fen) == (0, 2_234_566)
    assert seen[3] == (26_000_000, 74_000_000, 0)
    assert replay(terms(), events) == race


def test_money_of_a_team_that_leaves_goes_back_to_the_budget_where_the_rule_says_so():
    race = replay(terms(eliminated=Eliminated.TO_THE_BUDGET), [Gate(GATE, frozenset("甲乙"), Decision.CONTINUE)])
    assert race.freed_fen == 10_000_000
    assert replay(terms(), [Gate(GATE, frozenset("甲乙"), Decision.CONTINUE)]).freed_fen == 0


def test_teams_merge_are_cut_by_rank_or_all_stop():
    merged = replay(terms(), [Gate(GATE, frozenset("甲乙丙"), Decision.MERGE, merged=("乙", "甲"))])
    assert (merged.running, merged.joined) == (("乙", "丙"), {"甲": "乙"})
    cut = replay(terms(), [Gate(GATE, frozenset("甲乙丙"), Decision.CUT, ranking=("丙", "甲", "乙"), keep=2)])
    assert cut.running == ("甲", "丙")
    stopped = replay(terms(), [Pay("甲", 1), Gate(GATE, frozenset())])
    assert (stopped.over, stopped.running, stopped.paid_fen, stopped.freed_fen) == (True, (), 1, 99_999_999)
    assert stopped.decisions == (Decision.STOP,)


@pytest.mark.parametrize(
    ("code", "events"),
    [
        ("gate-day", [Gate(date(2028, 2, 29), frozenset("甲"))]),
        ("gate-strangers", [Gate(GATE, frozenset("丁"))]),
        ("gate-decision", [Gate(GATE, frozenset("甲乙"))]),
        ("gate-decision", [Gate(GATE, frozenset("甲"), Decision.CONTINUE)]),
        ("gate-merge", [Gate(GATE, frozenset("甲乙"), Decision.MERGE, merged=("甲", "丙"))]),
        ("gate-ranking", [Gate(GATE, frozenset("甲乙"), Decision.CUT, ranking=("甲",), keep=1)]),
        ("not-enough", [Pay("甲", 10_000_001)]),
        ("not-enough-kept", [Reserve("甲", 70_000_001)]),
        ("amount", [Pay("甲", 0)]),
        ("team-left", [Gate(GATE, frozenset("甲乙"), Decision.CONTINUE), Pay("丙", 1)]),
        ("team-runs", [Pay("甲", 5), TakeBack("甲", 1)]),
        ("not-enough", [Pay("丙", 5), Gate(GATE, frozenset("甲乙"), Decision.CONTINUE), TakeBack("丙", 6)]),
        ("race-over", [WindUp(), Pay("甲", 1)]),
    ],
)
def test_what_the_rules_do_not_allow_is_refused(code, events):
    with pytest.raises(Refused) as caught:
        replay(terms(), events)
    assert caught.value.code == code


@pytest.mark.parametrize("wrong", [{"teams": ("甲", "甲")}, {"gates": ()}, {"gates": (GATE, GATE)}, {"first": 0}])
def test_terms_that_are_none_are_refused(wrong):
    with pytest.raises(Refused):
        open_race(terms(**wrong))


def test_shares_are_equal_and_the_residue_goes_to_the_first():
    assert equal_shares(100, ("甲", "乙", "丙")) == {"甲": 34, "乙": 33, "丙": 33}


amounts = st.integers(1, 40)
names = st.sampled_from(["甲", "乙", "丙"])
some_events = st.one_of(
    st.builds(Pay, names, amounts),
    st.builds(Reserve, names, amounts),
    st.builds(TakeBack, names, amounts),
    st.builds(Gate, st.just(date(2030, 1, 1)), st.frozensets(names), st.sampled_from([None, Decision.CONTINUE])),
    st.just(WindUp()),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(some_events, max_size=25), st.sampled_from(list(Eliminated)))
def test_whatever_happens_no_fen_is_lost_or_made(events, eliminated):
    race = open_race(terms(first=10, planned=100, eliminated=eliminated))
    done = []
    for event in events:
        try:
            after = step(race, event)
        except Refused:
            continue
        assert adds_up(after)
        assert set(after.running) <= set(race.running)
        race = after
        done.append(event)
    assert replay(race.terms, done) == race
