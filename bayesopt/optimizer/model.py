"""What a run's results say: surrogates of the objective, of each outcome constraint, and of
success.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Beliefs, Feasibility, LogProbability
from bayesopt.optimizer.history import History
from bayesopt.proposal import Trust
from bayesopt.space.sobol import sobol_points
from bayesopt.surrogate import Columns, Fitted, Observations, Posterior, Surrogate, sample_joint
from bayesopt.trial import Trial, TrialState

Floats = NDArray[np.float64]

_LOG2_FANTASIES = 5  # 32 joint draws of the pending points' values
_DOUBTED = -6.0  # credit below which a surrogate is no guide: three observations at the least
_PATIENCE = 3  # times d + 2 observations, before which nothing can be foretold well
_CLEARLY = 1.28  # standard deviations by which a constraint is met in nine of ten cases


@dataclass(frozen=True, eq=False)
class Results:
    """A run's results as arrays; the objective is to be minimised.

    Attributes
    ----------
    complete : the evaluated trials in the order they were told: new ones come last.
    coords : (n, p) of the evaluated trials.
    failed : (f, p) coordinates of the failed ones.
    sign : 1 when minimising, -1 when maximising.
    outside : (n,) whether the point is none of the space and informs the model only; None
        when all are of the space.
    """

    complete: Sequence[Trial]
    coords: Floats
    failed: Floats
    sign: float
    deterministic: bool
    outside: NDArray[np.bool_] | None = None

    @classmethod
    def of(cls, history: History, sign: float, deterministic: bool) -> Results:
        """Collect a run's results."""
        numbers = history.completed
        return cls(
            [history.trials[n] for n in numbers],
            history.coords(numbers),
            history.coords(history.numbers(TrialState.FAILED)),
            sign,
            deterministic,
            np.array([n in history.outside for n in numbers], dtype=bool),
        )

    @cached_property
    def values(self) -> Floats:
        """(n,) objective values, to be minimised."""
        return self.sign * np.array(
            [t.outcome.value for t in self.complete if t.outcome], dtype=float
        )

    @cached_property
    def feasible(self) -> NDArray[np.bool_]:
        """(n,) whether all outcome constraints were met."""
        return np.array([t.feasible for t in self.complete], dtype=bool)

    @cached_property
    def eligible(self) -> NDArray[np.bool_]:
        """(n,) whether the trial may be the best: feasible, and a point of the space."""
        return self.feasible if self.outside is None else self.feasible & ~self.outside

    @cached_property
    def objective(self) -> Observations:
        """The objective's data."""
        sds = [t.outcome.sd for t in self.complete if t.outcome]
        noise = np.array([np.nan if sd is None else sd for sd in sds], dtype=float)
        return Observations(self.coords, self.values, noise, self.deterministic)

    def constraints(self) -> dict[str, Observations]:
        """Each outcome constraint's data, from the trials that reported it."""
        names = sorted({c for t in self.complete if t.outcome for c in t.outcome.constraints})
        data = {}
        for name in names:
            has = [
                i
                for i, t in enumerate(self.complete)
                if t.outcome and name in t.outcome.constraints
            ]
            values = [self.complete[i].outcome.constraints[name] for i in has]  # type: ignore[union-attr]
            data[name] = Observations(
                self.coords[has],
                np.array(values, dtype=float),
                np.full(len(has), np.nan),
                self.deterministic,
            )
        return data


