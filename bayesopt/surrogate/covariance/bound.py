"""A covariance over given columns: the one way from a tree of terms to numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import one_of
from bayesopt.surrogate.covariance.base import Covariance
from bayesopt.surrogate.covariance.bind import Binder
from bayesopt.surrogate.covariance.factors import CompiledFactor
from bayesopt.surrogate.covariance.gram import Gram, gram
from bayesopt.surrogate.covariance.points import Points
from bayesopt.surrogate.covariance.summands import Summand
from bayesopt.surrogate.covariance.terms import FAMILIES, Categories, Radial
from bayesopt.surrogate.covariance.vector import HyperparameterVector
from bayesopt.surrogate.features import Columns

Floats = NDArray[np.float64]

ToPoints = Callable[[Floats], Floats]


def as_covariance(kernel: object) -> Covariance:
    """A tree, or the default one with the radial function of a name.

    Raises
    ------
    ValueError, TypeError : for an unknown name, or something else.
    """
    if isinstance(kernel, Covariance):
        return kernel
    hint = f"; write {kernel.__name__}(), an instance" if isinstance(kernel, type) else ""
    also = f" or a covariance, such as Radial() * Categories(){hint}"
    return Radial(one_of("kernel", kernel, FAMILIES, also=also)) * Categories()


@dataclass(frozen=True, eq=False)
class BoundCovariance:
    """A covariance over the columns of a space; make one with :func:`bind`.

    Attributes
    ----------
    tree, columns : what it was made of.
    summands : whose sum it is.
    vector : where θ holds each hyperparameter.
    """

    tree: Covariance
    columns: Columns
    summands: tuple[Summand, ...]
    vector: HyperparameterVector

    @cached_property
    def leader(self) -> CompiledFactor | None:
        """The compiled factor by whose lengthscales points are kept scaled, if any."""
        factor = self.summands[0].factors[0]
        return factor if isinstance(factor, CompiledFactor) and factor.leads else None

    def scale(self, theta: Floats) -> Floats:
        """(q,) what features are divided by."""
        if self.leader is None:
            return np.ones(len(self.columns.lengthscale_of))
        return self.leader.scale(theta)

    def at(self, log_theta: Floats) -> CovarianceAt:
        """The covariance at given log hyperparameters (t,)."""
        return CovarianceAt(self, np.exp(log_theta))

    def gram(self, coords: Floats) -> Gram:
        """The covariance of points (n, p) with themselves, as the hyperparameters vary."""
        return gram(self.summands, *self.columns.features(coords))


def bind(kernel: str | Covariance, columns: Columns) -> BoundCovariance:
    """A covariance over given columns."""
    if kernel not in columns.cache:
        tree = as_covariance(kernel)
        columns.cache[kernel] = BoundCovariance(tree, columns, *Binder(columns).bound(tree))
    known: BoundCovariance = columns.cache[kernel]
    return known


@dataclass(frozen=True, eq=False)
class CovarianceAt:
    """A covariance at given hyperparameters.

    Attributes
    ----------
    bound : the covariance.
    theta : (t,) hyperparameters, the noise among them.
    """

    bound: BoundCovariance
    theta: Floats

    @cached_property
    def scale(self) -> Floats:
        """(q,) what features are divided by."""
        return self.bound.scale(self.theta)

    @cached_property
    def outputscale(self) -> float:
        """The variance of the first summand."""
        return self.bound.summands[0].scale(self.theta)

    def points(self, coords: Floats, *, exact: bool = False) -> Points:
        """Coordinates (n, p) as the covariance takes them; ``exact`` keeps the features as they
        were before scaling.
        """
        features, codes = self.bound.columns.features(coords)
        return Points(features / self.scale, codes, self.scale, features if exact else None)

    def gram(self, coords: Floats, constant: float) -> tuple[Floats, Points]:
        """The covariance (n, n) of points with themselves plus a constant, of which only the lower
        triangle is used; and the points.
        """
        points = self.points(coords, exact=True)
        first, *others = self.bound.summands
        K = first.beside(self.theta, points, points, lower=True).K
        K += constant
        for summand in others:
            K += summand.beside(self.theta, points, points).K
        return K, points.rounded()

    def cross(self, a: Points, b: Points, constant: float = 0.0) -> tuple[Floats, ToPoints]:
        """Covariances (B, n) of points plus a constant, and the map of a number's derivatives (B,
        n) in these to those (B, q) in the features of ``a``.
        """
        first, *others = self.bound.summands
        values = first.beside(self.theta, a, b)
        K = values.K
        if constant:
            K += constant
        if not others:
            return K, values.by_points
        more = [summand.beside(self.theta, a, b) for summand in others]
        for other in more:
            K += other.K

        def by_points(G: Floats) -> Floats:
            total = values.by_points(G)
            for other in more:
                total += other.by_points(G)
            return total

        return K, by_points

    def variance(self, a: Points, constant: float = 0.0) -> Floats | float:
        """Prior variances (n,) of the points plus a constant; one number where all are equal."""
        known = self._variances.get(constant)
        if known is not None:
            return known
        first, *others = self.bound.summands
        k = first.diagonal(self.theta, a) + constant
        for summand in others:
            k = k + summand.diagonal(self.theta, a)
        if isinstance(k, float):  # the same for all points
            self._variances[constant] = k
        return k

    @cached_property
    def _variances(self) -> dict[float, float]:
        """One number for all points, by the constant that was added."""
        return {}
