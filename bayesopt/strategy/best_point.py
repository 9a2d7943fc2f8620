"""The point that is the best by the model, evaluated or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import UCB
from bayesopt.proposal import AcquisitionSearch, ProposalContext
from bayesopt.space import Space
from bayesopt.strategy.model import RunModel
from bayesopt.streams import best_stream

Floats = NDArray[np.float64]


def best_by_mean(model: RunModel, space: Space, seed: int) -> Floats:
    """Coordinates (p,) of the point of a space, or of a part of it, with the best posterior mean.

    Where there are outcome constraints or failures, the log probability of meeting them is added
    to the standardised mean, as :class:`~bayesopt.UCB` does.

    Raises
    ------
    SpaceExhausted : when the known constraints leave no point.
    """
    data = model.data
    rng = best_stream(seed)
    nothing = data.coords[:0]
    centers = nothing if model.objective is None else data.evaluated_coords[model.order]
    context = ProposalContext(
        space,
        nothing,
        space.snap(centers),
        rng=rng,
        number=0,
        seed=seed,
        acquisition=UCB(beta=0.0),
        posterior=model.acquisition_context(nothing, rng, space),
    )
    return AcquisitionSearch().propose(context)
