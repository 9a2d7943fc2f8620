"""The joint covariance of values and derivatives at given hyperparameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.covariance.base import Hyperparameter
from bayesopt.surrogate.covariance.vector import HyperparameterVector, Placed
from bayesopt.surrogate.derivatives.parts import Part, PointArrays, part_of
from bayesopt.surrogate.derivatives.rows import VALUE, Rows
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.prior import NormalInLog

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# variance of the noise of a derivative, of standardised values per range of the parameter: from
# the exact to what says nothing
_NOISE = NormalInLog(1e-4, 3.0, 1e-6, 1e6)


def supports(bound: BoundCovariance) -> bool:
    """Whether the derivatives of a covariance are known: of smooth terms of all columns."""
    q, none = len(bound.columns.lengthscale_of), np.empty(0)
    return all(part_of(s, none, q) is not None for s in bound.summands)


def joint_vector(bound: BoundCovariance) -> HyperparameterVector:
    """The covariance's hyperparameters (t,), then the noise variance of the derivatives with
    respect to each of the g numeric columns.
    """
    t, g = bound.vector.size, len(bound.columns.numeric)
    noise = Hyperparameter("derivative_noise", _NOISE, per="numeric")
    placed = Placed(noise, slice(t, t + g), np.full(g, float(g)))
    return HyperparameterVector((*bound.vector.placed, placed))


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
    def parts(self) -> tuple[Part, ...]:
        """The summands."""
        q = len(self.bound.columns.lengthscale_of)
        found = (part_of(s, self.theta, q) for s in self.bound.summands)
        return tuple(part for part in found if part is not None)

    @cached_property
    def outputscale(self) -> float:
        """Prior variance of the function, its mean apart."""
        return sum(part.outputscale for part in self.parts)

    @property
    def slope_variances(self) -> Floats:
        """(g,) prior variances of the derivatives."""
        g = len(self.bound.columns.numeric)
        return np.asarray(sum(part.slope_variances[:g] for part in self.parts))

    def place(self, coords: Floats) -> PointArrays:
        """Points (n, p) as the model takes them."""
        return PointArrays(*self.bound.columns.features(coords))

    def noise_of(self, rows: Rows) -> Floats:
        """(N,) noise variance of each row."""
        fitted = np.append(self.slope_noise, self.noise)  # the last one is that of -1: a value
        return np.asarray(fitted[rows.of] + rows.noise)

    def between(self, a: PointArrays, rows: Integers, b: PointArrays, rows2: Integers) -> Floats:
        """Covariances (N, M) of rows (N, 2) at points ``a`` with rows (M, 2) at points ``b``,
        without noise.
        """
        # the unknown mean is shared by all values, and no derivative knows of it
        total = MEAN_VARIANCE * np.outer(rows[:, 1] == VALUE, rows2[:, 1] == VALUE)
        K = np.empty((len(rows), len(rows2)))
        for part in self.parts:
            part.between(a, rows, b, rows2, K)
            total += K
        return total

    def by_points(self, a: PointArrays, b: PointArrays, rows: Integers, G: Floats) -> Floats:
        """From derivatives G (B, N) in the covariances of values at B points with rows, those (B,
        q) in the points' features.
        """
        total = np.zeros(a.features.shape)
        for part in self.parts:
            total += part.by_points(a, b, rows, G)
        return total

    def by_theta(self, points: PointArrays, rows: Integers, W: Floats, out: Floats) -> None:
        """Add to ``out`` (t + g,) the derivatives in log θ of a number that depends on the rows'
        covariances, noise apart, from those in these, ``W`` (N, N).
        """
        for part in self.parts:
            part.by_theta(points, rows, W, out)
