"""The reference point of several objectives, inferred from the front that the model has."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.front import nondominated
from bayesopt.acquisition.multi_objective import mean_outputs
from bayesopt.acquisition.pareto import ReferencePoint, ends_of
from bayesopt.proposal import ProposalContext
from bayesopt.proposal.candidates import perturb, sample
from bayesopt.space import Space
from bayesopt.strategy.belief import is_early
from bayesopt.strategy.model import RunModel
from bayesopt.surrogate.transform import NOISY

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_LOOKED_AT = 512  # points over the space, in which the model's front begins to be looked for
_GENERATIONS, _OFFSPRING = 8, 128
_MANY = 3  # objectives
_GENERATIONS_OF_MANY = 12
_LUCK = 2.0  # standard deviations
_KEPT = 256  # points of the front from one generation to the next


@dataclass(frozen=True, eq=False)
class Outlook:
    """What a run may come to, standardised.

    Attributes
    ----------
    reference : the reference point.
    hoped : (k, m) values that the model has, or with some luck has, near its front.
    noisy : whether an objective has noise.
    """

    reference: ReferencePoint
    hoped: Floats
    noisy: bool = False


def looked_ahead(
    model: RunModel, context: ProposalContext, known: Floats, centers: Floats
) -> Outlook:
    """The reference point of a proposal, and the front that the model hopes for.

    From three objectives on it is that of the front of the model's means. The few points that are
    evaluated would have it far too wide: each is the best in something. For two objectives it is
    that of the evaluated points, but no nearer than that of the front that the model hopes for.

    Parameters
    ----------
    known : (n, p) evaluated points that may be on the front.
    centers : (n, p) the same, moved to where points may be: a search for the front begins there.
    """
    thresholds, noisy = standardised_thresholds(model), _noisy(model)
    if len(model.objectives) >= _MANY:
        found = _front(model, context, centers, _GENERATIONS_OF_MANY, 0.0)
        return Outlook(ReferencePoint.of(found, thresholds, searched=True), found, noisy)
    evaluated = mean_outputs([fitted.posterior for fitted in model.objectives], known)
    found = _front(model, context, centers, _GENERATIONS, 0.0 if noisy else _luck(model))
    hoped = ReferencePoint.of(found, thresholds)
    return Outlook(ReferencePoint.of(evaluated, thresholds).at_least(hoped), found, noisy)


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


def _luck(model: RunModel) -> float:
    """Standard deviations by which values are hoped to be better than their means.

    Hope finds the far end of a front that the model does not know yet (ZDT1). It has too much room
    where nothing is known for sure: in the first 3 (d + 2) results, and under noise, where there
    is none.
    """
    return 0.0 if is_early(model.data) else _LUCK


def _noisy(model: RunModel) -> bool:
    """Whether an objective has noise: told, or found by its fit."""
    told = [model.data.measured_of(o).sds for o in model.data.problem.objectives]
    if any(sds is not None and bool((sds > 0.0).any()) for sds in told):
        return True
    return max(fitted.posterior.noise_variance for fitted in model.objectives) >= NOISY


def _front(
    model: RunModel, context: ProposalContext, centers: Floats, generations: int, luck: float
) -> Floats:
    """Values (k, m) near the front that the model would have with some luck.

    Points drawn at random are far from any front in many dimensions, and those that are evaluated
    know only the part of it that was searched: the ends would never be looked for. So means, less
    standard deviations, are minimised by a few generations of perturbed points: half of them near
    the ends, one end an objective.
    """
    rng = context.rng
    found = np.concatenate([centers, sample(context, _LOOKED_AT, open_only=False)])
    values = _optimistic(model, found, luck)
    for _ in range(generations):
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
    posteriors = [fitted.posterior for fitted in model.objectives]
    if not luck:
        return mean_outputs(posteriors, coords)
    moments = [posterior.mean_var(coords) for posterior in posteriors]
    return np.stack([mean - luck * np.sqrt(np.maximum(var, 0.0)) for mean, var in moments], axis=1)


def _allowed(space: Space, coords: Floats) -> Mask:
    return space.allowed(coords) if space.has_constraints else np.ones(len(coords), dtype=bool)
