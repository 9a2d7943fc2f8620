"""Covariances by a user's compiled function of two points.

Notation
--------
``x`` (n, q) and ``y`` (m, q) points, ``theta`` (t,) hyperparameters, ``K`` (n, m) covariances.

Not cached on disk: the cache would not see that the user's function has changed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit


@njit(nogil=True, error_model="numpy")
def fill(
    pair: Callable[..., float], x: np.ndarray, y: np.ndarray, theta: np.ndarray, K: np.ndarray
) -> None:
    """Write ``pair(x_i, y_j, theta)`` into each ``K`` (n, m)."""
    for i in range(x.shape[0]):
        for j in range(y.shape[0]):
            K[i, j] = pair(x[i], y[j], theta)


@njit(nogil=True, error_model="numpy")
def fill_diagonal(
    pair: Callable[..., float], x: np.ndarray, theta: np.ndarray, k: np.ndarray
) -> None:
    """Write ``pair(x_i, x_i, theta)`` into each ``k`` (n,)."""
    for i in range(x.shape[0]):
        k[i] = pair(x[i], x[i], theta)
