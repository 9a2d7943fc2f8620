"""What to do when the surrogate is no guide: points spread over the space, whatever it says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.proposal.base import Situation
from bayesopt.proposal.candidates import cube_points, listed, spread

Floats = NDArray[np.float64]

_COVER = 256  # points of the set that a run's exploring trials share
_COVER_STREAM = 2**32 - 3  # its spawn key: no trial has this number


def next_of_cover(situation: Situation) -> Floats:
    """The first open point (p,) of a low-discrepancy set that depends on the run's seed only.

    Raises
    ------
    SpaceExhausted : when no point of the space is open.
    """
    space = situation.space
    stream = np.random.SeedSequence(situation.seed, spawn_key=(_COVER_STREAM,))
    cube = cube_points(space.n_columns, _COVER, np.random.default_rng(stream))
    points = space.from_cube(cube)
    new = np.flatnonzero(situation.is_new(points))
    if len(new):
        return np.asarray(points[new[0]])
    every = listed(situation)
    few = spread(situation, _COVER) if every is None else every
    return np.asarray(few[int(situation.rng.integers(len(few)))])
