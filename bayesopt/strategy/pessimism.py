"""What failed evaluations say of the objective: that its values there are of no use.

The probability of success alone does not keep a search away from a failing region: beyond its
border the objective's surrogate knows nothing, so that the expected improvement there stays large
beside the little that is left to gain elsewhere, and no failure makes it smaller. So an
acquisition sees each failed point as an observation of the worst value seen, the more surely the
less probable success is there: where evaluations fail at random, a failure says next to nothing of
its place.
Predictions that are shown, and the hyperparameters, are those of the values alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import LogProbability
from bayesopt.surrogate import Posterior

Floats = NDArray[np.float64]

_LEAST_NOISE = 0.01  # variance of standardised values: a cliff is no surface to go through exactly
_MOST = 400  # failures that are looked at, the latest; as many as the model of success takes
# A failure costs an evaluation and tells little. Two factors of the probability halve the number
# of failures of one (benchmarks/ABLATIONS.md, failing regions).
POWER = 2


def pessimistic(
    posterior: Posterior, failed: Floats, success: LogProbability, worst: float
) -> Posterior:
    """The objective's posterior given that failed points are as bad as the worst value.

    Parameters
    ----------
    posterior : of the standardised values.
    failed : (f, p) coordinates of the failed points, f >= 1.
    success : the log probability of success.
    worst : the worst standardised value observed.
    """
    failed = failed[-_MOST:]
    noise = pseudo_noise(success.log_probability(failed))
    y = np.full((len(failed), 1), worst)
    parts = [c.condition(failed, y, c.noise_variance + noise) for c in posterior.components]
    return Posterior(tuple(parts), posterior.weights)


def pseudo_noise(log_probability: Floats) -> Floats:
    """Noise variances (f,) of the worst value at failed points, from the log probability of
    success there: the squared odds of success, at least 0.01.
    """
    probability = np.exp(np.minimum(log_probability, 0.0))
    odds = probability / np.maximum(1.0 - probability, 1e-3)
    return np.maximum(odds**2, _LEAST_NOISE)
