"""What the matcher promises on small corpora: order, reasons, masks, adding, replacing and deleting."""

from dataclasses import replace

import numpy as np
import pytest

from kezhuan.engines.matching import FROZEN, Facts, Item, Match, Matcher

from .cases import CITY

NEED = Item(
    "n",
    "碳化硅衬底抛光",
    "需要低缺陷的碳化硅衬底抛光技术，8英寸。",
    (),
    Facts(field="新材料及其应用", trl=6, money_fen=200_0000_00, region="440112", modes=frozenset({"licence"})),
)


@pytest.fixture
def city() -> Matcher:
    return Matcher().fit(CITY)


def said(match: Match, lang: str = "zh") -> dict[str, str]:
    return {part.name: part.because.say(lang) for part in match.parts}


@pytest.mark.parametrize(
    ("need", "best"),
    [
        ("大尺寸碳化硅衬底 低缺陷 抛光", "sic-polish"),
        ("polishing silicon carbide wafers", "wafer-en"),
        ("ＳＩＬＩＣＯＮ carbide WAFER polished", "wafer-en"),
        ("動力電池熱管理", "battery"),
        ("traction battery cooling", "battery-en"),
        ("抗病水稻品种", "rice"),
        ("谐波减速器寿命", "robot"),
        ("晶圆表面缺陷如何检测", "vision"),
    ],
)
def test_kneighbors_best_of_the_city(city: Matcher, need: str, best: str) -> None:
    assert city.kneighbors([Item("n", text=need)], 1)[0][0].supply == best


def test_kneighbors_reasons_in_chinese(city: Matcher) -> None:
    matches = {match.supply: said(match) for match in city.kneighbors([NEED])[0]}
    assert matches["sic-polish"] == {
        "title": "名称中有：碳化硅衬底、抛光、8英寸",
        "words": "共有词语：衬底、抛光、碳化硅、缺陷",
        "field": "技术领域相同：新材料及其应用",
        "trl": "成熟度 7 ≥ 6",
        "price": "报价 180 万元 ≤ 预算 200 万元",
        "region": "地区相同：440112",
        "mode": "合作方式相合：licence",
    }
    assert matches["sic-grow"]["trl"] == "成熟度 4 < 6"
    assert matches["sic-grow"]["price"] == "报价 300 万元 > 预算 200 万元"
    assert matches["sic-grow"]["mode"] == "合作方式不合：需求 licence，供给 joint_rd"


def test_kneighbors_reasons_in_english(city: Matcher) -> None:
    need = Item("n", "", "Polishing of silicon carbide wafers", (), Facts(trl=8, money_fen=5_000_000_00))
    [match] = city.kneighbors([need], 1)[0]
    assert said(match, "en") == {
        "title": "in its title: silicon carbide wafers, Polishing",
        "words": "shared words: Polishing, wafers",
        "trl": "TRL 6 < 8",
    }
    [grow] = [one for one in city.kneighbors([NEED])[0] if one.supply == "sic-grow"]
    assert said(grow, "en")["price"] == "price CNY 3 million > budget CNY 2 million"


def test_reason_labels_stand_for_codes(city: Matcher) -> None:
    labels = {"licence": "许可", "440112": "黄埔区"}
    [match] = city.kneighbors([NEED], 1)[0]
    sentences = {part.name: part.because.say("zh", lambda code: labels.get(code, code)) for part in match.parts}
    assert (sentences["region"], sentences["mode"]) == ("地区相同：黄埔区", "合作方式相合：许可")


def test_reason_names_a_phrase_once_whatever_its_case() -> None:
    matcher = Matcher().fit([Item("s", text="long term wafer storage")])
    [match] = matcher.kneighbors([Item("n", text="Long-term wafer. Long Term Wafer storage.")])[0]
    assert said(match, "en")["words"] == "shared words: Long Term Wafer storage"


def test_kneighbors_returns_nothing_without_a_shared_word(city: Matcher) -> None:
    assert city.kneighbors([Item("n", text="量子 xyzzy", facts=NEED.facts)]) == [[]]
    assert city.kneighbors([Item("n", text="，。")]) == [[]]
    assert Matcher().kneighbors([NEED]) == [[]]


def test_kneighbors_takes_function_words_alone_for_nothing() -> None:
    matcher = Matcher().fit([*CITY, Item("gear", "Control of the gears in a robot", "for use with it")])
    need = Item("n", text="fouling of membranes in the treatment of sewage")
    assert matcher.kneighbors([need], 20) == [[]]
    assert (matcher.explain(need, "gear").score, matcher.explain(need, "gear").parts) == (0, ())
    with_more = Item("n", text="fouling of the gears in sewage")
    assert [match.supply for match in matcher.kneighbors([with_more])[0]] == ["gear"]
    assert matcher.explain(with_more, "gear").score == matcher.kneighbors([with_more])[0][0].score


