"""Files: typed by content, searched for classification marks before a byte is kept."""

import io
import zipfile

import pytest
from django.utils import translation
from openpyxl import Workbook
from pypdf import PdfWriter
from pypdf.annotations import Text
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from kezhuan.kernel import contents, documents
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.documents import Upload, attach_document, check_upload, read_document
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.models import Document, Entry
from tests.factories import city


def pdf_of(text, password=None):
    """A one-page PDF whose font names the characters of the text, as a word processor writes it."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    codes = {character: number for number, character in enumerate(dict.fromkeys(text), 1)}
    cmap = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    cmap += f"{len(codes)} beginbfchar\n"
    cmap += "\n".join(f"<{n:04X}> <{ord(c):04X}>" for c, n in codes.items()) + "\nendbfchar endcmap end"
    unicode_map, words = DecodedStreamObject(), DecodedStreamObject()
    unicode_map.set_data(cmap.encode())
    words.set_data(f"BT /F 12 Tf 20 100 Td <{''.join(f'{codes[c]:04X}' for c in text)}> Tj ET".encode())
    name = NameObject
    font = DictionaryObject(
        {
            name("/Type"): name("/Font"), name("/Subtype"): name("/Type0"), name("/BaseFont"): name("/Song"),
            name("/Encoding"): name("/Identity-H"), name("/ToUnicode"): writer._add_object(unicode_map),
        }
    )  # fmt: skip
    page[name("/Resources")] = DictionaryObject({name("/Font"): DictionaryObject({name("/F"): font})})
    page[name("/Contents")] = writer._add_object(words)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    return written(writer.write)


def written(write):
    held = io.BytesIO()
    write(held)
    return held.getvalue()


def zip_of(**members):
    def write(held):
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name.replace("__", "/"), content)

    return written(write)


def docx_of(body, **members):
    return zip_of(**{"[Content_Types].xml": "<Types/>", "word__document.xml": f"<w:body>{body}</w:body>", **members})


def xlsx_of(*cells):
    book = Workbook()
    book.active.append(cells)
    return written(book.save)


def xlsx_with(title="表", header=""):
    book = Workbook()
    book.active.title = title
    book.active.append(["名称"])
    book.active.oddHeader.center.text = header
    return written(book.save)


def pdf_with(title="", described="", bookmark="", note="", attached=None):
    """A PDF of one empty page that carries words beside it."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    if title:
        writer.add_metadata({"/Title": title})
    if described:
        writer.xmp_metadata = (
            "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
            " xmlns:dc='http://purl.org/dc/elements/1.1/'><rdf:Description><dc:subject>"
            f"{described}</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"
        ).encode()
    if bookmark:
        writer.add_outline_item(title=bookmark, page_number=0)
    if note:
        writer.add_annotation(page_number=0, annotation=Text(rect=(0, 0, 9, 9), text=note))
    if attached:
        writer.add_attachment(*attached)
    return written(writer.write)


def utf16(body):
    return f"<?xml version='1.0' encoding='UTF-16'?>{body}".encode("utf-16")


PROPERTY = "<Properties><property name='密级'><vt:lpwstr>机密</vt:lpwstr></property></Properties>"


def runs(*parts):
    return "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{part}</w:t></w:r>" for part in parts)


