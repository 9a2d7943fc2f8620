"""What the callbacks for trackers have in common: what is said of a trial, and by which names."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

from bayesopt.optimizer import Optimizer
from bayesopt.result import Result
from bayesopt.trial import Trial, TrialState

_DONE = (TrialState.COMPLETE, TrialState.FAILED, TrialState.STOPPED)


class Tracker(ABC):
    """A callback of ``minimize`` and ``maximize`` that shows trials to another tool.

    The tool is asked when the first trial is finished. Whatever it raises is reported in the log:
    the run goes on. With :class:`bayesopt.Optimizer` call it after each ``tell`` as
    ``tracker(optimizer, trial)``, and ``tracker.end(optimizer.result())`` at the end.
    """

    def __init__(self) -> None:
        self._begun = False
        self._failed = 0

    def __call__(self, optimizer: Optimizer, trial: Trial) -> None:
        """Show a trial that was just told."""
        if trial.state not in _DONE:
            return
        if not self._begun:
            self.begin(optimizer)
            self._begun = True
        self._failed += trial.state is TrialState.FAILED
        self.show(optimizer, trial)

    def end(self, result: Result) -> None:
        """Show how the run ended, and let go of the tool."""
        if self._begun:
            self._begun, self._failed = False, 0
            self.finish(result)

    @abstractmethod
    def begin(self, optimizer: Optimizer) -> None:
        """The first trial of the run is about to be shown."""

    @abstractmethod
    def show(self, optimizer: Optimizer, trial: Trial) -> None:
        """Show a trial that is complete, failed or stopped early."""

    @abstractmethod
    def finish(self, result: Result) -> None:
        """Show how the run ended."""


def metrics_of(trial: Trial) -> dict[str, float]:
    """A trial's numbers by name: its outputs, ``sd``, ``cost``, ``seconds`` and ``feasible``."""
    found: dict[str, Any] = {}
    if trial.outcome is not None:
        found |= trial.outcome.values
        found |= {"sd": trial.outcome.sd, "cost": trial.outcome.cost}
        if trial.outcome.constraints:
            found["feasible"] = float(trial.feasible)
    found["seconds"] = trial.seconds
    return {name: float(v) for name, v in found.items() if v is not None and math.isfinite(v)}


def running_of(optimizer: Optimizer, trial: Trial, failed: int) -> dict[str, float]:
    """What is shown of the run after a trial: its numbers, how many failed, the best value or, of
    several objectives, how many trials are on the front.
    """
    found = metrics_of(trial) | {"failed": float(failed)}
    best = best_of(optimizer)
    if best is not None and best.value is not None:
        found["best"] = best.value
    if len(optimizer.problem.objectives) > 1:
        found["front"] = float(len(optimizer.pareto))
    return found


def best_of(optimizer: Optimizer) -> Trial | None:
    """The best trial so far; None where there is none, as with several objectives."""
    return optimizer.best if len(optimizer.problem.objectives) == 1 else None


def direction_of(optimizer: Optimizer) -> str:
    """What is wanted: "minimize", or "minimize error, maximize speed" of several objectives."""
    objectives = optimizer.problem.objectives
    if len(objectives) == 1:
        return optimizer.direction
    return ", ".join(f"{objective.direction} {objective.name}" for objective in objectives)


def text_params(trial: Trial) -> dict[str, str]:
    """A trial's parameters as texts, numbers in full."""
    return {name: str(value) for name, value in trial.params.items()}


def plain_params(trial: Trial) -> dict[str, Any]:
    """A trial's parameters as numbers, truth values and texts."""
    plain = (bool, int, float, str)
    return {
        name: value if isinstance(value, plain) else str(value)
        for name, value in trial.params.items()
    }


def report_of(result: Result) -> str:
    """How the run ended, as Markdown: a sentence and a table."""
    title, *rows = repr(result).splitlines()
    return "\n\n".join([title, "```\n" + "\n".join(rows) + "\n```"])
