"""Which values and derivatives a fit uses, when there are too many."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate.base import Observations
from bayesopt.surrogate.covariance import BoundCovariance
from bayesopt.surrogate.derivatives.rows import Rows
from bayesopt.surrogate.schedule import subsample
from bayesopt.surrogate.transform import OutputTransform

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_KEPT = 2000  # rows at most that the posterior is conditioned on
_KEPT_VALUES = 1500  # of them values


def to_fit(rows: Rows, limit: int) -> Rows:
    """So many of the rows as the evidence is evaluated on: of the best points and an even part."""
    if len(rows) <= limit:
        return rows
    order = _points_first(rows)
    points = np.isin(rows.at, order[: limit // 2])
    return rows.some(points).at_most(limit, order).compact()


def most_useful(rows: Rows, limit: int) -> Rows:
    """So many of the rows as a process is conditioned on: the values, then the derivatives that
    are worth most.
    """
    return rows if len(rows) <= limit else rows.at_most(limit, _points_first(rows))


def rows_of(bound: BoundCovariance, data: Observations, transform: OutputTransform) -> Rows:
    """The rows that are kept, in standardised units."""
    assert data.gradients is not None
    with np.errstate(over="ignore", invalid="ignore"):
        slopes = data.gradients * transform.slope(data.values)[:, None]
    scaler = transform.scaler
    u = scaler.scaled(data.values)
    slopes[(u <= scaler.low) | (u >= scaler.high)] = np.nan  # clipped: flat to the model
    slopes[~(np.abs(slopes) < 1e6)] = np.nan
    kept = subsample(data.values, _KEPT_VALUES)
    rows = Rows.observed(
        bound.columns,
        data.coords[kept],
        transform.forward(data.values)[kept],
        transform.known_noise(data.values, data.noise_sd)[kept],
        slopes[kept],
    )
    return rows.at_most(_KEPT, _useful_first(data.values[kept]))


def _points_first(rows: Rows) -> Integers:
    """The rows' points, the most useful first."""
    z = np.full(len(rows.coords), np.inf)
    z[rows.at[rows.values]] = rows.y[rows.values]
    return _useful_first(z)


def _useful_first(values: Floats) -> Integers:
    """Points in the order of what their derivatives are worth: the best, then an even part."""
    order = np.argsort(values, kind="stable")
    best, rest = order[: len(order) // 3], np.sort(order[len(order) // 3 :])
    stride = max(1, len(rest) // 50)
    even = np.concatenate([rest[i::stride] for i in range(stride)])
    return np.concatenate([best, even])
