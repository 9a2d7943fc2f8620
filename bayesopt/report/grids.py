"""Points along one or two parameters through the recommended setting, and the model there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bayesopt.plots.figure import listed_values
from bayesopt.report.markup import short
from bayesopt.report.run_facts import RunFacts
from bayesopt.report.svg import Axis
from bayesopt.space import Parameter
from bayesopt.trial import Trial

Floats = NDArray[np.float64]
_FINE = 41  # points of a slice


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


def levels(facts: RunFacts, j: int, most: int) -> Floats:
    """Coordinates along a column: all its levels, or ``most`` even ones."""
    if facts.space.n_levels[j] <= most:
        return facts.space.level_coords(j)
    return np.linspace(0.0, 1.0, most)


def moved(facts: RunFacts, trial: Trial, columns: list[int], to: Floats) -> tuple[Floats, Floats]:
    """Legal coordinates (m, p) of a trial's point with some columns set to (m, c), and their rows;
    a row is NaN where the known constraints do not allow the point.
    """
    points = np.repeat(facts.coords([trial]), len(to), axis=0)
    points[:, columns] = to
    points = facts.space.snap(points)
    rows = facts.space.to_rows(points)
    rows[~facts.space.allowed(points)] = np.nan
    return points, rows


def slice_of(facts: RunFacts, name: str) -> Slice | None:
    """The model along a parameter; None where it was never active."""
    trial = centre(facts, name)
    if trial is None or facts.fitted is None:
        return None
    j = facts.space.columns.index(name)
    points, rows = moved(facts, trial, [j], levels(facts, j, _FINE)[:, None])
    x, first = np.unique(rows[:, j], return_index=True)
    first = first[~np.isnan(x)]
    x = x[~np.isnan(x)]
    if not len(x):
        return None
    predicted = facts.predict(points[first])
    low, high = sorted_ends(predicted.quantile(0.05), predicted.quantile(0.95))
    axis = parameter_axis(name, facts.space.parameters[name])
    at = place_of(facts, name, trial)
    return Slice(name, axis, x, predicted.mean, low, high, at, trial.number)


def sorted_ends(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """The lower and the upper of two arrays."""
    return np.minimum(one, other), np.maximum(one, other)
