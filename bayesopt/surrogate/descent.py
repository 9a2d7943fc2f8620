"""Descents to the maximum a posteriori of the hyperparameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.prior import LogPrior

Floats = NDArray[np.float64]

_STEPS = 60
_BAD = 1e10  # cost of hyperparameters whose covariance cannot be factorised


@dataclass(frozen=True)
class DescentSettings:
    """When a descent ends, and how it begins.

    Attributes
    ----------
    steps : at most so many.
    tolerance : gain of a step, as a part of the cost, that ends it.
    scale : the first step is about 1 / scale long, in log hyperparameters.
    """

    steps: int = _STEPS
    tolerance: float = 1e-6
    scale: float = 1.0

    @classmethod
    def near(cls, n: int, steps: int, nats: float) -> DescentSettings:
        """From near the optimum, for n observations; ends when a step gains about ``nats``."""
        # the evidence of n observations has curvatures in proportion to n
        return cls(steps, nats / n, float(np.sqrt(n)))


def descend(
    evidence: Callable[[Floats], tuple[float, Floats]],
    prior: LogPrior,
    start: Floats,
    settings: DescentSettings,
) -> tuple[float, Floats]:
    """Least cost (negative log posterior) near a start, and its log hyperparameters.

    Parameters
    ----------
    evidence : log hyperparameters to the negative log evidence and its gradient, such as
        :class:`~bayesopt.surrogate.evidence.Evidence`.
    """
    from scipy.optimize import minimize

    scale = settings.scale

    def cost(x: Floats) -> tuple[float, Floats]:
        log_theta = x / scale
        penalty, slope = prior.cost(log_theta)
        try:
            value, gradient = evidence(log_theta)
        except NotPositiveDefinite:
            return _BAD, np.zeros_like(log_theta)
        return value + penalty, (gradient + slope) / scale

    found = minimize(
        cost,
        start * scale,
        jac=True,
        method="L-BFGS-B",
        bounds=np.column_stack([prior.low, prior.high]) * scale,
        options={
            "maxiter": settings.steps,
            "ftol": settings.tolerance,
            "gtol": 1e-2 / scale,
        },
    )
    log_theta = np.asarray(found.x, dtype=float) / scale
    return float(found.fun), np.clip(log_theta, prior.low, prior.high)
