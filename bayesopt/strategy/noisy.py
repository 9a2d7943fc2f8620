"""Under noise a proposal is worth what it adds to the model's choice, or is by a bound.

What is left to gain over a believed incumbent is small beside the noise, so that the expected
improvement stays with the points that are known. The knowledge gradient asks what an evaluation
does for the point that the model recommends; where it cannot be had, every second proposal is by
a bound of the latent function, which asks where the optimum may lie (benchmarks/ABLATIONS.md,
noise).
"""

from __future__ import annotations

from dataclasses import replace

from bayesopt.acquisition import UCB, AcquisitionContext, LogEI
from bayesopt.acquisition.knowledge_gradient import KnowledgeGradient, KnowledgeGradientScore
from bayesopt.proposal import ProposalContext
from bayesopt.strategy.belief import is_early, told_noise
from bayesopt.strategy.model import RunModel
from bayesopt.surrogate.transform import NOISY

_EVERY = 2  # proposals, of which one is by the bound
_MOST = 300  # results; the gradient's price grows as that of a prediction and as n log n


def under_noise(context: ProposalContext, model: RunModel) -> ProposalContext:
    """The context of a proposal, with another acquisition where the objective is noisy, is all
    that counts, and the acquisition is the default one. Noise is what was told with the results,
    and what the fit finds besides.

    That is the knowledge gradient; for parts of a space, for other surrogates than Gaussian
    processes and from 300 results on an upper confidence bound for every second trial.
    """
    posterior = context.posterior
    if not isinstance(posterior, AcquisitionContext) or posterior.objective is None:
        return context
    data = model.data
    plain = context.acquisition == LogEI() and not posterior.probabilities
    told = 0.0 if model.objective is None else told_noise(data.objective, model.objective)
    noisy = posterior.objective.noise_variance + told > NOISY
    early = told > 0.0 and is_early(data)  # noise is seldom found so early
    if not plain or not noisy or early or data.problem.deterministic or context.second_region:
        return context
    inside = data.outside is None or not data.outside.any()
    few = len(data.evaluated) <= _MOST
    whole = inside and not context.space.fixed
    if whole and few and KnowledgeGradientScore.serves(posterior.objective):
        return replace(context, acquisition=KnowledgeGradient(told))
    return context if context.number % _EVERY else replace(context, acquisition=UCB())
