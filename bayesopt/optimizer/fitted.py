"""The model behind a result: the run's own, or one fitted to the result's trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bayesopt.objectives import as_arguments
from bayesopt.pareto_result import ParetoResult
from bayesopt.sensitivity import FittedRun

if TYPE_CHECKING:
    from bayesopt.result import Result


def fitted_run(result: Result) -> FittedRun:
    """What is known of a result's run. One that was read from a file, or pickled, has no model of
    its own: then the default surrogate is fitted to its trials.
    """
    run = result.kept.run
    if isinstance(run, FittedRun):
        return run
    from bayesopt.optimizer.optimizer import Optimizer

    declared: dict[str, Any] = {"direction": result.direction}
    if isinstance(result, ParetoResult):
        declared = as_arguments(result.pareto.objectives)
    limits = dict(result.outcome_constraints) or None
    optimizer = Optimizer(result.space, outcome_constraints=limits, seed=0, **declared)
    optimizer.add_observations(result.observations(), outside=True)
    return optimizer.fitted_run()
