"""The exact Gaussian process at given hyperparameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate import cholesky
from bayesopt.surrogate.covariance import CovarianceAt, Points
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.hyperparameters import Hyperparameters
from bayesopt.surrogate.posterior import Component, Moments

Floats = NDArray[np.float64]

_PART = 100_000  # numbers in a temporary of a prediction: more are not kept in the caches
_ROWS = 256  # but at least so many points at a time: BLAS wants some work


@dataclass(frozen=True, eq=False)
class GaussianProcess(Component):
    """Posterior of a Gaussian process (Rasmussen & Williams 2006, Alg. 2.1); constant mean
    integrated out.

    Make one with :meth:`fit`; :meth:`condition` extends it in O(n²) per point. What a point's
    variance loses to the data is ``|root @ k|²``: a sum of squares, which has far more digits
    near the data than a quadratic form of the covariance's inverse, at the same price.

    Attributes
    ----------
    hyperparameters : the model.
    points : the n points of the data.
    root : (n, n) inverse of the lower Cholesky factor of the covariance of the observations.
    y, alpha : (n, F) observations and ``root.T @ root @ y``.
    largest_noise : the largest noise variance of an observation.
    """

    hyperparameters: Hyperparameters
    points: Points
    root: Floats
    y: Floats
    alpha: Floats
    largest_noise: float

    @classmethod
    def fit(
        cls,
        hyperparameters: Hyperparameters,
        coords: Floats,
        y: Floats,
        noise: Floats | None = None,
    ) -> GaussianProcess:
        """Condition on y (n,) or (n, F) at coordinates (n, p).

        ``noise`` (n,) is known noise variance, added to the fitted one. Near-singular covariances
        get the least jitter that lets them be factorised, and a log line.

        Raises
        ------
        NotPositiveDefinite : when even a jitter of 1e-4 of the outputscale does not help.
        """
        y = y.reshape(len(coords), -1)
        diagonal = np.full(len(coords), hyperparameters.noise)
        if noise is not None:
            diagonal += noise
        gram, points = hyperparameters.at.gram(coords, MEAN_VARIANCE)
        root = cholesky.inverted(cholesky.factor(gram, diagonal, hyperparameters.outputscale))
        alpha = cholesky.solve(root, y)
        return cls(hyperparameters, points, root, y, alpha, float(diagonal.max()))

    @property
    def noise_variance(self) -> float:
        """Fitted variance of the observation noise."""
        return self.hyperparameters.noise

    @cached_property
    def _rows(self) -> int:
        """Points predicted at a time."""
        return max(_ROWS, _PART // max(len(self.points), 1))

    def predict(self, coords: Floats, *, slopes: bool = False) -> Moments:
        """Moments of the latent function at coordinates (B, p)."""
        if not slopes and len(coords) > self._rows:
            return self._in_parts(coords)
        points = self._at.points(coords)
        k, by_points = self._at.cross(points, self.points, MEAN_VARIANCE)
        w = cholesky.times(k, self.root, transposed=True)
        prior = self._at.variance(points, MEAN_VARIANCE)
        var = prior - np.einsum("bn,bn->b", w, w)
        np.maximum(var, 1e-12 * prior, out=var)
        mean = k @ self.alpha
        if not slopes:
            return Moments(mean, var)
        v = cholesky.times(w, self.root)

        def pullback(d_mean: Floats, d_var: Floats) -> Floats:
            g = by_points(by_covariances(d_mean, d_var, self.alpha, v))
            return self._at.bound.columns.pullback(coords, g)

        return Moments(mean, var, pullback)

    def _in_parts(self, coords: Floats) -> Moments:
        """The moments of many points, a few of them at a time."""
        rows = self._rows
        parts = [self.predict(coords[i : i + rows]) for i in range(0, len(coords), rows)]
        return Moments(
            np.concatenate([m.mean for m in parts]), np.concatenate([m.var for m in parts])
        )

    @cached_property
    def _at(self) -> CovarianceAt:
        return self.hyperparameters.at

    def mean(self, coords: Floats) -> Floats:
        """Posterior means (B, F) alone, in O(n) per point."""
        return np.concatenate([k @ self.alpha for _, k in self._covariances(coords)])

    def predict_bound(self, coords: Floats) -> Moments:
        """Means, and upper bounds of the variances, in O(n) per point.

        The bound is the variance given the one observation that is most correlated with the point:
        more data only lower it.
        """
        means, variances = [], []
        largest = float(np.max(self._at.variance(self.points, MEAN_VARIANCE)))
        for points, k in self._covariances(coords):
            prior = self._at.variance(points, MEAN_VARIANCE)
            means.append(k @ self.alpha)
            # the largest noise among the data keeps this a bound when noise differs between
            # observations
            variances.append(prior - k.max(axis=1) ** 2 / (largest + self.largest_noise))
        return Moments(np.concatenate(means), np.concatenate(variances))

    def _covariances(self, coords: Floats) -> Iterator[tuple[Points, Floats]]:
        """A few of the points at a time, and their prior covariances with the data."""
        rows = self._rows
        for i in range(0, max(len(coords), 1), rows):
            points = self._at.points(coords[i : i + rows])
            yield points, self._at.cross(points, self.points, MEAN_VARIANCE)[0]

    def joint(self, coords: Floats) -> tuple[Floats, Floats]:
        """Joint mean (B, F) and covariance (B, B) of the latent function."""
        points = self._at.points(coords)
        k, _ = self._at.cross(points, self.points, MEAN_VARIANCE)
        w = cholesky.times(k, self.root, transposed=True)
        return k @ self.alpha, self._among(points) - w @ w.T

    def _among(self, points: Points) -> Floats:
        """Prior covariances (B, B) of points."""
        return self._at.cross(points, points)[0] + MEAN_VARIANCE

    def condition(self, coords: Floats, y: Floats, noise: Floats) -> GaussianProcess:
        """The posterior after also observing y (q, F) at coordinates (q, p), by extension in O(n²
        q).
        """
        points = self._at.points(coords)
        k, _ = self._at.cross(points, self.points, MEAN_VARIANCE)
        scale = self.hyperparameters.outputscale
        root = cholesky.extended(self.root, k, self._among(points), noise, scale)
        columns = max(y.shape[1], 1)
        old = self.y if self.y.shape[1] == columns else np.repeat(self.y[:, :1], columns, axis=1)
        values = np.concatenate([old, y])
        return replace(
            self,
            points=self.points.joined(points),
            root=root,
            y=values,
            alpha=cholesky.solve(root, values),
            largest_noise=max(self.largest_noise, float(np.max(noise))),
        )

    def with_values(self, y: Floats) -> GaussianProcess:
        """The same points with other observations y (n,) or (n, F), in O(n²)."""
        y = y.reshape(len(self.points), -1)
        return replace(self, y=y, alpha=cholesky.solve(self.root, y))

    def leave_one_out(self, newest: int | None = None) -> tuple[Floats, Floats]:
        """Predictive mean and variance (n,) of each observation from the others (R&W 2006, eq.
        5.12), or of the ``newest`` ones (newest,), in O(newest²).
        """
        first = 0 if newest is None else len(self.points) - newest
        root = self.root[first:, first:]  # the rest of these columns is 0
        var = 1.0 / np.einsum("ij,ij->j", root, root)  # the inverse's diagonal
        return self.y[first:, 0] - self.alpha[first:, 0] * var, var


def by_covariances(d_mean: Floats, d_var: Floats, alpha: Floats, v: Floats) -> Floats:
    """Derivatives (..., B, n) of a number in the prior covariances of points with the data.

    From those in the moments, d/d mean (..., B, F) and d/d var (..., B), with ``alpha``
    (..., n, F) and the covariances times the inverse, ``v`` (..., B, n).
    """
    found: Floats = d_mean @ alpha.swapaxes(-1, -2) - (2.0 * d_var)[..., None] * v
    return found
