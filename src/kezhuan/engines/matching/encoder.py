"""A city's own encoder: a model in a local folder that turns texts into directions; nothing is ever fetched.

Models with ONNX run on onnxruntime, tables of vectors by token (static embeddings) on numpy, and what has weights for
PyTorch alone on that where somebody has installed it; texts are cut into tokens by the folder's own tokenizer.json. The
packages are extras, and are imported when a text is first encoded.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import encoder_torch
from .encoder_files import Floats32, Layout, UnusableEncoder, read_layout, read_safetensors, reading
from .meaning import carries, shipped
from .records import Item, text_of
from .units import is_cjk
from .weights import Floats

_WORTH_THREADS = 8  # texts from which on several threads are worth it
_LETTERS = 20  # to a token at most; what stands behind so many is beyond what is read
_TEXTS, _WORDS, _IN_TEXT = 48, 96, 6  # by which is told what things with nothing in common reach
_DRAWN = 2000  # words of the table that are looked at
_HIGHEST = 0.95  # of grounds: a model that holds all for the same says nothing
_UNRELATED = 95  # of 100 such pairs that lie below the ground
_KEPT = 512  # needs whose directions are kept
_MOST_WORDS = 50_000  # words likewise
_TRIED = "中 a 1"  # a text in which every model finds a token


Tokens = NDArray[np.int64]
"""A text by the numbers of its tokens, as the only row."""


class Ground(NamedTuple):
    """The cosine that things with nothing in common reach: texts in two languages, Chinese ones, words across."""

    across: float
    akin: float
    words: float


class Read(NamedTuple):
    """A need as the encoder reads it: its direction, and the share of its tokens that the model knows."""

    direction: Floats
    known: float


class Encoder:
    """The encoder of a folder. May be shared by threads, and by processes forked after it was used.

    Vectors hang on the model alone, so an index keeps them with the encoder's `mark`. Each text is
    encoded by itself, several at once, so that a vector does not depend on what is read beside it.
    """

    def __init__(self, folder: Path | str, known: Mapping[str, Any] | None = None) -> None:
        """Reads what stands in the folder, not yet the model; neither where what it would tell is `known` (`as_known`).
        Raises UnusableEncoder, as later calls do."""
        self.folder = Path(os.path.realpath(folder))  # unlike Path.resolve never fails, not even on a loop of links
        if known is None:
            self.layout = read_layout(self.folder)  # so that what is wrong is said now
        else:
            self.mark, self.dimensions = known["mark"], known["dimensions"]
            self.ground = Ground(*known["ground"])
        self._lock = threading.RLock()
        self._opened: tuple[int, _Model] | None = None
        self._first = os.getpid()
        self._needs: dict[str, Read] = {}
        self._ahead: dict[str, Floats32] = {}
        self._words: dict[str, Floats32] = {}

    @cached_property
    def layout(self) -> Layout:
        """What stands in its folder."""
        return read_layout(self.folder)

    def as_known(self) -> dict[str, Any]:
        """What tells the encoder without its folder, as plain values."""
        return {"mark": self.mark, "dimensions": self.dimensions, "ground": list(self.ground)}

    @cached_property
    def mark(self) -> str:
        """A hash over everything that moves a vector."""
        return self.layout.mark

    @cached_property
    def dimensions(self) -> int:
        """How many numbers a vector has."""
        return int(self._model.encode([_TRIED], "").shape[1])

    def check(self) -> None:
        """Open the model and encode a text with it, which else waits for the first that is asked. Raises
        UnusableEncoder."""
        self._model.encode([_TRIED], "")

    def records(self, items: Sequence[Item]) -> Floats32:
        """Directions of records, a row for each; all zero where a record says nothing."""
        texts = [text_of(item) for item in items]
        with self._lock:
            known = [self._ahead.pop(text, None) for text in texts]
        if all(row is not None for row in known):
            return np.array(known, np.float32)
        return self._model.encode(texts, self.layout.prompts[1])

    def read_ahead(self, items: Sequence[Item]) -> None:
        """Encode records that `records` is to be asked for next."""
        texts = list(dict.fromkeys(map(text_of, items)))
        rows = dict(zip(texts, self._model.encode(texts, self.layout.prompts[1]), strict=True))
        with self._lock:
            self._ahead = rows

    def need(self, item: Item) -> Read:
        """How a need is read."""
        text = text_of(item)
        read = self._needs.get(text)
        if read is None:
            [direction] = self._model.encode([text], self.layout.prompts[0])
            read = Read(direction.astype(np.float64), float(np.float32(self._model.known(text))))
            self.remember([item], [read])
        return read

    def remember(self, items: Sequence[Item], reads: Sequence[Read]) -> None:
        """Take over how needs were read elsewhere."""
        with self._lock:
            if len(self._needs) + len(items) > _KEPT:
                self._needs.clear()
            self._needs.update(zip(map(text_of, items), reads, strict=True))

    def words(self, words: Sequence[str]) -> Floats:
        """Directions of single words, a row for each."""
        fresh = sorted({word for word in words if word not in self._words})
        found = dict(zip(fresh, self._model.encode(fresh, ""), strict=True)) if fresh else {}
        with self._lock:
            if len(self._words) + len(found) > _MOST_WORDS:
                self._words.clear()
            rows = [found[word] if word in found else self._words.get(word) for word in words]
            self._words.update(found)
        missing = [word for word, row in zip(words, rows, strict=True) if row is None]
        if missing:  # cleared by another thread meanwhile
            again = dict(zip(missing, self._model.encode(missing, ""), strict=True))
            rows = [again[word] if row is None else row for word, row in zip(words, rows, strict=True)]
        return np.array(rows, np.float64).reshape(len(words), self.dimensions)

    @cached_property
    def ground(self) -> Ground:
        """What things with nothing in common reach, by words of the table that comes with the program: models differ,
        and many hold any two texts for near. Drawn once and for all, so that it hangs on the model alone."""
        table, draw = shipped(), np.random.default_rng(0)
        shown = [word for unit, word in zip(table.units, table.shown, strict=True) if carries(unit) and len(word) > 1]
        drawn = draw.choice(shown, _DRAWN).tolist()
        known = [word for word in drawn if self._model.known(word) >= 1]
        sides = [[word for word in known if is_cjk(word[0]) == side] for side in (True, False)]
        if min(map(len, sides)) < _IN_TEXT:  # a model of a few words: by these nothing can be told
            return Ground(0.0, 0.0, 0.0)
        chinese, english = (draw.choice(side, (_TEXTS, _IN_TEXT)) for side in sides)
        ours, theirs = (
            self._model.encode([join.join(row) for row in rows.tolist()], "")
            for rows, join in ((chinese, "，"), (english, " "))
        )
        akin = (ours @ ours.T)[np.triu_indices(_TEXTS, 1)]
        words = [self.words(rows.ravel()[:_WORDS].tolist()) for rows in (chinese, english)]

        def below(cosines: NDArray[Any]) -> float:
            return min(float(np.percentile(cosines, _UNRELATED)), _HIGHEST)

        return Ground(below(ours @ theirs.T), below(akin), below(words[0] @ words[1].T))

    @property
    def _model(self) -> _Model:
        """The model as this process has opened it: what an opened one runs on does not outlive a fork."""
        with self._lock:
            if self._opened is None or self._opened[0] != os.getpid():
                alone = os.getpid() == self._first
                self._opened = os.getpid(), _open(self.layout, _cores() if alone else 1)
            return self._opened[1]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


class _Model:
    """A tokenizer, and what turns batches of tokens into vectors."""

    def __init__(self, layout: Layout, tokenizer: Any, run: Callable[[Tokens], Floats32], threads: int) -> None:
        self._layout, self._tokenizer, self._run, self._threads = layout, tokenizer, run, threads
        self._unknown = _unknown(tokenizer)

    def encode(self, texts: Sequence[str], prompt: str) -> Floats32:
        most = self._layout.most * _LETTERS
        with reading(self._layout.folder, "tokenizer.json"):  # some refuse texts that their vocabulary does not cover
            read = self._tokenizer.encode_batch([prompt + one[:most] for one in texts], add_special_tokens=self._marks)
        tokens = [[] if not text.strip() else one.ids for one, text in zip(read, texts, strict=True)]
        told = [at for at, ids in enumerate(tokens) if ids]
        if self._threads > 1 and len(told) >= _WORTH_THREADS:
            with ThreadPoolExecutor(self._threads) as pool:
                vectors = list(pool.map(self._vector, (tokens[at] for at in told)))
        else:
            vectors = [self._vector(tokens[at]) for at in told]
        if not vectors:
            return np.zeros((len(texts), self._layout.said or 1), np.float32)
        out = np.zeros((len(texts), len(vectors[0])), np.float32)
        out[told] = vectors
        self._check(self._layout.said, out)
        if not np.isfinite(out).all():
            raise UnusableEncoder(self._layout.folder, "encoder-damaged", file=self._layout.model.name, reason="NaN")
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        directions: Floats32 = (out / np.where(norms > 0, norms, 1)).astype(np.float32)
        return directions

    def _vector(self, ids: list[int]) -> Floats32:
        vectors = self._run(np.array([ids], np.int64))
        for layer in self._layout.dense:
            self._check(layer.weight.shape[1], vectors)
            vectors = layer(vectors)
        vector: Floats32 = vectors[0]
        return vector

    def _check(self, said: int | None, vectors: Floats32) -> None:
        if said is not None and vectors.shape[1] != said:
            raise UnusableEncoder(self._layout.folder, "encoder-dimensions", said=said, got=vectors.shape[1])

    @property
    def _marks(self) -> bool:
        """Whether tokens that mark the beginning and end of a text are wanted."""
        return not self._layout.static

    def known(self, text: str) -> float:
        """The share of a text's tokens that the model knows."""
        with reading(self._layout.folder, "tokenizer.json"):
            ids = np.array(self._tokenizer.encode(text, add_special_tokens=False).ids)
        return float((ids != self._unknown).mean()) if len(ids) else 0.0


