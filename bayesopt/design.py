"""The first points, before there is enough to fit a model to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.calls import explained_class
from bayesopt.checks import optional, truth, whole
from bayesopt.pairs import paired
from bayesopt.space import Space
from bayesopt.space.branches import branches
from bayesopt.space.sobol import sobol_points

Floats = NDArray[np.float64]

_LEAST, _MOST = 5, 20
LARGEST = 10_000  # points; beyond that RandomSearch is what is meant
_SHARE = 0.15  # of a known budget
_LOG2_POOL = 11  # points that a design over a thin set is chosen from


@explained_class
@dataclass(frozen=True)
class InitialDesign:
    """The defaults (or the middle) first, then scrambled Sobol points through all parameter types,
    in which the levels of any two parameters of few levels meet as evenly as they can.

    Attributes
    ----------
    n : number of points (1 to 10,000), data the user brought included; None: d + 2 within 5
        to 20, at most 15 % of a known budget but at least 5 (the cost of an initial design is
        U-shaped in its size; Ax takes 5, HEBO d + 1, Optuna 10).
    start_at_default : begin with the parameters' defaults, where none is given their middle.
    branch_middles : where other parameters depend on a category, begin also with the defaults
        (or the middle) under each of its values, in place of at most a third of the points.
    """

    n: int | None = None
    start_at_default: bool = True
    branch_middles: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", optional(whole, "n", self.n, 1, LARGEST))
        truth("start_at_default", self.start_at_default)
        truth("branch_middles", self.branch_middles)

    def size(self, space: Space, n_trials: int | None) -> int:
        """Number of points for a space and a budget (None when unknown)."""
        if self.n is not None:
            return self.n
        n = min(max(space.n_chosen + 2, _LEAST), _MOST)
        return n if n_trials is None else max(_LEAST, min(n, int(_SHARE * n_trials)))

    def points(self, space: Space, n: int, rng: np.random.Generator) -> Floats:
        """At most n distinct, allowed points (k, p); fewer when constraints leave no room."""
        found: list[Floats] = []
        if self.start_at_default:
            found.append(space.default_coords()[None, :])
        if (
            space.is_thin
        ):  # evenly spread points of a simplex lie near its middle: cover it instead
            cube = sobol_points(space.n_columns, _LOG2_POOL, rng)
            pool = _distinct(space, np.concatenate([*found, space.from_cube(cube)]), 2**_LOG2_POOL)
            return _farthest(space, pool, n)
        by_branch = self.branch_middles and bool(branches(space))
        wanted = 4 * n if by_branch else n
        p = max(space.n_columns, 1)
        chosen = np.empty((0, space.n_columns))
        for log2_n in (max(int(np.ceil(np.log2(wanted))), 1), 8, 11, 12):
            cube = sobol_points(p, log2_n, rng)[:, : space.n_columns]
            if space.beliefs:  # every fourth point is drawn from the belief: more costs if wrong
                cube[1::4] = space.beliefs.drawn(cube[1::4])
            elif not len(chosen) and space.table is None and not space.has_constraints:
                known = np.concatenate([*found, np.empty((0, space.n_columns))])
                k = n - len(known)  # what constraints leave out would break pairs
                cube = np.concatenate([paired(space, cube[:k], known, rng.spawn(1)[0]), cube[k:]])
            found.append(space.from_cube(cube))
            chosen = _distinct(space, np.concatenate([chosen, *found]), wanted)
            found = []
            if len(chosen) >= wanted:
                break
        return _by_branch(space, chosen, n) if by_branch else chosen


def _by_branch(space: Space, points: Floats, n: int) -> Floats:
    """At most n of some points (m, p) and, in turn with them, the middles of branches that the
    first point is not in: at most a third of the n.
    """
    middles = [b.middle(space) for b in branches(space) if not b.has(space, points[:1]).any()]
    if middles := middles[: n // 3]:
        places = np.minimum(2 + np.arange(len(middles)), len(points))
        points = np.insert(points, places, np.array(middles), axis=0)
    return _twice_each(space, _distinct(space, points, len(points)), n)


def _twice_each(space: Space, points: Floats, n: int) -> Floats:
    """The first n points (n, p), but of each branch the first two where that is possible: one
    unlucky point must not condemn a branch.
    """
    member = np.array([branch.has(space, points) for branch in branches(space)])
    lacking = np.full(len(member), 2)
    kept: list[int] = []
    for i in range(len(points)):
        wanted = bool((lacking[member[:, i]] > 0).any())
        if wanted or n - len(kept) > lacking.sum():
            kept.append(i)
            lacking = np.maximum(lacking - member[:, i], 0)
        if len(kept) == n:
            break
    left = [i for i in range(len(points)) if i not in set(kept)]
    return points[sorted(kept + left[: n - len(kept)])]


def _distinct(space: Space, points: Floats, n: int) -> Floats:
    """The first n points that are allowed and differ from those before."""
    points = points[space.allowed(points)]
    if space.n_columns:  # small spaces repeat their few points thousands of times
        firsts = np.unique(np.nan_to_num(points, nan=-1.0), axis=0, return_index=True)[1]
        points = points[np.sort(firsts)]
    kept: list[int] = []
    for i in range(len(points)):
        if not kept or not space.same(points[i : i + 1], points[kept]).any():
            kept.append(i)
        if len(kept) >= n:
            break
    return points[kept]


def _farthest(space: Space, points: Floats, n: int) -> Floats:
    """The first point (p,) and n - 1 more, each the farthest from those chosen (Kennard & Stone
    1969). Unequal labels are 1 apart, an inactive and an active parameter 1/2.
    """
    chosen = [0]
    gap = np.full(len(points), np.inf)
    while len(points) and len(chosen) < min(n, len(points)):
        step = points - points[chosen[-1]]
        inactive = np.isnan(points) != np.isnan(points[chosen[-1]])
        step = np.where(space.is_categorical, (step != 0.0).astype(float), step)
        step = np.where(inactive, 0.5, np.where(np.isnan(points), 0.0, step))
        gap = np.minimum(gap, (step**2).sum(axis=1))
        chosen.append(int(np.argmax(gap)))
    return points[chosen[:n]] if len(points) else points
