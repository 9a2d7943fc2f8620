"""Gaps in a front and its ends, and proposals that are aimed at them."""

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
_ENDS_EVERY = 4  # trials, of which one is aimed at the ends
_MARGIN = 0.1


def aimed(number: int, means: Floats, outlook: Outlook) -> ReferencePoint:
    """The reference point of a trial: that of the outlook, of the front's ends or of a gap.

    A search for volume may go on where the front is known well, with a little more each time, and
    leave a part of it bare. Below the corner of two neighbours on the front everything that adds
    to the volume lies between them. And a reference point that is inferred from the part of a
    front that is known may lie before its ends; the farther it is, the more an end is worth.

    Parameters
    ----------
    number : of the trial.
    means : (n, m) of the points that may be on the front.
    """
    reference = outlook.reference
    if number % _EVERY == 0 and means.shape[1] == 2:
        corner = largest_gap(means[(means < reference.values).all(axis=1)])
        if corner is not None and (outlook.hoped < corner).all(axis=1).any():
            return replace(reference, values=corner)
    if number % _ENDS_EVERY == 1 and not outlook.noisy:
        return reference.at_least(replace(reference, values=_beyond_the_ends(means, outlook)))
    return reference


def _beyond_the_ends(means: Floats, outlook: Outlook) -> Floats:
    """Values (m,) worse than a front's ends: of two objectives the worst of all points (however
    far they are: then the least of the other objective is looked for), of more, whose front has
    more ends than are evaluated, the nadir of the model's front, points that pay much for little
    included, and a tenth.
    """
    if means.shape[1] == 2:
        return np.asarray(means.max(axis=0))
    front = outlook.hoped[nondominated(outlook.hoped)]
    return np.asarray(front.max(axis=0) + _MARGIN * np.ptp(front, axis=0))


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
