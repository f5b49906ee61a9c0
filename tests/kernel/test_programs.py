"""Files that could do something by themselves: programs, macros under any name, scripts, templates from elsewhere."""

import pytest
from django.utils import translation
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, TextStringObject

from kezhuan.kernel.documents import Upload, check_upload
from kezhuan.kernel.errors import Refused
from tests.kernel.test_documents import docx_of, written, zip_of

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
MACRO_PROJECT = OLE + "_VBA_PROJECT".encode("utf-16-le") + bytes(100)
PACKED = OLE + "\x01Ole10Native".encode("utf-16-le") + b"C:\\a.exe"
EQUATION = OLE + "Equation Native".encode("utf-16-le")
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def relation(kind, target, mode="External"):
    return (
        f'<Relationships><Relationship Id="r1" Type="{TYPE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        "</Relationships>"
    )


def office(types="<Types/>", **members):
    return zip_of(**{"[Content_Types].xml": types, "word__document.xml": "<w:body/>", **members})


def action(kind):
    return DictionaryObject({NameObject("/S"): NameObject(kind), NameObject("/JS"): TextStringObject("app.alert(1)")})


def pdf(change):
    writer = PdfWriter()
    change(writer, writer.add_blank_page(200, 200))
    return written(writer.write)


def on_page(writer, page):
    event = DictionaryObject({NameObject("/O"): action("/JavaScript")})
    page[NameObject("/AA")] = writer._add_object(event)


def on_field(writer, page):
    box = ArrayObject([])
    field = DictionaryObject({NameObject("/Subtype"): NameObject("/Widget"), NameObject("/A"): action("/Launch")})
    box.append(writer._add_object(field))
    page[NameObject("/Annots")] = box


def at_opening(writer, page):
    names = DictionaryObject({NameObject("/Names"): ArrayObject([TextStringObject("a"), action("/JavaScript")])})
    tree = DictionaryObject({NameObject("/JavaScript"): writer._add_object(names)})
    writer._root_object[NameObject("/Names")] = tree


def after_a_link(writer, page):
    link = DictionaryObject({NameObject("/S"): NameObject("/URI"), NameObject("/Next"): action("/Launch")})
    writer._root_object[NameObject("/OpenAction")] = writer._add_object(link)


def in_a_hidden_field(writer, page):
    field = writer._add_object(
        DictionaryObject({NameObject("/AA"): DictionaryObject({NameObject("/C"): action("/JavaScript")})})
    )
    parent = writer._add_object(DictionaryObject({NameObject("/Kids"): ArrayObject([field])}))
    form = DictionaryObject({NameObject("/Fields"): ArrayObject([parent])})
    writer._root_object[NameObject("/AcroForm")] = writer._add_object(form)


HARMFUL = {
    "a macro project under another name": (office(**{"word__bild.bin": MACRO_PROJECT}), "file-macros"),
    "a .docm that lost its macros' name": (
        office('<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'),
        "file-macros",
    ),
    "a sheet of old macros": (office(**{"xl__macrosheets__sheet1.xml": "<x/>"}), "file-macros"),
    "a control": (office(**{"word__activeX__activeX1.xml": "<x/>"}), "file-macros"),
    "an embedded object with macros": (office(**{"word__embeddings__oleObject1.bin": MACRO_PROJECT}), "file-macros"),
    "a packed program": (office(**{"word__embeddings__oleObject1.bin": PACKED}), "file-program"),
    "a program as a picture": (office(**{"word__media__image1.png": b"MZ\x90\x00" + bytes(80)}), "file-program"),
    "a Linux program": (b"\x7fELF" + bytes(80), "file-type"),
    "a template from another machine": (
        office(**{"word___rels__settings.xml.rels": relation("attachedTemplate", "https://example.com/t.dotm")}),
        "file-fetches",
    ),
    "an object from another machine": (
        office(**{"word___rels__document.xml.rels": relation("oleObject", "\\\\server\\share\\a.doc")}),
        "file-fetches",
    ),
    "a PDF with a script at its opening": (pdf(at_opening), "file-macros"),
    "a PDF with a script on a page": (pdf(on_page), "file-macros"),
    "a PDF that starts a program from a field": (pdf(on_field), "file-macros"),
    "a PDF that starts a program after a link": (pdf(after_a_link), "file-macros"),
    "a PDF with a script in a field on no page": (pdf(in_a_hidden_field), "file-macros"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "code"), HARMFUL.values(), ids=HARMFUL)
def test_a_file_that_could_do_something_is_refused_in_one_sentence(content, code):
    with translation.override("en"), pytest.raises(Refused) as refused:
        check_upload(Upload("附件一", content, True))
    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == (code, "file")
    assert "附件一" in problem.message


def test_what_does_nothing_is_taken():
    harmless = [
        office(**{"word__embeddings__oleObject1.bin": EQUATION, "word__media__image1.png": b"\x89PNG\r\n\x1a\n"}),
        office(**{"word___rels__settings.xml.rels": relation("attachedTemplate", "D:\\Vorlagen\\Normal.dotm")}),
        office(**{"word___rels__document.xml.rels": relation("hyperlink", "https://example.com/")}),
        pdf(lambda writer, page: writer.add_uri(0, "https://example.com/", (0, 0, 50, 50))),
        docx_of("<w:p>宏</w:p>"),
    ]
    for content in harmless:
        check_upload(Upload("附件一", content, True))
