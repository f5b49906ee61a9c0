"""The folder of an encoder, as sentence-transformers writes it or as ONNX, read without opening the model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import encoder_torch

Floats32 = NDArray[np.float32]
_FULL = 512  # tokens of a text that are read where the folder does not say
_MOST = 1_000_000  # that a folder may say
POOLINGS = ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens", "lasttoken")
_SHORT = {"cls": "cls_token", "mean": "mean_tokens", "max": "max_tokens"}
_KINDS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I8": "i1", "U8": "u1", "BF16": "<u2"}
_LARGEST_HEAD = 100_000_000
_PICKLE = "pytorch_model.bin"

ENCODER_SENTENCES: dict[str, tuple[str, str]] = {
    "encoder-folder": ("没有这个文件夹", "there is no such folder"),
    "encoder-file": (
        "缺少 {file}；请把整个模型放进该文件夹（tokenizer.json 和 ONNX 文件，或静态词向量的 model.safetensors）",
        "{file} is missing; put the whole model there: tokenizer.json and an ONNX file, or safetensors of a static one",
    ),
    "encoder-several": (
        "有多个 ONNX 文件（{file}）；请只留一个，或命名为 model.onnx",
        "there are several ONNX files ({file}); leave one, or name it model.onnx",
    ),
    "encoder-torch": (
        "只有 PyTorch 权重（{file}）；请导出为 ONNX，或执行：.venv/bin/python -m pip install sentence-transformers",
        "{file} is for PyTorch alone; export it to ONNX or run: .venv/bin/python -m pip install sentence-transformers",
    ),
    "encoder-pickle": (
        "只有 {file}，这种格式可能夹带程序代码，不予读取；请另存为 safetensors 或导出为 ONNX",
        "there is {file} only, a form that may hold code and is not read; save it as safetensors or export it to ONNX",
    ),
    "encoder-damaged": ("{file} 无法读取（{reason}）", "{file} cannot be read ({reason})"),
    "encoder-module": (
        "modules.json 中的 {module} 不受支持；可用：Transformer、Pooling、Dense、Normalize、StaticEmbedding",
        "modules.json names {module}; only Transformer, Pooling, Dense, Normalize and StaticEmbedding are supported",
    ),
    "encoder-pooling": (
        "{file} 须恰好选用一种受支持的池化方式：{allowed}",
        "{file} must choose exactly one of these ways of pooling: {allowed}",
    ),
    "encoder-inputs": ("模型要求的输入 {name} 无从提供", "the model asks for an input {name} that nothing here gives"),
    "encoder-dimensions": (
        "应得到 {said} 维的向量，实际为 {got} 维；文件夹中的文件不属于同一个模型",
        "vectors of {said} numbers were to come and {got} came; the files of the folder are not of one model",
    ),
    "encoder-package": (
        "没有安装 {package}；请执行：.venv/bin/python -m pip install -r requirements-encoder.lock",
        "{package} is not installed; run: .venv/bin/python -m pip install -r requirements-encoder.lock",
    ),
}


class UnusableEncoder(Exception):
    """A folder that holds no encoder that can be used; `say` gives the sentence, with the way out."""

    def __init__(self, folder: Path, code: str, **params: Any) -> None:
        super().__init__(folder, code, params)
        self.folder, self.code, self.params = folder, code, params

    def say(self, language: str = "zh") -> str:
        """One sentence in "zh" or "en"."""
        zh, en = (sentence.format(**self.params) for sentence in ENCODER_SENTENCES[self.code])
        return f"编码器 {self.folder}：{zh}。" if language == "zh" else f"Encoder {self.folder}: {en}."

    def __str__(self) -> str:
        return self.say("en")

    def __reduce__(self) -> Any:
        return _again, (self.folder, self.code, self.params)


@contextmanager
def reading(folder: Path, file: str, kind: type[Exception] | tuple[type[Exception], ...] = Exception) -> Iterator[None]:
    """Tell errors of these kinds as a file that cannot be read. A model's libraries raise nothing narrower than
    Exception, each with a sentence of its own."""
    try:
        yield
    except UnusableEncoder:
        raise
    except kind as problem:
        told = problem.strerror if isinstance(problem, OSError) else str(problem)
        reason = ((told or "").splitlines() or [type(problem).__name__])[0][:200]
        raise UnusableEncoder(folder, "encoder-damaged", file=file, reason=reason) from None


def _again(folder: Path, code: str, params: Mapping[str, Any]) -> UnusableEncoder:
    """The same in another process."""
    return UnusableEncoder(folder, code, **params)


@dataclass(frozen=True, slots=True)
class Dense:
    """A layer behind the pooling: weights out × in, and whether its result goes through tanh."""

    weight: Floats32
    bias: Floats32
    tanh: bool

    def __call__(self, vectors: Floats32) -> Floats32:
        summed: Floats32 = vectors @ self.weight.T + self.bias
        return np.tanh(summed) if self.tanh else summed


@dataclass(frozen=True)
class Layout:
    """What stands where. static: the model is a table of vectors by token. pooling: one of POOLINGS, used where the
    model gives a vector for each token. said: dimensions of the result by the folder's own words, None where it is
    silent. most: tokens of a text that are read. prompts: what stands before a need and before a record."""

    folder: Path
    tokenizer: Path
    model: Path
    static: bool
    pooling: str
    dense: tuple[Dense, ...]
    said: int | None
    most: int
    prompts: tuple[str, str]

    @property
    def torch(self) -> bool:
        """Whether it is run by PyTorch."""
        return not self.static and self.model.suffix != ".onnx"

    @property
    def mark(self) -> str:
        """A hash over everything that moves a vector."""
        digest = hashlib.sha256(json.dumps([self.static, self.pooling, self.most, self.prompts]).encode())
        for layer in self.dense:
            digest.update(layer.weight.tobytes() + layer.bias.tobytes() + bytes([layer.tanh]))
        # Large models keep their weights beside the ONNX file, under its name with an ending.
        beside = sorted(path for path in self.model.parent.glob(f"{self.model.name}*") if path.is_file())
        told = [self.model.parent / "config.json"] if self.torch else []  # an ONNX file says itself how it is built
        for path in (self.tokenizer, *beside, *told):
            with reading(self.folder, path.name, OSError), path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


def read_layout(folder: Path) -> Layout:
    """Read a folder without opening its model. Raises UnusableEncoder."""
    with reading(folder, folder.name, OSError):  # of another user, or of a name that is too long
        return _layout(folder)


def _layout(folder: Path) -> Layout:
    if not folder.is_dir():
        raise UnusableEncoder(folder, "encoder-folder")
    modules = _json(folder, folder / "modules.json", [])
    places = {_kind(one): str(one.get("path", "")) for one in modules}
    for name in places:
        if name not in {"Transformer", "Pooling", "Dense", "Normalize", "StaticEmbedding"}:
            raise UnusableEncoder(folder, "encoder-module", module=name or "?")
    bases = [folder / places.get("StaticEmbedding", places.get("Transformer", "")), folder]
    static = "StaticEmbedding" in places or (not modules and _is_static(folder))
    model = _there(folder, bases, "model.safetensors") if static else _onnx(folder, bases)
    tokenizer = _there(folder, [*bases, folder / "onnx"], "tokenizer.json")
    pooling, said = _pooling(folder, places)
    dense = tuple(_dense(folder, folder / str(one.get("path", ""))) for one in modules if _kind(one) == "Dense")
    if dense:
        said = len(dense[-1].weight)
    return Layout(folder, tokenizer, model, static, pooling, dense, said, _most(folder, bases), _prompts(folder))


def _most(folder: Path, bases: list[Path]) -> int:
    """Tokens of a text that are read: by a file of their own, or, as is written since, by the tokenizer's."""
    own = [_json(folder, base / "sentence_bert_config.json", {}, max_seq_length=int) for base in bases]
    most = next((one["max_seq_length"] for one in own if one.get("max_seq_length")), None)
    if most is None:
        theirs = [_json(folder, base / "tokenizer_config.json", {}).get("model_max_length") for base in bases]
        # One that has no such bound says so by a number beyond all texts.
        return next((one for one in theirs if isinstance(one, int) and 0 < one <= _MOST), _FULL)
    if not 0 < most <= _MOST:
        raise UnusableEncoder(folder, "encoder-damaged", file="sentence_bert_config.json", reason="max_seq_length")
    return int(most)


