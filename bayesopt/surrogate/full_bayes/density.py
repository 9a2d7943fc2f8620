"""Densities over (0, inf), written for the logarithm of the variable, each with its PyMC twin."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Positive(ABC):
    """A density of positive variables x, as a density of u = log x: the Jacobian is included.

    Parameters of a density are numbers, or arrays (k,) for k independent variables.
    """

    @abstractmethod
    def log_density(self, u: Floats) -> tuple[float, Floats]:
        """Sum of log densities of independent u (k,), and its gradient (k,)."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draws (size,) of x."""

    @abstractmethod
    def pymc(self, name: str, **options: Any) -> Any:
        """The same as a PyMC variable of the model in whose context it is called."""

    @abstractmethod
    def repeated(self, size: int) -> tuple[Floats, ...]:
        """Each parameter as an array (size,), in the order of the constructor."""


@dataclass(frozen=True, eq=False)
class LogNormalDensity(Positive):
    """log x is normal with mean ``mu`` and standard deviation ``sigma``."""

    mu: Floats | float
    sigma: Floats | float

    @cached_property
    def _constant(self) -> Floats:
        return np.asarray(np.log(self.sigma) + 0.5 * math.log(2.0 * math.pi))

    def log_density(self, u: Floats) -> tuple[float, Floats]:
        """Sum of log densities, and gradient."""
        z = (u - self.mu) / self.sigma
        return -0.5 * float(z @ z) - _total(self._constant, len(u)), np.asarray(-z / self.sigma)

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draws (size,)."""
        return np.asarray(np.exp(self.mu + self.sigma * rng.standard_normal(size)))

    def pymc(self, name: str, **options: Any) -> Any:
        """A ``pymc.LogNormal``."""
        import pymc

        return pymc.LogNormal(name, mu=_exact(self.mu), sigma=_exact(self.sigma), **options)

    def repeated(self, size: int) -> tuple[Floats, ...]:
        """Mean and standard deviation."""
        return np.broadcast_to(self.mu, size), np.broadcast_to(self.sigma, size)


@dataclass(frozen=True, eq=False)
class HalfCauchy(Positive):
    """p(x) = 2 / (π scale (1 + (x / scale)²))."""

    scale: Floats | float

    @cached_property
    def _log_scale(self) -> Floats:
        return np.asarray(np.log(self.scale))

    def log_density(self, u: Floats) -> tuple[float, Floats]:
        """Sum of log densities, and gradient; a hyperbolic secant in u."""
        v = u - self._log_scale
        return len(u) * math.log(2.0 / math.pi) - float(np.logaddexp(-v, v).sum()), -np.tanh(v)

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draws (size,)."""
        return np.asarray(np.maximum(self.scale * np.abs(rng.standard_cauchy(size)), 1e-300))

    def pymc(self, name: str, **options: Any) -> Any:
        """A ``pymc.HalfCauchy``."""
        import pymc

        return pymc.HalfCauchy(name, beta=_exact(self.scale), **options)

    def repeated(self, size: int) -> tuple[Floats, ...]:
        """The scale."""
        return (np.broadcast_to(self.scale, size),)


@dataclass(frozen=True, eq=False)
class Gamma(Positive):
    """p(x) ∝ x^(shape - 1) exp(-rate x)."""

    shape: Floats | float
    rate: Floats | float

    @cached_property
    def _constant(self) -> Floats:
        shape, rate = np.atleast_1d(self.shape), np.atleast_1d(self.rate)
        return np.asarray(shape * np.log(rate) - np.array([math.lgamma(a) for a in shape]))

    def log_density(self, u: Floats) -> tuple[float, Floats]:
        """Sum of log densities, and gradient."""
        scaled = self.rate * np.exp(np.minimum(u, 700.0))
        value = float((self.shape * u - scaled).sum()) + _total(self._constant, len(u))
        return value, self.shape - scaled

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """Draws (size,)."""
        return np.asarray(
            np.maximum(rng.gamma(self.shape, 1.0 / np.asarray(self.rate), size), 1e-300)
        )

    def pymc(self, name: str, **options: Any) -> Any:
        """A ``pymc.Gamma``."""
        import pymc

        return pymc.Gamma(name, alpha=_exact(self.shape), beta=_exact(self.rate), **options)

    def repeated(self, size: int) -> tuple[Floats, ...]:
        """Shape and rate."""
        return np.broadcast_to(self.shape, size), np.broadcast_to(self.rate, size)


def joined(parts: Sequence[tuple[Positive, int]]) -> Positive:
    """Densities of one family and their sizes as one density of all their variables in a row."""
    family = type(parts[0][0])
    columns = zip(*(density.repeated(size) for density, size in parts), strict=True)
    return family(*(np.concatenate(column) for column in columns))


def _total(constant: Floats, size: int) -> float:
    return float(constant.sum()) * (size if constant.size == 1 else 1)


def _exact(number: Floats | float) -> Floats:
    # PyTensor keeps a Python float such as 0.1 in single precision
    return np.asarray(number, dtype=np.float64)
