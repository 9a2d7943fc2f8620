"""Points spread over a space: what the volume of its parts is counted by."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from bayesopt.space import Space
from bayesopt.space.sobol import sobol_points

Floats = NDArray[np.float64]

_LOG2_POINTS = 9
_KNOWN: WeakKeyDictionary[Space, Floats] = WeakKeyDictionary()


def spread_over(space: Space) -> Floats:
    """Low-discrepancy points (m, p) of a space, always the same: those of 512 that the known
    constraints allow, or all where they allow none.
    """
    known = _KNOWN.get(space)
    if known is None:
        p = space.n_columns
        cube = sobol_points(max(p, 1), _LOG2_POINTS, np.random.default_rng(0))[:, :p]
        known = space.from_cube(cube)
        if space.has_constraints:
            allowed = space.allowed(known)
            known = known[allowed] if allowed.any() else known
        _KNOWN[space] = known
    return known


def active_together(space: Space) -> Floats | None:
    """(p, p) of the points where a parameter is active the share where another one is active too,
    by points spread over the space; None where all always are.

    A parameter that no point has active counts as one that is active beside what always is.
    """
    if not space.is_conditional.any():
        return None
    active = (~np.isnan(spread_over(space))).astype(float)
    n = active.sum(axis=0)
    shares = active.T @ active / np.maximum(n, 1.0)[:, None]
    never = n == 0.0
    shares[never] = active.mean(axis=0)
    shares[never, never] = 1.0
    return np.asarray(shares)
