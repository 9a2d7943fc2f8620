"""Which points are one and the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .scales import DUPLICATE, Floats


def same(a: Floats, b: Floats, tolerance: Floats) -> NDArray[np.bool_]:
    """(n, m) whether legal coordinates a (n, p) and b (m, p) agree within tolerance (p,).

    Points that agree have nearly the same projection on any line. Sorting one side by such a
    projection finds the few pairs that are worth comparing, in O((n + m) (p + log m)).
    """
    result = np.zeros((len(a), len(b)), dtype=bool)
    rows, cols = _near_on_a_line(a, b, tolerance)
    for j, distance in enumerate(tolerance):
        left, right = a[rows, j], b[cols, j]
        keep = (np.abs(left - right) <= distance) | (np.isnan(left) & np.isnan(right))
        rows, cols = rows[keep], cols[keep]
    result[rows, cols] = True
    return result


def _near_on_a_line(
    a: Floats, b: Floats, tolerance: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # Directions without rational relations, so that points of a grid rarely coincide.
    weights = 1.5 + np.sin(np.arange(1.0, len(tolerance) + 1))
    far_a = float(np.abs(a).max(initial=0, where=~np.isnan(a)))
    far_b = float(np.abs(b).max(initial=0, where=~np.isnan(b)))
    round_off = 1e-13 * (1 + (far_a + far_b))
    reach = float(weights @ np.minimum(tolerance, DUPLICATE)) + round_off * weights.sum()
    left = np.where(np.isnan(a), -1.0, a) @ weights
    right = np.where(np.isnan(b), -1.0, b) @ weights
    order = np.argsort(right)
    start = np.searchsorted(right[order], left - reach, side="left")
    count = np.searchsorted(right[order], left + reach, side="right") - start
    rows = np.repeat(np.arange(len(a)), count)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    return rows, order[np.repeat(start, count) + within]


def key(coords: Floats, n_levels: Floats) -> bytes:
    """Bytes that are equal for equal discrete coordinates (p,) and for near continuous ones."""
    rounded = np.where(np.isinf(n_levels), np.rint(coords / DUPLICATE), coords)
    return np.where(np.isnan(rounded), -1.0, rounded + 0.0).tobytes()
