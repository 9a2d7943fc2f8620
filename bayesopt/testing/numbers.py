"""Second routes to numbers that several packages use."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def finite_differences(
    f: Callable[[np.ndarray], float], x: np.ndarray, h: float = 1e-5
) -> np.ndarray:
    """Gradient (t,) of ``f`` at ``x`` (t,): central differences, one step of Richardson's."""

    def central(step: float) -> np.ndarray:
        slopes = np.empty(len(x))
        for i in range(len(x)):
            e = np.zeros(len(x))
            e[i] = step
            slopes[i] = (f(x + e) - f(x - e)) / (2.0 * step)
        return slopes

    return np.asarray((4.0 * central(h / 2.0) - central(h)) / 3.0)


def slopes_in_points(
    f: Callable[[np.ndarray], np.ndarray], points: np.ndarray, h: float = 1e-5
) -> np.ndarray:
    """Gradients (B, p) of ``f``, points (B, p) -> (B,), coordinate by coordinate."""
    slopes = np.zeros(points.shape)
    for j in range(points.shape[1]):
        e = np.zeros(points.shape[1])
        e[j] = 1.0
        wide = (f(points + h * e) - f(points - h * e)) / (2.0 * h)
        narrow = (f(points + h / 2 * e) - f(points - h / 2 * e)) / h
        slopes[:, j] = (4.0 * narrow - wide) / 3.0
    return slopes
