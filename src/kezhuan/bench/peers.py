"""What a user might take instead: each peer is given the same units, cut the way that suits it best on each set."""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kezhuan.engines.matching import Item
from kezhuan.engines.matching.encoder import Encoder
from kezhuan.engines.matching.units import fold, units_of

Cut = Literal["pairs", "words", "both"]
_AT_ONCE = 256
TOP = 101
"""One more than recall looks at: the record a need was made from may be among them."""


class Missing(Exception):
    """A peer that is not installed here; the message names it."""


class Peer(ABC):
    """A search engine with a corpus in it. Tokens are handed over as numbers, so no peer takes them apart again."""

    label: str

    def __init__(self, cut: Cut, *, repeated: bool) -> None:
        """`repeated`: whether a token that a need says twice counts twice."""
        self.cut, self._repeated = cut, repeated
        self._numbers: dict[str, int] = {}

    @property
    def how(self) -> str:
        """How texts are cut for it."""
        return f"{self.cut}{', repeated' if self._repeated else ''}"

    def fit(self, ids: Sequence[str], texts: Sequence[str]) -> None:
        """Take in the records."""
        self._ids = ids
        number = self._numbers
        self._build([[number.setdefault(token, len(number)) for token in tokens_of(text, self.cut)] for text in texts])

    def rank(self, text: str) -> list[str]:
        """The first records for a need, best first."""
        known = [self._numbers[token] for token in tokens_of(text, self.cut) if token in self._numbers]
        if not self._repeated:
            known = list(dict.fromkeys(known))
        return [self._ids[row] for row in self._first(known)] if known else []

    def close(self) -> None:
        """Let go of the corpus."""
        self._numbers.clear()

    @abstractmethod
    def _build(self, documents: list[list[int]]) -> None: ...

    @abstractmethod
    def _first(self, tokens: list[int]) -> list[int]: ...


def tokens_of(text: str, cut: Cut) -> list[str]:
    """Pairs of Chinese characters, or words as a dictionary cuts them, or both; English as stems everywhere."""
    pairs = units_of(text) if cut != "words" else []
    if cut == "pairs":
        return pairs
    try:
        import rjieba
    except ImportError as error:
        raise Missing("rjieba") from error
    words = [word for word in rjieba.cut(fold(text)) if word.strip()]
    if cut == "words":
        return list(chain.from_iterable(units_of(word) if word.isascii() else [word] for word in words))
    return pairs + [word for word in words if len(word) > 2 and not word.isascii()]


