"""Gaps in a front of two objectives, and proposals that are aimed at them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.pareto import ReferencePoint
from bayesopt.strategy.reference import Outlook

Floats = NDArray[np.float64]

_EVERY = 3  # trials, of which one may be aimed at a gap
_WIDE = 0.3  # of the front's range, from which a gap is worth a trial


def aimed(number: int, means: Floats, outlook: Outlook) -> ReferencePoint:
    """The reference point of a trial: for one of three that of the largest gap of the front.

    A search for volume may go on where the front is known well, with a little more each time, and
    leave a part of it bare. Below the corner of two neighbours on the front everything that adds
    to the volume lies between them.

    Parameters
    ----------
    number : of the trial.
    means : (n, m) of the points that may be on the front.
    """
    reference = outlook.reference
    if number % _EVERY or means.shape[1] != 2:
        return reference
    corner = largest_gap(means[(means < reference.values).all(axis=1)])
    if corner is None or not (outlook.hoped < corner).all(axis=1).any():
        return reference
    return replace(reference, values=corner)


def largest_gap(points: Floats) -> Floats | None:
    """The corner (2,) of the two neighbours on the front of points (n, 2) that are farthest apart
    in units of its ranges; None where no gap is wide.
    """
    front = np.unique(points[nondominated(points)], axis=0)  # in order of the first objective
    if len(front) < 3:
        return None
    steps = np.abs(np.diff(front, axis=0)) / np.ptp(front, axis=0)
    widths = np.hypot(*steps.T)
    k = int(widths.argmax())
    return np.maximum(front[k], front[k + 1]) if widths[k] >= _WIDE else None