def _kind(module: Mapping[str, Any]) -> str:
    return str(module.get("type", "")).rpartition(".")[2]


def read_safetensors(folder: Path, path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of a file in the safetensors format, by name. Raises UnusableEncoder."""
    try:
        with path.open("rb") as file:
            size = int.from_bytes(file.read(8), "little")
            head = json.loads(file.read(min(size, _LARGEST_HEAD)))
        arrays = {}
        for name, one in head.items():
            if name != "__metadata__":
                first, end = one["data_offsets"]
                kind = np.dtype(_KINDS[one["dtype"]])
                raw = np.fromfile(path, kind, (end - first) // kind.itemsize, offset=8 + size + first)
                if one["dtype"] == "BF16":  # the upper half of a single
                    raw = (raw.astype(np.uint32) << 16).view(np.float32)
                arrays[name] = raw.reshape(one["shape"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, MemoryError) as problem:
        raise UnusableEncoder(folder, "encoder-damaged", file=path.name, reason=type(problem).__name__) from None
    return arrays


def _json(folder: Path, path: Path, default: Any, **kinds: type) -> Any:
    """What a file holds, of the kind of `default`, which is taken where there is none; `kinds` are those of its values,
    each of which may be missing or null."""
    if not path.is_file():
        return default
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise UnusableEncoder(folder, "encoder-damaged", file=path.name, reason=type(problem).__name__) from None
    if not isinstance(read, type(default)) or not all(isinstance(one, dict) for one in read if default == []):
        raise UnusableEncoder(folder, "encoder-damaged", file=path.name, reason="JSON")
    for name, kind in kinds.items():
        if not isinstance(read.get(name), kind | None):
            raise UnusableEncoder(folder, "encoder-damaged", file=path.name, reason=name)
    return read


def _there(folder: Path, places: list[Path], name: str) -> Path:
    for place in places:
        if (place / name).is_file():
            return place / name
    raise UnusableEncoder(folder, "encoder-file", file=name)


def _is_static(folder: Path) -> bool:
    path = folder / "model.safetensors"
    return path.is_file() and bool({"embedding.weight", "embeddings"} & read_safetensors(folder, path).keys())


def _onnx(folder: Path, bases: list[Path]) -> Path:
    places = [place for base in bases for place in (base / "onnx", base)]
    for place in places:
        if (place / "model.onnx").is_file():
            return place / "model.onnx"
    found = sorted({path for place in places for path in place.glob("*.onnx")})
    if len(found) > 1:
        raise UnusableEncoder(folder, "encoder-several", file=", ".join(path.name for path in found))
    if found:
        return found[0]
    for base in bases:
        if (base / "model.safetensors").is_file():
            if not encoder_torch.is_installed():
                raise UnusableEncoder(folder, "encoder-torch", file="model.safetensors")
            return base / "model.safetensors"
        if (base / _PICKLE).is_file():
            raise UnusableEncoder(folder, "encoder-pickle", file=_PICKLE)
    raise UnusableEncoder(folder, "encoder-file", file="model.onnx")


def _pooling(folder: Path, places: Mapping[str, str]) -> tuple[str, int | None]:
    if "Pooling" not in places:
        return "mean_tokens", None
    path = folder / places["Pooling"] / "config.json"
    if not path.is_file():
        raise UnusableEncoder(folder, "encoder-file", file=f"{places['Pooling']}/config.json")
    said = _json(folder, path, {})
    named = said.get("pooling_mode")  # as the library writes it since its sixth version; before, a yes or no for each
    if named is not None:
        chosen = [_SHORT.get(str(name), str(name)) for name in (named if isinstance(named, list) else [named])]
    else:
        chosen = [
            name.removeprefix("pooling_mode_") for name, on in said.items() if name.startswith("pooling_mode_") and on
        ]
    if len(chosen) != 1 or chosen[0] not in POOLINGS:
        raise UnusableEncoder(
            folder, "encoder-pooling", file=f"{places['Pooling']}/config.json", allowed=", ".join(POOLINGS)
        )
    size = said.get("embedding_dimension", said.get("word_embedding_dimension"))
    return chosen[0], size if isinstance(size, int) else None


def _dense(folder: Path, place: Path) -> Dense:
    said = _json(folder, place / "config.json", {})
    if not (place / "model.safetensors").is_file():
        if (place / _PICKLE).is_file():
            raise UnusableEncoder(folder, "encoder-pickle", file=f"{place.name}/{_PICKLE}")
        raise UnusableEncoder(folder, "encoder-file", file=f"{place.name}/model.safetensors")
    arrays = read_safetensors(folder, place / "model.safetensors")
    activation = str(said.get("activation_function", "Tanh")).rpartition(".")[2]
    if "linear.weight" not in arrays or activation not in {"Tanh", "Identity"}:
        raise UnusableEncoder(folder, "encoder-module", module=f"Dense ({activation})")
    weight = arrays["linear.weight"].astype(np.float32)
    bias = arrays.get("linear.bias", np.zeros(weight.shape[:1])).astype(np.float32)
    if weight.ndim != 2 or bias.shape != weight.shape[:1]:
        raise UnusableEncoder(folder, "encoder-damaged", file=f"{place.name}/model.safetensors", reason="linear.weight")
    return Dense(weight, bias, activation == "Tanh")


def _prompts(folder: Path) -> tuple[str, str]:
    """What a model wants before a question and before a text that is asked for; nothing for most."""
    said = _json(folder, folder / "config_sentence_transformers.json", {}, prompts=dict).get("prompts") or {}
    need, record = said.get("query", ""), said.get("document", said.get("passage", ""))
    return str(need or ""), str(record or "")
