"""The simplest rules: never, and worse than the median."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bayesopt.checks import whole
from bayesopt.stopping.base import StoppingRule, diverged
from bayesopt.stopping.curves import LearningCurve


@dataclass(frozen=True)
class NoStopping(StoppingRule):
    """Every trial goes on to its end; what ``early_stopping=None`` means."""

    def decide(self, curve: LearningCurve, others: Sequence[LearningCurve]) -> str | None:
        """Never a reason to stop."""
        return None


@dataclass(frozen=True)
class MedianRule(StoppingRule):
    """Stop a trial whose best value so far is worse than the median of the complete ones' best
    values up to the same step (Golovin et al. 2017, Google Vizier, section 3.2).

    Parameters
    ----------
    n_startup : complete curves before anything is stopped, >= 1.
    n_warmup_steps : steps below this one decide nothing: what is reported at step 0, before any
        training, is chance.
    """

    n_startup: int = 5
    n_warmup_steps: int = 1

    def __post_init__(self) -> None:
        whole("n_startup", self.n_startup, 1)
        whole("n_warmup_steps", self.n_warmup_steps, 0)

    def decide(self, curve: LearningCurve, others: Sequence[LearningCurve]) -> str | None:
        """See the class."""
        if curve.step < self.n_warmup_steps:
            return None
        if reason := diverged(curve):
            return reason
        complete = [c for c in others if c.complete]
        if len(complete) < self.n_startup:
            return None
        there = [float(c.best_so_far[c.place(curve.step)]) for c in complete]
        best, median = float(curve.best_so_far[-1]), float(np.median(there))
        if best <= median:
            return None
        return (
            f"its best up to step {curve.step}, {curve.shown(best)}, is worse than the median "
            f"{curve.shown(median)} of {len(there)} complete trials"
        )