FILES_WITH_MARKS = {
    "text": "报告\n机密★5年\n".encode(),
    "text with a byte order mark": "\ufeff秘密\n正文".encode(),
    **{f"text {mark}": f"说明\n{mark}\n正文".encode() for mark in ("机密*10年", "国家秘密", "1.机密", "机密：本报告")},
    "comma-separated table": "编号,名称,密级\n1,甲,公开\n2,乙,机密\n".encode(),
    "tab-separated table": "密级\t名称\n公开\t甲\n秘密级\t乙\n".encode(),
    "table with a title and quotation marks": '成果表\n"名称","项 目 密 级"\n"甲,乙","绝 密"\n'.encode(),
    "table with semicolons": "名称;涉密等级\n甲;机密（10年）\n".encode(),
    "table that asks": "名称,是否涉密\n甲,否\n乙,是\n".encode(),
    "table of a form": "名称,甲,密级,机密,年份,2026\n".encode(),
    "table with an open quotation mark": '名称,密级\n"甲,公开\n乙,机密\n'.encode(),
    "table inside a pdf": pdf_with(attached=("附件.csv", "名称,密级\n甲,机密\n".encode())),
    "pdf with an attachment of a name with blanks": pdf_with(attached=("技术总结 机密.txt", b"open")),
    "pdf": pdf_of("机密★5年"),
    "docx": docx_of(f"<w:p>{runs('绝密')}</w:p><w:p>{runs('正文')}</w:p>"),
    "docx with the mark in pieces": docx_of(f"<w:p>{runs('机', '密', '★')}</w:p>"),
    "docx with the mark in its header": docx_of("<w:p/>", **{"word__header1.xml": "<w:hdr>秘密★</w:hdr>"}),
    "docx with the mark as its watermark": docx_of(
        "<w:p/>", **{"word__header1.xml": "<w:hdr><v:textpath style='a' string='机密'/></w:hdr>"}
    ),
    "docx in UTF-16": docx_of("", **{"word__document.xml": utf16("<w:body><w:p>机密级★10年</w:p></w:body>")}),
    "docx in UTF-16 without a byte order mark": docx_of(
        "", **{"word__document.xml": utf16("<w:body><w:p>机密级</w:p></w:body>")[2:]}
    ),
    "docx with a property": docx_of("<w:p/>", **{"docProps__custom.xml": PROPERTY}),
    "docx after a line break": docx_of("<w:p><w:r><w:t>封面</w:t><w:br/><w:t>秘密</w:t></w:r></w:p>"),
    "docx in numbered characters": docx_of("<w:p><w:r><w:t>&#26426;&#23494;</w:t></w:r></w:p>"),
    "docx inside a docx": docx_of("<w:p/>", **{"word__embeddings__1.docx": docx_of("<w:p>机密★</w:p>")}),
    "pdf with a title": pdf_with(title="机密★10年"),
    "pdf with the mark among its properties": pdf_with(described="密级：机密"),
    "pdf with the mark in its bookmarks": pdf_with(bookmark="（绝密级）"),
    "pdf with the mark as a note": pdf_with(note="机密"),
    "pdf with a marked attachment": pdf_with(attached=("附件.txt", "密级：【机密】".encode())),
    "pdf with an attachment of a marked name": pdf_with(attached=("报告（机密）.txt", b"open")),
    "pdf inside a pdf": pdf_with(attached=("附件.pdf", pdf_of("机密★5年"))),
    "pdf inside a docx": docx_of("<w:p/>", **{"word__embeddings__1.pdf": pdf_of("机密★5年")}),
    "xlsx": xlsx_of("名称", "密级：秘密"),
    "xlsx with the mark alone in a cell": xlsx_of("名称", "机密", "其他"),
    "xlsx with the mark as the name of a sheet": xlsx_with(title="机密"),
    "xlsx with the mark in its printed header": xlsx_with(header='&"宋体"&12机密'),
}


@pytest.mark.parametrize("content", FILES_WITH_MARKS.values(), ids=FILES_WITH_MARKS)
def test_a_marked_file_is_refused(content):
    with pytest.raises(Refused) as refused:
        check_upload(Upload("报告", content, True))
    assert [problem.code for problem in refused.value.problems] == ["state-secret"]


