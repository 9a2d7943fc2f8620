"""Climbing a score from several starts: continuous ascent and discrete exchanges, all starts in lockstep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Score
from bayesopt.compiled import ascent as kernels
from bayesopt.space import Space

Floats = NDArray[np.float64]

RELAXED = 64  # discrete numeric columns with more levels are climbed as continuous ones, then rounded
_ALL_LEVELS = 16  # numeric columns with at most this many levels try them all
_LABELS = 32  # labels of a category tried in one exchange


def climbed_columns(space: Space) -> NDArray[np.bool_]:
    """(p,) columns that the continuous ascent moves."""
    return np.asarray(~space.is_categorical & (space.n_levels > RELAXED))


def climb(
    score: Score, coords: Floats, columns: NDArray[np.bool_], *, max_steps: int = 60, tolerance: float = 1e-4
) -> tuple[Floats, Floats]:
    """Ascend from legal points (B, p) over the given columns; returns points (B, p) and scores (B,).

    Inactive columns stay inactive. The points returned may lie off the grid of discrete columns.
    """
    f, g = score.values_with_gradient(coords)
    active_columns = columns & ~np.isnan(coords)
    free = active_columns.astype(np.int64)
    x = np.ascontiguousarray(np.where(active_columns, coords, 0.0))
    f, g = np.ascontiguousarray(f), np.ascontiguousarray(np.where(active_columns, g, 0.0))
    B, p = x.shape
    H, step, trial = np.empty((B, p, p)), np.ones(B), np.empty((B, p))
    running = (np.isfinite(f) & active_columns.any(axis=1)).astype(np.int64)
    kernels.start(g, free, H, 0.1)
    for _ in range(max_steps):
        kernels.propose(x, g, H, free, step, running, trial)
        at = np.flatnonzero(running)
        if not len(at):
            break
        f_trial, g_trial = f.copy(), g.copy()
        f_trial[at], slopes = score.values_with_gradient(np.where(active_columns[at], trial[at], coords[at]))
        g_trial[at] = np.where(active_columns[at], slopes, 0.0)
        if kernels.accept(x, f, g, H, step, running, trial, f_trial, g_trial, tolerance) == 0:
            break
    return np.where(active_columns, x, coords), f


@dataclass(frozen=True, eq=False)
class Exchanges:
    """All legal points that differ from given ones in a single discrete column (and what depends on it).

    Attributes
    ----------
    points : (N, p) legal points.
    origin : (N,) index of the point each came from.
    """

    points: Floats
    origin: NDArray[np.int64]


def one_exchanges(space: Space, coords: Floats, filled: Floats, rng: np.random.Generator) -> Exchanges:
    """One-exchange neighbours of legal points (B, p).

    Categories take every other label (a random 32 of more), numeric columns with few levels every other level, others steps of
    1, 2, 4, ... levels either way. ``filled`` (B, p) says what inactive columns become when a change switches them on.
    """
    origins, points = [], []
    everyone = np.arange(len(coords))
    for j in np.flatnonzero(np.isfinite(space.n_levels)):
        values = _other_values(space, int(j), coords, rng)
        for column in values.T:
            changed = ~np.isnan(coords[:, j]) & ~np.isnan(column) & (column != coords[:, j])
            moved = filled[changed].copy()
            moved[:, j] = column[changed]
            points.append(moved)
            origins.append(everyone[changed])
    if not points:
        return Exchanges(np.empty((0, coords.shape[1])), np.empty(0, np.int64))
    return Exchanges(space.snap(np.concatenate(points)), np.concatenate(origins))


def _other_values(space: Space, j: int, coords: Floats, rng: np.random.Generator) -> Floats:
    """Values (B, v) to try in column j."""
    levels, B = float(space.n_levels[j]), len(coords)
    if space.is_categorical[j]:
        labels = np.arange(levels) if levels <= _LABELS else rng.permutation(int(levels))[:_LABELS]
        return np.broadcast_to(labels.astype(float), (B, len(labels)))
    if levels <= _ALL_LEVELS:
        grid = space.level_coords(j)
        return np.broadcast_to(grid, (B, len(grid)))
    steps = 2 ** np.arange(int(np.log2(min(levels, 1e6))))
    moves = np.concatenate([steps, -steps])
    return np.column_stack([space.shift_levels(coords, j, int(m))[:, j] for m in moves])
