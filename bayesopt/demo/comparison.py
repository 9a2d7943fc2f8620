"""Several ways to choose points, the same objective, the same number of evaluations."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bayesopt.minimize import minimize
from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.minimize.callbacks import Callback
    from bayesopt.result import Result
    from bayesopt.space import Space


@dataclass(frozen=True, slots=True)
class MethodResult:
    """How one method did with one seed.

    Attributes
    ----------
    objective_seconds : spent in the objective.
    optimizer_seconds : spent on everything else, above all on choosing points.
    """

    result: Result
    objective_seconds: float
    optimizer_seconds: float

    @property
    def n_evaluations(self) -> int:
        """Trials that were run, failures included."""
        return sum(t.state is not TrialState.ABANDONED for t in self.result.trials)

    @property
    def n_failures(self) -> int:
        """Trials that failed."""
        return sum(t.state is TrialState.FAILED for t in self.result.trials)


def compare(
    objective: Callable[[dict[str, Any]], float],
    space: Space,
    methods: Mapping[str, Any],
    *,
    n_trials: int,
    seeds: Sequence[int],
    watch: Callable[[str], Callback],
) -> dict[str, list[MethodResult]]:
    """Minimise ``objective`` with each proposer and seed; an interrupt ends the comparison.

    Parameters
    ----------
    methods : proposer by label; None is the default, the Gaussian process.
    seeds : one run of each method for each; all methods run with one seed before the next.
    watch : makes the callback that shows a method's progress, given its label.
    """
    entries: dict[str, list[MethodResult]] = {}
    for seed in seeds:
        for label, proposer in methods.items():
            found = _run(objective, space, proposer, n_trials, seed, watch(label))
            entries.setdefault(label, []).append(found)
            if found.result.stop.by_signal:
                return entries
    return entries


def _run(
    objective: Callable[[dict[str, Any]], float],
    space: Space,
    proposer: Any,
    n_trials: int,
    seed: int,
    shown: Callback,
) -> MethodResult:
    spent: list[float] = []

    def timed(params: dict[str, Any]) -> float:
        started = time.perf_counter()
        try:
            return objective(params)
        finally:
            spent.append(time.perf_counter() - started)

    started = time.perf_counter()
    result = minimize(
        timed,
        space,
        n_trials=n_trials,
        seed=seed,
        deterministic=True,  # the same point always has the same value
        proposer=proposer,
        callbacks=[shown],
        progress=False,
    )
    total = time.perf_counter() - started
    return MethodResult(result, sum(spent), total - sum(spent))
