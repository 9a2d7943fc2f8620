"""Summands of the joint covariance of values and derivatives, at given hyperparameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import additive, derivatives, floats
from bayesopt.surrogate.covariance.factors import CompiledFactor, Subset
from bayesopt.surrogate.covariance.formula import Formula
from bayesopt.surrogate.covariance.summands import Summand
from bayesopt.surrogate.covariance.terms import FAMILIES, Additive

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_CURVATURES = {2: 5.0 / 3.0, 3: 1.0}  # of the families that have derivatives, see there


class PointArrays(NamedTuple):
    """Points as the model takes them: features (n, q) and codes (n, h)."""

    features: Floats
    codes: Integers


@dataclass(frozen=True, eq=False)
class Part(ABC):
    """A summand of the covariance.

    Attributes
    ----------
    variance : the place of its variance in θ; None is 1.
    theta : (t + g,) hyperparameters.
    """

    variance: slice | None
    theta: Floats

    @cached_property
    def outputscale(self) -> float:
        """Its prior variance."""
        return 1.0 if self.variance is None else float(self.theta[self.variance][0])

    @property
    @abstractmethod
    def slope_variances(self) -> Floats:
        """(q,) prior variances of the derivatives in the features."""

    @abstractmethod
    def between(
        self, a: PointArrays, rows: Integers, b: PointArrays, rows2: Integers, K: Floats
    ) -> None:
        """See :meth:`JointModel.between`: writes to ``K`` (N, M)."""

    @abstractmethod
    def by_points(self, a: PointArrays, b: PointArrays, rows: Integers, G: Floats) -> Floats:
        """See :meth:`JointModel.by_points`."""

    @abstractmethod
    def by_theta(self, points: PointArrays, rows: Integers, W: Floats, out: Floats) -> None:
        """See :meth:`JointModel.by_theta`."""


@dataclass(frozen=True, eq=False)
class RadialPart(Part):
    """A compiled, smooth factor of distances and labels."""

    factor: CompiledFactor

    @cached_property
    def scale(self) -> Floats:
        """(q,) lengthscales of the features."""
        return self.factor.scale(self.theta)

    @property
    def slope_variances(self) -> Floats:
        """By the radial function's curvature at 0."""
        return np.asarray(_CURVATURES[self.factor.family] * self.outputscale / self.scale**2)

    @cached_property
    def packed(self) -> Floats:
        """(1 + q + h,) the hyperparameters as the kernels take them."""
        weights = self.factor.label_weights(self.theta)
        return np.concatenate([[self.outputscale], 1.0 / self.scale, weights])

    def _scaled(self, points: PointArrays) -> tuple[Floats, Integers]:
        return floats(points.features / self.scale), points.codes

    def between(
        self, a: PointArrays, rows: Integers, b: PointArrays, rows2: Integers, K: Floats
    ) -> None:
        """By the kernels of :mod:`bayesopt_kernels.derivatives`."""
        first, second = self._scaled(a), self._scaled(b)
        derivatives.between(self.factor.family, *first, rows, *second, rows2, self.packed, K)

    def by_points(self, a: PointArrays, b: PointArrays, rows: Integers, G: Floats) -> Floats:
        """The same."""
        first, second, out = self._scaled(a), self._scaled(b), np.empty(a.features.shape)
        derivatives.slopes(self.factor.family, *first, *second, rows, self.packed, floats(G), out)
        return np.asarray(out / self.scale)

    def by_theta(self, points: PointArrays, rows: Integers, W: Floats, out: Floats) -> None:
        """The same."""
        factor = self.factor
        scales, weights = np.empty(len(self.scale)), np.empty(points.codes.shape[1])
        total = derivatives.by_hyperparameters(
            factor.family, *self._scaled(points), rows, self.packed, W, scales, weights
        )
        if self.variance is not None:
            out[self.variance] += total
        if factor.shared:
            out[factor.lengthscale] += scales.sum()
        else:
            out[factor.lengthscale] += _by_column(factor.subset, scales)
        if factor.weights is not None:
            out[factor.weights] += weights


@dataclass(frozen=True, eq=False)
class AdditivePart(Part):
    """A sum of functions of one feature each."""

    factor: Formula
    family: int

    @cached_property
    def scale(self) -> Floats:
        """(q,) lengthscales of the features."""
        own = self.theta[self.factor.places["additive_lengthscale"]]
        return np.asarray(own[self.factor.subset.scale_of])

    @cached_property
    def variances(self) -> Floats:
        """(q,) of the functions."""
        return np.full(len(self.scale), self.outputscale / len(self.scale))

    @property
    def slope_variances(self) -> Floats:
        """By each function's curvature at 0."""
        return np.asarray(_CURVATURES[self.family] * self.variances / self.scale**2)

    @cached_property
    def packed(self) -> Floats:
        """(2 q,) the hyperparameters as the kernels take them."""
        return np.concatenate([self.variances, 1.0 / self.scale])

    def _scaled(self, points: PointArrays) -> Floats:
        return floats(points.features / self.scale)

    def between(
        self, a: PointArrays, rows: Integers, b: PointArrays, rows2: Integers, K: Floats
    ) -> None:
        """By the kernels of :mod:`bayesopt_kernels.additive`."""
        first, second = self._scaled(a), self._scaled(b)
        additive.between(self.family, first, rows, second, rows2, self.packed, K)

    def by_points(self, a: PointArrays, b: PointArrays, rows: Integers, G: Floats) -> Floats:
        """The same."""
        first, second, out = self._scaled(a), self._scaled(b), np.empty(a.features.shape)
        additive.slopes(self.family, first, second, rows, self.packed, floats(G), out)
        return np.asarray(out / self.scale)

    def by_theta(self, points: PointArrays, rows: Integers, W: Floats, out: Floats) -> None:
        """The same."""
        variances, scales = np.empty((2, len(self.scale)))
        scaled = self._scaled(points)
        additive.by_hyperparameters(self.family, scaled, rows, self.packed, W, variances, scales)
        if self.variance is not None:
            out[self.variance] += variances.sum()
        place = self.factor.places["additive_lengthscale"]
        out[place] += _by_column(self.factor.subset, scales)


def _by_column(subset: Subset, by_feature: Floats) -> Floats:
    found = np.bincount(subset.scale_of, by_feature, minlength=subset.n_numeric)
    return np.asarray(found, dtype=np.float64)


def part_of(summand: Summand, theta: Floats, q: int) -> Part | None:
    """A summand over points of q features at hyperparameters; None where it has no derivatives."""
    factor = summand.single
    if isinstance(factor, CompiledFactor) and factor.family in _CURVATURES and factor.subset.whole:
        return RadialPart(summand.variance, theta, factor)
    if isinstance(factor, Formula) and type(factor.term) is Additive:
        family = FAMILIES[factor.term.family]
        if family in _CURVATURES and len(factor.subset.features) == q:
            return AdditivePart(summand.variance, theta, factor, family)
    return None
