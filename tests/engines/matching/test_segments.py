"""Segments: in how many a corpus lies, and where they are kept, changes no answer."""

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.matching import FROZEN, Config, Item, Matcher, index, segments
from kezhuan.engines.matching.across import Across

from .cases import CITY, few

NEED = Item("need", title="碳化硅衬底抛光", text="大尺寸碳化硅衬底 低缺陷 抛光 silicon carbide 3 inch")
_WORDS = ("碳化硅", "衬底", "抛光", "水", "淡水", "电解液", "silicon", "carbide", "the", "KX12", "低温", "的")
WORDS = st.lists(st.sampled_from(_WORDS), max_size=8)
ITEMS = st.builds(
    Item,
    id=st.integers(0, 12),
    title=st.builds("".join, WORDS),
    text=st.builds(" ".join, WORDS),
    keywords=st.builds(tuple, WORDS),
)
STEPS = st.lists(st.tuples(st.lists(ITEMS, max_size=4), st.sets(st.integers(0, 12), max_size=2)), max_size=6)
PRUNED = replace(FROZEN, exact_most=1, pruned_units=1, pruned_least=1, pruned_times=0)
"""Pruned from the first records on."""
QUESTIONS = ("碳化硅", "水", "碳化硅 抛光", "silicon 衬底", "低温 的 KX12", "the", "玉米")


def answers(matcher: Matcher) -> list[Any]:
    """What a matcher says to several questions; exact but for the ids in place of slots."""
    said: list[Any] = [
        [(match.supply, match.score, [(part.name, part.value) for part in match.parts]) for match in matches]
        for matches in matcher.kneighbors([NEED, Item("other", text="水 电解液")], 20)
    ]
    for words in QUESTIONS:
        for top in (None, 2, 0):
            found = matcher.search(words, top=top)
            ordered = [(matcher.ids[slot], score) for slot, score in zip(found.slots, found.scores, strict=True)]
            said.append((found.complete, ordered[:top], sorted(map(repr, ordered[top or 0 :]))))
    return said


def scripts(matcher: Matcher, *, anew: bool = False) -> list[list[bool]]:
    """Which living records are Chinese, and which of them thin, as was told when they came or is read anew."""
    across = Across(lambda: None) if anew else matcher._index.across
    if anew:
        across.chinese(matcher._index)
    return [one[matcher.alive].tolist() for one in across.scripts]


@given(base=st.lists(ITEMS, max_size=8), steps=STEPS, config=st.sampled_from((FROZEN, PRUNED)))
@few
def test_many_segments_answer_as_one_scan_and_merged_as_a_new_index(
    base: list[Item], steps: list[tuple[list[Item], set[int]]], config: Config
) -> None:
    many, scanned, kept = Matcher(config).fit(base), Matcher(config).fit(base), {item.id: item for item in base}
    for added, deleted in steps:
        for matcher in (many, scanned):
            matcher.partial_fit(added, merge=False)
            matcher.delete(deleted)
        many._index.seal()
        kept |= {item.id: item for item in added}
        kept = {one: item for one, item in kept.items() if one not in deleted}
        assert answers(many) == answers(scanned)
        assert scripts(many) == scripts(many, anew=True)
    anew = answers(Matcher(config).fit(kept.values()))
    assert answers(many.merge()) == answers(scanned.merge()) == anew
    assert scripts(many) == scripts(many, anew=True)


def test_segments_stay_few_and_the_counted_one_is_left_alone() -> None:
    matcher = Matcher(replace(FROZEN, live_most=5, live_least=2, live_share=1.0)).fit(
        [replace(CITY[n % len(CITY)], id=n) for n in range(200)]
    )
    counted = matcher._index.segments[0]
    for n in range(0, 180, 6):
        matcher.partial_fit([replace(CITY[m % len(CITY)], id=f"new {m}") for m in range(n, n + 6)])
        assert not matcher.merge_due
        assert matcher._index.segments[0] is counted
        sizes = [len(segment) for segment in matcher._index.segments[1:]]
        assert all(former >= 2 * later for former, later in pairwise(sizes))
    matcher.partial_fit([replace(CITY[0], id=f"newer {n}") for n in range(60)])
    assert [len(segment) for segment in matcher._index.segments] == [440]


@pytest.mark.parametrize("loaded", [False, True])
def test_save_writes_no_segment_twice(tmp_path: Path, loaded: bool) -> None:
    def numbers() -> dict[str, int]:
        [state] = [one for one in (tmp_path / "index").iterdir() if one.is_dir()]
        return {one.name: one.stat().st_ino for one in state.glob("segment-*")}

    matcher = Matcher().fit(CITY)
    matcher.save(tmp_path / "index")
    before = numbers()
    if loaded:
        matcher = Matcher.load(tmp_path / "index")
    matcher.partial_fit([Item("late", "碳化硅抛光液")], merge=False)
    matcher.save(tmp_path / "index")
    assert numbers() == before
    matcher._index.seal()
    matcher.save(tmp_path / "index")
    assert {name: numbers()[name] for name in before} == before
    assert len(numbers()) == 2 * len(before) == 2 * len(segments.ARRAYS)
    assert answers(Matcher.load(tmp_path / "index")) == answers(matcher)
    shutil.rmtree(tmp_path / "index")  # from under its feet: what it maps it can write again
    matcher.save(tmp_path / "index")
    assert answers(Matcher.load(tmp_path / "index")) == answers(matcher)


def test_file_of_the_same_name_is_not_taken_for_the_one_that_is_mapped(tmp_path: Path) -> None:
    matcher = Matcher().fit(CITY)
    matcher.save(tmp_path / "index")
    Matcher().fit(CITY[:3]).save(tmp_path / "other")
    shutil.rmtree(tmp_path / "index")
    (tmp_path / "other").rename(tmp_path / "index")
    matcher.save(tmp_path / "kept")
    assert answers(Matcher.load(tmp_path / "kept")) == answers(matcher)


def test_fit_and_merge_into_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "_SPILL", 300)
    monkeypatch.setattr(index, "_BATCH", 7)
    items = [replace(CITY[n % len(CITY)], id=n % 60) for n in range(90)]
    for name in ("fitted", "merged"):
        (tmp_path / name).mkdir()
    filed = Matcher().fit(iter(items), folder=tmp_path / "fitted")
    assert answers(filed) == answers(Matcher().fit(items))
    filed.partial_fit([replace(item, id=f"late {n}") for n, item in enumerate(items)], merge=False)
    filed.delete(range(0, 60, 2))
    assert filed.recount_due
    merged = filed.merged(tmp_path / "merged")
    merged.save(tmp_path / "index")
    again = Matcher.load(tmp_path / "index")
    for folder in ("fitted", "merged"):
        shutil.rmtree(tmp_path / folder)
    assert answers(again) == answers(merged) == answers(filed.merge())
    assert len(again._index.segments) == 1


@given(base=st.lists(ITEMS, min_size=1, max_size=8))
@few
def test_who_has_what_many_have_is_worked_out_once_and_the_same(base: list[Item]) -> None:
    matcher = Matcher().fit(base)
    expected = answers(matcher)
    postings = matcher._index.segments[0].postings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "_MANY_SLOTS", 0)
        patch.setattr(segments, "_MOST_KEPT", 3)
        for _ in range(2):
            assert answers(matcher) == expected
            assert len(postings.kept) <= 3
        matcher.search("水", top=0)
        patch.setattr(segments, "added_up", None)  # nobody goes over the records again
        matcher.search("水", top=0)
