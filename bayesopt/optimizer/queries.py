"""What a run says of itself: trials, the best, predictions, the result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bayesopt import checks
from bayesopt.budget import Budget
from bayesopt.compiled import blas_threads
from bayesopt.objectives import words
from bayesopt.optimizer.config_codec import Absent, MissingPart
from bayesopt.optimizer.event_log import EventLog
from bayesopt.optimizer.history import History
from bayesopt.optimizer.history_data import evaluated_numbers, run_data, spent
from bayesopt.optimizer.prediction import Prediction, output_of, predicted
from bayesopt.optimizer.standing import Standing
from bayesopt.optimizer.stopped_data import answers_from
from bayesopt.output import Objective, OutcomeConstraint
from bayesopt.pareto_front import ParetoFront
from bayesopt.problem import Problem
from bayesopt.result import KeptRun, Result, Stop, best_of, trial_counts
from bayesopt.sensitivity import FittedRun, Importance, what_matters
from bayesopt.show import name_text, point_text, table_html, value_text
from bayesopt.space import Space
from bayesopt.storage import Storage
from bayesopt.storage.worker import this_worker
from bayesopt.strategy import Cache, ProposalConfig, RunModel, expected_gains, fit
from bayesopt.text import one_line
from bayesopt.trial import Trial, TrialState

if TYPE_CHECKING:
    from bayesopt.optimizer.fronts import Answer


def fronts() -> Any:
    """The module that knows of fronts: not loaded by a run that has one objective."""
    from bayesopt.optimizer import fronts

    return fronts


class RunQueries:
    """Questions to a run; none changes it.

    Attributes
    ----------
    space : the search space.
    problem : the space and the objective.
    config : the parts of the algorithm, and the seed.
    """

    space: Space
    problem: Problem
    config: ProposalConfig
    _event_log: EventLog
    _cache: Cache
    _threads: int

    def __repr__(self) -> str:
        return self._shown()[0]

    def _repr_html_(self) -> str:
        return table_html(*self._shown())

    def _shown(self) -> tuple[str, list[list[str]]]:
        """A line of text, and a table of the best point; as far as the events have been read."""
        rows = [["", "best"]]
        try:
            trials, outside = list(self._history.trials), self._history.outside
            what = words(self.problem.objectives) if self.several else self.direction
            title = f"Optimizer: {what}, {trial_counts(trials)}, seed {self.seed}"
            title += f", kept in {one_line(path)}" if (path := self._path) else ""
        except AttributeError:  # of one that could not be made
            return "Optimizer without a run", rows
        if self.several:
            front, trace = self._observed(trials, outside)
            return f"{title}; {trace!r}", front.rows()
        best = self._best_of(trials, outside)
        if best is None:
            return f"{title}; no trial has a feasible value yet", rows
        rows += [["trial", str(best.number)], ["value", value_text(best.value)]]
        rows += [[name_text(name), value_text(v)] for name, v in best.params.items()]
        point = point_text(best.params)
        return f"{title}; best value {value_text(best.value)} at {point}", rows

    @property
    def _path(self) -> object:
        return getattr(self.storage, "path", None)

    @property
    def several(self) -> bool:
        """Whether there are several objectives."""
        return len(self.problem.objectives) > 1

    @property
    def objective_names(self) -> tuple[str, ...]:
        """Names of several objectives, as results have them; empty where there is one."""
        return tuple(o.name for o in self.problem.objectives) if self.several else ()

    @property
    def direction(self) -> str:
        """ "minimize" or "maximize"; ValueError where there are several objectives."""
        return self._one("direction").direction

    def _one(self, what: str) -> Objective:
        if self.several:
            raise ValueError(
                f"this run has several objectives ({words(self.problem.objectives)}), so there is "
                f"no optimizer.{what}: see optimizer.pareto"
            )
        return self.problem.objective

    @property
    def pareto(self) -> ParetoFront:
        """The trials that are believed to be dominated by no other; ValueError where there is one
        objective. See :class:`~bayesopt.Result`.
        """
        return self.result().pareto

    @property
    def outcome_constraints(self) -> dict[str, str]:
        """The limits of the outcome constraints: ``{"impurity": "<= 0.5"}``; those that were
        declared, or else those that results have.
        """
        with self._event_log.whole(), self._event_log.lock:
            self._event_log.sync()
            outputs = self._history.outputs
        return {o.name: o.written for o in outputs if isinstance(o, OutcomeConstraint)}

    @property
    def seed(self) -> int:
        """The run's seed."""
        return self.config.seed

    @property
    def storage(self) -> Storage:
        """Where the run is kept."""
        return self._event_log.storage

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials in the order they were asked, added observations included."""
        with self._event_log.whole(), self._event_log.lock:
            self._event_log.sync()
            return tuple(self._history.trials)

    @property
    def best(self) -> Trial | None:
        """The best observed feasible trial, the earliest of equals; None when there is none.
        ValueError where there are several objectives.
        """
        self._one("best")
        trials = self.trials
        return self._best_of(trials, self._history.outside)

    def _best_of(self, trials: Iterable[Trial], outside: Collection[int]) -> Trial | None:
        feasible = [t for t in trials if t.feasible and t.number not in outside]
        return best_of(feasible, self.problem.objective.sign)

    def _observed(self, trials: Sequence[Trial], outside: Collection[int]) -> Answer:
        """The front of the observed values, and its hypervolume."""
        own = [t for t in trials if t.feasible and t.number not in outside]
        answer: Answer = fronts().observed(self.problem.objectives, trials, own)
        return answer

    def standing(self) -> Standing:
        """How far the run is: its best value or front, without asking a model."""
        trials = self.trials
        if not self.several:
            best = self._best_of(trials, self._history.outside)
            return Standing.of_best(best)
        return Standing.of_front(*self._observed(trials, self._history.outside))

    @property
    def recommended(self) -> Trial | None:
        """The trial to use: under noise, the evaluated one of the best posterior mean among those
        that keep to the outcome constraints with a probability of at least 0.85, by the model;
        where none does, the one that most probably does. Without noise, ``best``. ValueError
        where there are several objectives.
        """
        self._one("recommended")
        with self._event_log.whole(), self._event_log.lock, blas_threads(self._threads):
            best = self.best
            if best is None or self.problem.deterministic:
                return best
            model = self._model()
            if not model.is_noisy:
                return best
            numbers = evaluated_numbers(self._history, model.data)
            return self._history.trials[int(numbers[model.recommended])]

    def predict(
        self,
        points: Mapping[str, Any] | Iterable[Mapping[str, Any]],
        output: str | None = None,
    ) -> Prediction:
        """The posterior of a noise-free output at one or several points, in the user's units.

        Parameters
        ----------
        output : name of an objective or an outcome constraint; None: the only objective.

        Raises
        ------
        ValueError : before the first successful evaluation, and for a name that is no output.
        """
        given = checks.points(points)
        rows = np.array([self.space.encode(p) for p in given])
        coords = self.space.to_coords(rows.reshape(len(given), self.space.n_columns))
        with self._event_log.whole(), self._event_log.lock, blas_threads(self._threads):
            self._event_log.sync()
            outputs = (*self.problem.objectives, *self._history.outputs)
            return predicted(self._model(), coords, output_of(outputs, output))

    @property
    def _budget(self) -> Budget | None:
        return None if isinstance(self.config, Absent) else self.config.budget

    @property
    def spent(self) -> float:
        """What the trials have cost so far, of the ``budget``; 0 without one."""
        budget = self._budget
        if budget is None:
            return 0.0
        with self._event_log.whole(), self._event_log.lock:
            self._event_log.sync()
            return spent(self._history, budget)

    def expected_gain(self, params: Mapping[str, Any]) -> float | None:
        """How much better than the best so far the model expects a point to be, in the
        objective's units, with the probability that it keeps to the constraints. Of two to four
        objectives: how much hypervolume it is expected to add, in the product of their units.

        None while nothing feasible is known. ValueError where there are more than four objectives.
        """
        row = self.space.encode(params)
        with self._event_log.whole(), self._event_log.lock, blas_threads(self._threads):
            self._event_log.sync()
            if not self._history.completed:
                return None
            gain = float(expected_gains(self._model(), self.space.to_coords(row[None]))[0])
        return None if np.isnan(gain) else gain

    def _pending_here(self) -> frozenset[int]:
        """Numbers of the pending trials that this process has asked for (without ``hold``)."""
        pending = frozenset(t.number for t in self.trials if t.state is TrialState.PENDING)
        if not self.storage.persistent:
            return pending
        leases, me = self._event_log.history.leases, str(this_worker())
        return frozenset(n for n in pending if n in leases and leases[n].worker == me)

    def result(self, stop: Stop = Stop.RUNNING) -> Result:
        """The run as it stands."""
        checks.instance("stop", stop, Stop, example="Stop.RUNNING")
        if self.several:
            return self._pareto_result(stop)
        with self._event_log.whole(), self._event_log.lock:
            diagnostics: dict[str, Any] = {"seed": self.seed}
            recommended = None
            try:
                recommended = self.recommended
            except MissingPart as missing:
                diagnostics["missing"] = str(missing)
            if self._cache.model is not None and self._cache.model.objective is not None:
                diagnostics["surrogate"] = self._cache.model.diagnostics
            return Result(
                self.best,
                recommended,
                self.trials,
                stop,
                self.direction,
                self.space,
                diagnostics,
                self.outcome_constraints,
                KeptRun(self.fitted_run()),
            )

    def fitted_run(self) -> FittedRun:
        """What is known of the run as it stands, with its model, for questions to both."""
        with self._event_log.whole(), self._event_log.lock:
            self._event_log.sync()
            cache = Cache()  # of its own: the run goes on
            cache.model, cache.fitted_with = self._cache.model, self._cache.fitted_with
            data = run_data(self._history, self.problem, self._budget)
            return FittedRun(data, self.config, answers_from(self._history), cache)

    def what_matters(self, output: str | None = None) -> Importance:
        """Each parameter's share of what the model explains, with error bars:
        :func:`bayesopt.sensitivity.what_matters`.

        Parameters
        ----------
        output : the name of an objective or an outcome constraint; None: the first objective.

        Raises
        ------
        ValueError : for an unknown name, or with fewer than two results.
        """
        return what_matters(self.fitted_run(), output)

    def _pareto_result(self, stop: Stop) -> Result:
        from bayesopt.pareto_result import ParetoResult

        with self._event_log.whole(), self._event_log.lock, blas_threads(self._threads):
            trials, diagnostics = self.trials, {"seed": self.seed}
            try:
                model = self._model()
            except MissingPart as missing:
                about: dict[str, Any] = {**diagnostics, "missing": str(missing)}
                return self.result_so_far(stop, about)
            completed = self._history.completed
            front, trace = fronts().believed(model, trials, completed, self.seed)
            about = {**diagnostics, "surrogate": model.diagnostics} if model.objectives else {}
            return ParetoResult(
                trials,
                stop,
                self.space,
                front,
                trace,
                {**diagnostics, **about},
                self.outcome_constraints,
                KeptRun(self.fitted_run()),
            )

    def result_so_far(self, stop: Stop, diagnostics: Mapping[str, Any] | None = None) -> Result:
        """The trials of a run and the best of them; no model is asked."""
        trials, limits = self.trials, self.outcome_constraints
        about = {"seed": self.seed} if diagnostics is None else diagnostics
        if not self.several:
            best = self._best_of(trials, self._history.outside)
            return Result(best, None, trials, stop, self.direction, self.space, about, limits)
        own = [t for t in trials if t.feasible and t.number not in self._history.outside]
        answer = fronts().result_of_observed
        result: Result = answer(
            self.problem.objectives, trials, own, stop, self.space, limits, about
        )
        return result

    @property
    def _history(self) -> History:
        return self._event_log.history

    def _model(self) -> RunModel:
        """The model of the present results."""
        return fit(
            run_data(self._history, self.problem),
            self.config,
            state=answers_from(self._history),
            cache=self._cache,
        )
