"""Which points of several objectives are on the front; all objectives are minimised."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import floats
from bayesopt.compiled import hypervolume as kernels

Floats = NDArray[np.float64]


def checked(points: Floats, reference: Floats) -> tuple[Floats, Floats]:
    """Points (n, m) and a reference point (m,) as arrays of finite numbers.

    Raises
    ------
    ValueError : for shapes that do not fit or numbers that are not finite.
    """
    points, reference = np.asarray(points, dtype=float), np.asarray(reference, dtype=float)
    if reference.ndim != 1 or not len(reference):
        raise ValueError(
            f"the reference point must be one number per objective; got shape {reference.shape}"
        )
    if points.ndim != 2 or points.shape[1] != len(reference):
        raise ValueError(
            f"points must have shape (n, {len(reference)}), a column for each number of the "
            f"reference point; got {points.shape}"
        )
    for name, array in (("points", points), ("the reference point", reference)):
        if not np.isfinite(array).all():
            raise ValueError(f"{name} must be finite numbers; got NaN or infinite ones")
    return points, reference


def nondominated(points: Floats) -> NDArray[np.bool_]:
    """(n,) whether no other row of ``points`` (n, m) is nowhere larger and somewhere smaller.

    Equal rows do not dominate each other; a row with a NaN has no part in it and is marked False.
    """
    points = np.asarray(points, dtype=float)
    if points.ndim != 2:
        raise ValueError(f"points must have shape (n, m); got {points.shape}")
    marks = np.empty(len(points), dtype=np.int64)
    kernels.dominated(floats(points), marks)
    return np.asarray((marks == 0) & ~np.isnan(points).any(axis=1))
