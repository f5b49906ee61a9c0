"""Test vectors 1, 4, 5 and 16 of the domain notes §9.4, and what a refusal names."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kezhuan.engines.limits import (
    LeaderLimits,
    LeaderProject,
    RndTier,
    award_refusals,
    claim_refusal,
    direction_refusal,
    leader_use,
    rnd_refusal,
)

YUAN = 100
LIMITS = LeaderLimits(most_undertaken=2, most_received_fen=2_000_000 * YUAN)
TIERS = (
    RndTier(50_000_000 * YUAN, 500),
    RndTier(200_000_000 * YUAN, 400, inclusive=True),
    RndTier(None, 300),
)


def undertaken(code: str, yuan: int = 0, passed_on: int = 0) -> LeaderProject:
    return LeaderProject(code, True, yuan * YUAN, passed_on * YUAN)


def test_vector_1_the_poster_leads_no_claim_on_its_own_list():
    assert claim_refusal("甲公司", "甲公司").code == "poster-claims-own-list"
    assert claim_refusal("甲公司", "乙公司") is None
    assert claim_refusal("甲公司", "甲公司的子公司", {"甲公司的子公司"}).code == "related-party-claims"


def test_vector_4_a_third_project_of_the_same_call_is_refused_and_the_two_are_named():
    both = [undertaken("XM-1"), undertaken("XM-2")]
    [refusal] = award_refusals(both, undertaken("XM-3"), LIMITS)
    assert (refusal.code, refusal.limit, refusal.reached) == ("leader-undertakes-too-many", 2, 3)
    assert refusal.used_by == ("XM-1", "XM-2")
    assert award_refusals(both[:1], undertaken("XM-3"), LIMITS) == ()


def test_vector_4_a_fen_above_two_million_yuan_is_refused_and_two_million_is_not():
    first = [undertaken("XM-1", 1_200_000)]
    assert award_refusals(first, undertaken("XM-2", 800_000), LIMITS) == ()
    [refusal] = award_refusals(first, LeaderProject("XM-2", True, 800_000 * YUAN + 1), LIMITS)
    assert (refusal.code, refusal.used_by) == ("leader-receives-too-much", ("XM-1",))
    assert refusal.reached - refusal.limit == 1


def test_six_projects_with_two_undertaken_are_within_the_limit_and_money_passed_on_does_not_count():
    others = [LeaderProject(f"XM-{n}", False, 5_000_000 * YUAN) for n in range(4)]
    mine = [undertaken("XM-8", 3_000_000, 2_000_000)]
    assert award_refusals([*others, *mine], undertaken("XM-9", 1_000_000), LIMITS) == ()
    use = leader_use([*others, *mine], LIMITS)
    assert (use.undertaken, use.received_fen, use.left_projects, use.left_fen) == (
        ("XM-8",), 1_000_000 * YUAN, 1, 1_000_000 * YUAN,
    )  # fmt: skip
    # Read as an amount for each project, another two million would be left: a million more.
    assert (use.left_by_other_reading_fen, use.difference_fen) == (2_000_000 * YUAN, 1_000_000 * YUAN)


def test_the_same_project_at_signing_replaces_itself():
    both = [undertaken("XM-1", 1_000_000), undertaken("XM-2", 1_000_000)]
    assert award_refusals(both, both[1], LIMITS) == ()
    assert award_refusals(both, undertaken("XM-2", 1_000_001), LIMITS)[0].code == "leader-receives-too-much"


def test_vector_5_the_eleventh_direction_is_refused():
    ten = [f"方向{n}" for n in range(10)]
    assert direction_refusal(ten[:9], "方向9", 10) is None
    assert direction_refusal(ten, "方向3", 10) is None
    assert direction_refusal(ten, "方向10", 10).reached == 11


def test_vector_16_sixty_million_with_3_9_per_cent_fails_where_4_are_needed():
    refusal = rnd_refusal(60_000_000 * YUAN, 2_340_000 * YUAN, TIERS)
    assert (refusal.code, refusal.limit, refusal.reached) == ("rnd-too-low", 400, 390)
    assert rnd_refusal(60_000_000 * YUAN, 2_400_000 * YUAN, TIERS) is None
    assert rnd_refusal(60_000_000 * YUAN, 2_400_000 * YUAN - 1, TIERS) is not None
    assert rnd_refusal(200_000_000 * YUAN, 7_999_999 * YUAN, TIERS).limit == 400
    assert rnd_refusal(200_000_001 * YUAN, 6_000_001 * YUAN, TIERS) is None
    with pytest.raises(ValueError, match="revenue"):
        rnd_refusal(0, 0, TIERS)
    with pytest.raises(ValueError, match="tier"):
        rnd_refusal(60_000_000 * YUAN, 0, TIERS[:1])


def test_money_passed_on_cannot_exceed_what_came():
    with pytest.raises(ValueError, match="passed on"):
        undertaken("XM-1", 1, 2)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_awarding_one_after_the_other_never_passes_a_limit(asked):
    limits = LeaderLimits(2, 10)
    held: list[LeaderProject] = []
    for number, (undertakes, fen, passed_on) in enumerate(asked):
        new = LeaderProject(f"p{number}", undertakes, fen, min(fen, passed_on))
        refusals = award_refusals(held, new, limits)
        if not refusals:
            held.append(new)
        use = leader_use(held, limits)
        assert len(use.undertaken) <= 2
        assert use.received_fen <= 10
        for refusal in refusals:
            assert refusal.reached > refusal.limit
            assert set(refusal.used_by) <= {one.code for one in held}
