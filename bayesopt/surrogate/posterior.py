"""What every surrogate returns: a posterior over the latent function, in standardised units.

An acquisition needs three things of a posterior: moments at a batch of points, the gradient of any
function of those moments (a pullback), and joint moments for fantasies and sampling. A posterior
may be a weighted mixture of components (draws of the hyperparameters); MAP is a mixture of one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pullback = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True, eq=False)
class Moments:
    """Posterior moments of the latent function at B points.

    Attributes
    ----------
    mean : (B, F), one column per fantasy (F = 1 without pending points).
    var : (B,), >= 0; the same for all fantasies.
    pullback : from d/d mean (B, F) and d/d var (B,) of a sum over points to its gradient (B,
        p) in the coordinates, or None when it was not asked for or cannot be had.
    """

    mean: Floats
    var: Floats
    pullback: Pullback | None = None


@dataclass(frozen=True, eq=False)
class ComponentMoments:
    """Posterior moments of S components at B points.

    Attributes
    ----------
    mean : S arrays (B, F), or one (S, B, F).
    var : S arrays (B,), or one (S, B).
    pullback : from d/d mean (S, B, F) and d/d var (S, B) of a sum over components and points to
        its gradient (B, p) in the coordinates.
    """

    mean: Sequence[Floats] | Floats
    var: Sequence[Floats] | Floats
    pullback: Pullback

    @classmethod
    def of(cls, moments: Sequence[Moments]) -> ComponentMoments:
        """The moments of single components, side by side."""

        def pullback(d_mean: Floats, d_var: Floats) -> Floats:
            total: Floats | float = 0.0
            for m, by_mean, by_var in zip(moments, d_mean, d_var, strict=True):
                if m.pullback is None:
                    raise TypeError(
                        "this posterior has no gradients: its predict(..., slopes=True) must "
                        "return a pullback"
                    )
                total = total + m.pullback(by_mean, by_var)
            return np.asarray(total)

        if len(moments) == 1:  # nearly always
            return cls((moments[0].mean,), (moments[0].var,), pullback)
        return cls([m.mean for m in moments], [m.var for m in moments], pullback)


class Component(ABC):
    """A posterior at given hyperparameters."""

    @abstractmethod
    def predict(self, coords: Floats, *, slopes: bool = False) -> Moments:
        """Moments at coordinates (B, p); ``slopes`` asks for the pullback."""

    def mean(self, coords: Floats) -> Floats:
        """Posterior means (B, F) alone."""
        return self.predict(coords).mean

    def predict_bound(self, coords: Floats) -> Moments:
        """Means and upper bounds of the variances: for screening, where the exact variance is
        expensive.
        """
        return self.predict(coords)

    @abstractmethod
    def joint(self, coords: Floats) -> tuple[Floats, Floats]:
        """Joint mean (B, F) and covariance (B, B) of the latent function."""

    @abstractmethod
    def condition(self, coords: Floats, y: Floats, noise: Floats) -> Component:
        """The posterior after also observing y (q, F) at coordinates (q, p).

        ``noise`` (q,) is the whole noise variance of each; F columns give F posteriors that share
        the variance.
        """

    @property
    @abstractmethod
    def noise_variance(self) -> float:
        """Fitted variance of the observation noise."""


def sample_joint(
    component: Component, coords: Floats, normals: Floats, noise: float = 0.0
) -> Floats:
    """Joint samples (B, S) at coordinates (B, p) from standard normals (B, S), of the first
    fantasy.

    ``noise`` is added to the variance of each point.
    """
    mean, cov = component.joint(coords)
    cov = cov + noise * np.eye(len(cov))
    values, vectors = np.linalg.eigh(
        cov
    )  # a covariance of near-coincident points has no Cholesky factor
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(mean[:, :1] + root @ normals)


@dataclass(frozen=True, eq=False)
class Posterior:
    """A weighted mixture of components.

    Attributes
    ----------
    components : at least one.
    weights : (len(components),), positive, summing to 1.
    """

    components: tuple[Component, ...]
    weights: Floats

    @classmethod
    def single(cls, component: Component) -> Posterior:
        """The mixture of one."""
        return cls((component,), np.ones(1))

    def predict_each(self, coords: Floats, *, slopes: bool = False) -> ComponentMoments:
        """Moments of every component at coordinates (B, p)."""
        return ComponentMoments.of([c.predict(coords, slopes=slopes) for c in self.components])

    def mean_var(self, coords: Floats) -> tuple[Floats, Floats]:
        """Mean (B,) and variance (B,) of the mixture, fantasies averaged."""
        moments = [c.predict(coords) for c in self.components]
        means = np.array([m.mean.mean(axis=1) for m in moments])
        mean = self.weights @ means
        second = np.array([m.var for m in moments]) + (means - mean) ** 2
        return mean, np.asarray(self.weights @ second)

    @property
    def noise_variance(self) -> float:
        """Mean of the components' noise variances."""
        return float(self.weights @ np.array([c.noise_variance for c in self.components]))

    def condition_on_pending(self, pending: Floats, normals: Floats) -> Posterior:
        """Fantasise the values of pending points (q, p), jointly; ``normals`` is (q, F)."""
        parts = []
        for c in self.components:
            noise = c.noise_variance
            y = sample_joint(c, pending, normals, noise)
            parts.append(c.condition(pending, y, np.full(len(pending), noise)))
        return Posterior(tuple(parts), self.weights)
