"""Several objectives: the posterior state of a run, and the points that its search starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Feasibility, LogProbability, MultiObjectiveContext
from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.multi_objective import mean_outputs
from bayesopt.acquisition.pareto import front_first
from bayesopt.proposal import ProposalContext
from bayesopt.strategy.belief import limit
from bayesopt.strategy.coverage import aimed
from bayesopt.strategy.data import RunData
from bayesopt.strategy.model import CLEARLY, RunModel
from bayesopt.strategy.pending import as_expected, fantasy_normals_of_several, meets
from bayesopt.strategy.reference import looked_ahead

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Guide:
    """What a proposer goes by.

    Attributes
    ----------
    centers : (n, p) evaluated points, moved to where points may be: those on the front in random
        order, then the others.
    n_front : how many are on the front.
    posterior : at which the acquisition is evaluated.
    """

    centers: Floats
    n_front: int
    posterior: MultiObjectiveContext


def guide(data: RunData, model: RunModel, context: ProposalContext) -> Guide:
    """The guide of a proposal; ``context`` has its space and random stream."""
    space, pending, known = context.space, data.pending_coords, data.evaluated_coords
    # what is known outside is better than nothing
    believed = model.eligible if model.eligible.any() else model.feasible
    m = len(data.problem.objectives)
    normals = fantasy_normals_of_several(m, len(pending), context.rng)
    probabilities, met = _probabilities(model, pending, normals, believed)
    if not model.objectives or not believed.any():
        nothing = MultiObjectiveContext.of((), known[:0], probabilities=probabilities)
        return Guide(space.snap(known), 0, nothing)
    posteriors = [fitted.posterior for fitted in model.objectives]
    means = mean_outputs(posteriors, known[believed])
    order = front_first(means, context.rng)
    known = space.snap(known) if space.fixed else known
    feasible = known[believed]
    centers = space.snap(np.concatenate([feasible[order], known[~believed]]))
    outlook = looked_ahead(model, context, feasible, centers[: len(order)])
    posterior = MultiObjectiveContext.of(
        posteriors,
        feasible,
        reference=aimed(context.number, means, outlook),
        pending=pending,
        normals=normals,
        counted=met if len(pending) else None,
        probabilities=probabilities,
    )
    if space.fixed and len(pending):  # they count as points of the part that is searched
        posterior = replace(posterior, pending=space.snap(pending))
    return Guide(centers, int(nondominated(means).sum()), posterior)


def _probabilities(
    model: RunModel, pending: Floats, normals: Floats, believed: Mask
) -> tuple[Sequence[LogProbability], Mask]:
    """Log probabilities of being feasible and of succeeding; and whether each pending point is
    feasible under each fantasy (q, F).
    """
    probabilities: list[LogProbability] = []
    met = np.ones(normals.shape[1:], dtype=bool)
    for k, fitted in enumerate(model.constraints.values(), 1):
        most, posterior = limit(fitted), fitted.posterior
        if len(pending):
            fantasies = np.roll(normals[0], k, axis=1)  # other ones than the objectives'
            met &= meets(posterior, pending, fantasies, most)
            margin = CLEARLY if believed.any() else np.inf
            posterior = as_expected(posterior, pending, most, margin)
        probabilities.append(Feasibility(posterior, most))
    if model.success is not None:
        probabilities.append(model.success)
    return probabilities, met
