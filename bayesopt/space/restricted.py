"""A column of which only some values are left, as where it is fixed."""

# ruff: noqa: D102 - what the maps do is said once, in Scale

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .discrete import Labels
from .scales import Floats, Scale, clip


@dataclass(frozen=True, eq=False)
class RestrictedScale(Scale):
    """A single column of which only some values are left: one where it is fixed.

    Attributes
    ----------
    inner : the whole column.
    rows, places : (k,) the values left in rows and in coordinates, ascending in ``places``.
    """

    inner: Scale
    rows: Floats
    places: Floats
    stacks = False

    @classmethod
    def of(cls, scale: Scale, numbers: frozenset[float]) -> RestrictedScale:
        """The part of a column with the given numbers in its rows."""
        rows = np.array(sorted(numbers))
        places = scale.to_coords(rows[:, None])[:, 0]
        order = np.argsort(places)
        return cls(scale, rows[order], places[order])

    @property
    def n_levels(self) -> Floats:
        return np.array([float(len(self.rows))])

    @property
    def tolerance(self) -> Floats:
        return self.inner.tolerance

    def _index(self, coords: Floats) -> NDArray[np.int64]:
        known = np.where(np.isnan(coords), 0.0, coords)
        index = np.abs(known[..., None] - self.places).argmin(axis=-1)
        if isinstance(self.inner, Labels):  # one label is as near as another
            other = np.rint(known).astype(np.int64) % len(self.places)
            index = np.where(np.isin(known, self.places), index, other)
        return np.asarray(index)

    def _at(self, values: Floats, coords: Floats, steps: int | NDArray[np.int64] = 0) -> Floats:
        index = np.clip(self._index(coords) + steps, 0, len(self.rows) - 1)
        return np.where(np.isnan(coords), np.nan, values[index])

    def to_coords(self, rows: Floats) -> Floats:
        return self.inner.to_coords(rows)

    def to_rows(self, coords: Floats) -> Floats:
        return self._at(self.rows, coords)

    def from_cube(self, cube: Floats) -> Floats:
        k = len(self.places)
        cell = np.minimum(np.floor(clip(cube, 0.0, 1.0) * k), k - 1)
        known = np.where(np.isnan(cell), 0, cell).astype(np.int64)
        return np.where(np.isnan(cell), np.nan, self.places[known])

    def snap(self, coords: Floats) -> Floats:
        return self._at(self.places, coords)

    def shift(self, coords: Floats, steps: NDArray[np.int64]) -> Floats:
        return self._at(self.places, coords, steps)

    def levels(self) -> Floats:
        return self.places.copy()

    @classmethod
    def stack(cls, scales: Sequence[Self]) -> Self:
        (alone,) = scales
        return alone
