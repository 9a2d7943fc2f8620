"""Which points keep to the outcome constraints, when what was observed is noisy.

Of many noisy observations near a limit the luckiest one looks feasible and good, and is neither.
So under noise a constraint is taken to be met where its surrogate says so: the mean of many
neighbouring observations decides, not the one. Without noise the observation itself does.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bayesopt.strategy.data import Measured, RunData
from bayesopt.surrogate import Fitted

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

_NOISE = 1e-4  # variance of standardised values: less misleads nobody
# A smooth limit that is not yet known looks like noise: early results do not tell, and after them
# a misfit of a noiseless one seldom takes more than a thousandth.
_CLEAR_NOISE = 1e-3
_EARLY = 3  # times d + 2 results


def is_early(data: RunData) -> bool:
    """Whether so few results are known, fewer than 3 (d + 2), that nothing can be predicted well
    and a smooth surface looks like noise.
    """
    n, d = data.evaluated_coords.shape
    return bool(n < _EARLY * (d + 2))


def is_noisy(measured: Measured, fitted: Fitted, *, deterministic: bool) -> bool:
    """Whether an output's noise is large enough for the best observation to mislead: it was told
    with standard deviations, or the fit found noise.
    """
    if deterministic:
        return False
    return _has_told_noise(measured) or fitted.posterior.noise_variance > _NOISE


def judged_by_model(data: RunData, constraint: Measured, fitted: Fitted) -> bool:
    """Whether it is for the model to say where a constraint is met: its noise was told with
    standard deviations, two evaluations of one point differ, or many observations show it.
    """
    if data.problem.deterministic:
        return False
    if _has_told_noise(constraint) or data.repeats_differ(constraint):
        return True
    return not is_early(data) and fitted.posterior.noise_variance > _CLEAR_NOISE


def _has_told_noise(measured: Measured) -> bool:
    if measured.sds is None:
        return False
    return bool((measured.sds[_seen(measured)] > 0.0).any())


def _seen(measured: Measured) -> Mask:
    """(n,) whether there is a value that was seen: a predicted one has the prediction's sd."""
    seen = measured.reported
    return seen if measured.predicted is None else seen & ~measured.predicted


def told_noise(measured: Measured, fitted: Fitted) -> float:
    """The noise variance that is to be expected with the next result as its told standard
    deviation: the median of those told so far, 0 for results without; of standardised values. The
    fit's own noise comes on top.
    """
    if measured.sds is None or not _has_told_noise(measured):
        return 0.0
    seen = _seen(measured)
    known = fitted.transform.known_noise(measured.oriented[seen], measured.sds[seen])
    return float(np.median(known))


def believed_feasible(data: RunData, constraints: Mapping[str, Fitted]) -> Mask:
    """(n,) whether the evaluated points are believed to keep to all outcome constraints.

    Under noise, where the posterior mean of each constraint does, which for a normal posterior is
    where it is met with a probability of at least 1/2.

    Parameters
    ----------
    data : the run.
    constraints : the constraints' surrogates by name.
    """
    met = np.ones(len(data.evaluated), dtype=bool)
    for measured in data.constraints:
        fitted = constraints.get(measured.output.name)
        observed = data.met(measured)
        if fitted is None or not judged_by_model(data, measured, fitted):
            met &= observed
            continue
        posterior = fitted.posterior
        means = [c.mean(data.evaluated_coords).mean(axis=1) for c in posterior.components]
        believed = posterior.weights @ np.array(means) <= limit(fitted)
        met &= np.where(measured.reported, believed, observed)
    return met


def feasibility(data: RunData, constraints: Mapping[str, Fitted]) -> Floats:
    """(n,) probability that each evaluated point keeps to all outcome constraints; of those
    without noise 1 or 0, as observed. Parameters as above.
    """
    from bayesopt.acquisition import Feasibility

    log_probability = np.zeros(len(data.evaluated))
    for measured in data.constraints:
        fitted = constraints.get(measured.output.name)
        observed = np.where(data.met(measured), 0.0, -np.inf)
        if fitted is None or not judged_by_model(data, measured, fitted):
            log_probability += observed
            continue
        held = Feasibility(fitted.posterior, limit(fitted))
        logs = held.log_probability(data.evaluated_coords)
        log_probability += np.where(measured.reported, logs, observed)
    return np.exp(log_probability)


def limit(constraint: Fitted) -> float:
    """The standardised value of 0, a constraint's limit."""
    return float(constraint.transform.forward(np.zeros(1))[0])
