"""Parameters kept at their default where that costs little (BONSAI, arXiv 2602.07144)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Score
from bayesopt.proposal.base import ProposalContext
from bayesopt.space import Space

Floats = NDArray[np.float64]


def toward_defaults(
    context: ProposalContext, score: Score, point: Floats, share: float, typical: float
) -> Floats:
    """A point (p,) with as many parameters at their ``default=`` as the score allows.

    One parameter after another is set back, the cheapest first, while the acquisition of the
    whole is at least ``1 - share`` of that of the point.

    Parameters
    ----------
    point : the best point by the score.
    share : of the acquisition that may be lost.
    typical : a score of points in general, for acquisitions that are no logarithms of a positive
        quantity: these may lose the share of what the point is above it.
    """
    space = context.space
    best = float(score.values(point[None])[0])
    least = _least(context, best, share, typical)
    if not math.isfinite(least):
        return point
    defaults = _defaults(space)
    while True:
        columns = [j for j, at in defaults.items() if not (np.isnan(point[j]) or point[j] == at)]
        moved = np.tile(point, (len(columns), 1))
        moved[np.arange(len(columns)), columns] = [defaults[j] for j in columns]
        moved = space.snap(moved)
        # what known constraints or a table make of it may be no step at all
        there = [m[j] == defaults[j] for m, j in zip(moved, columns, strict=True)]
        values = np.full(len(moved), -np.inf)
        good = context.is_new(moved) & np.array(there, dtype=bool)
        if good.any():
            values[good] = score.values(moved[good])
        if not len(values) or values.max() < least:
            return point
        point = moved[int(np.argmax(values))]


def _least(context: ProposalContext, best: float, share: float, typical: float) -> float:
    """The least score that a point may have."""
    assert context.acquisition is not None
    if context.acquisition.in_log or context.posterior.probabilities:
        return best + math.log1p(-share) if share < 1.0 else -math.inf
    return best - share * max(best - min(typical, best), 0.0)


def _defaults(space: Space) -> dict[int, float]:
    """The coordinate of each default that was given, by its column."""
    parameters = space.parameters
    middle = space.defaults
    columns = [(j, n) for j, n in enumerate(space.columns) if n in parameters]
    return {j: float(middle[j]) for j, n in columns if parameters[n].has_default}
