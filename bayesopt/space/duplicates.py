"""Which points are one and the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .scales import DUPLICATE, Floats


def same(a: Floats, b: Floats, tolerance: Floats) -> NDArray[np.bool_]:
    """(n, m) whether legal coordinates a (n, p) and b (m, p) agree within tolerance (p,).

    The column that tells most points apart is compared densely, the others only for the pairs
    that are left.
    """
    result = np.zeros((len(a), len(b)), dtype=bool)
    if a.shape[1] == 0:
        return ~result
    order = np.argsort(tolerance, kind="stable")
    first = order[0]
    rows, cols = np.nonzero(_agree(a[:, None, first], b[None, :, first], tolerance[first]))
    for j in order[1:]:
        keep = _agree(a[rows, j], b[cols, j], tolerance[j])
        rows, cols = rows[keep], cols[keep]
    result[rows, cols] = True
    return result


def _agree(a: Floats, b: Floats, tolerance: float) -> NDArray[np.bool_]:
    return (np.abs(a - b) <= tolerance) | (np.isnan(a) & np.isnan(b))


def key(coords: Floats, n_levels: Floats) -> bytes:
    """Bytes that are equal for equal discrete coordinates (p,) and for near continuous ones."""
    rounded = np.where(np.isinf(n_levels), np.rint(coords / DUPLICATE), coords)
    return np.where(np.isnan(rounded), -1.0, rounded + 0.0).tobytes()
