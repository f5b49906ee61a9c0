"""Words that stand together in the corpus itself: for English needs of few words, learnt when the corpus is counted."""

import math
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.matching import FROZEN, Facts, Item, Match, Matcher
from kezhuan.engines.matching.latent import share_of

from .cases import few, needs, supplies

SMALL = replace(FROZEN, latent_least=4, latent_dimensions=3, live_least=10**6)
"""Directions are learnt from a handful of records, and statistics hold still while records are added."""
FLIGHT = "wing flap lift drag stall aileron"
HEAT = "slab conduction flux insulation ablation cooling"


def ranking(matcher: Matcher, need: Item, k: int = 30) -> list[tuple[object, float]]:
    return [(match.supply, match.score) for match in matcher.kneighbors([need], k)[0]]


def nearness(match: Match) -> float:
    return sum(part.value for part in match.parts if part.name == "meaning")


def papers(count: int = 60) -> list[Item]:
    """Some on flight and some on heat; every one leaves out most words of its subject."""
    draw = Random(5)
    return [
        Item(f"{subject[:4]}{n}", " ".join(draw.sample(subject.split(), 3)), "in a tunnel" if n % 10 == 0 else "study")
        for n in range(count)
        for subject in (FLIGHT, HEAT)
    ]


def test_of_records_that_share_one_word_those_on_the_matter_stand_first() -> None:
    items = [*papers(), Item("on-it", "aileron drag", "tunnel"), Item("off-it", "ablation cooling", "tunnel")]
    need = Item("need", text="wing lift in a tunnel")
    by_words = Matcher(replace(SMALL, latent_share=0.0)).fit(items)
    assert math.isclose(by_words.explain(need, "on-it").score, by_words.explain(need, "off-it").score, rel_tol=0.05)
    matcher = Matcher(SMALL).fit(items)
    on, off = (matcher.explain(need, one) for one in ("on-it", "off-it"))
    assert nearness(on) > 1.5 * nearness(off)
    assert on.score > off.score
    (part,) = (part for part in on.parts if part.name == "meaning")
    assert part.because.code == "akin-words"
    assert {pair.split("～")[1] for pair in part.because.params["words"]} <= {"aileron", "drag"}
    assert "aileron" in part.because.say("en")
    assert nearness(matcher.explain(Item("need", text="机翼升力风洞"), "on-it")) == 0


def test_the_longer_a_need_the_less_is_added_and_few_records_teach_nothing() -> None:
    shares = share_of(np.arange(1, 100), FROZEN).tolist()
    assert shares == sorted(shares, reverse=True)
    assert (shares[0], shares[-1]) == (FROZEN.latent_share, 0.0)
    items = papers()
    need = Item("need", text="wing lift in a tunnel")
    assert not any(nearness(match) for match in Matcher().fit(items).kneighbors([need], 50)[0])
    assert any(nearness(match) for match in Matcher(SMALL).fit(items).kneighbors([need], 50)[0])


@given(supplies(5, 20), needs, st.randoms(use_true_random=False))
@few
def test_order_of_loading_moves_nothing_and_parts_add_up(items: list[Item], need: Item, random: Random) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)
    plain = Matcher(SMALL).fit(items)
    stepwise = Matcher(SMALL).fit(shuffled[:3]).partial_fit(shuffled[3:], merge=False).merge()
    assert ranking(plain, need) == ranking(Matcher(SMALL).fit(shuffled), need) == ranking(stepwise, need)
    for match in plain.kneighbors([need], 30)[0]:
        assert math.isclose(sum(part.value for part in match.parts), match.score, rel_tol=0, abs_tol=1e-9)
        assert match.score == plain.explain(need, match.supply).score
        assert all(part.because.say("zh") and part.because.say("en") for part in match.parts)


@given(supplies(5, 20), supplies(1, 3), needs)
@few
def test_a_record_added_moves_no_other(items: list[Item], more: list[Item], need: Item) -> None:
    matcher = Matcher(SMALL).fit(items)
    before = ranking(matcher, need)
    matcher.partial_fit(replace(item, id=f"more-{item.id}") for item in more)
    assert [one for one in ranking(matcher, need) if not str(one[0]).startswith("more-")] == before


@given(supplies(5, 20), needs, st.floats(0.05, 0.9))
@few
def test_no_need_is_missed_from_the_other_side(items: list[Item], need: Item, least: float) -> None:
    held = replace(need, title=f"{need.title}\nWafers polishing gear", text=f"{need.text}\nN-2026-00001")
    matcher = Matcher(SMALL).fit([*items, held])
    among = np.array([one == need.id for one in matcher.ids])
    for item in items:
        if matcher.explain(need, item.id).score >= least:
            assert matcher.may_ask(item.id, least, among) == [need.id]


@given(supplies(5, 20), needs, st.integers(1, 3))
@few
def test_what_was_named_as_missing_lifts_the_record(items: list[Item], need: Item, k: int) -> None:
    matcher = Matcher(SMALL).fit(items)
    by_id = {item.id: item for item in items}
    need = replace(need, facts=Facts())
    for miss in matcher.why_not(need, k, 3):
        if miss.words:
            item = by_id[miss.supply]
            text = "\n".join((item.text, *miss.words))
            changed = replace(item, text=text, facts=miss.facts or item.facts)
            score = Matcher(SMALL).fit(items).partial_fit([changed]).explain(need, miss.supply).score
            assert math.isclose(score, miss.new_score, rel_tol=1e-9)


def test_what_was_learnt_is_kept_with_the_index(tmp_path: Path) -> None:
    need = Item("need", text="wing lift in a tunnel")
    matcher = Matcher(SMALL).fit(papers())
    matcher.save(tmp_path / "index")
    read = Matcher.load(tmp_path / "index", SMALL)
    assert ranking(read, need) == ranking(matcher, need)
    read.partial_fit([Item("late", "wing flap", "an aileron that came later")])
    assert nearness(read.explain(need, "late")) > 0
