"""All columns of a space at once: one scale for every kind, and where its columns are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .discrete import Labels
from .restricted import RestrictedScale
from .scales import Floats, Scale

_Where = slice | NDArray[np.int64]

# An observation out of bounds may lie anywhere. So many ranges away it is as good as infinitely
# far (no kernel correlates it with a point of the space), but squared distances stay finite.
FARTHEST = 1e6


class ScaleBlocks:
    """Maps between rows, coordinates and cube for p columns; knows nothing of conditions.

    Parameters
    ----------
    scales : one single-column scale for every column.
    """

    def __init__(self, scales: Sequence[Scale]) -> None:
        self.scales = tuple(scales)
        self._blocks = _blocks(self.scales)
        self.n_levels = self._gather("n_levels")
        self.tolerance = self._gather("tolerance")
        self.is_categorical = np.array([_is_labels(s) for s in scales], dtype=bool)
        self._reach = np.where(self.is_categorical, np.inf, FARTHEST)

    def to_coords(self, rows: Floats) -> Floats:
        """Coordinates (n, p) of rows (n, p); numbers far outside lie at most FARTHEST away."""
        with np.errstate(over="ignore", invalid="ignore"):
            coords = self._map("to_coords", rows)
        return np.clip(coords, -self._reach, self._reach)

    def to_rows(self, coords: Floats) -> Floats:
        """Nearest legal rows (n, p) of coordinates (n, p)."""
        return self._map("to_rows", coords)

    def from_cube(self, cube: Floats) -> Floats:
        """Legal coordinates (n, p) of points (n, p) of the cube."""
        return self._map("from_cube", cube)

    def snap(self, coords: Floats) -> Floats:
        """Nearest legal coordinates (n, p)."""
        return self._map("snap", coords)

    def _map(self, name: str, source: Floats) -> Floats:
        """What the scales' map of a name makes of the columns."""
        target = np.empty_like(source)
        for scale, where in self._blocks:
            target[:, where] = getattr(scale, name)(source[:, where])
        return target

    def _gather(self, name: str) -> Floats:
        whole = np.empty(len(self.scales))
        for scale, where in self._blocks:
            whole[where] = getattr(scale, name)
        return whole


def _blocks(scales: Sequence[Scale]) -> list[tuple[Scale, _Where]]:
    """Group columns by kind; those that do not stack stay alone."""
    groups: dict[object, list[int]] = {}
    for j, scale in enumerate(scales):
        groups.setdefault(type(scale) if scale.stacks else j, []).append(j)
    return [
        (type(scales[which[0]]).stack([scales[j] for j in which]), _slice(which))
        for which in groups.values()
    ]


def _is_labels(scale: Scale) -> bool:
    return isinstance(scale.inner if isinstance(scale, RestrictedScale) else scale, Labels)


def _slice(which: list[int]) -> _Where:
    # A slice is a view, a list of indices a copy.
    if which[-1] - which[0] == len(which) - 1:
        return slice(which[0], which[-1] + 1)
    return np.array(which, dtype=np.int64)
