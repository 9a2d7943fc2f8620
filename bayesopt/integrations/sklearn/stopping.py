"""Callbacks that end a search early: ``search.fit(X, y, callback=DeltaYStopper(1e-3))``.

Each is called with the state of the search so far, ``res``, whose ``res.func_vals`` are the
*negated* scores of all candidates in order, inf for one that failed. Any function may be a
callback; it ends the search by returning True. All but :class:`DeadlineStopper` are for one score.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class DeltaYStopper:
    """Stop once the ``n_best`` best scores lie within ``delta``."""

    delta: float
    n_best: int = 5

    def __call__(self, res: Any) -> bool:
        """Whether to stop."""
        values = np.sort(np.asarray(res.func_vals, dtype=float))
        if len(values) < self.n_best or not np.isfinite(values[self.n_best - 1]):
            return False
        return bool(values[self.n_best - 1] - values[0] < self.delta)


@dataclass(frozen=True)
class HollowIterationsStopper:
    """Stop when the last ``n_iterations`` candidates brought no more than ``threshold``."""

    n_iterations: int
    threshold: float = 0.0

    def __call__(self, res: Any) -> bool:
        """Whether to stop."""
        values = np.asarray(res.func_vals, dtype=float)
        if len(values) <= self.n_iterations:
            return False
        before, now = values[: -self.n_iterations].min(), values.min()
        return bool(np.isfinite(before) and before - now <= abs(self.threshold))


@dataclass(frozen=True)
class ThresholdStopper:
    """Stop when a negated score is at most ``threshold``: -0.95 waits for an accuracy of 0.95."""

    threshold: float

    def __call__(self, res: Any) -> bool:
        """Whether to stop."""
        return bool((np.asarray(res.func_vals, dtype=float) <= self.threshold).any())


@dataclass(frozen=True)
class DeadlineStopper:
    """Stop when the longest candidate so far would not fit into what is left of the time.

    ``total_time`` (seconds) runs from when the stopper is made, just before the search.
    """

    total_time: float
    _times: list[float] = field(default_factory=lambda: [time.monotonic()], repr=False)

    def __call__(self, res: Any) -> bool:
        """Whether to stop."""
        self._times.append(time.monotonic())
        left = self.total_time - (self._times[-1] - self._times[0])
        return left <= float(np.diff(self._times).max())


def for_one_score(callbacks: Iterable[object]) -> None:
    """ValueError where one of the callbacks looks for a single best score."""
    for callback in callbacks:
        if isinstance(callback, DeltaYStopper | HollowIterationsStopper | ThresholdStopper):
            raise ValueError(
                f"callback: {type(callback).__name__} is for one score, and objectives has "
                "several; a function of your own gets them as columns of res.func_vals"
            )
