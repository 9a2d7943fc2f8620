"""Evaluations that ended early, as data: where they would have ended, with an uncertainty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.output import Objective
from bayesopt.strategy.data import Measured, RunData

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def with_partial(
    data: RunData, places: Integers, rows: Integers, means: Floats, sds: Floats
) -> RunData:
    """A run with evaluations that ended early as observations of their predicted ends.

    They inform the model; none of them can be the best.

    Parameters
    ----------
    data : what is known of the run; they are among the points that are only avoided.
    places : (k,) in front of which evaluated point each goes, in the order in which they ended.
    rows : (k,) their rows of ``data.coords``.
    means, sds : (k,) of the objective, in the user's units.
    """
    outside = np.zeros(len(data.evaluated), dtype=bool) if data.outside is None else data.outside
    return replace(
        data,
        evaluated=np.insert(data.evaluated, places, rows),
        measured=tuple(_extended(m, places, means, sds) for m in data.measured),
        outside=np.insert(outside, places, True),
    )


def _extended(measured: Measured, places: Integers, means: Floats, sds: Floats) -> Measured:
    mine = isinstance(measured.output, Objective)
    nothing = np.full(len(places), np.nan)
    gradients, n = measured.gradients, len(measured.values)
    return replace(
        measured,
        values=np.insert(measured.values, places, means if mine else nothing),
        sds=np.insert(measured.noise_sd, places, sds if mine else nothing),
        gradients=None if gradients is None else np.insert(gradients, places, np.nan, axis=0),
        predicted=np.insert(np.zeros(n, dtype=bool), places, mine),
    )
