"""Several Gaussian processes on the same data, evaluated at a few points in one pass.

Searches for the acquisition's maximum look at a handful of points at a time: there the calls cost
more than the arithmetic, and doing all draws at once saves most of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.covariance import CovarianceStack
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.gp import GaussianProcess, by_covariances
from bayesopt.surrogate.posterior import ComponentMoments, Posterior

Floats = NDArray[np.float64]

_SMALL = 300_000  # covariances (draws x points x data) up to which one pass pays


@dataclass(frozen=True, eq=False)
class Stack:
    """S processes that differ in their hyperparameters only; arrays have the draws first."""

    processes: Sequence[GaussianProcess]
    covariances: CovarianceStack

    @classmethod
    def of(cls, processes: Sequence[GaussianProcess]) -> Stack | None:
        """The processes together; None where their covariance cannot be evaluated so."""
        ats = [p.hyperparameters.at for p in processes]
        stack = CovarianceStack.of(ats, [p.points for p in processes])
        return None if stack is None else cls(processes, stack)

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats]:
        return (
            np.array([p.root for p in self.processes]),
            np.array([p.alpha for p in self.processes]),
        )

    def predict(self, coords: Floats) -> ComponentMoments:
        """Moments of every process at coordinates (B, p), with the pullback of their sum."""
        root, alpha = self._arrays
        k, by_points = self.covariances.cross(coords, MEAN_VARIANCE)
        half = k @ root.transpose(0, 2, 1)
        prior = (self.covariances.variances + MEAN_VARIANCE)[:, None]
        var = np.maximum(prior - np.einsum("sbn,sbn->sb", half, half), 1e-12 * prior)

        def pullback(d_mean: Floats, d_var: Floats) -> Floats:
            g = by_points(by_covariances(d_mean, d_var, alpha, half @ root))
            return self.covariances.columns.pullback(coords, g)

        return ComponentMoments(k @ alpha, var, pullback)


@dataclass(frozen=True, eq=False)
class StackedPosterior(Posterior):
    """A mixture of Gaussian processes on the same data, evaluated together."""

    @cached_property
    def _stack(self) -> Stack | None:
        processes = [c for c in self.components if isinstance(c, GaussianProcess)]
        if len(processes) < max(2, len(self.components)):
            return None
        return Stack.of(processes)

    def predict_each(self, coords: Floats, *, slopes: bool = False) -> ComponentMoments:
        """Moments of all components at coordinates (B, p)."""
        n = len(coords) * len(self.components)
        stack = self._stack
        if stack is None or n * len(stack.processes[0].points) > _SMALL:
            return super().predict_each(coords, slopes=slopes)
        return stack.predict(coords)

    def condition_on_pending(self, pending: Floats, normals: Floats) -> Posterior:
        """Fantasise the values of pending points (q, p), jointly; ``normals`` is (q, F)."""
        fantasised = super().condition_on_pending(pending, normals)
        return StackedPosterior(fantasised.components, fantasised.weights)
