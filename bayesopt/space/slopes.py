"""How fast a parameter's value grows with its coordinate: the chain rule of derivatives."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .continuous import Linear, Log
from .scales import Scale
from .warped import Warped

Floats = NDArray[np.float64]

_STEP = 1e-6  # in coordinates, of a central difference


def value_slopes(scale: Scale, coords: Floats) -> Floats | None:
    """Derivatives of the values of one continuous column in its coordinate.

    Parameters
    ----------
    scale : of the column.
    coords : (n,) coordinates, NaN where the parameter is inactive.

    Returns
    -------
    (n,) derivatives, NaN where inactive; None when the column is not continuous.
    """
    if isinstance(scale, Linear):
        return np.where(np.isnan(coords), np.nan, scale.high[0] - scale.low[0])
    if isinstance(scale, Log):
        length = float(np.log(scale.high[0]) - np.log(scale.low[0]))
        with np.errstate(over="ignore"):
            return np.asarray(scale.low[0] * np.exp(coords * length) * length)
    if isinstance(scale, Warped):
        inside = np.clip(coords, 0.0, 1.0)
        above, below = np.minimum(inside + _STEP, 1.0), np.maximum(inside - _STEP, 0.0)
        rise = scale.to_rows(above[:, None]) - scale.to_rows(below[:, None])
        return np.asarray(rise[:, 0] / (above - below))
    return None
