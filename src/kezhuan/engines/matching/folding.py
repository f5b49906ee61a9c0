"""Texts as sparse rows folded into few dimensions: a truncated SVD by random projection."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

_MORE = 16  # dimensions that are followed beside those wanted, so that these come out sharp
_ROUNDS = 2


def unit_rows(matrix: csr_array) -> csr_array:
    """The rows at length 1; what is all zero stays so."""
    norms = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    return csr_array(diags_array((1 / np.maximum(norms, 1e-9)).astype(matrix.dtype)) @ matrix)


def folded(rows: csr_array, dimensions: int, draw: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """The largest singular values and their right singular vectors, a row for each, in the precision of the rows; the
    same for the same draw, which is projected and refined."""
    turned = csr_array(rows.T)
    basis = rows @ draw.standard_normal((rows.shape[1], dimensions + _MORE), rows.dtype)
    for _ in range(_ROUNDS):
        basis = rows @ (turned @ np.linalg.qr(basis)[0])
    _left, values, right = np.linalg.svd((turned @ np.linalg.qr(basis)[0]).T, full_matrices=False)
    return values[:dimensions], right[:dimensions]
