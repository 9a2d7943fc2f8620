"""Racing through the folds of a cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import real, whole
from bayesopt.stopping.base import StoppingRule, diverged
from bayesopt.stopping.curves import LearningCurve

Floats = NDArray[np.float64]

_ROUNDING = 1e-9  # of the largest score: a mean of k folds is turned back into single folds


@dataclass(frozen=True)
class FoldRace(StoppingRule):
    """Give up a candidate whose first folds are clearly worse than those of the best one.

    For trials that report at step k the mean score of their first k folds, k = 1, 2, ..., and end
    with the mean of all. Compared are the differences d of single folds, as both had the same
    data. The mean difference over all K folds lies about that of the first k with the variance
    ``var(d) * (1/k - 1/K)``; the trial stops when that of the first k is more than ``sds`` of
    these standard deviations on the bad side. The variance is that of the trial's own folds and
    of the complete trials', whose weight is that of one trial. It is a race (Maron & Moore 1994;
    Birattari et al. 2002, F-Race) against the best, within one trial's folds.

    Parameters
    ----------
    n_startup : complete trials before anything is stopped, >= 2.
    sds : standard deviations that are clear, > 0. Less stops more, and more often wrongly.
    """

    n_startup: int = 3
    sds: float = 3.0

    def __post_init__(self) -> None:
        whole("n_startup", self.n_startup, 2)
        real("sds", self.sds, above=0.0)

    def decide(self, curve: LearningCurve, others: Sequence[LearningCurve]) -> str | None:
        """See the class."""
        if reason := diverged(curve):
            return reason
        done = [c for c in others if c.complete and np.isfinite(c.final)]
        n_folds, k = max((c.step for c in done), default=0), curve.step
        raced = [c for c in done if c.step == n_folds and _has_every_fold(c)]
        if len(raced) < self.n_startup or k >= n_folds or not _has_every_fold(curve):
            return None
        best = min(raced, key=lambda c: c.final)
        with np.errstate(over="ignore", invalid="ignore"):
            theirs = _folds(best)
            worse = _folds(curve) - theirs[:k]
            rivals = np.array([_folds(c) - theirs for c in raced if c is not best])
            sd = _sd(worse, rivals) * np.sqrt(1.0 / k - 1.0 / n_folds)
            excess = float(worse.mean())
            clear = excess > self.sds * sd + _ROUNDING * float(np.abs(theirs).max())
        if not clear:
            return None
        return (
            f"its first {k} of {n_folds} folds have a mean of {curve.shown(curve.last)}, those of "
            f"trial {best.number} {best.shown(best.at(k))}"
        )


def _sd(worse: Floats, rivals: Floats) -> float:
    """Standard deviation of one fold's difference: of this trial's (k,) and the others' (n, K)."""
    n_rivals, n_folds = rivals.shape
    spread = rivals - rivals.mean(axis=1, keepdims=True)
    weight = n_folds - 1
    pooled = (spread**2).sum() / (n_rivals * weight)
    own = ((worse - worse.mean()) ** 2).sum()
    return float(np.sqrt((weight * pooled + own) / (weight + len(worse) - 1)))


def _has_every_fold(curve: LearningCurve) -> bool:
    whole = curve.steps[0] == 1 and len(curve.steps) == curve.step
    return bool(whole and np.isfinite(curve.values).all())


def _folds(curve: LearningCurve) -> Floats:
    """(k,) scores of single folds, of the means of the first 1, 2, ..., k."""
    return np.diff(curve.steps * curve.values, prepend=0.0)
