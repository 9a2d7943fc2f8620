"""Test functions with noise; a run is judged by the noise-free value of what it recommends.

``noisy/FUNCTION-dD-sS``: homoscedastic noise with S % of the interquartile range of the function;
``noisy/FUNCTION-dD-hS``: heteroscedastic, S % at the minimum growing to 4 S % far from it.
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

_DEFAULT = (
    "branin-d2-s20",
    "hartmann-d3-s20",
    "hartmann-d6-s10",
    "ackley-d5-s10",
    "levy-d4-s20",
    "ackley-d3-h10",
    "hartmann-d6-h10",
)
_PATTERN = re.compile(r"noisy/(\w+)-d(\d+)-([sh])(\d+)$")


class Noisy(Synthetic):
    """A moved function plus normal noise."""

    group = "noisy"

    def __init__(self, name: str, function: str, d: int, kind: str, percent: int) -> None:
        super().__init__(name, function, d, 1)
        rng = np.random.default_rng(12)
        low, high = self.moved.base.low, self.moved.base.high
        sample = [self.moved(low + (high - low) * u) for u in rng.random((2000, d))]
        quartiles = np.percentile(sample, [25, 75])
        self.sd = percent / 100.0 * float(quartiles[1] - quartiles[0])
        self.heteroscedastic = kind == "h"

    def noise_sd(self, params: Mapping[str, Any]) -> float:
        if not self.heteroscedastic:
            return self.sd
        x = np.array([params[n] for n in self.space.names])
        side = self.moved.base.high - self.moved.base.low
        distance = float(np.sqrt(np.mean(((x - self.moved.best) / side) ** 2)))
        return self.sd * (1.0 + 3.0 * min(1.0, 2.0 * distance))


def names() -> list[str]:
    return [f"noisy/{n}" for n in _DEFAULT]


def load(name: str, data: Path | None = None) -> Problem:
    found = _PATTERN.match(name)
    if found is None or found[1] not in FUNCTIONS:
        raise ValueError(
            f"unknown problem {name!r}: expected noisy/FUNCTION-dD-sS or -hS with one of "
            f"{sorted(FUNCTIONS)}"
        )
    return Noisy(name, found[1], int(found[2]), found[3], int(found[4]))
