"""The log evidence of a Gaussian process and its gradient in log hyperparameters.

Rasmussen & Williams 2006, eq. 2.30 and 5.9. The unknown constant mean has a normal prior and is
integrated out, which adds ``MEAN_VARIANCE * 1 1^T`` to the covariance. Vector of hyperparameters,
in logs: [outputscale, noise variance, a lengthscale per numeric column, a weight per categorical
column], and the ripple's variance and lengthscale where there is one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import covariance
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.hyperparameters import FAMILIES
from bayesopt.surrogate.triangles import NotPositiveDefinite, lapack

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
MEAN_VARIANCE = 1.0  # of the constant mean, in units of the standardised values


class _Term:
    """One term of the covariance of n points with themselves: work arrays of 2 n² numbers."""

    def __init__(self, family: str, features: Floats, codes: Integers) -> None:
        n = len(features)
        self._family = FAMILIES[family]
        self._features_t = np.ascontiguousarray(features.T)
        self._codes, self._codes_t = codes, np.ascontiguousarray(codes.T)
        self._zt, self._z = np.empty_like(self._features_t), np.empty_like(features)
        self.K, self._D = np.zeros((n, n)), np.zeros((n, n))

    def evaluate(self, inverse_scale: Floats, weights: Floats, variance: float) -> None:
        """Covariances and slopes, lower triangles."""
        np.multiply(self._features_t, inverse_scale[:, None], out=self._zt)
        np.copyto(self._z, self._zt.T)
        covariance.cross(
            self._family,
            self._z,
            self._codes,
            self._zt,
            self._codes_t,
            weights,
            variance,
            1,
            self.K,
            self._D,
        )

    def slopes(self, inverse: Floats, alpha: Floats) -> tuple[Floats, Floats]:
        """Derivatives of the negative log evidence, by the log lengthscale of each feature (q,);
        and the totals of ``covariance.evidence_weights``.
        """
        totals = np.empty(2 + len(self._codes_t))
        # W takes the place of D: each element is read before it is written
        W, zt = self._D, self._zt
        covariance.evidence_weights(inverse, alpha, self.K, self._D, self._codes_t, W, totals)
        # sum_ij W_ij (z_i - z_j)^2 = 2 (sum_i w_i z_i^2 - z^T W z) with w the row sums; d r2 / d
        # log l = -2 r2
        spread = (zt * zt) @ W.sum(axis=0) - np.einsum("fi,fi->f", zt, zt @ W)
        return -2.0 * spread, totals


@dataclass(eq=False)
class Evidence:
    """Negative log evidence of fixed data as a function of log hyperparameters.

    Work arrays are made once and reused by every evaluation (3 n² numbers, with a ripple 5 n²).

    Parameters
    ----------
    columns : kinds of the p columns.
    coords : (n, p) evaluated points.
    y : (n,) standardised values.
    noise : (n,) known noise variances added to the fitted one (0 where unknown).
    family : "matern52", "matern32", "matern12" or "rbf".
    """

    columns: Columns
    coords: Floats
    y: Floats
    noise: Floats
    family: str = "matern52"
    _work: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._features, self._codes = self.columns.features(self.coords)
        self._trend = _Term(self.family, self._features, self._codes)
        self._work = np.zeros_like(self._trend.K)

    @cached_property
    def _ripple(self) -> _Term:
        return _Term("matern52", self._features, self._codes)

    def __call__(self, log_theta: Floats) -> tuple[float, Floats]:
        """Negative log evidence and its gradient (t,).

        Raises
        ------
        NotPositiveDefinite : when the covariance has no Cholesky factor.
        """
        A, g, t = self._work, len(self.columns.numeric), self.columns.n_hyperparameters
        theta = np.exp(log_theta)
        noise, weights, rippled = theta[1], np.ascontiguousarray(theta[2 + g : t]), len(theta) > t
        inverse_scale = 1.0 / theta[2 : 2 + g][self.columns.lengthscale_of]
        self._trend.evaluate(inverse_scale, weights, theta[0])
        np.add(self._trend.K, MEAN_VARIANCE, out=A)
        if rippled:
            same = np.full(len(inverse_scale), 1.0 / theta[t + 1])
            self._ripple.evaluate(same, np.full(len(weights), np.inf), theta[t])
            A += self._ripple.K
        A.flat[:: len(A) + 1] += noise + self.noise
        factor, info = lapack().dpotrf(A.T, lower=0, overwrite_a=1, clean=0)
        if info != 0:
            raise NotPositiveDefinite(f"leading minor of order {info} is not positive")
        alpha, _ = lapack().dpotrs(factor, self.y, lower=0)
        value = 0.5 * float(self.y @ alpha) + float(np.log(factor.diagonal()).sum())
        value += 0.5 * len(alpha) * math.log(2.0 * math.pi)

        inverse, _ = lapack().dpotri(factor, lower=0, overwrite_c=1)
        by_scale, totals = self._trend.slopes(inverse.T, alpha)
        gradient = np.empty_like(log_theta)
        gradient[0] = 0.5 * totals[0]
        gradient[1] = 0.5 * noise * totals[1]
        gradient[2 : 2 + g] = np.bincount(self.columns.lengthscale_of, by_scale, minlength=g)
        gradient[2 + g : t] = -0.5 * weights * totals[2:]
        if rippled:
            by_scale, totals = self._ripple.slopes(inverse.T, alpha)
            gradient[t], gradient[t + 1] = 0.5 * totals[0], by_scale.sum()
        return value, gradient
