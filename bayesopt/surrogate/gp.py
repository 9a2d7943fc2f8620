"""The exact Gaussian process at given hyperparameters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import covariance
from bayesopt.surrogate import triangles
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.hyperparameters import FAMILIES, Hyperparameters, Ripple
from bayesopt.surrogate.posterior import Component, Moments

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

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
    columns, hyperparameters : the model.
    z, codes : scaled features (n, q) and category codes (n, h) of the data.
    root : (n, n) inverse of the lower Cholesky factor of the covariance of the observations.
    y, alpha : (n, F) observations and ``root.T @ root @ y``.
    largest_noise : the largest noise variance of an observation.
    """

    columns: Columns
    hyperparameters: Hyperparameters
    z: Floats
    codes: Integers
    root: Floats
    y: Floats
    alpha: Floats
    largest_noise: float

    @classmethod
    def fit(
        cls,
        columns: Columns,
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
        features, codes = columns.features(coords)
        z = features / hyperparameters.lengthscales(columns)[columns.lengthscale_of]
        y = y.reshape(len(coords), -1)
        diagonal = np.full(len(z), hyperparameters.noise)
        if noise is not None:
            diagonal += noise
        gram = _gram(columns, hyperparameters, z, codes)
        ripple = hyperparameters.ripple(columns)
        if ripple is not None:
            gram += ripple.cross(features, codes, features, codes)[0]
        root = triangles.inverted(triangles.factor(gram, diagonal, hyperparameters.outputscale))
        alpha = triangles.solve(root, y)
        noisiest = float(diagonal.max())
        return cls(columns, hyperparameters, z, codes, root, y, alpha, noisiest)

    @property
    def noise_variance(self) -> float:
        """Fitted variance of the observation noise."""
        return self.hyperparameters.noise

    @property
    def _rows(self) -> int:
        """Points predicted at a time."""
        return max(_ROWS, _PART // max(len(self.z), 1))

    def predict(self, coords: Floats, *, slopes: bool = False) -> Moments:
        """Moments of the latent function at coordinates (B, p)."""
        rows = self._rows
        if slopes or len(coords) <= rows:
            return self._predict(coords, slopes)
        parts = [self._predict(coords[i : i + rows], False) for i in range(0, len(coords), rows)]
        return Moments(
            np.concatenate([m.mean for m in parts]), np.concatenate([m.var for m in parts])
        )

    def _predict(self, coords: Floats, slopes: bool) -> Moments:
        z, _, k, d, ripple_d = self._beside_data(coords)
        w = triangles.times(k, self.root, transposed=True)
        var = self._prior - np.einsum("bn,bn->b", w, w)
        np.maximum(var, 1e-12 * self._prior, out=var)
        mean = k @ self.alpha
        if not slopes:
            return Moments(mean, var)
        v = triangles.times(w, self.root)

        def pullback(d_mean: Floats, d_var: Floats) -> Floats:
            # d(score) = sum_i t_i d r2_i with t = (d_mean alpha^T - 2 d_var v) * slope; d r2 / d z
            # = 2 (z - z_i); the ripple's slopes are those in unscaled features
            by_k = d_mean @ self.alpha.T - (2.0 * d_var)[:, None] * v
            t = by_k * d
            g = 2.0 * (z * t.sum(axis=1)[:, None] - t @ self.z) / self._scale
            if ripple_d is not None:
                t = by_k * ripple_d
                u = z * self._scale
                g += 2.0 * (u * t.sum(axis=1)[:, None] - t @ self._features)
            return self.columns.pullback(coords, g)

        return Moments(mean, var, pullback)

    def _beside_data(
        self, coords: Floats
    ) -> tuple[Floats, Integers, Floats, Floats, Floats | None]:
        """Of B points scaled features, codes, and with the data prior covariances, the trend's
        slopes and the ripple's (B, n).
        """
        z, codes = self.columns.features(coords)
        z /= self._scale
        k, d = np.empty((len(z), len(self.z))), np.empty((len(z), len(self.z)))
        hp, data = self.hyperparameters, self._transposed
        family, weights = FAMILIES[hp.family], self._weights
        covariance.cross(family, z, codes, *data, weights, hp.outputscale, 0, k, d)
        k += MEAN_VARIANCE
        if self._ripple is None:
            return z, codes, k, d, None
        k2, d2 = self._ripple.cross(z * self._scale, codes, self._features, self.codes)
        k += k2
        return z, codes, k, d, d2

    @cached_property
    def _ripple(self) -> Ripple | None:
        return self.hyperparameters.ripple(self.columns)

    @cached_property
    def _prior(self) -> float:
        """Prior variance of a value."""
        ripple = self._ripple.variance if self._ripple is not None else 0.0
        return self.hyperparameters.outputscale + MEAN_VARIANCE + ripple

    @cached_property
    def _features(self) -> Floats:
        """(n, q) the data's features, unscaled."""
        return self.z * self._scale

    @cached_property
    def _scale(self) -> Floats:
        """(q,) the lengthscale of each feature."""
        return self.hyperparameters.lengthscales(self.columns)[self.columns.lengthscale_of]

    @cached_property
    def _weights(self) -> Floats:
        """(h,) the weights of the categories."""
        return np.ascontiguousarray(self.hyperparameters.category_weights(self.columns))

    @cached_property
    def _transposed(self) -> tuple[Floats, Integers]:
        """Features (q, n) and codes (h, n) of the data, as the kernels take them."""
        return np.ascontiguousarray(self.z.T), np.ascontiguousarray(self.codes.T)

    def mean(self, coords: Floats) -> Floats:
        """Posterior means (B, F) alone, in O(n) per point."""
        return np.concatenate([k @ self.alpha for k in self._covariances(coords)])

    def predict_bound(self, coords: Floats) -> Moments:
        """Means, and upper bounds of the variances, in O(n) per point.

        The bound is the variance given the one observation that is most correlated with the point:
        more data only lower it.
        """
        means, variances = [], []
        prior = self._prior
        for k in self._covariances(coords):
            means.append(k @ self.alpha)
            # the largest noise among the data keeps this a bound when noise differs between
            # observations
            variances.append(prior - k.max(axis=1) ** 2 / (prior + self.largest_noise))
        return Moments(np.concatenate(means), np.concatenate(variances))

    def _covariances(self, coords: Floats) -> Iterator[Floats]:
        """Prior covariances with the data, for a few coordinates at a time."""
        rows = self._rows
        for i in range(0, max(len(coords), 1), rows):
            yield self._beside_data(coords[i : i + rows])[2]

    def joint(self, coords: Floats) -> tuple[Floats, Floats]:
        """Joint mean (B, F) and covariance (B, B) of the latent function."""
        z, codes, k, _, _ = self._beside_data(coords)
        w = triangles.times(k, self.root, transposed=True)
        return k @ self.alpha, self._among(z, codes) - w @ w.T

    def _among(self, z: Floats, codes: Integers) -> Floats:
        """Prior covariances (B, B) of points."""
        prior, _ = _cross(self.columns, self.hyperparameters, z, codes, z, codes)
        if self._ripple is not None:
            features = z * self._scale
            prior += self._ripple.cross(features, codes, features, codes)[0]
        return prior + MEAN_VARIANCE

    def condition(self, coords: Floats, y: Floats, noise: Floats) -> GaussianProcess:
        """The posterior after also observing y (q, F) at coordinates (q, p), by extension in O(n²
        q).

        The Cholesky factor would get rows [W, C] with ``W = k root^T`` and ``C C^T = k(new, new) +
        noise - W W^T``; its inverse gets ``C^-1 [-W root, 1]``.
        """
        z, codes, k, _, _ = self._beside_data(coords)
        w = triangles.times(k, self.root, transposed=True)
        corner = triangles.inverted(
            triangles.factor(
                self._among(z, codes) - w @ w.T, noise, self.hyperparameters.outputscale
            )
        )
        n, q = len(self.z), len(z)
        root = np.empty((n + q, n + q))
        root[:n, :n], root[:n, n:] = self.root, 0.0
        root[n:, :n], root[n:, n:] = -corner @ triangles.times(w, self.root), corner
        columns = max(y.shape[1], 1)
        old = self.y if self.y.shape[1] == columns else np.repeat(self.y[:, :1], columns, axis=1)
        values = np.concatenate([old, y])
        return replace(
            self,
            z=np.concatenate([self.z, z]),
            codes=np.concatenate([self.codes, codes]),
            root=root,
            y=values,
            alpha=triangles.solve(root, values),
            largest_noise=max(self.largest_noise, float(np.max(noise))),
        )

    def with_values(self, y: Floats) -> GaussianProcess:
        """The same points with other observations y (n,) or (n, F), in O(n²)."""
        y = y.reshape(len(self.z), -1)
        return replace(self, y=y, alpha=triangles.solve(self.root, y))

    def leave_one_out(self, newest: int | None = None) -> tuple[Floats, Floats]:
        """Predictive mean and variance (n,) of each observation from the others (R&W 2006, eq.
        5.12), or of the ``newest`` ones (newest,), in O(newest²).
        """
        first = 0 if newest is None else len(self.z) - newest
        root = self.root[first:, first:]  # the rest of these columns is 0
        var = 1.0 / np.einsum("ij,ij->j", root, root)  # the inverse's diagonal
        return self.y[first:, 0] - self.alpha[first:, 0] * var, var


def _cross(
    columns: Columns,
    hp: Hyperparameters,
    z: Floats,
    codes: Integers,
    z2: Floats,
    codes2: Integers,
    *,
    lower: bool = False,
) -> tuple[Floats, Floats]:
    """Covariances and slopes (B, n); ``lower``: of one set of points, else 0 and undefined."""
    shape = len(z), len(z2)
    K, D = np.zeros(shape) if lower else np.empty(shape), np.empty(shape)
    zt, codes_t = np.ascontiguousarray(z2.T), np.ascontiguousarray(codes2.T)
    weights = np.ascontiguousarray(hp.category_weights(columns))
    family, only = FAMILIES[hp.family], int(lower)
    covariance.cross(family, z, codes, zt, codes_t, weights, hp.outputscale, only, K, D)
    return K, D


def _gram(columns: Columns, hp: Hyperparameters, z: Floats, codes: Integers) -> Floats:
    """Covariance (n, n) of the points with themselves; only the lower triangle counts."""
    K, _ = _cross(columns, hp, z, codes, z, codes, lower=True)
    K += MEAN_VARIANCE
    return K
