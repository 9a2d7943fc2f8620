"""A process around a mean that is known: a weighted sum of other processes' means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.posterior import Component, Moments

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Earlier:
    """A process over some of a space's columns.

    Attributes
    ----------
    columns : (q,) of the space's p columns, those that it knows.
    process : over these.
    """

    columns: Integers
    process: Component

    def mean(self, coords: Floats) -> Floats:
        """Means (B,) at coordinates (B, p)."""
        return np.asarray(self.process.mean(coords[:, self.columns])[:, 0])

    def mean_with_pullback(self, coords: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
        """Means (B,), and from their weights (B,) in a sum to its gradient (B, p)."""
        moments = self.process.predict(coords[:, self.columns], slopes=True)

        def pullback(d_mean: Floats) -> Floats:
            gradient = np.zeros(coords.shape)
            if moments.pullback is not None:
                part = moments.pullback(d_mean[:, None], np.zeros(len(coords)))
                gradient[:, self.columns] = part
            return gradient

        return np.asarray(moments.mean[:, 0]), pullback


@dataclass(frozen=True, eq=False)
class Trend:
    """A weighted sum of the means of processes."""

    parts: tuple[tuple[Earlier, float], ...]

    def mean(self, coords: Floats) -> Floats:
        """Values (B,) at coordinates (B, p)."""
        return np.asarray(sum(w * e.mean(coords) for e, w in self.parts))

    def mean_with_pullback(self, coords: Floats) -> tuple[Floats, Callable[[Floats], Floats]]:
        """Values (B,), and from their weights (B,) in a sum to its gradient (B, p)."""
        each = [(w, *e.mean_with_pullback(coords)) for e, w in self.parts]

        def pullback(d_mean: Floats) -> Floats:
            return np.asarray(sum(back(w * d_mean) for w, _, back in each))

        return np.asarray(sum(w * mean for w, mean, _ in each)), pullback


@dataclass(frozen=True, eq=False)
class Trended(Component):
    """A process of what a trend leaves of the observations, its variances times ``scale``.

    A common factor of covariance and noise leaves a process's mean as it is.
    """

    process: Component
    trend: Trend
    scale: float

    @property
    def noise_variance(self) -> float:
        """Fitted variance of the observation noise."""
        return self.scale * self.process.noise_variance

    def predict(self, coords: Floats, *, slopes: bool = False) -> Moments:
        """Moments of the latent function at coordinates (B, p)."""
        moments = self.process.predict(coords, slopes=slopes)
        if not slopes:
            mean = moments.mean + self.trend.mean(coords)[:, None]
            return Moments(mean, self.scale * moments.var)
        trend, of_trend = self.trend.mean_with_pullback(coords)
        inner = moments.pullback

        def pullback(d_mean: Floats, d_var: Floats) -> Floats:
            assert inner is not None  # it was asked for
            return inner(d_mean, self.scale * d_var) + of_trend(d_mean.sum(axis=1))

        return Moments(moments.mean + trend[:, None], self.scale * moments.var, pullback)

    def mean(self, coords: Floats) -> Floats:
        """Posterior means (B, F) alone."""
        return np.asarray(self.process.mean(coords) + self.trend.mean(coords)[:, None])

    def predict_bound(self, coords: Floats) -> Moments:
        """Means and upper bounds of the variances."""
        moments = self.process.predict_bound(coords)
        mean = moments.mean + self.trend.mean(coords)[:, None]
        return Moments(mean, self.scale * moments.var)

    def joint(self, coords: Floats) -> tuple[Floats, Floats]:
        """Joint mean (B, F) and covariance (B, B) of the latent function."""
        mean, covariance = self.process.joint(coords)
        return mean + self.trend.mean(coords)[:, None], self.scale * covariance

    def condition(self, coords: Floats, y: Floats, noise: Floats) -> Trended:
        """The posterior after also observing y (q, F) at coordinates (q, p)."""
        left = y - self.trend.mean(coords)[:, None]
        process = self.process.condition(coords, left, noise / self.scale)
        return Trended(process, self.trend, self.scale)
