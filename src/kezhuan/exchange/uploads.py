"""Files that browsers send: looked through before a byte of them is kept, then kept under their hash for some days."""

import dataclasses
import hashlib
import io
import os
import re
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from kezhuan.engines.tables import Unusable, open_table
from kezhuan.engines.tables.cells import as_text
from kezhuan.engines.tables.lines import ENCODINGS, in_lines
from kezhuan.engines.tables.looking import look_at
from kezhuan.engines.tables.opening import Source, source_called
from kezhuan.exchange.candidates import Marks
from kezhuan.exchange.kinds import HasColumns
from kezhuan.exchange.models import Import
from kezhuan.kernel.contents import media_type, texts_of
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.text import language

LARGEST = 50_000_000
"""Bytes of a file that a browser may send."""
_BETWEEN = re.compile(r"[,;\t\"]")


def unusable_problem(unusable: Unusable) -> Problem:
    """The sentence on a file that cannot be read as a whole, as a problem of the field it was sent in."""
    return Problem("file-unusable", unusable.say(language()), "file")


def open_upload(kind: HasColumns, name: str, content: bytes) -> Source:
    """The file, still in memory, after everything was asked that must hold before it is kept.

    Raises `Refused`: empty, too large, locked, damaged, with macros, not a table, or holding a state secret anywhere.
    """
    if not content:
        raise Refused(Problem("file-empty", _("“%(name)s” is empty. Choose the file again.") % {"name": name}, "file"))
    if len(content) > LARGEST:
        message = _("“%(name)s” is larger than 50 MB. Split it, or import it on the command line.")
        raise Refused(Problem("file-too-large", message % {"name": name}, "file"))
    try:
        source = source_called(name, content=content)
        if source.packing is not None:
            raise Refused(Problem("file-packed", _("Unpack the file and send what is inside."), "file"))
        look = look_at(source, kind.columns)
        is_text = source.format != "xlsx"
        broken: set[int] = set()
        for sheet in look.sheets or (None,):
            broken = _refuse_secret_rows(kind, source, sheet)
        _refuse_marks(_lines(content, broken) if is_text else texts_of(name, content, media_type(name, content)))
    except Unusable as unusable:
        if unusable.code == "unknown-ending":
            message = _("“%(name)s” is no table that is read here: send .xlsx, .csv, .tsv or .jsonl.")
            raise Refused(Problem("file-unusable", message % {"name": name}, "file")) from None
        raise Refused(unusable_problem(unusable)) from None
    return source


def _refuse_marks(texts: Iterator[str]) -> None:
    if any(map(has_classification_mark, texts)):
        raise Refused(secrets_problem("file"))


def _lines(content: bytes, broken: Collection[int]) -> Iterator[str]:
    """A text file's lines, those above the header included, in every encoding that is read here, since one line may be
    in another than the rest; of lines that could not be taken apart also what stands between their delimiters."""
    for number, line in enumerate(in_lines(io.BytesIO(content), content[: 1 << 18]), 1):
        for text in _readings(line):
            yield from text.splitlines()
            if number in broken:
                yield from _BETWEEN.split(text)


def _readings(line: bytes) -> list[str]:
    """A line as UTF-8; where it is none, what can be read of it in each encoding. The bytes of 密 in GB18030 are no
    UTF-8."""
    try:
        return [line.decode("utf-8")]
    except UnicodeDecodeError:
        return [line.decode(encoding, "replace") for encoding in ENCODINGS]


def _refuse_secret_rows(kind: HasColumns, source: Source, sheet: str | None) -> set[int]:
    """No row may carry a mark, or name a class of state secrets under a header of classes: then nothing is kept.

    Returns the numbers of the rows that could not be taken apart, in which no cell was looked at.
    """
    marks = Marks(kind)
    broken: set[int] = set()
    try:
        table = open_table(source, kind.columns, sheet=sheet, lenient=True)
    except Unusable:
        return broken  # a sheet without rows; the one that is to be read was opened before
    for row in table.raw():
        if not row.cells:
            broken.add(row.number)
        cells = dict(zip(row.headers, row.cells, strict=False))
        if marks.names_secret(cells) or has_classification_mark("\n".join(map(as_text, row.cells))):
            raise Refused(_secret_row(row.number, sheet))
    return broken


def _secret_row(number: int, sheet: str | None) -> Problem:
    """Which row it is and nothing of what it says, so that a word that was meant otherwise can be corrected."""
    if sheet is None or has_classification_mark(sheet):
        place = _("row %(row)s") % {"row": f"{number:,}"}
    else:
        place = _("row %(row)s of “%(sheet)s”") % {"row": f"{number:,}", "sheet": sheet}
    message = _(
        "State secrets must not enter this system, and %(place)s holds one, or a class that is not known to be open:"
        " nothing was saved. Correct the row if something else was meant; hand a secret to your unit's confidentiality"
        " office (保密办) on paper."
    )
    return dataclasses.replace(secrets_problem("file"), message=message % {"place": place})


# -- kept for some days ------------------------------------------------------------------------------------------------


def stored(sha256: str) -> Path:
    """Where the bytes of a hash lie in the data folder."""
    return Path(settings.DATA) / "imports" / sha256[:2] / sha256


def store(content: bytes) -> str:
    """Keep the bytes under their hash, once; returns the hash."""
    digest = hashlib.sha256(content).hexdigest()
    path = stored(digest)
    if path.exists():
        path.touch()  # it begins its days anew
        return digest
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{digest}.{secrets.token_hex(4)}")
    with fresh.open("wb") as written:
        written.write(content)
        written.flush()
        os.fsync(written.fileno())
    fresh.replace(path)
    return digest


def source_of(kept: Import) -> Source:
    """The kept file of an import under the name it came with; raises `Refused` when it was removed after its days."""
    path = stored(kept.sha256)
    if not kept.has_file or not path.is_file():
        message = _("The file of import %(number)s was removed after its days; send it again.")
        raise Refused(Problem("file-gone", message % {"number": kept.pk}, "file"))
    return source_called(kept.file_name, path=path)
