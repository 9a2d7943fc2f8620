"""Discrete moves: exact one-exchange steps over categories and numeric levels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Score
from bayesopt.proposal.base import ProposalContext
from bayesopt.space import Space

Floats = NDArray[np.float64]

_ALL_LEVELS = 16  # numeric columns with at most this many levels try them all
_LABELS = 32  # labels of a category tried in one exchange
_LISTED = 4096  # levels of a column up to which its grid is kept
_TAKEN = 3  # times a search may look past a move to a point that is taken


@dataclass(frozen=True, eq=False)
class Exchanges:
    """Legal points that differ from given ones (B, p) in one discrete column, and what depends on
    it.

    Attributes
    ----------
    points : (N, p) legal points, those of one origin together.
    origin : (N,) index of the point each came from, ascending.
    exists : (B, V) which of the moves tried there are: ``points`` has them row by row.
    """

    points: Floats
    origin: NDArray[np.int64]
    exists: NDArray[np.bool_]


class Neighbourhood:
    """The one-exchange neighbourhood of a space.

    Categories take every other label (a random 32 of more), numeric columns with few levels every
    other level, others steps of 1, 2, 4, ... levels either way.
    """

    def __init__(self, space: Space, rng: np.random.Generator) -> None:
        self.space = space
        self._rng = rng
        self._fixed: list[Floats] = []  # values tried in each column wherever one stands
        self._varying: list[tuple[slice, Callable[[Floats], Floats]]] = []
        columns = [int(j) for j in np.flatnonzero(np.isfinite(space.n_levels))]
        for j in columns:
            self._add(j)
        sizes = [len(v) for v in self._fixed]
        self._column = np.repeat(np.array(columns, dtype=np.int64), sizes)  # (V,)
        self._values = np.concatenate([*self._fixed, np.empty(0)])

    def around(self, coords: Floats, filled: Floats) -> Exchanges:
        """Neighbours of legal points (B, p); ``filled`` (B, p) says what inactive columns become
        when switched on.
        """
        values = np.tile(self._values, (len(coords), 1))
        for where, values_at in self._varying:
            values[:, where] = values_at(coords)
        old = coords[:, self._column]
        exists = ~np.isnan(old) & (values != old)
        origin, move = np.nonzero(exists)
        moved = filled[origin]
        moved[np.arange(len(moved)), self._column[move]] = values[exists]
        if self.space.table is not None:
            moved = self.space.snap(moved)
        elif self.space.is_conditional.any():
            active = self.space.active(moved)
            woken = (np.isnan(coords[origin]) & active).any(axis=1)
            legal = self.space.snap(moved[woken])  # what they were filled with has no steps
            moved[~active] = np.nan
            moved[woken] = legal
        return Exchanges(moved, origin, exists)

    def _add(self, j: int) -> None:
        """The values to try in column j."""
        levels = int(min(self.space.n_levels[j], 2**62))
        if self.space.is_categorical[j]:
            if levels > _LABELS:
                labels = self.space.level_coords(j)
                self._vary(_LABELS, lambda _: labels[self._rng.permutation(levels)[:_LABELS]])
            else:
                self._fixed.append(self.space.level_coords(j))
            return
        if levels <= _ALL_LEVELS:
            self._fixed.append(self.space.level_coords(j))
            return
        steps = 2 ** np.arange(int(np.log2(min(levels, 1e6))))
        moves = np.concatenate([steps, -steps])
        if levels <= _LISTED:
            grid = self.space.level_coords(j)
            self._vary(len(moves), lambda coords: _stepped(grid, coords[:, j], moves))
        else:
            self._vary(len(moves), lambda coords: self._shifted(coords, j, moves))

    def _vary(self, size: int, values_at: Callable[[Floats], Floats]) -> None:
        start = sum(len(v) for v in self._fixed)
        self._fixed.append(np.zeros(size))
        self._varying.append((slice(start, start + size), values_at))

    def _shifted(self, coords: Floats, j: int, moves: NDArray[np.int64]) -> Floats:
        """Values (B, v) of column j, ``moves`` (v,) levels from where the points stand."""
        each = np.repeat(coords, len(moves), axis=0)
        shifted = self.space.shift_levels(each, j, np.tile(moves, len(coords)))
        return shifted[:, j].reshape(len(coords), -1)


def _stepped(grid: Floats, values: Floats, moves: NDArray[np.int64]) -> Floats:
    """The same from a list of all levels; anything where the value (B,) is NaN."""
    at = np.searchsorted(grid, values - 1e-12)
    return np.asarray(grid[np.clip(at[:, None] + moves, 0, len(grid) - 1)])


def exchange(
    context: ProposalContext,
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
    space = context.space
    points, values, filled = points.copy(), values.copy(), filled.copy()
    moving = np.arange(len(points))
    for _ in range(2 * space.n_columns):
        around = neighbourhood.around(points[moving], filled[moving])
        if not len(around.points):
            break
        found = score.values(around.points)
        if space.has_constraints:
            found = np.where(space.allowed(around.points), found, -np.inf)
        gaining, best = _best_open(context, around, found, values[moving] + tolerance)
        if not len(gaining):
            break
        moving = moving[gaining]
        points[moving], values[moving] = around.points[best], found[best]
        filled[moving] = np.where(np.isnan(points[moving]), filled[moving], points[moving])
    return points, values, filled


def _best_open(
    context: ProposalContext, around: Exchanges, found: Floats, least: Floats
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Origins whose best open neighbour scores above ``least`` (B,), and that one's index."""
    table = np.full(around.exists.shape, -np.inf)
    table[around.exists] = np.fmax(found, -np.inf)
    index = np.cumsum(around.exists).reshape(around.exists.shape) - 1
    best = np.full(len(least), -1)
    undecided = np.arange(len(least))
    for _ in range(_TAKEN):
        move = table[undecided].argmax(axis=1)
        gains = table[undecided, move] > least[undecided]
        undecided, move = undecided[gains], move[gains]
        if not len(undecided):
            break
        at = index[undecided, move]
        is_open = context.is_untaken(around.points[at])
        best[undecided[is_open]] = at[is_open]
        table[undecided, move] = -np.inf
        undecided = undecided[~is_open]
    gaining = np.flatnonzero(best >= 0)
    return gaining, best[gaining]
