"""Where curves will end: a regression of the complete trials' ends on their values on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.stopping.curves import LearningCurve
from bayesopt.stopping.rank_agreement import belief

Floats = NDArray[np.float64]

# What is believed before trials are complete: an end is its value on the way moved by as much as
# the others moved, give or take 0.6 of the spread there (a correlation of about 0.85); where ends
# are seen to be further apart than the values, all that in proportion. The complete trials
# overrule it as soon as they are a few.
_SLOPE_WEIGHT = 2.0  # complete trials that this slope counts as
_SPREAD_WEIGHT = 3.0  # and the spread about it
_SPREAD = 0.6
NEXT = 4  # times as far the better trials are looked at a second time
_TRUSTED = 0.1  # R² of the ends below which a step says nothing of them
LARGEST = 1e120  # its square is a number
_BAD_SIDE = 2.0  # values further above the median than so many times what the best is below


@dataclass(frozen=True)
class Predictor:
    """A Bayesian linear regression at one step; less is better.

    Attributes
    ----------
    n : complete trials behind it, >= 1.
    at, end : their mean value at the step, and at the end.
    slope : of the end on the value.
    sxx : their squares about ``at``, and what stands for the prior.
    variance : about the line.
    spread : variance of the values at the step of all trials that reached it.
    cap : values above it are cut to it: a loss of 1e16 is as bad as one of 10.
    belief : probability that the order at the step tells later ones, see :func:`belief`.
    """

    n: int
    at: float
    end: float
    slope: float
    sxx: float
    variance: float
    spread: float
    cap: float
    belief: float

    @classmethod
    def fit(cls, values: Floats, ends: Floats, everyone: Floats) -> Predictor:
        """Fit to complete trials.

        Parameters
        ----------
        values, ends : (n,) at the step and at the end, infinite where diverged.
        everyone : (m,) the values at the step of all trials that reached it.
        """
        agrees = belief(values, ends, everyone)
        values, ends, everyone = _tame(values), _tame(ends), _tame(everyone)
        cap = _cap(everyone)
        z, f = np.minimum(values, cap), np.minimum(ends, _cap(ends))
        spread = float(np.var(np.minimum(everyone, cap)))
        at, end = float(z.mean()), float(f.mean())
        dz, df = z - at, f - end
        # those that were finished were chosen by their values and lie close together: a prior as
        # wide as all trials would never be overruled by them
        told = spread if len(z) == 1 else min(spread, float(np.var(z)))
        scale = _scale(float(np.std(z)), float(np.std(f)), math.sqrt(spread))
        sxx = float(dz @ dz) + _SLOPE_WEIGHT * told
        slope = (float(dz @ df) + _SLOPE_WEIGHT * told * scale) / sxx if sxx > 0.0 else scale
        rest = df - slope * dz
        prior = _SPREAD_WEIGHT * (_SPREAD * scale) ** 2 * spread
        variance = (float(rest @ rest) + prior) / (len(z) + _SPREAD_WEIGHT)
        return cls(len(z), at, end, slope, sxx, variance, spread, cap, agrees)

    def predict(self, values: Floats) -> tuple[Floats, Floats]:
        """Mean (q,) and standard deviation (q,) of the ends of curves with these values."""
        dz = np.minimum(_tame(values), self.cap) - self.at
        leverage = dz**2 / self.sxx if self.sxx > 0.0 else np.zeros_like(dz)
        sd = np.sqrt(self.variance * (1.0 + 1.0 / (self.n + 1.0) + leverage))
        return self.end + self.slope * dz, sd

    @property
    def r2(self) -> float:
        """Share of the ends' variance over all trials that the value at the step explains.

        Over all, and not over the complete ones, which were chosen by that value (Thorndike's
        correction for a restricted range).
        """
        explained = self.slope**2 * self.spread
        return explained / (explained + self.variance) if explained > 0.0 else 0.0

    @property
    def trusted(self) -> bool:
        """Whether the order at the step tells something of the order of the ends: not where it
        explains less than a tenth of their variance, nor where what was better ended worse, or
        was worse soon after.
        """
        return self.slope > 0.0 and self.r2 >= _TRUSTED and self.belief >= 0.5


def predictor(curves: Sequence[LearningCurve], step: int) -> Predictor | None:
    """The regression at a step; None while no trial is complete."""
    complete = [c for c in curves if c.complete and math.isfinite(c.final)]
    if not complete:
        return None
    values = np.array([c.at(step) for c in complete])
    ends = np.array([c.final for c in complete])
    everyone = reached(curves, step)
    found = Predictor.fit(values, ends, everyone)
    return replace(found, belief=min(found.belief, _soon_after(curves, step, everyone)))


def reached(curves: Sequence[LearningCurve], step: int) -> Floats:
    """The values (m,) at a step of all curves that reached it."""
    return np.array([c.at(step) for c in curves if c.step >= step or c.complete])


def _soon_after(curves: Sequence[LearningCurve], step: int, everyone: Floats) -> float:
    """Probability that values at a step are correlated with those at four times that step."""
    later = NEXT * step
    further = [c for c in curves if c.step >= later and not c.superseded]
    here = np.array([c.at(step) for c in further])
    return belief(here, np.array([c.at(later) for c in further]), everyone)


def predicted_ends(
    curves: Sequence[LearningCurve], which: Sequence[LearningCurve]
) -> tuple[Floats, Floats]:
    """Mean (q,) and standard deviation (q,) of where the curves in ``which`` will end; NaN while
    no trial is complete, and where a step tells nothing of the ends.
    """
    mean, sd = np.full(len(which), np.nan), np.full(len(which), np.nan)
    steps = np.array([c.step for c in which], dtype=np.int64)
    for step in np.unique(steps).tolist():
        found = predictor(curves, step)
        if found is None:
            break
        if not found.trusted:
            continue
        here = steps == step
        values = np.array([c.at(step) for c, on in zip(which, here, strict=True) if on])
        mean[here], sd[here] = found.predict(values)
    return mean, sd


def _scale(values: float, ends: float, everyone: float) -> float:
    """How many times as far apart as the values are the ends, at least 1: of the complete trials'
    standard deviations, and so that the ends of all have at most twice that of the complete ones.
    """
    if values <= 0.0 or everyone <= 0.0:
        return 1.0
    return max(min(ends / values, 2.0 * ends / everyone), 1.0)


def _cap(values: Floats) -> float:
    """Beyond this a value is an outlier on the bad side."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0
    median, least = float(np.median(finite)), float(finite.min())
    cap = median + _BAD_SIDE * (median - least)
    return cap


def _tame(values: Floats) -> Floats:
    """Values whose squares can be summed; what is infinite stays so."""
    return np.where(np.isinf(values), values, np.clip(values, -LARGEST, LARGEST))
