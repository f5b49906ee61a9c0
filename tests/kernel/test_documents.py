"""Files: typed by content, searched for classification marks before a byte is kept."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from kezhuan.kernel import documents
from kezhuan.kernel.access import VISITOR
from kezhuan.kernel.documents import Upload, attach_document, check_upload, has_classification_mark, read_document
from kezhuan.kernel.errors import NotAllowed, Refused
from kezhuan.kernel.models import Document, Entry
from tests.factories import city

MARKED = [
    "秘密★10年", "机密★", "绝 密 ★ 长期", "绝密", "  机  密  ", "密级:机密", "密级：秘密",
    "密 级 ： 绝密 保密期限:10年",
    "编号 003 秘密☆", "文件\n秘密\n正文", "机密(5年)", "机密（长期）", "【秘密】", "〔机密〕", "秘密 10 年",
    "\ufeff秘密\n正文",    "秘\u200b密★3年", "絕密★", "機密", "祕密★5年", "密級：機密",
]  # fmt: skip
OPEN = [
    "商业秘密", "商业秘密保护 5年", "本技术涉及商业秘密", "机密计算平台", "保守国家秘密法", "解密算法", "秘密共享协议",
    "可信执行环境与机密计算", "不含国家秘密", "加密机密钥管理", "危机\n密度", "",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKED)
def test_marks_of_state_secrets_are_seen(text):
    assert has_classification_mark(text)
    assert has_classification_mark(f"封面\n{text}\n第一章")


@pytest.mark.parametrize("text", OPEN)
def test_words_that_only_look_like_marks_pass(text):
    assert not has_classification_mark(text)


@given(st.text(alphabet="工艺参数膜层厚度0123456789 ,。\n密封机电", max_size=60))
def test_texts_without_the_words_pass(text):
    squeezed = "".join(text.split())
    assert not has_classification_mark(text) or "机密" in squeezed


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


def runs(*parts):
    return "".join(f"<w:r><w:rPr><w:b/></w:rPr><w:t>{part}</w:t></w:r>" for part in parts)


FILES_WITH_MARKS = {
    "text": "报告\n机密★5年\n".encode(),
    "text with a byte order mark": "\ufeff秘密\n正文".encode(),
    "pdf": pdf_of("机密★5年"),
    "docx": docx_of(f"<w:p>{runs('绝密')}</w:p><w:p>{runs('正文')}</w:p>"),
    "docx with the mark in pieces": docx_of(f"<w:p>{runs('机', '密', '★')}</w:p>"),
    "docx with the mark in its header": docx_of("<w:p/>", word__header1__xml="x", **{"word__header1.xml": "秘密★"}),
    "docx after a line break": docx_of("<w:p><w:r><w:t>封面</w:t><w:br/><w:t>秘密</w:t></w:r></w:p>"),
    "docx in numbered characters": docx_of("<w:p><w:r><w:t>&#26426;&#23494;</w:t></w:r></w:p>"),
    "docx inside a docx": docx_of("<w:p/>", **{"word__embeddings__1.docx": docx_of("<w:p>机密★</w:p>")}),
    "xlsx": xlsx_of("名称", "密级：秘密"),
    "xlsx with the mark alone in a cell": xlsx_of("名称", "机密", "其他"),
}


@pytest.mark.parametrize("content", FILES_WITH_MARKS.values(), ids=FILES_WITH_MARKS)
def test_a_marked_file_is_refused(content):
    with pytest.raises(Refused) as refused:
        check_upload(Upload("报告", content, True))
    assert [problem.code for problem in refused.value.problems] == ["state-secret"]


def test_a_marked_file_name_is_refused():
    with pytest.raises(Refused) as refused:
        check_upload(Upload("秘密★报告.txt", b"open", True))
    assert refused.value.problems[0].code == "state-secret"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("普通说明".encode(), "text/plain"),
        (pdf_of("普通说明"), "application/pdf"),
        (docx_of(f"<w:p>{runs('商业', '秘密', '保护')}</w:p>"), documents._OFFICE["word/"]),
        (xlsx_of("名称", "商业秘密"), documents._OFFICE["xl/"]),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff...", "image/jpeg"),
    ],
    ids=["text", "pdf", "docx", "xlsx", "png", "jpeg"],
)
def test_an_open_file_passes_with_the_type_of_its_content(content, kind):
    assert check_upload(Upload("说明.bin", content, True)) == kind


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
}


@pytest.mark.parametrize(("content", "code"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_in_one_sentence_that_names_it(content, code):
    with pytest.raises(Refused) as refused:
        check_upload(Upload("附件一", content, True))
    problem = refused.value.problems[0]
    assert (problem.code, problem.field) == (code, "file")
    assert "附件一" in str(problem.message)


def test_a_file_that_is_too_large_or_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(documents, "LARGEST", 2000)
    monkeypatch.setattr(documents, "LARGEST_INSIDE", 50_000)
    bomb = docx_of("0" * 100_000)
    assert len(bomb) < 2000
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
        attach_document(actor=actor, record=unit.record, upload=Upload(name, "内容".encode(), True), group="public")
        for name in ("C:\\我的\\一.txt", "../../二.txt")
    )
    assert (first.name, second.name) == ("一.txt", "二.txt")
    assert stored(own_data) == [documents.stored_path(first.sha256)]
    assert read_document(second).decode() == "内容"
    assert Entry.objects.filter(kind="document.attach", data__declared_open=True).count() == 2
    documents.stored_path(first.sha256).write_bytes(b"tampered")
    with pytest.raises(ValueError, match="do not match"):
        read_document(first)
