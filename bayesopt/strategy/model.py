"""What a run's results say: a surrogate of each output, and one of success."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import AcquisitionContext, Feasibility, LogProbability
from bayesopt.output import Objective, OutcomeConstraint, Output
from bayesopt.proposal import ModelReliability
from bayesopt.space import Space
from bayesopt.strategy.belief import (
    believed_feasible,
    feasibility,
    is_early,
    is_noisy,
    judged_by_model,
    limit,
    told_noise,
)
from bayesopt.strategy.data import RunData
from bayesopt.strategy.pending import as_expected, fantasy_normals, meets
from bayesopt.strategy.pessimism import POWER, pessimistic
from bayesopt.strategy.spread import spread_over
from bayesopt.surrogate import Fitted, Posterior, Surrogate

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# prequential log score below which a surrogate is unreliable: three observations at the least
_DOUBTED = -6.0
# variance of standardised values that is noise, from which on a surrogate that has not predicted
# better than a constant explains nothing
_UNEXPLAINED = 0.3
CLEARLY = 1.28  # standard deviations by which a constraint is met in nine of ten cases
_SURE = 0.85  # probability of keeping to all constraints that a recommended point is to have


@dataclass(frozen=True, eq=False)
class RunModel:
    """Fitted surrogates of a run.

    Attributes
    ----------
    data : what they were fitted to.
    fits : output -> its surrogate; an output without values has none.
    success : log probability that an evaluation succeeds, or None while nothing failed.
    fitted_from : the state that the fits started from.
    """

    data: RunData
    fits: Mapping[Output, Fitted]
    success: LogProbability | None
    fitted_from: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def fit(
        cls,
        data: RunData,
        surrogate: Surrogate,
        state: Mapping[str, Any],
        rng: np.random.Generator,
        previous: RunModel | None = None,
    ) -> RunModel:
        """Fit all surrogates; ``state`` is that of the run's previous fit, ``previous`` that fit
        if still at hand.
        """
        if previous is not None and not data.extends(previous.data):
            previous = None
        fits: dict[Output, Fitted] = {}
        several = len(data.problem.objectives) > 1
        for measured in data.measured:
            output = measured.output
            if type(output) is Output or not measured.reported.any():
                continue
            of_several = several and isinstance(output, Objective)
            chosen = surrogate.of_several() if of_several else surrogate
            fits[output] = chosen.fit(
                data.columns,
                measured.observations(
                    data.evaluated_coords,
                    deterministic=data.problem.deterministic,
                    spread=spread_over(data.space),
                ),
                state=_state_of(output, state, several),
                rng=rng,
                previous=None if previous is None else previous.fits.get(output),
            )
        return cls(data, fits, _success(data), state)

    @cached_property
    def objectives(self) -> tuple[Fitted, ...]:
        """Each objective's surrogate; none while nothing was evaluated."""
        return tuple(self.fits[o] for o in self.data.problem.objectives if o in self.fits)

    @cached_property
    def objective(self) -> Fitted | None:
        """The only objective's surrogate, or None while nothing was evaluated."""
        return self.fits.get(self.data.problem.objective)

    @cached_property
    def constraints(self) -> dict[str, Fitted]:
        """Each outcome constraint's surrogate by its name."""
        return {o.name: f for o, f in self.fits.items() if isinstance(o, OutcomeConstraint)}

    @cached_property
    def state(self) -> dict[str, Any]:
        """What the next fit starts from; JSON-representable."""
        state: dict[str, Any] = {}
        if len(self.objectives) > 1:
            state["objectives"] = {
                o.name: dict(self.fits[o].state) for o in self.data.problem.objectives
            }
        elif self.objective is not None:
            state["objective"] = dict(self.objective.state)
        if self.constraints:
            state["constraints"] = {name: dict(f.state) for name, f in self.constraints.items()}
        return state

    @property
    def diagnostics(self) -> dict[str, Any]:
        """What there is to say about the objective's fit, or that of each of several by its name;
        JSON-representable.
        """
        if len(self.objectives) > 1:
            return {o.name: dict(self.fits[o].diagnostics) for o in self.data.problem.objectives}
        return {} if not self.objectives else dict(self.objectives[0].diagnostics)

    @property
    def reliability(self) -> ModelReliability:
        """Whether the objectives' surrogates should guide the search: not where recent predictions
        of one of them were far off, where one explains nothing, or where all results are equal.
        """
        if not self.objectives:
            return ModelReliability.RELIABLE
        values = np.array(
            [self.data.measured_of(o).oriented for o in self.data.problem.objectives]
        )
        # where evaluations fail or break constraints, there is something to tell all the same
        simple = not self.constraints and self.success is None
        if simple and values.shape[1] > 1 and bool((values == values[:, :1]).all()):
            return ModelReliability.UNINFORMED
        if is_early(self.data):
            return ModelReliability.RELIABLE
        lost = any(
            self.fits[o].log_score < _DOUBTED
            or _explains_nothing(self.fits[o], told_noise(self.data.measured_of(o), self.fits[o]))
            for o in self.data.problem.objectives
            if o in self.fits
        )
        return ModelReliability.DOUBTED if lost else ModelReliability.RELIABLE

    @cached_property
    def _component_means(self) -> tuple[Floats, ...]:
        """Each component's posterior mean (n, 1) at the evaluated points."""
        assert self.objective is not None
        coords = self.data.evaluated_coords
        return tuple(c.mean(coords) for c in self.objective.posterior.components)

    @cached_property
    def means(self) -> Floats:
        """(n,) standardised posterior mean at the evaluated points."""
        assert self.objective is not None
        means = np.array([m.mean(axis=1) for m in self._component_means])
        return np.asarray(self.objective.posterior.weights @ means)

    @cached_property
    def feasible(self) -> Mask:
        """(n,) whether the outcome constraints are believed to be met: under noise by the model,
        without by what was observed.
        """
        return believed_feasible(self.data, self.constraints)

    @cached_property
    def eligible(self) -> Mask:
        """(n,) whether the point may be the best: believed feasible, and a point of the space."""
        return self.feasible if self.data.outside is None else self.feasible & ~self.data.outside

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Indices of the evaluated points, those that may be the best first, by posterior mean."""
        return np.lexsort((self.means, ~self.eligible)).astype(np.int64)

    @property
    def recommended(self) -> int:
        """Index of the evaluated point to use: of those that surely keep to the constraints the
        one of the best posterior mean; where none does, the one that most probably does.
        """
        probability = feasibility(self.data, self.constraints)
        if self.data.outside is not None:
            probability = np.where(self.data.outside, -1.0, probability)
        sure = min(_SURE, float(probability.max()))
        return int(np.lexsort((self.means, probability < sure))[0])

    @property
    def is_noisy(self) -> bool:
        """Whether the noise is large enough for the best observed trial to mislead."""
        data = self.data
        if self.objective is None:
            return False
        if is_noisy(data.objective, self.objective, deterministic=data.problem.deterministic):
            return True
        fitted = self.constraints
        return any(
            judged_by_model(data, measured, fitted[measured.output.name])
            for measured in data.constraints
            if measured.output.name in fitted
        )

    @property
    def feasibility(self) -> tuple[LogProbability, ...]:
        """The probabilities that an evaluation keeps to each outcome constraint that results have,
        and that it succeeds; pending points are not regarded.
        """
        met = [Feasibility(f.posterior, limit(f)) for f in self.constraints.values()]
        return (*met, *(() if self.success is None else (self.success,)))

    def acquisition_context(
        self, pending: Floats, rng: np.random.Generator, space: Space | None = None
    ) -> AcquisitionContext:
        """The posterior state at which an acquisition is evaluated, with the values of pending
        points (q, p) fantasised.

        Where ``space`` is a part with fixed values, what is to be improved on is the best there:
        the points known are moved into it.
        """
        normals = fantasy_normals(len(pending), rng)
        feasible = self.eligible
        if not feasible.any():  # what is known outside is better than nothing
            feasible = self.feasible
        probabilities: list[LogProbability] = []
        met = np.ones(normals.shape, dtype=bool)  # by each pending point under each fantasy
        for k, fitted in enumerate(self.constraints.values(), 1):
            most, posterior = limit(fitted), fitted.posterior
            if len(pending):
                fantasies = np.roll(normals, k, axis=1)  # other ones than the objective's
                met &= meets(posterior, pending, fantasies, most)
                margin = CLEARLY if feasible.any() else np.inf
                posterior = as_expected(posterior, pending, most, margin)
            probabilities.append(Feasibility(posterior, most))
        searched = self._searched
        if self.success is not None:
            probabilities += [self.success] * (1 if searched is None else POWER)
        if searched is None or not feasible.any():
            return AcquisitionContext(None, (), tuple(probabilities))
        posterior = searched
        if len(pending):
            posterior = posterior.condition_on_pending(pending, normals)
        part = space if space is not None and space.fixed else None
        incumbents = self._incumbents(posterior, feasible, pending, met, part)
        return AcquisitionContext(posterior, incumbents, tuple(probabilities))

    @cached_property
    def _searched(self) -> Posterior | None:
        """The objective's posterior as an acquisition sees it: failures are bad values."""
        if self.objective is None or self.success is None:
            return None if self.objective is None else self.objective.posterior
        worst = float(self.objective.transform.forward(self.data.objective.oriented).max())
        failed, posterior = self.data.failed_coords, self.objective.posterior
        return pessimistic(posterior, failed, self.success, worst)

    def _incumbents(
        self, posterior: Posterior, feasible: Mask, pending: Floats, met: Mask, part: Space | None
    ) -> tuple[Floats, ...]:
        """For each component the least posterior mean (F,) at a point that may be the best."""
        if not len(pending) and part is None and self.success is None:
            return tuple(m[feasible].min(axis=0) for m in self._component_means)
        known = self.data.evaluated_coords[feasible]
        if part is not None:
            known, pending = part.snap(known), part.snap(pending)
        best = tuple(c.mean(known).min(axis=0) for c in posterior.components)
        if not len(pending):
            return best
        return tuple(
            np.minimum(least, np.where(met, c.mean(pending), np.inf).min(axis=0))
            for least, c in zip(best, posterior.components, strict=True)
        )


def _explains_nothing(fitted: Fitted, told: float) -> bool:
    """Whether a surrogate has become nearly a constant with noise, fitted and ``told``. Its score
    is then level with that of a constant, for good, and what promises most by it are the corners
    of the space.
    """
    return fitted.log_score < 0.0 and fitted.posterior.noise_variance + told > _UNEXPLAINED


def _state_of(output: Output, state: Mapping[str, Any], several: bool) -> Mapping[str, Any] | None:
    """What a run's state says of an output; ``several``: there is more than one objective."""
    if isinstance(output, Objective):
        one: Mapping[str, Any] | None = state.get("objectives", {}).get(output.name)
        return one if several else state.get("objective")
    found: Mapping[str, Any] | None = state.get("constraints", {}).get(output.name)
    return found


def _success(data: RunData) -> LogProbability | None:
    if not len(data.failed):
        return None
    from bayesopt.surrogate.success import SuccessModel

    coords = np.concatenate([data.evaluated_coords, data.failed_coords])
    succeeded = np.arange(len(coords)) < len(data.evaluated)
    return SuccessModel.fit(data.columns, coords, succeeded)
