"""The joint covariance of values and derivatives at given hyperparameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import derivatives as kernels
from bayesopt.compiled import floats
from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.derivatives.rows import VALUE, Rows
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.prior import LogPrior, NormalInLog, Priors

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# variance of the noise of a derivative, of standardised values per range of the parameter: from
# the exact to what says nothing
_NOISE = NormalInLog(1e-4, 3.0, 1e-6, 1e6)
_SMOOTH = (2, 3)  # Matérn-5/2 and the squared exponential have the derivatives


class PointArrays(NamedTuple):
    """Points as the kernels take them: scaled features (n, q) and codes (n, h)."""

    z: Floats
    codes: Integers


def supports(bound: BoundCovariance) -> bool:
    """Whether the derivatives of a covariance are known: a single compiled term that is smooth."""
    (first, *others) = bound.summands
    leader = bound.leader
    return (
        not others and leader is not None and first.single is leader and leader.family in _SMOOTH
    )


def prior(bound: BoundCovariance, priors: Priors, *, deterministic: bool) -> LogPrior:
    """Over the covariance's hyperparameters, then one noise variance for each numeric column."""
    plain = bound.vector.prior(priors, deterministic=deterministic)
    g = len(bound.columns.numeric)

    def joined(theirs: Floats, own: float) -> Floats:
        return np.concatenate([theirs, np.full(g, own)])

    return LogPrior(
        joined(plain.center, math.log(_NOISE.center)),
        joined(plain.sd, _NOISE.sd),
        joined(plain.low, math.log(_NOISE.low)),
        joined(plain.high, math.log(_NOISE.high)),
    )


@dataclass(frozen=True, eq=False)
class JointModel:
    """Values and derivatives of a Gaussian process with given hyperparameters.

    Attributes
    ----------
    bound : the covariance of values; :func:`supports` it.
    log_theta : (t + g,) its hyperparameters, then the log noise variance of the derivatives with
        respect to each of the g numeric columns.
    """

    bound: BoundCovariance
    log_theta: Floats

    @cached_property
    def theta(self) -> Floats:
        """(t + g,)."""
        return np.exp(self.log_theta)

    @property
    def noise(self) -> float:
        """Variance of the values' noise."""
        return float(self.theta[self.bound.vector.noise])

    @property
    def slope_noise(self) -> Floats:
        """(g,) noise variance of the derivatives."""
        return self.theta[self.bound.vector.size :]

    @cached_property
    def outputscale(self) -> float:
        """Prior variance of the function, its mean apart."""
        return self.bound.summands[0].scale(self.theta)

    @cached_property
    def scale(self) -> Floats:
        """(q,) lengthscales of the features."""
        return self.bound.scale(self.theta)

    @property
    def slope_variances(self) -> Floats:
        """(g,) prior variances of the derivatives."""
        curvature = 5.0 / 3.0 if self._family == _SMOOTH[0] else 1.0
        return curvature * self.outputscale / self.scale[: len(self.bound.columns.numeric)] ** 2

    @cached_property
    def _packed(self) -> Floats:
        """(1 + q + h,) the hyperparameters as the kernels take them."""
        assert self.bound.leader is not None
        weights = self.bound.leader.label_weights(self.theta)
        return np.concatenate([[self.outputscale], 1.0 / self.scale, weights])

    @property
    def _family(self) -> int:
        assert self.bound.leader is not None
        return self.bound.leader.family

    def place(self, coords: Floats) -> PointArrays:
        """Points (n, p) as the kernels take them."""
        features, codes = self.bound.columns.features(coords)
        return PointArrays(floats(features / self.scale), codes)

    def noise_of(self, rows: Rows) -> Floats:
        """(N,) noise variance of each row."""
        fitted = np.append(self.slope_noise, self.noise)  # the last one is that of -1: a value
        return np.asarray(fitted[rows.of] + rows.noise)

    def between(self, a: PointArrays, rows: Integers, b: PointArrays, rows2: Integers) -> Floats:
        """Covariances (N, M) of rows (N, 2) at points ``a`` with rows (M, 2) at points ``b``,
        without noise.
        """
        K = np.empty((len(rows), len(rows2)))
        kernels.between(self._family, *a, rows, *b, rows2, self._packed, K)
        # the unknown mean is shared by all values, and no derivative knows of it
        K += MEAN_VARIANCE * np.outer(rows[:, 1] == VALUE, rows2[:, 1] == VALUE)
        return K

    def by_points(self, a: PointArrays, b: PointArrays, rows: Integers, G: Floats) -> Floats:
        """From derivatives G (B, N) in the covariances of values at B points with rows, those (B,
        q) in the points' features.
        """
        out = np.empty_like(a.z)
        kernels.slopes(self._family, *a, *b, rows, self._packed, floats(G), out)
        return np.asarray(out / self.scale)

    def by_theta(self, place: PointArrays, rows: Integers, W: Floats, out: Floats) -> None:
        """Add to ``out`` (t + g,) the derivatives in log θ of a number that depends on the rows'
        covariances, noise apart, from those in these, ``W`` (N, N).
        """
        leader, summand = self.bound.leader, self.bound.summands[0]
        assert leader is not None
        scales, weights = np.empty(len(self.scale)), np.empty(place.codes.shape[1])
        total = kernels.by_hyperparameters(
            self._family, *place, rows, self._packed, W, scales, weights
        )
        if summand.variance is not None:
            out[summand.variance] += total
        if leader.shared:
            out[leader.lengthscale] += scales.sum()
        else:
            subset = leader.subset
            out[leader.lengthscale] += np.bincount(
                subset.scale_of, scales, minlength=subset.n_numeric
            )
        if leader.weights is not None:
            out[leader.weights] += weights
