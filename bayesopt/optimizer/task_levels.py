"""Results of other tasks brought to the level of the target's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bayesopt.space import Space
from bayesopt.strategy import Measured

Floats = NDArray[np.float64]


def levelled(space: Space, coords: Floats, measured: Measured) -> Measured:
    """Values (n,) at coordinates (n, p) with each other task's moved by one number: its mean.

    The number is the median of the differences between each of the target's values and the other
    task's value at the nearest point: where the target was sampled does not bias it. Without a
    value of the target the tasks are moved to the level of the one with the most values.
    """
    if space.task is None or not len(coords):
        return measured
    column = space.columns.index(space.task)
    tasks, points = coords[:, column], np.delete(coords, column, axis=1)
    known = np.isfinite(measured.values)
    target = float(space.parameters[space.task].encode(space.targets[space.task], space.task))
    if not (known & (tasks == target)).any():
        if not known.any():
            return measured
        labels, counts = np.unique(tasks[known], return_counts=True)
        target = float(labels[np.argmax(counts)])
    values = measured.values.copy()
    here = known & (tasks == target)
    categorical = np.delete(space.is_categorical, column)
    for task in np.unique(tasks[known & (tasks != target)]):
        there = known & (tasks == task)
        nearest = _nearest(points[here], points[there], categorical)
        offset = np.median(measured.values[here] - measured.values[there][nearest])
        if np.isfinite(offset):
            values[tasks == task] += offset
    return replace(measured, values=values) if np.isfinite(values[known]).all() else measured


def _nearest(a: Floats, b: Floats, categorical: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each of a (n, q) the index of the nearest of b (m, q); unlike choices are 1 apart."""
    squared = np.zeros((len(a), len(b)))
    for j, is_label in enumerate(categorical):
        x, y = a[:, j, None], b[None, :, j]
        apart = (x != y).astype(float) if is_label else np.nan_to_num(x - y) ** 2
        squared += np.where(np.isnan(x) != np.isnan(y), 1.0, np.where(np.isnan(x), 0.0, apart))
    return np.asarray(squared.argmin(axis=1))
