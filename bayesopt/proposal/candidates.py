"""Candidate points: sampled over the space, perturbed good points, all of them when few."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from bayesopt.proposal.base import NoFeasiblePoint, ProposalContext, SpaceExhausted
from bayesopt.space import Space
from bayesopt.space.sobol import sobol_points

Floats = NDArray[np.float64]

LISTED = 10_000  # spaces of at most this many points are enumerated
_REJECTIONS = 50  # rounds of drawing before known constraints are taken to be hard to meet
_BLAMED = 256  # points that tell which constraints are never met
_RADII = (0.3, 0.1, 0.03, 0.01)


@cache
def _sobol(p: int, log2_n: int) -> Floats:
    return sobol_points(p, log2_n, np.random.default_rng(p))


def cube_points(p: int, n: int, rng: np.random.Generator) -> Floats:
    """Low-discrepancy points (n, p): a fixed Sobol set, shifted at random (Cranley & Patterson
    1976).
    """
    if p == 0:
        return np.zeros((n, 0))
    points = _sobol(p, max(int(np.ceil(np.log2(max(n, 2)))), 1))[:n]
    return np.asarray((points + rng.random(p)) % 1.0)


def listed(context: ProposalContext) -> Floats | None:
    """All points (N, p) still open when the space is small or a table, else None.

    Raises
    ------
    SpaceExhausted : when none is open.
    NoFeasiblePoint : when the known constraints allow none.
    """
    space = context.space
    if space.table is not None:
        points = space.table
    elif space.n_points is not None and space.n_points <= LISTED:
        points = space.enumerate()
    else:
        return None
    chunks = [points[i : i + 4096] for i in range(0, len(points), 4096)]
    still = [chunk[context.is_new(chunk)] for chunk in chunks]
    if any(len(chunk) for chunk in still):
        return np.concatenate(still)
    if not any(space.allowed(chunk).any() for chunk in chunks):
        raise none_feasible(context, f"none of the {space.n_points} points of the space meets")
    raise SpaceExhausted(
        f"all {len(points)} points of the space that its constraints allow have been evaluated or "
        "are pending"
    )


def none_feasible(context: ProposalContext, found: str) -> NoFeasiblePoint:
    """The error of a search that the known constraints leave no point.

    Parameters
    ----------
    found : what became of the search; "the known constraints" and their names follow.
    """
    space = context.space
    cube = cube_points(space.n_columns, _BLAMED, np.random.default_rng(0))
    names = space.unmet(space.from_cube(cube))
    held = f" with {dict(space.fixed)!r} held" if space.fixed else ""
    return NoFeasiblePoint(
        f"{found} the known constraints{held}: {'; '.join(names)}. Check the constraints, or give "
        "a point that meets them with enqueue()",
        names,
    )


def sample(context: ProposalContext, n: int, *, open_only: bool = True) -> Floats:
    """About n allowed points over the whole space, not taken if ``open_only``; at least one.

    Under known constraints more points are drawn until enough are allowed, then the few found are
    perturbed.

    Raises
    ------
    NoFeasiblePoint : under known constraints, when no open point is found.
    SpaceExhausted : without, when none is.
    """
    space, rng = context.space, context.rng
    found = np.empty((0, space.n_columns))
    for _ in range(_REJECTIONS):
        points = space.from_cube(cube_points(space.n_columns, n, rng))
        if open_only:
            points = points[context.is_new(points)]
        elif space.has_constraints:
            points = points[space.allowed(points)]
        found = np.concatenate([found, points])
        if len(found) >= max(n // 2, 1) or (not space.has_constraints and len(found)):
            return found[:n]
        if space.has_constraints and len(found) >= 16:
            break
    seeds = found if len(found) else context.taken[space.allowed(context.taken)]
    if len(seeds):
        for _ in range(4):
            near = perturb(space, seeds, n, rng)
            near = near[context.is_new(near)]
            found = np.concatenate([found, near])[:n]
            seeds = found if len(found) else seeds
    if not len(found):
        raise none_found(context, _REJECTIONS * n)
    return found


def none_found(context: ProposalContext, n: int) -> SpaceExhausted:
    """The error of a search among ``n`` drawn points that found none open."""
    if context.space.has_constraints:
        return none_feasible(context, f"among {n:,} drawn points there is no new one that meets")
    return SpaceExhausted(f"among {n:,} drawn points there is none that was not evaluated yet")


def perturb(space: Space, centers: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Legal points (n, p) around centres (k, p), in turn: some coordinates moved, at several
    radii.

    Each coordinate moves with probability min(1, 5/p), at least one does; numeric ones by a normal
    step, categories to any label, inactive ones wherever their parent's change may need them.
    """
    k, p = centers.shape
    full = space.filled(centers[np.arange(n) % k], rng)
    moved = rng.random((n, p)) < min(1.0, 5.0 / max(p, 1))
    moved[np.arange(n), rng.integers(p, size=n)] = True
    radius = np.array(_RADII)[rng.integers(len(_RADII), size=n)][:, None]
    step = full + radius * rng.standard_normal((n, p))
    # a discrete column must move by at least a level, or most of its moves would round to nothing
    levels = np.maximum(space.n_levels - 1.0, 1.0)
    least = np.where(np.isfinite(levels), 1.0 / levels, 0.0)
    step = np.where(np.abs(step - full) < least, full + np.sign(step - full) * least, step)
    step = np.where(
        np.abs(step - 0.5) > 0.5, np.abs(1.0 - np.abs(1.0 - np.abs(step))), step
    )  # reflected
    labels = np.floor(
        rng.random((n, p)) * np.where(np.isfinite(space.n_levels), space.n_levels, 1.0)
    )
    changed = np.where(space.is_categorical, labels, step)
    return space.snap(np.where(moved, changed, full))


def cross(space: Space, parents: Floats, n: int, rng: np.random.Generator) -> Floats:
    """Legal points (n, p), each between two different ones of at least two parents (k, p).

    Each coordinate is one parent's, either's with the same probability; half of the points have
    their numeric ones somewhere between the two instead.
    """
    first = rng.integers(len(parents), size=n)
    second = (first + rng.integers(1, len(parents), size=n)) % len(parents)
    one, other = space.filled(parents[first], rng), space.filled(parents[second], rng)
    share = np.where(rng.random(n)[:, None] < 0.5, rng.random((n, 1)), np.nan)
    picked = np.where(rng.random(one.shape) < 0.5, one, other)
    blended = ~space.is_categorical & ~np.isnan(share)
    return space.snap(np.where(blended, one + share * (other - one), picked))
