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
_DOUBT = 4.0  # how fast results against the belief take its weight away
_FEW = 2.0  # results for which their agreement with the belief counts half
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
    power = _SHARE * budget / max(data.n_results, 1) * trust(beliefs, data)
    weight = BeliefWeight(beliefs, power)
    return replace(context, probabilities=(*context.probabilities, weight))


def trust(beliefs: BeliefColumns, data: RunData) -> float:
    """How far the results speak for the belief: 1 unless they speak against it, then less, to 0.

    It is 1 + 4 r n / (n + 2), between 0 and 1, of Spearman's rank correlation r of the belief's
    weight and how good the n values are. Of several objectives nothing is asked.
    """
    if len(data.problem.objectives) > 1:
        return 1.0
    objective = next(m for m in data.measured if m.output in data.problem.objectives)
    known = np.isfinite(objective.oriented)
    n = int(known.sum())
    weights = _ranks(beliefs.log_weight(data.evaluated_coords[known]))
    goodness = _ranks(-objective.oriented[known])
    size = np.sqrt((weights @ weights) * (goodness @ goodness))
    if size == 0.0:
        return 1.0
    agreement = float(weights @ goodness / size) * n / (n + _FEW)
    return float(np.clip(1.0 + _DOUBT * agreement, 0.0, 1.0))


def _ranks(values: Floats) -> Floats:
    """Ranks (n,) of values, equal ones sharing theirs, about their mean."""
    order = np.sort(values)
    left, right = (np.searchsorted(order, values, side) for side in ("left", "right"))
    return np.asarray(0.5 * (left + right) - 0.5 * len(values))
