"""A finite table of candidates as a space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .parameter import Parameter
from .scales import Floats


def read_points(points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    raise NotImplementedError


def infer_parameters(
    rows: list[dict[str, Any]], ordinal: Iterable[str] | Mapping[str, Sequence[Any]]
) -> dict[str, Parameter]:
    raise NotImplementedError


def nearest(coords: Floats, table: Floats, is_categorical: NDArray[np.bool_]) -> Floats:
    raise NotImplementedError
