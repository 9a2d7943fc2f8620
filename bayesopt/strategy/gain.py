"""How much better than the best so far a point is expected to be, in the user's units."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from bayesopt.strategy.model import RunModel

Floats = NDArray[np.float64]

_NODES = 64  # of the integral over a normal variable: exact to about three digits at a kink


@cache
def _normal_nodes() -> tuple[Floats, Floats]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return nodes, weights / weights.sum()


def expected_gains(model: RunModel, coords: Floats) -> Floats:
    """The expected improvement of one objective at points, by quadrature through the output
    transform, times the probability that the evaluation succeeds and keeps to the constraints.
    Of several objectives that of the hypervolume: ``expected_volume_gains``.

    Parameters
    ----------
    model : fitted to the run's results.
    coords : (B, p) points.

    Returns
    -------
    (B,) gains >= 0 over the least posterior mean at an evaluated point that may be the best; NaN
    while there is none.
    """
    if len(model.data.problem.objectives) > 1:
        from bayesopt.strategy.volume_gain import expected_volume_gains

        return expected_volume_gains(model, coords)
    fitted, eligible = model.objective, model.eligible
    if fitted is None or not eligible.any():
        return np.full(len(coords), np.nan)
    best = fitted.transform.inverse(model.means[eligible].min(keepdims=True))[0]
    mean, var = fitted.posterior.mean_var(coords)
    nodes, weights = _normal_nodes()
    values = fitted.transform.inverse(mean[:, None] + np.sqrt(var)[:, None] * nodes)
    with np.errstate(over="ignore"):
        gains = np.maximum(best - values, 0.0) @ weights
    context = model.acquisition_context(coords[:0], np.random.default_rng(0))
    for probability in context.probabilities:
        gains = gains * np.exp(probability.log_probability(coords))
    return np.asarray(gains)
