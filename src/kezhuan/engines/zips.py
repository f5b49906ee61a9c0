"""Zip files that strangers send: what they hold is read only as far as they say themselves, so that a limit holds."""

import io
import struct
import zipfile
import zlib

UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, RuntimeError, NotImplementedError, EOFError, OSError, ValueError,
)  # fmt: skip
"""What Python raises for a zip that is damaged, locked, packed in a way of its own, or of names that are no text."""
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BLOCK = 1 << 16


def opened(content: bytes) -> zipfile.ZipFile:
    """A zip file, to be closed; raises one of `UNREADABLE`, also for packings other than the two that programs write:
    those of bzip2 and LZMA unpack a block to any size."""
    folder = zipfile.ZipFile(io.BytesIO(content))
    if any(one.compress_type not in _PACKINGS for one in folder.infolist()):
        raise NotImplementedError
    return folder


def read_member(folder: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, at most as many as it says it has; raises one of `UNREADABLE` where it has others.

    `ZipFile.read` unpacks all of it before it counts: half a megabyte that calls itself ten bytes took a gigabyte.
    """
    with folder.open(member) as stream:
        return b"".join(iter(lambda: stream.read(_BLOCK), b""))
