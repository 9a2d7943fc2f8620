"""How much hypervolume a point is expected to add, in the user's units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import EHVI, MultiObjectiveContext
from bayesopt.acquisition.multi_objective import mean_outputs
from bayesopt.acquisition.pareto import ReferencePoint
from bayesopt.strategy.model import RunModel
from bayesopt.strategy.reference import standardised_thresholds

Floats = NDArray[np.float64]


def expected_volume_gains(model: RunModel, coords: Floats) -> Floats:
    """The expected hypervolume improvement at points, times the probability that the evaluation
    succeeds and keeps to the constraints.

    The front is that of the posterior means of the evaluated points that may be on it, and the
    reference point is inferred from them, as that of ``result.hypervolume`` is.

    Parameters
    ----------
    model : of two to four objectives, fitted to the run's results.
    coords : (B, p) points.

    Returns
    -------
    (B,) gains >= 0, in the product of the objectives' units; NaN while there is no front.

    Raises
    ------
    ValueError : for more than four objectives.
    """
    m = len(model.data.problem.objectives)
    if m > EHVI.most_objectives:
        raise ValueError(
            f"the expected hypervolume is told for at most {EHVI.most_objectives} objectives; "
            f"this run has {m}"
        )
    if not model.objectives or not model.eligible.any():
        return np.full(len(coords), np.nan)
    posteriors = [fitted.posterior for fitted in model.objectives]
    known = model.data.evaluated_coords[model.eligible]
    reference = ReferencePoint.of(mean_outputs(posteriors, known), standardised_thresholds(model))
    context = MultiObjectiveContext.of(
        posteriors, known, reference=reference, probabilities=model.feasibility
    )
    score = EHVI().bind(context, coords, np.random.default_rng(0))
    units = [
        fitted.transform.inverse(np.array([value, value + 1.0]))
        for fitted, value in zip(model.objectives, reference.values, strict=True)
    ]
    with np.errstate(over="ignore", divide="ignore"):
        log_unit = sum(float(np.log(abs(there - here))) for here, there in units)
        return np.asarray(np.exp(score.values(coords) + log_unit))
