"""The hyperparameters of a Gaussian process, and the short-scaled term of its covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.compiled import covariance
from bayesopt.surrogate.features import Columns

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
FAMILIES = {"matern12": 0, "matern32": 1, "matern52": 2, "rbf": 3}


@dataclass(frozen=True)
class Ripple:
    """A second term of the covariance: structure on a scale far below that of the trend.

    Rugged objectives look like noise around a trend, but the same point has the same value and
    its close neighbours have similar ones. Taken for noise, they make the search measure the
    trend's minimum again and again; with this term the neighbourhood of a point is known once the
    point is. A Matern-5/2 covariance of one lengthscale; points whose labels differ in any
    category are uncorrelated. The nugget of geostatistics, with a scale.

    Attributes
    ----------
    variance : of standardised values.
    lengthscale : the same for all numeric coordinates, in the unit cube.
    """

    variance: float
    lengthscale: float

    def cross(
        self, features: Floats, codes: Integers, features2: Floats, codes2: Integers
    ) -> tuple[Floats, Floats]:
        """Covariances (B, n) of B points with n points, and their slopes in the squared distance
        of the features (unscaled).
        """
        K, D = np.empty((len(features), len(features2))), np.empty((len(features), len(features2)))
        z = np.ascontiguousarray(features / self.lengthscale)
        zt = np.ascontiguousarray(features2.T / self.lengthscale)
        codes_t = np.ascontiguousarray(codes2.T)
        weights = np.full(codes.shape[1], np.inf)
        covariance.cross(
            FAMILIES["matern52"], z, codes, zt, codes_t, weights, self.variance, 0, K, D
        )
        D /= self.lengthscale**2
        return K, D


@dataclass(frozen=True, eq=False)
class Hyperparameters:
    """Hyperparameters of one Gaussian process over standardised values.

    Attributes
    ----------
    log_theta : (2 + g + h,), logs of [outputscale, noise variance, lengthscales (g,), category
        weights (h,)]; two more, the ripple's variance and lengthscale, where there is one.
    family : name of the radial function.
    """

    log_theta: Floats
    family: str = "matern52"

    @property
    def outputscale(self) -> float:
        """Prior variance of the latent function, of its ripple apart."""
        return float(np.exp(self.log_theta[0]))

    @property
    def noise(self) -> float:
        """Variance of the observation noise."""
        return float(np.exp(self.log_theta[1]))

    def lengthscales(self, columns: Columns) -> Floats:
        """(g,) lengthscales of the numeric columns."""
        return np.exp(self.log_theta[2 : 2 + len(columns.numeric)])

    def category_weights(self, columns: Columns) -> Floats:
        """(h,) weights of the categorical columns: -log of the correlation of unequal labels."""
        return np.exp(self.log_theta[2 + len(columns.numeric) : columns.n_hyperparameters])

    def ripple(self, columns: Columns) -> Ripple | None:
        """The short-scaled term, if any."""
        rest = np.exp(self.log_theta[columns.n_hyperparameters :])
        return Ripple(float(rest[0]), float(rest[1])) if len(rest) else None