class Tantivy(Peer):
    """tantivy, the search library of Quickwit, with its BM25."""

    label = "tantivy"

    def _build(self, documents: list[list[int]]) -> None:
        try:
            import tantivy
        except ImportError as error:
            raise Missing("tantivy") from error
        self._tantivy: Any = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_integer_field("row", stored=True)
        builder.add_text_field("text", tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        index = tantivy.Index(self._schema)
        writer = index.writer(50_000_000, 1)
        for row, document in enumerate(documents):
            writer.add_document(tantivy.Document(row=row, text=" ".join(map(str, document))))
        writer.commit()
        writer.wait_merging_threads()
        index.reload()
        self._searcher = index.searcher()

    def _first(self, tokens: list[int]) -> list[int]:
        query, should = self._tantivy.Query, self._tantivy.Occur.Should
        terms = [
            (should, query.boost_query(query.term_query(self._schema, "text", str(token), "freq"), float(times)))
            for token, times in Counter(tokens).items()
        ]
        hits = self._searcher.search(query.boolean_query(terms), TOP).hits
        return [self._searcher.doc(address)["row"][0] for _score, address in hits]


class Bm25s(Peer):
    """bm25s, which scores the whole corpus in sparse arrays."""

    label = "bm25s"

    def _build(self, documents: list[list[int]]) -> None:
        try:
            import bm25s
        except ImportError as error:
            raise Missing("bm25s") from error
        self._engine: Any = bm25s.BM25()
        vocabulary = {str(number): number for number in self._numbers.values()}
        self._engine.index(bm25s.tokenization.Tokenized(ids=documents, vocab=vocabulary), show_progress=False)

    def _first(self, tokens: list[int]) -> list[int]:
        return first_of(self._engine.get_scores_from_ids(tokens))


class Fts5(Peer):
    """SQLite's full text search, ordered by its BM25."""

    label = "SQLite FTS5"

    def _build(self, documents: list[list[int]]) -> None:
        self._base = sqlite3.connect(":memory:")
        self._base.execute("CREATE VIRTUAL TABLE records USING fts5(body, detail='full')")
        rows = ((number, " ".join(f"t{token}" for token in document)) for number, document in enumerate(documents))
        self._base.executemany("INSERT INTO records(rowid, body) VALUES (?, ?)", rows)

    def _first(self, tokens: list[int]) -> list[int]:
        asked = " OR ".join(f"t{token}" for token in tokens)
        found = self._base.execute(
            "SELECT rowid FROM records WHERE records MATCH ? ORDER BY rank LIMIT ?", (asked, TOP)
        )
        return [row for (row,) in found]

    def close(self) -> None:
        """Let the database go."""
        self._base.close()


class Postgres(Peer):
    """PostgreSQL's full text search, ordered by `ts_rank`, longer texts held down by the logarithm of their length."""

    label = "PostgreSQL"
    address = ""
    """Where a server listens that may be written to."""

    def _build(self, documents: list[list[int]]) -> None:
        if not self.address:
            raise Missing("PostgreSQL")
        import psycopg

        self._base = psycopg.connect(self.address, autocommit=True)
        self._base.execute("CREATE TEMPORARY TABLE records (row integer, body tsvector)")
        with self._base.cursor().copy("COPY records (row, body) FROM STDIN") as rows:
            for number, document in enumerate(documents):
                places: dict[int, list[str]] = {}
                for place, token in enumerate(document, 1):
                    places.setdefault(token, []).append(str(min(place, 16383)))
                rows.write_row((number, " ".join(f"t{token}:{','.join(at[:255])}" for token, at in places.items())))
        self._base.execute("CREATE INDEX ON records USING gin (body)")

    def _first(self, tokens: list[int]) -> list[int]:
        asked = " | ".join(f"t{token}" for token in tokens)
        found = self._base.execute(
            "SELECT row FROM records WHERE body @@ %(asked)s::tsquery"
            " ORDER BY ts_rank(body, %(asked)s::tsquery, 1) DESC, row LIMIT %(top)s",
            {"asked": asked, "top": TOP},
        )
        return [row for (row,) in found]

    def close(self) -> None:
        """End the connection; the table goes with it."""
        self._base.close()


class Tfidf(Peer):
    """scikit-learn's TF-IDF with logarithmic term frequency, by cosine."""

    label = "TF-IDF"

    def _build(self, documents: list[list[int]]) -> None:
        try:
            from sklearn.feature_extraction.text import TfidfVectorizer
        except ImportError as error:
            raise Missing("scikit-learn") from error
        self._weights: Any = TfidfVectorizer(analyzer=lambda document: document, sublinear_tf=True)
        self._matrix: Any = self._weights.fit_transform(documents).tocsc()

    def _first(self, tokens: list[int]) -> list[int]:
        asked = self._weights.transform([tokens])
        return first_of(self._matrix[:, asked.indices] @ asked.data)


class Lsa(Tfidf):
    """The same folded into 200 dimensions by scikit-learn's truncated SVD."""

    label = "LSA-200"

    def _build(self, documents: list[list[int]]) -> None:
        super()._build(documents)
        from sklearn.decomposition import TruncatedSVD
        from sklearn.preprocessing import normalize

        self._fold: Any = TruncatedSVD(200, random_state=0)
        self._dense: Any = normalize(self._fold.fit_transform(self._matrix.tocsr()))

    def _first(self, tokens: list[int]) -> list[int]:
        return first_of(self._dense @ self._fold.transform(self._weights.transform([tokens]))[0])


class Encoded(Peer):
    """A sentence encoder such as a MiniLM, from a local folder, by cosine; it cuts texts into tokens of its own."""

    label = "MiniLM"
    folder: Path | None = None
    """Where one is present."""

    @property
    def how(self) -> str:
        """Which encoder."""
        return self.folder.name[:16] if self.folder else ""

    def fit(self, ids: Sequence[str], texts: Sequence[str]) -> None:
        """Take in the records."""
        if self.folder is None:
            raise Missing(f"{self.label} (--encoder)")
        self._ids, self._encoder = ids, Encoder(self.folder)
        items = [Item(one, text=text) for one, text in zip(ids, texts, strict=True)]
        parts = [self._encoder.records(items[at : at + _AT_ONCE]) for at in range(0, len(items), _AT_ONCE)]
        self._rows = np.concatenate(parts)

    def rank(self, text: str) -> list[str]:
        """The first records for a need, best first."""
        direction = self._encoder.need(Item("", text=text)).direction
        return [self._ids[row] for row in first_of(self._rows @ direction)]

    def _build(self, documents: list[list[int]]) -> None:
        raise NotImplementedError  # it is given texts and not tokens

    def _first(self, tokens: list[int]) -> list[int]:
        raise NotImplementedError


def first_of(scores: Any) -> list[int]:
    """The rows of the best positive scores in order; equals in row order."""
    scores = np.asarray(scores)
    top = min(TOP, len(scores))
    least = np.partition(scores, len(scores) - top)[len(scores) - top]
    ahead = np.flatnonzero((scores >= least) & (scores > 0))
    rows: list[int] = ahead[np.argsort(-scores[ahead], kind="stable")][:top].tolist()
    return rows


PEERS: tuple[type[Peer], ...] = (Tantivy, Bm25s, Fts5, Postgres, Tfidf, Lsa, Encoded)
