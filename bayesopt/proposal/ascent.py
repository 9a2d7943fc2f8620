"""Continuous ascent of a score from several starts in lockstep."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Score
from bayesopt.compiled import ascent as kernels
from bayesopt.space import Space

Floats = NDArray[np.float64]

RELAXED = (
    64  # discrete numeric columns with more levels are climbed as continuous ones, then rounded
)
_LEADERS = {12: 4, 24: 2}  # searches that go on after so many steps


def climbed_columns(space: Space) -> NDArray[np.bool_]:
    """(p,) columns that the continuous ascent moves."""
    return np.asarray(~space.is_categorical & (space.n_levels > RELAXED))


def climb(
    score: Score,
    coords: Floats,
    columns: NDArray[np.bool_],
    *,
    tolerance: float,
    max_steps: int = 40,
) -> tuple[Floats, Floats]:
    """Ascend from legal points (B, p) over the given columns; returns points (B, p) and scores
    (B,).

    Inactive columns stay inactive. The points returned may lie off the grid of discrete columns.
    All searches take the first steps; later only the leaders go on, because only the best will be
    used.

    Parameters
    ----------
    tolerance : gain of a step, in units of the score, below which a search ends.
    """
    f, g = score.values_with_gradient(coords)
    moves = columns & ~np.isnan(coords)
    free = moves.astype(np.int64)
    x = np.ascontiguousarray(np.where(moves, coords, 0.0))
    f, g = np.ascontiguousarray(f), np.ascontiguousarray(np.where(moves, g, 0.0))
    B, p = x.shape
    H, step, trial = first_hessians(g, moves, 0.1), np.ones(B), np.empty((B, p))
    running = (np.isfinite(f) & moves.any(axis=1)).astype(np.int64)
    for taken in range(max_steps):
        if taken in _LEADERS:
            running[np.argsort(-f, kind="stable")[_LEADERS[taken] :]] = 0
        at = np.flatnonzero(running)
        if not len(at):
            break
        kernels.propose(x, g, H, free, step, running, trial)
        f_trial, g_trial = f.copy(), g.copy()
        f_trial[at], slopes = score.values_with_gradient(
            np.where(moves[at], trial[at], coords[at])
        )
        g_trial[at] = np.where(moves[at], slopes, 0.0)
        kernels.accept(x, f, g, H, step, running, trial, f_trial, g_trial, tolerance)
    return np.where(moves, x, coords), f


def first_hessians(g: Floats, moves: NDArray[np.bool_], longest: float) -> Floats:
    """First inverse Hessians (B, p, p) of the negative scores: multiples of the identity whose
    step along the gradient ``g`` (B, p) is ``longest`` in its largest coordinate that moves.
    """
    largest = np.where(moves, np.abs(g), 0.0).max(axis=1, initial=0.0)
    scale = np.divide(longest, largest, out=np.ones_like(largest), where=largest > 0.0)
    H = np.zeros((*g.shape, g.shape[1]))
    np.einsum("bii->bi", H)[:] = scale[:, None]
    return H
