"""What Optuna's trials report: values, pruned ones' too, and constraints."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from bayesopt.strategy import Measured, Objective, OutcomeConstraint

Floats = NDArray[np.float64]
PrunedValue = Callable[[FrozenTrial], float | None]


def last_value(trial: FrozenTrial) -> float | None:
    """A pruned trial's last intermediate value; None when it reported none."""
    return trial.intermediate_values[trial.last_step] if trial.last_step is not None else None


def values_of(
    trial: FrozenTrial, n_objectives: int, pruned_value: PrunedValue | None
) -> tuple[float, ...] | None:
    """The values of a complete trial; or that of a pruned one by ``pruned_value``, where there is
    one objective. They may be infinite.
    """
    if trial.state is TrialState.COMPLETE:
        return tuple(float(value) for value in trial.values)
    if trial.state is TrialState.PRUNED and pruned_value is not None and n_objectives == 1:
        value = pruned_value(trial)
        return None if value is None or np.isnan(value) else (float(value),)
    return None


def objectives_of(study: Study) -> tuple[Objective, ...]:
    """The study's objectives, several by their numbers."""
    ways = [
        "maximize" if way is StudyDirection.MAXIMIZE else "minimize" for way in study.directions
    ]
    if len(ways) == 1:
        return (Objective(direction=ways[0]),)
    return tuple(Objective(str(j), way) for j, way in enumerate(ways))


def measured(
    trials: Sequence[FrozenTrial], values: Floats, objectives: Sequence[Objective]
) -> list[Measured]:
    """The trials' values (n, m) and constraints as outputs, all of them finite."""
    held = [constraints_of(trial) for trial in trials]
    found = [Measured(o, finite(values[:, j])) for j, o in enumerate(objectives)]
    for name in sorted({name for constraints in held for name in constraints}):
        raw = np.array([constraints.get(name, np.nan) for constraints in held])
        has = ~np.isnan(raw)
        # an infinite constraint stays on its side of the limit
        raw[has] = finite(np.array([*raw[has], -1.0, 1.0]))[:-2]
        found.append(Measured(OutcomeConstraint(name), raw))
    return found


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
