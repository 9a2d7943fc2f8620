"""Priors over the hyperparameters of a Gaussian process."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import instance, real

Floats = NDArray[np.float64]
_FAR = 700.0  # in log θ: beyond it θ is no float


@dataclass(frozen=True)
class NormalInLog:
    """A normal density in log θ with bounds: the form in which every MAP prior here enters.

    A log-normal *density over θ* with parameters (μ, σ) has its mode at exp(μ - σ²); taken over
    log θ with the Jacobian kept, it is this prior centred at ``exp(μ - σ²)``. Both conventions
    occur in the literature and they differ by a factor exp(σ²) in the centre: with σ = √3, twenty.

    Attributes
    ----------
    center : θ at the peak (> 0).
    sd : standard deviation in log θ (> 0).
    low, high : bounds on θ.
    """

    center: float
    sd: float
    low: float
    high: float

    def __post_init__(self) -> None:
        for name in ("center", "sd", "low", "high"):
            value = real(f"{name} of a prior", getattr(self, name), above=0.0)
            object.__setattr__(self, name, value)
        if not self.low <= self.center <= self.high:
            raise ValueError(
                "a prior needs 0 < low <= center <= high < inf; got "
                f"low={self.low}, center={self.center}, high={self.high}"
            )

    @classmethod
    def from_log_normal(cls, mu: float, sigma: float, *, low: float, high: float) -> NormalInLog:
        """The MAP form of a log-normal density over θ with parameters ``mu`` and ``sigma``."""
        mu, sigma = real("mu", mu, -_FAR, _FAR), real("sigma", sigma, 0.0, _FAR)
        low, high = real("low", low, above=0.0), real("high", high, above=0.0)
        return cls(min(max(math.exp(mu - sigma**2), low), high), sigma, low, high)


_LENGTHSCALE = NormalInLog.from_log_normal(math.sqrt(2.0), math.sqrt(3.0), low=0.025, high=100.0)


# of a parameter that one of several objectives' few values say nothing of, the lengthscale went to
# 40, and the model was sure of values that it did not know (benchmarks/MULTI_OBJECTIVE.md)
OF_SEVERAL = NormalInLog(0.25, 1.0, 0.025, 100.0)


@dataclass(frozen=True)
class Priors:
    """Priors of all hyperparameters, given the numbers of numeric and categorical columns.

    Attributes
    ----------
    lengthscale : of a numeric coordinate in [0, 1], for one dimension; its centre grows with
        the root of the dimension (Hvarfner, Hellsten & Nardi 2024: log-normal(√2 + ½ ln d, √3), as
        a density over ℓ).
    category_weight : -log of the correlation between two labels, for one dimension; its centre
        shrinks with the dimension, so that the prior correlation of two random points does not
        depend on it.
    outputscale : of standardised values.
    noise : variance of standardised values; weak on purpose, noise-free objectives are common.
    short_variance : of standardised values (see ``ShortScale``).
    short_lengthscale : in [0, 1], for one dimension; its centre grows as the trend's does.
    """

    lengthscale: NormalInLog = _LENGTHSCALE
    category_weight: NormalInLog = NormalInLog(2.0, 1.2, 1e-3, 20.0)
    outputscale: NormalInLog = NormalInLog(1.0, 1.0, 1e-3, 1e3)
    noise: NormalInLog = NormalInLog(math.exp(-8.0), 3.0, 1e-6, 1.0)
    short_variance: NormalInLog = NormalInLog(0.05, 2.0, 1e-6, 10.0)
    short_lengthscale: NormalInLog = NormalInLog(0.03, 0.5, 1e-3, 0.3)

    def __post_init__(self) -> None:
        for field in fields(self):
            instance(f"{field.name} of Priors", getattr(self, field.name), NormalInLog)

    def of(self, name: str) -> NormalInLog | None:
        """The prior of the hyperparameter of this name, if there is one here."""
        found = getattr(self, name, None)
        return found if isinstance(found, NormalInLog) else None


@dataclass(frozen=True, eq=False)
class LogPrior:
    """Independent truncated normals over log θ; all arrays (t,)."""

    center: Floats
    sd: Floats
    low: Floats
    high: Floats

    def cost(self, log_theta: Floats) -> tuple[float, Floats]:
        """Negative log density up to a constant, and its gradient (t,)."""
        z = (log_theta - self.center) / self.sd
        return 0.5 * float(z @ z), z / self.sd

    def draw(self, rng: np.random.Generator) -> Floats:
        """A start for the fit: a draw, clipped to the bounds."""
        # a standard deviation of √3 in log ℓ would put most starts where the likelihood is flat
        spread = np.minimum(self.sd, 1.0)
        return np.clip(
            self.center + spread * rng.standard_normal(len(self.center)), self.low, self.high
        )
