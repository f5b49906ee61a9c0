"""One file that holds a whole city: a tar inside Zstandard, written in one go and read in one go.

    kezhuan.json                      what made it, when, from which database, after which migrations
    tables/<table>/<number>.jsonl     rows, one JSON list a line, in parts of a few megabytes
    documents/<sha256>                stored files
    configuration/<name>              the signing key and the settings
    manifest.json                     counts and hashes of all of it; comes last

After the packed tar stands the SHA-256 of every byte before it, in a frame that unpacking programs skip: anybody can
look into it with `tar --zstd -tf FILE`.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import zstandard

from kezhuan.config.speech import told

FORMAT = 1
HEADER, MANIFEST = "kezhuan.json", "manifest.json"
PART = 4 * 1024 * 1024
"""Bytes of rows in one part: what a table's copying needs of memory."""
CHUNK = 1024 * 1024
_PACKED_CHUNK = 4096
"""Bytes of the packed file taken at a time: even a forged one cannot unpack these to more than 130 MB."""
_SKIPPED = (0x184D2A50).to_bytes(4, "little") + (32).to_bytes(4, "little")
"""The head of a frame of 32 bytes that Zstandard skips (RFC 8878, 3.1.2)."""
_SEAL = len(_SKIPPED) + 32
_KNOWN = re.compile(
    r"tables/\w+/\d{6}\.jsonl|documents/[0-9a-f]{64}|configuration/[\w.-]+|kezhuan\.json|manifest\.json"
)


class Damaged(Exception):
    """The archive is not what was written; the message says what is wrong with it, in the terminal's language."""


@dataclass
class Manifest:
    """What an archive holds. Hashes of `parts` are of bytes, those of `tables` of contents (see `tables.Tally`)."""

    format: int = FORMAT
    version: str = ""
    engine: str = ""
    made_at: str = ""
    migrations: list[tuple[str, str]] = field(default_factory=list)
    tables: dict[str, dict[str, Any]] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    journal: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(table["rows"] for table in self.tables.values())

    def table_of(self, name: str) -> dict[str, Any]:
        """What is said of one table; nothing when the archive does not hold it."""
        return self.tables.get(name, {"rows": 0, "sha256": hashlib.sha256().hexdigest(), "counter": None})


def _canonical(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True).encode()


class _Hashing(io.BytesIO):
    """Passes bytes on to a file and hashes them on the way; holds none."""

    def __init__(self, raw: IO[bytes]) -> None:
        super().__init__()
        self.raw, self.digest = raw, hashlib.sha256()

    def write(self, content: Any) -> int:
        self.digest.update(content)
        return self.raw.write(content)


class Writer:
    """Writes an archive to an open file; whole once `finish` was called."""

    def __init__(self, raw: IO[bytes], header: Manifest) -> None:
        self.manifest = header
        self._hashing = _Hashing(raw)
        self._packer = zstandard.ZstdCompressor(level=3).stream_writer(self._hashing, closefd=False)
        self._tar = tarfile.open(fileobj=self._packer, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  see finish
        known = {"format", "version", "engine", "made_at", "migrations"}
        self.add(HEADER, _canonical({name: value for name, value in asdict(header).items() if name in known}))

    def add(self, name: str, content: bytes) -> None:
        """Add a part and note its hash."""
        self.manifest.parts[name] = hashlib.sha256(content).hexdigest()
        self._put(name, len(content), io.BytesIO(content))

    def add_rows(self, table: str, lines: Iterator[bytes]) -> None:
        """Add a table's lines, in parts."""
        part, size, number = [], 0, 0
        for line in lines:
            part.append(line)
            size += len(line)
            if size >= PART:
                self.add(f"tables/{table}/{number:06}.jsonl", b"".join(part))
                part, size, number = [], 0, number + 1
        if part:
            self.add(f"tables/{table}/{number:06}.jsonl", b"".join(part))

    def add_document(self, sha256: str, size: int, content: IO[bytes]) -> None:
        """Add a stored file, whose name is its hash."""
        self._put(f"documents/{sha256}", size, content)

    def _put(self, name: str, size: int, content: IO[bytes]) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        self._tar.addfile(member, content)

    def finish(self) -> str:
        """Write the manifest and the seal; returns the SHA-256 of the whole file."""
        content = _canonical(asdict(self.manifest))
        self._put(MANIFEST, len(content), io.BytesIO(content))
        self._tar.close()
        self._packer.close()  # type: ignore[no-untyped-call]  # the library tells no types
        self._hashing.write(_SKIPPED + self._hashing.digest.digest())
        return self._hashing.digest.hexdigest()


class _Unpacked(io.RawIOBase):
    """The bytes inside a Zstandard file up to its seal; raises `Damaged` for one that ends early or is not one."""

    def __init__(self, raw: IO[bytes]) -> None:
        self.raw, self.digest = raw, hashlib.sha256()
        self._left = raw.seek(0, os.SEEK_END) - _SEAL
        raw.seek(0)
        self._unpacker = zstandard.ZstdDecompressor().decompressobj()
        self._held = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._held) < size or size < 0:
            packed = self.raw.read(max(0, min(_PACKED_CHUNK, self._left)))
            if not packed:
                break
            self._left -= len(packed)
            self.digest.update(packed)
            try:
                self._held += self._unpacker.decompress(packed)
            except (zstandard.ZstdError, EOFError):
                raise _not_a_backup() from None
        size = len(self._held) if size < 0 else size
        given, self._held = self._held[:size], self._held[size:]
        return given

    def finish(self) -> str:
        """Read to the end and compare the seal; returns the SHA-256 of the whole file."""
        while self.read(CHUNK):
            pass
        sealed = self.digest.digest()
        seal = self.raw.read()
        if not self._unpacker.eof or seal != _SKIPPED + sealed:
            raise Damaged(told("文件不完整或被改动", "it is cut short or was altered"))
        self.digest.update(seal)
        return self.digest.hexdigest()


