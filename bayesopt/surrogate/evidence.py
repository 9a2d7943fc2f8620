"""The log evidence of a Gaussian process and its gradient in log hyperparameters.

Rasmussen & Williams 2006, eq. 2.30 and 5.9. The unknown constant mean has a normal prior and is
integrated out, which adds ``MEAN_VARIANCE * 1 1^T`` to the covariance. Vector of hyperparameters,
in logs: [outputscale, noise variance, a lengthscale per numeric column, a weight per categorical
column].
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import covariance
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.triangles import NotPositiveDefinite, lapack

Floats = NDArray[np.float64]
MEAN_VARIANCE = 1.0  # of the constant mean, in units of the standardised values
FAMILIES = {"matern12": 0, "matern32": 1, "matern52": 2, "rbf": 3}


@dataclass(eq=False)
class Evidence:
    """Negative log evidence of fixed data as a function of log hyperparameters.

    Work arrays are made once and reused by every evaluation (3 n² numbers).

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
    _work: tuple[Floats, Floats, Floats] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        features, codes = self.columns.features(self.coords)
        self._features_t = np.ascontiguousarray(features.T)
        self._codes, self._codes_t = codes, np.ascontiguousarray(codes.T)
        n = len(self.y)
        self._work = (np.zeros((n, n)), np.zeros((n, n)), np.zeros((n, n)))
        self._scaled, self._points = np.empty_like(self._features_t), np.empty_like(features)
        self._totals = np.empty(2 + len(self._codes_t))

    def __call__(self, log_theta: Floats) -> tuple[float, Floats]:
        """Negative log evidence and its gradient (t,).

        Raises
        ------
        NotPositiveDefinite : when the covariance has no Cholesky factor.
        """
        K, D, A = self._work
        g = len(self.columns.numeric)
        theta = np.exp(log_theta)
        s2, noise, weights = theta[0], theta[1], np.ascontiguousarray(theta[2 + g :])
        inverse_scale = 1.0 / theta[2 : 2 + g][self.columns.lengthscale_of]
        zt = np.multiply(self._features_t, inverse_scale[:, None], out=self._scaled)
        np.copyto(self._points, zt.T)
        covariance.cross(
            FAMILIES[self.family],
            self._points,
            self._codes,
            zt,
            self._codes_t,
            weights,
            s2,
            1,
            K,
            D,
        )

        np.add(K, MEAN_VARIANCE, out=A)
        A.flat[:: len(A) + 1] += noise + self.noise
        factor, info = lapack().dpotrf(A.T, lower=0, overwrite_a=1, clean=0)
        if info != 0:
            raise NotPositiveDefinite(f"leading minor of order {info} is not positive")
        alpha, _ = lapack().dpotrs(factor, self.y, lower=0)
        value = 0.5 * float(self.y @ alpha) + float(np.log(factor.diagonal()).sum())
        value += 0.5 * len(alpha) * math.log(2.0 * math.pi)

        inverse, _ = lapack().dpotri(factor, lower=0, overwrite_c=1)
        W = self._weights(inverse.T, alpha, K, D)
        gradient = np.empty_like(log_theta)
        gradient[0] = 0.5 * self._totals[0]
        gradient[1] = 0.5 * noise * self._totals[1]
        # sum_ij W_ij (z_i - z_j)^2 = 2 (sum_i w_i z_i^2 - z^T W z) with w the row sums; d r2 / d
        # log l = -2 r2
        spread = (zt * zt) @ W.sum(axis=0) - np.einsum("fi,fi->f", zt, zt @ W)
        gradient[2 : 2 + g] = np.bincount(self.columns.lengthscale_of, -2.0 * spread, minlength=g)
        gradient[2 + g :] = -0.5 * weights * self._totals[2:]
        return value, gradient

    def _weights(self, inverse: Floats, alpha: Floats, K: Floats, D: Floats) -> Floats:
        # W takes the place of D: each element is read before it is written
        covariance.evidence_weights(inverse, alpha, K, D, self._codes_t, D, self._totals)
        return D
