"""The log evidence of a Gaussian process and its gradient in log hyperparameters.

Rasmussen & Williams 2006, eq. 2.30 and 5.9. The unknown constant mean has a normal prior and is
integrated out, which adds ``MEAN_VARIANCE * 1 1^T`` to the covariance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.cholesky import regression
from bayesopt.surrogate.covariance import BoundCovariance, Slopes

Floats = NDArray[np.float64]
MEAN_VARIANCE = 1.0  # of the constant mean, in units of the standardised values


class NegativeLogEvidence(Protocol):
    """A negative log evidence and its gradient, of values or of values and derivatives."""

    @property
    def covariance(self) -> BoundCovariance:
        """Its ``vector`` says what is where in θ."""

    def __call__(self, log_theta: Floats) -> tuple[float, Floats]:
        """Value and gradient (t,); NotPositiveDefinite when there is no Cholesky factor."""


@dataclass(eq=False)
class Evidence:
    """Negative log evidence of fixed data as a function of log hyperparameters.

    Work arrays are made once and reused by every evaluation: n² numbers, and 2 n² for each summand
    of the covariance.

    Parameters
    ----------
    covariance : over the p columns; its ``vector`` says what is where in θ.
    coords : (n, p) evaluated points.
    y : (n,) standardised values.
    noise : (n,) known noise variances added to the fitted one (0 where unknown). The fitted one is
        that of each observation's task, where tasks have a noise each.
    """

    covariance: BoundCovariance
    coords: Floats
    y: Floats
    noise: Floats

    def __post_init__(self) -> None:
        self._gram = self.covariance.gram(self.coords)
        self._work = np.zeros((len(self.y), len(self.y)))
        self._ratio_of = self.covariance.columns.noise_ratio_of(self.coords)

    def __call__(self, log_theta: Floats) -> tuple[float, Floats]:
        """Negative log evidence and its gradient (t,).

        Raises
        ------
        NotPositiveDefinite : when the covariance has no Cholesky factor.
        """
        A, place, theta = self._work, self.covariance.vector.noise, np.exp(log_theta)
        self._gram.evaluate(theta, MEAN_VARIANCE, out=A)
        fitted = self.covariance.vector.noise_of(theta, self._ratio_of)
        A.flat[:: len(A) + 1] += fitted + self.noise
        alpha, half_log_det, inverse = regression(A, self.y)
        value = 0.5 * float(self.y @ alpha) + half_log_det
        value += 0.5 * len(alpha) * math.log(2.0 * math.pi)
        slopes, gradient = Slopes(inverse, alpha), np.zeros_like(log_theta)
        self._gram.add_gradient(slopes, gradient)
        if self._ratio_of is None:
            gradient[place] = 0.5 * theta[place] * slopes.trace
            return value, gradient
        # the covariance is theta[place] * ratio on the diagonal of each task
        each = 0.5 * fitted * (np.diagonal(inverse) - alpha**2)
        gradient[place] = each.sum()
        ratios = self.covariance.vector.noise_ratios
        sums = np.bincount(self._ratio_of + 1, each, ratios.stop - ratios.start + 1)
        gradient[ratios] = sums[1:]
        return value, gradient
