"""Folders of an encoder as sentence-transformers writes them today, with ONNX and with PyTorch weights alone."""

from pathlib import Path

import numpy as np
import pytest

from kezhuan.engines.matching import Item, Matcher
from kezhuan.engines.matching.encoder import Encoder
from kezhuan.engines.matching.encoder_files import UnusableEncoder

from .encoders import PAIRS, SIZE, onnx_encoder, trained, write_json, write_tokenizer


def test_a_folder_is_read_as_the_library_writes_it_since_its_sixth_version(tmp_path: Path) -> None:
    folder = onnx_encoder(tmp_path / "encoder")
    older = Encoder(folder).mark
    write_json(folder / "1_Pooling" / "config.json", {"embedding_dimension": SIZE, "pooling_mode": "mean"})
    write_json(folder / "sentence_bert_config.json", {"transformer_task": "feature-extraction"})
    write_json(folder / "tokenizer_config.json", {"model_max_length": 64})
    assert Encoder(folder).mark == older  # which holds all of it that moves a vector
    write_json(folder / "tokenizer_config.json", {"model_max_length": 10**30})
    assert Encoder(folder).layout.most == 512
    write_json(folder / "1_Pooling" / "config.json", {"pooling_mode": ["mean", "cls"]})
    with pytest.raises(UnusableEncoder, match="exactly one"):
        Encoder(folder)


def test_weights_for_pytorch_alone_are_run_where_somebody_has_installed_it(tmp_path: Path) -> None:
    """The vectors are those of sentence-transformers, which has made and saved the model."""
    why = "sentence-transformers is in no lock file: PyTorch takes gigabytes"
    parts = pytest.importorskip("sentence_transformers.sentence_transformer.modules", reason=why, exc_type=ImportError)
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(1)
    tokens, _vectors = trained()
    base = tmp_path / "base"
    write_tokenizer(base, tokens)
    read = PreTrainedTokenizerFast(
        tokenizer_file=str(base / "tokenizer.json"), unk_token="[UNK]", pad_token="[PAD]", model_max_length=32
    )
    read.save_pretrained(base)
    size = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(tokens), **size)).save_pretrained(base)
    layers = [parts.Transformer(str(base)), parts.Pooling(16), parts.Dense(16, SIZE), parts.Normalize()]
    made = SentenceTransformer(modules=layers, device="cpu")
    made.save(str(tmp_path / "encoder"))
    encoder, items = Encoder(tmp_path / "encoder"), [Item(n, text=text) for n, text in enumerate(sum(PAIRS, ()))]
    found, expected = encoder.records(items), made.encode([item.text for item in items])
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.abs(found - found[0]).max() > 0.01
    assert Matcher(encoder=encoder).fit(items).kneighbors([Item(0, "polishing of substrate")], 2)[0]
    config, mark = tmp_path / "encoder" / "config.json", encoder.mark  # which is worked out when it is asked for
    config.write_text(
        config.read_text("utf-8").replace('"num_attention_heads": 2', '"num_attention_heads": 4'), "utf-8"
    )
    assert Encoder(tmp_path / "encoder").mark != mark
