"""The search box and highlighting."""

import numpy as np
import pytest
from hypothesis import given

from kezhuan.engines.matching import Item, Matcher

from .cases import CITY, few, supplies, texts


@pytest.fixture
def city() -> Matcher:
    return Matcher().fit(CITY)


def found(matcher: Matcher, query: str) -> list[object]:
    return [matcher.ids[slot] for slot in matcher.search(query).slots]


def test_search_requires_all_words_first(city: Matcher) -> None:
    answer = city.search("碳化硅 抛光")
    assert answer.complete
    assert [city.ids[slot] for slot in answer.slots] == ["sic-polish"]
    assert list(answer.scores) == sorted(answer.scores, reverse=True)


def test_search_falls_back_to_some_words(city: Matcher) -> None:
    answer = city.search("碳化硅 水稻")
    assert not answer.complete
    assert {city.ids[slot] for slot in answer.slots} == {"sic-polish", "sic-grow", "rice"}


def test_search_finds_nothing_for_unknown_words(city: Matcher) -> None:
    answer = city.search("xyzzy")
    assert not answer.complete
    assert len(answer.slots) == 0
    assert len(Matcher().search("碳化硅").slots) == 0


@pytest.mark.parametrize("query", ["", "  ", "，。", "!?"])
def test_search_empty_query_finds_all_allowed(city: Matcher, query: str) -> None:
    allowed = np.arange(len(CITY)) % 2 == 0
    assert city.search(query, allowed=allowed).slots.tolist() == np.flatnonzero(allowed).tolist()
    assert city.search(query).complete


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("稻", {"rice"}),
        ("硅", {"sic-polish", "sic-grow"}),
        ("硅 拋", {"sic-polish"}),
        ("sic", {"sic-polish", "wafer-en"}),
        ("WAFER", {"wafer-en"}),
        ("batteries", {"battery-en"}),
        ("the polishing of wafers", {"wafer-en"}),
        ("电池的热管理", {"battery"}),
        ("0.1", {"sic-polish"}),
    ],
)
def test_search_finds(city: Matcher, query: str, ids: set[str]) -> None:
    assert set(found(city, query)) == ids


def test_search_finds_single_characters_in_records_added_later(city: Matcher) -> None:
    city.partial_fit([Item("new", "鎵酸鋰")])
    assert found(city, "镓") == ["new"]
    assert found(city, "酸锂") == ["new"]


def test_search_title_outranks_text() -> None:
    matcher = Matcher().fit([Item("text", "其他", "讨论碳化硅的应用前景"), Item("title", "碳化硅", "其他应用前景如何")])
    assert found(matcher, "碳化硅") == ["title", "text"]


@given(supplies(), texts)
@few
def test_search_complete_answers_hold_every_word(items: list[Item], query: str) -> None:
    matcher = Matcher().fit(items[:6])
    matcher.partial_fit(items[6:])
    answer = matcher.search(query)
    if answer.complete and query:
        words = {item.id: f"{item.title} {' '.join(item.keywords)} {item.text}".split() for item in items}
        expected = {one for one, held in words.items() if set(query.split()) <= set(held)}
        assert expected <= {matcher.ids[slot] for slot in answer.slots}


def test_highlight_merges_pairs_into_words(city: Matcher) -> None:
    text = "大尺寸碳化矽襯底，Polishing 工艺；碳 化"
    spans = city.highlight("碳化硅衬底 polished", text)
    assert [text[start:end] for start, end in spans] == ["碳化矽襯底", "Polishing"]


def test_highlight_single_character(city: Matcher) -> None:
    for text in (
        "多晶硅与硅片",
        "多晶矽㎡硅片",
        "多晶硅與矽",
    ):  # in other writings too, and beside what is written in two
        assert city.highlight("硅", text) == [(2, 3), (4, 5)]


def test_highlight_need_leaves_binding_words_out(city: Matcher) -> None:
    need = Item("n", text="The polishing of the wafers 的技术")
    text = "the wafers of the 的"
    assert [text[start:end] for start, end in city.highlight(need, text)] == ["wafers"]


def test_highlight_nothing(city: Matcher) -> None:
    assert city.highlight("", "碳化硅") == []
    assert city.highlight("碳化硅", "") == []
