"""Needs that say much: a long record meets some of it by chance, so its length counts against it."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.matching import FROZEN, Item, Matcher
from kezhuan.engines.matching.weights import bend_of

from .cases import few, needs, supplies

SMALL = replace(FROZEN, long_need=(2, 6), length_power=0.5, live_least=10**6)
"""Needs of a few words are long."""
PLAIN = replace(SMALL, length_power=0.0)


def scores(matcher: Matcher, need: Item) -> dict[object, float]:
    return {match.supply: match.score for match in matcher.kneighbors([need], 30)[0]}


def test_the_longer_a_need_the_more_a_records_length_counts_up_to_a_whole() -> None:
    bends = bend_of(np.array([1, 128, 181, 256, 5000]), FROZEN).tolist()
    assert bends[:2] == [0.0, 0.0]
    assert math.isclose(bends[2], FROZEN.length_power / 2, rel_tol=0.01)
    assert bends[3:] == [FROZEN.length_power] * 2


@given(supplies(2), needs)
@few
def test_short_records_gain_long_ones_lose_and_parts_add_up(items: list[Item], need: Item) -> None:
    matcher, plain = Matcher(SMALL).fit(items), Matcher(PLAIN).fit(items)
    lengths = {item.id: sum(len(text.split()) for text in (item.title, *item.keywords, item.text)) for item in items}
    before, after = scores(plain, need), scores(matcher, need)
    assert before.keys() == after.keys()
    ratio = {one: after[one] / before[one] for one in after}
    by_length = sorted(ratio, key=lambda one: -ratio[one])
    if all(word.isascii() for item in items for word in (item.title + item.text + "".join(item.keywords)).split()):
        assert [lengths[one] for one in by_length] == sorted(lengths[one] for one in by_length)
    for match in matcher.kneighbors([need], 30)[0]:
        assert math.isclose(sum(part.value for part in match.parts), match.score, rel_tol=0, abs_tol=1e-9)
        assert match.score == matcher.explain(need, match.supply).score


@given(supplies(2), supplies(1, 3), needs, st.floats(0.05, 0.9), st.integers(1, 3))
@few
def test_laws_hold_for_long_needs(items: list[Item], more: list[Item], need: Item, least: float, k: int) -> None:
    held = replace(need, title=f"{need.title}\nWafers polishing gear", text=f"{need.text}\nN-2026-00001")
    matcher = Matcher(SMALL).fit([*items, held])
    before = scores(matcher, need)
    among = np.array([one == need.id for one in matcher.ids])
    for item in items:
        if matcher.explain(need, item.id).score >= least:
            assert matcher.may_ask(item.id, least, among) == [need.id]
    by_id = {item.id: item for item in (*items, held)}
    for miss in matcher.why_not(need, k, 3):
        if miss.words:
            item = by_id[miss.supply]
            text = "\n".join((item.text, *miss.words))
            changed = replace(item, text=text, facts=miss.facts or item.facts)
            lifted = Matcher(SMALL).fit([*items, held]).partial_fit([changed]).explain(need, miss.supply)
            assert math.isclose(lifted.score, miss.new_score, rel_tol=1e-9)
    matcher.partial_fit(replace(item, id=f"more-{item.id}") for item in more)
    assert {one: score for one, score in scores(matcher, need).items() if one in by_id} == before
    assert scores(Matcher(SMALL).fit([held, *reversed(items)]), need) == before
