"""From the events of a run to arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer.history import History
from bayesopt.problem import Output, Problem
from bayesopt.strategy import Measured, RunData
from bayesopt.trial import Outcome, TrialState

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_TAKEN = (TrialState.COMPLETE, TrialState.FAILED, TrialState.PENDING)


def run_data(history: History, problem: Problem) -> RunData:
    """What is known of a run: one pass over its trials, each row made coordinates once.

    Outcome constraints that the problem does not name are those that the results have.
    """
    states = [trial.state for trial in history.trials]
    known = [n for n, state in enumerate(states) if state in _TAKEN]
    row = np.full(len(states), -1)
    row[known] = np.arange(len(known))
    outcomes = [o for n in history.completed if (o := history.trials[n].outcome) is not None]
    names = {name for outcome in outcomes if outcome.constraints for name in outcome.constraints}
    problem = problem.with_constraints(tuple(sorted(names)))
    outside = np.array([n in history.outside for n in history.completed], dtype=bool)
    return RunData(
        problem,
        history.coords(known),
        row[np.array(history.completed, dtype=np.int64)],
        row[_having(states, TrialState.FAILED)],
        row[_having(states, TrialState.PENDING)],
        tuple(_measured(problem, output, outcomes) for output in problem.outputs),
        outside,
    )


def _having(states: list[TrialState], state: TrialState) -> Integers:
    return np.array([n for n, found in enumerate(states) if found is state], dtype=np.int64)


def _measured(problem: Problem, output: Output, outcomes: list[Outcome]) -> Measured:
    if output in problem.objectives:
        sds = [np.nan if o.sd is None else o.sd for o in outcomes]
        return Measured(output, np.array([o.value for o in outcomes], dtype=float), np.array(sds))
    values = [o.constraints.get(output.name, np.nan) for o in outcomes]
    return Measured(output, np.array(values, dtype=float))
