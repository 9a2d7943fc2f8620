"""Several ways to choose points, the same objective, the same number of evaluations."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bayesopt.minimize import maximize
from bayesopt.trial import TrialState

if TYPE_CHECKING:
    from bayesopt.minimize.callbacks import Callback
    from bayesopt.result import Result
    from bayesopt.space import Space


@dataclass(frozen=True, slots=True)
class MethodResult:
    """How one method did.

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
    seed: int | None,
    watch: Callable[[str], Callback],
) -> dict[str, MethodResult]:
    """Maximise ``objective`` once with each proposer; an interrupt ends the comparison.

    Parameters
    ----------
    methods : proposer by label; None is the default, the Gaussian process.
    watch : makes the callback that shows a method's progress, given its label.
    """
    entries = {}
    for label, proposer in methods.items():
        spent: list[float] = []

        def timed(params: dict[str, Any], spent: list[float] = spent) -> float:
            started = time.perf_counter()
            try:
                return objective(params)
            finally:
                spent.append(time.perf_counter() - started)

        started = time.perf_counter()
        result = maximize(
            timed,
            space,
            n_trials=n_trials,
            seed=seed,
            proposer=proposer,
            callbacks=[watch(label)],
            progress=False,
        )
        total = time.perf_counter() - started
        entries[label] = MethodResult(result, sum(spent), total - sum(spent))
        if result.stop.by_signal:
            break
    return entries
