"""Why not: the changes that are named really lift the record, and no fewer do."""

from collections.abc import Iterator
from dataclasses import fields, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kezhuan.engines.matching import FROZEN, Facts, Item, Matcher, NearMiss

from .cases import few, needs, supplies

LICENCE = frozenset({"licence"})
CALM = replace(FROZEN, live_least=10**6)  # statistics hold still while the change is applied


def applied(item: Item, miss: NearMiss) -> Item:
    return replace(item, facts=miss.facts or item.facts, text=" ".join((item.text, *miss.words)))


def in_part(item: Item, miss: NearMiss) -> Iterator[Item]:
    """A record with some of the changes and not all of them, two apart from each other or each alone."""
    whole = applied(item, miss)
    changed = [one.name for one in fields(Facts) if getattr(whole.facts, one.name) != getattr(item.facts, one.name)]
    if miss.words:
        yield replace(item, text=whole.text)
        yield replace(whole, text=item.text)
    for name in changed if len(miss.changes) > 1 and "trl_scale" not in changed else ():
        yield replace(item, facts=replace(item.facts, **{name: getattr(whole.facts, name)}))


@given(supplies(4), needs, st.integers(1, 3))
@few
def test_why_not_the_named_changes_lift_the_record_and_no_fewer(items: list[Item], need: Item, k: int) -> None:
    by_id = {item.id: item for item in items}
    misses = Matcher(CALM).fit(items).why_not(need, k)
    for miss in misses:
        for reason in (*miss.changes, *miss.held, *filter(None, [miss.gap])):
            assert reason.say("zh")
            assert reason.say("en")
        matcher, item = Matcher(CALM).fit(items), by_id[miss.supply]
        if not miss.changes:
            assert (miss.facts, miss.words, miss.new_score) == (None, (), miss.score)
            assert miss.gap is not None
            agreeing = replace(need.facts, region=item.facts.region, rights=frozenset({"clear_title"}))
            words = miss.gap.params.get("words", ())
            matcher.partial_fit([replace(item, facts=agreeing, text=" ".join((item.text, *words)))])
            assert matcher.explain(need, item.id).score <= miss.line + 1e-9
            continue
        assert miss.gap is None
        for part in in_part(item, miss) if len(miss.changes) > 1 else ():
            matcher.partial_fit([part], merge=False)
            assert matcher.explain(need, item.id).score <= miss.line + 1e-9
        matcher.partial_fit([applied(item, miss)])
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


@given(supplies(4, 12), needs, st.integers(1, 3), st.integers(1, 3))
@few
def test_why_not_looks_no_further_than_it_takes_to_tell_of_enough(
    items: list[Item], need: Item, k: int, enough: int
) -> None:
    def told(**bounds: int) -> list[NearMiss]:
        missed = matcher.why_not(need, k, worded=lambda _miss: False, **bounds)
        return sorted(missed, key=lambda miss: min(len(miss.changes), 2) or 3)

    matcher = Matcher().fit(items)
    assert told(enough=enough)[:enough] == told()[:enough]