def test_kneighbors_unequal_maturity_scales_are_said_and_neutral() -> None:
    item = Item("s", "碳化硅", facts=Facts(trl=2, trl_scale="grade5"))
    [match] = Matcher().fit([item]).kneighbors([Item("n", "碳化硅", facts=Facts(trl=6))])[0]
    [part] = [part for part in match.parts if part.name == "trl"]
    assert part.value == 0
    assert part.because.say("zh") == "成熟度分级不同（需求 trl9，供给 grade5），不作比较"


def test_kneighbors_refuses_unfit_arguments(city: Matcher) -> None:
    with pytest.raises(ValueError, match="one boolean for each of 8 slots"):
        city.kneighbors([NEED], allowed=np.ones(3, np.bool_))
    with pytest.raises(ValueError, match="at least 1"):
        city.kneighbors([NEED], 0)


def test_kneighbors_allowed_hides_slots(city: Matcher) -> None:
    allowed = np.ones(len(city.ids), np.bool_)
    allowed[city.slot_of("sic-polish")] = False
    found = [match.supply for match in city.kneighbors([NEED], allowed=allowed)[0]]
    assert "sic-polish" not in found
    assert found


def test_kneighbors_progress_counts_needs(city: Matcher) -> None:
    seen: list[int] = []
    city.kneighbors([NEED, NEED, NEED], progress=seen.append)
    assert seen == [1, 2, 3]


def test_explain_gives_the_numbers_of_kneighbors(city: Matcher) -> None:
    for match in city.kneighbors([NEED])[0]:
        same = city.explain(NEED, match.supply)
        assert (same.score, same.parts) == (match.score, match.parts)
    with pytest.raises(KeyError):
        city.explain(NEED, "nobody")


def test_explain_record_without_a_shared_word_scores_nothing(city: Matcher) -> None:
    assert city.explain(Item("n", text="量子"), "rice").score == 0


def test_partial_fit_replaces_by_id(city: Matcher) -> None:
    city.partial_fit([Item("rice", "量子计算芯片")])
    assert len(city) == len(CITY)
    assert not [m for m in city.kneighbors([Item("n", text="水稻育种")])[0] if m.supply == "rice"]
    assert city.kneighbors([Item("n", text="量子芯片")], 1)[0][0].supply == "rice"
    assert city.ids[city.slot_of("rice")] == "rice"


def test_fit_last_of_equal_ids_counts() -> None:
    matcher = Matcher().fit([Item(1, "水稻"), Item(1, "电池")])
    assert len(matcher) == 1
    assert matcher.kneighbors([Item("n", text="水稻")]) == [[]]


def test_ids_of_different_types_stay_apart() -> None:
    assert len(Matcher().fit([Item(7, "水稻"), Item("7", "水稻")])) == 2


def test_delete_takes_records_out_of_everything(city: Matcher) -> None:
    assert city.delete(["sic-polish", "nobody"]) == 1
    assert "sic-polish" not in city
    for _ in range(2):
        assert "sic-polish" not in [match.supply for match in city.kneighbors([NEED])[0]]
        assert "sic-polish" not in [city.ids[slot] for slot in city.search("碳化硅").slots]
        assert "sic-polish" not in [city.ids[slot] for slot in city.search("").slots]
        assert "sic-polish" not in [miss.supply for miss in city.why_not(NEED, 1)]
        city.merge()


def test_generation_changes_only_when_slots_are_renumbered() -> None:
    matcher = Matcher().fit([Item(number, f"水稻 {number}") for number in range(200)])
    before = matcher.generation
    matcher.delete(range(50))
    matcher.merge()
    assert matcher.generation == before
    assert matcher.slot_of(100) == 100
    matcher.delete(range(50, 150))
    matcher.merge()
    assert matcher.generation > before
    assert list(matcher.ids) == list(range(150, 200))
    assert matcher.kneighbors([Item("n", text="水稻 177")], 1)[0][0].supply == 177


def test_long_field_counts_are_capped_without_error() -> None:
    matcher = Matcher().fit([Item("s", "", "电池 " * 1000), Item("t", "", "水稻")])
    assert matcher.kneighbors([Item("n", text="电池")])[0][0].supply == "s"


def test_clone_of_scikit_learn_has_the_settings_and_no_records(city: Matcher) -> None:
    base = pytest.importorskip("sklearn.base")
    strict = Matcher(replace(FROZEN, shown_words=1), lambda: None).fit(CITY)
    other = base.clone(strict)
    assert (other.get_params(), len(other)) == (strict.get_params(), 0)
    assert other.fit(CITY).kneighbors([NEED]) == strict.kneighbors([NEED])
    assert other.kneighbors([NEED]) != city.kneighbors([NEED])
