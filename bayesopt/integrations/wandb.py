"""Runs in Weights & Biases: ``bo.minimize(f, space, callbacks=WandbCallback(project="oven"))``.

One run of W&B with a step a trial: its parameters, its numbers, the best value so far, how many
failed; in its summary the best trial. Without a network: ``WandbCallback(mode="offline")``.
"""

from __future__ import annotations

from typing import Any

from bayesopt.integrations.host import require

require("wandb", extra="wandb", at_least="0.16")

from bayesopt.integrations.tracking import (  # noqa: E402
    Tracker,
    best_of,
    direction_of,
    metrics_of,
    plain_params,
    report_of,
    running_of,
)
from bayesopt.optimizer import Optimizer  # noqa: E402
from bayesopt.result import Result  # noqa: E402
from bayesopt.trial import Trial, TrialState  # noqa: E402


class WandbCallback(Tracker):
    """Shows a run in Weights & Biases.

    Parameters
    ----------
    run : a run of W&B to show it in, which is left open; None: the active one, or else a new one.
    trials : True: a run of W&B for each trial too, in the group of the first.
    **init : options of ``wandb.init`` for a new run: ``project``, ``name``, ``mode="offline"``,
        ``dir``, ``tags``, ...
    """

    def __init__(self, run: Any = None, *, trials: bool = False, **init: Any) -> None:
        super().__init__()
        self._given = run
        self._trials = trials
        self._init = init
        self._run: Any = None
        self._own = False

    @property
    def run(self) -> Any:
        """The run of W&B, once the first trial was shown."""
        return self._run

    def begin(self, optimizer: Optimizer) -> None:
        """Find or make the run."""
        import wandb

        given = self._given if self._given is not None else wandb.run
        self._own = given is None
        self._run = given if given is not None else wandb.init(**self._init)
        about = {"direction": direction_of(optimizer), "seed": optimizer.seed}
        about["outcome_constraints"] = dict(optimizer.outcome_constraints)
        self._run.config.update({"bayesopt": about}, allow_val_change=True)
        # by number of the trial, as other things may be logged to the same run
        self._run.define_metric("trial")
        self._run.define_metric("*", step_metric="trial")

    def show(self, optimizer: Optimizer, trial: Trial) -> None:
        """A step of the run, and a run of the trial's own if wanted."""
        row: dict[str, Any] = {"trial": trial.number, "origin": trial.origin.name.lower()}
        row |= running_of(optimizer, trial, self._failed)
        row |= {f"params/{name}": value for name, value in plain_params(trial).items()}
        if trial.error is not None:
            row["error"] = trial.error
        self._run.log(row)
        best = best_of(optimizer)
        if best is not None:
            about = {"best_trial": best.number, "best_value": best.value}
            self._run.summary.update(about | {"best_params": plain_params(best)})
        if self._trials:
            self._show_trial(trial)

    def finish(self, result: Result) -> None:
        """Why it ended, the report, and the end of a run that was made here."""
        self._run.summary.update({"stop": result.stop.value, "report": report_of(result)})
        if self._own:
            self._run.finish(exit_code=1 if result.stop.by_signal else 0)

    def _show_trial(self, trial: Trial) -> None:
        import wandb

        init = self._init | {"group": self._run.id, "job_type": "trial"}
        init |= {"name": f"trial {trial.number}", "config": plain_params(trial)}
        init |= {"reinit": "create_new"}
        own = wandb.init(**init)
        own.log({"trial": trial.number, **metrics_of(trial)})
        own.finish(exit_code=1 if trial.state is TrialState.FAILED else 0)
