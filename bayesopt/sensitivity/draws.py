"""Functions that the results allow, for error bars of what follows from them.

Each has its own hyperparameters. Those of full Bayes are the draws of its mixture. Of a MAP fit
they come from Laplace's approximation: a normal distribution around the MAP in log
hyperparameters, with the curvature of the negative log posterior there (MacKay 2003, ch. 27), each
draw weighed by what the posterior says of it against the normal density, truncated (Ionides 2008).

Given these, the function is drawn from the posterior at some hundred points spread over the space,
and is the posterior mean between them: indices of realisations of the process, as in Marrel,
Iooss, Laurent & Roustant 2009, Reliability Engineering & System Safety 94, 742.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate import (
    Columns,
    Fitted,
    GaussianProcess,
    Hyperparameters,
    MapGP,
    Observations,
    Priors,
    Surrogate,
    sample_joint,
)
from bayesopt.surrogate.cholesky import NotPositiveDefinite
from bayesopt.surrogate.evidence import Evidence
from bayesopt.surrogate.prior import LogPrior
from bayesopt.surrogate.schedule import subsample

Floats = NDArray[np.float64]

_SEED = 0
_MOST = 300  # observations that the curvature is measured on: it costs O(n³) for each parameter
_STEP = 1e-3  # of the finite differences, in log hyperparameters
_AT_BOUND = 1e-6
_JITTER = 1e-5  # of the prior variance: noise of the values that a function is drawn at
_TIMID = 0.25  # least precision: no draw goes further than where the posterior may be flat


@dataclass(frozen=True, eq=False)
class Draws:
    """Processes that the data allow, with weights (S,) that sum to 1."""

    processes: tuple[GaussianProcess, ...]
    weights: Floats


@dataclass(frozen=True, eq=False)
class Laplace:
    """The normal approximation of the hyperparameters' posterior at the MAP.

    Attributes
    ----------
    process : the process at the MAP.
    evidence, prior : what the posterior is made of.
    center : (t,) log hyperparameters.
    free : (t,) those that are not at a bound.
    root : (f, f) a root of the covariance of those.
    weight : power of the likelihood, at most 1: results that lie close together count less.
    """

    process: GaussianProcess
    evidence: Evidence
    prior: LogPrior
    center: Floats
    free: NDArray[np.bool_]
    root: Floats
    weight: float = 1.0

    @classmethod
    def of(
        cls,
        fitted: Fitted,
        columns: Columns,
        data: Observations,
        surrogate: Surrogate,
        weight: float = 1.0,
    ) -> Laplace | None:
        """Of a MAP fit; None for any other."""
        parts = fitted.posterior.components
        if len(parts) != 1 or not isinstance(parts[0], GaussianProcess):
            return None
        process, hp = parts[0], parts[0].hyperparameters
        priors = surrogate.priors if isinstance(surrogate, MapGP) else Priors()
        some = subsample(data.values, _MOST)
        z = fitted.transform.forward(data.values)
        noise = fitted.transform.known_noise(data.values, data.noise_sd)
        evidence = Evidence(hp.covariance, data.coords[some], z[some], noise[some])
        prior = hp.covariance.vector.prior(priors, deterministic=data.noise_is_known)
        center = np.clip(hp.log_theta, prior.low, prior.high)
        free = (center > prior.low + _AT_BOUND) & (center < prior.high - _AT_BOUND)
        try:
            root = _root_of_covariance(evidence, prior, center, free, weight)
        except NotPositiveDefinite:
            return None
        return cls(process, evidence, prior, center, free, root, weight)

    @property
    def determined(self) -> float:
        """How many hyperparameters the data determine: the sum over directions of the share of
        the precision that is not the prior's (MacKay 1992, Neural Computation 4, 415).
        """
        by_prior = ((self.root / self.prior.sd[self.free][:, None]) ** 2).sum()
        return float(np.clip(self.free.sum() - by_prior, 0.0, None))

    def draws(self, fitted: Fitted, data: Observations, size: int) -> Draws | None:
        """About ``size`` draws; None where hardly one has a Cholesky factor."""
        z = fitted.transform.forward(data.values)
        noise = fitted.transform.known_noise(data.values, data.noise_sd)
        covariance = self.process.hyperparameters.covariance
        best = _cost(self.evidence, self.prior, self.center, self.weight)[0]
        rng = np.random.default_rng(_SEED)
        found: list[GaussianProcess] = []
        log_weights: list[float] = []
        for normals in rng.standard_normal((size, int(self.free.sum()))):
            log_theta = self.center.copy()
            log_theta[self.free] += self.root @ normals
            log_theta = np.clip(log_theta, self.prior.low, self.prior.high)
            try:
                cost = _cost(self.evidence, self.prior, log_theta, self.weight)[0]
                drawn = Hyperparameters(covariance, log_theta)
                found.append(GaussianProcess.fit(drawn, data.coords, z, noise))
            except NotPositiveDefinite:
                continue
            log_weights.append(best - cost + 0.5 * float(normals @ normals))
        if len(found) < 2:
            return None
        weights = np.exp(np.array(log_weights) - max(log_weights))
        weights = np.minimum(weights, weights.mean() * np.sqrt(len(weights)))
        return Draws(tuple(found), weights / weights.sum())


def mixture_draws(fitted: Fitted, size: int) -> Draws | None:
    """At most ``size`` components of a mixture of processes; None for anything else."""
    parts = fitted.posterior.components
    processes = [part for part in parts if isinstance(part, GaussianProcess)]
    if len(processes) != len(parts) or len(parts) < 2:
        return None
    chosen = np.unique(np.linspace(0, len(parts) - 1, min(size, len(parts))).astype(int))
    weights = fitted.posterior.weights[chosen]
    return Draws(tuple(processes[i] for i in chosen), weights / weights.sum())


def realised(draws: Draws, coords: Floats) -> Draws:
    """One function of each process: drawn at coordinates (m, p), the mean between them."""
    rng = np.random.default_rng(_SEED)
    found, weights = [], []
    for process, weight in zip(draws.processes, draws.weights, strict=True):
        values = sample_joint(process, coords, rng.standard_normal((len(coords), 1)))
        nearly_none = np.full(len(coords), _JITTER * process.hyperparameters.outputscale)
        try:
            found.append(process.condition(coords, values, nearly_none))
        except NotPositiveDefinite:
            continue
        weights.append(weight)
    return Draws(tuple(found), np.array(weights) / sum(weights) if weights else np.empty(0))


def _cost(
    evidence: Evidence, prior: LogPrior, log_theta: Floats, weight: float
) -> tuple[float, Floats]:
    """Negative log posterior of the hyperparameters with the likelihood to a power, and its
    gradient (t,).
    """
    value, gradient = evidence(log_theta)
    more, slope = prior.cost(log_theta)
    return weight * value + more, weight * gradient + slope


def _root_of_covariance(
    evidence: Evidence, prior: LogPrior, center: Floats, free: NDArray[np.bool_], weight: float
) -> Floats:
    """A root (f, f) of the inverse of the curvature, by central differences of the gradient."""
    where = np.flatnonzero(free)
    curvature = np.empty((len(where), len(where)))
    for row, j in enumerate(where):
        step = np.zeros_like(center)
        step[j] = _STEP
        up, down = (
            _cost(evidence, prior, center + step, weight)[1],
            _cost(evidence, prior, center - step, weight)[1],
        )
        curvature[row] = (up - down)[where] / (2.0 * _STEP)
    values, vectors = np.linalg.eigh(0.5 * (curvature + curvature.T))
    return np.asarray(vectors / np.sqrt(np.maximum(values, _TIMID)))