def _open(layout: Layout, threads: int) -> _Model:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # its threads do not outlive a fork
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise UnusableEncoder(layout.folder, "encoder-package", package="tokenizers") from None
    with reading(layout.folder, "tokenizer.json"):
        tokenizer = Tokenizer.from_file(str(layout.tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(layout.most)
    run = _static if layout.static else _torch if layout.torch else _onnx
    return _Model(layout, tokenizer, run(layout), threads)


def _unknown(tokenizer: Any) -> int:
    """The number of the token that stands for what the model does not know, −1 where it knows everything."""
    for name in ("[UNK]", "<unk>", "UNK"):
        number = tokenizer.token_to_id(name)
        if number is not None:
            return int(number)
    return -1


def _static(layout: Layout) -> Callable[[Tokens], Floats32]:
    arrays = read_safetensors(layout.folder, layout.model)
    table = arrays.get("embedding.weight", arrays.get("embeddings"))
    if table is None or table.ndim != 2 or not table.size:
        raise UnusableEncoder(layout.folder, "encoder-damaged", file=layout.model.name, reason="embedding.weight")

    def run(tokens: Tokens) -> Floats32:
        mean: Floats32 = table[np.minimum(tokens, len(table) - 1)].astype(np.float32).mean(axis=1)
        return mean

    return run


def _onnx(layout: Layout) -> Callable[[Tokens], Floats32]:
    try:
        import onnxruntime
    except ImportError:
        raise UnusableEncoder(layout.folder, "encoder-package", package="onnxruntime") from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    with reading(layout.folder, layout.model.name):
        session = onnxruntime.InferenceSession(str(layout.model), options, providers=["CPUExecutionProvider"])
    inputs = {one.name: np.int32 if "int32" in one.type else np.int64 for one in session.get_inputs()}
    for name in inputs:
        if name not in {"input_ids", "attention_mask", "token_type_ids", "position_ids"}:
            raise UnusableEncoder(layout.folder, "encoder-inputs", name=name)
    outputs = [one.name for one in session.get_outputs()]
    wanted = next((name for name in ("sentence_embedding", "token_embeddings") if name in outputs), outputs[0])

    def run(tokens: Tokens) -> Floats32:
        given = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        given["position_ids"] = np.tile(np.arange(tokens.shape[1]), (len(tokens), 1))
        with reading(layout.folder, layout.model.name):  # a tokenizer of another model gives numbers it does not know
            [found] = session.run([wanted], {name: given[name].astype(kind) for name, kind in inputs.items()})
            vectors: Floats32 = np.asarray(found, np.float32)
            return vectors if vectors.ndim == 2 else _pooled(vectors, layout.pooling)

    return run


def _torch(layout: Layout) -> Callable[[Tokens], Floats32]:
    if not encoder_torch.is_installed():
        raise UnusableEncoder(layout.folder, "encoder-torch", file=layout.model.name)
    with reading(layout.folder, layout.model.name):
        model = encoder_torch.opened(layout.model)

    def run(tokens: Tokens) -> Floats32:
        with reading(layout.folder, layout.model.name):
            return _pooled(model(tokens), layout.pooling)

    return run


def _pooled(vectors: Floats32, pooling: str) -> Floats32:
    """One vector for each text from those of its tokens."""
    if pooling in {"cls_token", "lasttoken"}:
        return vectors[:, 0 if pooling == "cls_token" else -1]
    pooled: Floats32 = vectors.max(axis=1) if pooling == "max_tokens" else vectors.mean(axis=1)
    return pooled  # by the root of the length in place of the length is the same direction
