"""What a fit says of itself: in the result's diagnostics, and in the log."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.covariance.vector import NOISE, HyperparameterVector
from bayesopt.surrogate.full_bayes.diagnostics import ConvergenceStatus
from bayesopt.surrogate.full_bayes.sampled_posterior import Sampling

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_NAMED = ("outputscale", NOISE, "lengthscale", "category_weight")  # in the words of before


def diagnostics(vector: HyperparameterVector, state: Mapping[str, Any]) -> dict[str, Any]:
    """Medians and 5 to 95 % ranges over all draws, and the diagnostics of every sampling."""
    kept = np.array(state["log_theta"], dtype=float)
    found = np.array(state["quantiles"]) if "quantiles" in state else quantiles(kept)
    low, middle, high = (vector.named(q) for q in found)
    none = np.empty(0)
    ranges = [x.get("lengthscale", none) for x in (low, high)]
    verdict = ConvergenceStatus.AWAITED
    if state.get("sampled", True):
        verdict = ConvergenceStatus[state["refits"][-1]["verdict"].upper()]
    return {
        "transform": state["transform"],
        "outputscale": float(middle[vector.placed[0].name]),
        "noise_sd": float(np.sqrt(middle[NOISE])),
        "lengthscales": middle.get("lengthscale", none).tolist(),
        "lengthscale_ranges": np.stack(ranges, axis=1).tolist(),
        "category_weights": middle.get("category_weight", none).tolist(),
        **{name: x.tolist() for name, x in middle.items() if name not in _NAMED},
        "draws": len(kept),
        "verdict": verdict.value,
        "refits": [dict(r) for r in state["refits"]],
    }


def quantiles(log_theta: Floats) -> Floats:
    """5, 50 and 95 % (3, t) of draws (..., t).

    Of all that were drawn: the few that a mixture keeps do not tell which parameters matter.
    """
    rows = log_theta.reshape(-1, log_theta.shape[-1])
    return np.asarray(np.quantile(rows, [0.05, 0.5, 0.95], axis=0))


def tell_log(sampling: Sampling, size: int, n: int, seconds: float) -> None:
    """One line of log per sampling of ``size`` hyperparameters given n observations."""
    convergence = sampling.convergence
    logger.log(
        logging.INFO if convergence.status is ConvergenceStatus.GOOD else logging.WARNING,
        "posterior of %d hyperparameters given %d observations, sampled in %.1f s: "
        "%s (R-hat %.3f, effective draws %.0f, divergent %.1f %%, cut short %.1f %%)",
        *(size, n, seconds, convergence.status.value, convergence.r_hat, convergence.ess),
        *(100 * convergence.divergent, 100 * convergence.saturated),
    )
