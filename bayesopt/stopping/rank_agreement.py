"""Whether the order of curves at a step tells their order later on."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Prior of the correlation of normal scores at a step and at the end: early values mostly tell the
# ends well (.77 to .9 in TaskSet from the first of 50 checkpoints on), else it may be anything.
_CORRELATION = np.linspace(-0.9, 0.9, 19)
_USUAL = np.exp(-0.5 * ((_CORRELATION - 0.75) / 0.15) ** 2)
_USUALLY = 0.8
_PRIOR = _USUALLY * _USUAL / _USUAL.sum() + (1.0 - _USUALLY) / len(_CORRELATION)
_TELLING = 0.316  # a correlation from which on a step explains a tenth of the ends' variance
_LOGISTIC = 1.702  # times x: the logistic function is within .01 of the normal distribution at x
_MOST = 60  # trials whose pairs are looked at


def belief(values: Floats, later: Floats, everyone: Floats) -> float:
    """Probability, in [0, 1], that the values at a step are correlated with later ones.

    The values become normal scores among all trials that reached the step. Of two trials whose
    scores differ by d, the one with the lower score is lower later on with the probability
    ``Phi(r d / sqrt(2 (1 - r²)))`` at a correlation r. The likelihood is that of all pairs, each
    with the weight 2/n: n trials are n - 1 comparisons. So units do not matter, outliers count
    as any bad value does, and trials that lie close together at the step say little, as they
    should: those that went further were chosen by their values there.

    Parameters
    ----------
    values, later : (n,) of the trials that went further, at the step and later.
    everyone : (m,) the values at the step of all trials that reached it.
    """
    if len(values) > _MOST:
        some = np.linspace(0, len(values) - 1, _MOST).round().astype(np.int64)
        values, later = values[some], later[some]
    n = len(values)
    i, j = np.triu_indices(n, 1)
    scores = _scores(values, everyone)
    agreed = (scores[j] - scores[i]) * _sign(later, i, j)
    agreed = agreed[agreed != 0.0]
    slopes = _LOGISTIC * _CORRELATION / np.sqrt(2.0 * (1.0 - _CORRELATION**2))
    likelihood = -2.0 / max(n, 1) * np.logaddexp(0.0, -slopes[:, None] * agreed).sum(axis=1)
    posterior = _PRIOR * np.exp(likelihood - likelihood.max())
    return float(posterior[_CORRELATION >= _TELLING].sum() / posterior.sum())


def _scores(values: Floats, everyone: Floats) -> Floats:
    """Normal scores of values by their places among all; equal ones share a place."""
    ascending = np.sort(everyone)
    below = np.searchsorted(ascending, values, side="left")
    places = 0.5 * (below + np.searchsorted(ascending, values, side="right"))
    shares = np.clip(places, 0.5, len(everyone) - 0.5) / len(everyone)
    return np.array([NormalDist().inv_cdf(share) for share in shares.tolist()])


def _sign(later: Floats, i: NDArray[np.int64], j: NDArray[np.int64]) -> Floats:
    """Whether j is above (1), below (-1) or level with i."""
    return (later[j] > later[i]).astype(float) - (later[j] < later[i])
