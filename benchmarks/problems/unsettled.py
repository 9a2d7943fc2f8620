"""Problems on which a search may settle: plateaus of noise, regions that fail, thin feasible sets.

``plateau/FUNCTION-dD-pP``: all but the best P % of the space give nearly the same value.
``failing/FUNCTION-dD-fF``: F % of the space, beyond a wavy border that passes near the minimum,
fails. ``thin/weights-dD``: weights of D parts that may sum to 1 at most (outcome constraint);
``thin/band-dD``: their sum must be within .02 of 1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problems.base import Problem
from benchmarks.problems.functions import FUNCTIONS
from benchmarks.problems.synthetic import Synthetic
from benchmarks.space import Parameter, Space

_DEFAULT = (
    "plateau/levy-d4-p5",
    "plateau/hartmann-d3-p10",
    "failing/ackley-d4-f50",
    "failing/rosenbrock-d3-f40",
    "thin/weights-d6",
    "thin/band-d4",
)
_MOVED = re.compile(r"(plateau|failing)/(\w+)-d(\d+)-[pf](\d+)$")
_THIN = re.compile(r"thin/(weights|band)-d(\d+)$")
_SAMPLE = 4000
_ROUGH = 1e-3  # of the depth of the best P %: the plateau is not quite even
_BAND = 0.02


class _OfMoved(Synthetic):
    """A moved function, and a sample of the box (n, d)."""

    def __init__(self, name: str, function: str, d: int) -> None:
        super().__init__(name, function, d, 1)
        low, high = self.moved.base.low, self.moved.base.high
        self.sample = low + (high - low) * np.random.default_rng(21).random((_SAMPLE, d))

    def at(self, params: Mapping[str, Any]) -> np.ndarray:
        return np.array([params[n] for n in self.space.names])


class Plateau(_OfMoved):
    """min(f, c) with c its quantile at P %, and beyond c a ripple of a thousandth of c - f*."""

    group = "plateau"

    def __init__(self, name: str, function: str, d: int, percent: int) -> None:
        super().__init__(name, function, d)
        self.level = float(np.percentile([self.moved(x) for x in self.sample], percent))
        self.ripple = _ROUGH * (self.level - self.moved.base.value)

    def value(self, params: Mapping[str, Any]) -> float:
        x = self.at(params)
        f = self.moved(x)
        if f < self.level:
            return f
        wave = np.sin(12345.6 * float(x @ np.arange(1.0, len(x) + 1.0))) * 43758.5
        return self.level + self.ripple * float(wave - np.floor(wave))


class Failing(_OfMoved):
    """f where it can be evaluated; beyond the border an error."""

    group = "failing"

    def __init__(self, name: str, function: str, d: int, percent: int) -> None:
        super().__init__(name, function, d)
        way = np.random.default_rng([22, d]).standard_normal(d)
        self.way = way / np.linalg.norm(way)
        self.side = float(self.moved.base.high[0] - self.moved.base.low[0])
        self.limit = float(np.percentile([self._beyond(x) for x in self.sample], 100 - percent))
        # the minimum must succeed, by little: a twentieth of the side
        room = self._beyond(self.moved.best) - self.limit
        self.limit += max(room + 0.05, 0.0)

    def _beyond(self, x: np.ndarray) -> float:
        u = x / self.side
        return float(u @ self.way + 0.1 * np.sin(9.0 * u[0]))

    def value(self, params: Mapping[str, Any]) -> float:
        x = self.at(params)
        if self._beyond(x) > self.limit:
            raise ArithmeticError("the simulation did not converge")
        return self.moved(x)


class Thin(Problem):
    """Distance of a blend from a target; few blends are allowed."""

    group = "constrained"

    def __init__(self, name: str, kind: str, d: int) -> None:
        self.name, self.kind = name, kind
        rng = np.random.default_rng([23, d])
        self.target = rng.dirichlet(np.full(d, 0.7))
        self.scale = rng.uniform(0.5, 2.0, d)
        self.space = Space(tuple(Parameter(f"w{i}", "float", 0.0, 1.0) for i in range(d)))
        self.optimum = 0.0
        self.constraints = ("above", "below") if kind == "band" else ("above",)

    def _weights(self, params: Mapping[str, Any]) -> np.ndarray:
        return np.array([params[n] for n in self.space.names])

    def value(self, params: Mapping[str, Any]) -> float:
        gap = self.scale * (self._weights(params) - self.target)
        return float(np.sqrt(gap @ gap) + 0.05 * np.sum(1.0 - np.cos(9.0 * gap)))

    def constraint_values(self, params: Mapping[str, Any]) -> dict[str, float]:
        total = float(self._weights(params).sum())
        if self.kind == "weights":
            return {"above": total - 1.0 - 1e-9}
        return {"above": total - 1.0 - _BAND, "below": 1.0 - _BAND - total}


def names() -> list[str]:
    return list(_DEFAULT)


def load(name: str, data: Path | None = None) -> Problem:
    found = _MOVED.match(name)
    if found is not None and found[2] in FUNCTIONS:
        kind = Plateau if found[1] == "plateau" else Failing
        return kind(name, found[2], int(found[3]), int(found[4]))
    thin = _THIN.match(name)
    if thin is not None:
        return Thin(name, thin[1], int(thin[2]))
    raise ValueError(
        f"unknown problem {name!r}: expected plateau/FUNCTION-dD-pP or failing/FUNCTION-dD-fF "
        f"with one of {sorted(FUNCTIONS)}, thin/weights-dD or thin/band-dD"
    )
