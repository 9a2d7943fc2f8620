"""What one more trial is expected to add to the hypervolume of a front."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import EHVI
from bayesopt.report.run_facts import RunFacts
from bayesopt.strategy.volume_gain import expected_volume_gains

Floats = NDArray[np.float64]

_LOG2_DRAWS = 7


def hypervolume_gain(facts: RunFacts, coords: Floats) -> tuple[float, float]:
    """The expected gain in hypervolume of a trial at one point (1, p), in the product of the
    objectives' units, and the probability that there is any; NaN where it cannot be told.

    The gain is exact; the probability is the share of a fixed set of 128 noise-free draws, in
    which the objectives are independent given the point, as in the model. Both are times the
    probability that the trial succeeds and keeps to the constraints.
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
    no_worse = np.asarray(front.oriented)[None] <= values[:, None]
    beaten = np.asarray(no_worse.all(axis=2)).any(axis=1)
    adds = (values < reference).all(axis=1) & ~beaten
    succeeds = 1.0
    for probability in run.model.feasibility:
        succeeds *= float(np.exp(probability.log_probability(coords))[0])
    gain = float(expected_volume_gains(run.model, coords)[0])
    return gain, succeeds * float(adds.mean())
