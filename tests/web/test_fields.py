"""What a field shows is what it takes back: money in 万元, shares in percent, lists of words."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.web.fields import CodesField, DayField, PercentField, WanField, WordsField, YuanField


@given(st.integers(0, 10_000))
def test_share_survives_being_shown_and_sent_back(points: int) -> None:
    assert PercentField().clean(PercentField().prepare_value(points)) == points


@given(st.integers(0, 10**15))
def test_amount_survives_being_shown_and_sent_back(fen: int) -> None:
    assert WanField().clean(WanField().prepare_value(fen)) == fen


@pytest.mark.parametrize(("points", "shown"), [(6000, "60"), (10_000, "100"), (1250, "12.5"), (1, "0.01"), (0, "0")])
def test_share_is_shown_without_idle_zeros(points: int, shown: str) -> None:
    assert PercentField().prepare_value(points) == shown


@pytest.mark.parametrize("typed", ["abc", "-1", "100.01", "33.333", "NaN", "Infinity", "1e999999"])
def test_share_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        PercentField().clean(typed)


@pytest.mark.parametrize("typed", ["abc", "-1", "1.0000001", "NaN", "Infinity", "1e999999", "9" * 40])
def test_amount_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        WanField().clean(typed)


@pytest.mark.parametrize("field", [WanField, YuanField])
@pytest.mark.parametrize("typed", ["1" + "0" * 20, "9" * 40])
def test_an_amount_beyond_what_is_kept_is_told_the_limit(field: type[WanField], typed: str) -> None:
    with pytest.raises(ValidationError, match="at most 1,000,000,000 万元"):
        field().clean(typed)


def test_words_are_taken_apart_at_every_separator() -> None:
    assert WordsField().clean("碳化硅、抛光;SiC, SiC|CMP\n衬底；外延，氮化镓") == (
        "碳化硅", "抛光", "SiC", "CMP", "衬底", "外延", "氮化镓",
    )  # fmt: skip
    with pytest.raises(ValidationError):
        WordsField().clean(";".join(f"w{number}" for number in range(21)))


def test_codes_are_read_in_capitals_once() -> None:
    assert CodesField().clean("n-2026-00012 N-2026-00012、o-1") == ("N-2026-00012", "O-1")


@pytest.mark.parametrize(("language", "told"), [("en", "a day that exists, such as"), ("zh-hans", "请按 2027-06-30")])
def test_a_day_that_is_none_is_told_how_to_write_one(language: str, told: str) -> None:
    with translation.override(language), pytest.raises(ValidationError, match=told):
        DayField().clean("2026-02-30")
