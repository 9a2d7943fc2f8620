"""Runs in MLflow: ``bo.minimize(f, space, callbacks=MLflowCallback())``.

One run of MLflow for the whole, with the best value so far by trial number, and in it one for each
trial, with its parameters, its numbers, its time and whether it failed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Any

from bayesopt.integrations.host import require

require("mlflow", extra="mlflow", at_least="2.10")

from bayesopt.integrations.tracking import (  # noqa: E402
    Tracker,
    best_of,
    direction_of,
    metrics_of,
    report_of,
    running_of,
    text_params,
)
from bayesopt.optimizer import Optimizer  # noqa: E402
from bayesopt.result import Result  # noqa: E402
from bayesopt.trial import Trial, TrialState  # noqa: E402

_OTHER = re.compile(r"[^\w\-. /]")  # what MLflow does not take in names
_LONGEST = 500  # characters of a value that every version takes


class MLflowCallback(Tracker):
    """Shows a run in MLflow.

    Parameters
    ----------
    experiment : its name, made if there is none; None: the active one.
    run_name : of the run of MLflow that holds the trials; None: MLflow's choice.
    run_id : of a run to show the trials in; None: the active run, or else a new one.
    tracking_uri : where MLflow keeps its runs; None: as MLflow is set up.
    tags : of the run.
    trials : False: the run only, with all values by trial number, and none for each trial.
    """

    def __init__(
        self,
        experiment: str | None = None,
        *,
        run_name: str | None = None,
        run_id: str | None = None,
        tracking_uri: str | None = None,
        tags: Mapping[str, str] | None = None,
        trials: bool = True,
    ) -> None:
        super().__init__()
        self._experiment = experiment
        self._run_name = run_name
        self._given = run_id
        self._uri = tracking_uri
        self._tags = dict(tags or {})
        self._trials = trials
        self._client: Any = None
        self._run: Any = None
        self._own = False  # the run was made here, and is ended here
        self._best: int | None = None

    @property
    def run_id(self) -> str | None:
        """The run of MLflow, once the first trial was shown."""
        return None if self._run is None else str(self._run.info.run_id)

    def begin(self, optimizer: Optimizer) -> None:
        """Find or make the run."""
        import mlflow

        self._client = mlflow.MlflowClient(tracking_uri=self._uri)
        active = mlflow.active_run() if self._uri is None else None
        given = self._given or (active.info.run_id if active is not None else None)
        self._own = given is None
        self._best = None
        if given is not None:
            self._run = self._client.get_run(given)
        else:
            self._run = self._client.create_run(
                self._experiment_id(mlflow), tags=self._tags, run_name=self._run_name
            )
        for name, value in self._described(optimizer).items():
            self._client.set_tag(self.run_id, name, value)

    def show(self, optimizer: Optimizer, trial: Trial) -> None:
        """A point of the run's curves, and a run of the trial's own."""
        for name, value in running_of(optimizer, trial, self._failed).items():
            self._client.log_metric(self.run_id, _name(name), value, step=trial.number)
        best = best_of(optimizer)
        if best is not None and best.number != self._best:
            self._best = best.number
            self._client.set_tag(self.run_id, "best.trial", str(best.number))
            for name, text in text_params(best).items():
                self._client.set_tag(self.run_id, f"best.{_name(name)}", text[:_LONGEST])
        if self._trials:
            self._show_trial(trial)

    def finish(self, result: Result) -> None:
        """Why it ended, the report, and the end of a run that was made here."""
        self._client.set_tag(self.run_id, "stop", result.stop.value)
        self._client.set_tag(self.run_id, "mlflow.note.content", report_of(result))
        if self._own:
            self._client.set_terminated(self.run_id, "KILLED" if result.stop.by_signal else None)

    def _experiment_id(self, mlflow: Any) -> str:
        if self._experiment is None:
            return str(mlflow.tracking.fluent._get_experiment_id())
        found = self._client.get_experiment_by_name(self._experiment)
        if found is not None:
            return str(found.experiment_id)
        return str(self._client.create_experiment(self._experiment))

    def _described(self, optimizer: Optimizer) -> dict[str, str]:
        said = {"direction": direction_of(optimizer), "seed": str(optimizer.seed)}
        limits = optimizer.outcome_constraints
        return said | {f"constraint.{_name(name)}": text for name, text in limits.items()}

    def _show_trial(self, trial: Trial) -> None:
        tags = {
            "mlflow.parentRunId": str(self.run_id),
            "trial": str(trial.number),
            "origin": trial.origin.value,
        }
        if trial.error is not None:
            tags["error"] = trial.error[:_LONGEST]
        if trial.worker is not None:
            tags["worker"] = trial.worker
        begun = None if trial.start is None else int(trial.start.timestamp() * 1000)
        experiment = self._run.info.experiment_id
        run = self._client.create_run(
            experiment, start_time=begun, tags=tags, run_name=f"trial {trial.number}"
        )
        child = run.info.run_id
        for name, text in text_params(trial).items():
            self._client.log_param(child, _name(name), text[:_LONGEST])
        for name, value in metrics_of(trial).items():
            self._client.log_metric(child, _name(name), value)
        for step, value in trial.curve:
            self._client.log_metric(child, "reported", value, step=step)
        ended = None
        if begun is not None and trial.seconds is not None:
            ended = min(begun + int(trial.seconds * 1000), int(time.time() * 1000))
        state = "FAILED" if trial.state is TrialState.FAILED else "FINISHED"
        self._client.set_terminated(child, state, end_time=ended)


def _name(name: str) -> str:
    return _OTHER.sub("_", name)[:250] or "_"
