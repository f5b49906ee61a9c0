"""Text laid out for a terminal keeps to its width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.engines.tables.terminal import cut, display_width, pad, printable, wrap


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("碳化硅", 6), ("ＡＢ", 4), ("e\u0301", 1), ("8英寸", 5)])
def test_display_width_counts_places(text: str, width: int) -> None:
    assert display_width(text) == width


def test_wrap_keeps_latin_words_and_puts_no_stop_first() -> None:
    assert wrap("基于 silicon carbide 的衬底，抛光", 10) == ["基于", "silicon", "carbide 的", "衬底，抛光"]
    assert wrap("碳化硅，抛光", 6) == ["碳化", "硅，抛", "光"]


@given(st.text(), st.integers(min_value=4, max_value=60))
def test_wrap_and_cut_never_exceed_the_width_nor_lose_letters(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(display_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(printable(text).split())
    assert display_width(cut(printable(text), width)) <= width


def test_pad_fills_on_either_side() -> None:
    assert (pad("硅", 4), pad("硅", 4, right=True)) == ("硅  ", "  硅")


def test_printable_drops_terminal_codes() -> None:
    assert printable("a\x1b[31m\r\nb\u202ec") == "a [31m b c"
