"""A posterior from the members of an ensemble: a forest's trees, networks, any set of predictors.

The members' predictions at some points are taken for draws of the latent function. Their mean and
covariance make a Gaussian process, which is conditioned exactly on what is pending.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.posterior import Component, Moments

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pending:
    """Further observations: coordinates (q, p), values (q, F) and noise variances (q,)."""

    coords: Floats
    values: Floats
    noise: Floats


@dataclass(frozen=True, eq=False)
class EnsembleComponent(Component):
    """The Gaussian process with the mean and the covariance of an ensemble's members.

    Members are taken for flat in the coordinates, as trees are: gradients are 0, and a search
    moves by its candidates and exchanges alone.

    Attributes
    ----------
    members : coordinates (B, p) -> predictions (T, B) of T >= 2 members, in standardised units.
        Coordinates of inactive parameters are NaN, those of categorical ones the codes 0, 1, ...
    noise : variance (> 0) of the observation noise in standardised units.
    """

    members: Callable[[Floats], Floats]
    noise: float
    pending: Pending | None = field(default=None)

    @property
    def noise_variance(self) -> float:
        """Variance of the observation noise."""
        return self.noise

    def predict(self, coords: Floats, *, slopes: bool = False) -> Moments:
        """Moments at coordinates (B, p)."""
        draws, size = self._draws(coords), coords.shape
        mean = draws.mean(axis=0)[:, None]
        var = draws.var(axis=0, ddof=1)
        if self.pending is not None:
            shift, gain, cross = self._update(draws)
            mean, var = mean + shift, np.maximum(var - (gain * cross).sum(axis=1), 0.0)
        return Moments(mean, var, lambda d_mean, d_var: np.zeros(size))

    def joint(self, coords: Floats) -> tuple[Floats, Floats]:
        """Joint mean (B, F) and covariance (B, B)."""
        draws = self._draws(coords)
        mean, covariance = draws.mean(axis=0)[:, None], _covariance(draws, draws)
        if self.pending is not None:
            shift, gain, cross = self._update(draws)
            mean, covariance = mean + shift, covariance - gain @ cross.T
        return mean, covariance

    def condition(self, coords: Floats, y: Floats, noise: Floats) -> EnsembleComponent:
        """The posterior after also observing y (q, F) at coordinates (q, p)."""
        known = self.pending
        if known is not None:
            old = np.broadcast_to(known.values, (len(known.values), y.shape[1]))
            coords = np.concatenate([known.coords, coords])
            y, noise = np.concatenate([old, y]), np.concatenate([known.noise, noise])
        return EnsembleComponent(self.members, self.noise, Pending(coords, y, noise))

    def _draws(self, coords: Floats) -> Floats:
        draws = np.asarray(self.members(coords), dtype=np.float64)
        if draws.ndim != 2 or draws.shape[1] != len(coords) or len(draws) < 2:
            raise ValueError(
                f"an ensemble's members must predict an array (T, {len(coords)}) with T >= 2 at "
                f"{len(coords)} points; got the shape {draws.shape}"
            )
        return draws

    def _update(self, draws: Floats) -> tuple[Floats, Floats, Floats]:
        """What the pending points change: the mean's shift (B, F), gain and covariance (B, q)."""
        import scipy.linalg as la

        known = self.pending
        assert known is not None
        there = self._draws(known.coords)
        cross = _covariance(draws, there)
        A = _covariance(there, there) + np.diag(np.maximum(known.noise, 1e-10))
        gain = la.solve(A, cross.T, assume_a="pos").T
        return gain @ (known.values - there.mean(axis=0)[:, None]), gain, cross


def _covariance(one: Floats, other: Floats) -> Floats:
    """Covariances (B, C) of draws (T, B) with draws (T, C)."""
    left, right = one - one.mean(axis=0), other - other.mean(axis=0)
    return np.asarray(left.T @ right / (len(one) - 1))
