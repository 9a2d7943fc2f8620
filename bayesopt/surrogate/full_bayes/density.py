"""Densities over (0, inf), written for the logarithm of the variable, each with its PyMC twin."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Positive(ABC):
    """A density of a positive variable x, as a density of u = log x: the Jacobian is included."""

    @abstractmethod
    def log_density(self, u: Floats) -> tuple[float, Floats]:
        """Sum of log densities of independent u (k,), and its gradient (k,)."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draws (size,) of x."""

    @abstractmethod
    def pymc(self, name: str, **options: Any) -> Any:
        """The same as a PyMC variable of the model in whose context it is called."""


@dataclass(frozen=True, eq=False)
class LogNormal(Positive):
    """log x is normal with mean ``mu`` and standard deviation ``sigma``, numbers or arrays
    (k,).
    """

    mu: Floats | float
    sigma: Floats | float

    def log_density(self, u: Floats) -> tuple[float, Floats]:
        """Sum of log densities, and gradient."""
        z = (u - self.mu) / self.sigma
        constant = np.broadcast_to(np.log(self.sigma) + 0.5 * math.log(2.0 * math.pi), u.shape)
        return -0.5 * float(z @ z) - float(constant.sum()), np.asarray(-z / self.sigma)

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draws (size,)."""
        return np.asarray(np.exp(self.mu + self.sigma * rng.standard_normal(size)))

    def pymc(self, name: str, **options: Any) -> Any:
        """A ``pymc.LogNormal``."""
        import pymc

        return pymc.LogNormal(name, mu=_exact(self.mu), sigma=_exact(self.sigma), **options)


@dataclass(frozen=True)
class HalfCauchy(Positive):
    """p(x) = 2 / (π scale (1 + (x / scale)²))."""

    scale: float

    def log_density(self, u: Floats) -> tuple[float, Floats]:
        """Sum of log densities, and gradient; a hyperbolic secant in u."""
        v = u - math.log(self.scale)
        return len(u) * math.log(2.0 / math.pi) - float(np.logaddexp(-v, v).sum()), -np.tanh(v)

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draws (size,)."""
        return np.asarray(np.maximum(self.scale * np.abs(rng.standard_cauchy(size)), 1e-300))

    def pymc(self, name: str, **options: Any) -> Any:
        """A ``pymc.HalfCauchy``."""
        import pymc

        return pymc.HalfCauchy(name, beta=_exact(self.scale), **options)


@dataclass(frozen=True)
class Gamma(Positive):
    """p(x) ∝ x^(shape - 1) exp(-rate x)."""

    shape: float
    rate: float

    def log_density(self, u: Floats) -> tuple[float, Floats]:
        """Sum of log densities, and gradient."""
        scaled = self.rate * np.exp(np.minimum(u, 700.0))
        constant = self.shape * math.log(self.rate) - math.lgamma(self.shape)
        return float((self.shape * u - scaled).sum()) + len(u) * constant, self.shape - scaled

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draws (size,)."""
        return np.asarray(np.maximum(rng.gamma(self.shape, 1.0 / self.rate, size), 1e-300))

    def pymc(self, name: str, **options: Any) -> Any:
        """A ``pymc.Gamma``."""
        import pymc

        return pymc.Gamma(name, alpha=_exact(self.shape), beta=_exact(self.rate), **options)


def _exact(number: Floats | float) -> Floats:
    # PyTensor keeps a Python float such as 0.1 in single precision
    return np.asarray(number, dtype=np.float64)
