"""The covariance of fixed points with themselves, evaluated again and again as θ varies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import covariance as kernels
from bayesopt.surrogate.covariance.factors import CompiledFactor, Values
from bayesopt.surrogate.covariance.points import Points
from bayesopt.surrogate.covariance.summands import Summand

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(eq=False)
class Slopes:
    """``A = inverse - alpha alpha^T``, which the gradient of the negative log evidence weighs the
    derivatives of the covariance with (Rasmussen & Williams 2006, eq. 5.9).

    Attributes
    ----------
    inverse : (n, n) of the covariance of the observations; the lower triangle.
    alpha : (n,) the inverse times the observations.
    """

    inverse: Floats
    alpha: Floats

    @cached_property
    def whole(self) -> Floats:
        """A (n, n), both triangles."""
        lower = np.tril(self.inverse)
        lower += np.tril(self.inverse, -1).T
        lower -= np.outer(self.alpha, self.alpha)
        return lower

    @cached_property
    def trace(self) -> float:
        """tr A; a kernel may have found it on its way."""
        return float(self.inverse.trace() - self.alpha @ self.alpha)


class Gram(ABC):
    """The covariance of n points with themselves, for one θ after another."""

    @abstractmethod
    def evaluate(self, theta: Floats, constant: float, out: Floats) -> None:
        """Write the lower triangle of the covariance, plus a constant, to ``out`` (n, n)."""

    @abstractmethod
    def add_gradient(self, slopes: Slopes, out: Floats) -> None:
        """Add the derivatives of the negative log evidence in log θ, at the last θ, to ``out``
        (t,), the noise's apart.
        """


def gram(summands: Sequence[Summand], features: Floats, codes: Integers) -> Gram:
    """The sum of summands at points of given features (n, q) and codes (n, h)."""
    if len(summands) > 1:
        return SumGram([gram([summand], features, codes) for summand in summands])
    (summand,) = summands
    factor = summand.factors[0]
    single = len(summand.factors) == 1 and summand.variance is not None
    if single and isinstance(factor, CompiledFactor):
        return CompiledGram(summand, factor, features, codes)
    return GeneralGram(summand, features, codes)


class SumGram(Gram):
    """Of a sum."""

    def __init__(self, parts: Sequence[Gram]) -> None:
        self._parts, self._work = parts, np.empty(0)

    def evaluate(self, theta: Floats, constant: float, out: Floats) -> None:
        """The constant is added once."""
        first, *others = self._parts
        first.evaluate(theta, constant, out)
        if self._work.shape != out.shape:
            self._work = np.empty_like(out)
        for part in others:
            part.evaluate(theta, 0.0, self._work)
            out += self._work

    def add_gradient(self, slopes: Slopes, out: Floats) -> None:
        """Each summand has hyperparameters of its own."""
        for part in self._parts:
            part.add_gradient(slopes, out)


class CompiledGram(Gram):
    """Of a summand of one compiled factor: work arrays of 2 n² numbers, used again and again."""

    def __init__(
        self, summand: Summand, factor: CompiledFactor, features: Floats, codes: Integers
    ) -> None:
        if not factor.subset.whole:
            features, codes = features[:, factor.subset.features], codes[:, factor.subset.codes]
        n = len(features)
        self._factor = factor
        self._features_t = np.ascontiguousarray(features.T)
        self._codes, self._codes_t = np.ascontiguousarray(codes), np.ascontiguousarray(codes.T)
        self._zt, self._z = np.empty_like(self._features_t), np.empty(features.shape)
        self._K, self._D = np.zeros((n, n)), np.zeros((n, n))
        self._weights = np.empty(0)
        assert summand.variance is not None  # see gram
        self._variance = summand.variance.start

    def evaluate(self, theta: Floats, constant: float, out: Floats) -> None:
        """Covariances and slopes, lower triangles."""
        factor = self._factor
        self._weights = factor.unrelated if factor.weights is None else theta[factor.weights]
        np.multiply(self._features_t, (1.0 / theta[factor.scales])[:, None], out=self._zt)
        np.copyto(self._z, self._zt.T)
        kernels.cross(
            factor.family,
            self._z,
            self._codes,
            self._zt,
            self._codes_t,
            self._weights,
            theta[self._variance],
            1,
            self._K,
            self._D,
        )
        np.add(self._K, constant, out=out)

    def add_gradient(self, slopes: Slopes, out: Floats) -> None:
        """In one pass over the lower triangle."""
        factor, totals = self._factor, np.empty(2 + len(self._codes_t))
        # W takes the place of D: each element is read before it is written
        W, zt = self._D, self._zt
        kernels.evidence_weights(
            slopes.inverse, slopes.alpha, self._K, self._D, self._codes_t, W, totals
        )
        # sum_ij W_ij (z_i - z_j)^2 = 2 (sum_i w_i z_i^2 - z^T W z) with w the row sums; d r2 / d
        # log l = -2 r2
        spread = (zt * zt) @ W.sum(axis=0) - np.einsum("fi,fi->f", zt, zt @ W)
        by_scale = -2.0 * spread
        slopes.trace = float(totals[1])
        out[self._variance] = 0.5 * totals[0]
        if factor.shared:
            out[factor.lengthscale] = by_scale.sum()
        else:
            g = factor.subset.n_numeric
            out[factor.lengthscale] = np.bincount(factor.subset.scale_of, by_scale, minlength=g)
        if factor.weights is not None:
            out[factor.weights] = -0.5 * self._weights * totals[2:]


class GeneralGram(Gram):
    """Of any other summand."""

    def __init__(self, summand: Summand, features: Floats, codes: Integers) -> None:
        self._summand, self._features, self._codes = summand, features, codes
        self._values: Values | None = None

    def evaluate(self, theta: Floats, constant: float, out: Floats) -> None:
        """Covariances, both triangles."""
        points = Points(self._features, self._codes, np.ones(self._features.shape[1]))
        self._values = self._summand.values(theta, points, points)
        np.add(self._values.K, constant, out=out)

    def add_gradient(self, slopes: Slopes, out: Floats) -> None:
        """By reverse differentiation."""
        assert self._values is not None  # evaluated before
        self._values.by_theta(0.5 * slopes.whole, out)
