"""One Gaussian process per draw of the hyperparameters, extended as data come in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.full_bayes.stack import StackedPosterior
from bayesopt.surrogate.gp import GaussianProcess
from bayesopt.surrogate.hyperparameters import Hyperparameters
from bayesopt.surrogate.posterior import Component

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Roots:
    """The Gaussian processes at the time of the sampling; later data extend their factors.

    Attributes
    ----------
    draws : (s, t) log hyperparameters.
    coords, noise : (n, p) points and (n,) measured noise variances of that time.
    processes : one per draw that could be factorised.
    """

    draws: Floats
    coords: Floats
    noise: Floats
    processes: tuple[GaussianProcess, ...]

    @classmethod
    def factorise(
        cls, covariance: BoundCovariance, draws: Floats, coords: Floats, noise: Floats
    ) -> Roots:
        """Factorise the covariance of each draw (s, t).

        Raises
        ------
        NotPositiveDefinite : when none can be.
        """
        processes, failed = [], None
        for log_theta in draws:
            hyperparameters = Hyperparameters(covariance, np.array(log_theta))
            try:
                processes.append(
                    GaussianProcess.fit(hyperparameters, coords, np.zeros(len(coords)), noise)
                )
            except NotPositiveDefinite as error:
                failed = error
        if not processes:
            raise failed or ValueError("a mixture needs at least one draw")
        return cls(draws, coords, noise, tuple(processes))

    def serve(self, draws: Floats, coords: Floats, noise: Floats) -> bool:
        """Whether these are the roots for the given draws and data."""
        return (
            np.array_equal(self.draws, draws)
            and np.array_equal(self.coords, coords, equal_nan=True)
            and np.array_equal(self.noise, noise)
        )


@dataclass(frozen=True, eq=False)
class Mixture(StackedPosterior):
    """Equally weighted processes, one per draw, and the roots that they were extended from."""

    roots: Roots

    @classmethod
    def of(cls, roots: Roots, coords: Floats, z: Floats, noise: Floats) -> Mixture:
        """The posterior given z (n,) at coords (n, p), whose first points are those of
        ``roots``.
        """
        m = len(roots.coords)
        parts: list[Component] = []
        for process in roots.processes:
            gp = process
            if len(coords) > m:
                whole = noise[m:] + process.noise_variance
                gp = process.condition(coords[m:], z[m:, None], whole)
            parts.append(gp.with_values(z))
        return cls(tuple(parts), _equal(parts), roots)


def _equal(parts: Sequence[Component]) -> Floats:
    return np.full(len(parts), 1.0 / len(parts))
