"""Classic test functions with their minima, over points ``z`` of shape (d,).

Each minimum is the least value over *all* real points (except Michalewicz, which repeats), so that
a function keeps it when it is shifted and rotated. Formulas and minima: Surjanovic and Bingham,
Virtual Library of Simulation Experiments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Function:
    """A function over the box [low, high]^d with a minimiser (d,) and its value."""

    f: Callable[[Vector], float]
    low: Vector
    high: Vector
    best: Vector
    value: float


def _box(
    f: Callable[[Vector], float], d: int, low: float, high: float, best: Vector, value: float
) -> Function:
    return Function(f, np.full(d, low), np.full(d, high), best, value)


def ackley(d: int) -> Function:
    def f(z: Vector) -> float:
        root = np.exp(-0.2 * np.sqrt(np.mean(z * z)))
        return float(20.0 + np.e - 20.0 * root - np.exp(np.mean(np.cos(2.0 * np.pi * z))))

    return _box(f, d, -10.0, 10.0, np.zeros(d), 0.0)


def levy(d: int) -> Function:
    def f(z: Vector) -> float:
        w = 1.0 + (z - 1.0) / 4.0
        middle = (w[:-1] - 1.0) ** 2 * (1.0 + 10.0 * np.sin(np.pi * w[:-1] + 1.0) ** 2)
        last = (w[-1] - 1.0) ** 2 * (1.0 + np.sin(2.0 * np.pi * w[-1]) ** 2)
        return float(np.sin(np.pi * w[0]) ** 2 + middle.sum() + last)

    return _box(f, d, -10.0, 10.0, np.ones(d), 0.0)


def rosenbrock(d: int) -> Function:
    def f(z: Vector) -> float:
        return float(np.sum(100.0 * (z[1:] - z[:-1] ** 2) ** 2 + (1.0 - z[:-1]) ** 2))

    return _box(f, d, -2.0, 2.0, np.ones(d), 0.0)


def styblinski_tang(d: int) -> Function:
    def f(z: Vector) -> float:
        return float(0.5 * np.sum(z**4 - 16.0 * z**2 + 5.0 * z))

    root = float(min(np.roots([4.0, 0.0, -32.0, 5.0]).real))
    return _box(f, d, -5.0, 5.0, np.full(d, root), d * f(np.array([root])))


def michalewicz(d: int) -> Function:
    i = np.arange(1, d + 1)

    def f(z: Vector) -> float:
        return float(-np.sum(np.sin(z) * np.sin(i * z * z / np.pi) ** 20))

    # separable: the minimum is a sum of one-dimensional ones, each found on a fine grid and
    # polished
    grid = np.linspace(0.0, np.pi, 200_001)
    best = np.array(
        [grid[np.argmax(np.sin(grid) * np.sin(k * grid * grid / np.pi) ** 20)] for k in i]
    )
    for _ in range(3):
        fine = best[:, None] + np.linspace(-1.0, 1.0, 2001) * (np.pi / 200_000)
        inner = np.sin(fine) * np.sin(i[:, None] * fine * fine / np.pi) ** 20
        best = np.take_along_axis(fine, inner.argmax(axis=1)[:, None], axis=1)[:, 0]
    return _box(f, d, 0.0, np.pi, best, f(best))


def branin(d: int = 2) -> Function:
    def f(z: Vector) -> float:
        hill = z[1] - 5.1 / (4.0 * np.pi**2) * z[0] ** 2 + 5.0 / np.pi * z[0] - 6.0
        return float(hill**2 + 10.0 * (1.0 - 1.0 / (8.0 * np.pi)) * np.cos(z[0]) + 10.0)

    best = np.array([np.pi, 2.275])
    return Function(f, np.array([-5.0, 0.0]), np.array([10.0, 15.0]), best, 10.0 / (8.0 * np.pi))


_ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
_A3 = np.array([[3.0, 10, 30], [0.1, 10, 35], [3, 10, 30], [0.1, 10, 35]])
_P3 = 1e-4 * np.array(
    [[3689, 1170, 2673], [4699, 4387, 7470], [1091, 8732, 5547], [381, 5743, 8828]]
)
_A6 = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8],
        [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8],
        [17, 8, 0.05, 10, 0.1, 14],
    ]
)
_P6 = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann(d: int) -> Function:
    a, p = (_A3, _P3) if d == 3 else (_A6, _P6)
    start = (
        [0.114614, 0.555649, 0.852547]
        if d == 3
        else [0.20169, 0.150011, 0.476874, 0.275332, 0.311652, 0.6573]
    )

    def f(z: Vector) -> float:
        return float(-_ALPHA @ np.exp(-np.sum(a * (z - p) ** 2, axis=1)))

    best = np.array(start)
    for _ in range(50):  # the literature gives six digits; Newton's fixed point gives the rest
        w = (_ALPHA * np.exp(-np.sum(a * (best - p) ** 2, axis=1)))[:, None] * a
        best = (w * p).sum(axis=0) / w.sum(axis=0)
    return _box(f, d, 0.0, 1.0, best, f(best))


FUNCTIONS: dict[str, Callable[[int], Function]] = {
    "ackley": ackley,
    "levy": levy,
    "rosenbrock": rosenbrock,
    "styblinski_tang": styblinski_tang,
    "michalewicz": michalewicz,
    "branin": branin,
    "hartmann": hartmann,
}
