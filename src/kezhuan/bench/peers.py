"""What a user might take instead. Each peer is given the same tokens, in the form of index and question that is
quickest for it among those with the same ranking."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from kezhuan.bench.engines import Engine, Keeping, Missing, first_of, installed, memory_of
from kezhuan.engines.matching import Item
from kezhuan.engines.matching.encoder import Encoder

_AT_ONCE = 256
_ROOM = 200_000_000  # bytes that tantivy's writer may take


class Tantivy(Keeping):
    """tantivy, the search library of Quickwit, with its BM25; one thread writes."""

    label = "tantivy"
    forks = False

    def _schema(self) -> Any:
        self._tantivy = installed("tantivy", "tantivy")
        builder = self._tantivy.SchemaBuilder()
        builder.add_text_field("id", stored=True, tokenizer_name="raw")
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
        return builder.build()

    def build(self, items: Iterable[Item]) -> None:
        """Add everything, commit, wait for merges."""
        schema = self._schema()
        (self.setting.folder / "index").mkdir()
        index = self._tantivy.Index(schema, path=str(self.setting.folder / "index"))
        index.config_reader("manual")
        writer = index.writer(_ROOM, 1)
        for item in items:
            writer.add_document(self._document(item))
        writer.commit()
        writer.wait_merging_threads()

    def _document(self, item: Item) -> Any:
        return self._tantivy.Document(id=str(item.id), text=" ".join(self.tokens(item)))

    def open(self) -> None:
        """Open the folder; a writer only when something is written."""
        self._known = self._schema()
        self._index = self._tantivy.Index.open(str(self.setting.folder / "index"))
        self._index.config_reader("manual")  # or a thread watches the folder, which is to be removed
        self._searcher = self._index.searcher()
        self._writer: Any = None

    def first(self, need: Item) -> list[str]:
        """Every token once, weighed by how often it is asked."""
        query, should = self._tantivy.Query, self._tantivy.Occur.Should
        terms = [
            (should, query.boost_query(query.term_query(self._known, "text", token, "freq"), float(times)))
            for token, times in Counter(self.asked(need)).items()
        ]
        hits = self._searcher.search(query.boolean_query(terms), self.setting.top, count=False).hits
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
            self._writer = self._index.writer(_ROOM // 4, 1)
        return self._writer

    def _commit(self, writer: Any) -> None:
        writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()


class Fts5(Keeping):
    """SQLite's full text search, ordered by its BM25.

    The index holds places in full: without them SQLite cuts every record that is ranked into words again, for the same
    ranking in six times the time.
    """

    label = "SQLite FTS5"
    forks = False

    def build(self, items: Iterable[Item]) -> None:
        """One transaction, and the segments of the index made one."""
        base = self._connect()
        base.execute("CREATE VIRTUAL TABLE records USING fts5(id UNINDEXED, body, detail='full')")
        base.executemany("INSERT INTO records (id, body) VALUES (?, ?)", map(self._row, items))
        base.execute("INSERT INTO records (records) VALUES ('optimize')")
        base.execute("CREATE TABLE places AS SELECT rowid AS place, id FROM records")
        base.execute("CREATE INDEX place_of ON places (id)")
        base.commit()
        base.close()

    def _row(self, item: Item) -> tuple[str, str]:
        return str(item.id), " ".join(map(_plain, self.tokens(item)))

    def _connect(self) -> sqlite3.Connection:
        base = sqlite3.connect(self.setting.folder / "records.db")
        base.execute("PRAGMA journal_mode=WAL")
        base.execute("PRAGMA synchronous=FULL")
        return base

    def open(self) -> None:
        """A connection of this process."""
        self._base = self._connect()

    def first(self, need: Item) -> list[str]:
        """Any of the tokens, by BM25."""
        asked = " OR ".join(map(_plain, self.asked(need)))
        sql = "SELECT id FROM records WHERE records MATCH ? ORDER BY rank LIMIT ?"
        return [row for (row,) in self._base.execute(sql, (asked, self.setting.top))] if asked else []

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


def _plain(token: str) -> str:
    """A token as one word of letters and digits, for engines that cut words by their own rules."""
    return "t" + token.encode("utf-8").hex()


class Postgres(Keeping):
    """PostgreSQL's full text search, ordered by `ts_rank`, longer texts held down by the logarithm of their length. A
    token asked twice counts once there, so it is asked once."""

    label = "PostgreSQL"
    forks = False

    def _connect(self) -> Any:
        if not self.setting.postgres:
            raise Missing(self.label)
        # Whoever asks may be ended in the middle; then the server is to give up, too.
        return installed("psycopg", self.label).connect(
            self.setting.postgres,
            autocommit=True,
            application_name="kezhuan-bench",
            options="-c client_connection_check_interval=1000",
        )

    def build(self, items: Iterable[Item]) -> None:
        """Copy, then index."""
        base = self._connect()
        base.execute("DROP TABLE IF EXISTS bench")
        identity = "row bigint GENERATED ALWAYS AS IDENTITY"
        base.execute(f"CREATE TABLE bench ({identity}, id text PRIMARY KEY, body tsvector)")
        with base.cursor().copy("COPY bench (id, body) FROM STDIN") as rows:
            for item in items:
                rows.write_row((str(item.id), self._vector(item)))
        base.execute("SET maintenance_work_mem = '512MB'")
        base.execute("CREATE INDEX ON bench USING gin (body)")
        base.execute("VACUUM ANALYZE bench")
        base.close()

    def _vector(self, item: Item) -> str:
        places: dict[str, list[str]] = {}
        for place, token in enumerate(self.tokens(item), 1):
            places.setdefault(_plain(token), []).append(str(min(place, 16383)))
        return " ".join(f"{token}:{','.join(at[:255])}" for token, at in places.items())

    def open(self) -> None:
        """A connection of this process."""
        self._base = self._connect()

    def first(self, need: Item) -> list[str]:
        """Any of the tokens, by `ts_rank`."""
        found = self._base.execute(
            "SELECT id FROM bench WHERE body @@ %(asked)s::tsquery"
            " ORDER BY ts_rank(body, %(asked)s::tsquery, 1) DESC, row LIMIT %(top)s",
            {"asked": " | ".join(dict.fromkeys(map(_plain, self.asked(need)))), "top": self.setting.top},
        )
        return [row for (row,) in found]

    def add(self, items: Sequence[Item]) -> None:
        """One transaction."""
        rows = [(str(one.id), self._vector(one)) for one in items]
        with self._base.cursor() as cursor, self._base.transaction():
            cursor.executemany("INSERT INTO bench (id, body) VALUES (%s, %s)", rows)

    def delete(self, ids: Sequence[str]) -> None:
        """One statement."""
        self._base.execute("DELETE FROM bench WHERE id = ANY(%s)", (list(ids),))

    def memory(self) -> tuple[int, int]:
        """Of the server's process that answers; what it shares with others counts as its own."""
        return memory_of(self._base.info.backend_pid)

    def disk(self) -> int:
        """Of the table with its indexes."""
        (size,) = self._base.execute("SELECT pg_total_relation_size('bench')").fetchone()
        return int(size)

    def clear(self) -> None:
        """End what is still at work on the server, and drop the table."""
        with self._connect() as base:
            base.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND application_name = current_setting('application_name')"
            )
            base.execute("DROP TABLE IF EXISTS bench")


