"""Papers for printing: a PDF with a version code and its square on every page, in fonts that ship with the program."""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

import qrcode
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

FONTS = Path(__file__).parent / "fonts"
CHINESE, LATIN, RARE = "DroidSansFallbackCommon", "DejaVuSans", "DroidSansFallbackFull"
"""Apache 2.0, and the licence of Bitstream Vera; only the characters used are put into a file.

The last has all characters of the first and many more; opening it takes longer than making a whole PDF without it.
"""
MARGIN, FOOT, SQUARE = 25.0, 40.0, 24.0
"""Millimetres: around the text, under it, and the side of the square."""
GREY, BLACK = 96, 0
_LINE = 6.5
_OPENING, _CLOSING = "（《〈“‘「『【〔[(", "，。；：！？、）》〉”’」』】〕％℃])"
_PIECE = re.compile(
    rf"[{re.escape(_OPENING)}]*(?:[\w.,:;/%+=<>≤≥±@#&*'\"-]+?(?=[^\x21-\x7e≤≥±]|$)|.)[{re.escape(_CLOSING)}]*\s*",
    re.ASCII,
)
"""What is not broken: a Latin word, a number, or one Chinese character, with the signs that belong to it."""


@dataclass(frozen=True)
class Version:
    """What stands at each page's foot: the code, what the square says on page n of N (None: there is none), and lines
    beside it."""

    code: str
    square: Callable[[int, int], str] | None
    lines: tuple[str, ...]
    page: Callable[[int, int], str]


def sheet(
    heading: str,
    under: str,
    facts: Sequence[tuple[str, str]],
    signatures: Sequence[str],
    version: Version,
    made_at: datetime,
) -> bytes:
    """The bytes of a PDF: a heading, facts as labels and texts over as many pages as they need, room for signatures."""
    pdf = _Sheet(format="A4")
    pdf.set_creation_date(made_at)
    pdf.set_title(heading)
    pdf.set_margins(MARGIN, MARGIN, MARGIN)
    pdf.set_auto_page_break(True, FOOT)
    words = (heading, under, *chain.from_iterable(facts), *signatures, version.code, *version.lines, version.page(0, 0))
    pdf.add_fonts("".join(words))
    pdf.add_page()
    pdf.lines(heading, 18, 9, align="C")
    pdf.lines(under, 10, 6, align="C", grey=GREY)
    pdf.ln(4)
    for label, text in facts:
        if pdf.will_page_break(_LINE * 2):
            pdf.add_page()
        pdf.lines(label, 9, 5, grey=GREY)
        pdf.lines(text, 11, _LINE)
        pdf.ln(2)
    if signatures:
        if pdf.will_page_break(_LINE * 2 * len(signatures) + 20):
            pdf.add_page()
        pdf.ln(10)
        for line in signatures:
            pdf.lines(line, 12, _LINE * 2)
    pdf.mark_pages(version)
    return bytes(pdf.output())


class _Sheet(FPDF):
    def add_fonts(self, words: str) -> None:
        """The fonts that have the characters of the words, as far as any has them."""
        names = [CHINESE, LATIN]
        for name in names:
            self.add_font(name, fname=FONTS / f"{name}.ttf")
        held = {code for font in self.fonts.values() if isinstance(font, TTFFont) for code in font.cmap}
        if {ord(letter) for letter in words if letter.isprintable()} - held:
            self.add_font(RARE, fname=FONTS / f"{RARE}.ttf")
            names.append(RARE)
        self.set_fallback_fonts(names[1:])

    def lines(self, text: str, size: float, height: float, *, align: str = "L", grey: int = BLACK) -> None:
        self.set_font(CHINESE, size=size)
        self.set_text_color(grey)
        for line in self._broken(text):
            self.cell(0, height, line, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _broken(self, text: str) -> Iterator[str]:
        """The text in lines that fit: broken between Chinese characters, never inside a Latin word or number, and never
        before a closing or after an opening sign (GB/T 15834, 5.1)."""
        room = self.epw - 2 * self.c_margin
        for paragraph in text.split("\n"):
            line, width = "", 0.0
            for piece in _PIECE.findall(paragraph):
                for part in self._fitting(piece, room):
                    wide = self.get_string_width(part)
                    if line and width + wide > room:
                        yield line.rstrip()
                        line, width = "", 0.0
                        part = part.lstrip()
                    line, width = line + part, width + wide
            yield line.rstrip()

    def _fitting(self, piece: str, room: float) -> list[str]:
        """A piece that fits into a line, or its characters when it is longer than one."""
        return [piece] if self.get_string_width(piece) <= room else list(piece)

    def mark_pages(self, version: Version) -> None:
        """Put the code and its square on every page, now that their number is known."""
        self.set_auto_page_break(False)
        count = self.pages_count
        for number in range(1, count + 1):
            self.page = number
            top = self.h - FOOT + 8
            if version.square is not None:
                self.image(_square(version.square(number, count)), self.w - MARGIN - SQUARE, top, SQUARE, SQUARE)
            self.set_xy(MARGIN, top + 2)
            self.set_font(CHINESE, size=13)
            self.set_text_color(BLACK)
            self.cell(0, 7, version.code, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            self.set_font(CHINESE, size=8)
            self.set_text_color(GREY)
            for line in (version.page(number, count), *version.lines):
                self.cell(0, 4.5, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _square(text: str) -> io.BytesIO:
    """A QR code that is still read when a quarter of it is under a stamp."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_Q, border=2, box_size=6)
    code.add_data(text)
    held = io.BytesIO()
    code.make_image().save(held, format="PNG")
    held.seek(0)
    return held
