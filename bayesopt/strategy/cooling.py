"""An acquisition weighted by the cost of a point (CArBO: Lee, Perrone, Archambeau & Seeger 2020,
arXiv 2003.10870).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.strategy.config import ProposalConfig
from bayesopt.strategy.data import RunData
from bayesopt.surrogate import MapGP, Observations, Posterior

if TYPE_CHECKING:
    from bayesopt.acquisition import AcquisitionContext, MultiObjectiveContext

Floats = NDArray[np.float64]
C = TypeVar("C", bound="AcquisitionContext | MultiObjectiveContext")

_FEWEST = 5  # known costs that a model is made of
_SMALLEST = 1e-6  # of the largest cost: less is as good as nothing


@dataclass(frozen=True, eq=False)
class Cooling:
    """Minus the expected log cost to a power, as a log probability that is added to the score.

    Attributes
    ----------
    posterior : of the standardised log cost.
    power : the share of the budget that is left, times what a standardised unit is in logs.
    """

    posterior: Posterior
    power: float

    def log_probability(self, coords: Floats) -> Floats:
        """Values (B,) at coordinates (B, p)."""
        return -self.power * self.posterior.mean_var(coords)[0]

    def log_probability_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Values (B,) and gradients (B, p)."""
        each = self.posterior.predict_each(coords, slopes=True)
        weights = -self.power * self.posterior.weights
        values = sum(w * m[:, 0] for w, m in zip(weights, each.mean, strict=True))
        by_mean = np.array([np.full_like(m, w) for w, m in zip(weights, each.mean, strict=True)])
        return np.asarray(values), each.pullback(by_mean, np.zeros(by_mean.shape[:2]))


def cooled(context: C, data: RunData, config: ProposalConfig) -> C:
    """The posterior state with the costs' weight, when the run has a budget and costs are known.

    The weight is that of log(EI / cost^a), where a is the share of the budget that is left: cheap
    points come first, and at the end only the value matters.
    """
    budget, costs = config.budget, data.costs
    if budget is None or costs is None:
        return context
    known = np.isfinite(costs) & (costs > 0.0)
    left = 1.0 - data.spent / budget.total
    if known.sum() < _FEWEST or left <= 0.0 or np.ptp(costs[known]) == 0.0:
        return context
    logs = np.log(np.maximum(costs[known], _SMALLEST * costs[known].max()))
    observed = Observations(
        data.evaluated_coords[known], logs, np.full(len(logs), np.nan), deterministic=False
    )
    surrogate = MapGP(transforms=("identity",), n_starts=1, short_scale=False)
    fitted = surrogate.fit(data.columns, observed, state=None, rng=np.random.default_rng(0))
    unit = fitted.transform.scaler.spread * fitted.transform.sd
    weight = Cooling(fitted.posterior, left * unit)
    return replace(context, probabilities=(*context.probabilities, weight))
