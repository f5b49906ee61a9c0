"""Open-data extracts: what everybody may see, kind by kind, as files that others build on.

A run writes all files into a folder of its own; publishing it then changes one small file that names the folder, so
that whoever fetches finds the files of one run, whole. They are described after DCAT (W3C, version 3).
"""

import hashlib
import itertools
import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from kezhuan.engines.tables import csv_lines, written_beside
from kezhuan.kernel.errors import Missing, Text
from kezhuan.kernel.text import now

MEDIA = {"jsonl": "application/jsonl", "csv": "text/csv"}
"""The two forms in which every extract is written."""
CATALOGUE = "catalogue.jsonld"
_CURRENT = "current.json"


@dataclass(frozen=True)
class Source:
    """What becomes a dataset: its name, what it is called, and its objects as a visitor of the API gets them."""

    name: str
    label: Text
    objects: Callable[[], Iterator[Mapping[str, Any]]]


@dataclass(frozen=True)
class File:
    """A file of an extract."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Extract:
    """A dataset as it was written: how many objects, and its files."""

    name: str
    count: int
    files: tuple[File, ...]


@dataclass(frozen=True)
class Edition:
    """All extracts of one run; `former` is the folder of the one that it replaced."""

    folder: str
    written_at: datetime
    extracts: tuple[Extract, ...]
    former: str = ""

    def path_of(self, name: str) -> Path:
        """Where a file lies; raises `Missing` for a name that is none of them."""
        known = {CATALOGUE, *(file.name for extract in self.extracts for file in extract.files)}
        if name not in known:
            raise Missing(name)
        return _root() / self.folder / name


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a dataset; called once for each when the API is mounted."""
    _sources[source.name] = source


def sources() -> tuple[Source, ...]:
    """All datasets."""
    return tuple(_sources.values())


def _root() -> Path:
    return Path(settings.DATA) / "open-data"


def edition() -> Edition | None:
    """The extracts that are there to be fetched; none before the first run."""
    try:
        told = json.loads((_root() / _CURRENT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Edition(
        told["folder"],
        datetime.fromisoformat(told["written_at"]),
        tuple(
            Extract(one["name"], one["count"], tuple(File(**file) for file in one["files"])) for one in told["extracts"]
        ),
        told["former"],
    )


def write_edition(progress: Callable[[int], None] = lambda _done: None) -> Edition:
    """Write all extracts anew, beside those that are there to be fetched; `progress` is told how many objects are
    written, and what it raises ends the run."""
    moment = now()
    name = f"{moment:%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}"
    folder = _root() / name
    folder.mkdir(parents=True)
    done = itertools.count(1)

    def counted(found: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for one in found:
            yield one
            progress(next(done))

    try:
        with override("zh-hans"):
            extracts = tuple(_write(folder, one.name, counted(one.objects())) for one in sources())
            written = Edition(name, moment, extracts)
            catalogue = json.dumps(_catalogue(written), ensure_ascii=False, indent=1)
        (folder / CATALOGUE).write_text(catalogue, encoding="utf-8")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return written


def publish(written: Edition) -> None:
    """Put an edition in the place of the last one, in one step."""
    former = edition()
    told = asdict(written) | {"former": former.folder if former is not None else ""}
    with written_beside(_root() / _CURRENT) as stream:
        stream.write(json.dumps(told, default=str).encode())


def withhold() -> None:
    """Let nothing be fetched until the next run: what was written tells of a record that not everybody may see now."""
    (_root() / _CURRENT).unlink(missing_ok=True)


def forget_older(written: Edition) -> None:
    """Remove the runs before a published edition but the one before it: somebody may be fetching from that.

    Folders are named by their moments, so what a later run is writing stays.
    """
    current = edition()
    kept = current.former if current is not None else ""
    for entry in _root().iterdir():
        if entry.is_dir() and entry.name < written.folder and entry.name != kept:
            shutil.rmtree(entry, ignore_errors=True)


def _write(folder: Path, name: str, objects: Iterator[Mapping[str, Any]]) -> Extract:
    """JSON lines first; the columns of the CSV are all fields met in them, in the order in which they were met."""
    lines, columns, count = folder / f"{name}.jsonl", dict[str, None](), 0
    with written_beside(lines) as stream:
        for one in objects:
            stream.write(json.dumps(one, ensure_ascii=False).encode() + b"\n")
            columns.update(dict.fromkeys(field for field, _value in _flat(one)))
            count += 1
    table = folder / f"{name}.csv"
    with written_beside(table) as stream, lines.open(encoding="utf-8") as read:
        rows = (dict(_flat(json.loads(line))) for line in read)
        stream.writelines(csv_lines(list(columns), ([row.get(field) for field in columns] for row in rows)))
    return Extract(name, count, tuple(_file(path) for path in (lines, table)))


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """An object's fields as cells: objects inside by dotted names, lists of words in one cell, other lists as JSON."""
    for name, one in value.items():
        if isinstance(one, dict):
            yield from _flat(one, f"{before}{name}.")
        elif isinstance(one, list):
            words = all(isinstance(item, str) for item in one)
            yield f"{before}{name}", "；".join(one) if words else json.dumps(one, ensure_ascii=False)
        else:
            yield f"{before}{name}", one


def _file(path: Path) -> File:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return File(path.name, MEDIA[path.suffix[1:]], path.stat().st_size, digest)


def _catalogue(written: Edition) -> dict[str, Any]:
    """The description of all datasets as JSON-LD after DCAT 3."""
    site = f"{settings.SITE_URL}/open-data/"
    labels = {source.name: str(source.label) for source in sources()}
    modified = {"@type": "xsd:dateTime", "@value": written.written_at.isoformat(timespec="seconds")}
    licence = {"dct:license": {"@id": settings.OPEN_DATA_LICENCE}} if settings.OPEN_DATA_LICENCE else {}
    name = settings.OPEN_DATA_PUBLISHER
    publisher = {"dct:publisher": {"@type": "foaf:Agent", "foaf:name": name}} if name else {}
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "void": "http://rdfs.org/ns/void#",
            "spdx": "http://spdx.org/rdf/terms#",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": f"{site}{CATALOGUE}",
        "@type": "dcat:Catalog",
        "dct:title": _("Open data of Kezhuan"),
        "dct:description": _("What everybody may see here, to be taken along and built on: written anew every night."),
        "dcat:landingPage": {"@id": site},
        "dct:language": "zh",
        "dct:modified": modified,
        **publisher,
        **licence,
        "dcat:dataset": [
            {
                "@id": f"{site}#{extract.name}",
                "@type": "dcat:Dataset",
                "dct:identifier": extract.name,
                "dct:title": labels[extract.name],
                "void:entities": {"@type": "xsd:integer", "@value": str(extract.count)},
                "dct:modified": modified,
                "dct:accrualPeriodicity": {"@id": "http://publications.europa.eu/resource/authority/frequency/DAILY"},
                **publisher,
                **licence,
                "dcat:distribution": [
                    {
                        "@type": "dcat:Distribution",
                        "dct:title": file.name,
                        "dcat:downloadURL": {"@id": f"{site}{file.name}"},
                        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{file.media_type}"},
                        "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(file.size)},
                        "dct:modified": modified,
                        **licence,
                        "spdx:checksum": {
                            "@type": "spdx:Checksum",
                            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                            "spdx:checksumValue": file.sha256,
                        },
                    }
                    for file in extract.files
                ],
            }
            for extract in written.extracts
        ],
    }
