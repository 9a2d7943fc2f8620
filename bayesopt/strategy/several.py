"""Several objectives: the posterior state of a run, and the points that its search starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Feasibility, LogProbability, MultiObjectiveContext
from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.pareto import ends_of, front_first
from bayesopt.proposal import ProposalContext
from bayesopt.proposal.candidates import perturb, sample
from bayesopt.space import Space
from bayesopt.strategy.belief import limit
from bayesopt.strategy.data import RunData
from bayesopt.strategy.model import CLEARLY, RunModel
from bayesopt.strategy.pending import as_expected, fantasy_normals_of_several, meets

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LOOKED_AT = 512  # points over the space, in which the model's front begins to be looked for
_GENERATIONS, _OFFSPRING = 8, 128
_MANY = 3  # objectives
_EARLY = 3
_NOISY = 1e-2  # variance of an objective's noise, standardised
_KEPT = 256  # points of the front from one generation to the next


@dataclass(frozen=True, eq=False)
class Guide:
    """What a proposer goes by.

    Attributes
    ----------
    centers : (n, p) evaluated points, moved to where points may be: those on the front in random
        order, then the others.
    posterior : at which the acquisition is evaluated.
    """

    centers: Floats
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
        return Guide(space.snap(known), nothing)
    means = means_of(model, known)
    order = front_first(means[believed], context.rng)
    known = space.snap(known) if space.fixed else known
    feasible = known[believed]
    centers = space.snap(np.concatenate([feasible[order], known[~believed]]))
    posterior = MultiObjectiveContext.of(
        [fitted.posterior for fitted in model.objectives],
        feasible,
        thresholds=standardised_thresholds(model),
        pending=pending,
        normals=normals,
        counted=met if len(pending) else None,
        hoped=_hoped(model, context, centers[: len(order)]),
        probabilities=probabilities,
    )
    if space.fixed and len(pending):  # they count as points of the part that is searched
        posterior = replace(posterior, pending=space.snap(pending))
    return Guide(centers, posterior)


def means_of(model: RunModel, coords: Floats) -> Floats:
    """(n, m) standardised posterior means at coordinates (n, p)."""
    return np.stack(
        [
            p.weights @ np.array([c.mean(coords).mean(axis=1) for c in p.components])
            for p in (fitted.posterior for fitted in model.objectives)
        ],
        axis=1,
    )


def standardised_thresholds(model: RunModel) -> Floats | None:
    """(m,) thresholds in the units of the posteriors, NaN where there is none."""
    objectives = model.data.problem.objectives
    if all(o.threshold is None for o in objectives):
        return None
    return np.array(
        [
            np.nan
            if o.threshold is None
            else float(fitted.transform.forward(np.array([o.sign * o.threshold]))[0])
            for o, fitted in zip(objectives, model.objectives, strict=True)
        ]
    )


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


def _hoped(model: RunModel, context: ProposalContext, centers: Floats) -> Floats:
    """Values (k, m) near the front that the model would have it with some luck.

    The reference point is inferred from them. Those of points drawn at random are far from any
    front in many dimensions, and those that are evaluated know only the part of it that was
    searched: the ends would never be looked for. So means less a standard deviation are minimised
    by a few generations of perturbed points: half of them near the ends, one end an objective.

    From three objectives on, and under noise, the means alone are minimised: hope finds the far
    end of a front that the model does not know yet (ZDT1), and has too much room where there are
    more objectives (DTLZ2), or nothing is known for sure: as in the first 3 (d + 2) results.
    """
    noise = max(fitted.posterior.noise_variance for fitted in model.objectives)
    n, d = model.data.evaluated_coords.shape
    known = noise < _NOISY and n >= _EARLY * (d + 2)
    rng, luck = context.rng, float(known and len(model.objectives) < _MANY)
    found = np.concatenate([centers, sample(context, _LOOKED_AT, open_only=False)])
    values = _optimistic(model, found, luck)
    for _ in range(_GENERATIONS):
        on_front = np.flatnonzero(nondominated(values))
        ends = on_front[ends_of(values[on_front])]
        others = rng.choice(on_front, size=len(ends))
        new = perturb(context.space, found[np.concatenate([ends, others])], _OFFSPRING, rng)
        new = new[_allowed(context.space, new)]
        kept = np.concatenate([ends, rng.permutation(on_front)[:_KEPT]])
        found = np.concatenate([found[kept], new])
        values = np.concatenate([values[kept], _optimistic(model, new, luck)])
    return values


def _optimistic(model: RunModel, coords: Floats, luck: float) -> Floats:
    """(n, m) posterior means less so many standard deviations at coordinates (n, p)."""
    if not luck:
        return means_of(model, coords)
    moments = [fitted.posterior.mean_var(coords) for fitted in model.objectives]
    return np.stack([mean - luck * np.sqrt(np.maximum(var, 0.0)) for mean, var in moments], axis=1)


def _allowed(space: Space, coords: Floats) -> Mask:
    return space.allowed(coords) if space.has_constraints else np.ones(len(coords), dtype=bool)
