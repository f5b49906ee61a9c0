"""Files of Word without the time at which they were written."""

import io
import zipfile

_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The first that a ZIP file can say."""


def undated(content: bytes) -> bytes:
    """A .docx file (a ZIP file) with the same members, none of them dated: what says the same has the same bytes, so
    that whoever has it already is told so."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(zipfile.ZipInfo(member.filename, _NO_TIME), old.read(member), zipfile.ZIP_DEFLATED)
    return held.getvalue()
