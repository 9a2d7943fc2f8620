"""Told derivatives: with respect to which parameters there can be any, and as arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bayesopt.checks import listed, suggestion
from bayesopt.optimizer.fields import Row
from bayesopt.outcome import Outcome
from bayesopt.space import Categorical, Constant, Int, Ordinal, Space

Floats = NDArray[np.float64]


def check_gradients(outcome: Outcome, space: Space, row: Row) -> None:
    """Refuse derivatives that a point cannot have.

    Parameters
    ----------
    row : the point, None where a parameter is inactive.

    Raises
    ------
    ValueError : naming the parameter and the reason.
    """
    smooth = _continuous(space)
    for gradient in outcome.gradients.values():
        for name in gradient:
            reason = _refused(space, row, name, smooth)
            if reason is not None:
                raise ValueError(
                    f"the result has a derivative with respect to {name!r}, {reason}; "
                    f"derivatives are taken with respect to {listed(smooth) or 'nothing'} here: "
                    "leave the others out"
                )


def gradient_rows(
    gradients: list[Mapping[str, float]], space: Space, coords: Floats
) -> Floats | None:
    """Derivatives of an output with respect to the coordinates.

    Parameters
    ----------
    gradients : of each of n results by name of the parameter, in the user's units.
    coords : (n, p) coordinates of the points.

    Returns
    -------
    (n, p) derivatives, NaN where none was told; None when none was told at all.
    """
    if not any(gradients):
        return None
    told = np.full(coords.shape, np.nan)
    column = {name: j for j, name in enumerate(space.columns)}
    for i, gradient in enumerate(gradients):
        for name, derivative in gradient.items():
            told[i, column[name]] = derivative
    with np.errstate(over="ignore", invalid="ignore"):
        found = told * space.value_slopes(coords)
    return np.where(np.isfinite(found), found, np.nan)


def _continuous(space: Space) -> list[str]:
    continuous = np.isfinite(space.value_slopes(np.full((1, space.n_columns), 0.5))[0])
    return [name for name, ok in zip(space.columns, continuous, strict=True) if ok]


def _refused(space: Space, row: Row, name: str, smooth: list[str]) -> str | None:
    """Why there can be no derivative with respect to a parameter; None when there can."""
    if name not in space.parameters:
        return f"which is no parameter{suggestion(name, space.names)}"
    if name not in smooth:
        kinds = {
            Categorical: "a choice",
            Ordinal: "an ordered choice",
            Int: "a whole number",
            Constant: "a constant",
        }
        parameter = space.parameters[name]
        kind = next((k for cls, k in kinds.items() if isinstance(parameter, cls)), None)
        return f"which is {kind or 'a number with steps'}"
    value = row[space.columns.index(name)]
    if value is None or math.isnan(value):
        return "which is inactive at this point"
    return None