class Bm25s(Engine):
    """bm25s, which scores the whole corpus in sparse arrays and takes in nothing afterwards."""

    label = "bm25s"

    def build(self, items: Iterable[Item]) -> None:
        """In memory."""
        bm25s = installed("bm25s", "bm25s")
        self._numbers: dict[str, int] = {}
        number = self._numbers
        self._ids, documents = [], []
        for item in items:
            self._ids.append(str(item.id))
            documents.append(np.array([number.setdefault(one, len(number)) for one in self.tokens(item)], np.int32))
        self._engine = bm25s.BM25()
        self._engine.index(bm25s.tokenization.Tokenized(ids=documents, vocab=dict(number)), show_progress=False)

    def first(self, need: Item) -> list[str]:
        """A token counts as often as it is asked."""
        tokens = [self._numbers[one] for one in self.asked(need) if one in self._numbers]
        rows = first_of(self._engine.get_scores_from_ids(tokens), self.setting.top) if tokens else []
        return [self._ids[row] for row in rows]


class Tfidf(Engine):
    """scikit-learn's TF-IDF with logarithmic term frequency, by cosine; takes in nothing afterwards."""

    label = "TF-IDF"

    def build(self, items: Iterable[Item]) -> None:
        """In memory."""
        text = installed("sklearn.feature_extraction.text", "scikit-learn")
        self._ids: list[str] = []

        def documents() -> Iterable[list[str]]:
            for item in items:
                self._ids.append(str(item.id))
                yield self.tokens(item)

        self._weights = text.TfidfVectorizer(analyzer=list, sublinear_tf=True, dtype=np.float32)
        self._matrix = self._weights.fit_transform(documents()).tocsc()

    def first(self, need: Item) -> list[str]:
        """By cosine."""
        return [self._ids[row] for row in first_of(self._scores(self.asked(need)), self.setting.top)]

    def _scores(self, tokens: list[str]) -> Any:
        asked = self._weights.transform([tokens])
        return self._matrix[:, asked.indices] @ asked.data


class Lsa(Tfidf):
    """The same folded into 200 dimensions by scikit-learn's truncated SVD."""

    label = "LSA-200"

    def build(self, items: Iterable[Item]) -> None:
        """In memory."""
        super().build(items)
        fold = installed("sklearn.decomposition", "scikit-learn").TruncatedSVD(200, random_state=0)
        folded = fold.fit_transform(self._matrix.tocsr())
        self._fold, self._dense = fold, installed("sklearn.preprocessing", "scikit-learn").normalize(folded)

    def _scores(self, tokens: list[str]) -> Any:
        return self._dense @ self._fold.transform(self._weights.transform([tokens]))[0]


class Encoded(Engine):
    """A sentence encoder such as a MiniLM, from a local folder, by cosine; it cuts texts into tokens of its own."""

    label = "MiniLM"

    @property
    def how(self) -> str:
        """Which encoder."""
        return self.setting.encoder.name[:16] if self.setting.encoder else ""

    def build(self, items: Iterable[Item]) -> None:
        """In memory."""
        if self.setting.encoder is None:
            raise Missing(f"{self.label} (--encoder)")
        self._encoder, self._ids = Encoder(self.setting.encoder), list[str]()
        rows, left = [], iter(items)
        while some := list(islice(left, _AT_ONCE)):
            self._ids += [str(one.id) for one in some]
            rows.append(self._encoder.records(some))
        self._rows = np.concatenate(rows)

    def first(self, need: Item) -> list[str]:
        """By cosine."""
        direction = self._encoder.need(need).direction
        return [self._ids[row] for row in first_of(self._rows @ direction, self.setting.top)]


PEERS: tuple[type[Engine], ...] = (Tantivy, Bm25s, Fts5, Postgres, Tfidf, Lsa, Encoded)
