"""Factors: what a term is over given columns, with values, and slopes by reverse differentiation.

From the derivatives G of any number with respect to the covariances K, a factor gives the
derivatives with respect to its hyperparameters and to its first points. Sums and products of
factors then need no rules of their own: a sum hands on G, a product G times the other factors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import covariance as kernels
from bayesopt.surrogate.covariance.points import Points

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Subset:
    """The features and codes that a factor reads.

    Attributes
    ----------
    features : (q,) positions among all features.
    codes : (h,) positions among all codes.
    scale_of : (q,) for each feature the position of its parameter among the subset's numeric ones.
    n_numeric : how many numeric parameters there are in the subset.
    whole : whether these are all features and codes.
    """

    features: Integers
    codes: Integers
    scale_of: Integers
    n_numeric: int
    whole: bool


class Values(ABC):
    """Covariances of B points with n others, and what follows from derivatives G (B, n) in them.

    Attributes
    ----------
    K : (B, n).
    """

    K: Floats

    @abstractmethod
    def by_points(self, G: Floats) -> Floats:
        """Derivatives (B, q) in the features of the first points."""

    @abstractmethod
    def by_theta(self, G: Floats, out: Floats) -> None:
        """Add the derivatives in log θ to ``out`` (t,), at the factor's places."""


class Factor(ABC):
    """A term, or a product of terms that is compiled as one, over given columns."""

    @abstractmethod
    def values(
        self, theta: Floats, a: Points, b: Points, variance: float, *, lower: bool = False
    ) -> Values:
        """At hyperparameters θ (t,), multiplied by ``variance``.

        ``lower``: the points are the same, and only the lower triangle of K is wanted.
        """

    @abstractmethod
    def diagonal(self, theta: Floats, a: Points) -> Floats | float:
        """Covariances (n,) of each point with itself, or one number where they are the same."""


def distance_slopes(z: Floats, t: Floats, z2: Floats) -> Floats:
    """Derivatives (..., B, q) in z of a number that depends on squared distances of B points z
    (..., B, q) from n points z2 (..., n, q), from its derivatives t (..., B, n) in these.
    """
    slopes: Floats = 2.0 * (z * t.sum(axis=-1)[..., None] - t @ z2)
    return slopes


@dataclass(frozen=True, eq=False)
class CompiledFactor(Factor):
    """A radial function of the numeric columns times a factor for unequal labels, in one kernel.

    Attributes
    ----------
    family : number of the radial function.
    subset : what it reads.
    lengthscale : place of one lengthscale per numeric column, or of one for all.
    weights : place of the category weights; None: unequal labels are uncorrelated.
    shared : whether one lengthscale is for all columns.
    leads : whether the points are kept scaled by these lengthscales.
    """

    family: int
    subset: Subset
    lengthscale: slice
    weights: slice | None
    shared: bool
    leads: bool

    @cached_property
    def scales(self) -> Integers:
        """(q,) the place of each feature's lengthscale in θ."""
        if self.shared:
            return np.full(len(self.subset.features), self.lengthscale.start)
        return np.asarray(self.lengthscale.start + self.subset.scale_of)

    def scale(self, theta: Floats) -> Floats:
        """(q,) the lengthscale of each feature."""
        return np.asarray(theta[self.scales])

    def label_weights(self, theta: Floats) -> Floats:
        """(h,) the weight of each categorical column; infinite: unequal labels are
        uncorrelated.
        """
        return self.unrelated if self.weights is None else theta[self.weights]

    @cached_property
    def unrelated(self) -> Floats:
        """(h,) the weights of labels that are uncorrelated where they differ."""
        return np.full(len(self.subset.codes), np.inf)

    def values(
        self, theta: Floats, a: Points, b: Points, variance: float, *, lower: bool = False
    ) -> CompiledValues:
        """By the kernel ``cross``."""
        z, codes = (a.z, a.codes) if self.leads else self._first(theta, a)
        zt, codes_t = b.transposed if self.leads else self._last(theta, b)
        shape = len(a.z), len(b.z)
        K, D = np.zeros(shape) if lower else np.empty(shape), np.empty(shape)
        weights = self.label_weights(theta)
        kernels.cross(self.family, z, codes, zt, codes_t, weights, variance, int(lower), K, D)
        return CompiledValues(self, theta, a, b, K, D)

    def diagonal(self, theta: Floats, a: Points) -> float:
        """1."""
        return 1.0

    def _first(self, theta: Floats, a: Points) -> tuple[Floats, Integers]:
        if self.leads:
            return a.z, a.codes
        return a.cached(self, lambda: self._scaled(theta, a))  # type: ignore[no-any-return]

    def _last(self, theta: Floats, b: Points) -> tuple[Floats, Integers]:
        def make() -> tuple[Floats, Integers]:
            z, codes = self._first(theta, b)
            return np.ascontiguousarray(z.T), np.ascontiguousarray(codes.T)

        return b.cached((self, "last"), make)  # type: ignore[no-any-return]

    def _scaled(self, theta: Floats, a: Points) -> tuple[Floats, Integers]:
        by = float(theta[self.lengthscale][0]) if self.shared else self.scale(theta)
        if self.subset.whole:
            return a.features / by, a.codes
        z = a.features[:, self.subset.features] / by
        return np.ascontiguousarray(z), np.ascontiguousarray(a.codes[:, self.subset.codes])


@dataclass(eq=False)  # not frozen: made at each prediction, and a frozen one takes longer
class CompiledValues(Values):
    """Covariances and slopes ``D`` (B, n) in the squared scaled distance."""

    factor: CompiledFactor
    theta: Floats
    a: Points
    b: Points
    K: Floats
    D: Floats

    def by_points(self, G: Floats) -> Floats:
        """By the slopes in the squared distances."""
        f = self.factor
        if f.leads:
            out = distance_slopes(self.a.z, G * self.D, self.b.z)
            out /= self.a.scale
            return out
        if f.shared and f.subset.whole:
            return distance_slopes(self.a.features, G * self._unscaled, self.b.features)
        z, z2 = f._first(self.theta, self.a)[0], f._first(self.theta, self.b)[0]
        found = distance_slopes(z, G * self.D, z2) / f.scale(self.theta)
        out = np.zeros(self.a.z.shape)
        out[:, f.subset.features] = found
        return out

    @cached_property
    def _unscaled(self) -> Floats:
        """Slopes in the squared distance of the features."""
        return np.asarray(self.D / float(self.theta[self.factor.lengthscale][0]) ** 2)

    def by_theta(self, G: Floats, out: Floats) -> None:
        """d r2 / d log ℓ = -2 r2, and d K / d log c = -c K where labels differ."""
        f, theta = self.factor, self.theta
        z, codes = f._first(theta, self.a)
        z2, codes2 = f._first(theta, self.b)
        T = G * self.D
        squares = T.sum(axis=1) @ (z * z) + T.sum(axis=0) @ (z2 * z2)
        by_scale = -2.0 * (squares - 2.0 * np.einsum("bf,bf->f", z, T @ z2))
        if f.shared:
            out[f.lengthscale] += by_scale.sum()
        else:
            out[f.lengthscale] += np.bincount(
                f.subset.scale_of, by_scale, minlength=f.subset.n_numeric
            )
        if f.weights is not None:
            weighed = G * self.K
            for h, weight in enumerate(f.label_weights(theta)):
                differ = codes[:, h, None] != codes2[:, h]
                out[f.weights.start + h] -= weight * weighed[differ].sum()
