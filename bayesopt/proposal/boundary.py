"""Searching along the boundary of what the known constraints allow.

A constraint is a black box that says yes or no, so there is no normal to project an ascent on.
Where the ascent has come up against the boundary, random steps move along it: an
evolution strategy with an evolution path (after Rechenberg 1973 and Hansen & Ostermeier 2001, much
reduced).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Score
from bayesopt.proposal.base import ProposalContext

Floats = NDArray[np.float64]

_KEPT = 4  # points that are worked on: the best
_ROUNDS = 24
_CHILDREN = 24  # tried a round for each point; half of them start along its path
_RADIUS = 0.1  # of the first steps
_LONGER, _SHORTER = 1.3, 0.6  # after a gain, after none


def boundary_search(
    context: ProposalContext,
    score: Score,
    points: Floats,
    values: Floats,
    columns: NDArray[np.bool_],
) -> tuple[Floats, Floats]:
    """Better points (B, p) and their scores (B,) near the best of the given allowed ones.

    Only ``columns`` (p,) change, and what depends on them.
    """
    space, rng = context.space, context.rng
    at = np.argsort(-values, kind="stable")[:_KEPT]
    x, best = points[at].copy(), values[at].copy()
    k, p = x.shape
    everyone = np.arange(k)
    free = columns & ~np.isnan(x)
    shrink = 1.0 / np.sqrt(np.maximum(free.sum(axis=1), 1))
    radius, path = np.full(k, _RADIUS), np.zeros((k, p))
    for _ in range(_ROUNDS):
        steps = rng.standard_normal((k, _CHILDREN, p)) * shrink[:, None, None]
        steps[:, ::2] += path[:, None]
        tried = np.where(free[:, None], x[:, None] + radius[:, None, None] * steps, x[:, None])
        tried = space.snap(tried.reshape(-1, p))
        scores = np.full(len(tried), -np.inf)
        allowed = space.allowed(tried)
        scores[allowed] = score.values(tried[allowed])
        leader = scores.reshape(k, _CHILDREN).argmax(axis=1) + _CHILDREN * everyone
        found, tried = scores[leader], tried[leader]
        gains = found > best
        moved = np.where(free, tried - x, 0.0) / radius[:, None]
        path = 0.5 * path + np.where(gains[:, None], 0.5 * moved, 0.0)
        x[gains], best[gains] = tried[gains], found[gains]
        radius *= np.where(gains, _LONGER, _SHORTER)
    points, values = points.copy(), values.copy()
    points[at], values[at] = x, best
    return points, values
