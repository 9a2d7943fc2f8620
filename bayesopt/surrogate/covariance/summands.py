"""Sums of products of factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.covariance.factors import Factor, Values
from bayesopt.surrogate.covariance.points import Points

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Summand(Factor):
    """A variance times a product of factors.

    Attributes
    ----------
    variance : its place in θ; None is 1.
    factors : at least one.
    """

    variance: slice | None
    factors: tuple[Factor, ...]

    @cached_property
    def single(self) -> Factor | None:
        """The factor, where there is only one."""
        return self.factors[0] if len(self.factors) == 1 else None

    def scale(self, theta: Floats) -> float:
        """The variance."""
        return 1.0 if self.variance is None else float(theta[self.variance][0])

    def values(
        self, theta: Floats, a: Points, b: Points, variance: float = 1.0, *, lower: bool = False
    ) -> Values:
        """The product, with the variance in its first factor."""
        scale = variance * self.scale(theta)
        first, *others = self.factors
        parts = [first.values(theta, a, b, scale, lower=lower)]
        parts += [f.values(theta, a, b, 1.0, lower=lower) for f in others]
        return ProductValues(self, parts)

    def beside(self, theta: Floats, a: Points, b: Points, *, lower: bool = False) -> Values:
        """The same for predictions, which do not ask for ``by_theta``."""
        if self.single is not None:
            return self.single.values(theta, a, b, self.scale(theta), lower=lower)
        return self.values(theta, a, b, lower=lower)

    def diagonal(self, theta: Floats, a: Points) -> Floats | float:
        """The product of the factors'."""
        k: Floats | float = self.scale(theta)
        for factor in self.factors:
            k = k * factor.diagonal(theta, a)
        return k


class ProductValues(Values):
    """The values of a product of factors."""

    def __init__(self, summand: Summand, parts: Sequence[Values]) -> None:
        self._summand, self._parts = summand, parts
        self.K = parts[0].K
        for part in parts[1:]:
            self.K = self.K * part.K

    def by_points(self, G: Floats) -> Floats:
        """Each factor's, with the others in its weights."""
        if len(self._parts) == 1:
            return self._parts[0].by_points(G)
        total: Floats | float = 0.0
        for part, weights in zip(self._parts, self._weights(G), strict=True):
            total = total + part.by_points(weights)
        return np.asarray(total)

    def by_theta(self, G: Floats, out: Floats) -> None:
        """d K / d log variance is K."""
        if self._summand.variance is not None:
            out[self._summand.variance] += (G * self.K).sum()
        for part, weights in zip(self._parts, self._weights(G), strict=True):
            part.by_theta(weights, out)

    def _weights(self, G: Floats) -> list[Floats]:
        """G times all other factors, for each factor; nothing is divided by what may be 0."""
        weights = []
        for i in range(len(self._parts)):
            w = G
            for j, part in enumerate(self._parts):
                w = w if i == j else w * part.K
            weights.append(w)
        return weights


@dataclass(frozen=True, eq=False)
class NestedSum(Factor):
    """A sum as a factor of a product."""

    summands: tuple[Summand, ...]

    def values(
        self, theta: Floats, a: Points, b: Points, variance: float, *, lower: bool = False
    ) -> Values:
        """The sum."""
        return SumValues([s.values(theta, a, b, variance, lower=lower) for s in self.summands])

    def diagonal(self, theta: Floats, a: Points) -> Floats | float:
        """The sum of the summands'."""
        first, *others = self.summands
        k = first.diagonal(theta, a)
        for summand in others:
            k = k + summand.diagonal(theta, a)
        return k


class SumValues(Values):
    """The values of a sum, to the first of which a constant may be added."""

    def __init__(self, parts: Sequence[Values], constant: float = 0.0) -> None:
        self._parts = parts
        first, *others = parts
        self.K = first.K
        if constant:
            self.K = self.K + constant
        for part in others:
            self.K = self.K + part.K

    def by_points(self, G: Floats) -> Floats:
        """The sum of the summands'."""
        first, *others = self._parts
        total = first.by_points(G)
        for part in others:
            total += part.by_points(G)
        return total

    def by_theta(self, G: Floats, out: Floats) -> None:
        """Each summand has hyperparameters of its own."""
        for part in self._parts:
            part.by_theta(G, out)
