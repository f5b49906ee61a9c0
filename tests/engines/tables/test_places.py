"""Places are known as people write them, and one that is not stays a word."""

import pytest

from kezhuan.engines.tables.places import find_places, place_name


@pytest.mark.parametrize(
    ("written", "code", "name"),
    [
        ("佛山", "440600", "佛山市"),
        ("佛山市", "440600", "佛山市"),
        ("广东省佛山市南海区", "440605", "佛山市南海区"),
        ("佛山南海", "440605", "佛山市南海区"),
        ("广州天河", "440106", "广州市天河区"),
        ("天河", "440106", "广州市天河区"),
        ("白云区", "440111", "广州市白云区"),
        ("贵阳市 白云区", "520113", "贵阳市白云区"),
        ("白云鄂博矿区", "150206", "包头市白云鄂博矿区"),
        ("北京", "110000", "北京市"),
        ("北京海淀", "110108", "北京市海淀区"),
        ("吉林", "220000", "吉林省"),
        ("吉林市", "220200", "吉林市"),
        ("恩施", "422800", "恩施土家族苗族自治州"),
        ("昆山市", "320583", "昆山市"),
        ("河南济源", "419001", "济源市"),
        ("广东省，佛山市", "440600", "佛山市"),
        ("Ｓｈｅｎｚｈｅｎ", "440300", "深圳市"),
        ("Shenzhen, Guangdong", "440300", "深圳市"),
        ("香港", "810000", "香港特别行政区"),
        ("440106008000", "440106", "广州市天河区"),
        ("中国台湾", "710000", "台湾省"),
    ],
)
def test_a_place_is_read_with_what_it_lies_in(written: str, code: str, name: str) -> None:
    assert find_places(written) == ((code,), True)
    assert place_name(code, "zh") == name


@pytest.mark.parametrize("written", ["南山区", "硅谷", "白云鄂博", "长三角"])
def test_a_name_that_two_places_have_or_none_stays_as_written(written: str) -> None:
    assert find_places(written) == ((written,), True)
    assert place_name(written, "zh") == written


@pytest.mark.parametrize(
    ("written", "codes"),
    [("广州、深圳", ("440100", "440300")), ("天河区五山路", ("440106",)), ("Tianhe District, Guangzhou", ("440106",))],
)
def test_several_places_and_what_stands_behind_one(written: str, codes: tuple[str, ...]) -> None:
    assert find_places(written).codes == codes
    assert find_places(written).whole == (len(codes) > 1)


@pytest.mark.parametrize("written", ["全国", "国内外", "nationwide"])
def test_everywhere_is_no_place(written: str) -> None:
    assert find_places(written) == ((), False)


def test_a_place_has_its_english_name_where_it_is_known() -> None:
    assert [place_name(code, "en") for code in ("440106", "440600", "440605")] == ["Tianhe", "Foshan", "佛山市南海区"]


@pytest.mark.parametrize(
    "written",
    [
        "广州以外",
        "广东省外",
        "除广州",
        "广州除外",
        "广东（不含广州）",
        "广州及周边",
        "佛山附近",
        "非广州地区",
        "外省",
        "Outside Guangzhou",
    ],
)
def test_what_leaves_a_place_out_or_means_those_around_it_names_none(written: str) -> None:
    assert find_places(written) == ((), False)


@pytest.mark.parametrize("written", ["广州和佛山", "广州或佛山市", "广州市及佛山", "广州/佛山", "Guangzhou and Foshan"])
def test_places_between_words_are_several(written: str) -> None:
    assert find_places(written).codes == ("440100", "440600")


@pytest.mark.parametrize(
    ("written", "code"),
    [("天津和平区", "120101"), ("新疆和田", "653200"), ("哈尔滨道外", "230104"), ("南京市江宁区", "320115")],
)
def test_words_inside_a_name_are_not_between_places(written: str, code: str) -> None:
    assert find_places(written) == ((code,), True)
