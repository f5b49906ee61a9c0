"""What a file could do by itself: macros, scripts and programs inside, templates that it would fetch from elsewhere."""

import re
import zipfile
from xml.parsers import expat

from django.utils.translation import gettext as _

from kezhuan.engines.zips import read_member
from kezhuan.kernel.errors import Problem, Refused

PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How programs begin: of Windows, Linux, macOS, Java."""
_SCRIPT = re.compile(rb"(?:\xef\xbb\xbf|[\s\x00]|\xc2[\x85\xa0]|\xe2\x80[\x80-\xaf]|\xe2\x81\xa0|\xe3\x80\x80)*#!")
"""A script's first line, also behind marks of byte order and blanks of every width."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a compound file begins: documents of older Office, embedded objects, and every macro project."""
_MACRO_STREAMS = tuple(name.encode("utf-16-le") for name in ("_VBA_PROJECT", "VBA\0", "Macros\0", "_VBA_PROJECT_CUR"))
_PACKED_STREAM = "\x01Ole10Native".encode("utf-16-le")
"""The stream of an object that holds any file whatever, to be opened with a double click."""
_MACRO_TYPES = re.compile(rb"vbaproject|macroenabled|ms-office\.activex|controlproperties|macrosheet", re.IGNORECASE)
_MACRO_NAMES = re.compile(r"vbaproject\.bin|vbadata\.xml|/macrosheets/|/activex/|customui/", re.IGNORECASE)
_ELSEWHERE = re.compile(r"(?:https?|ftps?):/|\\\\|//|file:(?:\\\\|/{2}[^/]|/{4})", re.IGNORECASE)
_FETCHED = ("/attachedTemplate", "/oleObject", "/subDocument", "/frame", "/externalLinkPath")
"""Relations of a document to something that its program opens without asking."""
_LONGEST_PART = 64 * 1024 * 1024


def _macros(name: str) -> Refused:
    message = _("“%(name)s” carries macros. Save it without macros and send it again.") % {"name": name}
    return Refused(Problem("file-macros", message, "file"))


def _program(name: str) -> Refused:
    message = _("“%(name)s” carries a program. Take it out and send the file again.") % {"name": name}
    return Refused(Problem("file-program", message, "file"))


def is_program(content: bytes) -> bool:
    """Whether bytes begin as a program does."""
    return content.startswith(PROGRAMS) or _SCRIPT.match(content) is not None


def refuse_office_programs(name: str, archive: zipfile.ZipFile) -> None:
    """Raise `Refused` for an Office file with macros under whatever name, an embedded program, or a template that is
    fetched from another machine."""
    for member in archive.infolist():
        inner = member.filename
        if _MACRO_NAMES.search(inner):
            raise _macros(name)
        if inner == "[Content_Types].xml" and _MACRO_TYPES.search(read_member(archive, member)):
            raise _macros(name)
        if inner.endswith(".rels"):
            _refuse_fetched(name, read_member(archive, member))
        elif not inner.endswith(".xml"):
            with archive.open(member) as stream:
                content = stream.read(len(_OLE))
                if content == _OLE:
                    content += stream.read(_LONGEST_PART)
            _refuse_inside(name, content)


def _refuse_inside(name: str, content: bytes) -> None:
    if is_program(content):
        raise _program(name)
    if content.startswith(_OLE):
        if any(stream in content for stream in _MACRO_STREAMS):
            raise _macros(name)
        if _PACKED_STREAM in content:
            raise _program(name)


def _refuse_fetched(name: str, content: bytes) -> None:
    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _element, attributes: found.append(attributes)
    parser.Parse(content, True)
    for one in found:
        leads_away = one.get("TargetMode") == "External" and _ELSEWHERE.match(one.get("Target", ""))
        if leads_away and one.get("Type", "").endswith(_FETCHED):
            message = _(
                "“%(name)s” fetches a part of itself from another machine. Embed that part, then send it again."
            )
            raise Refused(Problem("file-fetches", message % {"name": name}, "file"))