def _not_a_backup() -> Damaged:
    return Damaged(told("内容已损坏，或不是备份文件", "its bytes are damaged, or it is no backup"))


class _Content:
    """A member's bytes, whose end may be missing."""

    def __init__(self, content: IO[bytes]) -> None:
        self.content = content

    def read(self, size: int = -1) -> bytes:
        try:
            return self.content.read(size)
        except tarfile.TarError:
            raise _not_a_backup() from None


def members(raw: IO[bytes], digest: list[str] | None = None) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Name, size and content of each member in order, to the very end of the file; raises `Damaged`.

    `digest` receives the SHA-256 of the whole file when all was read.
    """
    unpacked = _Unpacked(raw)
    try:
        with tarfile.open(fileobj=unpacked, mode="r|", bufsize=CHUNK) as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None or not _KNOWN.fullmatch(member.name):
                    raise Damaged(told(f"含有不明内容“{member.name}”", f"it holds something unknown, “{member.name}”"))
                yield member.name, member.size, cast("IO[bytes]", _Content(content))
    except tarfile.TarError:
        raise _not_a_backup() from None
    whole = unpacked.finish()
    if digest is not None:
        digest.append(whole)


def check(path: Path, sha256: str = "") -> Manifest:
    """Read the whole archive and compare every part with its hash; raises `Damaged`. Nothing is written.

    With `sha256`, the file's own hash as `backup` told it, even an alteration that renewed all hashes inside is found.
    """
    found: dict[str, str] = {}
    lines: dict[str, int] = {}
    documents, size_of_all, names = 0, 0, hashlib.sha256()
    manifest: Manifest | None = None
    whole: list[str] = []
    with path.open("rb") as raw:
        for name, size, content in members(raw, whole):
            if manifest is not None:
                raise Damaged(told(f"清单之后还有“{name}”", f"“{name}” stands after the manifest"))
            if name == MANIFEST:
                manifest = _manifest(content.read())
                continue
            if not found and name != HEADER:
                raise Damaged(told("开头不是备份的说明", "it does not begin like a backup"))
            digest, line_ends = _digest(content)
            if name.startswith("documents/"):
                if digest != name.partition("/")[2]:
                    raise Damaged(told(f"文件 {name} 的内容被改动", f"the stored file {name} was altered"))
                documents, size_of_all = documents + 1, size_of_all + size
                names.update(digest.encode())
                continue
            found[name] = digest
            if name.startswith("tables/"):
                table = name.split("/")[1]
                lines[table] = lines.get(table, 0) + line_ends
    if manifest is None:
        raise Damaged(told("缺少清单", "its manifest is missing"))
    _compare(manifest, found, lines)
    if manifest.documents.get("count") != documents or manifest.documents.get("sha256") != names.hexdigest():
        raise Damaged(told("文件数目与清单不符", "the number of stored files is not the manifest's"))
    if sha256 and sha256.lower() != whole[0]:
        raise Damaged(told(f"整个文件的 SHA-256 是 {whole[0]}", f"its SHA-256 is {whole[0]}"))
    return manifest


def _digest(content: IO[bytes]) -> tuple[str, int]:
    digest, line_ends = hashlib.sha256(), 0
    while chunk := content.read(CHUNK):
        digest.update(chunk)
        line_ends += chunk.count(b"\n")
    return digest.hexdigest(), line_ends


def _compare(manifest: Manifest, found: dict[str, str], lines: dict[str, int]) -> None:
    for name, digest in manifest.parts.items():
        if name not in found:
            raise Damaged(told(f"缺少 {name}", f"{name} is missing"))
        if found[name] != digest:
            raise Damaged(told(f"{name} 的内容被改动", f"{name} was altered"))
    beyond = set(found) - set(manifest.parts)
    if beyond:
        raise Damaged(told(f"多出 {min(beyond)}", f"{min(beyond)} was added"))
    for table, said in manifest.tables.items():
        if lines.get(table, 0) != said["rows"]:
            raise Damaged(told(f"表 {table} 的行数与清单不符", f"the rows of {table} are not the manifest's"))


def _manifest(content: bytes) -> Manifest:
    try:
        read = json.loads(content)
        if read["format"] == FORMAT:
            read["migrations"] = [tuple(one) for one in read["migrations"]]
            return Manifest(**read)
        number = read["format"]
    except (ValueError, KeyError, TypeError):
        raise Damaged(told("清单已损坏", "its manifest is damaged")) from None
    raise Damaged(told(f"格式 {number} 属于更新的版本", f"its format {number} is of a newer version"))


def open_fresh(path: Path) -> IO[bytes]:
    """A new file that only its owner may read; raises `FileExistsError` when the name is taken."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
