"""The oracle: proposes values for Keras Tuner's trials, from what its other trials gave."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras_tuner
import numpy as np
from numpy.typing import NDArray

from bayesopt.acquisition import Acquisition
from bayesopt.calls import explained
from bayesopt.checks import optional, whole
from bayesopt.design import InitialDesign
from bayesopt.integrations.keras_tuner.scopes import HyperSpace
from bayesopt.proposal import SpaceExhausted
from bayesopt.space import Space
from bayesopt.strategy import Measured, Objective, ProposalConfig, RunData, propose
from bayesopt.surrogate import Surrogate

Floats = NDArray[np.float64]

_KEY = "bayesopt"  # in the oracle's state


class BayesOptOracle(keras_tuner.Oracle):  # type: ignore[misc]
    """Gaussian-process Bayesian optimization for Keras Tuner.

    Hyperparameters in ``hp.conditional_scope`` are used where they are active only. Those that
    appear during the search join the model; trials before had their default. Trials that failed
    say where not to go, running ones are taken into account. The state is in Keras Tuner's own
    files: a search goes on as it does with other oracles.

    Parameters
    ----------
    objective, max_trials, seed, hyperparameters, allow_new_entries, tune_new_entries,
    max_retries_per_trial,
    max_consecutive_failed_trials : as for every oracle.
    num_initial_points : trials before the model takes over; None: hyperparameters + 2, within 5 to
        20.
    deterministic : True when a trial gives the same objective each time.
    surrogate, acquisition : parts of the algorithm; None: :class:`~bayesopt.MapGP`,
        :class:`~bayesopt.LogEI`.
    """

    @explained
    def __init__(
        self,
        objective: Any = None,
        max_trials: int = 10,
        num_initial_points: int | None = None,
        seed: int | None = None,
        hyperparameters: Any = None,
        allow_new_entries: bool = True,
        tune_new_entries: bool = True,
        max_retries_per_trial: int = 0,
        max_consecutive_failed_trials: int = 3,
        *,
        deterministic: bool = False,
        surrogate: Surrogate | None = None,
        acquisition: Acquisition | None = None,
    ) -> None:
        super().__init__(
            objective=objective,
            max_trials=max_trials,
            hyperparameters=hyperparameters,
            tune_new_entries=tune_new_entries,
            allow_new_entries=allow_new_entries,
            seed=seed,
            max_retries_per_trial=max_retries_per_trial,
            max_consecutive_failed_trials=max_consecutive_failed_trials,
        )
        optional(whole, "num_initial_points", num_initial_points, 0)
        design = None if num_initial_points == 0 else InitialDesign(n=num_initial_points)
        self._parts: dict[str, Any] = {"surrogate": surrogate, "acquisition": acquisition}
        self._parts["initial_design"] = design
        self._deterministic = bool(deterministic)
        self._fit_state: Mapping[str, Any] = {}
        self._columns: list[str] = []  # those that the state of the fit is for

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Values for a new trial; see ``keras_tuner.Oracle``."""
        hyper = HyperSpace(self.hyperparameters.space)
        space = hyper.space
        if space is None or not space.n_columns:
            # whether there is anything to choose is known when the first trial was built
            fixed = {} if space is None else hyper.values(space.decode(np.empty(0)))
            return _answer(None if self.trials else fixed)
        data = self._data(hyper, space)
        state = self._fit_state if self._columns == list(space.columns) else {}
        config = ProposalConfig.of(self.seed, **self._parts)
        try:
            proposal = propose(data, config, number=len(self.trials), state=state)
        except SpaceExhausted:
            return _answer(None)
        if proposal.from_model:
            self._fit_state, self._columns = dict(proposal.state), list(space.columns)
        return _answer(hyper.values(space.decode(proposal.row)))

    def get_state(self) -> dict[str, Any]:
        """The oracle's state, as JSON values."""
        state: dict[str, Any] = super().get_state()
        return state | {_KEY: {"fit": dict(self._fit_state), "columns": list(self._columns)}}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        super().set_state(state)
        kept = state.get(_KEY, {})
        self._fit_state, self._columns = kept.get("fit", {}), list(kept.get("columns", ()))

    def _data(self, hyper: HyperSpace, space: Space) -> RunData:
        """What is known of the run; trials whose values have no place in the space say nothing."""
        points: dict[str, list[Floats]] = {"done": [], "failed": [], "running": []}
        scores = []
        for _, trial in sorted(self.trials.items()):  # read from files they come in any order
            point = hyper.point(trial.hyperparameters.values)
            try:
                row = space.encode(point, outside=True)
            except (TypeError, ValueError):
                continue
            score = trial.score
            if trial.status == "COMPLETED" and score is not None and math.isfinite(score):
                points["done"].append(row)
                scores.append(float(score))
            elif trial.status in ("RUNNING", "IDLE"):
                points["running"].append(row)
            elif trial.status in ("COMPLETED", "INVALID", "FAILED"):
                points["failed"].append(row)
        coords = {
            kind: space.to_coords(np.array(rows).reshape(len(rows), space.n_columns))
            for kind, rows in points.items()
        }
        direction = "maximize" if self.objective.direction == "max" else "minimize"
        return RunData.of(
            space,
            coords["done"],
            [Measured(Objective("score", direction), np.array(scores, dtype=float))],
            failed=coords["failed"],
            pending=coords["running"],
            deterministic=self._deterministic,
        )


def _answer(values: dict[str, Any] | None) -> dict[str, Any]:
    """What Keras Tuner wants to hear; None: there is nothing left to try."""
    return {"status": "STOPPED" if values is None else "RUNNING", "values": values}


class BayesOptTuner(keras_tuner.Tuner):  # type: ignore[misc]
    """``keras_tuner.BayesianOptimization`` with this package's engine.

    Parameters
    ----------
    hypermodel : a HyperModel, or a function of ``hp`` that builds a model.
    objective, max_trials, num_initial_points, seed, hyperparameters, allow_new_entries,
    tune_new_entries, max_retries_per_trial, max_consecutive_failed_trials, deterministic,
    surrogate, acquisition : see :class:`BayesOptOracle`.
    **options : those of ``keras_tuner.Tuner``: ``directory``, ``project_name``, ``overwrite``,
        ``executions_per_trial``, ``max_model_size``, ...
    """

    def __init__(
        self,
        hypermodel: Any = None,
        objective: Any = None,
        max_trials: int = 10,
        num_initial_points: int | None = None,
        seed: int | None = None,
        hyperparameters: Any = None,
        allow_new_entries: bool = True,
        tune_new_entries: bool = True,
        max_retries_per_trial: int = 0,
        max_consecutive_failed_trials: int = 3,
        *,
        deterministic: bool = False,
        surrogate: Surrogate | None = None,
        acquisition: Acquisition | None = None,
        **options: Any,
    ) -> None:
        oracle = BayesOptOracle(
            objective=objective,
            max_trials=max_trials,
            num_initial_points=num_initial_points,
            seed=seed,
            hyperparameters=hyperparameters,
            allow_new_entries=allow_new_entries,
            tune_new_entries=tune_new_entries,
            max_retries_per_trial=max_retries_per_trial,
            max_consecutive_failed_trials=max_consecutive_failed_trials,
            deterministic=deterministic,
            surrogate=surrogate,
            acquisition=acquisition,
        )
        super().__init__(oracle, hypermodel, **options)
