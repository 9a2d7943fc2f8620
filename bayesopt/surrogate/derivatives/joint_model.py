"""The joint covariance of values and derivatives at given hyperparameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import derivatives as kernels
from bayesopt.compiled import floats
from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.covariance.base import Hyperparameter
from bayesopt.surrogate.covariance.factors import CompiledFactor
from bayesopt.surrogate.covariance.vector import HyperparameterVector, Placed
from bayesopt.surrogate.derivatives.rows import VALUE, Rows
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.prior import NormalInLog

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# variance of the noise of a derivative, of standardised values per range of the parameter: from
# the exact to what says nothing
_NOISE = NormalInLog(1e-4, 3.0, 1e-6, 1e6)
_SMOOTH = (2, 3)  # Matérn-5/2 and the squared exponential have the derivatives


class PointArrays(NamedTuple):
    """Points as the model takes them: features (n, q) and codes (n, h)."""

    features: Floats
    codes: Integers


@dataclass(frozen=True, eq=False)
class Part:
    """A summand of the covariance at given hyperparameters.

    Attributes
    ----------
    factor : its one factor, compiled and smooth.
    variance : the place of its variance in θ; None is 1.
    theta : (t + g,) hyperparameters.
    """

    factor: CompiledFactor
    variance: slice | None
    theta: Floats

    @cached_property
    def outputscale(self) -> float:
        """Its prior variance."""
        return 1.0 if self.variance is None else float(self.theta[self.variance][0])

    @cached_property
    def scale(self) -> Floats:
        """(q,) lengthscales of the features."""
        return self.factor.scale(self.theta)

    @property
    def curvature(self) -> float:
        """The variance of a derivative in a feature of lengthscale 1, of a variance of 1."""
        return 5.0 / 3.0 if self.factor.family == _SMOOTH[0] else 1.0

    @cached_property
    def packed(self) -> Floats:
        """(1 + q + h,) the hyperparameters as the kernels take them."""
        weights = self.factor.label_weights(self.theta)
        return np.concatenate([[self.outputscale], 1.0 / self.scale, weights])

    def scaled(self, points: PointArrays) -> tuple[Floats, Integers]:
        """Points as the kernels take them."""
        return floats(points.features / self.scale), points.codes

    def by_theta(self, points: PointArrays, rows: Integers, W: Floats, out: Floats) -> None:
        """See :meth:`JointModel.by_theta`."""
        factor = self.factor
        scales, weights = np.empty(len(self.scale)), np.empty(points.codes.shape[1])
        total = kernels.by_hyperparameters(
            factor.family, *self.scaled(points), rows, self.packed, W, scales, weights
        )
        if self.variance is not None:
            out[self.variance] += total
        if factor.shared:
            out[factor.lengthscale] += scales.sum()
        else:
            subset = factor.subset
            out[factor.lengthscale] += np.bincount(
                subset.scale_of, scales, minlength=subset.n_numeric
            )
        if factor.weights is not None:
            out[factor.weights] += weights


def supports(bound: BoundCovariance) -> bool:
    """Whether the derivatives of a covariance are known: of compiled terms that are smooth."""
    return all(
        isinstance(s.single, CompiledFactor)
        and s.single.family in _SMOOTH
        and s.single.subset.whole
        for s in bound.summands
    )


def joint_vector(bound: BoundCovariance) -> HyperparameterVector:
    """The covariance's hyperparameters (t,), then the noise variance of the derivatives with
    respect to each of the g numeric columns.
    """
    t, g = bound.vector.size, len(bound.columns.numeric)
    noise = Hyperparameter("derivative_noise", _NOISE, per="numeric")
    return HyperparameterVector((*bound.vector.placed, Placed(noise, slice(t, t + g), g)))


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
        found = ((s.single, s.variance) for s in self.bound.summands)
        return tuple(
            Part(factor, variance, self.theta)
            for factor, variance in found
            if isinstance(factor, CompiledFactor)
        )

    @cached_property
    def outputscale(self) -> float:
        """Prior variance of the function, its mean apart."""
        return sum(part.outputscale for part in self.parts)

    @property
    def slope_variances(self) -> Floats:
        """(g,) prior variances of the derivatives."""
        g = len(self.bound.columns.numeric)
        each = (p.curvature * p.outputscale / p.scale[:g] ** 2 for p in self.parts)
        return np.asarray(sum(each))

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
            first, second = part.scaled(a), part.scaled(b)
            kernels.between(part.factor.family, *first, rows, *second, rows2, part.packed, K)
            total += K
        return total

    def by_points(self, a: PointArrays, b: PointArrays, rows: Integers, G: Floats) -> Floats:
        """From derivatives G (B, N) in the covariances of values at B points with rows, those (B,
        q) in the points' features.
        """
        total, out = np.zeros(a.features.shape), np.empty(a.features.shape)
        for part in self.parts:
            first, second = part.scaled(a), part.scaled(b)
            kernels.slopes(part.factor.family, *first, *second, rows, part.packed, floats(G), out)
            total += out / part.scale
        return total

    def by_theta(self, points: PointArrays, rows: Integers, W: Floats, out: Floats) -> None:
        """Add to ``out`` (t + g,) the derivatives in log θ of a number that depends on the rows'
        covariances, noise apart, from those in these, ``W`` (N, N).
        """
        for part in self.parts:
            part.by_theta(points, rows, W, out)
