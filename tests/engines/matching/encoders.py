"""Small encoders that tests train and export themselves: as ONNX, and as static embeddings."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

PAIRS = [
    ("抛光", "polishing"),
    ("碳化硅衬底", "silicon carbide substrate"),
    ("碳化硅衬底抛光", "polishing of substrate"),
    ("水稻", "rice"),
    ("水稻育种", "rice breeding"),
    ("抗病育种", "breeding for resistance"),
    ("隧道", "tunnel"),
    ("隧道衬砌检测", "inspection of tunnel lining"),
    ("衬砌裂缝", "lining cracks"),
]
SIZE = 8


def words_of(text: str) -> list[str]:
    """Characters and words, as the tokenizer below cuts a text."""
    return [one for part in text.split() for one in (part if ord(part[0]) > 0x3000 else [part])]


def trained() -> tuple[list[str], np.ndarray]:
    """Tokens and their vectors: what stands in the same pairs lies near (a singular value decomposition)."""
    texts = [set(words_of(" ".join(pair))) for pair in PAIRS]
    tokens = ["[PAD]", "[UNK]", *sorted(set().union(*texts))]
    held = np.array([[token in text for text in texts] for token in tokens], np.float64)
    left, values, _right = np.linalg.svd(held, full_matrices=False)
    vectors = (left * np.sqrt(values))[:, :SIZE]
    return tokens, vectors.astype(np.float32)


def write_tokenizer(folder: Path, tokens: list[str]) -> None:
    tokenizer = Tokenizer(models.WordLevel({token: n for n, token in enumerate(tokens)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))


def write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), "utf-8")


def write_safetensors(path: Path, arrays: dict[str, np.ndarray]) -> None:
    kinds = {"float32": "F32", "float16": "F16"}
    head, body = {"__metadata__": {"format": "pt"}}, b""
    for name, array in arrays.items():
        offsets = [len(body), len(body) + array.nbytes]
        head[name] = {"dtype": kinds[array.dtype.name], "shape": array.shape, "data_offsets": offsets}
        body += array.tobytes()
    said = json.dumps(head).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(said).to_bytes(8, "little") + said + body)


def modules(*names: str) -> list[dict[str, Any]]:
    places = {"Transformer": "", "StaticEmbedding": "0_StaticEmbedding"}
    head = "sentence_transformers.models."
    return [
        {"idx": n, "name": str(n), "path": places.get(name, f"{n}_{name}"), "type": head + name}
        for n, name in enumerate(names)
    ]


def onnx_encoder(folder: Path, *, stretch: float = 1.0) -> Path:
    """As sentence-transformers exports it: tokens to vectors by ONNX, then pooling, a dense layer, and length 1."""
    tokens, vectors = trained()
    turned, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((SIZE, SIZE)))
    turned = turned.astype(np.float32)
    write_tokenizer(folder, tokens)
    write_json(folder / "modules.json", modules("Transformer", "Pooling", "Dense", "Normalize"))
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": 64})
    write_json(
        folder / "1_Pooling" / "config.json", {"word_embedding_dimension": SIZE, "pooling_mode_mean_tokens": True}
    )
    write_json(folder / "2_Dense" / "config.json", {"activation_function": "torch.nn.modules.linear.Identity"})
    write_safetensors(folder / "2_Dense" / "model.safetensors", {"linear.weight": turned.T.copy()})
    names = ("input_ids", "attention_mask")
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "input_ids"], ["found"]),
            helper.make_node("MatMul", ["found", "turned"], ["last_hidden_state"]),
        ],
        "small",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in names],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", SIZE])],
        [
            numpy_helper.from_array(vectors * np.float32(stretch), "table"),
            numpy_helper.from_array(turned, "turned"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    (folder / "onnx").mkdir()
    onnx.save(model, folder / "onnx" / "model.onnx")
    return folder


def static_encoder(folder: Path) -> Path:
    """A table of vectors by token, which needs no ONNX."""
    tokens, vectors = trained()
    write_json(folder / "modules.json", modules("StaticEmbedding", "Normalize"))
    write_tokenizer(folder / "0_StaticEmbedding", tokens)
    write_safetensors(folder / "0_StaticEmbedding" / "model.safetensors", {"embedding.weight": vectors})
    return folder
