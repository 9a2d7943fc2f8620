"""Under noise every second proposal is by an optimistic bound.

What is left to gain over a believed incumbent is small beside the noise, so that the expected
improvement stays with the points that are known. A bound of the latent function asks where the
optimum may lie as well. Neither alone is best at every level (benchmarks/ABLATIONS.md, noise).
"""

from __future__ import annotations

from dataclasses import replace

from bayesopt.acquisition import UCB, AcquisitionContext, LogEI
from bayesopt.proposal import ProposalContext
from bayesopt.strategy.model import RunModel

_NOISE = 0.01  # variance of standardised values from which on that pays: a tenth of their spread
_EVERY = 2


def optimistic(context: ProposalContext, model: RunModel) -> ProposalContext:
    """The context of a proposal, with an upper confidence bound for its acquisition where that is
    due: the acquisition is the default one, the objective noisy and all that counts, and the trial
    the second of two.
    """
    posterior = context.posterior
    if not isinstance(posterior, AcquisitionContext) or posterior.objective is None:
        return context
    plain = context.acquisition == LogEI() and not posterior.probabilities
    noisy = not model.data.problem.deterministic and posterior.objective.noise_variance > _NOISE
    if not plain or not noisy or context.second_region or context.number % _EVERY:
        return context
    return replace(context, acquisition=UCB())
