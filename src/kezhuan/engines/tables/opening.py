"""Open a file that claims to be a table: find it, check it is what its name says, and inflate it under a limit."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

import zstandard

from kezhuan.engines.tables.problems import Unusable

Format = Literal["xlsx", "csv", "tsv", "jsonl"]

ENDINGS: dict[str, Format] = {".xlsx": "xlsx", ".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
PACKINGS = (".gz", ".zst")

MOST_WORKBOOK_BYTES = 200_000_000
# Text is streamed, so only a bomb is refused: far more than any table, or more than text can honestly shrink.
MOST_TEXT_BYTES = 8_000_000_000
_FREE_TEXT_BYTES = 100_000_000
_MOST_RATIO = 300
_ZSTD_CHUNK = 1024  # a kilobyte of zstd can hold at most some 32 MB, so one call never floods memory
_ZSTD_WINDOW = 1 << 27

_CONTENTS: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "压缩包或 Office 文件", "a zip archive or Office file"),
    (b"PK\x05\x06", "空压缩包", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版或加密的 Office 文件", "an old or encrypted Office file"),
    (b"%PDF", "PDF 文件", "a PDF"),
    (b"\x1f\x8b", "gzip 压缩数据", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "zstd 压缩数据", "zstd data"),
    (b"\x89PNG", "图片", "a picture"),
    (b"\xff\xd8\xff", "图片", "a picture"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
    (b"Rar!", "RAR 压缩包", "a RAR archive"),
    (b"7z\xbc\xaf", "7z 压缩包", "a 7z archive"),
    (b"\xff\xfe", "UTF-16 文字", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 文字", "UTF-16 text"),
)
_MARKUP = (b"<!doctype", b"<html", b"<table", b"<?xml", b"<head", b"<meta")


class BrokenOff(Exception):
    """The bytes ended or stopped making sense in mid-stream; what was read before is good."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Source:
    """A file with the format and packing its name claims: on disk, or with its bytes in memory as `content`.

    `title` is what it is called when that is not what it is called on disk.
    """

    path: Path
    format: Format
    packing: str | None
    content: bytes | None = field(default=None, repr=False)
    title: str = ""

    @property
    def name(self) -> str:
        """The file name as said in sentences."""
        return self.title or self.path.name

    @property
    def size(self) -> int:
        """Bytes as they lie there, packed or not."""
        return len(self.content) if self.content is not None else self.path.stat().st_size


def source_called(name: str, *, content: bytes | None = None, path: Path | None = None) -> Source:
    """Return the source of bytes in memory, or of a file that lies under another name; raises Unusable for a name whose
    ending is not understood."""
    claimed = claimed_format(Path(name))
    if claimed is None:
        start = content[:8] if content is not None else peek(path or Path(name))
        is_old = name.lower().endswith(".xls") and start.startswith(b"\xd0\xcf\x11\xe0")
        raise Unusable(name, "old-xls" if is_old else "unknown-ending")
    return Source(path or Path(name), *claimed, content, name)


def find_source(path: str | Path) -> Source:
    """Return the file meant by `path`; a name without its ending is completed when only one table file fits.

    Raises Unusable when there is no such regular file or its ending is not understood.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise Unusable(path.name or str(path), "is-a-folder")
        if not path.exists():
            path = _complete(path)
        if not path.is_file():
            raise Unusable(path.name, "not-a-file")
    except (OSError, ValueError) as error:
        raise Unusable(path.name, "unreadable", reason=error) from None
    claimed = claimed_format(path)
    if claimed is None:
        code = (
            "old-xls"
            if path.suffix.lower() == ".xls" and peek(path).startswith(b"\xd0\xcf\x11\xe0")
            else "unknown-ending"
        )
        raise Unusable(path.name, code)
    return Source(path, *claimed)


def claimed_format(path: Path) -> tuple[Format, str | None] | None:
    """Return the format and packing a file name claims, or None when they are not understood."""
    name = path.name.lower()
    packing = next((ending for ending in PACKINGS if name.endswith(ending)), None)
    inner = name.removesuffix(packing) if packing else name
    return next(((claim, packing) for ending, claim in ENDINGS.items() if inner.endswith(ending)), None)


def _complete(path: Path) -> Path:
    """Return the one table file whose name without endings is `path`."""
    candidates = []
    if path.name and path.parent.is_dir():
        for entry in path.parent.iterdir():
            if entry.name.startswith(path.name + ".") and claimed_format(entry) is not None:
                rest = entry.name.lower()[len(path.name) :]
                if any(rest == ending + packing for ending in ENDINGS for packing in ("", *PACKINGS)):
                    candidates.append(entry)
    if not candidates:
        raise Unusable(path.name or str(path), "missing-file")
    if len(candidates) > 1:
        raise Unusable(path.name, "several-files", names=tuple(sorted(entry.name for entry in candidates)))
    return candidates[0]


def peek(path: Path, count: int = 8) -> bytes:
    """Return the first bytes of a file; raises Unusable when it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(count)
    except OSError as error:
        raise Unusable(path.name, "unreadable", reason=error) from None


