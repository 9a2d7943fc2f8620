"""The posterior of a Gaussian process given values and derivatives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate import cholesky
from bayesopt.surrogate.derivatives.joint_model import JointModel
from bayesopt.surrogate.derivatives.parts import PointArrays
from bayesopt.surrogate.derivatives.rows import VALUE, Rows
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.gp import by_covariances
from bayesopt.surrogate.posterior import Component, Moments

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DerivativeProcess(Component):
    """Exact posterior given rows of both kinds (Rasmussen & Williams 2006, section 9.4).

    Attributes
    ----------
    model : the joint covariance.
    rows : the N numbers it is conditioned on; ``rows.y`` is that of the first column of ``y``.
    place : their points, as the kernels take them.
    root : (N, N) inverse of the lower Cholesky factor of their covariance.
    y, alpha : (N, F) numbers, and ``root.T @ root @ y``.
    """

    model: JointModel
    rows: Rows
    place: PointArrays
    root: Floats
    y: Floats
    alpha: Floats

    @classmethod
    def fit(cls, model: JointModel, rows: Rows) -> DerivativeProcess:
        """Condition on rows.

        Raises
        ------
        NotPositiveDefinite : when even a jitter of 1e-4 of the outputscale does not help.
        """
        place = model.place(rows.coords)
        K = model.between(place, rows.pairs, place, rows.pairs)
        lower = cholesky.factor(K, model.noise_of(rows), model.outputscale)
        root = cholesky.inverted(lower)
        y = rows.y[:, None]
        return cls(model, rows, place, root, y, cholesky.solve(root, y))

    @property
    def noise_variance(self) -> float:
        """Fitted variance of the values' noise."""
        return self.model.noise

    def predict(self, coords: Floats, *, slopes: bool = False) -> Moments:
        """Moments of the function at coordinates (B, p)."""
        place = self.model.place(coords)
        k = self._beside_data(place)
        w = cholesky.times(k, self.root, transposed=True)
        prior = self.model.outputscale + MEAN_VARIANCE
        var = np.maximum(prior - np.einsum("bn,bn->b", w, w), 1e-12 * prior)
        mean = k @ self.alpha
        if not slopes:
            return Moments(mean, var)
        v = cholesky.times(w, self.root)

        def pullback(d_mean: Floats, d_var: Floats) -> Floats:
            G = by_covariances(d_mean, d_var, self.alpha, v)
            g = self.model.by_points(place, self.place, self.rows.pairs, G)
            return self.model.bound.columns.pullback(coords, g)

        return Moments(mean, var, pullback)

    def mean(self, coords: Floats) -> Floats:
        """Posterior means (B, F) alone."""
        return np.asarray(self._beside_data(self.model.place(coords)) @ self.alpha)

    def predict_bound(self, coords: Floats) -> Moments:
        """Means, and as upper bounds of the variances those given the most correlated row."""
        k = self._beside_data(self.model.place(coords))
        prior = self.model.outputscale + MEAN_VARIANCE
        return Moments(k @ self.alpha, prior - (k * k / self._variances).max(axis=1))

    @cached_property
    def _variances(self) -> Floats:
        """(N,) prior variances of the rows, noise included."""
        prior = np.append(self.model.slope_variances, self.model.outputscale + MEAN_VARIANCE)
        return np.asarray(prior[self.rows.of] + self.model.noise_of(self.rows))

    def joint(self, coords: Floats) -> tuple[Floats, Floats]:
        """Joint mean (B, F) and covariance (B, B) of the function."""
        place = self.model.place(coords)
        k = self._beside_data(place)
        w = cholesky.times(k, self.root, transposed=True)
        return k @ self.alpha, self._among(place) - w @ w.T

    def condition(self, coords: Floats, y: Floats, noise: Floats) -> DerivativeProcess:
        """The posterior after also observing values y (q, F) at coordinates (q, p)."""
        place = self.model.place(coords)
        k = self._beside_data(place)
        scale = self.model.outputscale
        root = cholesky.extended(self.root, k, self._among(place), noise, scale)
        joined = (np.concatenate(pair) for pair in zip(self.place, place, strict=True))
        columns = max(y.shape[1], 1)
        old = self.y if self.y.shape[1] == columns else np.repeat(self.y[:, :1], columns, axis=1)
        numbers = np.concatenate([old, y])
        known = noise - self.model.noise
        return replace(
            self,
            rows=self.rows.with_values(coords, y[:, 0], known),
            place=PointArrays(*joined),
            root=root,
            y=numbers,
            alpha=cholesky.solve(root, numbers),
        )

    def leave_one_out(self) -> tuple[Floats, Floats]:
        """Predictive mean and variance of each value (n,) from all other rows."""
        values = self.rows.values
        var = 1.0 / np.einsum("ij,ij->j", self.root, self.root)[values]
        return self.y[values, 0] - self.alpha[values, 0] * var, var

    def leave_out(self, which: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Joint mean (m,) and covariance (m, m) of some rows' noise-free numbers from all other
        rows, in O(N m²).
        """
        part = self.root[:, which]
        cov = np.asarray(np.linalg.inv(part.T @ part), dtype=np.float64)
        mean = self.y[which, 0] - cov @ self.alpha[which, 0]
        return mean, cov - np.diag(self.model.noise_of(self.rows.some(which)))

    def slopes(self, rows: Rows) -> tuple[Floats, Floats]:
        """Joint mean (N,) and covariance (N, N) of other rows' noise-free numbers."""
        place = self.model.place(rows.coords)
        k = self.model.between(place, rows.pairs, self.place, self.rows.pairs)
        w = cholesky.times(k, self.root, transposed=True)
        prior = self.model.between(place, rows.pairs, place, rows.pairs)
        return (k @ self.alpha)[:, 0], prior - w @ w.T

    def _beside_data(self, place: PointArrays) -> Floats:
        return self.model.between(place, _values(len(place.features)), self.place, self.rows.pairs)

    def _among(self, place: PointArrays) -> Floats:
        values = _values(len(place.features))
        return self.model.between(place, values, place, values)


def _values(n: int) -> Integers:
    """The rows of n values at n points."""
    return np.column_stack([np.arange(n), np.full(n, VALUE)]).astype(np.int64)
