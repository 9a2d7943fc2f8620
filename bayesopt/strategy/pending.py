"""What is assumed of points that are still being evaluated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.space.sobol import sobol_points
from bayesopt.surrogate import Posterior, sample_joint

Floats = NDArray[np.float64]

_LOG2_FANTASIES = 5  # 32 joint draws of the pending points' values
_LOG2_OF_SEVERAL = 3


def fantasy_normals(n_pending: int, rng: np.random.Generator) -> Floats:
    """Standard normals (q, F) for the joint fantasies of q pending points.

    Low-discrepancy ones (as in Balandat et al. 2020): so few independent draws would estimate an
    acquisition poorly.
    """
    from scipy.special import ndtri

    if n_pending == 0:
        return np.empty((0, 2**_LOG2_FANTASIES))
    u = sobol_points(n_pending, _LOG2_FANTASIES, rng)
    return np.ascontiguousarray(ndtri(np.clip(u, 1e-9, 1.0 - 1e-9)).T)


def fantasy_normals_of_several(m: int, n_pending: int, rng: np.random.Generator) -> Floats:
    """Standard normals (m, q, F) for the joint fantasies of m objectives at q pending points: few,
    as each has a front of its own.
    """
    from scipy.special import ndtri

    if n_pending == 0:
        return np.empty((m, 0, 1))
    u = sobol_points(m * n_pending, _LOG2_OF_SEVERAL, rng).T
    normals = ndtri(np.clip(u, 1e-9, 1.0 - 1e-9))
    return np.ascontiguousarray(normals.reshape(m, n_pending, -1))


def meets(
    constraint: Posterior, pending: Floats, normals: Floats, limit: float
) -> NDArray[np.bool_]:
    """(q, F) whether pending points (q, p) keep to a limit, under each fantasy (q, F).

    The fantasies are dealt out to the components of a mixture by their weights. Neighbouring ones
    are a low-discrepancy set of their own, so that each component sees all quantiles.
    """
    ends = np.rint(np.cumsum(constraint.weights) * normals.shape[1]).astype(int)
    ends[-1] = normals.shape[1]
    parts = [
        sample_joint(component, pending, normals[:, start:end]) <= limit
        for component, start, end in zip(constraint.components, [0, *ends[:-1]], ends, strict=True)
        if end > start
    ]
    return np.concatenate(parts, axis=1)


def as_expected(posterior: Posterior, pending: Floats, limit: float, margin: float) -> Posterior:
    """A constraint's posterior as if it were known at the pending points (q, p).

    As expected where it is met by ``margin`` standard deviations, else as if it was not met: that
    is when another point is of use. Averaged over fantasies instead, the probability of being
    feasible would be that without pending points, and a batch would be one point.
    """
    parts = []
    for c in posterior.components:
        moments = c.predict(pending)
        mean, sd = moments.mean[:, 0], np.sqrt(moments.var)
        y = np.where(mean + margin * sd <= limit, mean, np.maximum(mean, limit + sd))
        parts.append(c.condition(pending, y[:, None], np.full(len(pending), c.noise_variance)))
    return Posterior(tuple(parts), posterior.weights)
