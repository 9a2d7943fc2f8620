"""The hyperparameters of a Gaussian process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.covariance import BoundCovariance, CovarianceAt

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Hyperparameters:
    """Hyperparameters of one Gaussian process over standardised values.

    Attributes
    ----------
    covariance : over the columns of the space; its ``vector`` says what is where.
    log_theta : (t,) logs of the hyperparameters, the noise variance among them.
    """

    covariance: BoundCovariance
    log_theta: Floats

    @cached_property
    def at(self) -> CovarianceAt:
        """The covariance with these hyperparameters."""
        return self.covariance.at(self.log_theta)

    @cached_property
    def named(self) -> dict[str, Floats]:
        """Values by name."""
        return self.covariance.vector.named(self.log_theta)

    @property
    def outputscale(self) -> float:
        """Prior variance of the latent function, or of the first summand of its covariance."""
        return self.at.outputscale

    @property
    def noise(self) -> float:
        """Variance of the observation noise."""
        return float(self.at.theta[self.covariance.vector.noise])

    def further_noise(self, coords: Floats) -> Floats:
        """(n,) by how much the noise variance of observations at coordinates (n, p) differs from
        ``noise``: those of another task have one of their own.
        """
        covariance = self.covariance
        ratio_of = covariance.columns.noise_ratio_of(coords)
        if ratio_of is None:
            return np.zeros(len(coords))
        return np.asarray(covariance.vector.noise_of(self.at.theta, ratio_of) - self.noise)

    def noisier(self, factor: float) -> Hyperparameters:
        """The same with the noise variance multiplied."""
        log_theta = self.log_theta.copy()
        log_theta[self.covariance.vector.noise] += np.log(factor)
        return replace(self, log_theta=log_theta)
