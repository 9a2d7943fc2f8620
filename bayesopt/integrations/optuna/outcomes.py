"""What Optuna's trials report: values, pruned ones' too, and constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from optuna.trial import FrozenTrial, TrialState

from bayesopt.trial import Origin, Outcome, Trial
from bayesopt.trial import TrialState as State

Floats = NDArray[np.float64]
PrunedValue = Callable[[FrozenTrial], float | None]


def last_value(trial: FrozenTrial) -> float | None:
    """A pruned trial's last intermediate value; None when it reported none."""
    return trial.intermediate_values[trial.last_step] if trial.last_step is not None else None


def value_of(trial: FrozenTrial, pruned_value: PrunedValue | None) -> float | None:
    """The value of a complete trial, or of a pruned one by ``pruned_value``; may be infinite."""
    if trial.state is TrialState.COMPLETE:
        return float(trial.values[0])
    if trial.state is TrialState.PRUNED and pruned_value is not None:
        value = pruned_value(trial)
        return None if value is None or np.isnan(value) else float(value)
    return None


def evaluated(trials: Sequence[FrozenTrial], values: Floats) -> list[Trial]:
    """Trials with their values and constraints, all of them finite."""
    clipped = finite(values)
    constraints = [constraints_of(t) for t in trials]
    for name in sorted({name for held in constraints for name in held}):
        having = [held for held in constraints if name in held]
        # an infinite constraint stays on its side of the limit
        raw = np.array([*(held[name] for held in having), -1.0, 1.0])
        for held, value in zip(having, finite(raw)[:-2].tolist(), strict=True):
            held[name] = value
    return [
        Trial(t.number, {}, State.COMPLETE, Origin.ADDED, Outcome(value, constraints=held))
        for t, value, held in zip(trials, clipped.tolist(), constraints, strict=True)
    ]


def constraints_of(trial: FrozenTrial) -> dict[str, float]:
    """A trial's constraints by name, in the words of Optuna 5 or in those of 4."""
    found = getattr(trial, "constraints", None)
    if found is None:
        found = dict(enumerate(trial.system_attrs.get("constraints") or ()))
    return {str(name): float(value) for name, value in found.items() if not np.isnan(value)}


def finite(values: Floats) -> Floats:
    """Values with infinite ones at the extremes of the finite ones."""
    finite = values[np.isfinite(values)]
    if len(finite) == len(values):
        return values
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 0.0)
    return np.clip(values, low, high)
