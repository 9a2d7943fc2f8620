"""COCO's suites (package ``coco-experiment``): ``bbob/fF-iI-dD``, ``bbob-mixint/...`` and so on.

The noise of bbob-noisy comes from COCO's own generator, made anew for each run and moved on by the
seed; its noise-free value is not to be had, and is taken as the median of many evaluations.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.problems.base import Answer, Problem
from benchmarks.space import Parameter, Space

_PATTERN = re.compile(r"(bbob|bbob-mixint|bbob-noisy)/f(\d+)-i(\d+)-d(\d+)$")
_FUNCTIONS = {"bbob": range(1, 25), "bbob-mixint": range(1, 25), "bbob-noisy": range(101, 131)}
_GROUPS = {"bbob": "continuous", "bbob-mixint": "mixed", "bbob-noisy": "noisy"}
_LOCK = threading.Lock()  # COCO writes the optimum to a file in the working directory


class Coco(Problem):
    """One function of a COCO suite."""

    def __init__(
        self, name: str, suite: str, function: int, instance: int, dimension: int
    ) -> None:
        try:
            import cocoex
        except ImportError:
            raise RuntimeError("COCO's problems need `pip install coco-experiment`") from None
        self.name, self.group = name, _GROUPS[suite]
        index = function if function < 100 else function - 100
        where = (
            suite,
            f"instances: {instance}",
            f"dimensions: {dimension} function_indices: {index}",
        )
        # two of the same: the second one's noise serves to find the noise-free value
        self._make = lambda: cocoex.Suite(*where)
        self._open()
        self.is_noisy = suite == "bbob-noisy"
        integers = self.problem.number_of_integer_variables
        low, high = self.problem.lower_bounds, self.problem.upper_bounds
        self.space = Space(
            tuple(
                Parameter(f"x{i}", "int", int(low[i]), int(high[i]))
                if i < integers
                else Parameter(f"x{i}", "float", float(low[i]), float(high[i]))
                for i in range(dimension)
            )
        )
        self.optimum = self._optimum()

    def _optimum(self) -> float:
        with _LOCK, tempfile.TemporaryDirectory() as folder:
            here = Path.cwd()
            os.chdir(folder)
            try:
                self.problem._best_parameter("print")
                best = np.loadtxt("._bbob_problem_best_parameter.txt")
            finally:
                os.chdir(here)
        return self._at(best, self.twin, 1001 if self.is_noisy else 1)

    @staticmethod
    def _at(x: np.ndarray, problem: Any, times: int) -> float:
        return float(np.median([problem(x) for _ in range(times)]))

    def _open(self) -> None:
        self._suites = [self._make() for _ in range(2)]
        self.problem, self.twin = (s[0] for s in self._suites)

    def begin(self, seed: int) -> None:
        if self.is_noisy:
            self.close()
            self._open()
            for _ in range(1009 * seed):
                self.problem(np.zeros(self.problem.dimension))

    def _vector(self, params: Mapping[str, Any]) -> np.ndarray:
        return np.array([params[n] for n in self.space.names], dtype=float)

    def value(self, params: Mapping[str, Any]) -> float:
        return self._at(self._vector(params), self.twin, 301 if self.is_noisy else 1)

    @property
    def noisy(self) -> bool:
        return self.is_noisy

    def evaluate(self, params: Mapping[str, Any], *, seed: int, n: int) -> Answer:
        true = self.value(params)
        return Answer(float(self.problem(self._vector(params))) if self.is_noisy else true, true)

    def close(self) -> None:
        self.problem.free()
        self.twin.free()


def names() -> list[str]:
    sizes = {"bbob": (2, 5, 10), "bbob-mixint": (5, 10), "bbob-noisy": (5,)}
    return [
        f"{suite}/f{f}-i{i}-d{d}"
        for suite, functions in _FUNCTIONS.items()
        for d in sizes[suite]
        for f in functions
        for i in range(1, 6)
    ]


def load(name: str, data: Path | None = None) -> Problem:
    found = _PATTERN.match(name)
    if found is None or int(found[2]) not in _FUNCTIONS[found[1]]:
        raise ValueError(f"unknown problem {name!r}: expected {list(_FUNCTIONS)}/fF-iI-dD")
    return Coco(name, found[1], int(found[2]), int(found[3]), int(found[4]))
