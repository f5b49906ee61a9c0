"""Folding and units: variants of one writing meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.matching import edges
from kezhuan.engines.matching.units import FUNCTION_UNITS, fold, is_cjk, places_of, spots_of, units_of

from .cases import few

MIXED = st.text(alphabet="碳化硅襯底衬缺陷的 ＡaBb１2.-，。γ㎡é\n", max_size=40)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＳｉＣ 衬底", "sic 襯底"),
        ("碳化矽", "碳化硅"),
        ("１２．５ ｍｍ", "12.5 MM"),
        ("電動汽車充電樁", "电动汽车充电桩"),
        ("Polishing", "polished"),
        ("㎡", "m2"),
    ],
)
def test_units_of_variants_are_equal(one: str, other: str) -> None:
    assert units_of(one) == units_of(other)


def test_units_of_chinese_are_overlapping_pairs() -> None:
    assert units_of("碳化硅，衬底") == ["碳化", "化硅", "衬底"]


def test_units_of_single_character_is_kept() -> None:
    assert units_of("硅 a") == ["硅", "a"]


def test_units_of_number_keeps_its_decimals() -> None:
    assert units_of("4H-SiC 6.5英寸") == ["4h", "sic", "6.5", "英寸"]


def test_units_of_punctuation_is_empty() -> None:
    assert units_of(" ，。!? \n") == []


@given(MIXED)
@few
def test_spots_of_name_the_same_units(text: str) -> None:
    assert [spot.unit for spot in spots_of(text)] == units_of(text)


@given(MIXED)
@few
def test_spots_of_point_into_the_text(text: str) -> None:
    for unit, start, end in spots_of(text):
        assert 0 <= start < end <= len(text)
        if is_cjk(unit):
            assert fold(text[start:end]) == unit


def test_function_units_are_sorted_so_that_numbers_never_change() -> None:
    assert list(FUNCTION_UNITS) == sorted(set(FUNCTION_UNITS))


@given(text=MIXED, query=MIXED)
@few
def test_places_of_units_are_where_they_were_read_from(text: str, query: str) -> None:
    for wanted in (set(units_of(text)), set(units_of(query))):
        spots = {(start, end) for _unit, start, end in spots_of(text, wanted)}
        assert set(places_of(text, wanted)) == spots


@given(text=MIXED)
@few
def test_a_pair_is_coded_by_its_characters_and_whatever_else_by_its_kind(text: str) -> None:
    def code(unit: str) -> list[int]:
        if len(unit) == 2 and is_cjk(unit):
            return [ord(unit[0]), ord(unit[1])]
        kind = "2" if unit[0].isdigit() else "a" if len(unit) == 1 else "ab"
        return edges._codes([kind])[0].tolist()

    units = [*units_of(text), "2", "６", "a", "ab", "abcd", "碳化硅"]
    assert edges._codes(units).tolist() == [code(unit) for unit in units]
    assert len({tuple(code(unit)) for unit in ("2", "a", "ab")}) == 3
