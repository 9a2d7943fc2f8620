"""What the values of a stored event stand for: times, names of workers, rows that are points."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bayesopt.space import Space
from bayesopt.storage.worker import Worker

Floats = NDArray[np.float64]

_SAME = 1e-9  # in coordinates, as for duplicates


def utc(time: float) -> datetime | None:
    """A time of a file; None for what is no time."""
    try:
        return datetime.fromtimestamp(time, UTC)
    except (OSError, OverflowError, ValueError):  # of a file that was tampered with
        return None


@lru_cache(maxsize=1024)
def name_of(worker: str | None) -> str | None:
    """Host and process of a worker, from its stored form."""
    known = None if worker is None else Worker.from_string(worker)
    return worker if known is None else known.name


def legal(space: Space, rows: Floats) -> NDArray[np.bool_]:
    """(n,) whether rows (n, p) are points of a space, known constraints not regarded."""
    with np.errstate(all="ignore"):
        coords = space.to_coords(rows)
        nearest = space.snap(coords)
        fits = (np.abs(coords - nearest) <= _SAME) | (np.isnan(rows) & np.isnan(nearest))
    return np.asarray(fits.all(axis=1), dtype=bool)
