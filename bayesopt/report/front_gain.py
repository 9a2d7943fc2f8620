"""What one more trial is expected to add to the hypervolume of a front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import EHVI
from bayesopt.acquisition.pareto import hypervolume
from bayesopt.report.run_facts import RunFacts

Floats = NDArray[np.float64]

_LOG2_DRAWS = 7


def hypervolume_gain(facts: RunFacts, coords: Floats) -> tuple[float, float]:
    """The mean gain in hypervolume of a noise-free trial at one point (1, p), in the product of
    the objectives' units, and the probability that there is any; NaN where it cannot be told.

    The objectives are independent given the point, as in the model. The mean is over a fixed set
    of 128 draws, times the probability that the trial succeeds and keeps to the constraints.
    """
    from scipy.special import ndtri

    from bayesopt.space.sobol import sobol_points

    front, run = facts.front, facts.run
    unknown = float("nan"), float("nan")
    if (
        front is None
        or run is None
        or not len(front)
        or len(front.objectives) > EHVI.most_objectives
    ):
        return unknown
    signs = np.array([o.sign for o in front.objectives])
    known = facts.result.hypervolume.reference
    each = {one.objective.name: one for one in facts.each()}
    if set(known) != {o.name for o in front.objectives}:
        return unknown
    reference = np.array([known[o.name] for o in front.objectives]) * signs
    cube = sobol_points(len(signs), _LOG2_DRAWS, np.random.default_rng(0))
    values = np.empty_like(cube)
    for j, objective in enumerate(front.objectives):
        one = each[objective.name]
        if one.fitted is None:
            return unknown
        predicted = one.predict(coords)
        normal = ndtri(np.clip(cube[:, j], 1e-9, 1.0 - 1e-9))
        latent = predicted.latent_mean[0] + predicted.latent_sd[0] * normal
        values[:, j] = predicted.transform.inverse(latent)
    gains = exclusive_volumes(values, front.oriented, reference)
    succeeds = 1.0
    for probability in run.model.feasibility:
        succeeds *= float(np.exp(probability.log_probability(coords))[0])
    return succeeds * float(gains.mean()), succeeds * float((gains > 0.0).mean())


def exclusive_volumes(points: Floats, front: Floats, reference: Floats) -> Floats:
    """The volume (B,) that each of the points (B, m) dominates below a reference point (m,) and no
    point of a front (k, m) does. Less is better.
    """
    ideal = np.minimum(points.min(axis=0), front.min(axis=0))
    span = np.where(reference > ideal, reference - ideal, 1.0)
    own, others = (points - ideal) / span, (front - ideal) / span
    limit = (reference - ideal) / span
    found = np.zeros(len(points))
    for i in np.flatnonzero((own < limit).all(axis=1)):
        shared = hypervolume(np.maximum(others, own[i]), limit)
        found[i] = max(float(np.prod(limit - own[i])) - shared, 0.0)
    return np.asarray(found * np.prod(span))
