"""Continuous test functions, shifted and (where that makes sense) rotated.

``synthetic/NAME-dD[-iK]`` is instance K (default 1): another shift and another rotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.problems.base import Problem
from benchmarks.problems.functions import FUNCTIONS, Function
from benchmarks.space import Parameter, Space

_DEFAULT = {
    "branin": [2],
    "hartmann": [3, 6],
    "ackley": [2, 5, 10],
    "levy": [4, 10],
    "rosenbrock": [3, 5, 10],
    "styblinski_tang": [4, 10],
    "michalewicz": [2, 5],
}
_ROTATED = ("ackley", "levy", "rosenbrock")


def rotation(rng: np.random.Generator, d: int) -> NDArray[np.float64]:
    """A rotation (d, d) uniform over all of them (QR of normals with the signs put right)."""
    q, r = np.linalg.qr(rng.standard_normal((d, d)))
    q = q * np.sign(np.diag(r))
    if np.linalg.det(q) < 0:
        q[:, 0] = -q[:, 0]
    return q


class Moved:
    """A function whose minimiser lies at a random place of the box: z = best + R (x - x_best)."""

    def __init__(self, name: str, d: int, instance: int, *, rotate: bool) -> None:
        rng = np.random.default_rng([sum(name.encode()), d, instance])
        self.base: Function = FUNCTIONS[name](d)
        self.periodic = name == "michalewicz"
        side = self.base.high - self.base.low
        # the middle 70 % of each side: not in a corner, hardly ever at the centre
        self.best = self.base.low + side * rng.uniform(0.15, 0.85, d)
        self.rotation = rotation(rng, d) if rotate else np.eye(d)

    def __call__(self, x: NDArray[np.float64]) -> float:
        if (
            self.periodic
        ):  # f is 0 in each coordinate at both ends, so wrapping round keeps it continuous
            return self.base.f((x - self.best + self.base.best) % np.pi)
        return self.base.f(self.base.best + self.rotation @ (x - self.best))


class Synthetic(Problem):
    """A moved function over floats."""

    def __init__(self, name: str, function: str, d: int, instance: int) -> None:
        self.name = name
        self.moved = Moved(function, d, instance, rotate=function in _ROTATED)
        low, high = self.moved.base.low, self.moved.base.high
        self.space = Space(tuple(Parameter(f"x{i}", "float", low[i], high[i]) for i in range(d)))
        self.optimum = self.moved.base.value

    def value(self, params: Mapping[str, Any]) -> float:
        return self.moved(np.array([params[n] for n in self.space.names]))


def parse(name: str) -> tuple[str, int, int]:
    """Function, dimension and instance of ``suite/function-dD-iK``."""
    parts = name.partition("/")[2].split("-")
    if parts[0] not in FUNCTIONS or len(parts) < 2 or parts[1][:1] != "d":
        raise ValueError(
            f"unknown problem {name!r}: expected FUNCTION-dD[-iK] with one of {sorted(FUNCTIONS)}"
        )
    return parts[0], int(parts[1][1:]), int(parts[2][1:]) if len(parts) > 2 else 1


def names() -> list[str]:
    return [f"synthetic/{f}-d{d}" for f, dims in _DEFAULT.items() for d in dims]


def load(name: str, data: Path | None = None) -> Problem:
    function, d, instance = parse(name)
    return Synthetic(name, function, d, instance)
