"""What an observation somewhere says of the points that are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate import cholesky
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.gp import GaussianProcess, by_covariances

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WithData:
    """Posterior moments at B points, together with the n points of the data.

    Attributes
    ----------
    mean, var : (B, F) means, one column per fantasy, and (B,) variances of the latent function.
    covariance : (B, n) its posterior covariances with the data's points.
    pullback : from d/d mean (B, F), d/d var (B,) and d/d covariance (B, n) of a sum over points to
        its gradient (B, p) in the coordinates.
    """

    mean: Floats
    var: Floats
    covariance: Floats
    pullback: Callable[[Floats, Floats, Floats], Floats]


@dataclass(frozen=True, eq=False)
class TowardData:
    """A process, with its posterior covariances between any point and those of the data.

    With ``K`` the covariance of the observations, ``k`` that of a point with them and ``N`` their
    noise, a diagonal, it is ``k - (K - N) K^-1 k = N K^-1 k``: no more than predicting takes.
    """

    process: GaussianProcess

    @cached_property
    def noise(self) -> Floats:
        """(n,) variance of each observation's noise, jitter included."""
        gp = self.process
        lower = cholesky.inverted(gp.root)
        prior = gp.hyperparameters.at.variance(gp.points, MEAN_VARIANCE)
        return np.asarray(np.maximum(np.einsum("ij,ij->i", lower, lower) - prior, 0.0))

    @cached_property
    def means(self) -> Floats:
        """(n, F) posterior means at the data's points."""
        return np.asarray(self.process.y - self.noise[:, None] * self.process.alpha)

    def predict(self, coords: Floats) -> WithData:
        """Moments at coordinates (B, p)."""
        gp, noise = self.process, self.noise
        at = gp.hyperparameters.at
        points = at.points(coords)
        k, by_points = at.cross(points, gp.points, MEAN_VARIANCE)
        w = cholesky.times(k, gp.root, transposed=True)
        v = cholesky.times(w, gp.root)
        prior = at.variance(points, MEAN_VARIANCE)
        var = np.maximum(prior - np.einsum("bn,bn->b", w, w), 1e-12 * prior)

        def pullback(d_mean: Floats, d_var: Floats, d_covariance: Floats) -> Floats:
            d_v = cholesky.times(d_covariance * noise, gp.root, transposed=True)
            g = by_covariances(d_mean, d_var, gp.alpha, v) + cholesky.times(d_v, gp.root)
            return at.bound.columns.pullback(coords, by_points(g))

        return WithData(k @ gp.alpha, var, v * noise, pullback)
