"""The noise of replicates, estimated over all points that have some."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer.history import History
from bayesopt.replicates import c4, mean, sd_of_mean

Floats = NDArray[np.float64]

_PRIOR = 10.0  # degrees of freedom that the pooled variance counts for beside a point's own


def with_pooled_sds(history: History, sds: Floats) -> Floats:
    """Standard deviations (n,) of the results, those that replicates gave made surer.

    Two or three values say little of their noise: that of a point by itself is off by a factor of
    two as often as not. So its variance is taken together with that within all points,
    ``(10 s² + v_i s_i²) / (10 + v_i)``, where ``s² = sum v_j s_j² / sum v_j`` and
    ``v_j = k_j - 1`` (Smyth 2004, with a prior of ten degrees of freedom), and divided by c4
    squared, which makes its root right in the mean (ISO 7870-2). Standard deviations that were
    told stay.
    """
    read = history.results.column
    scatter = read("scatter", history.completed, lambda number: _scatter(history, number)[0])
    counts = read("replicates", history.completed, lambda number: _scatter(history, number)[1])
    has = ~np.isnan(scatter)
    largest = float(scatter[has].max()) if has.any() else 0.0
    if has.sum() < 2 or largest == 0.0:
        return sds
    free, own = counts[has] - 1.0, (scatter[has] / largest) ** 2  # no square overflows
    pooled = float(np.sum(free * own) / free.sum())
    variance = (_PRIOR * pooled + free * own) / (_PRIOR + free)
    relative = np.sqrt(variance / counts[has]) / c4(int(free.sum()) + 1)
    found = sds.copy()
    found[has] = np.minimum(largest * relative, np.finfo(float).max)
    return found


def _scatter(history: History, number: int) -> tuple[float | None, float | None]:
    """A result's sample standard deviation and number of values; None without replicates, and
    where the standard deviation of their mean was told.
    """
    outcome = history.trials[number].outcome
    info = None if outcome is None else outcome.info  # a user's own, of any kind
    values = info.get("replicates") if isinstance(info, Mapping) else None
    if outcome is None or not isinstance(values, list | tuple) or len(values) < 2:
        return None, None
    numbers = [v for v in values if isinstance(v, int | float) and math.isfinite(v)]
    if len(numbers) < len(values) or mean(numbers) != outcome.value:
        return None, None
    own = sd_of_mean(numbers)
    if outcome.sd != own:
        return None, None
    k = len(numbers)
    return (0.0 if own is None else min(own * c4(k) * math.sqrt(k), 1e300)), float(k)
