"""Points along one or two parameters through the recommended setting, and the model there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.optimizer.along import along
from bayesopt.plots.figure import listed_values
from bayesopt.report.markup import short
from bayesopt.report.run_facts import RunFacts
from bayesopt.report.svg import Axis
from bayesopt.space import Parameter
from bayesopt.trial import Trial

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Slice:
    """The model along one parameter.

    Attributes
    ----------
    name : of the parameter.
    axis : for its values; listed values are 0, 1, 2, ...
    x : (m,) values.
    mean, low, high : (m,) the model's mean and its 90 % band, in the objective's units; NaN where
        the point is not legal.
    at : where the recommended setting is, or that of the best trial in which it is active.
    through : number of that trial.
    """

    name: str
    axis: Axis
    x: Floats
    mean: Floats
    low: Floats
    high: Floats
    at: float
    through: int


def parameter_axis(name: str, parameter: Parameter) -> Axis:
    """An axis over the whole range of a parameter, on its own scale."""
    listed = listed_values(parameter)
    if listed is not None:
        return Axis.listed([short(value, 16) for value in listed], name)
    low, high = float(parameter.low), float(parameter.high)  # type: ignore[attr-defined]
    log = bool(getattr(parameter, "log", False)) and low > 0
    return Axis.over([low, high], name, log=log, pad=0.03)


def place_of(facts: RunFacts, name: str, trial: Trial) -> float:
    """Where a trial is on the axis of a parameter."""
    parameter = facts.space.parameters[name]
    return float(parameter.encode(trial.params[name], name, outside=True))


def centre(facts: RunFacts, *names: str) -> Trial | None:
    """The recommended trial, or the best in which the parameters are active."""
    chosen = facts.recommended
    if chosen is not None and all(name in chosen.params for name in names):
        return chosen
    active = [t for t in facts.evaluated if all(name in t.params for name in names)]
    if not active:
        return None
    return min(active, key=lambda t: (not t.feasible, facts.sign * facts.value(t)))


def slice_of(facts: RunFacts, name: str) -> Slice | None:
    """The model along a parameter; None where it was never active."""
    trial = centre(facts, name)
    if trial is None or facts.fitted is None:
        return None
    assert facts.run is not None
    j, center = facts.space.columns.index(name), facts.coords([trial])[0]
    found = along(facts.run, facts.objective, center, j)
    if found is None:
        return None
    axis = parameter_axis(name, facts.space.parameters[name])
    at = place_of(facts, name, trial)
    return Slice(name, axis, found.x, found.mean, found.low, found.high, at, trial.number)
