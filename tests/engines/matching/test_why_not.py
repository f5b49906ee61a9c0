"""Why not: the change that is named really lifts the record."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kezhuan.engines.matching import FROZEN, Facts, Item, Matcher, NearMiss

from .cases import few, needs, supplies

LICENCE = frozenset({"licence"})
CALM = replace(FROZEN, live_least=10**6)  # statistics hold still while the change is applied


def applied(item: Item, miss: NearMiss) -> Item:
    if miss.facts is not None:
        return replace(item, facts=miss.facts)
    return replace(item, text=" ".join((item.text, *miss.words)))


@given(supplies(4), needs, st.integers(1, 3))
@few
def test_why_not_the_named_change_lifts_the_record(items: list[Item], need: Item, k: int) -> None:
    by_id = {item.id: item for item in items}
    misses = Matcher(CALM).fit(items).why_not(need, k)
    for miss in misses:
        assert miss.because.say("zh")
        assert miss.because.say("en")
        matcher = Matcher(CALM).fit(items)
        if miss.because.code == "out-of-reach":
            assert (miss.facts, miss.words) == (None, ())
            continue
        matcher.partial_fit([applied(by_id[miss.supply], miss)])
        after = {match.supply: match for match in matcher.kneighbors([need], k)[0]}
        assert miss.supply in after
        assert after[miss.supply].score == pytest.approx(miss.new_score, abs=1e-12)
        assert after[miss.supply].rank == miss.new_rank <= k < miss.rank


@given(supplies(4), needs, st.integers(1, 3))
@few
def test_why_not_lists_the_records_below_the_line(items: list[Item], need: Item, k: int) -> None:
    matcher = Matcher().fit(items)
    ranked = matcher.kneighbors([need], k + 10)[0]
    assume(len(ranked) > k)
    misses = matcher.why_not(need, k)
    assert [(miss.supply, miss.rank, miss.score) for miss in misses] == [
        (match.supply, match.rank, match.score) for match in ranked[k:]
    ]
    assert {miss.line for miss in misses} == {ranked[k - 1].score}


@pytest.mark.parametrize(
    ("asked", "offered", "sentence"),
    [
        (Facts(trl=6), Facts(trl=4), "成熟度 4 < 6"),
        (Facts(money_fen=200_0000_00), Facts(money_fen=300_0000_00), "报价 300 万元 > 预算 200 万元"),
        (Facts(field="农业"), Facts(), "未写明技术领域（需要 农业）"),
        (
            Facts(modes=frozenset({"transfer"})),
            Facts(modes=frozenset({"equity"})),
            "合作方式不合：需求 transfer，成果 equity",
        ),
        (
            Facts(modes=LICENCE, rights=LICENCE),
            Facts(modes=LICENCE, rights=frozenset({"right_granted", "pledged", "co_owners_open"})),
            "权属尚待解决：co_owners_open、pledged",
        ),
        (
            Facts(modes=LICENCE, rights=LICENCE),
            Facts(modes=LICENCE, rights=frozenset({"not_granted"})),
            "权属尚待解决：not_granted",
        ),
        (Facts(modes=LICENCE, rights=LICENCE), Facts(modes=LICENCE), "未写明权属状况（需要 licence）"),
        (Facts(trl=6), Facts(), "未写明成熟度（需要 ≥ 6）"),
    ],
)
def test_why_not_names_the_fact_that_misses(asked: Facts, offered: Facts, sentence: str) -> None:
    body = "碳化硅衬底抛光"
    rest = [Item(f"r{number}", "水稻育种") for number in range(5)]
    met = replace(asked, rights=asked.rights and frozenset({"clear_title"}))
    items = [Item("above", body, "工艺 优化", (), met), Item("below", body, "工艺", (), offered), *rest]
    matcher = Matcher().fit(items)
    [miss] = matcher.why_not(Item("n", text=body, facts=asked), 1)
    assert (miss.supply, miss.because.say("zh")) == ("below", sentence)


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        (Facts(field="农业"), Facts(field="核应用")),
        (Facts(region="440106"), Facts(region="440112")),
        (Facts(region="440106"), Facts()),
        (
            Facts(modes=LICENCE | {"consulting"}, rights=LICENCE),
            Facts(modes=frozenset({"consulting"}), rights=frozenset({"pledged"})),
        ),
    ],
)
def test_why_not_names_nothing_that_nobody_can_change(asked: Facts, offered: Facts) -> None:
    body = "碳化硅衬底抛光"
    rest = [Item(f"r{number}", "水稻育种") for number in range(5)]
    items = [Item("above", body, "", (), asked), Item("below", body, "工艺", (), offered), *rest]
    [miss] = Matcher().fit(items).why_not(Item("n", text=body, facts=asked), 1)
    assert miss.because.code == "out-of-reach"


def test_why_not_begins_under_the_least_score_where_few_reach_it() -> None:
    need = Item("n", text="碳化硅衬底抛光", facts=Facts(trl=6))
    rest = [Item(f"r{number}", "水稻育种") for number in range(5)]
    items = [Item("best", "碳化硅衬底抛光", facts=Facts(trl=6)), Item("next", "碳化硅衬底", facts=Facts(trl=5)), *rest]
    matcher = Matcher().fit(items)
    scores = {match.supply: match.score for match in matcher.kneighbors([need], 5)[0]}
    least = scores["next"] + 0.01
    [miss] = matcher.why_not(need, 20, least=least)
    assert (miss.supply, miss.line, miss.because.code) == ("next", pytest.approx(least), "trl-miss")
    assert miss.score == scores["next"] < least < miss.new_score
    assert matcher.why_not(need, 20, least=scores["next"]) == []


def test_why_not_names_the_missing_words() -> None:
    items = [
        Item("above", "碳化硅衬底抛光", "耐腐蚀涂层"),
        Item("below", "碳化硅衬底"),
        Item("rice", "水稻"),
        Item("r", "玉米"),
    ]
    matcher = Matcher().fit(items)
    [miss] = matcher.why_not(Item("n", text="碳化硅衬底，抛光，耐腐蚀涂层"), 1)
    assert miss.supply == "below"
    assert miss.because.say("zh") == "缺少需求中的词语：耐腐蚀涂层、抛光"
    [miss] = matcher.why_not(Item("n", text="碳化硅衬底，抛光，耐腐蚀涂层", keywords=("抛光",)), 1)
    assert set(miss.words) <= {"抛光"}


def test_why_not_of_few_records_is_empty() -> None:
    assert Matcher().fit([Item("a", "水稻")]).why_not(Item("n", text="水稻"), 10) == []