def content_words(start: bytes) -> tuple[str, str] | None:
    """Return what foreign content the first bytes show, in Chinese and English; None when it may be plain text."""
    for magic, chinese, english in _CONTENTS:
        if start.startswith(magic):
            return chinese, english
    if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower().startswith(_MARKUP):
        return "网页或 XML", "a web page or XML"
    if start and start.count(0) > len(start) // 10:
        return "二进制数据", "binary data"
    return None


class _Limited(io.RawIOBase):
    """Bytes of a packed file, counted while they inflate."""

    def __init__(self, inner: gzip.GzipFile | _ZstdReader, packed_bytes: int, limit: int) -> None:
        self._inner = inner
        self._limit = min(limit, max(_FREE_TEXT_BYTES, packed_bytes * _MOST_RATIO))
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # no wider buffer comes
        try:
            block = self._inner.read1(len(buffer))  # one step only: a failure must not swallow what came before
        except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError):
            raise BrokenOff("broken-off") from None
        self._count += len(block)
        if self._count > self._limit:
            raise BrokenOff("inflates-too-far", limit=f"{self._limit // 1_000_000} MB")
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._inner.close()
        super().close()


class _ZstdReader:
    """A zstd file read in small steps, which notices a missing end (the library's own reader does not)."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._pending = memoryview(b"")
        self._packed = b""

    def read1(self, size: int) -> bytes:
        while not self._pending:
            packed = self._packed or self._stream.read(_ZSTD_CHUNK)
            self._packed = b""
            if not packed:
                if self._frame is not None:
                    raise EOFError
                return b""
            if self._frame is None:
                self._frame = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
            self._pending = memoryview(self._frame.decompress(packed))
            if self._frame.eof:
                self._packed = self._frame.unused_data
                self._frame = None
        block, self._pending = bytes(self._pending[:size]), self._pending[size:]
        return block

    def close(self) -> None:
        self._stream.close()


def _bytes_of(source: Source) -> io.BufferedReader:
    if source.content is not None:
        return io.BufferedReader(io.BytesIO(source.content))
    return source.path.open("rb")


@contextmanager
def opened(source: Source, limit: int = MOST_TEXT_BYTES) -> Iterator[io.BufferedReader]:
    """Give the unpacked bytes of a source. Reading raises BrokenOff when packed bytes are damaged or exceed `limit`."""
    try:
        stream = _bytes_of(source)
    except OSError as error:
        raise Unusable(source.name, "unreadable", reason=error) from None
    with stream:
        if source.packing is None:
            yield stream
            return
        start = stream.read(4)
        stream.seek(0)
        if not start:
            raise Unusable(source.name, "empty-file")
        if not start.startswith(b"\x1f\x8b" if source.packing == ".gz" else b"\x28\xb5\x2f\xfd"):
            foreign = content_words(start) or ("其他内容", "something else")
            raise Unusable(
                source.name, "not-what-it-says", claimed=source.packing, found_zh=foreign[0], found_en=foreign[1]
            )
        inner = gzip.GzipFile(fileobj=stream) if source.packing == ".gz" else _ZstdReader(stream)
        yield io.BufferedReader(_Limited(inner, source.size, limit), 1 << 16)


def likely_lines(source: Source, start: bytes) -> int | None:
    """Return about how many lines an unpacked file has, from the length of its first lines."""
    if source.packing is not None or b"\n" not in start:
        return None
    return max(1, round(source.size * start.count(b"\n") / len(start)))
