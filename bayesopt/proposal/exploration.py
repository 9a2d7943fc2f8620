"""Exploration while the surrogate's predictions are unreliable: points spread over the space."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from bayesopt.proposal.base import ProposalContext, Proposer
from bayesopt.proposal.candidates import cube_points, listed, sample
from bayesopt.space import Space
from bayesopt.streams import cover_stream
from bayesopt.trial import Origin

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_COVER = 256  # points of the set that a run's exploring trials share


def next_point(proposer: Proposer, context: ProposalContext) -> tuple[Floats, Origin]:
    """The next point (p,) of a proposer, or one of the exploration when that is due; and which.

    Raises
    ------
    SpaceExhausted : when no point is open.
    """
    if not proposer.explores(context):
        if not context.second_region:
            return proposer.propose(context), proposer.origin
        logger.info(
            "trial %d searches a second region: the search has settled beside the best point",
            context.number,
        )
        point = None if context.spread is None else context.first_open(context.spread)
        return proposer.propose(context) if point is None else point, Origin.SECOND_REGION
    logger.info(
        "trial %d is spread over the space, whatever the surrogate says: %s",
        context.number,
        context.reliability.value,
    )
    return next_of_cover(context), Origin.EXPLORATION


def cover(space: Space, seed: int) -> Floats:
    """Points (k, p) of a low-discrepancy set that depends on the run's seed only."""
    return space.from_cube(cube_points(space.n_columns, _COVER, cover_stream(seed)))


def next_of_cover(context: ProposalContext) -> Floats:
    """The first open point (p,) of a low-discrepancy set that depends on the run's seed only.

    Raises
    ------
    SpaceExhausted : when no point of the space is open.
    """
    space, points = context.space, cover(context.space, context.seed)
    if space.fixed:  # or trials with other fixed values would all take the same of the rest
        points = np.roll(points, -context.number, axis=0)
    found = context.first_open(points)
    if found is not None:
        return found
    every = listed(context)
    few = sample(context, _COVER) if every is None else every
    return np.asarray(few[int(context.rng.integers(len(few)))])
