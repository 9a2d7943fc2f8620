"""One covariance at several hyperparameters, evaluated at a few points in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import covariance as kernels
from bayesopt.surrogate.covariance.bound import CovarianceAt, ToPoints
from bayesopt.surrogate.covariance.factors import CompiledFactor, distance_slopes
from bayesopt.surrogate.covariance.points import Points
from bayesopt.surrogate.features import Columns

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CovarianceStack:
    """A covariance of one compiled summand at S hyperparameters, beside the same n points.

    Attributes
    ----------
    factor : the compiled factor.
    ats : the covariance at each of the hyperparameters.
    data : the points, scaled by each of the hyperparameters.
    """

    factor: CompiledFactor
    ats: Sequence[CovarianceAt]
    data: Sequence[Points]

    @classmethod
    def of(cls, ats: Sequence[CovarianceAt], data: Sequence[Points]) -> CovarianceStack | None:
        """The stack; None for any other covariance."""
        bound = ats[0].bound
        if bound.leader is None or len(bound.summands) > 1:
            return None
        return cls(bound.leader, ats, data)

    @property
    def columns(self) -> Columns:
        """Of the points."""
        return self.ats[0].bound.columns

    @cached_property
    def variances(self) -> Floats:
        """(S,)."""
        return np.array([at.outputscale for at in self.ats])

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        z = np.array([points.z for points in self.data])
        return (
            z,
            np.ascontiguousarray(z.transpose(0, 2, 1)),
            np.array([1.0 / self.factor.scale(at.theta) for at in self.ats]),
            np.array([self.factor.label_weights(at.theta) for at in self.ats]),
        )

    def cross(self, coords: Floats, constant: float) -> tuple[Floats, ToPoints]:
        """The covariances (S, B, n) of points (B, p) with the data plus a constant, and the map of
        derivatives (S, B, n) in these to those (B, q) in the features.
        """
        z, zt, scale, weights = self._arrays
        codes_t = self.data[0].transposed[1]
        features, codes = self.columns.features(coords)
        at = features * scale[:, None, :]
        k, d = np.empty((2, len(z), len(coords), z.shape[1]))
        family, variances = self.factor.family, self.variances
        for s in range(len(z)):
            kernels.cross(
                family, at[s], codes, zt[s], codes_t, weights[s], variances[s], 0, k[s], d[s]
            )
        k += constant

        def by_points(G: Floats) -> Floats:
            return np.asarray(np.einsum("sbq,sq->bq", distance_slopes(at, G * d, z), scale))

        return k, by_points
