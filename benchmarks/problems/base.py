"""What a problem is."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.space import Space


@dataclass(frozen=True)
class Answer:
    """What one evaluation gave.

    Attributes
    ----------
    value : what the optimizer is told; to be minimised.
    true : the value without noise, by which the run is judged.
    constraints : outcome constraints by name; ``<= 0`` is feasible.
    """

    value: float
    true: float
    constraints: Mapping[str, float] = field(default_factory=dict)

    @property
    def feasible(self) -> bool:
        return all(c <= 0 for c in self.constraints.values())


class Problem(ABC):
    """A function to be minimised over a space.

    A problem of one's own needs ``name``, ``space`` and ``value``; the rest has defaults.

    Attributes
    ----------
    name : unique; begins with the suite, as in ``synthetic/branin``.
    space : the search space.
    group : ``continuous``, ``mixed``, ``conditional``, ``combinatorial``, ``noisy``,
        ``constrained``, ``plateau`` or ``failing``: the rows of the report.
    optimum : lowest noise-free value there is, or None when nobody knows.
    constraints : names of the outcome constraints.
    version : raise it when the problem changes, so that old results are not mixed with new ones.
    """

    name: str
    space: Space
    group: str = "continuous"
    optimum: float | None = None
    constraints: tuple[str, ...] = ()
    version: int = 1

    @abstractmethod
    def value(self, params: Mapping[str, Any]) -> float:
        """The noise-free value at a point; inactive parameters are absent."""

    def noise_sd(self, params: Mapping[str, Any]) -> float:
        """Standard deviation of the noise at a point; 0 when there is none."""
        return 0.0

    def constraint_values(self, params: Mapping[str, Any]) -> dict[str, float]:
        """The outcome constraints at a point; ``<= 0`` is feasible."""
        return {}

    @property
    def noisy(self) -> bool:
        return type(self).noise_sd is not Problem.noise_sd

    def begin(self, seed: int) -> None:  # noqa: B027 - optional for a subclass
        """Called before the first evaluation of a run: bring anything that has a state to its
        start.
        """

    def evaluate(self, params: Mapping[str, Any], *, seed: int, n: int) -> Answer:
        """Evaluation number ``n`` of run ``seed``, whose noise depends on nothing else."""
        true = float(self.value(params))
        sd = self.noise_sd(params) if self.noisy else 0.0
        value = true + sd * noise(seed, n) if sd else true
        return Answer(value, true, self.constraint_values(params))

    def close(self) -> None:  # noqa: B027 - optional for a subclass
        """Let go of what the problem holds (processes, files)."""


def noise(seed: int, n: int) -> float:
    """Standard normal number ``n`` of stream ``seed``, the same for every method."""
    import numpy as np

    return float(np.random.default_rng((0x6E6F6973, seed, n)).standard_normal())


def is_good(answer: Answer) -> bool:
    """Whether an evaluation counts as a success: finite."""
    return math.isfinite(answer.value) and math.isfinite(answer.true)
