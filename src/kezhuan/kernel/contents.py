"""What is in a file: its type by its bytes, and all words in it that can be read without its program."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.engines.zips import UNREADABLE, opened, read_member
from kezhuan.kernel.errors import Problem, Refused, Text
from kezhuan.kernel.marks import name_has_mark, secrets_problem
from kezhuan.kernel.programs import is_program, refuse_office_programs
from kezhuan.kernel.text import clean

MEGABYTE = 1024 * 1024
LARGEST_INSIDE = 400 * 1024 * 1024
"""Bytes an office file may unpack to; more is a zip bomb."""

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_OFFICE = {"word/": WORD, "xl/": EXCEL, "ppt/": POWERPOINT}
TYPES: dict[str, tuple[Text, frozenset[str]]] = {
    "application/pdf": ("PDF", frozenset({"pdf"})),
    WORD: ("Word", frozenset({"docx"})),
    EXCEL: ("Excel", frozenset({"xlsx"})),
    POWERPOINT: ("PowerPoint", frozenset({"pptx"})),
    "image/png": ("PNG", frozenset({"png"})),
    "image/jpeg": ("JPEG", frozenset({"jpg", "jpeg"})),
    "text/plain": (gettext_lazy("plain text"), frozenset({"txt", "csv", "md", "json"})),
}
"""The types of file that are taken: what people call them, and how their names may end."""
_PREFERRED = {"image/jpeg": "jpg", "text/plain": "txt"}
"""How a name ends that is given an ending, where its type knows several."""
SCANS = frozenset({"application/pdf", "image/png", "image/jpeg"})
"""The types of a scan, a screenshot or a photograph: what shows that something was signed, or stood somewhere."""
_ENDING = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]*")
LONGEST_NAME = 200
_HELD_DATA = (".xml", ".xbrl")
"""What an electronic invoice carries inside its PDF beside the picture of itself."""
_DEEPEST = 2
"""Files inside files are read so deep; deeper ones are sent by themselves."""


def refuse(code: str, message: str) -> Refused:
    """A refusal that stands at the file's field."""
    return Refused(Problem(code, message, "file"))


def type_label(media: str) -> str:
    """What people call a type of file; the type itself for one that is not taken any more."""
    return str(TYPES[media][0]) if media in TYPES else media


def media_type(name: str, content: bytes) -> str:
    """The type of a file by its content; raises `Refused` for an empty, too large, executable, macro-carrying or
    unknown file."""
    if not content:
        raise refuse("file-empty", _("“%(name)s” is empty. Choose the file again.") % {"name": name})
    require_small(name, len(content))
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"PK\x03\x04"):
        return _office_type(name, content)
    if b"\x00" not in content[:4096] and not is_program(content):
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            return "text/plain"
    raise refuse(
        "file-type",
        _("“%(name)s” is of a type that is not taken. Send PDF, .docx, .xlsx, .pptx, PNG, JPEG or UTF-8 text.")
        % {"name": name},
    )


def require_small(name: str, size: int) -> None:
    """Raise `Refused` for a file of more bytes than the city's setting allows; asked before it is read, too."""
    most = settings.FILE_MEGABYTES
    if size > most * MEGABYTE:
        raise refuse(
            "file-too-large",
            _("“%(name)s” is larger than %(most)s MB. Split it or send a smaller version.")
            % {"name": name, "most": most},
        )


def fitting_name(name: str, media: str) -> str:
    """The name under which a file is kept and handed out: without folders, ending as its type does, whatever a system
    would leave out of it. Raises `Refused` when it ends like something else: who opens a file gets what it says."""
    # A blank or a dot at its end is dropped by Windows, which then starts what stands before it.
    kept = clean(name.replace("\\", "/")).rpartition("/")[2].rstrip(" .\u3000\xa0") or "document"
    stem, _dot, ending = kept.rpartition(".")
    label, endings = TYPES[media]
    if ending.lower() in endings and _dot:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    preferred = _PREFERRED.get(media) or max(endings)
    # 说明v1.2 and 3.5亿元项目 end in no type at all: they get their own.
    if _dot and _ENDING.fullmatch(ending):
        raise refuse(
            "file-name",
            _("“%(name)s” is %(type)s by its content. Choose the right file, or let its name end in .%(ending)s.")
            % {"name": kept, "type": label, "ending": preferred},
        )
    return f"{kept[: LONGEST_NAME - len(preferred) - 1]}.{preferred}"


