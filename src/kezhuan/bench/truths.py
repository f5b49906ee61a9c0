"""The truth sets as needs, records and grades, read from the files beside the project."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import zstandard

from kezhuan.engines.matching import Facts, Item

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
"""Where the data sets lie beside the project, unless told otherwise."""

DEV = "dev"
"""The half on which what is frozen was chosen; another half lies in a folder of another name beside it."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Truth:
    """Needs, supply and the grades of one half.

    owners: where a record is one of several works of what is looked for (a person's projects), whose it is; the grades
    are of owners then. left_out: for a need the record that it was made from and that is no answer.
    """

    name: str
    needs: Sequence[Item]
    supply: Sequence[Item]
    grades: dict[str, dict[str, int]]
    owners: dict[str, str]
    left_out: dict[str, str]

    def sample(self, most: int) -> Truth:
        """At most so many of the needs, evenly spread."""
        step = -(-len(self.needs) // most)
        return replace(self, needs=self.needs[::step])


def read(name: str, data: Path, half: str = DEV) -> Truth:
    """Read a set by its name, with the needs and grades of the folder `half` of each set.

    Raises FileNotFoundError when its files are not there, KeyError for an unknown name.
    """
    needs, supply, grades, left_out = _READERS[name](data, half)
    return Truth(
        name,
        [need for need in needs if max(grades.get(str(need.id), {"": 0}).values()) > 0],
        [item for item, _owner in supply],
        grades,
        {str(item.id): owner for item, owner in supply if owner},
        left_out,
    )


_Read = tuple[list[Item], list[tuple[Item, str]], dict[str, dict[str, int]], dict[str, str]]


_Reader = Callable[[Path, str], _Read]


def _papers(task: str) -> _Reader:
    def read_task(data: Path, half: str) -> _Read:
        folder = data / "zh_need_supply"
        rows = list(rows_of(folder / half / f"{task}_queries.jsonl.zst"))
        return (
            [Item(row["qid"], text=row["text"]) for row in rows],
            [
                (Item(row["id"], row["title"], row["abstract"], tuple(row["keywords"])), "")
                for row in rows_of(folder / "corpus.jsonl.zst")
            ],
            _grades(folder / half / f"{task}_qrels.tsv"),
            {row["qid"]: row["doc_id"] for row in rows if "doc_id" in row},
        )

    return read_task


def _awards(data: Path, half: str) -> _Read:
    folder = data / "en_sbir_topic_award"
    needs = [Item(row["qid"], row["topic_name"], row["text"]) for row in rows_of(folder / half / "needs.jsonl.zst")]
    supply = [(Item(row["id"], text=row["abstract"]), "") for row in rows_of(folder / "corpus.jsonl.zst")]
    return needs, supply, _grades(folder / half / "qrels.tsv"), {}


def _questions(data: Path, half: str) -> _Read:
    folder = data / "en_cranfield"
    needs = [Item(row["qid"], text=row["text"]) for row in rows_of(folder / half / "queries.jsonl")]
    supply = [(Item(row["id"], row["title"], row["text"]), "") for row in rows_of(folder / "corpus.jsonl.zst")]
    return needs, supply, _grades(folder / half / "qrels.tsv"), {}


def _instruments(data: Path, half: str) -> _Read:
    folder = data / "instruments"
    needs = [Item(row["qid"], text=row["text"]) for row in rows_of(folder / half / "queries.jsonl.zst")]
    supply = [
        (Item(row["id"], row["name"], "\n".join((row["type"], row["org"], row["discipline"]))), "")
        for row in rows_of(folder / "zh_instruments.jsonl.zst")
    ]
    return needs, supply, _grades(folder / half / "qrels.tsv"), {}


def _experts(data: Path, half: str) -> _Read:
    folder = data / "zh_expert_finding"
    needs = [
        Item(row["qid"], text=row["text"], facts=Facts(field=row["discipline"] or None))
        for row in rows_of(folder / half / "queries.jsonl.zst")
    ]
    supply = [
        (
            Item(f"{row['expert_id']}-{number}", one["title"], facts=Facts(field=one["discipline"] or None)),
            row["expert_id"],
        )
        for row in rows_of(folder / "experts.jsonl.zst")
        for number, one in enumerate(row["projects"])
    ]
    return needs, supply, _grades(folder / half / "qrels.tsv"), {}


_READERS: dict[str, _Reader] = {
    "need": _papers("need"),
    "cite": _papers("cite"),
    "xling": _papers("xling"),
    "sbir": _awards,
    "cranfield": _questions,
    "instruments": _instruments,
    "experts": _experts,
}
NAMES = tuple(_READERS)
"""The sets in the order in which they are told."""


def rows_of(path: Path) -> Iterator[Row]:
    """The rows of a file of JSON lines, compressed or not."""
    with path.open("rb") as file:
        stream = zstandard.ZstdDecompressor().stream_reader(file) if path.suffix == ".zst" else file
        with io.TextIOWrapper(stream, encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    yield json.loads(line)


def _grades(path: Path) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines, delimiter="\t"):
            if len(row) >= 3 and row[2].lstrip("-").isdigit():
                grades.setdefault(row[0], {})[row[1]] = int(row[2])
    return grades
