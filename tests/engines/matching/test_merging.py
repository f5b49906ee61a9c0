"""Merges beside a matcher that answers on, and fitting from a stream."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kezhuan.engines.matching import Item, Matcher, index

from .cases import CITY

NEED = Item("need", text="大尺寸碳化硅衬底 低缺陷 抛光")


def ranked(matcher: Matcher) -> list[tuple[object, float]]:
    [matches] = matcher.kneighbors([NEED], 100)
    return [(match.supply, match.score) for match in matches]


def many(count: int) -> list[Item]:
    return [replace(CITY[n % len(CITY)], id=n) for n in range(count)]


def test_merged_matcher_scores_as_fit_and_leaves_the_former_as_it_was() -> None:
    matcher = Matcher().fit(many(40))
    matcher.partial_fit([replace(item, id=f"late {item.id}") for item in many(300)], merge=False)
    matcher.delete([1, 2, "late 3"])
    assert matcher.merge_due
    before, living, generation = ranked(matcher), matcher.alive.tolist(), matcher.generation
    merged = matcher.merged()
    assert not merged.merge_due
    assert (ranked(matcher), matcher.alive.tolist(), matcher.generation) == (before, living, generation)
    kept = [item for item in many(40) if item.id not in (1, 2)]
    late = [replace(item, id=f"late {item.id}") for item in many(300) if item.id != 3]
    assert ranked(merged) == ranked(Matcher().fit(kept + late)) != before


def test_an_index_that_grew_gives_the_near_misses_of_a_new_one_once_it_is_counted() -> None:
    """Before that its few records are weighed as if every word were equally rare, and others stand above the line."""
    grown = Matcher()
    for item in many(14):
        grown.partial_fit([item])

    def missed(matcher: Matcher) -> list[tuple[object, float, float]]:
        return [(one.supply, one.score, one.line) for one in matcher.why_not(NEED, 1)]

    anew = missed(Matcher().fit(many(14)))
    assert missed(grown) != anew != []
    assert missed(grown.merge()) == anew


def test_merged_matcher_renumbers_by_living_slots() -> None:
    matcher = Matcher().fit(many(400))
    facts = {one: matcher.facts_of(one) for one in (300, 301, 399)}
    matcher.delete(range(300))
    merged = matcher.merged()
    assert merged.generation != matcher.generation
    assert merged.ids == [one for one, on in zip(matcher.ids, matcher.alive, strict=True) if on]
    assert {one: merged.facts_of(one) for one in facts} == facts
    assert ranked(merged) == ranked(Matcher().fit(many(400)[300:]))
    assert len(matcher.ids) == 400


def test_partial_fit_leaves_the_merge_to_the_caller_when_told() -> None:
    matcher = Matcher().fit(many(10))
    matcher.partial_fit(many(500), merge=False)
    assert matcher.merge_due
    matcher.partial_fit(many(1))
    assert not matcher.merge_due


def test_fit_reads_a_stream_once_and_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ranked(Matcher().fit(many(50)))
    monkeypatch.setattr(index, "_BATCH", 7)
    matcher = Matcher().fit(iter([*many(50), *many(20)]))  # the last of each id counts
    assert len(matcher) == 50
    assert ranked(matcher) == whole


def test_fit_that_fails_leaves_the_former_records() -> None:
    matcher = Matcher().fit(many(5))

    def broken() -> Iterator[Item]:
        yield CITY[0]
        raise OSError("no more to read")

    with pytest.raises(OSError, match="no more"):
        matcher.fit(broken())
    assert len(matcher) == 5
