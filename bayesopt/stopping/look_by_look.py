"""Where stopped curves would have ended, for answers about the bad part of a space too.

What proposes points wants the best ends right. Who asks what the model predicts wants all of them:
so a stopped trial is followed from look to look, and what is worse than anything that went on is
not cut off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bayesopt.stopping.curves import LearningCurve
from bayesopt.stopping.ends import LARGEST, Predictor, reached
from bayesopt.trial import TrialState

Floats = NDArray[np.float64]

_LEAST = 5  # trials that went on to a look, for it to be a step on the way
_WIDER = 0.5  # standard deviations for one by which a value is worse than all that went on


def ends_look_by_look(
    curves: Sequence[LearningCurve], which: Sequence[LearningCurve]
) -> tuple[Floats, Floats]:
    """Mean (q,) and standard deviation (q,) of where the curves in ``which`` will end, NaN where
    a step on the way tells nothing of the next.

    From each step at which trials were stopped to the next one, and from the last to the end, a
    regression of those that went on. Who went on was decided by the value at the earlier step, and
    given that value it does not matter for what came after: so each regression is without bias,
    where one from the first look to the ends is of those that had a good second look (Little &
    Rubin 2019, section 1.3: missing at random). A value that is worse than all that went on is
    taken to stay as much worse, give or take half of that.

    Parameters
    ----------
    curves : of all trials that have ended.
    """
    mean, sd = np.full(len(which), np.nan), np.full(len(which), np.nan)
    if not any(c.complete for c in curves):
        return mean, sd
    looks = sorted({c.step for c in curves if c.state is TrialState.STOPPED})
    steps = np.array([c.step for c in which], dtype=np.int64)
    for step in np.unique(steps).tolist():
        here = np.flatnonzero(steps == step)
        values = np.array([which[i].at(step) for i in here.tolist()])
        variance = np.zeros(len(here))
        for at, to in _way(curves, looks, step):
            values, variance = _carried(curves, at, to, values, variance)
        mean[here], sd[here] = values, np.sqrt(variance)
    return mean, sd


def _way(
    curves: Sequence[LearningCurve], looks: Sequence[int], step: int
) -> list[tuple[int, int | None]]:
    """From where to where: looks that enough trials reached, each at least twice as far as the one
    before, then the end (None).
    """
    stops = [step]
    for look in looks:
        if look > 2 * stops[-1] and sum(c.step >= look for c in curves) >= _LEAST:
            stops.append(look)
    return list(zip(stops, [*stops[1:], None], strict=True))


def _carried(
    curves: Sequence[LearningCurve], at: int, to: int | None, values: Floats, variance: Floats
) -> tuple[Floats, Floats]:
    """Means and variances (q,) at the next look, or at the end, from those at one."""
    if to is None:
        went_on = [c for c in curves if c.complete and math.isfinite(c.final)]
    else:
        went_on = [c for c in curves if c.step >= to]
    if not went_on:
        return np.full_like(values, np.nan), variance
    before = np.array([c.at(at) for c in went_on])
    after = np.array([c.final if to is None else c.at(to) for c in went_on])
    found = Predictor.fit(before, after, reached(curves, at))
    if not found.trusted:
        return np.full_like(values, np.nan), variance
    worst = min(found.cap, float(np.max(before[np.isfinite(before)], initial=-np.inf)))
    further = np.maximum(np.where(np.isfinite(values), values, np.nan) - worst, 0.0)
    further = np.minimum(further, LARGEST)  # NaN where it diverged: no end is known
    mean, sd = found.predict(np.minimum(values, worst))
    return mean + further, sd**2 + found.slope**2 * variance + (_WIDER * further) ** 2
