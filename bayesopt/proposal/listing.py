"""The best point of a list by a score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Score

Floats = NDArray[np.float64]

_CHUNK = 2048  # points scored at a time
_LONG = 20_000  # points from which cheap upper bounds come first


def best_listed(score: Score, points: Floats) -> tuple[int, Floats]:
    """Index of the best of points (N, p), and scores (N,): those of a long list are upper bounds,
    but for the points that may be the best.

    Of a long list points are scored in the order of their bounds, until no bound is above the best
    score found: the best one is found exactly.
    """
    chunks = [points[i : i + _CHUNK] for i in range(0, len(points), _CHUNK)]
    if len(points) < _LONG:
        values = np.concatenate([score.values(chunk) for chunk in chunks])
        return int(np.argmax(values)), values
    values = np.concatenate([score.optimistic_values(chunk) for chunk in chunks])
    order = np.argsort(-values, kind="stable")
    best, found = -1, -np.inf
    for start in range(0, len(order), _CHUNK):
        some = order[start : start + _CHUNK]
        if best >= 0 and values[some[0]] <= found:
            break
        values[some] = score.values(points[some])
        if best < 0 or values[some].max() > found:
            best = int(some[np.argmax(values[some])])
            found = float(values[best])
    return best, values
