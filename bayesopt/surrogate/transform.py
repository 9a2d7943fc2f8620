"""Output transforms: from the user's values to standardised ones, monotone and invertible.

Every transform first clips outliers (winsorising at Q3 + 1.5 IQR on the bad side, as Ax 1.3 does),
warps, then standardises to mean 0 and variance 1. Which one warps best is decided by evidence, for
which each knows its log Jacobian: ``log p(y) = log N(z) + sum log dz/dy``.

What is an outlier is judged by the volume that observations stand for where that is known
(``volume_shares``): quartiles of a cluster beside the best point would clip what is ordinary
elsewhere. Warps and standardisation count each observation once: that resolves the good end,
where most observations are (benchmarks/ABLATIONS.md).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.volume import quantiles

Floats = NDArray[np.float64]

_TUKEY = 1.5
_TUKEY_FEW = 5.0  # with few points the quartiles themselves are uncertain
_FEW = 8
NOISY = 0.01  # noise variance of standardised values that is no detail: a tenth of their spread
_EXTREME = 1e8  # in interquartile ranges: beyond this, squares lose all other digits


class OutputWarp(ABC):
    """A monotone map g of robustly scaled values u with its derivative and inverse."""

    @abstractmethod
    def forward(self, u: Floats) -> Floats:
        """Values g(u), any shape."""

    @abstractmethod
    def inverse(self, g: Floats) -> Floats:
        """Values u with g(u) = g."""

    @abstractmethod
    def log_slope(self, u: Floats) -> Floats:
        """Values log g'(u)."""


@dataclass(frozen=True)
class Identity(OutputWarp):
    """g(u) = u."""

    def forward(self, u: Floats) -> Floats:
        """Values g(u)."""
        return u

    def inverse(self, g: Floats) -> Floats:
        """Values u with g(u) = g."""
        return g

    def log_slope(self, u: Floats) -> Floats:
        """Values log g'(u)."""
        return np.zeros_like(u)


@dataclass(frozen=True)
class LogGap(OutputWarp):
    """g(u) = log(1 + 5 (u - low) / scale): spreads the good end, continued linearly below ``low``.

    For objectives that fall over many decades; ``scale`` is the median gap to the best value.
    """

    low: float
    scale: float
    sharpness: float = 5.0

    def forward(self, u: Floats) -> Floats:
        """Values g(u)."""
        t = self.sharpness * (u - self.low) / self.scale
        return np.where(t > 0.0, np.log1p(np.maximum(t, 0.0)), t)

    def inverse(self, g: Floats) -> Floats:
        """Values u with g(u) = g."""
        t = np.where(g > 0.0, np.expm1(np.minimum(np.maximum(g, 0.0), 700.0)), g)
        return np.asarray(self.low + self.scale * t / self.sharpness)

    def log_slope(self, u: Floats) -> Floats:
        """Values log g'(u)."""
        t = self.sharpness * np.maximum(u - self.low, 0.0) / self.scale
        return np.asarray(math.log(self.sharpness / self.scale) - np.log1p(t))


@dataclass(frozen=True)
class YeoJohnson(OutputWarp):
    """The power transform of Yeo & Johnson (2000) with parameter ``power`` in (0, 2): onto all of
    R, so always invertible.
    """

    center: float
    scale: float
    power: float

    def forward(self, u: Floats) -> Floats:
        """Values g(u)."""
        v = (u - self.center) / self.scale
        p, q = self.power, 2.0 - self.power
        above = ((1.0 + np.maximum(v, 0.0)) ** p - 1.0) / p
        below = -((1.0 + np.maximum(-v, 0.0)) ** q - 1.0) / q
        return np.where(v >= 0.0, above, below)

    def inverse(self, g: Floats) -> Floats:
        """Values u with g(u) = g."""
        p, q = self.power, 2.0 - self.power
        above = (1.0 + p * np.maximum(g, 0.0)) ** (1.0 / p) - 1.0
        below = 1.0 - (1.0 + q * np.maximum(-g, 0.0)) ** (1.0 / q)
        return np.asarray(self.center + self.scale * np.where(g >= 0.0, above, below))

    def log_slope(self, u: Floats) -> Floats:
        """Values log g'(u)."""
        v = (u - self.center) / self.scale
        exponent = np.where(v >= 0.0, self.power - 1.0, 1.0 - self.power)
        return np.asarray(exponent * np.log1p(np.abs(v)) - math.log(self.scale))


@dataclass(frozen=True)
class Bilog(OutputWarp):
    """g(u) = sign(u - zero) log(1 + |u - zero|): for constraints, where the neighbourhood of 0
    matters (Eriksson & Poloczek 2021).
    """

    zero: float

    def forward(self, u: Floats) -> Floats:
        """Values g(u)."""
        v = u - self.zero
        return np.sign(v) * np.log1p(np.abs(v))

    def inverse(self, g: Floats) -> Floats:
        """Values u with g(u) = g."""
        return np.asarray(self.zero + np.sign(g) * np.expm1(np.minimum(np.abs(g), 700.0)))

    def log_slope(self, u: Floats) -> Floats:
        """Values log g'(u)."""
        return -np.log1p(np.abs(u - self.zero))


