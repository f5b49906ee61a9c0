"""PDF files: their words, and what they could do by themselves. Imported where one is read, as its library is slow to
load."""

import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, IndirectObject, StreamObject

from kezhuan.kernel.contents import damaged, held_texts, refuse, xml_texts
from kezhuan.kernel.errors import Problem, Refused

_BACK = frozenset({"/P", "/Parent", "/Page", "/Popup", "/Dest", "/Dests", "/D", "/A", "/AA"})
_FONTS = frozenset({"/AP", "/DR", "/Resources"})
_AWAY = _BACK | _FONTS
"""Keys that lead from a note, bookmark or form field to the pages, whose words are read by themselves, or to fonts."""


def pdf_texts(name: str, content: bytes, depth: int) -> Iterator[str]:
    """The words of a PDF, with those of files inside it; raises `Refused` for one that is locked or damaged, or does
    something by itself."""
    try:
        yield from _texts(name, content, depth)
    except PyPdfError:
        raise damaged(name) from None


def page_count(content: bytes) -> int | None:
    """How many pages a PDF has; None for one that cannot be read."""
    try:
        return len(PdfReader(io.BytesIO(content)).pages)
    except (PyPdfError, ValueError, KeyError):
        return None


def _texts(name: str, content: bytes, depth: int) -> Iterator[str]:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not _opens_without_password(reader):
        raise refuse(
            "file-locked",
            _("“%(name)s” is locked with a password. Save it without one and send it again.") % {"name": name},
        )
    _refuse_programs(name, reader)
    root: DictionaryObject = reader.root_object
    beside: list[Any] = [reader.trailer.get("/Info"), *(root.get(key) for key in ("/Outlines", "/AcroForm", "/Names"))]
    described = root.get("/Metadata")
    if described is not None:
        yield from xml_texts(io.BytesIO(described.get_object().get_data()))
    for page in reader.pages:
        beside.append(page.get("/Annots"))
        try:
            yield page.extract_text()
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            continue  # a page of a form that the reader does not know; the others are still read
    for inner, found in _things(beside):
        if isinstance(found, str):
            yield found
        else:
            yield from held_texts(name, inner, found, depth)


def _things(roots: list[Any]) -> Iterator[tuple[str, str | bytes]]:
    """The texts that hang on properties, bookmarks, form fields and notes, and attached files by name."""
    waiting, seen = list(roots), set()
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, IndirectObject):
            if thing.idnum in seen:
                continue
            seen.add(thing.idnum)
            thing = thing.get_object()
        if isinstance(thing, ByteStringObject):
            yield "", thing.decode("utf-8", "ignore")
        elif isinstance(thing, str):
            yield "", str(thing)
        elif isinstance(thing, ArrayObject):
            waiting.extend(thing)
        elif isinstance(thing, DictionaryObject):
            waiting.extend(value for key, value in thing.items() if key not in _AWAY)
            for file in thing.get("/EF", DictionaryObject()).get_object().values():
                held = file.get_object()
                if isinstance(held, StreamObject) and id(held) not in seen:
                    seen.add(id(held))
                    yield str(thing.get("/UF") or thing.get("/F") or ""), held.get_data()


def _opens_without_password(reader: PdfReader) -> bool:
    try:
        return bool(reader.decrypt(""))
    except (PyPdfError, DependencyError, NotImplementedError):
        return False


# -- programs ----------------------------------------------------------------------------------------------------------

_ACTIONS = ("/OpenAction", "/AA", "/A", "/Next")
_DOES = frozenset({"/JavaScript", "/Launch"})


def _refuse_programs(name: str, reader: PdfReader) -> None:
    """Raise `Refused` for a PDF that runs scripts or starts programs: at its opening, on a page or in a field."""
    root: DictionaryObject = reader.root_object
    scripts = _got(_got(root.get("/Names"), "/JavaScript"), "/Names")
    if scripts:
        raise _scripts(name)
    holders: list[Any] = [root, *_fields(root), *reader.pages]
    for page in reader.pages:
        holders += [_resolved(one) for one in _resolved(page.get("/Annots")) or ()]
    for holder in holders:
        if isinstance(holder, DictionaryObject):
            for action in _actions(holder):
                if str(_resolved(action.get("/S"))) in _DOES:
                    raise _scripts(name)


def _scripts(name: str) -> Refused:
    message = _("“%(name)s” runs a script or starts a program. Print it to a new PDF and send that.") % {"name": name}
    return Refused(Problem("file-macros", message, "file"))


def _resolved(thing: Any) -> Any:
    return thing.get_object() if isinstance(thing, IndirectObject) else thing


def _got(holder: Any, key: str) -> Any:
    held = _resolved(holder)
    return _resolved(held.get(key)) if isinstance(held, DictionaryObject) else None


def _fields(root: DictionaryObject) -> Iterator[Any]:
    """Every field of the form, also those that stand on no page."""
    waiting, seen = [_got(root.get("/AcroForm"), "/Fields")], set()
    while waiting:
        held = _resolved(waiting.pop())
        if id(held) in seen:
            continue
        seen.add(id(held))
        if isinstance(held, ArrayObject):
            waiting.extend(held)
        elif isinstance(held, DictionaryObject):
            yield held
            waiting.append(held.get("/Kids"))


def _actions(holder: DictionaryObject) -> Iterator[DictionaryObject]:
    """What a thing does when it is opened, pressed, entered or left, and what follows on that."""
    waiting, seen = [holder.get(key) for key in _ACTIONS], set()
    while waiting:
        action = _resolved(waiting.pop())
        if id(action) in seen:
            continue
        seen.add(id(action))
        if isinstance(action, ArrayObject):
            waiting.extend(action)
        elif isinstance(action, DictionaryObject):
            yield action
            if "/S" not in action:  # a table of events, each with its action
                waiting.extend(action.values())
            waiting.append(action.get("/Next"))
