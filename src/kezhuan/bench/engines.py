"""Search engines at work: build, ask, add and delete, all with the durability that each of them has.

Every engine is handed texts and takes them apart itself, as this one does, into the same units; so the time that takes
counts for all. What is added counts as kept when it would be there after a power cut: written through to the disk.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from kezhuan.bench.peers import Missing
from kezhuan.engines.matching import FROZEN, Item, Matcher
from kezhuan.engines.matching.units import units_of

TOP = 10


class Engine(ABC):
    """An engine with its files in a folder."""

    label: str
    keeps = True
    """Whether it keeps its records on the disk and takes single ones in; else it is built and asked in one process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def build(self, items: Iterable[Item]) -> None:
        """Take in a whole corpus, and have it on the disk. Raises Missing where the engine is not installed."""

    def open(self) -> None:  # noqa: B027  what is only in memory is open
        """Open what was built, in this process."""

    @abstractmethod
    def first(self, need: Item) -> list[str]:
        """The ids of the first records for a need."""

    def add(self, items: Sequence[Item]) -> None:
        """Add records, kept when this returns."""
        raise NotImplementedError

    def delete(self, ids: Sequence[str]) -> None:
        """Delete records, gone for good when this returns."""
        raise NotImplementedError

    def memory(self) -> tuple[int, int]:
        """Bytes of memory of its own, and bytes of files that it has mapped into memory."""
        return memory_of(os.getpid())

    def disk(self) -> int:
        """Bytes on the disk."""
        return sum(one.stat().st_blocks * 512 for one in self.folder.rglob("*") if one.is_file())


def memory_of(process: int) -> tuple[int, int]:
    """Bytes in memory that are a process's own, and those of files; (0, 0) where the system does not tell."""
    try:
        lines = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0, 0
    sizes = {
        name: int(rest.split()[0]) * 1024 for name, _, rest in (one.partition(":") for one in lines) if "kB" in rest
    }
    return sizes.get("RssAnon", 0) + sizes.get("RssShmem", 0), sizes.get("RssFile", 0)


def text_of(item: Item) -> str:
    """All words of an item."""
    return "\n".join(filter(None, (item.title, *item.keywords, item.text)))


class Ours(Engine):
    """This engine. What is acknowledged stands in a database, as it does in the program, and the index follows it."""

    label = "kezhuan"

    def build(self, items: Iterable[Item]) -> None:
        """Fit into files and save."""
        made = self.folder / "made"
        made.mkdir()
        Matcher().fit(items, folder=made).save(self.folder / "index")
        shutil.rmtree(made)
        base = sqlite3.connect(self.folder / "records.db")
        base.executescript("PRAGMA journal_mode=WAL; CREATE TABLE records (id TEXT PRIMARY KEY, title TEXT, body TEXT)")
        base.close()

    def open(self) -> None:
        """Map the index, and open the database that records are acknowledged in."""
        self.matcher = Matcher.load(self.folder / "index")
        self._base = sqlite3.connect(self.folder / "records.db")
        self._base.execute("PRAGMA synchronous=FULL")

    def first(self, need: Item) -> list[str]:
        """With parts and reasons, as a page asks."""
        return [str(match.supply) for match in self.matcher.kneighbors([need], TOP)[0]]

    def exact(self, needs: Sequence[Item]) -> list[list[str]]:
        """The same by looking everything up."""
        matcher = Matcher.load(self.folder / "index", replace(FROZEN, exact_most=2**62))
        return [[str(match.supply) for match in matcher.kneighbors([need], TOP)[0]] for need in needs]

    def add(self, items: Sequence[Item]) -> None:
        """One transaction, then the index."""
        with self._base:
            rows = [(str(one.id), one.title, one.text) for one in items]
            self._base.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
        self.matcher.partial_fit(items, merge=False)

    def delete(self, ids: Sequence[str]) -> None:
        """One transaction, then the index."""
        with self._base:
            self._base.executemany("DELETE FROM records WHERE id = ?", [(one,) for one in ids])
        self.matcher.delete(ids)