@dataclass(frozen=True)
class RobustScaler:
    """Values scaled by median and interquartile range, clipped; safe for any finite values.

    Attributes
    ----------
    median, spread : location and scale (> 0) in the user's units.
    low, high : clipping limits of the scaled values.
    """

    median: float
    spread: float
    low: float
    high: float

    @classmethod
    def of(
        cls, y: Floats, shares: Floats | None = None, *, both_sides: bool = False
    ) -> RobustScaler:
        """Measure values y (n,), n >= 1, of shares (n,); ``both_sides`` clips good outliers as
        well.
        """
        q1, median, q3 = quantiles(y / 2.0, [0.25, 0.5, 0.75], shares)
        lowest, highest = float(y.min()) / 2.0, float(y.max()) / 2.0
        spread = q3 - q1
        if not spread > 1e-13 * max(
            abs(q1), abs(q3)
        ):  # half of the values coincide up to rounding
            spread = highest - lowest
        if not spread > 1e-13 * max(abs(lowest), abs(highest)):
            return cls(median * 2.0, max(abs(median) * 2.0, 1e-300), -1.0, 1.0)
        reach = _TUKEY if len(y) >= _FEW else _TUKEY_FEW
        high = min((q3 - median) / spread + reach, _EXTREME)
        low = max((q1 - median) / spread - reach, -_EXTREME) if both_sides else -_EXTREME
        return cls(median * 2.0, min(spread * 2.0, 1e308), low, high)

    def scaled(self, y: Floats) -> Floats:
        """Scaled, clipped values; halves avoid an overflow of the difference."""
        with np.errstate(over="ignore"):
            u = (y / 2.0 - self.median / 2.0) / (self.spread / 2.0)
        return np.clip(u, self.low, self.high)

    def unscaled(self, u: Floats) -> Floats:
        """The user's values of scaled ones."""
        with np.errstate(over="ignore"):
            return np.clip(self.median + self.spread * u, -1.7e308, 1.7e308)


@dataclass(frozen=True)
class OutputTransform:
    """Robust scaling, a warp, and standardisation: z = (g(u(y)) - mean) / sd."""

    scaler: RobustScaler
    warp: OutputWarp
    mean: float
    sd: float

    @classmethod
    def of(cls, y: Floats, scaler: RobustScaler, warp: OutputWarp) -> OutputTransform:
        """Standardise the warped values of y (n,)."""
        g = warp.forward(scaler.scaled(y))
        sd = float(g.std())
        return cls(scaler, warp, float(g.mean()), sd if sd > 1e-12 else 1.0)

    @classmethod
    def standard(cls, y: Floats) -> OutputTransform:
        """Robust scaling and standardisation of values y (n,), n >= 1, without a warp."""
        return cls.of(y, RobustScaler.of(y), Identity())

    def forward(self, y: Floats) -> Floats:
        """Standardised values."""
        return (self.warp.forward(self.scaler.scaled(y)) - self.mean) / self.sd

    def inverse(self, z: Floats) -> Floats:
        """The user's values of standardised ones, at most 1.7e308 in size."""
        with np.errstate(over="ignore"):
            return self.scaler.unscaled(self.warp.inverse(self.mean + self.sd * z))

    def slope(self, y: Floats) -> Floats:
        """dz/dy at values y, clipping ignored."""
        log_slope = self.warp.log_slope(self.scaler.scaled(y))
        return np.asarray(np.exp(log_slope - math.log(self.sd) - math.log(self.scaler.spread)))

    def known_noise(self, y: Floats, sd: Floats) -> Floats:
        """Measured noise variances (n,) in standardised units, of values y with standard
        deviations ``sd`` (n,); 0 where that is NaN: unknown.
        """
        if not np.isfinite(sd).any():
            return np.zeros(len(y))
        with np.errstate(over="ignore"):
            return np.minimum(np.where(np.isfinite(sd), sd, 0.0) * self.slope(y), 1e6) ** 2

    def log_jacobian(self, y: Floats) -> float:
        """Sum of log dz/du over y: comparable between transforms of the same robust scaling."""
        u = self.scaler.scaled(y)
        return float(self.warp.log_slope(u).sum()) - len(y) * math.log(self.sd)


def constraint_transform(values: Floats) -> OutputTransform:
    """The transform of an outcome constraint: resolves the neighbourhood of its limit, 0.

    Each observation counts once: where little of the space keeps to the constraint, what does
    would be an outlier by volume.
    """
    scaler = RobustScaler.of(values, both_sides=True)
    limit = float(np.clip(scaler.scaled(np.zeros(1))[0], scaler.low, scaler.high))
    return OutputTransform.of(values, scaler, Bilog(limit))


def make_warp(name: str, u: Floats) -> OutputWarp | None:
    """The warp called ``name`` fitted to scaled values u (n,), or None where it makes no sense."""
    if name == "identity":
        return Identity()
    if name == "log":
        low = float(u.min())
        gap = float(np.median(u - low))
        return LogGap(low, gap) if gap > 1e-9 else None
    if name == "yeo-johnson":
        return _yeo_johnson(u)
    raise ValueError(
        f"unknown output transform {name!r}; expected 'identity', 'log' or 'yeo-johnson'"
    )


def _yeo_johnson(u: Floats) -> OutputWarp | None:
    center, scale = float(np.median(u)), float(u.std())
    if scale < 1e-9:
        return None
    best, best_fit = None, -math.inf
    for power in np.linspace(0.05, 1.95, 39):  # the profile likelihood is smooth: a grid is enough
        warp = YeoJohnson(center, scale, float(power))
        sd = float(warp.forward(u).std())
        if sd > 0.0:
            fit = float(warp.log_slope(u).sum()) - len(u) * math.log(sd)
            if fit > best_fit:
                best, best_fit = warp, fit
    return best
