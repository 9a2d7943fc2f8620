"""How well curves stand among each other when they have come unequally far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bayesopt.stopping.curves import LearningCurve

Floats = NDArray[np.float64]


def log_ranks(curves: Sequence[LearningCurve], rungs: Sequence[int]) -> Floats:
    """The log of each curve's share of curves that are as good or better, (n,); less is better.

    All curves are ranked at the first rung. Those that reached the next one are ranked anew among
    each other there: the shares that they had are dealt out again in the order of their values at
    that rung, and so on up to the ends of complete trials. So values of different steps are
    never compared, a loss of 1e19 is no worse than the last place, and what a curve is worth is
    said by its latest rung.

    Parameters
    ----------
    curves : less is better. NaN for those that have not reached the first rung.
    rungs : steps, ascending, at which trials are put by.
    """
    reached = np.array([_reached(c, rungs) for c in curves], dtype=np.int64)
    found = np.full(len(curves), np.nan)
    here = np.flatnonzero(reached > 0)
    if not len(here):
        return found
    found[here] = np.log(_ranks(_values(curves, here, rungs, 0)) / len(here))
    for level in range(1, len(rungs) + 1):
        here = np.flatnonzero(reached > level)
        if len(here) > 1:
            found[here] = _dealt(found[here], _ranks(_values(curves, here, rungs, level)))
    return found


def _reached(curve: LearningCurve, rungs: Sequence[int]) -> int:
    """How many rungs a curve has reached; one more when it is complete."""
    if curve.complete:
        return len(rungs) + 1
    return int(np.searchsorted(rungs, curve.step, side="right"))


def _values(
    curves: Sequence[LearningCurve], which: NDArray[np.int64], rungs: Sequence[int], level: int
) -> Floats:
    """Values at a rung, or at the end, infinite where there is none."""
    ends = level == len(rungs)
    values = np.array([curves[i].final if ends else curves[i].at(rungs[level]) for i in which])
    return np.where(np.isnan(values), np.inf, values)


def _ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    ascending = np.sort(values)
    below = np.searchsorted(ascending, values, side="left")
    return np.asarray(0.5 * (below + np.searchsorted(ascending, values, side="right") + 1.0))


def _dealt(scores: Floats, ranks: Floats) -> Floats:
    """The same scores in the order of some ranks."""
    return np.asarray(np.interp(ranks, 1.0 + np.arange(len(scores)), np.sort(scores)))
