"""How many points a discrete space has, and which."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .conditions import Conditions
from .scales import Floats

LARGEST = 10**5  # points that are listed, and combinations of parents that are looked through


def count_points(
    conditions: Conditions, column: Mapping[str, int], n_levels: Floats
) -> int | None:
    """Count the distinct points; None for infinitely many or too entangled conditions."""
    return None


def all_points(
    conditions: Conditions, column: Mapping[str, int], levels: Mapping[str, Floats]
) -> Floats:
    """Coordinates (N, p) of all distinct points, sorted by column."""
    raise NotImplementedError