def _office_type(name: str, content: bytes) -> str:
    try:
        with opened(content) as archive:
            members = archive.infolist()
    except UNREADABLE:
        raise refuse(
            "file-damaged", _("“%(name)s” is damaged. Save it again and send the new file.") % {"name": name}
        ) from None
    if sum(member.file_size for member in members) > LARGEST_INSIDE:
        raise refuse("file-too-large", _("“%(name)s” unpacks to more than 400 MB and was not opened.") % {"name": name})
    names = [member.filename for member in members]
    for folder, kind in _OFFICE.items():
        if "[Content_Types].xml" in names and any(inner.startswith(folder) for inner in names):
            return kind
    raise refuse("file-type", _("“%(name)s” is an archive. Send the files inside it one by one.") % {"name": name})


def texts_of(name: str, content: bytes, kind: str, depth: int = 0) -> Iterator[str]:
    """The words of a file, part by part, with those of files inside it; a scanned picture has none.

    Raises `Refused` for a file that is locked or damaged: what cannot be read cannot be searched for marks.
    """
    try:
        if kind == "text/plain":
            yield content.decode("utf-8-sig")
        elif kind == "application/pdf":
            from kezhuan.kernel.pdfs import pdf_texts  # inline: its library takes a tenth of a second to load

            yield from pdf_texts(name, content, depth)
        elif kind in _OFFICE.values():
            yield from _office_texts(name, content, depth)
    except (*UNREADABLE, expat.ExpatError):
        raise damaged(name) from None


def damaged(name: str) -> Refused:
    """The refusal of a file that cannot be read."""
    message = _("“%(name)s” is damaged or locked. Save it without a password and send the new file.")
    return refuse("file-damaged", message % {"name": name})


def held_texts(name: str, inner: str, content: bytes, depth: int) -> Iterator[str]:
    """The words of a file inside another one; raises `Refused` for one of a marked name, or of a type that cannot
    be read."""
    if depth >= _DEEPEST:
        raise refuse(
            "file-type",
            _("“%(name)s” holds files inside files inside files. Send them one by one.") % {"name": name},
        )
    place = f"{name}: {inner}"
    if name_has_mark(inner):
        raise Refused(secrets_problem("file"))
    media = media_type(place, content)
    if not inner.lower().endswith(_HELD_DATA):
        fitting_name(place, media)
    yield Path(inner).stem
    yield from texts_of(place, content, media, depth + 1)


_LINE_END = re.compile(r"(?:w:p|a:p|si|is|c|text|w:br|w:cr|a:br|(?:dc|cp|vt|rdf|pdf|xmp):\w+|\w+(?:Header|Footer))")
"""Elements that end a line; all others may stand inside a word."""
_EDGE = re.compile(r"\w+(?:Header|Footer)")
_EDGE_CODE = re.compile(r'&(?:"[^"]*"|\d+|[A-Za-z])')
"""Codes in a sheet's header and footer: &C begins the middle, &"Song" and &12 set the type."""
_SPOKEN = ("string", "name", "title", "descr", "alt")
"""Attributes in which people write: a watermark's words, a sheet's name, what a picture shows."""


def _office_texts(name: str, content: bytes, depth: int) -> Iterator[str]:
    with opened(content) as archive:
        refuse_office_programs(name, archive)
        for member in archive.infolist():
            inner = member.filename
            ending = inner.rpartition(".")[2].lower()
            if ending == "xml":
                with archive.open(member) as stream:
                    yield from xml_texts(stream)
            elif ending in {"docx", "xlsx", "pptx", "pdf"}:
                yield from held_texts(name, inner, read_member(archive, member), depth)


def xml_texts(stream: Any) -> Iterator[str]:
    """The words of an XML file in whatever encoding it declares, its spoken attributes first.

    Raises `ExpatError` for what is not XML, and for one that defines words of its own: entities hide what is said.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    words: list[str] = []
    spoken: list[str] = []
    edge = False

    def start(element: str, attributes: dict[str, str]) -> None:
        nonlocal edge
        edge = _EDGE.fullmatch(element) is not None
        spoken.extend(attributes[name] for name in _SPOKEN if name in attributes)

    def end(element: str) -> None:
        nonlocal edge
        edge = False
        if _LINE_END.fullmatch(element):
            words.append("\n")

    def entity(*_declared: Any) -> None:
        raise expat.ExpatError("an entity is declared")

    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, entity
    parser.CharacterDataHandler = lambda text: words.append(_EDGE_CODE.sub("\n", text) if edge else text)
    parser.ParseFile(stream)
    yield "\n".join(spoken)
    yield "".join(words)
