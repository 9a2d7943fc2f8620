"""Test functions over floats, integers and categories with permuted labels.

``mixed/FUNCTION-fA-iB-cC[xG]``: A floats, B integers (9 levels) and C categories of G labels
(default 5). A discrete coordinate takes values on a grid through the minimiser, so the minimum
stays known; the labels of a category stand in random order, so their order says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problems.base import Problem
from benchmarks.problems.functions import FUNCTIONS
from benchmarks.problems.synthetic import Moved
from benchmarks.space import Parameter, Space

_DEFAULT = (
    "ackley-f3-i0-c5x11",
    "ackley-f2-i2-c2x5",
    "hartmann-f3-i1-c2x5",
    "hartmann-f4-i2-c0",
    "levy-f3-i3-c2x4",
    "rosenbrock-f3-i2-c0",
    "styblinski_tang-f3-i2-c3x4",
    "branin-f1-i0-c1x7",
)
_PATTERN = re.compile(r"mixed/(\w+)-f(\d+)-i(\d+)-c(\d+)(?:x(\d+))?$")
_INT_LEVELS = 9


class Mixed(Problem):
    """A moved function whose later coordinates are discrete."""

    group = "mixed"

    def __init__(
        self, name: str, function: str, n_float: int, n_int: int, n_cat: int, n_labels: int
    ) -> None:
        self.name = name
        d = n_float + n_int + n_cat
        self.moved = Moved(function, d, 1, rotate=False)
        low, high = self.moved.base.low, self.moved.base.high
        rng = np.random.default_rng([7, sum(name.encode())])
        parameters = [Parameter(f"x{i}", "float", low[i], high[i]) for i in range(n_float)]
        self.levels: dict[str, np.ndarray] = {}
        for j in range(n_float, d):
            k = _INT_LEVELS if j < n_float + n_int else n_labels
            levels = np.linspace(low[j], high[j], k)
            # move the grid so that the level nearest to the minimiser hits it
            levels = (
                levels + self.moved.best[j] - levels[np.abs(levels - self.moved.best[j]).argmin()]
            )
            if j < n_float + n_int:
                parameters.append(Parameter(f"k{j}", "int", 0, k - 1))
            else:
                levels = rng.permutation(levels)
                parameters.append(
                    Parameter(f"c{j}", "categorical", choices=tuple(f"label{i}" for i in range(k)))
                )
            self.levels[parameters[-1].name] = levels
        self.space = Space(tuple(parameters))
        self.optimum = self.moved.base.value

    def value(self, params: Mapping[str, Any]) -> float:
        x = []
        for p in self.space.parameters:
            v = params[p.name]
            if p.kind == "float":
                x.append(v)
            else:
                x.append(self.levels[p.name][v if p.kind == "int" else p.index(v)])
        return self.moved(np.array(x))


def names() -> list[str]:
    return [f"mixed/{n}" for n in _DEFAULT]


def load(name: str, data: Path | None = None) -> Problem:
    found = _PATTERN.match(name)
    if found is None or found[1] not in FUNCTIONS:
        raise ValueError(
            f"unknown problem {name!r}: expected mixed/FUNCTION-fA-iB-cC[xG] with one of "
            f"{sorted(FUNCTIONS)}"
        )
    return Mixed(name, found[1], *(int(found[i]) for i in (2, 3, 4)), int(found[5] or 5))
