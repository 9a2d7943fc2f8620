"""Pairs of levels: points in which the levels of two parameters meet as evenly as they can.

Low-discrepancy points spread each parameter and parts of the space evenly, but of two factors with
three levels each, eight points show four to seven of the nine pairs, no more than random ones do.
Here columns of few levels get other levels, until the pairs are spread evenly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.space import Space

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_MOST = 64  # points; among more every pair is found anyhow
_STARTS = 8  # an exchange ends in a local optimum
_SWEEPS = 20
_GRID = 64  # places of the unit interval at which a column's levels are looked up
_EVEN = 0.5  # weight of a level's own count,
_HALVES = 0.1  # and of its meeting the halves of a column of many levels


def paired(space: Space, cube: Floats, first: Floats, rng: np.random.Generator) -> Floats:
    """Points (m, p) of the unit cube, changed in the columns of few levels so that these meet each
    other's levels evenly.

    Of each pair of columns the sum of squared counts of the pairs of levels is made small by
    exchanges (Xu 2002, An algorithm for constructing orthogonal and nearly-orthogonal arrays with
    mixed levels and small runs). Columns of many levels stay as they are and take part by their
    halves, so that each level meets both.

    Parameters
    ----------
    space : neither a table nor constrained.
    cube : (m, p) the points.
    first : (k, p) coordinates of points of the design that stay as they are.
    rng : for the starts of the exchanges.
    """
    n, p = len(first) + len(cube), space.n_columns
    few = [j for j in range(p) if 1 < space.n_levels[j] <= (3 * n) ** 0.5]
    if p < 2 or not few or len(cube) < 2 or n > _MOST:
        return cube
    known, at = _levels(space, np.concatenate([first, space.all_active(cube)]), few)
    weight = np.full(p, _HALVES)
    weight[few] = 1.0
    best, least = known, np.inf
    for start in range(_STARTS):
        level = known.copy()
        if start:
            for j in few:
                level[len(first) :, j] = rng.permutation(level[len(first) :, j])
        for _ in range(_SWEEPS):
            gains = [_exchanged(level, len(first), j, len(at[j]), weight) for j in few]
            if not any(gains):
                break
        cost = _cost(level, few, weight)
        if cost < least - 1e-9:
            best, least = level, cost
    changed = cube.copy()
    for j in few:
        moved = best[len(first) :, j] != known[len(first) :, j]
        changed[moved, j] = at[j][best[len(first) :, j][moved]]
    return changed


def _levels(space: Space, coords: Floats, few: list[int]) -> tuple[Integers, dict[int, Floats]]:
    """Levels (n, p) of points (n, p), halves where there are many, and where in the unit interval
    each level of a column of few lies. An inactive parameter has a level of its own.
    """
    places = (np.arange(_GRID) + 0.5) / _GRID
    grid = space.all_active(np.repeat(places[:, None], space.n_columns, axis=1))
    level, at = np.empty(coords.shape, dtype=np.int64), {}
    for j in range(space.n_columns):
        column = coords[:, j]
        if j in few:
            values = np.unique(grid[:, j])
            at[j] = np.array([np.median(places[grid[:, j] == value]) for value in values])
            level[:, j] = np.searchsorted(values, np.nan_to_num(column, nan=-np.inf))
            level[np.isnan(column), j] = len(values)
        else:
            level[:, j] = np.where(np.isnan(column), 2, column > np.nanmedian(column))
    return level, at


def _exchanged(level: Integers, fixed: int, j: int, n_levels: int, weight: Floats) -> bool:
    """Change levels of column j, in place, while that gains; whether it did."""
    n = len(level)
    alike = _alike(level, j, weight)
    mine, any_gain = level[:, j], False
    while True:
        load = alike @ (mine[:, None] == np.arange(n_levels + 1)).astype(float)
        here, there = load[np.arange(n), mine], load[:, mine]  # there: with another point's level
        move = (here[:, None] - load[:, :n_levels])[fixed:]
        swap = here[:, None] + here - there - there.T + 2.0 * alike
        swap[(mine[:, None] == mine) | (mine == n_levels)] = 0.0
        swap = swap[fixed:, fixed:]
        if max(move.max(), swap.max()) <= 1e-9:
            return any_gain
        if move.max() >= swap.max():
            a, new = np.unravel_index(int(np.argmax(move)), move.shape)
            mine[fixed + a] = new
        else:
            a, b = np.unravel_index(int(np.argmax(swap)), swap.shape)
            mine[[fixed + a, fixed + b]] = mine[[fixed + b, fixed + a]]
        any_gain = True


def _alike(level: Integers, j: int, weight: Floats) -> Floats:
    """(n, n) what it costs two points to share a level of column j: how much else they share."""
    others = np.delete(np.arange(level.shape[1]), j)
    alike = _EVEN + (level[:, None, others] == level[None, :, others]) @ weight[others]
    np.fill_diagonal(alike, 0.0)
    return np.asarray(alike)


def _cost(level: Integers, few: list[int], weight: Floats) -> float:
    same = [level[:, None, j] == level[None, :, j] for j in few]
    alike = (_alike(level, j, weight) for j in few)
    return float(sum((a * s).sum() for a, s in zip(alike, same, strict=True)))
