"""How well a model predicts each observation from the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate import Fitted, GaussianProcess

Floats = NDArray[np.float64]

_LEAST = 3  # observations, of which one can be left out and the others still differ
_NORMAL = {0.5: 0.6744897501960817, 0.9: 1.6448536269514722}  # half widths in standard deviations


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Predictions of each observation from all others, at the fitted hyperparameters.

    All arrays (m,), in standardised units, where the predictive distribution is normal.

    Attributes
    ----------
    rows : which of the observations; a model of very many uses some of them only.
    observed, mean, sd : the value, and its predictive mean and standard deviation, noise included.
    determined : how many hyperparameters the observations determine: they were fitted to what was
        left out as well.
    """

    rows: NDArray[np.int64]
    observed: Floats
    mean: Floats
    sd: Floats
    determined: float = 0.0

    @cached_property
    def r2(self) -> float:
        """The share of the observations' variance that the predictions explain.

        1 is perfect; 0 is no better than the mean of the other observations. NaN where all are
        equal.
        """
        m = len(self.observed)
        constant = (self.observed - self.observed.mean()) * m / (m - 1.0)  # left out as well
        spread = float(constant @ constant)
        if not spread > 1e-20 * m:
            return float("nan")
        error = self.observed - self.mean
        return 1.0 - float(error @ error) / spread

    @property
    def explained(self) -> float:
        """:attr:`r2` without what the fitted hyperparameters would explain of mere noise: the
        adjusted R² of regression (Wherry 1931). NaN where there are too few observations for it.
        """
        left = len(self.observed) - 1.0 - self.determined
        return 1.0 - (1.0 - self.r2) * (left + self.determined) / left if left > 0 else np.nan

    def coverage(self, level: float) -> float:
        """The share of the observations within their central interval of 0.5 or 0.9."""
        return float((np.abs(self.observed - self.mean) <= _NORMAL[level] * self.sd).mean())

    def interval(self, level: float) -> tuple[Floats, Floats]:
        """The ends (m,) of the central interval of 0.5 or 0.9."""
        return self.mean - _NORMAL[level] * self.sd, self.mean + _NORMAL[level] * self.sd


def leave_one_out(fitted: Fitted, coords: Floats, determined: float = 0.0) -> LeftOut | None:
    """Leave out each observation (Rasmussen & Williams 2006, eq. 5.12), of a mixture by its
    moments.

    None for fewer than three observations, or a surrogate that is no Gaussian process.

    Parameters
    ----------
    coords : (n, p) all points that were observed.
    determined : how many hyperparameters the observations determine.
    """
    fitted = fitted.own or fitted  # of this run's own observations, without earlier runs
    parts = fitted.posterior.components
    if not all(isinstance(part, GaussianProcess) for part in parts):
        return None
    processes = [part for part in parts if isinstance(part, GaussianProcess)]
    first = processes[0]
    if len(first.points) < _LEAST or any(len(p.points) != len(first.points) for p in processes):
        return None
    moments = [process.leave_one_out() for process in processes]
    weights = fitted.posterior.weights
    means = np.array([mean for mean, _ in moments])
    mean = weights @ means
    var = weights @ (np.array([v for _, v in moments]) + (means - mean) ** 2)
    rows = _rows(first, coords)
    if rows is None:
        return None
    return LeftOut(rows, first.y[:, 0], mean, np.sqrt(np.maximum(var, 1e-300)), determined)


def _rows(process: GaussianProcess, coords: Floats) -> NDArray[np.int64] | None:
    """Which of the points (n, p) a process was conditioned on; in the same order."""
    n = len(process.points)
    if n == len(coords):
        return np.arange(n)
    every = process.hyperparameters.at.points(coords)
    rows, at = np.full(n, -1, dtype=np.int64), 0
    for i in range(len(coords)):
        if (
            at < n
            and np.array_equal(every.z[i], process.points.z[at])
            and np.array_equal(every.codes[i], process.points.codes[at])
        ):
            rows[at], at = i, at + 1
    return rows if at == n else None
