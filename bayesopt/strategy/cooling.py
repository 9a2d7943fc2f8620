"""An acquisition weighted by the cost of a point (CArBO: Lee, Perrone, Archambeau & Seeger 2020,
arXiv 2003.10870).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Acquisition
from bayesopt.strategy.config import ProposalConfig
from bayesopt.strategy.data import RunData
from bayesopt.strategy.model import RunModel
from bayesopt.surrogate import Fitted, MapGP, Observations, Posterior

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
    budget = config.budget
    left = 0.0 if budget is None else 1.0 - data.spent / budget.total
    if left <= 0.0 or (fitted := fitted_log_cost(data)) is None:
        return context
    unit = fitted.transform.scaler.spread * fitted.transform.sd
    weight = Cooling(fitted.posterior, left * unit)
    return replace(context, probabilities=(*context.probabilities, weight))


def fitted_log_cost(data: RunData) -> Fitted | None:
    """A model of the log costs; None where too few are known, or all are equal."""
    costs = data.costs
    if costs is None:
        return None
    known = np.isfinite(costs) & (costs > 0.0)
    if known.sum() < _FEWEST or np.ptp(costs[known]) == 0.0:
        return None
    logs = np.log(np.maximum(costs[known], _SMALLEST * costs[known].max()))
    observed = Observations(
        data.evaluated_coords[known], logs, np.full(len(logs), np.nan), deterministic=False
    )
    surrogate = MapGP(transforms=("identity",), n_starts=1, short_scale=False)
    return surrogate.fit(data.columns, observed, state=None, rng=np.random.default_rng(0))


def priced(acquisition: Acquisition, data: RunData, model: RunModel) -> Acquisition:
    """A Gittins index with the run's costs and its price in standardised units, those near the
    best value; any other acquisition as it is.
    """
    if not acquisition.needs_costs or model.objective is None:
        return acquisition
    from bayesopt.acquisition.gittins import Gittins, LogCost, PricedGittins  # few runs have it

    if not isinstance(acquisition, Gittins):  # one of the user's own
        return acquisition
    transform = model.objective.transform
    means = model.means[model.eligible] if model.eligible.any() else model.means
    best = transform.inverse(means.min(keepdims=True))
    price = acquisition.price * float(transform.slope(best)[0])
    known = np.empty(0) if data.costs is None else data.costs[data.costs > 0.0]
    cost = LogCost(None, float(np.log(known).mean()) if len(known) else 0.0)
    if (fitted := fitted_log_cost(data)) is not None:
        scaler, of = fitted.transform.scaler, fitted.transform
        unit = scaler.spread * of.sd
        cost = LogCost(fitted.posterior, scaler.median + scaler.spread * of.mean, unit)
    return PricedGittins(max(price, 1e-300), cost)
