"""A short need that writes a character by itself finds the records that hold it in a word, and is told so."""

from dataclasses import replace

import numpy as np
import pytest

from kezhuan.engines.matching import FROZEN, Item, Matcher, weights

CITY = (
    Item("crystal", "锗单晶生长", "锗单晶直拉法生长与掺杂。"),
    Item("scrap", "从废料中回收锗和镓", "湿法回收。"),
    Item("list", "铟、锗、镓的提取", "萃取。"),
    Item("plastic", "回收塑料", "塑料再生。"),
    Item("tea", "绿茶杀青机", "用于绿茶。"),
    Item("robot", "机器人减速器", "谐波减速器。"),
)


@pytest.fixture
def city() -> Matcher:
    return Matcher().fit(CITY)


def found(matcher: Matcher, text: str) -> dict[object, float]:
    return {match.supply: match.score for match in matcher.kneighbors([Item("need", text=text)], 9)[0]}


def words(matcher: Matcher, text: str, supply: str) -> set[str]:
    parts = matcher.explain(Item("need", text=text), supply).parts
    return {word for part in parts if part.name in {"title", "words"} for word in part.because.params["words"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("锗", {"crystal", "scrap", "list"}),
        ("鍺", {"crystal", "scrap", "list"}),
        ("茶", {"tea"}),
        ("机", {"tea", "robot"}),
    ],
)
def test_a_character_alone_finds_what_holds_it(city: Matcher, text: str, expected: set[str]) -> None:
    assert found(city, text).keys() == expected
    assert all(words(city, text, one) == {text} for one in expected)


def test_characters_of_a_list_count_beside_its_words(city: Matcher) -> None:
    scores = found(city, "锗、镓、铟回收")
    assert max(scores, key=scores.__getitem__) == "scrap"
    assert scores["list"] > scores["crystal"]
    assert words(city, "锗、镓、铟回收", "scrap") == {"锗", "镓", "回收"}


@pytest.mark.parametrize("text", ["的", "中", "年", "5 种"])
def test_what_binds_or_counts_names_nothing(city: Matcher, text: str) -> None:
    assert found(city, text) == {}


@pytest.mark.parametrize("text", ["5 种", "!!!! ???? 5", "12 5", "x"])
def test_numbers_and_letters_ask_for_nothing_where_records_have_them(text: str) -> None:
    matcher = Matcher().fit([Item("kinds", "5 种催化剂 x 12", "共 5 种"), Item("tea", "茶叶加工")])
    assert found(matcher, text) == {}
    assert found(matcher, f"{text} 催化剂").keys() == {"kinds"}


def test_a_longer_need_is_read_in_pairs_as_ever(city: Matcher) -> None:
    long = "生产线用机器人减速器 茶"
    assert "tea" not in found(city, long)
    assert "tea" in found(city, long.removeprefix("生产线用"))


def test_the_pairs_that_most_records_have_stand_for_it() -> None:
    matcher = Matcher(replace(FROZEN, short_pairs=1)).fit(CITY)
    assert found(matcher, "茶").keys() == {"tea"}
    more = [*CITY, Item("green", "绿茶"), Item("garden", "茶园")]
    assert found(Matcher(replace(FROZEN, short_pairs=1)).fit(more), "茶").keys() == {"tea", "green"}


def test_a_pair_that_any_text_may_have_stands_for_nothing() -> None:
    matcher = Matcher().fit([*CITY, Item("level", "水平"), Item("water", "净水装置")])
    assert found(matcher, "水").keys() == {"water"}


def test_of_the_many_pairs_of_a_common_character_few_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(weights, "is_generic", lambda unit: bool(looked_at.append(unit)))
    matcher = Matcher().fit([*CITY, *(Item(n, f"茶{chr(0x4E00 + 16 * n)}") for n in range(200))])
    assert len(found(matcher, "茶")) == 9
    assert len(looked_at) == FROZEN.short_pairs


def test_what_came_since_the_last_merge_is_found_and_lowers_nothing(city: Matcher) -> None:
    before = found(city, "茶")
    city.partial_fit([Item("garden", "茶园灌溉")], merge=False)
    after = found(city, "茶")
    assert after.keys() == {"tea", "garden"}
    assert after["tea"] == before["tea"]
    assert found(city.merge(), "茶") == found(Matcher().fit([*CITY, Item("garden", "茶园灌溉")]), "茶")


def test_the_best_of_many_pairs_stays_a_score() -> None:
    pairs = "".join(f"{chr(0x4E00 + 16 * number)}茶{chr(0x4E01 + 16 * number)}，" for number in range(60))
    matcher = Matcher().fit([Item("all", pairs, pairs), *CITY])
    assert 0 < found(matcher, "茶")["all"] <= 1


def test_such_a_need_asks_for_a_new_record() -> None:
    matcher = Matcher().fit([*CITY, Item("need", text="茶")])
    among = np.array([one == "need" for one in matcher.ids])
    assert matcher.may_ask("tea", 0.2, among) == ["need"]


def test_a_character_that_a_record_holds_is_not_missed_in_it() -> None:
    matcher = Matcher().fit([*CITY, Item("both", "锗与塑料"), Item("near", "塑料与锗单晶")])
    missed = matcher.why_not(Item("need", text="锗、塑料"), 1, 9)
    told = {miss.supply: miss.words or (miss.gap.params.get("words", ()) if miss.gap else ()) for miss in missed}
    assert told["plastic"] == ("锗",)
    assert told["crystal"] == ("塑料",)
    assert "锗" not in told["both"]
