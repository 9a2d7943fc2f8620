"""Wrong signs by the evidence: what would it be if derivatives had the other sign?

With values y and the derivatives d_j with respect to each parameter as parts of one vector, the
log evidence with signs s is ``-1/2 sum_jk s_j s_k Q_jk`` and a constant, where ``Q_jk = d_j^T
A^-1 d_k`` with the covariance A of all rows: no sign needs another fit. The values have theirs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.derivatives.process import DerivativeProcess

Floats = NDArray[np.float64]

_CLEAR = 6.0  # nats that the other sign of a parameter's derivatives gains: odds of 400 to 1


def wrong_signs(process: DerivativeProcess) -> list[int]:
    """The numeric columns whose derivatives clearly have the wrong sign, to judge by the values
    and by the derivatives with respect to the others.
    """
    rows = process.rows
    columns = np.unique(rows.of)
    parts = np.where(rows.of[:, None] == columns, rows.y[:, None], 0.0)
    beside = process.root @ parts
    signs = _most_likely(beside.T @ beside, fixed=columns < 0)
    return [int(j) for j in columns[signs < 0.0]]


def support(process: DerivativeProcess) -> float:
    """Nats by which the derivatives with their signs are more likely than all with the others."""
    values = process.rows.values
    parts = process.root @ np.where(np.column_stack([values, ~values]), process.y[:, :1], 0.0)
    return -2.0 * float(parts[:, 0] @ parts[:, 1])


def _most_likely(Q: Floats, fixed: NDArray[np.bool_]) -> Floats:
    """Signs (k,) of most evidence, of those clearly better than the others."""
    right = np.ones(len(Q))
    found = [_climbed(Q, start, fixed) for start in (right, np.where(fixed, 1.0, -1.0))]
    best = min(found, key=lambda s: float(s @ Q @ s))
    while (best < 0.0).any():
        unclear = (best < 0.0) & (_gains(Q, best) > -_CLEAR)
        if not unclear.any():
            break
        best = np.where(unclear, 1.0, best)
    clear = 0.5 * float(right @ Q @ right - best @ Q @ best) > _CLEAR
    return best if clear else right


def _climbed(Q: Floats, signs: Floats, fixed: NDArray[np.bool_]) -> Floats:
    """Turn one sign after another, the one that gains most, while one gains."""
    while True:
        gains = np.where(fixed, -np.inf, _gains(Q, signs))
        j = int(np.argmax(gains))
        if not gains[j] > 1e-9:
            return signs
        signs = np.where(np.arange(len(signs)) == j, -signs, signs)


def _gains(Q: Floats, signs: Floats) -> Floats:
    """(k,) nats gained by turning each sign."""
    alone = signs * (Q @ signs) - Q.diagonal()
    return np.asarray(2.0 * alone)
