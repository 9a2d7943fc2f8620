"""A run that earlier ones inform: what it begins with, and the surrogate that knows them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bayesopt.checks import shown
from bayesopt.design import InitialDesign
from bayesopt.optimizer.earlier import ReadRun, filled, first_points, read_runs
from bayesopt.options import Earlier
from bayesopt.space import Space
from bayesopt.surrogate import EarlierRun, EarlierRunsGP, MapGP
from bayesopt.surrogate.schedule import subsample

logger = logging.getLogger("bayesopt")

_LARGEST = 300  # trials of a run: the best third and some of the rest
_HORIZON = 100  # trials, where nobody said how many


def informed(
    space: Space,
    earlier: Iterable[Earlier] | Earlier,
    given: Mapping[str, Any],
    n_trials: int | None,
    n_objectives: int,
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The points that a run begins with, and its parts: a surrogate that knows the earlier runs,
    and no initial design beyond these points unless one was given.

    Raises
    ------
    TypeError, ValueError : for what is no run, runs with several objectives, and a surrogate of
        another kind than the default one.
    """
    if n_objectives > 1:
        raise ValueError("earlier= is for one objective; leave it out, or give start= points")
    base = given["surrogate"] or MapGP()
    if not isinstance(base, MapGP):
        raise TypeError(
            f"earlier= needs the default surrogate, bo.MapGP(); got {shown(base)}. The best "
            "points of earlier runs alone: start=bo.earlier_points(space, runs)"
        )
    runs = read_runs(earlier)
    points = first_points(space, [run.best_first for run in runs])
    known = {run.name: _in(space, run) for run in runs}
    if unknown := [name for name, run in known.items() if run is None]:
        logger.warning("%s: no trial is a point of this space; not used", ", ".join(unknown))
    found = tuple(run for run in known.values() if run is not None)
    if not found:
        return points, dict(given)
    surrogate = EarlierRunsGP(found, base, n_trials or _HORIZON)
    design = given["initial_design"] or InitialDesign(n=len(points))
    return points, {**given, "surrogate": surrogate, "initial_design": design}


def _in(space: Space, run: ReadRun) -> EarlierRun | None:
    """A run in a space's coordinates: the parameters that it has values of, and the trials that
    are points of the space.
    """
    rows, values, names = [], [], set()
    told = (trial for trial in run.trials if trial.value is not None)
    for trial, row in filled(space, told, {}):
        rows.append(row)
        values.append(run.sign * float(trial.value or 0.0))
        names |= set(trial.params)
    columns = tuple(j for j, name in enumerate(space.columns) if name in names)
    if not rows or not columns:
        return None
    y = np.array(values)
    kept = subsample(y, _LARGEST)
    coords = space.to_coords(np.array(rows))[kept][:, list(columns)]
    return EarlierRun(
        run.name,
        columns,
        tuple(tuple(float(u) for u in point) for point in coords),
        tuple(float(v) for v in y[kept]),
    )
