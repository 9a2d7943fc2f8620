"""From the events of a run to arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import fsum

import numpy as np
from numpy.typing import NDArray

from bayesopt.budget import Budget
from bayesopt.optimizer.derivatives import gradient_rows
from bayesopt.optimizer.history import History
from bayesopt.optimizer.pooled import with_pooled_sds
from bayesopt.optimizer.stopped_data import with_stopped
from bayesopt.optimizer.task_levels import levelled
from bayesopt.outcome import Outcome
from bayesopt.output import Output
from bayesopt.problem import Problem
from bayesopt.stopping import StoppingRule
from bayesopt.strategy import Measured, RunData
from bayesopt.trial import Origin, Trial, TrialState

Floats = NDArray[np.float64]

_TAKEN = (TrialState.COMPLETE, TrialState.FAILED, TrialState.PENDING, TrialState.STOPPED)


def run_data(
    history: History,
    problem: Problem,
    budget: Budget | None = None,
    rule: StoppingRule | None = None,
) -> RunData:
    """What is known of a run: each row is made coordinates once, each result read once; with a
    budget also what the trials cost; with a rule, as the model that proposes is fitted to it.

    Outputs that the problem does not name are those that were declared, or that results have.
    """
    known = history.numbers(*_TAKEN)
    row = np.full(len(history.trials), -1)
    row[known] = np.arange(len(known))
    problem = problem.with_outputs(history.outputs)
    completed = history.results.column("number", history.completed, float)
    outside = history.results.column(
        "outside", history.completed, lambda number: number in history.outside
    )
    coords, evaluated = history.coords(known), row[completed.astype(np.int64)]
    data = RunData(
        problem,
        coords,
        evaluated,
        row[history.numbers(TrialState.FAILED)],
        row[history.numbers(TrialState.PENDING)],
        tuple(
            replace(measured, gradients=_gradients(history, measured.output, coords[evaluated]))
            for measured in (_measured(history, problem, output) for output in problem.outputs)
        ),
        outside.astype(bool),
        _costs_wanted(history, problem, budget),
        0.0 if budget is None else spent(history, budget),
        _not_run(history, problem),
    )
    if problem.space.task is not None:
        data = replace(data, measured=tuple(_on_one_level(data, m) for m in data.measured))
    return with_stopped(history, data, row, rule) if history.stopped_after else data


def _not_run(history: History, problem: Problem) -> Floats | None:
    rows = list(history.not_run.values())
    return problem.space.to_coords(np.array(rows)) if rows else None


def _on_one_level(data: RunData, measured: Measured) -> Measured:
    if measured.output not in data.problem.objectives:
        return measured
    return levelled(data.space, data.evaluated_coords, measured)


def evaluated_numbers(history: History, data: RunData) -> NDArray[np.int64]:
    """(n,) which trial each evaluated point of ``run_data(history, ...)`` is of."""
    return history.numbers(*_TAKEN)[data.evaluated]


def spent(history: History, budget: Budget) -> float:
    """What the trials of a run have cost so far; those added from elsewhere cost it nothing."""
    own = (t for t in history.trials if t.origin is not Origin.ADDED)
    return fsum(_cost(trial, budget) or 0.0 for trial in own)


def _costs_wanted(history: History, problem: Problem, budget: Budget | None) -> Floats | None:
    if budget is None and problem.space.fidelity is not None:
        return _numbers(history, "cost", lambda outcome: outcome.cost)
    return None if budget is None else _costs(history, budget)


def _costs(history: History, budget: Budget) -> Floats:
    """(n,) the cost of each result, NaN where it is not known."""
    costs = [_cost(history.trials[number], budget) for number in history.completed]
    return np.array([np.nan if cost is None else cost for cost in costs], dtype=float)


def _cost(trial: Trial, budget: Budget) -> float | None:
    told = None if trial.outcome is None else trial.outcome.cost
    return budget.cost(told, trial.seconds)


def _measured(history: History, problem: Problem, output: Output) -> Measured:
    name = output.name
    several = len(problem.objectives) > 1
    if output in problem.objectives and not several:
        values = _numbers(history, "value", lambda outcome: outcome.value)
        sds = _numbers(history, "sd", lambda outcome: outcome.sd)
        return Measured(output, values, with_pooled_sds(history, sds))
    role = "constraints" if output in problem.constraints else "records"
    role = "objectives" if output in problem.objectives else role
    return Measured(
        output,
        _numbers(history, (role, name), lambda outcome: getattr(outcome, role).get(name)),
        _numbers(history, ("sds", name), lambda outcome: outcome.sds.get(name)),
    )


def _gradients(history: History, output: Output, coords: Floats) -> Floats | None:
    """(n, p) derivatives in the coordinates (n, p); None when none was told."""
    has = history.results.column(
        "gradients", history.completed, lambda n: bool(_outcome(history, n).gradients)
    )
    if not has.any():
        return None
    told = [_outcome(history, n).gradients.get(output.name, {}) for n in history.completed]
    return gradient_rows(told, history.space, coords)


def _numbers(history: History, name: object, read: Callable[[Outcome], float | None]) -> Floats:
    """(n,) a number of each result, NaN where it has none."""

    return history.results.column(
        name, history.completed, lambda number: read(_outcome(history, number))
    )


def _outcome(history: History, number: int) -> Outcome:
    outcome = history.trials[number].outcome
    assert outcome is not None  # the completed trials have one
    return outcome
