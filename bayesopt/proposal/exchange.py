"""Discrete moves: exact one-exchange steps over categories and numeric levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Score
from bayesopt.proposal.base import Situation
from bayesopt.space import Space

Floats = NDArray[np.float64]

_ALL_LEVELS = 16  # numeric columns with at most this many levels try them all
_LABELS = 32  # labels of a category tried in one exchange
_LISTED = 4096  # levels of a column up to which its grid is kept
_TAKEN = 3  # times a search may look past a move to a point that is taken


@dataclass(frozen=True, eq=False)
class Exchanges:
    """Legal points that differ from given ones in a single discrete column (and what depends on
    it).

    Attributes
    ----------
    points : (N, p) legal points.
    origin : (N,) index of the point each came from.
    """

    points: Floats
    origin: NDArray[np.int64]


class Neighbourhood:
    """The one-exchange neighbourhood of a space.

    Categories take every other label (a random 32 of more), numeric columns with few levels every
    other level, others steps of 1, 2, 4, ... levels either way.
    """

    def __init__(self, space: Space, rng: np.random.Generator) -> None:
        self.space = space
        self._rng = rng
        self._columns = [int(j) for j in np.flatnonzero(np.isfinite(space.n_levels))]
        self._grids = {j: self._grid(j) for j in self._columns}

    def around(self, coords: Floats, filled: Floats) -> Exchanges:
        """Neighbours of legal points (B, p); ``filled`` (B, p) says what inactive columns become
        when switched on.
        """
        origins, points = [], []
        everyone = np.arange(len(coords))
        for j in self._columns:
            values = self._other_values(j, coords)
            changed = ~np.isnan(coords[:, j, None]) & (values != coords[:, j, None])
            origin, which = np.nonzero(changed)
            moved = filled[origin]
            moved[:, j] = values[origin, which]
            points.append(moved)
            origins.append(everyone[origin])
        if not points:
            return Exchanges(np.empty((0, coords.shape[1])), np.empty(0, np.int64))
        return Exchanges(self.space.snap(np.concatenate(points)), np.concatenate(origins))

    def _grid(self, j: int) -> Floats | None:
        return self.space.level_coords(j) if self.space.n_levels[j] <= _LISTED else None

    def _other_values(self, j: int, coords: Floats) -> Floats:
        """Values (B, v) to try in column j."""
        levels, B = int(min(self.space.n_levels[j], 2**62)), len(coords)
        grid = self._grids[j]
        if self.space.is_categorical[j]:
            labels = (
                np.arange(levels) if levels <= _LABELS else self._rng.permutation(levels)[:_LABELS]
            )
            return np.broadcast_to(labels.astype(float), (B, len(labels)))
        if grid is not None and levels <= _ALL_LEVELS:
            return np.broadcast_to(grid, (B, levels))
        steps = 2 ** np.arange(int(np.log2(min(levels, 1e6))))
        moves = np.concatenate([steps, -steps])
        if grid is None:
            return np.column_stack(
                [self.space.shift_levels(coords, j, int(m))[:, j] for m in moves]
            )
        at = np.searchsorted(grid, np.nan_to_num(coords[:, j]) - 1e-12)
        return np.asarray(grid[np.clip(at[:, None] + moves, 0, levels - 1)])


def exchange(
    situation: Situation,
    neighbourhood: Neighbourhood,
    score: Score,
    points: Floats,
    values: Floats,
    filled: Floats,
    tolerance: float,
) -> tuple[Floats, Floats, Floats]:
    """Take each point's best one-exchange move while it gains, all points in one batch.

    Points (B, p), their scores (B,) and filled forms (B, p) go in and come out.
    """
    space = situation.space
    points, values, filled = points.copy(), values.copy(), filled.copy()
    moving = np.arange(len(points))
    for _ in range(2 * space.n_columns):
        around = neighbourhood.around(points[moving], filled[moving])
        if not len(around.points):
            break
        found = score.values(around.points)
        if space.has_constraints:
            found = np.where(space.allowed(around.points), found, -np.inf)
        best = _best_open(situation, around, found, len(moving))
        gains = (best >= 0) & (found[best] > values[moving] + tolerance)
        if not gains.any():
            break
        moving, best = moving[gains], best[gains]
        points[moving], values[moving] = around.points[best], found[best]
        filled[moving] = np.where(np.isnan(points[moving]), filled[moving], points[moving])
    return points, values, filled


def _best_open(
    situation: Situation, around: Exchanges, found: Floats, n: int
) -> NDArray[np.int64]:
    """For each of n origins the index of its best neighbour that is not taken, or -1; ``found`` is
    changed.
    """
    best = np.full(n, -1)
    for _ in range(_TAKEN):
        order = np.lexsort((-found, around.origin))
        origins, first = np.unique(around.origin[order], return_index=True)
        best[:] = -1
        best[origins] = order[first]
        at = best[origins]
        taken = ~situation.is_untaken(around.points[at]) & np.isfinite(found[at])
        if not taken.any():
            return best
        found[at[taken]] = -np.inf
        best[origins[taken]] = -1
    return best
