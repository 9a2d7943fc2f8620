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

from bayesopt.compiled import covariance
from bayesopt.surrogate.evidence import MEAN_VARIANCE
from bayesopt.surrogate.features import Columns
from bayesopt.surrogate.gp import GaussianProcess
from bayesopt.surrogate.hyperparameters import FAMILIES
from bayesopt.surrogate.posterior import Each, Posterior

Floats = NDArray[np.float64]

_SMALL = 300_000  # covariances (draws x points x data) up to which one pass pays


@dataclass(frozen=True, eq=False)
class Stack:
    """S processes that differ in their hyperparameters only; arrays have the draws first."""

    columns: Columns
    family: str
    processes: Sequence[GaussianProcess]

    @cached_property
    def _arrays(self) -> tuple[Floats, ...]:
        hps = [p.hyperparameters for p in self.processes]
        features = self.columns.lengthscale_of
        return (
            np.array([p.z for p in self.processes]),
            np.array([p.root for p in self.processes]),
            np.array([p.alpha for p in self.processes]),
            np.array([1.0 / hp.lengthscales(self.columns)[features] for hp in hps]),
            np.array([hp.category_weights(self.columns) for hp in hps]),
            np.array([hp.outputscale for hp in hps]),
        )

    @cached_property
    def _transposed(self) -> tuple[Floats, NDArray[np.int64]]:
        z = self._arrays[0]
        codes = np.ascontiguousarray(self.processes[0].codes.T)
        return np.ascontiguousarray(z.transpose(0, 2, 1)), codes

    def predict(self, coords: Floats) -> Each:
        """Moments of every process at coordinates (B, p), with the pullback of their sum."""
        z, root, alpha, scale, weights, s2 = self._arrays
        zt, codes_t = self._transposed
        features, codes = self.columns.features(coords)
        at = features * scale[:, None, :]
        k, d = np.empty((2, len(z), len(coords), z.shape[1]))
        for s in range(len(z)):
            covariance.cross(
                FAMILIES[self.family],
                at[s],
                codes,
                zt[s],
                codes_t,
                weights[s],
                s2[s],
                0,
                k[s],
                d[s],
            )
        k += MEAN_VARIANCE
        half = k @ root.transpose(0, 2, 1)
        prior = (s2 + MEAN_VARIANCE)[:, None]
        var = np.maximum(prior - np.einsum("sbn,sbn->sb", half, half), 1e-12 * prior)

        def pullback(d_mean: Floats, d_var: Floats) -> Floats:
            # as for one process, then summed over the processes
            v = half @ root
            w = (d_mean @ alpha.transpose(0, 2, 1) - (2.0 * d_var)[:, :, None] * v) * d
            g = 2.0 * (at * w.sum(axis=2)[:, :, None] - w @ z)
            return self.columns.pullback(coords, np.einsum("sbq,sq->bq", g, scale))

        return Each(k @ alpha, var, pullback)


@dataclass(frozen=True, eq=False)
class StackedPosterior(Posterior):
    """A mixture of Gaussian processes on the same data, evaluated together."""

    @cached_property
    def _stack(self) -> Stack | None:
        processes = [c for c in self.components if isinstance(c, GaussianProcess)]
        if len(processes) < max(2, len(self.components)):
            return None
        first = processes[0]
        return Stack(first.columns, first.hyperparameters.family, processes)

    def predict_each(self, coords: Floats, *, slopes: bool = False) -> Each:
        """Moments of all components at coordinates (B, p)."""
        n = len(coords) * len(self.components)
        stack = self._stack
        if stack is None or n * len(stack.processes[0].z) > _SMALL:
            return super().predict_each(coords, slopes=slopes)
        return stack.predict(coords)

    def condition_on_pending(self, pending: Floats, normals: Floats) -> Posterior:
        """Fantasise the values of pending points (q, p), jointly; ``normals`` is (q, F)."""
        fantasised = super().condition_on_pending(pending, normals)
        return StackedPosterior(fantasised.components, fantasised.weights)
