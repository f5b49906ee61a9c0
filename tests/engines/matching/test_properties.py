"""Laws of the matcher, for any records and needs."""

import math
from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.matching import FROZEN, Facts, Item, Match, Matcher

from .cases import facts, few, needs, supplies

CALM = replace(FROZEN, live_least=10**6)
"""Statistics hold still while records are added."""


def ranking(matcher: Matcher, need: Item, k: int = 20) -> list[tuple[object, float]]:
    return [(match.supply, match.score) for match in matcher.kneighbors([need], k)[0]]


def part(match: Match, name: str) -> float:
    return sum(one.value for one in match.parts if one.name == name)


@given(supplies(), needs)
@few
def test_parts_sum_to_the_score(items: list[Item], need: Item) -> None:
    for match in Matcher().fit(items).kneighbors([need], 20)[0]:
        assert math.isclose(sum(one.value for one in match.parts), match.score, rel_tol=0, abs_tol=1e-9)
        assert all(one.because.say("zh") and one.because.say("en") for one in match.parts)


@given(supplies(), needs)
@few
def test_scores_fall_with_rank_and_stay_in_range(items: list[Item], need: Item) -> None:
    matches = Matcher().fit(items).kneighbors([need], 20)[0]
    assert [match.rank for match in matches] == list(range(1, len(matches) + 1))
    scores = [match.score for match in matches]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score < 1.32 for score in scores)


@given(supplies(), needs, st.randoms(use_true_random=False))
@few
def test_loading_order_does_not_change_the_ranking(items: list[Item], need: Item, random: Random) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    assert ranking(Matcher().fit(items), need) == ranking(Matcher().fit(shuffled), need)


NAMES = st.lists(st.from_regex(r"[aB]-?[0-9]{0,3}", fullmatch=True) | st.integers(0, 200), min_size=2, unique=True)


@given(NAMES, st.lists(facts, min_size=1, max_size=2), needs, st.integers(1, 3), st.randoms(use_true_random=False))
@few
def test_level_records_stand_by_what_they_state_then_by_their_ids_as_people_count(
    names: list[str | int], stated: list[Facts], need: Item, k: int, random: Random
) -> None:
    """Whatever order they are loaded in, and however few of them are asked for."""
    asked = replace(need, facts=Facts())  # so that facts move no score
    items = [Item(one, need.title, need.text, facts=stated[at % len(stated)]) for at, one in enumerate(names)]

    def place(item: Item) -> tuple[object, ...]:
        facts = item.facts
        sets = (facts.modes or None, facts.rights or None)
        known = (facts.field, facts.trl, facts.money_fen, facts.region, facts.deadline, *sets)
        if isinstance(item.id, int):
            return (sum(one is None for one in known), 0, item.id)
        head = item.id.rstrip("0123456789")
        digits = item.id[len(head) :]
        return (sum(one is None for one in known), 1, head.lower(), int(digits or -1), item.id)

    expected = [item.id for item in sorted(items, key=place)]
    random.shuffle(items)
    matcher = Matcher(CALM).fit(items[:1]).partial_fit(items[1:], merge=False).merge()
    found = ranking(matcher, asked, len(items))
    assert [supply for supply, _ in found] == expected
    assert len({score for _, score in found}) == 1
    assert ranking(matcher, asked, k) == found[:k]


@given(supplies(12, 60), needs, st.integers(1, 2))
@few
def test_no_record_is_passed_over_whose_facts_lift_it_among_the_first(items: list[Item], need: Item, k: int) -> None:
    matcher = Matcher().fit(items)
    assert ranking(matcher, need, k) == ranking(matcher, need, len(items))[:k]


@given(supplies(), needs, st.integers(1, 5))
@few
def test_fewer_neighbours_are_the_first_of_more(items: list[Item], need: Item, k: int) -> None:
    matcher = Matcher().fit(items)
    assert ranking(matcher, need, k) == ranking(matcher, need)[:k]


@given(supplies(2), needs, st.data())
@few
def test_partial_fit_then_merge_equals_fit(items: list[Item], need: Item, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(items)))
    stepwise = Matcher().fit(items[:cut])
    for item in items[cut:]:
        stepwise.partial_fit([item])
    found = {supply for supply, _ in ranking(stepwise, need)}
    assert found == {supply for supply, _ in ranking(Matcher().fit(items), need)}
    assert ranking(stepwise.merge(), need) == ranking(Matcher().fit(items), need)


@given(supplies(2), needs, st.data())
@few
def test_delete_then_merge_equals_never_added(items: list[Item], need: Item, data: st.DataObject) -> None:
    gone = data.draw(st.sets(st.sampled_from([item.id for item in items])))
    matcher = Matcher().fit(items)
    matcher.delete(gone)
    assert not gone & {supply for supply, _ in ranking(matcher, need)}
    kept = Matcher().fit([item for item in items if item.id not in gone])
    assert ranking(matcher.merge(), need) == ranking(kept, need)


@given(supplies(), needs)
@few
def test_replacing_a_record_by_itself_changes_nothing(items: list[Item], need: Item) -> None:
    matcher = Matcher().fit(items)
    before = ranking(matcher, need)
    assert ranking(matcher.partial_fit(items[:1]), need) == before


