"""Conditioning a Gaussian process on a run's data: factorised at a fit, extended in between."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.base import Fitted
from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.gp import GaussianProcess
from bayesopt.surrogate.hyperparameters import Hyperparameters
from bayesopt.surrogate.schedule import FitState, active_set

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_SURPRISING = 4.0  # predictive standard deviations, once in 16,000 under the right model


@dataclass(frozen=True, eq=False)
class Plan:
    """What to condition on.

    Attributes
    ----------
    hyperparameters : the model.
    coords : (n, p) evaluated points.
    values, z : (n,) their values in the user's units, and standardised.
    """

    hyperparameters: Hyperparameters
    coords: Floats
    values: Floats
    z: Floats


def conditioned(
    plan: Plan, noise: Floats, state: FitState, previous: Fitted | None
) -> GaussianProcess:
    """The GP of all data, or of a chosen part where there are very many.

    Without the ``previous`` fit, in a reloaded run, the steps of ``state.blocks`` are made again,
    so that the result is the same to the bit.

    Parameters
    ----------
    noise : (n,) known noise variances.
    """
    first = state.blocks[0]
    used = active_set(plan.values, first)
    lengths = [len(used) - (len(plan.values) - n) for n in state.blocks]
    coords, z, noise = plan.coords[used], plan.z[used], noise[used]
    gp = _reusable(previous, plan.hyperparameters, state, lengths)
    if gp is None:
        m = lengths[0]
        gp = _factorised(plan, coords[:m], z[:m], noise[:m])
    for n in lengths:
        m = len(gp.points)
        if n > m:
            fitted_noise = np.full(n - m, gp.hyperparameters.noise)
            gp = gp.condition(coords[m:n], z[m:n, None], fitted_noise)
    return gp.with_values(z)


def surprised(gp: GaussianProcess, newest: int) -> bool:
    """Whether one of the newest observations lies far from what all others say of it."""
    mean, var = gp.leave_one_out(newest)
    errors = np.abs(gp.y[len(gp.y) - newest :, 0] - mean)
    return bool((errors > _SURPRISING * np.sqrt(var)).any())


def _reusable(
    previous: Fitted | None, hp: Hyperparameters, state: FitState, lengths: list[int]
) -> GaussianProcess | None:
    """The previous fit's GP when its steps are the first of the state's, all else equal."""
    if previous is None or len(state.blocks) < 2:
        return None
    gp = previous.posterior.components[0]
    if not isinstance(gp, GaussianProcess):
        return None
    same_steps = list(previous.state.get("blocks", [])) in (
        list(state.blocks[:-1]),
        list(state.blocks),
    )
    same_model = np.array_equal(previous.state["log_theta"], hp.log_theta)
    return gp if same_steps and same_model and len(gp.points) in lengths[-2:] else None


def _factorised(plan: Plan, coords: Floats, z: Floats, noise: Floats) -> GaussianProcess:
    """The GP, with the noise raised and a warning when the covariance cannot be factorised."""
    hp = plan.hyperparameters
    while True:
        try:
            return GaussianProcess.fit(hp, coords, z, noise)
        except NotPositiveDefinite:
            if hp.noise > 1.0:
                raise
            raised = hp.noisier(100.0)
            logger.warning(
                "the covariance of %d points cannot be factorised; "
                "the noise variance is raised from %.1e to %.1e",
                len(z),
                hp.noise,
                raised.noise,
            )
            hp = raised
