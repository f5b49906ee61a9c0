"""An amount that somebody typed is a number as people write it, or none."""

import pytest

from kezhuan.engines.money import fen_from_yuan
from kezhuan.kernel.text import fen_from_wan


@pytest.mark.parametrize(("typed", "fen"), [("1,234.50", 123450), ("２４００元", 240000), ("0", 0), (" 5 ", 500)])
def test_an_amount_is_read_however_its_digits_are_set(typed, fen):
    assert fen_from_yuan(typed) == fen


@pytest.mark.parametrize("typed", ["1e9", "1E+3", "1_000", "１ｅ９", "abc", ""])
def test_what_is_a_number_to_programs_alone_is_no_amount(typed):
    with pytest.raises(ValueError, match="number"):
        fen_from_yuan(typed)
    with pytest.raises(ValueError, match="number"):
        fen_from_wan(typed)


def test_a_small_number_of_a_spreadsheet_is_an_amount():
    assert fen_from_wan(0.00001) == 10