@given(supplies(), supplies(1, 3), needs, st.integers(1, 4))
@few
def test_a_record_added_removes_none_but_what_it_beats(items: list[Item], more: list[Item], need: Item, k: int) -> None:
    matcher = Matcher(CALM).fit(items)
    before = ranking(matcher, need)
    fresh = [replace(item, id=f"more-{item.id}") for item in more]
    matcher.partial_fit(fresh)
    after = ranking(matcher, need)
    names = {item.id for item in fresh}
    assert [one for one in after if one[0] not in names] == before
    if not any(matcher.explain(need, one).score for one in names):  # irrelevant
        assert ranking(matcher, need, k) == before[:k]


@given(supplies(), needs, st.sampled_from(["7788 9911", "甲乙丙丁戊己", "zzyzx qwfpgj", "、。！", ""]))
@few
def test_an_irrelevant_record_removes_nothing_from_the_top(items: list[Item], need: Item, noise: str) -> None:
    matcher = Matcher(CALM).fit(items)
    before = ranking(matcher, need, 3)
    matcher.partial_fit([Item(f"noise-{n}", noise, noise) for n in range(5)])
    assert {matcher.explain(need, f"noise-{n}").score for n in range(5)} == {0.0}
    assert ranking(matcher, need, 3) == before


@given(supplies(2), needs, st.randoms(use_true_random=False), st.data())
@few
def test_neither_does_the_order_in_which_records_are_added(
    items: list[Item], need: Item, random: Random, data: st.DataObject
) -> None:
    cut = data.draw(st.integers(1, len(items) - 1))
    shuffled = items[cut:]
    random.shuffle(shuffled)
    one, other = Matcher(CALM).fit(items[:cut]), Matcher(CALM).fit(items[:cut])
    one.partial_fit(items[cut:])
    for item in shuffled:
        other.partial_fit([item])
    assert ranking(one, need) == ranking(other, need)


WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
OLD = str.maketrans("衬电热机减检测视觉涂层蚀剂尺陷", "襯電熱機減檢測視覺塗層蝕劑尺陷")
FORMS = {
    "as it is": str,
    "upper case": str.upper,
    "full width": lambda text: text.translate(WIDE),
    "traditional": lambda text: text.translate(OLD),
}


def written(item: Item, form: str) -> Item:
    write = FORMS[form]
    return replace(item, title=write(item.title), text=write(item.text), keywords=tuple(map(write, item.keywords)))


@given(supplies(), needs, st.sampled_from(sorted(FORMS)), st.sampled_from(sorted(FORMS)))
@few
def test_case_width_and_old_characters_find_each_other(items: list[Item], need: Item, ours: str, theirs: str) -> None:
    plain, other = Matcher().fit(items), Matcher().fit([written(item, theirs) for item in items])
    assert ranking(other, written(need, ours)) == ranking(plain, need)
    found, expected = other.search(FORMS[ours](need.text)), plain.search(need.text)
    assert found.slots.tolist() == expected.slots.tolist()
    assert other.highlight(written(need, ours), FORMS[theirs](need.text)) == plain.highlight(need, need.text)


AGREEING = {
    "field": Facts(field="农业"),
    "trl": Facts(trl=5),
    "price": Facts(money_fen=1_000_000_00),
    "region": Facts(region="440106"),
    "mode": Facts(modes=frozenset({"licence"})),
    "deadline": Facts(deadline=date(2028, 1, 1)),
}
MISSING = {
    "field": {"field": "核应用"},
    "trl": {"trl": 2},
    "price": {"money_fen": 1_500_000_00},
    "region": {"region": "440112"},
    "mode": {"modes": frozenset({"equity"})},
    "deadline": {"deadline": date(2028, 1, 2)},
}


@pytest.mark.parametrize("name", AGREEING)
def test_a_fact_that_agrees_lifts_one_that_misses_lowers_unknown_is_neutral(name: str) -> None:
    asked = AGREEING[name]
    body = {"title": "碳化硅衬底", "text": "抛光工艺"}
    items = [
        Item("agrees", facts=asked, **body),
        Item("unknown", **body),
        Item("misses", facts=replace(asked, **MISSING[name]), **body),
    ]
    matcher = Matcher().fit(items)
    agrees, unknown, misses = matcher.kneighbors([Item("n", text="碳化硅衬底", facts=asked)])[0]
    assert (agrees.supply, unknown.supply, misses.supply) == ("agrees", "unknown", "misses")
    assert part(agrees, name) > 0 > part(misses, name)
    assert all(one.name in {"title", "words", "meaning"} for one in unknown.parts)
    bare = matcher.kneighbors([Item("n", text="碳化硅衬底")])[0]
    assert {match.score for match in bare} == {unknown.score}


@given(st.integers(1, 9), st.integers(1, 9))
@few
def test_more_missing_maturity_never_scores_higher(one: int, other: int) -> None:
    items = [Item(level, "碳化硅", facts=Facts(trl=level)) for level in sorted({one, other})]
    matches = Matcher().fit(items).kneighbors([Item("n", text="碳化硅", facts=Facts(trl=7))])[0]
    by_level = {match.supply: match.score for match in matches}
    assert by_level[max(one, other)] >= by_level[min(one, other)]


@given(supplies(3), needs, facts)
@few
def test_facts_alone_never_bring_a_record_in(items: list[Item], need: Item, stated: Facts) -> None:
    bare = {supply for supply, _ in ranking(Matcher().fit(items), replace(need, facts=Facts()))}
    assert {supply for supply, _ in ranking(Matcher().fit(items), replace(need, facts=stated))} == bare
