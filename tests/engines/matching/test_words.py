"""Words in reasons are whole words of the need: no reader is shown a piece that begins or ends inside one."""

import pytest

from kezhuan.engines.matching import Item, Matcher

CORPUS = (
    Item(
        "a", "8英寸碳化硅衬底化学机械抛光工艺", "用于大尺寸碳化硅衬底，抛光后表面粗糙度低。", ("碳化硅", "衬底", "抛光")
    ),
    Item("b", "污泥碳化炉", "污泥碳化与热解，尺寸紧凑，碳化温度可控。", ("污泥", "碳化")),
    Item("c", "污水在线监测仪", "在线监测重金属离子，数据联网。", ("在线监测", "重金属")),
    Item("d", "等离子体刻蚀腔体涂层", "刻蚀腔体内衬用氧化钇涂层，颗粒少。", ("等离子体", "涂层", "颗粒")),
    Item("e", "凝珠膜淡水矿化促进", "凝珠膜在淡水中矿化，每天取样。", ("凝珠膜", "淡水", "矿化")),
    Item("f", "衰变池监测", "监测废水中碘-131与镥-177。", ("衰变池", "监测")),
    Item("g", "晶圆颗粒检测", "检测晶圆上颗粒。", ("晶圆", "颗粒", "检测")),
    Item("h", "大尺寸玻璃切割", "尺寸公差小。", ("玻璃", "尺寸")),
)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher().fit(CORPUS)


def shown(matcher: Matcher, need: Item, supply: str) -> set[str]:
    parts = matcher.explain(need, supply).parts
    return {word for part in parts if part.name in {"title", "words"} for word in part.because.params["words"]}


@pytest.mark.parametrize(
    ("need", "supply", "words"),
    [
        ("8英寸碳化硅衬底低损伤抛光", "a", {"8英寸碳化硅衬底", "碳化硅衬底", "抛光"}),
        ("氮化硅衬底", "b", set()),
        ("6英寸碳化硅衬底低损伤抛光", "a", {"碳化硅衬底", "抛光"}),
        ("大尺寸碳化硅衬底", "h", {"大尺寸", "尺寸"}),
        ("厂区在线监测", "c", {"在线监测"}),
        ("膜上颗粒要少", "d", {"颗粒"}),
        ("28天淡水矿化率", "e", {"淡水矿化", "淡水", "矿化"}),
        ("废水碘-131连续监测", "f", {"监测", "废水"}),
        ("废水，碘-131，连续监测", "f", {"碘-131", "监测", "废水"}),
        ("131", "f", set()),
        ("12个月后颗粒", "g", {"颗粒"}),
    ],
)
def test_shown_words_are_whole(matcher: Matcher, need: str, supply: str, words: set[str]) -> None:
    assert shown(matcher, Item("n", text=need), supply) <= words
    assert bool(words) == bool(shown(matcher, Item("n", text=need), supply))


def test_what_shares_no_whole_word_says_so(matcher: Matcher) -> None:
    [part] = matcher.explain(Item("n", text="氮化硅片"), "a").parts[:1]
    assert part.because.params["words"] == ()
    assert (part.because.say("zh"), part.because.say("en")) == (
        "名称中只有零散的字词相同",
        "only scattered characters in its title",
    )


def test_a_record_added_since_the_last_merge_is_read_like_the_others() -> None:
    matcher = Matcher().fit(CORPUS[1:])
    matcher.partial_fit(CORPUS[:1])
    assert "碳化硅衬底" in shown(matcher, Item("n", text="6英寸碳化硅衬底低损伤抛光"), "a")


def test_words_are_the_same_after_saving_and_loading(matcher: Matcher, tmp_path: object) -> None:
    need = Item("n", text="6英寸碳化硅衬底低损伤抛光，在线监测")
    matcher.save(f"{tmp_path}/index")
    again = Matcher.load(f"{tmp_path}/index")
    assert all(shown(matcher, need, item.id) == shown(again, need, item.id) for item in CORPUS)


def test_words_of_a_reason_stand_in_one_order_whoever_else_is_matched() -> None:
    need = Item("need", "大尺寸 大尺寸", "碳化硅 低缺陷")
    matcher = Matcher().fit(Item(f"s{number}", "低缺陷碳化硅 machine", "") for number in range(6))
    for match in matcher.kneighbors([need], 6)[0]:
        assert matcher.explain(need, match.supply).parts == match.parts
