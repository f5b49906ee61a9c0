"""Official papers (公文) as GB/T 9704-2012 lays them out: page, type area, fonts, letterhead, page numbers."""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from kezhuan.engines.undated import undated

BODY_FONT, TITLE_FONT, HEADING_FONT, NUMBER_FONT = "仿宋_GB2312", "方正小标宋简体", "黑体", "宋体"
"""5.2.2, 7.2.4, 7.3: 仿宋 for the text, 小标宋 for the title and the letterhead, 黑体 for first headings; where a
machine lacks one, Word puts its nearest."""
SIZE_2, SIZE_3, SIZE_4, SIZE_5 = Pt(22), Pt(16), Pt(14), Pt(10.5)
"""二号, 三号, 四号, 五号."""
LINE = Pt(28.95)
"""22 lines in a type area of 225 mm (5.2.3)."""
RED = RGBColor(0xE0, 0x00, 0x00)
TYPE_AREA = Mm(156)

LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


class Paper:
    """A paper that is written from the top: A4, 37 mm above, 28 mm left, type area 156 × 225 mm (5.2.1)."""

    def __init__(self, name: str) -> None:
        self.document = Document()
        self.document.core_properties.title = name
        self.document.core_properties.author = ""
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.top_margin, section.bottom_margin = Mm(37), Mm(35)
        section.left_margin, section.right_margin = Mm(28), Mm(26)
        section.footer_distance = Mm(28)  # 7 mm under the type area (7.5)
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = BODY_FONT, SIZE_3
        normal.element.rPr.rFonts.set(qn("w:eastAsia"), BODY_FONT)
        layout = normal.paragraph_format
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
        layout.space_before = layout.space_after = Pt(0)
        self._page_numbers(section)

    def line(
        self, text: str = "", *, at: WD_ALIGN_PARAGRAPH = LEFT, indent: int = 0, font: str = "", size: Pt = SIZE_3
    ) -> "Paper":
        """A paragraph; `indent` is the number of characters before its first line."""
        paragraph = self.document.add_paragraph()
        paragraph.alignment = at
        if indent:
            paragraph.paragraph_format.first_line_indent = indent * size
        _run(paragraph, text, font or BODY_FONT, size)
        return self

    def text(self, *lines: str) -> "Paper":
        """Paragraphs of the text, each begun two characters in (7.3.3)."""
        for one in lines:
            self.line(one, indent=2)
        return self

    def heading(self, text: str) -> "Paper":
        """A heading of the first order, 一、 (7.3.3)."""
        return self.line(text, indent=2, font=HEADING_FONT)

    def letterhead(self, office: str, number: str, signer: str = "") -> "Paper":
        """版头: the office in red, the number below, for a report to a superior with its signer (7.2), a red line."""
        head = self.document.add_paragraph()
        head.alignment = CENTRE
        head.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        _run(head, office, TITLE_FONT, Pt(36)).font.color.rgb = RED
        self.line()
        numbered = self.document.add_paragraph()
        if signer:
            numbered.paragraph_format.tab_stops.add_tab_stop(TYPE_AREA, alignment=2)  # right
            _run(numbered, f"　{number}\t签发人：{signer}　", BODY_FONT, SIZE_3)
        else:
            numbered.alignment = CENTRE
            _run(numbered, number, BODY_FONT, SIZE_3)
        _rule(numbered, "bottom", "E00000", 12)
        return self.line()

    def title(self, *lines: str) -> "Paper":
        """The title in 小标宋, two lines under what stands before it (7.3.1)."""
        self.line()
        for one in lines:
            self.line(one, at=CENTRE, font=TITLE_FONT, size=SIZE_2)
        return self.line()

    def signed(self, office: str, day: str) -> "Paper":
        """署名 and 成文日期, four characters from the right (7.3.5)."""
        self.line().line()
        return self.line(f"{office}　　　　", at=RIGHT).line(f"{day}　　　　", at=RIGHT)

    def imprint(self, copies: str, office: str, day: str) -> "Paper":
        """版记: who gets copies, who printed it and when, between lines (7.4)."""
        self.line()
        first = self.document.add_paragraph()
        _run(first, f"　抄送：{copies}", BODY_FONT, SIZE_4)
        _rule(first, "top", "000000", 8)
        _rule(first, "bottom", "000000", 6)
        last = self.document.add_paragraph()
        last.paragraph_format.tab_stops.add_tab_stop(TYPE_AREA, alignment=2)
        _run(last, f"　{office}\t{day}印发　", BODY_FONT, SIZE_4)
        _rule(last, "bottom", "000000", 8)
        return self

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[float], size: Pt = SIZE_4) -> "Paper":
        """A table; `widths` in millimetres. The last cell of a row takes the columns that are left."""
        table = self.document.add_table(rows=0, cols=len(widths), style="Table Grid")
        table.autofit = False
        for row in rows:
            cells = table.add_row().cells
            for place, width in enumerate(widths):
                cells[place].width = Mm(width)
            if len(row) == 1:
                cells[0].merge(cells[-1])
            elif len(row) < len(widths):
                cells[len(row) - 1].merge(cells[-1])
            for place, text in enumerate(row):
                paragraph = cells[place].paragraphs[0]
                paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
                _run(paragraph, text, BODY_FONT, size)
        return self

    def written(self) -> bytes:
        """The bytes of the .docx file."""
        held = io.BytesIO()
        self.document.save(held)
        return undated(held.getvalue())

    def _page_numbers(self, section: Any) -> None:
        """— 1 — in 四号宋体: at the right of odd pages, at the left of even ones (7.5)."""
        self.document.settings.odd_and_even_pages_header_footer = True
        for footer, side in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
            paragraph = footer.paragraphs[0]
            paragraph.alignment = side
            _run(paragraph, "　— ", NUMBER_FONT, SIZE_4)
            run = _run(paragraph, "", NUMBER_FONT, SIZE_4)
            for kind, words in (("begin", ""), ("", "PAGE"), ("end", "")):
                element = OxmlElement("w:fldChar" if kind else "w:instrText")
                if kind:
                    element.set(qn("w:fldCharType"), kind)
                else:
                    element.text = words
                run._element.append(element)  # noqa: SLF001  python-docx has no other door
            _run(paragraph, " —　", NUMBER_FONT, SIZE_4)


def _run(paragraph: Any, text: str, font: str, size: Pt) -> Any:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, size
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)  # noqa: SLF001
    return run


def _rule(paragraph: Any, side: str, colour: str, eighths: int) -> None:
    """A line over or under a paragraph, in eighths of a point."""
    layout = paragraph._p.get_or_add_pPr()  # noqa: SLF001
    borders = layout.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        layout.append(borders)
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "1"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