@pytest.mark.parametrize(
    ("asked", "offered", "sentence"),
    [
        (Facts(trl=6), Facts(trl=4), "成熟度 4 < 6"),
        (Facts(money_fen=200_0000_00), Facts(money_fen=300_0000_00), "报价 300 万元 > 预算 200 万元"),
        (Facts(field="农业"), Facts(), "未写明技术领域（需要 农业）"),
        (Facts(field="农业"), Facts(field="核应用"), "所问领域为 农业，供给领域为 核应用"),
        (Facts(field="农业"), Facts(field="Agriculture"), "所问领域为 农业，供给领域为 Agriculture"),
        (
            Facts(modes=frozenset({"transfer"})),
            Facts(modes=frozenset({"equity"})),
            "合作方式不合：需求 transfer，供给 equity",
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
    assert (miss.supply, [one.say("zh") for one in miss.changes]) == ("below", [sentence])


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        (Facts(region="440106"), Facts(region="440112")),
        (Facts(region="440106"), Facts()),
        (
            Facts(modes=LICENCE | {"consulting"}, rights=LICENCE),
            Facts(modes=frozenset({"consulting"}), rights=frozenset({"pledged"})),
        ),
    ],
)
def test_why_not_names_no_change_that_nobody_can_make(asked: Facts, offered: Facts) -> None:
    body = "碳化硅衬底抛光"
    rest = [Item(f"r{number}", "水稻育种") for number in range(5)]
    matcher, need = Matcher(), Item("n", text=body, facts=asked)

    def gap(above: str, below: str) -> str | None:
        items = [Item("above", body, above, (), asked), Item("below", body, below, (), offered), *rest]
        [miss] = matcher.fit(items).why_not(need, 1)
        assert miss.changes == ()
        return miss.gap and miss.gap.code

    assert gap("", "工艺") == "gap-words"
    if asked.region:
        assert gap("工艺", "") == ("gap-region" if offered.region else "region-unknown")
    else:
        assert gap("", "") == "gap-level"


def test_why_not_names_the_fewest_changes_that_together_lift_a_record() -> None:
    body = "碳化硅衬底抛光"
    asked = Facts(field="新材料", trl=6, money_fen=200_0000_00, modes=LICENCE, region="440106")
    offered = Facts(field="农业", trl=4, money_fen=300_0000_00, modes=frozenset({"equity"}), region="440112")
    rest = [Item(f"r{number}", "水稻育种") for number in range(5)]
    items = [Item("above", body, "工艺优化方法研究", (), asked), Item("below", body, "工艺", (), offered), *rest]
    matcher, need = Matcher(CALM).fit(items), Item("n", text=body, facts=asked)
    line = matcher.explain(need, "above").score * 0.94
    [miss] = matcher.why_not(need, 1, 1, least=line)
    assert [one.code for one in miss.held] == ["field-miss", "trl-miss", "price-miss", "region-miss", "mode-miss"]
    assert 1 < len(miss.changes) < 5
    matcher.partial_fit([applied(items[1], miss)])
    assert matcher.kneighbors([need], 1)[0][0].supply == "below"


def test_why_not_tells_of_another_matter_that_its_words_are_elsewhere() -> None:
    items = [Item("above", "碳化硅衬底抛光液配方"), Item("below", "衬底", "水稻育种"), Item("r", "玉米")]
    need = Item("n", text="碳化硅衬底抛光液配方，耐腐蚀涂层，热管理，减速器")
    [miss] = Matcher().fit(items).why_not(need, 1, worded=lambda one: one.alike > 0.9 * one.line)
    assert miss.gap is not None
    assert (miss.changes, miss.gap.code) == ((), "gap-words")
    [miss] = Matcher().fit(items).why_not(need, 1)
    assert miss.words or (miss.gap and miss.gap.code == "gap-more-words")


def test_why_not_begins_under_the_least_score_where_few_reach_it() -> None:
    need = Item("n", text="碳化硅衬底抛光", facts=Facts(trl=6))
    rest = [Item(f"r{number}", "水稻育种") for number in range(5)]
    items = [Item("best", "碳化硅衬底抛光", facts=Facts(trl=6)), Item("next", "碳化硅衬底", facts=Facts(trl=5)), *rest]
    matcher = Matcher().fit(items)
    scores = {match.supply: match.score for match in matcher.kneighbors([need], 5)[0]}
    least = scores["next"] + 0.01
    [miss] = matcher.why_not(need, 20, least=least)
    assert (miss.supply, miss.line, miss.changes[0].code) == ("next", pytest.approx(least), "trl-miss")
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
    assert miss.changes[0].say("zh") == "缺少需求中的词语：耐腐蚀涂层、抛光"
    [miss] = matcher.why_not(Item("n", text="碳化硅衬底，抛光，耐腐蚀涂层", keywords=("抛光",)), 1)
    assert set(miss.words) <= {"抛光"}


def test_why_not_of_few_records_is_empty() -> None:
    assert Matcher().fit([Item("a", "水稻")]).why_not(Item("n", text="水稻"), 10) == []
