"""Weights that are there for PyTorch alone, run by a city's own copy of its libraries: these are in no lock file, they
take gigabytes. Nothing is fetched, and no code of a model's folder is run.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_LIBRARIES = ("torch", "transformers")  # sentence-transformers brings both


def is_installed() -> bool:
    """Whether the libraries are there; they are not imported, which takes seconds."""
    return all(find_spec(name) is not None for name in _LIBRARIES)


def opened(weights: Path) -> Callable[[NDArray[np.int64]], NDArray[np.float32]]:
    """The transformer whose weights stand in a file beside its `config.json`: from tokens to a vector for each. Raises
    whatever its libraries raise of a folder that they cannot read."""
    import torch
    from transformers import AutoModel

    torch.set_num_threads(1)  # texts are read several at once instead, and its own threads do not outlive a fork
    model = AutoModel.from_pretrained(
        str(weights.parent),
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,  # what PyTorch writes by itself may hold code
    )
    model = model.float().eval()

    def run(tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        with torch.inference_mode():
            ids = torch.from_numpy(tokens)
            found = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
            vectors: NDArray[np.float32] = found.numpy()
            return vectors

    return run