@dataclass(frozen=True, eq=False)
class RunModel:
    """Fitted surrogates of a run.

    Attributes
    ----------
    results : what they were fitted to.
    objective : of the objective, or None while nothing was evaluated.
    constraints : of each outcome constraint.
    success : log probability that an evaluation succeeds, or None while nothing failed.
    """

    results: Results
    objective: Fitted | None
    constraints: Mapping[str, Fitted]
    success: LogProbability | None

    @classmethod
    def fit(
        cls,
        results: Results,
        columns: Columns,
        surrogate: Surrogate,
        state: Mapping[str, Any],
        rng: np.random.Generator,
        previous: RunModel | None = None,
    ) -> RunModel:
        """Fit all surrogates; ``state`` is that of the run's previous fit, ``previous`` that fit
        if still at hand.
        """
        objective = None
        if len(results.complete):
            objective = surrogate.fit(
                columns,
                results.objective,
                state=state.get("objective"),
                rng=rng,
                previous=previous.objective if previous is not None else None,
            )
        old: Mapping[str, Any] = state.get("constraints", {})
        kept: Mapping[str, Fitted] = previous.constraints if previous is not None else {}
        constraints = {
            name: surrogate.fit_constraint(
                columns, data, state=old.get(name), rng=rng, previous=kept.get(name)
            )
            for name, data in results.constraints().items()
        }
        return cls(results, objective, constraints, _success(results, columns))

    @property
    def state(self) -> dict[str, Any]:
        """What the next fit starts from; JSON-representable."""
        state: dict[str, Any] = {}
        if self.objective is not None:
            state["objective"] = dict(self.objective.state)
        if self.constraints:
            state["constraints"] = {name: dict(f.state) for name, f in self.constraints.items()}
        return state

    @property
    def trust(self) -> Trust:
        """How far the objective's surrogate can be a guide."""
        values = self.results.values
        if self.objective is None:
            return Trust.KEPT
        # where evaluations fail or break constraints, there is something to tell all the same
        simple = not self.constraints and self.success is None
        if simple and len(values) > 1 and bool((values == values[0]).all()):
            return Trust.NONE
        early = len(values) < _PATIENCE * (self.results.coords.shape[1] + 2)
        lost = self.objective.credit < _DOUBTED and not early
        return Trust.LOST if lost else Trust.KEPT

    @cached_property
    def _component_means(self) -> tuple[Floats, ...]:
        """Each component's posterior mean (n, 1) at the evaluated points."""
        assert self.objective is not None
        return tuple(c.mean(self.results.coords) for c in self.objective.posterior.components)

    @cached_property
    def means(self) -> Floats:
        """(n,) standardised posterior mean at the evaluated points."""
        assert self.objective is not None
        means = np.array([m.mean(axis=1) for m in self._component_means])
        return np.asarray(self.objective.posterior.weights @ means)

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Indices of the evaluated points, those that may be the best first, by posterior mean."""
        return np.lexsort((self.means, ~self.results.eligible)).astype(np.int64)

    @property
    def is_noisy(self) -> bool:
        """Whether the noise is large enough for the best observed value to mislead."""
        if self.objective is None or self.results.deterministic:
            return False
        measured = bool(np.isfinite(self.results.objective.noise_sd).any())
        return measured or self.objective.posterior.noise_variance > 1e-4

    def beliefs(self, pending: Floats, normals: Floats) -> Beliefs:
        """What an acquisition needs, with the values of pending points (q, p) fantasised from
        ``normals`` (q, F).
        """
        feasible = self.results.eligible
        if not feasible.any():  # what is known outside is better than nothing
            feasible = self.results.feasible
        probabilities: list[LogProbability] = []
        met = np.ones(normals.shape, dtype=bool)  # by each pending point under each fantasy
        for k, fitted in enumerate(self.constraints.values(), 1):
            limit, posterior = _limit(fitted), fitted.posterior
            if len(pending):
                fantasies = np.roll(normals, k, axis=1)  # other ones than the objective's
                met &= sample_joint(posterior.components[0], pending, fantasies) <= limit
                margin = _CLEARLY if feasible.any() else np.inf
                posterior = _believed(posterior, pending, limit, margin)
            probabilities.append(Feasibility(posterior, limit))
        if self.success is not None:
            probabilities.append(self.success)
        if self.objective is None or not feasible.any():
            return Beliefs(None, (), tuple(probabilities))
        posterior = self.objective.posterior
        incumbents = tuple(m[feasible].min(axis=0) for m in self._component_means)
        if len(pending):
            posterior = posterior.condition_on_pending(pending, normals)
            incumbents = tuple(
                np.minimum(
                    c.mean(self.results.coords[feasible]).min(axis=0),
                    np.where(met, c.mean(pending), np.inf).min(axis=0),
                )
                for c in posterior.components
            )
        return Beliefs(posterior, incumbents, tuple(probabilities))


def _limit(constraint: Fitted) -> float:
    """The standardised value of 0."""
    return float(constraint.transform.forward(np.zeros(1))[0])


def _believed(posterior: Posterior, pending: Floats, limit: float, margin: float) -> Posterior:
    """A constraint's posterior as if it were known at the pending points (q, p).

    As expected where it is met by ``margin`` standard deviations, else as if it was not met: that
    is when another point is of use. Averaged over fantasies instead, the probability of being
    feasible would be that without pending points, and a batch would be one point.
    """
    parts = []
    for c in posterior.components:
        moments = c.predict(pending)
        mean, sd = moments.mean[:, 0], np.sqrt(moments.var)
        y = np.where(mean + margin * sd <= limit, mean, np.maximum(mean, limit + sd))
        parts.append(c.condition(pending, y[:, None], np.full(len(pending), c.noise_variance)))
    return Posterior(tuple(parts), posterior.weights)


def fantasy_normals(n_pending: int, rng: np.random.Generator) -> Floats:
    """Standard normals (q, F) for the joint fantasies of q pending points.

    Low-discrepancy ones (as in Balandat et al. 2020): so few independent draws would estimate an
    acquisition poorly.
    """
    from scipy.special import ndtri

    if n_pending == 0:
        return np.empty((0, 2**_LOG2_FANTASIES))
    u = sobol_points(n_pending, _LOG2_FANTASIES, rng)
    return np.ascontiguousarray(ndtri(np.clip(u, 1e-9, 1.0 - 1e-9)).T)


def _success(results: Results, columns: Columns) -> LogProbability | None:
    if not len(results.failed):
        return None
    from bayesopt.surrogate.success import SuccessModel

    coords = np.concatenate([results.coords, results.failed])
    succeeded = np.arange(len(coords)) < len(results.coords)
    return SuccessModel.fit(columns, coords, succeeded)