@pytest.mark.parametrize(
    "name", ["秘密★报告.txt", "关于某项目的报告（机密）.txt", "报告-绝密级.txt", "机密文件.txt", "技术总结 机密.txt"]
)
def test_a_marked_file_name_is_refused(name):
    with pytest.raises(Refused) as refused:
        check_upload(Upload(name, b"open", True))
    assert refused.value.problems[0].code == "state-secret"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("普通说明".encode(), "text/plain"),
        ("名称,密级,是否涉密\n甲,公开,否\n乙,商业秘密,不涉密\n丙,内部,\n".encode(), "text/plain"),
        ("按国家秘密管理规定不涉及密级, 可公开\n机密计算平台, 秘密武器\n机密, 保密\n".encode(), "text/plain"),
        ("名称,保密要求,密度\n机密计算,是,机密\n".encode(), "text/plain"),
        (pdf_of("普通说明"), "application/pdf"),
        (docx_of(f"<w:p>{runs('商业', '秘密', '保护')}</w:p>"), contents.WORD),
        (xlsx_of("名称", "商业秘密"), contents.EXCEL),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff...", "image/jpeg"),
    ],
    ids=["text", "table", "sentences", "table without classes", "pdf", "docx", "xlsx", "png", "jpeg"],
)
def test_an_open_file_passes_with_the_type_of_its_content(content, kind):
    assert check_upload(Upload("说明v1.2", content, True)).media_type == kind
    ending = {"text/plain": "txt", "image/jpeg": "JPG", contents.WORD: "docx", contents.EXCEL: "xlsx"}
    name = f"说明.{ending.get(kind, kind.rpartition('/')[2])}"
    assert check_upload(Upload(name, content, True)).media_type == kind


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("说明.pdf", "普通说明".encode(), "plain text"),
        ("说明.bat", "普通说明".encode(), "plain text"),
        ("说明.txt", pdf_of("普通说明"), "PDF"),
        ("说明.xlsx", docx_of("<w:p/>"), "Word"),
        ("说明.png", b"\xff\xd8\xff...", "JPEG"),
        *(
            (name, b"start calc", "plain text")
            for name in (
                "通知.settingcontent-ms", "a.desktop", "a.application", ".command", "a.ps1xml", "a.appref-ms", "a.BAT",
                "a.library-ms", "a.html", "a.svg", "a.txt.lnk",
            )
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else "",  # bytes of a Word file hold the second of its making
)  # fmt: skip
def test_a_name_that_says_another_type_than_the_content_is_refused(name, content, kind):
    with translation.override("en"), pytest.raises(Refused) as refused:
        check_upload(Upload(name, content, True))
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == ("file-name", "file")
    assert name in problem.message
    assert kind in problem.message


@pytest.mark.parametrize(
    "name", ["报价2.bat ", "报价.bat.", "报价.bat . .", "报价.ba\u200bt", "a/报价.bat\u3000", "报价.bat\x00"]
)
def test_a_name_is_asked_as_it_is_kept(name):
    with pytest.raises(Refused) as refused:
        check_upload(Upload(name, b"start calc", True))
    assert refused.value.problems[0].code == "file-name"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("报价.txt ", "报价.txt"),
        ("报价.CSV", "报价.CSV"),
        ("说明v1.2", "说明v1.2.txt"),
        ("3.5亿元项目", "3.5亿元项目.txt"),
        ("C:\\附件\\报价", "报价.txt"),
        (" ", "document.txt"),
        ("长" * 300, "长" * 196 + ".txt"),
        ("长" * 300 + ".json", "长" * 195 + ".json"),
    ],
)
def test_a_file_is_kept_under_a_name_that_ends_as_its_type_does(name, kept):
    assert check_upload(Upload(name, b"open", True)).name == kept


def test_an_invoice_with_its_data_inside_is_taken_and_one_with_a_script_is_not():
    assert check_upload(Upload("发票.pdf", pdf_with(attached=("invoice.xbrl", b"<xbrl/>")), True))
    with pytest.raises(Refused) as refused:
        check_upload(Upload("发票.pdf", pdf_with(attached=("invoice.bat", b"start calc")), True))
    assert refused.value.problems[0].code == "file-name"


def locked_zip():
    content = bytearray(docx_of("<w:p/>"))
    at = 0
    while (at := content.find(b"PK\x01\x02", at)) >= 0:  # central directory: bit 0 of the flags says encrypted
        content[at + 8] |= 1
        at += 4
    at = 0
    while (at := content.find(b"PK\x03\x04", at)) >= 0:
        content[at + 6] |= 1
        at += 4
    return bytes(content)


def broken_inside():
    content = docx_of("<w:p>" + "正文" * 500 + "</w:p>")
    at = content.find(b"word/document.xml") + 40
    return content[:at] + b"\x00\xff\x00" + content[at + 3 :]


