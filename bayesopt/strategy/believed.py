"""An acquisition weighted by what is believed of the best point (πBO, Hvarfner et al. 2022)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from bayesopt.space.belief_columns import BeliefColumns
from bayesopt.strategy.config import ProposalConfig
from bayesopt.strategy.data import RunData

if TYPE_CHECKING:
    from bayesopt.acquisition import AcquisitionContext, MultiObjectiveContext

Floats = NDArray[np.float64]
C = TypeVar("C", bound="AcquisitionContext | MultiObjectiveContext")

_SHARE = 0.1  # β is this share of the budget, or of 10 (d + 1) trials when it is unknown
_LEAST = -12.0  # log weight of the least likely points: a wrong belief is left in the end


@dataclass(frozen=True, eq=False)
class BeliefWeight:
    """The belief to a power, as a log probability that is added to the score.

    Attributes
    ----------
    beliefs : of the space.
    power : β / n; it falls with the number of results.
    """

    beliefs: BeliefColumns
    power: float

    def log_probability(self, coords: Floats) -> Floats:
        """Values (B,) at coordinates (B, p)."""
        return np.asarray(self.power * np.maximum(self.beliefs.log_weight(coords), _LEAST))

    def log_probability_with_gradient(self, coords: Floats) -> tuple[Floats, Floats]:
        """Values (B,) and gradients (B, p)."""
        weight = self.beliefs.log_weight(coords)
        slopes = np.where((weight > _LEAST)[:, None], self.beliefs.slopes(coords), 0.0)
        return self.power * np.maximum(weight, _LEAST), self.power * slopes


def believed(context: C, data: RunData, config: ProposalConfig) -> C:
    """The posterior state with the belief's weight, when any parameter has a belief."""
    beliefs = data.space.beliefs
    if not beliefs:
        return context
    budget = config.n_trials or 10 * (data.space.n_chosen + 1)
    weight = BeliefWeight(beliefs, _SHARE * budget / max(data.n_results, 1))
    return replace(context, probabilities=(*context.probabilities, weight))
