"""Trials that were stopped early, as data for the model; and which of them is asked again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer.events import Asked
from bayesopt.optimizer.history import History
from bayesopt.problem import Problem
from bayesopt.stopping import StoppingRule, learning_curves, predicted_ends
from bayesopt.strategy import RunData, with_partial
from bayesopt.trial import Origin, TrialState

_ENDED = (TrialState.COMPLETE, TrialState.STOPPED, TrialState.FAILED)


def with_stopped(history: History, data: RunData, row: NDArray[np.int64]) -> RunData:
    """The run with its stopped trials where they are predicted to end; ``row`` (trials,) is each
    trial's row in ``data.coords``.

    The curves of running trials are left out: what is proposed depends on results.
    """
    if len(data.problem.objectives) != 1:
        return data
    sign = data.problem.objective.sign
    curves = learning_curves((t for t in history.trials if t.state in _ENDED), sign)
    stopped = [c for c in curves if c.waits and c.number in history.stopped_after]
    stopped.sort(key=lambda c: (history.stopped_after[c.number], c.number))
    if not stopped or not any(c.complete for c in curves):
        return data
    mean, sd = predicted_ends(curves, stopped)
    numbers = np.array([c.number for c in stopped])
    n = len(data.evaluated)
    places = np.array([min(history.stopped_after[c.number], n) for c in stopped])
    known = np.isfinite(mean) & np.isfinite(sd) & (sd > 0.0)
    return with_partial(data, places[known], row[numbers[known]], sign * mean[known], sd[known])


def asked_again(history: History, problem: Problem, rule: StoppingRule) -> Asked | None:
    """The event that hands a stopped trial's point out once more; None: a new one is due."""
    if not history.stopped_after or len(problem.objectives) != 1:
        return None
    number = rule.resumes(learning_curves(history.trials, problem.objective.sign))
    if number is None:
        return None
    return Asked(len(history.trials), history.row(number), Origin.RESUMED)
