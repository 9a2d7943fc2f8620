"""From data to draws of the hyperparameters: sample, diagnose, try again once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.full_bayes.chains import Chains, to_arviz
from bayesopt.surrogate.full_bayes.diagnostics import (
    ConvergenceDiagnostics,
    ConvergenceStatus,
    ConvergenceThresholds,
    diagnose,
    failure,
)
from bayesopt.surrogate.full_bayes.sampling import Sampler, SamplingSettings, first_starts
from bayesopt.surrogate.full_bayes.target import Target

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")


@dataclass(frozen=True, eq=False)
class Sampling:
    """Chains of one posterior, with their diagnostics.

    Attributes
    ----------
    convergence : of the chains.
    chains : None when there are none.
    data : what ArviZ works with: groups ``posterior`` and ``sample_stats``; None when there are no
        chains.
    tries : 1, or 2 when the first chains were not good.
    """

    convergence: ConvergenceDiagnostics
    chains: Chains | None
    data: Any
    tries: int

    @property
    def usable(self) -> bool:
        """Whether the draws may stand for the posterior."""
        return self.convergence.status is not ConvergenceStatus.FAILED


def sample_posterior(
    target: Target,
    near: Floats,
    *,
    sampler: Sampler,
    settings: SamplingSettings,
    n_chains: int,
    thresholds: ConvergenceThresholds,
    coords: Mapping[str, list[str]],
    rng: np.random.Generator,
    warm: Mapping[str, Any] | None = None,
) -> Sampling:
    """Sample a posterior; chains that are not good are tried once more, with other settings.

    Parameters
    ----------
    near : (k,) a point of high density, to start around.
    warm : ``starts`` (c, k) and ``scale`` (k,) of an earlier posterior, to start from instead.
    """
    starts, scale = _warm(warm, target, n_chains)
    if starts is None:
        starts = first_starts(target, near, n_chains, rng)
    first = _attempt(target, starts, scale, sampler, settings, thresholds, coords, rng)
    if first.convergence.status is ConvergenceStatus.GOOD:
        return first
    careful = replace(
        settings, tune=2 * settings.tune, target_accept=0.95, max_depth=settings.max_depth + 2
    )
    logger.info(
        "the chains did not agree (%s): trying again with smaller steps and twice the tuning",
        first.convergence.numbers,
    )
    starts = first_starts(target, near, n_chains, rng)
    second = _attempt(
        target, starts, np.ones(target.size), sampler, careful, thresholds, coords, rng
    )
    better = min(first, second, key=_badness)
    return replace(better, tries=2)


def _attempt(
    target: Target, starts: Floats, scale: Floats, sampler: Sampler, settings: SamplingSettings,
    thresholds: ConvergenceThresholds, coords: Mapping[str, list[str]], rng: np.random.Generator,
) -> Sampling:  # fmt: skip
    try:
        chains = sampler(target, starts, scale, settings, rng)
    except (
        ArithmeticError,
        RuntimeError,
    ) as error:  # how the samplers say that they found no density
        logger.info("no chains: %s", error)
        return Sampling(failure(), None, None, 1)
    data = to_arviz(chains, target.named(chains.q), coords, target.dims)
    return Sampling(diagnose(data, thresholds, target.vector.where), chains, data, 1)


def _badness(sampling: Sampling) -> tuple[int, float]:
    order = [ConvergenceStatus.GOOD, ConvergenceStatus.DOUBTFUL, ConvergenceStatus.FAILED]
    return order.index(sampling.convergence.status), sampling.convergence.r_hat


def _warm(
    warm: Mapping[str, Any] | None, target: Target, n_chains: int
) -> tuple[Floats | None, Floats]:
    cold = np.ones(target.size)
    if warm is None:
        return None, cold
    starts, scale = np.array(warm["starts"], dtype=float), np.array(warm["scale"], dtype=float)
    if starts.shape != (n_chains, target.size) or scale.shape != (target.size,):
        return None, cold
    if not all(np.isfinite(target.log_posterior(q)[0]) for q in starts):
        return None, scale
    return starts, scale


def thinned(draws: Floats, keep: int) -> Floats:
    """About evenly spaced ones (min(keep, c n), k) of the draws (c, n, k) of all chains."""
    c, n, k = draws.shape
    chosen = np.linspace(0, c * n - 1, min(keep, c * n)).round().astype(np.int64)
    return np.asarray(draws.reshape(c * n, k)[chosen])


def warmth(chains: Chains) -> dict[str, Any]:
    """What the next sampling may start from; JSON-representable."""
    scale = np.clip(chains.q.reshape(-1, chains.q.shape[2]).std(axis=0), 1e-3, 10.0)
    return {"starts": chains.q[:, -1].tolist(), "scale": scale.tolist()}
