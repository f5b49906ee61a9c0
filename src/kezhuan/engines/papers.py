"""Word files of official texts: a heading, paragraphs, a table of facts, a signature."""

import io
from collections.abc import Sequence

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from kezhuan.engines.undated import undated

FONT = "仿宋"
"""GB/T 9704 sets the body of official texts in it, in size 3 (16 pt); where it is lacking, another is put."""
BODY, HEADING = Pt(16), Pt(22)


def word_file(
    heading: str,
    before: Sequence[str],
    facts: Sequence[Sequence[str]],
    after: Sequence[str],
    signature: Sequence[str],
) -> bytes:
    """The bytes of a .docx file; `facts` are pairs of label and value, the first signature names the author."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, BODY
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    words = title.add_run(heading)
    words.bold, words.font.size = True, HEADING
    for text in before:
        document.add_paragraph(text).paragraph_format.first_line_indent = 2 * BODY
    if facts:
        table = document.add_table(rows=0, cols=2, style="Table Grid")
        for label, value in facts:
            cells = table.add_row().cells
            cells[0].text, cells[1].text = label, value
    for text in after:
        document.add_paragraph(text).paragraph_format.first_line_indent = 2 * BODY
    for text in signature:
        document.add_paragraph(text).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    document.core_properties.title = heading[:255]
    document.core_properties.author = signature[0][:255] if signature else ""
    written = io.BytesIO()
    document.save(written)
    return undated(written.getvalue())
