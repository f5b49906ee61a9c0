"""Papers show every character that one of the fonts has, and open the great font for rare ones alone."""

import io
from datetime import UTC, datetime

from fontTools.ttLib import TTFont
from pypdf import PdfReader

from kezhuan.engines.printed import CHINESE, FONTS, RARE, Version, sheet

VERSION = Version("ABCD", lambda number, count: f"{number}-{count}", ("首次打印",), lambda number, count: "页")


def printed(text):
    """The words of a one-page paper with this text, and the names of its fonts."""
    content = sheet("标题", "需求", [("问题", text)], ("单位（盖章）：",), VERSION, datetime(2026, 1, 1, tzinfo=UTC))
    (page,) = PdfReader(io.BytesIO(content)).pages
    fonts = {str(font["/BaseFont"]).partition("+")[2] for font in page["/Resources"]["/Font"].values()}
    return page.extract_text(), fonts


def test_common_characters_do_without_the_great_font_and_rare_ones_stand_beside_them():
    common, fonts = printed("表面粗糙度 ≤ 0.1 nm，Ra（α）")
    assert "表面粗糙度 ≤ 0.1 nm，Ra（α）" in common
    assert fonts == {CHINESE, "DejaVuSansBook"}
    rare, fonts = printed("镕基㐂公司\t")
    assert "镕基㐂公司" in rare
    assert fonts == {CHINESE, "DejaVuSansBook", "DroidSansFallback"}


def drawn(name, codes):
    """Width and outline of the characters in a font, as far as it has them."""
    with TTFont(FONTS / f"{name}.ttf", lazy=True) as font:
        held, outlines = font.getBestCmap(), font["glyf"]
        shown = {code: held[code] for code in codes if code in held}
        return {code: (font["hmtx"][one], outlines[one].getCoordinates(outlines)) for code, one in shown.items()}


def test_common_font_draws_like_the_whole_one():
    common = drawn(CHINESE, [*range(0x4E00, 0x9FA6, 97), *map(ord, "广州市科学技术局，。（）")])
    assert len(common) > 60
    assert common == drawn(RARE, common)