class Tantivy(Engine):
    """tantivy, the search library of Quickwit; one thread writes."""

    label = "tantivy"

    def _schema(self) -> Any:
        try:
            import tantivy
        except ImportError as error:
            raise Missing("tantivy") from error
        self._tantivy: Any = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
        return builder.build()

    def build(self, items: Iterable[Item]) -> None:
        """Add everything, commit, wait for merges."""
        schema = self._schema()
        (self.folder / "index").mkdir()
        index = self._tantivy.Index(schema, path=str(self.folder / "index"))
        writer = index.writer(200_000_000, 1)
        for item in items:
            writer.add_document(self._document(item))
        writer.commit()
        writer.wait_merging_threads()

    def _document(self, item: Item) -> Any:
        return self._tantivy.Document(id=str(item.id), text=" ".join(units_of(text_of(item))))

    def open(self) -> None:
        """Open the folder; a writer only when something is written."""
        self._known = self._schema()
        self._index = self._tantivy.Index.open(str(self.folder / "index"))
        self._searcher = self._index.searcher()
        self._writer: Any = None

    def first(self, need: Item) -> list[str]:
        """Every unit once, weighed by how often the need says it."""
        query, should = self._tantivy.Query, self._tantivy.Occur.Should
        terms = [
            (should, query.boost_query(query.term_query(self._known, "text", token, "freq"), float(times)))
            for token, times in Counter(units_of(text_of(need))).items()
        ]
        hits = self._searcher.search(query.boolean_query(terms), TOP, count=False).hits
        return [self._searcher.doc(address)["id"][0] for _score, address in hits]

    def add(self, items: Sequence[Item]) -> None:
        """Commit, then let searches see it."""
        writer = self._write()
        for item in items:
            writer.add_document(self._document(item))
        self._commit(writer)

    def delete(self, ids: Sequence[str]) -> None:
        """Commit, then let searches see it."""
        writer = self._write()
        for one in ids:
            writer.delete_documents_by_term("id", one)
        self._commit(writer)

    def _write(self) -> Any:
        if self._writer is None:
            self._writer = self._index.writer(50_000_000, 1)
        return self._writer

    def _commit(self, writer: Any) -> None:
        writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()


class Fts5(Engine):
    """SQLite's full text search."""

    label = "SQLite FTS5"

    def build(self, items: Iterable[Item]) -> None:
        """One transaction, and the segments of the index made one."""
        base = self._connect()
        base.execute("CREATE VIRTUAL TABLE records USING fts5(id UNINDEXED, body, detail='column')")
        base.executemany("INSERT INTO records (id, body) VALUES (?, ?)", map(self._row, items))
        base.execute("INSERT INTO records (records) VALUES ('optimize')")
        base.execute("CREATE TABLE places AS SELECT rowid AS place, id FROM records")
        base.execute("CREATE INDEX place_of ON places (id)")
        base.commit()
        base.close()

    def _row(self, item: Item) -> tuple[str, str]:
        return str(item.id), " ".join(map(_token, units_of(text_of(item))))

    def _connect(self) -> sqlite3.Connection:
        base = sqlite3.connect(self.folder / "records.db")
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=FULL")
        return base

    def open(self) -> None:
        """A connection of this process."""
        self._base = self._connect()

    def first(self, need: Item) -> list[str]:
        """Any of the units, by BM25."""
        asked = " OR ".join(dict.fromkeys(map(_token, units_of(text_of(need)))))
        found = self._base.execute("SELECT id FROM records WHERE records MATCH ? ORDER BY rank LIMIT ?", (asked, TOP))
        return [row for (row,) in found]

    def add(self, items: Sequence[Item]) -> None:
        """One transaction."""
        with self._base:
            for item in items:
                at = self._base.execute("INSERT INTO records (id, body) VALUES (?, ?)", self._row(item)).lastrowid
                self._base.execute("INSERT INTO places VALUES (?, ?)", (at, str(item.id)))

    def delete(self, ids: Sequence[str]) -> None:
        """One transaction."""
        with self._base:
            for one in ids:
                self._base.execute("DELETE FROM records WHERE rowid IN (SELECT place FROM places WHERE id = ?)", (one,))
                self._base.execute("DELETE FROM places WHERE id = ?", (one,))


def _token(unit: str) -> str:
    """A unit as one word of letters and digits, for engines that cut words by their own rules."""
    return "t" + unit.encode("utf-8").hex()