BAD = {
    "empty": (b"", "file-empty"),
    "program": (b"MZ\x90\x00" + bytes(80), "file-type"),
    "script": (b"#!/bin/sh\n", "file-type"),
    "script behind a mark of byte order": (b"\xef\xbb\xbf#!/bin/sh\nid\n", "file-type"),
    "script behind blanks": (" \n\t\u3000\u00a0\ufeff\u200b\u2060#!/bin/sh\nid\n".encode(), "file-type"),
    "gb18030": ("说明".encode("gb18030"), "file-type"),
    "old office": (b"\xd0\xcf\x11\xe0" + bytes(80), "file-type"),
    "archive": (zip_of(a="b"), "file-type"),
    "cut archive": (docx_of("<w:p/>")[:60], "file-damaged"),
    "damaged inside": (broken_inside(), "file-damaged"),
    "locked office": (locked_zip(), "file-damaged"),
    "macros": (docx_of("<w:p/>", **{"word__vbaProject.bin": b"x"}), "file-macros"),
    "macros in other letters": (docx_of("<w:p/>", **{"word__VBAPROJECT.BIN": b"x"}), "file-macros"),
    "locked pdf": (pdf_of("说明", password="geheim"), "file-locked"),
    "no pdf": (b"%PDF-1.7 garbage", "file-damaged"),
    "a program in a pdf": (pdf_with(attached=("a.exe", b"MZ\x90\x00" + bytes(80))), "file-type"),
    "files inside files inside files": (
        pdf_with(attached=("1.pdf", pdf_with(attached=("2.pdf", pdf_with(attached=("3.txt", b"x")))))),
        "file-type",
    ),
    "no xml": (docx_of("<w:p>"), "file-damaged"),
    "words of its own": (
        docx_of("", **{"word__document.xml": "<!DOCTYPE w [<!ENTITY a '机'>]><w:body>&a;密★</w:body>"}),
        "file-damaged",
    ),
}


@pytest.mark.parametrize(("content", "code"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_in_one_sentence_that_names_it(content, code):
    with pytest.raises(Refused) as refused:
        check_upload(Upload("附件一", content, True))
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == (code, "file")
    assert "附件一" in str(problem.message)


def test_a_file_that_is_too_large_or_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(contents, "MEGABYTE", 40)
    monkeypatch.setattr(contents, "LARGEST_INSIDE", 50_000)
    bomb = docx_of("0" * 100_000)
    assert len(bomb) < 2000
    assert check_upload(Upload("附件", b"x" * 2000, True)).words == "x" * 2000
    for content in (b"x" * 2001, bomb):
        with pytest.raises(Refused) as refused:
            check_upload(Upload("附件", content, True))
        assert refused.value.problems[0].code == "file-too-large"


def stored(settings):
    folder = settings.DATA / "documents"
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.exists() else []


@pytest.fixture
def own_data(settings, tmp_path):
    settings.DATA = tmp_path
    return settings


@pytest.mark.django_db
def test_nothing_is_kept_of_a_file_that_is_refused(own_data):
    unit = city.organisation()
    actor, entries = city.member(unit), Entry.objects.count()
    for upload in (Upload("a.txt", "机密★".encode(), True), Upload("a.txt", b"open", False)):
        with pytest.raises(Refused) as refused:
            attach_document(actor=actor, record=unit.record, upload=upload)
        assert refused.value.problems[0].code in {"state-secret", "declaration-missing"}
    with pytest.raises(NotAllowed):
        attach_document(actor=VISITOR, record=unit.record, upload=Upload("a.txt", b"open", True))
    assert (Document.objects.count(), Entry.objects.count(), stored(own_data)) == (0, entries, [])


@pytest.mark.django_db
def test_a_file_is_kept_once_under_its_hash_and_read_back_checked(own_data):
    unit = city.organisation()
    actor = city.member(unit)
    first, second = (
        attach_document(actor=actor, record=unit.record, upload=Upload(name, "内容".encode(), True), group=group)
        for name, group in (("C:\\我的\\一.txt", "public"), ("../../二.txt", "full"))
    )
    assert (first.name, second.name) == ("一.txt", "二.txt")
    assert stored(own_data) == [documents.stored_path(first.sha256)]
    assert read_document(second).decode() == "内容"
    assert Entry.objects.filter(kind="document.attach", data__declared_open=True).count() == 2
    with pytest.raises(Refused) as refused:
        attach_document(actor=actor, record=unit.record, upload=Upload("三.txt", "内容".encode(), True), group="full")
    assert (refused.value.problems[0].code, Document.objects.count()) == ("file-held", 2)
    assert "二.txt" in refused.value.problems[0].message
    documents.stored_path(first.sha256).write_bytes(b"tampered")
    with pytest.raises(ValueError, match="do not match"):
        read_document(first)
