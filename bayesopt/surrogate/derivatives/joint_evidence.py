"""The log evidence of values and derivatives, and its gradient in log hyperparameters."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.cholesky import regression
from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.derivatives.joint_model import JointModel, joint_vector
from bayesopt.surrogate.derivatives.rows import VALUE, Rows

Floats = NDArray[np.float64]


@dataclass(eq=False)
class JointEvidence:
    """Negative log evidence of fixed rows as a function of log hyperparameters.

    Parameters
    ----------
    bound : the covariance of values.
    rows : what was observed.
    """

    bound: BoundCovariance
    rows: Rows

    @cached_property
    def covariance(self) -> BoundCovariance:
        """The covariance, with the derivatives' noise in its vector."""
        return replace(self.bound, vector=joint_vector(self.bound))

    def __call__(self, log_theta: Floats) -> tuple[float, Floats]:
        """Negative log evidence and its gradient (t + g,).

        Raises
        ------
        NotPositiveDefinite : when the covariance has no Cholesky factor.
        """
        model, rows = JointModel(self.bound, log_theta), self.rows
        place = model.place(rows.coords)
        A = model.between(place, rows.pairs, place, rows.pairs)
        A.flat[:: len(A) + 1] += model.noise_of(rows)
        alpha, half_log_det, inverse = regression(A, rows.y)
        value = 0.5 * float(rows.y @ alpha) + half_log_det
        value += 0.5 * len(alpha) * math.log(2.0 * math.pi)
        W = np.ascontiguousarray(inverse)
        W -= np.outer(alpha, alpha)
        W *= 0.5  # Rasmussen & Williams 2006, eq. 5.9
        gradient = np.zeros_like(log_theta)
        model.by_theta(place, rows.pairs, W, gradient)
        self._by_noise(model, W.diagonal(), gradient)
        return value, gradient

    def _by_noise(self, model: JointModel, by_variance: Floats, out: Floats) -> None:
        values = self.rows.of == VALUE
        out[self.bound.vector.noise] += model.noise * by_variance[values].sum()
        size = self.bound.vector.size
        out[size:] += model.slope_noise * np.bincount(
            self.rows.of[~values], by_variance[~values], minlength=len(out) - size
        )