class Postgres(Engine):
    """PostgreSQL's full text search, on a server that writes through to the disk."""

    label = "PostgreSQL"
    address = ""

    def _connect(self) -> Any:
        if not self.address:
            raise Missing("PostgreSQL")
        import psycopg

        return psycopg.connect(self.address, autocommit=True)

    def build(self, items: Iterable[Item]) -> None:
        """Copy, then index."""
        base = self._connect()
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            base.execute(f"ALTER SYSTEM SET {setting} = on")
        base.execute("SELECT pg_reload_conf()")
        base.execute("DROP TABLE IF EXISTS speed")
        base.execute("CREATE TABLE speed (id text PRIMARY KEY, body tsvector)")
        with base.cursor().copy("COPY speed (id, body) FROM STDIN") as rows:
            for item in items:
                rows.write_row((str(item.id), _vector(item)))
        base.execute("SET maintenance_work_mem = '512MB'")
        base.execute("CREATE INDEX ON speed USING gin (body)")
        base.execute("VACUUM ANALYZE speed")
        base.close()

    def open(self) -> None:
        """A connection of this process."""
        self._base = self._connect()

    def first(self, need: Item) -> list[str]:
        """Any of the units, by `ts_rank`."""
        asked = " | ".join(dict.fromkeys(map(_token, units_of(text_of(need)))))
        found = self._base.execute(
            "SELECT id FROM speed WHERE body @@ %(asked)s::tsquery"
            " ORDER BY ts_rank(body, %(asked)s::tsquery, 1) DESC, id LIMIT %(top)s",
            {"asked": asked, "top": TOP},
        )
        return [row for (row,) in found]

    def add(self, items: Sequence[Item]) -> None:
        """One statement."""
        with self._base.cursor() as cursor, self._base.transaction():
            cursor.executemany("INSERT INTO speed VALUES (%s, %s)", [(str(one.id), _vector(one)) for one in items])

    def delete(self, ids: Sequence[str]) -> None:
        """One statement."""
        self._base.execute("DELETE FROM speed WHERE id = ANY(%s)", (list(ids),))

    def memory(self) -> tuple[int, int]:
        """Of the server's process that answers; what it shares with others counts as its own."""
        return memory_of(self._base.info.backend_pid)

    def disk(self) -> int:
        """Of the table with its indexes."""
        (size,) = self._base.execute("SELECT pg_total_relation_size('speed')").fetchone()
        return int(size)


def _vector(item: Item) -> str:
    places: dict[str, list[str]] = {}
    for place, unit in enumerate(units_of(text_of(item)), 1):
        places.setdefault(_token(unit), []).append(str(min(place, 16383)))
    return " ".join(f"{token}:{','.join(at[:255])}" for token, at in places.items())


class Bm25s(Engine):
    """bm25s, which scores the whole corpus in sparse arrays and takes in nothing afterwards."""

    label = "bm25s"
    keeps = False

    def build(self, items: Iterable[Item]) -> None:
        """In memory."""
        try:
            import bm25s
        except ImportError as error:
            raise Missing("bm25s") from error
        self._numbers: dict[str, int] = {}
        number = self._numbers
        self._ids, documents = [], []
        for item in items:
            self._ids.append(str(item.id))
            documents.append(
                np.array([number.setdefault(one, len(number)) for one in units_of(text_of(item))], np.int32)
            )
        self._engine: Any = bm25s.BM25()
        self._engine.index(bm25s.tokenization.Tokenized(ids=documents, vocab=dict(number)), show_progress=False)

    def first(self, need: Item) -> list[str]:
        """Units as often as the need says them."""
        tokens = [self._numbers[one] for one in units_of(text_of(need)) if one in self._numbers]
        return [self._ids[row] for row in _best(self._engine.get_scores_from_ids(tokens))]


class Tfidf(Engine):
    """scikit-learn's TF-IDF with logarithmic term frequency, by cosine; takes in nothing afterwards."""

    label = "TF-IDF"
    keeps = False

    def build(self, items: Iterable[Item]) -> None:
        """In memory."""
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
        except ImportError as error:
            raise Missing("scikit-learn") from error
        self._ids: list[str] = []

        def texts() -> Iterable[str]:
            for item in items:
                self._ids.append(str(item.id))
                yield text_of(item)

        self._weights: Any = TfidfVectorizer(analyzer=units_of, sublinear_tf=True, dtype=np.float32)
        self._matrix: Any = self._weights.fit_transform(texts()).tocsc()

    def first(self, need: Item) -> list[str]:
        """By cosine."""
        asked = self._weights.transform([text_of(need)])
        return [self._ids[row] for row in _best(self._matrix[:, asked.indices] @ asked.data)]


def _best(scores: Any) -> list[int]:
    scores = np.asarray(scores)
    top = min(TOP, len(scores))
    ahead = np.argpartition(-scores, top - 1)[:top]
    rows: list[int] = ahead[np.argsort(-scores[ahead], kind="stable")].tolist()
    return rows


ENGINES: tuple[type[Engine], ...] = (Ours, Tantivy, Bm25s, Fts5, Postgres, Tfidf)
