"""What a report is made of: a result, and what its model says; gathered once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer import Prediction
from bayesopt.optimizer.config_codec import MissingPart
from bayesopt.optimizer.fitted import fitted_run
from bayesopt.output import Objective
from bayesopt.pareto_front import ParetoFront
from bayesopt.pareto_result import ParetoResult
from bayesopt.report.svg import Axis
from bayesopt.result import Result
from bayesopt.sensitivity import FittedRun, Importance, LeftOut, predictions_left_out, what_matters
from bayesopt.space import Space
from bayesopt.surrogate import Fitted
from bayesopt.trial import Trial, TrialState

Floats = NDArray[np.float64]
logger = logging.getLogger("bayesopt")

_FENCE = 3.0  # interquartile ranges beyond which a value is drawn at the edge (Tukey 1977)
_DECADES = 50.0  # ratio of most of the values from which on a logarithmic axis helps


@dataclass(frozen=True)
class RunFacts:
    """A result with its model.

    Attributes
    ----------
    result : the trials and the answers.
    title : what the report is called.
    name : of the objective that is spoken of; None: the only one, or the first.
    """

    result: Result
    title: str
    name: str | None = None

    @property
    def space(self) -> Space:
        """The search space."""
        return self.result.space

    @property
    def columns(self) -> list[str]:
        """The parameters that vary; descriptors, which a point does not show, are none."""
        return [name for name in self.space.columns if name in self.space.parameters]

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials."""
        return self.result.trials

    @property
    def front(self) -> ParetoFront | None:
        """The front, where there are several objectives."""
        return self.result.pareto if isinstance(self.result, ParetoResult) else None

    def each(self) -> list[RunFacts]:
        """The same of each objective."""
        return self._each

    @cached_property
    def _each(self) -> list[RunFacts]:
        if self.front is None:
            return [self]
        facts = [replace(self, name=objective.name) for objective in self.front.objectives]
        for one in facts:
            one.__dict__["run"] = self.run  # the model is fitted once
        return facts

    def value(self, trial: Trial) -> float:
        """The observed value of a trial that has one."""
        return trial.values[self.objective.name]

    @cached_property
    def best(self) -> Trial | None:
        """The best observed feasible trial, by the objective that is spoken of."""
        if self.front is None:
            return self.result.best
        feasible = [t for t in self.evaluated if t.feasible]
        return min(feasible, key=lambda t: self.sign * self.value(t), default=None)

    @cached_property
    def recommended(self) -> Trial | None:
        """The trial to use; of a front the one nearest to the best of all objectives."""
        if self.front is None:
            return self.result.recommended or self.result.best
        return self.front.compromise().trial if len(self.front) else None

    @cached_property
    def evaluated(self) -> list[Trial]:
        """The trials that have a value."""
        return [t for t in self.trials if t.outcome is not None]

    @cached_property
    def failed(self) -> list[Trial]:
        """The trials that failed."""
        return [t for t in self.trials if t.state is TrialState.FAILED]

    @cached_property
    def run(self) -> FittedRun | None:
        """What is known of the run, for its model; None where a part of it is missing."""
        try:
            return fitted_run(self.result)
        except (ValueError, MissingPart) as error:
            logger.warning("the report has no model: %s", error)
            return None

    @cached_property
    def objective(self) -> Objective:
        """The objective, the first of several."""
        if self.front is not None:
            known = self.front.objectives
            return next((o for o in known if o.name == self.name), known[0])
        if self.run is None:
            return Objective(direction=self.result.direction)
        return self.run.data.problem.objectives[0]

    @property
    def sign(self) -> float:
        """1 when minimising."""
        return self.objective.sign

    @cached_property
    def fitted(self) -> Fitted | None:
        """The objective's model; None without values or without a part of the run."""
        if self.run is None or not self.evaluated:
            return None
        try:
            return self.run.model.fits.get(self.objective)
        except (MissingPart, ValueError, ArithmeticError) as error:
            logger.warning("the report has no model: %s", error)
            return None

    @property
    def noisy(self) -> bool:
        """Whether noise is large enough for the best observed value to mislead."""
        if self.run is None or self.fitted is None or self.run.data.problem.deterministic:
            return False
        if self.front is None:
            return self.run.model.is_noisy
        return self.fitted.posterior.noise_variance > 1e-4

    @cached_property
    def importance(self) -> Importance | None:
        """What matters; None with too few values."""
        if self.run is None or self.fitted is None or len(self.evaluated) < 3:
            return None
        try:
            return what_matters(self.run, self.objective.name)
        except (ValueError, ArithmeticError) as error:
            logger.warning("the report says nothing of what matters: %s", error)
            return None

    @cached_property
    def left_out(self) -> LeftOut | None:
        """Predictions of each value from the others."""
        if self.run is None or self.fitted is None or len(self.evaluated) < 3:
            return None
        return predictions_left_out(self.run, self.objective)

    def coords(self, trials: Sequence[Trial]) -> Floats:
        """Coordinates (n, p) of trials."""
        rows = [self.space.encode(t.params, outside=True) for t in trials]
        return self.space.to_coords(np.array(rows).reshape(len(trials), self.space.n_columns))

    def predict(self, coords: Floats) -> Prediction:
        """The model's posterior of the noise-free objective at coordinates (B, p)."""
        assert self.fitted is not None
        mean, var = self.fitted.posterior.mean_var(coords)
        return Prediction(mean, np.sqrt(var), self.fitted.transform, self.sign)

    def mean(self, coords: Floats) -> float:
        """The model's mean at one point (1, p)."""
        return float(self.predict(coords).mean[0])

    @cached_property
    def values(self) -> Floats:
        """(n,) values of the evaluated trials."""
        return np.array([self.value(t) for t in self.evaluated], dtype=float)

    @cached_property
    def value_axis(self) -> Axis:
        """An axis for values; the good end whole, the bad end up to the fence of a box plot."""
        return value_axis(self.values, self.sign, self.objective.name)

    @cached_property
    def noise_sd(self) -> float | None:
        """Standard deviation of the noise that was fitted, in the objective's units, near the best
        values.
        """
        if self.fitted is None or self.recommended is None:
            return None
        transform = self.fitted.transform
        best = np.array([self.sign * self.value(self.recommended)])
        slope = float(transform.slope(best)[0])
        sd = float(np.sqrt(self.fitted.posterior.noise_variance))
        return sd / slope if slope > 0 else None


def value_axis(values: Floats, sign: float, label: str) -> Axis:
    """An axis for values; the good end whole, the bad end up to the fence of a box plot."""
    if not len(values):
        return Axis(0.0, 1.0, label)
    good = sign * values
    low, quarter, three, high = np.quantile(good, [0, 0.25, 0.75, 1])
    with np.errstate(over="ignore"):
        fence = three + _FENCE * (three - quarter)
    if three > quarter and fence < high:
        high = fence
    ends = np.array([sign * low, sign * high])
    few, most = np.quantile(values, [0.05, 0.95])
    log = bool(values.min() > 0 and most > _DECADES * few)
    return Axis.over(values if log else ends, label, log=log)
