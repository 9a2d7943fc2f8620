"""The knowledge gradient: what an evaluation is expected to add to the model's own choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition.base import AcquisitionContext, Score
from bayesopt.acquisition.scores import LogEI
from bayesopt.compiled import floats
from bayesopt.compiled import knowledge_gradient as kernels
from bayesopt.surrogate import GaussianProcess, Posterior
from bayesopt.surrogate.toward_data import TowardData, WithData

Floats = NDArray[np.float64]

_LEAST = 1e-300  # less is worth nothing


@dataclass(frozen=True)
class KnowledgeGradient(LogEI):
    """By how much an evaluation is expected to lower the least posterior mean, of the points known
    and the one that is evaluated (Scott, Frazier & Powell 2011, "The correlated knowledge gradient
    for simulation optimization of continuous parameters").

    Without noise it is nearly the expected improvement. With noise it is what the evaluation adds
    to the choice that the model makes in the end: a point known well is worth little, however good
    it is, and one that tells of others is worth more. For runs where every point may be the best;
    where limits or failures weigh, and for surrogates that are no Gaussian processes, the expected
    improvement stands in.

    Attributes
    ----------
    told_noise : variance of the noise that will be told with the result, as a standard deviation;
        of standardised values. It adds to the noise that was fitted.
    """

    told_noise: float = 0.0

    def bind(
        self, context: AcquisitionContext, candidates: Floats, rng: np.random.Generator
    ) -> Score:
        """The log of the gain as a function over points."""
        score = KnowledgeGradientScore.of(context, self.told_noise)
        return super().bind(context, candidates, rng) if score is None else score


@dataclass(frozen=True, eq=False)
class KnowledgeGradientScore(Score):
    """Log of the expected gain, averaged over the fantasies of pending points and over the
    posterior's components.

    Attributes
    ----------
    processes : the posterior's components.
    weights : theirs, of sum 1.
    told_noise : variance of a result's noise besides the fitted one.
    """

    processes: tuple[TowardData, ...]
    weights: Floats
    told_noise: float = 0.0

    @classmethod
    def of(
        cls, context: AcquisitionContext, told_noise: float = 0.0
    ) -> KnowledgeGradientScore | None:
        """The score at a posterior state; None where its components are no Gaussian processes, or
        other things weigh as well.
        """
        posterior = context.objective
        if posterior is None or context.probabilities or not cls.serves(posterior):
            return None
        parts = (TowardData(c) for c in posterior.components if isinstance(c, GaussianProcess))
        return cls(tuple(parts), posterior.weights, told_noise)

    @staticmethod
    def serves(posterior: Posterior) -> bool:
        """Whether all components of a posterior are Gaussian processes of values."""
        return all(type(c) is GaussianProcess for c in posterior.components)

    def values(self, coords: Floats) -> Floats:
        """Scores (B,)."""
        total = np.zeros(len(coords))
        for process, weight in zip(self.processes, self.weights, strict=True):
            there = process.predict(coords)
            total += weight * _Gain.of(process, there, self.told_noise).values
        return np.log(np.maximum(total, _LEAST))

    def values_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Scores (B,) and gradients (B, p)."""
        total, gradient = np.zeros(len(coords)), np.zeros(coords.shape)
        for process, weight in zip(self.processes, self.weights, strict=True):
            there = process.predict(coords)
            gain = _Gain.of(process, there, self.told_noise)
            total += weight * gain.values
            gradient += weight * there.pullback(gain.d_mean, gain.d_var, gain.d_covariance)
        total = np.maximum(total, _LEAST)
        return np.log(total), gradient / total[:, None]


@dataclass(frozen=True, eq=False)
class _Gain:
    """Expected gains (B,) of one process and their derivatives in its moments."""

    values: Floats
    d_mean: Floats
    d_var: Floats
    d_covariance: Floats

    @classmethod
    def of(cls, process: TowardData, there: WithData, told_noise: float) -> _Gain:
        noise = process.process.noise_variance + told_noise
        scale = 1.0 / np.sqrt(there.var + noise)
        moved, own = floats(there.covariance * scale[:, None]), there.var * scale
        known, mean = floats(process.means.T), floats(there.mean)
        values, d_own = np.empty(len(own)), np.empty(len(own))
        d_mean, d_moved = np.empty(mean.shape), np.empty(moved.shape)
        kernels.knowledge_gradient(known, moved, mean, own, values, d_moved, d_mean, d_own)
        # moved = covariance * scale, own = var * scale
        d_scale = np.einsum("bn,bn->b", d_moved, there.covariance) + d_own * there.var
        d_var = d_own * scale - 0.5 * d_scale * scale**3
        return cls(values, d_mean, d_var, d_moved * scale[:, None])
