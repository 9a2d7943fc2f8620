"""How evenly results are spread over the space: a search leaves most of them near the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bayesopt.surrogate import Columns
from bayesopt.surrogate.volume import volume_shares

Floats = NDArray[np.float64]

_PROBES = 1024
_LEAST = 8  # results whose spread can be told


def evenness(columns: Columns, coords: Floats, spread: Floats) -> float:
    """How many evenly spread results would tell as much of the whole space, as a share of the
    results there are; at most 1.

    Kish's effective number 1 / sum(w²), with w the share of the space that is nearest to each
    result, against that of as many points of a low-discrepancy set.

    Parameters
    ----------
    columns : of the model.
    coords : (n, p) the results' points.
    spread : (m, p) points that are spread over the space.
    """
    half = min(_PROBES, len(spread) // 2)
    probes, even = spread[:half], spread[half : half + len(coords)]
    if len(coords) < _LEAST or len(even) < _LEAST:
        return 1.0
    some = np.linspace(0, len(coords) - 1, len(even)).astype(int)
    ours, ideal = (volume_shares(columns, c, probes) for c in (coords[some], even))
    return min(float(ideal @ ideal) / float(ours @ ours), 1.0)
